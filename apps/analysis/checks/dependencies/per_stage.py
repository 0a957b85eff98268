"""Each stage declares its own needs: training does not drag its packages into the service.

## What it does
Counts the stages that have an entry point of their own (preprocessing, training, evaluation, inference) and looks for
lists, extras, dependency groups, images, pipeline components or environments per stage or per service.

*Met* when stages or services have lists or environments of their own. *Partial* when only development or a part in
another language is kept apart, when training and serving share a list beside those of other parts, or when several
images install the same list. *Unmet* when one list serves several stages. *Not applicable* when there is one stage only.

## Why it matters
A serving image with the whole training stack is gigabytes larger, starts slowly and carries every vulnerability of
packages that it never imports. Separate lists also let training move to a new framework while the service stays as it
is.

## How to adopt it
```toml
# after: pyproject.toml
[dependency-groups]
train = ["torch==2.5.1", "datasets==3.1.0"]
serve = ["fastapi==0.115.4", "onnxruntime==1.20.0"]
```

## References
- The Twelve-Factor App, II. Dependencies: https://12factor.net/dependencies
- Dependency groups: https://packaging.python.org/en/latest/specifications/dependency-groups/
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from apps.analysis.findings import Effort, file_names, finding
from apps.analysis.packages import parts
from apps.catalog import State

if TYPE_CHECKING:
    from apps.analysis.findings import Finding
    from apps.analysis.repository import Facts


def check(facts: Facts) -> Finding:
    entries = parts.entry_points(facts)
    lists = parts.lists(facts)
    apart = parts.training_apart(facts)
    several = len(entries) > 1 or len(parts.steps(facts)) > 1 or parts.services(facts) or parts.components(facts)
    if not several and not apart:
        return finding(
            State.NA,
            f"There is one stage only: `{next(iter(entries))}`." if entries else "No code of a stage was found.",
            [facts.by_path[path].at(1) for path in entries] + lists,
        )
    separate = parts.separate(facts)
    remedy = (
        "Split the list: an extra, a dependency group or a requirements file for each stage, installed by its image."
    )
    common = parts.shared(facts) if separate else []
    if common:
        return finding(
            State.PARTIAL,
            f"Parts have lists of their own ({file_names(separate)}), but training and inference share `{common[0].path}`.",
            [*common, *separate],
            remedy=remedy,
            effort=Effort.HOURS,
        )
    if separate:
        return finding(State.MET, f"Stages declare their own needs: {file_names(separate)}.", separate)
    development, images = parts.development(facts), parts.same_list_images(facts)
    if images:
        what = f"{len(images)} Dockerfiles install the same list."
        return finding(State.PARTIAL, what, [*images, *lists], remedy=remedy, effort=Effort.HOURS)
    if development:
        return finding(
            State.PARTIAL,
            f"Only development is kept apart (`{development[0].path}`); all stages share one list.",
            [*development, *lists],
            remedy=remedy,
            effort=Effort.HOURS,
        )
    others = parts.elsewhere(facts) if lists else []
    if others:
        return finding(
            State.PARTIAL,
            f"Only `{others[0].path}`, of another language, is kept apart; all stages share `{lists[0].path}`.",
            [*lists[:1], *others],
            remedy=remedy,
            effort=Effort.HOURS,
        )
    entries = entries if len(entries) > 1 else {place.path: set() for place in apart} or entries
    shared = f"`{lists[0].path}` serves all of them" if lists else "no list declares the needs of any"
    return finding(
        State.UNMET,
        f"There are several stages (as in {', '.join(f'`{path}`' for path in list(entries)[:3])}), but {shared}.",
        [*lists[:2], *parts.installed_from(facts)[:2], *(facts.by_path[path].at(1) for path in entries)],
        remedy=remedy,
        effort=Effort.HOURS,
    )
