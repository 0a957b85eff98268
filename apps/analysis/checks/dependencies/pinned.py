"""Exact versions of all packages are fixed by a lock file or by pins.

## What it does
For each manifest that the system is made of (development lists aside): looks for its lock (poetry.lock, uv.lock,
Pipfile.lock, conda-lock, package-lock.json, go.sum, renv.lock…), otherwise counts the entries with an exact version,
here or in a list of constraints beside it. Packages that a Dockerfile installs by name, or that code names for a
pipeline's component, count too.

*Met* when each manifest has a lock that images do not pass by, or pins all its entries. *Partial* when some entries are
pinned or only bounded. *Unmet* when no versions are given, or there is no manifest.

## Why it matters
An unpinned list installs something else every week. Models are sensitive to it: a new version of the library that
wrote the weights may read them differently, or not at all, and a training run cannot be repeated.

## How to adopt it
```text
# before: requirements.txt
torch
pandas>=1.5
# after: pyproject.toml names the ranges, uv.lock (from `uv lock`) fixes each version, and the image runs
uv sync --locked
```

## References
- The Twelve-Factor App, II. Dependencies: https://12factor.net/dependencies
- uv, locking environments: https://docs.astral.sh/uv/concepts/projects/sync/
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from apps.analysis.findings import Effort, finding
from apps.analysis.packages import environments, pins
from apps.catalog import State

if TYPE_CHECKING:
    from apps.analysis.findings import Finding
    from apps.analysis.repository import Facts

_REMEDY = "Add a lock file (`uv lock`, `poetry lock`, `pip-compile --generate-hashes`) and install from it."


def check(facts: Facts) -> Finding:
    found = pins.of(facts)
    jobs = environments.containers(facts)
    if not found and jobs:
        return finding(
            State.PARTIAL,
            f"`{jobs[0].path}` fixes versions of managed containers, but no manifest fixes those of packages.",
            jobs,
            remedy=_REMEDY,
            effort=Effort.HOURS,
        )
    if not found:
        return finding(
            State.UNMET,
            "No manifest and no lock file is tracked, so no versions are given.",
            pins.prose(facts) or environments.readme(facts),
            remedy=_REMEDY,
            effort=Effort.HOURS,
        )
    loose = [one for one in found if one.loose]
    if not loose:
        locked = [one.lock.path for one in found if one.lock]
        what = f"`{locked[0]}` fixes the versions" if locked else f"All entries of `{found[0].file.path}` are pinned"
        others = f", and {len(found) - 1} more manifests are locked or pinned" if len(found) > 1 else ""
        return finding(State.MET, f"{what}{others}.", [one.evidence for one in found])
    worst = max(loose, key=lambda one: (not one.lock, len(one.loose)))
    names = ", ".join(entry.name for entry in worst.loose[:3])
    evidence = [*(one.evidence for one in loose), *(one.evidence for one in found if not one.loose)]
    if any(one.has_versions for one in found):
        return finding(
            State.PARTIAL,
            f"`{worst.file.path}` leaves {len(worst.loose)} of {worst.total} entries without exact version ({names}).",
            evidence,
            remedy=_REMEDY,
            effort=Effort.HOURS,
        )
    return finding(
        State.UNMET,
        f"`{worst.file.path}` gives no versions ({names}), and no lock file is tracked.",
        evidence,
        remedy=_REMEDY,
        effort=Effort.HOURS,
    )
