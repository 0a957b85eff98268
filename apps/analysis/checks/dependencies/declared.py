"""Every third-party package that the code imports is declared in a manifest.

## What it does
Collects the imports of modules and notebooks (not of tests, documentation and examples; guarded imports are optional)
and maps each to the package that brings it. Declared is what stands in requirements files, pyproject, setup, Pipfile,
conda files, or what a Dockerfile or pipeline component installs by name, or what a managed base image brings. A package
that only comes along with another one is missing. Met: all are declared. Partial: some are missing. Unmet: no manifest,
or one that misses most. Maven, npm, Go, sbt and R are judged by the presence of their manifest.

## Why it matters
An undeclared package works on the machine where somebody once installed it. Training then fails, or worse: runs with
another version than the one that made the model.

## How to adopt it
```
# before: `import requests` works because another package happens to need it
pandas==2.2.2
# after
pandas==2.2.2
requests==2.32.3
```

## References
- The Twelve-Factor App, II. Dependencies: https://12factor.net/dependencies
- Dependency specifiers: https://packaging.python.org/en/latest/specifications/dependency-specifiers/
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from apps.analysis.deployment import images
from apps.analysis.findings import Effort, finding
from apps.analysis.packages import manifests, named_in_code, third_party
from apps.analysis.packages.names import BROUGHT, brings, normal
from apps.analysis.paths import Kind
from apps.analysis.repository import places
from apps.catalog import State

if TYPE_CHECKING:
    from apps.analysis.findings import Evidence, Finding
    from apps.analysis.packages import Imported
    from apps.analysis.repository import Facts

_OTHERS = {Kind.R: "r", Kind.JAVA: "maven", Kind.SCALA: "maven", Kind.GO: "go", Kind.SCRIPT: "npm"}
_REMEDY = "Add every imported package to the manifest, with a version."


def check(facts: Facts) -> Finding:
    lists, imported = manifests(facts), third_party(facts)
    named = named_in_code(facts)
    declared = _declared(facts)
    missing = [one for one in imported if not brings(declared, one.module)]
    bare = _without_manifest(facts)
    listed = [one.file.at() for one in lists] + [file.at(one.line) for file, one in named]
    if not lists and not named:
        return _no_manifest(facts, imported, bare)
    if _misses_most(facts, imported, missing):
        return finding(
            State.UNMET, f"The manifests miss most imported packages: {_names(missing)}.", [*_shown(missing), *listed],
            remedy=_REMEDY, effort=Effort.HOURS,
        )  # fmt: skip
    if missing or bare:
        what = f"{len(missing)} of {len(imported)} imported packages are in no manifest: {_names(missing)}"
        if not missing:
            what = f"No manifest declares what `{bare[0].path}` needs"
        places_ = [*listed[:1], *_shown(missing), *listed[1:], *bare]
        return finding(State.PARTIAL, f"{what}.", places_, remedy=_REMEDY, effort=Effort.HOURS)
    return finding(State.MET, f"All {len(imported)} imported packages are declared in `{listed[0].path}`"
                   + (f" and {len(listed) - 1} more places." if len(listed) > 1 else "."), listed)  # fmt: skip


def _misses_most(facts: Facts, imported: list[Imported], missing: list[Imported]) -> bool:
    """Where there are modules, they decide: notebooks beside them often explore with packages of their own."""
    modules = {file.path for file in facts.scripts}

    def in_modules(found: list[Imported]) -> list[Imported]:
        return [one for one in found if any(place.path in modules for place in one.places)]

    if in_modules(imported):
        return len(in_modules(missing)) * 2 > len(in_modules(imported))
    return len(missing) * 2 > len(imported)


def _declared(facts: Facts) -> frozenset[str]:
    names = {normal(one.name) for one_list in manifests(facts) for one in one_list.file.facts.dependencies}
    names |= {normal(one.name) for _, one in named_in_code(facts)}
    if "anaconda" in names:
        names |= {"numpy", "pandas", "scipy", "scikit-learn", "matplotlib", "seaborn", "requests"}
    bases = [stage.base.lower() for image in images(facts) for stage in image.external_stages()]
    for pattern, brought in BROUGHT:
        if any(re.search(pattern, base) for base in bases):
            names |= {normal(name) for name in brought.split()}
            names |= {"scikit-learn", "beautifulsoup4"} if "sklearn" in brought.split() else set()
            names |= {"apache-airflow"} if "airflow" in brought.split() else set()
    return frozenset(names)


def _without_manifest(facts: Facts) -> list[Evidence]:
    """Code of other languages whose ecosystem has no manifest here."""
    known = {one.ecosystem for file, one in facts.dependencies} | ({"r"} if facts.named(r"renv\.lock$") else set())
    return [
        file.at(line)
        for file, line, text in facts.signals("import")
        if file.kind is Kind.R and _OTHERS[file.kind] not in known and not re.search(r"\b(stats|utils|methods|graphics|parallel|grid)\b", text)
    ]  # fmt: skip


def _no_manifest(facts: Facts, imported: list[Imported], bare: list[Evidence]) -> Finding:
    foreign = [file for file in facts.of_kind(*_OTHERS) if file.facts.signals and file.kind is not Kind.R]
    covered = {one.ecosystem for _, one in facts.dependencies}
    if not imported and not bare and foreign and covered:
        return finding(
            State.MET, "The manifest of its build tool declares the packages.", places(facts.dependencies[:1])
        )
    if not imported and not bare and facts.code:
        return finding(State.MET, "The code imports the standard library only.", [facts.code[0].at()])
    told = [file.at(line) for file, line, _ in facts.signals("install-command")]
    copied = [image.file.at(line) for image in images(facts) for stage in image.stages for line, sources in stage.copies()
              if any("requirements" in source or "pyproject" in source for source in sources)]  # fmt: skip
    found = f" while the code imports {_names(imported)}" if imported else ""
    return finding(
        State.UNMET, f"No manifest was found (requirements, pyproject, setup, Pipfile, conda, renv, package.json, pom.xml){found}.",
        [*copied[:1], *told[:2], *_shown(imported), *bare], remedy="Add a pyproject.toml or requirements.txt with every imported package.", effort=Effort.HOURS,
    )  # fmt: skip


def _names(found: list[Imported]) -> str:
    shown = ", ".join(f"`{one.module}`" for one in found[:4])
    return f"{shown} and {len(found) - 4} more" if len(found) > 4 else shown


def _shown(found: list[Imported]) -> list[Evidence]:
    return [one.places[0] for one in found]
