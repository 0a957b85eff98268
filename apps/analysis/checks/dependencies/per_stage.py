"""Each stage of the system declares its own needs.

## What it does
Counts the stages that the code carries out (preparing data, training, evaluation, inference). Met: extras, groups,
manifests, environments or images of their own for stages. Partial: only development is apart from run-time, or several
images install the same list. Unmet: one list for everything. Not applicable: there is one stage only.

## Why it matters
A service that carries the packages of training is larger, slower to start and has more holes to patch. And a change for
one stage must not move the versions under another.

## How to adopt it
```toml
[project.optional-dependencies]
train = ["torch==2.4.1", "mlflow==2.16.2"]
serve = ["fastapi==0.115.0", "onnxruntime==1.19.2"]
```

## References
- The Twelve-Factor App, II. Dependencies: https://12factor.net/dependencies
- Dependency groups: https://packaging.python.org/en/latest/specifications/dependency-groups/
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from apps.analysis import stages
from apps.analysis.deployment import images
from apps.analysis.findings import Effort, finding
from apps.analysis.packages import manifests, named_in_code
from apps.analysis.packages.lists import DEVELOPMENT
from apps.analysis.paths import Kind
from apps.catalog import State

if TYPE_CHECKING:
    from apps.analysis.findings import Evidence, Finding
    from apps.analysis.packages import Manifest
    from apps.analysis.repository import Facts, File

_REMEDY = "Give each stage its own extra, group or manifest, and let its image install only that."


def check(facts: Facts) -> Finding:
    lists = [one for one in manifests(facts) if one.ecosystem != "npm"]
    listed = [one.file.at() for one in lists]
    if not _has_several(facts):
        return finding(State.NA, "The code carries out one stage only.", listed)
    own = _own_lists(facts, lists)
    if own:
        return finding(State.MET, f"Stages declare their own needs, in {_names(own)}.", own)
    development = [
        one.file.at() for one in lists if one.is_development or any(DEVELOPMENT.search(group) for group in one.groups)
    ]
    several = [image.file.at() for image in images(facts) if not image.is_development]
    if development and lists and any(not one.is_development for one in lists):
        return finding(State.PARTIAL, f"Only development is apart from run-time, in `{development[0].path}`.", development,
                       remedy=_REMEDY, effort=Effort.DAYS)  # fmt: skip
    if len(several) > 1 and lists:
        return finding(
            State.PARTIAL,
            f"{len(several)} images install the same list.",
            [*several, *listed],
            remedy=_REMEDY,
            effort=Effort.DAYS,
        )
    if not lists:
        told = [file.at(line) for file, line, _ in facts.signals("install-command")]
        return finding(
            State.UNMET,
            "There are several stages and no manifest for any of them.",
            [*several, *told],
            remedy=_REMEDY,
            effort=Effort.HOURS,
        )
    return finding(
        State.UNMET,
        f"One list, `{listed[0].path}`, serves all stages.",
        [*listed, *several],
        remedy=_REMEDY,
        effort=Effort.DAYS,
    )


def _has_several(facts: Facts) -> bool:
    """Whether there is more than one stage to run: offline work beside serving, or several programs of it."""
    found = stages.of(facts)
    every = {name: {place.path for place in stage.evidence} for name, stage in found.items() if name != "deployment"}
    offline = every["training"] | every["evaluation"]
    if facts.profile.trains.holds or facts.profile.batch.holds:
        kinds = {Kind.PYTHON, Kind.NOTEBOOK, Kind.R, Kind.JAVA, Kind.SCALA, Kind.SQL, Kind.GO}
        programs = {
            path
            for path in offline | every["inference"] | every["preprocessing"]
            if (file := facts.by_path.get(path))
            and file.kind in kinds
            and (file.kind is not Kind.PYTHON or _is_program(file))
        }
        return len(programs) > 1 or facts.profile.serves.holds
    prepared = every["preprocessing"] - every["inference"]
    return facts.profile.language_model.holds and any(
        re.search(r"ingest|index|embed|load|document|chunk|populate|etl|upsert|vector", path.lower())
        for path in prepared
    )


def _is_program(file: File) -> bool:
    code = file.facts.code
    return bool(code and (code.main or any(not call.scope for call in code.calls)))


def _own_lists(facts: Facts, lists: list[Manifest]) -> list[Evidence]:
    runtime = [one for one in lists if not one.is_development and len(one.dependencies) > 0]
    groups = [one for one in runtime if {group for group in one.groups if not DEVELOPMENT.search(group)}]
    folders: dict[frozenset[str], Manifest] = {}
    for one in runtime:
        if one.file.name in {"setup.py", "setup.cfg"}:
            continue
        names = frozenset(each.name for each in one.dependencies)
        same = [
            other
            for other in folders
            if _alike(other, names) or (folders[other].file.folder == one.file.folder and _is_twin(folders[other], one))
        ]
        if not same:
            folders[names] = one
    apart = [one.file.at() for one in folders.values()] if len(folders) > 1 else []
    images_ = {image.file.path for image in images(facts)}
    steps = [file.at(one.line) for file, one in named_in_code(facts) if file.path not in images_]
    return [*(one.file.at() for one in groups), *apart, *(steps if lists else [])]


def _alike(one: frozenset[str], other: frozenset[str]) -> bool:
    return len(one & other) >= 0.8 * max(len(one), len(other))


def _is_twin(one: Manifest, other: Manifest) -> bool:
    """Two forms of one list: requirements.txt and pyproject.toml, or requirements.in."""
    return one.file.name != other.file.name and not re.search(
        r"[-_.](train|serv|infer|api|app|web|worker|gpu|deploy|score|scoring|ui|front|predict)",
        f"{one.file.name} {other.file.name}",
    )


def _names(found: list[Evidence]) -> str:
    return ", ".join(f"`{path}`" for path in list(dict.fromkeys(place.path for place in found))[:3])
