"""Every third-party package that the code imports is declared in a manifest.

## What it does
Compares the imports of scripts and notebooks (not of tests, documents and examples) with what requirements files,
pyproject, setup, Pipfile, conda environments, Dockerfiles and pipeline components declare for that folder. Import
names are translated (`PIL` is pillow, `sklearn` is scikit-learn). Optional imports, the standard library and own
modules need no declaration; neither does what a declared base image or managed runtime brings. JavaScript and R are
compared the same way; Java, Scala and Go need their build file.

*Met* when nothing is missing. *Partial* when a manifest exists but some imported packages are missing from it, also
when they arrive through another package. *Unmet* when there is no manifest, or it misses most.

## Why it matters
A package that arrives only through another one disappears when that other one changes its own needs: a model that
unpickled yesterday does not load today. A new machine cannot run what nobody declared.

## How to adopt it
```text
# before: `import joblib` works because scikit-learn needs it too
scikit-learn==1.5.2
# after: requirements.txt
joblib==1.4.2
scikit-learn==1.5.2
```

## References
- The Twelve-Factor App, II. Dependencies: https://12factor.net/dependencies
- deptry, which finds missing dependencies: https://deptry.com/
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from apps.analysis.findings import Effort, finding
from apps.analysis.packages import environments, manifests, own_files
from apps.analysis.packages.balance import balance
from apps.catalog import State

if TYPE_CHECKING:
    from apps.analysis.findings import Evidence, Finding
    from apps.analysis.packages.balance import Balance
    from apps.analysis.packages.imports import Package
    from apps.analysis.repository import Facts

_SHOWN = 4


def check(facts: Facts) -> Finding:
    found = balance(facts)
    listed = [one.at for one in manifests.of(facts) if one.form in {manifests.Form.LIST, manifests.Form.PROJECT}]
    installed = [one.at for one in manifests.of(facts) if one.form in {manifests.Form.IMAGE, manifests.Form.CODE}]
    sites = [facts.by_path[file.path].at(line) for package in found.missing for file, line in package.places[:1]]
    if not listed and not installed and not _locked(facts):
        return _without(facts, found, sites)
    if found.most:
        return finding(
            State.UNMET,
            f"{len(found.missing)} of {found.imported} imported packages are declared nowhere: {_names(found.missing)}.",
            [*listed[:2], *installed[:1], *sites],
            remedy="Declare every imported package in the manifest that is installed.",
            effort=Effort.HOURS,
        )
    if found.missing:
        return finding(
            State.PARTIAL,
            f"{_names(found.missing)} {'is' if len(found.missing) == 1 else 'are'} imported but not declared.",
            [*(listed[:2] or installed[:2]), *sites],
            remedy=f"Add {_names(found.missing)} to the manifest of the code that imports them.",
            effort=Effort.HOURS,
        )
    if found.undeclared_languages:
        file = found.undeclared_languages[0]
        return finding(
            State.PARTIAL,
            f"`{file.path}` belongs to no build file that declares its packages.",
            [file.at(1), *listed],
            remedy="Add a build file (pom.xml, build.gradle, build.sbt, go.mod) for this code.",
            effort=Effort.HOURS,
        )
    what = f"All {found.imported} imported packages are declared" if found.imported else "Packages are declared"
    return finding(
        State.MET,
        f"{what}, as in `{(listed + installed + _locked(facts))[0].path}`.",
        [*listed, *installed, *_locked(facts)],
    )


def _without(facts: Facts, found: Balance, sites: list[Evidence]) -> Finding:
    remedy = "Add a manifest (pyproject.toml or requirements.txt) with every imported package."
    jobs = environments.containers(facts)
    if jobs and not found.most:
        return finding(
            State.PARTIAL,
            f"Managed containers bring what jobs need (`{jobs[0].path}`), but no manifest declares the rest.",
            [*jobs[:4], *sites],
            remedy=remedy,
            effort=Effort.HOURS,
        )
    referenced = [file.at(line) for file, line, _ in manifests.installers(facts)]
    prose = own_files.told_at(facts, "install-command")
    what = (
        f"`{referenced[0].path}` installs from a list that is not tracked, nor is another manifest."
        if referenced
        else f"There is no manifest; the code imports {found.imported} third-party packages."
        if found.imported
        else "No requirements, pyproject, setup, Pipfile, conda or other manifest was found."
    )
    evidence = [*referenced[:2], *(prose or environments.readme(facts))[:1], *sites]
    if not found.imported and facts.code:
        return finding(State.MET, "The code imports the standard library only.", [facts.code[0].at()])
    return finding(State.UNMET, what, evidence, remedy=remedy, effort=Effort.HOURS)


def _locked(facts: Facts) -> list[Evidence]:
    """Locks that declare all by themselves."""
    return [file.at(1) for file in own_files.locks_of_r(facts)]


def _names(missing: list[Package]) -> str:
    names = ", ".join(f"`{package.name}`" for package in missing[:_SHOWN])
    return f"{names} and {len(missing) - _SHOWN} more" if len(missing) > _SHOWN else names
