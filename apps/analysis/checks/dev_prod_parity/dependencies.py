"""Development, CI and production install from the same lock or list of packages.

## What it does
Compares the lists of the running system with each other and with packages that images, CI environments and pipeline
steps name themselves, and looks at how firmly versions are fixed.

- **met**: one lock, or one list of exact versions, serves development, CI and production.
- **partial**: several lists overlap and disagree; an image passes over the lock; an image or a step installs packages of its own; or versions are not
  fixed, so that environments drift apart.
- **unmet**: there is no list, or the one that is installed is not tracked.

## Why it matters
A model that was pickled with one version of a library and is loaded with another scores differently, or not at all.
One lock makes the environment that was tested the one that runs.

## How to adopt it
```dockerfile
# before
RUN pip install numpy pandas scikit-learn
# after: the lock that developers and CI use
COPY pyproject.toml uv.lock ./
RUN uv sync --locked --no-dev
```

## References
- The Twelve-Factor App, X. Dev/prod parity: https://12factor.net/dev-prod-parity
- uv, Locking and syncing: https://docs.astral.sh/uv/concepts/projects/sync/
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from apps.analysis.findings import Effort, finding
from apps.analysis.packages import sharing
from apps.catalog import State

if TYPE_CHECKING:
    from apps.analysis.findings import Evidence, Finding
    from apps.analysis.repository import Facts

_LOCK = "Install from one lock everywhere: in the image, in CI and for development."


def check(facts: Facts) -> Finding:
    lists = sharing.lists(facts)
    locks, beside = sharing.in_r(facts)
    if locks and not lists and beside:
        return _partial(
            f"`{beside[0].path}` installs packages of its own beside `{locks[0].path}`.", [*beside, locks[0].at()]
        )
    if locks and not lists:
        return _met([file.path for file in locks], [file.at() for file in locks])
    if not lists:
        absent = sharing.absent(facts)
        return finding(
            State.UNMET,
            "The list of packages that is installed is not tracked."
            if absent
            else "No lock, requirements, project or environment file was found that environments could share.",
            absent,
            remedy="Declare the packages in one manifest with a lock, and install from it everywhere.",
            effort=Effort.HOURS,
        )
    differences = sharing.differences(facts)
    if differences:
        first = differences[0]
        return _partial(
            f"`{first.place.path}` and `{first.other.path}` disagree on {', '.join(f'`{one}`' for one in first.packages[:3])}.",
            [place for one in differences for place in (one.place, one.other)],
        )
    passed = sharing.passed_over(facts)
    if passed:
        lock = passed[0][0].lock
        return _partial(
            f"`{passed[0][1].path}` installs what `{passed[0][0].file.path}` allows, not what `{lock.path if lock else ''}` names.",
            [*(place for _, place in passed), *(one.lock.at() for one, _ in passed if one.lock)],
        )
    inline = sharing.inline(facts)
    if inline:
        return _partial(
            f"`{inline[0].path}` installs packages of its own beside `{lists[0].file.path}`.",
            [*inline, lists[0].file.at()],
        )
    loose = sharing.loose(facts)
    files = [one.lock or one.file for one in lists]
    if loose:
        names = ", ".join(f"`{one.name}`" for _, one in loose[:3])
        evidence = [
            file.at(one.line) for file, one in {file.path: (file, one) for file, one in reversed(loose)}.values()
        ]
        return _partial(
            f"`{loose[0][0].path}` serves everywhere, but lets versions drift: {names}.",
            [*evidence, *(file.at() for file in files)],
        )
    shared = list(dict.fromkeys(file.path for file in files))
    evidence = [*(file.at() for file in files[:2]), *sharing.installing(facts, (one.file.name for one in lists))]
    return _met(shared, evidence)


def _met(paths: list[str], evidence: list[Evidence]) -> Finding:
    named = ", ".join(f"`{path}`" for path in paths[:3])
    return finding(State.MET, f"All environments install from {named}.", evidence)


def _partial(summary: str, evidence: list[Evidence]) -> Finding:
    return finding(State.PARTIAL, summary, evidence, remedy=_LOCK, effort=Effort.HOURS)
