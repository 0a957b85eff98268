"""Exact versions of all packages are fixed.

## What it does
Looks at every run-time manifest. One is pinned when a lock file covers it (poetry.lock, uv.lock, Pipfile.lock, conda-lock,
package-lock, renv.lock…) or when all its entries have `==`. Met: all are pinned, also what images and pipeline components
install by name. Partial: some entries are pinned or bounded. Unmet: no versions at all. A README is no lock.

## Why it matters
Numerical libraries change defaults and file formats between releases. Without exact versions a model cannot be trained
again to the same result, and a pickled one may not load.

## How to adopt it
```
# before
scikit-learn
# after, written by `uv pip compile requirements.in -o requirements.txt`
scikit-learn==1.5.2
```

## References
- The Twelve-Factor App, II. Dependencies: https://12factor.net/dependencies
- pip, repeatable installs: https://pip.pypa.io/en/stable/topics/repeatable-installs/
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from apps.analysis.findings import Effort, finding
from apps.analysis.packages import manifests, named_in_code
from apps.catalog import State

if TYPE_CHECKING:
    from apps.analysis.findings import Evidence, Finding
    from apps.analysis.packages import Manifest
    from apps.analysis.repository import Facts

_REMEDY = "Lock the manifest (`uv lock`, `poetry lock`, `pip-compile`) and install from the lock everywhere."


def check(facts: Facts) -> Finding:
    every = manifests(facts)
    lists = _installed([one for one in every if not one.is_development] or every)
    named = [(file, one) for file, one in named_in_code(facts)]
    loose = [(one, entry) for one in lists for entry in one.unpinned()]
    loose_named = [(file, one) for file, one in named if not one.pinned]
    locked = [one for one in lists if one.is_pinned]
    if not lists and not named:
        return finding(
            State.UNMET, "No manifest and no lock file was found, so no versions are given.", _told(facts),
            remedy=_REMEDY, effort=Effort.HOURS,
        )  # fmt: skip
    held = [(one.lock or one.file).at() for one in locked]
    if not loose and not loose_named:
        return finding(State.MET, f"Versions are exact in {_names(held) or 'what the code installs by name'}.",
                       held or [file.at(one.line) for file, one in named])  # fmt: skip
    open_ = [one.file.at(entry.line) for one, entry in loose] + [file.at(one.line) for file, one in loose_named]
    example = loose[0][1] if loose else loose_named[0][1]
    firm = (
        locked
        or any(one.pinned for one_list in lists for one in one_list.dependencies)
        or any(one.pinned for _, one in named)
    )
    bounded = any(entry.spec.strip(" *") for _, entry in loose) or any(one.spec for _, one in loose_named)
    if firm or bounded:
        shown = [open_[0], *held, *open_[1:]]
        return finding(
            State.PARTIAL, f"{len(open_)} entries have no exact version and no lock covers them, such as `{example.name}{example.spec}`.",
            shown, remedy=_REMEDY, effort=Effort.HOURS,
        )  # fmt: skip
    return finding(
        State.UNMET, f"None of the {len(open_)} declared packages has a version, and there is no lock file.", open_,
        remedy=_REMEDY, effort=Effort.HOURS,
    )  # fmt: skip


def _installed(lists: list[Manifest]) -> list[Manifest]:
    """Without abstract manifests (setup.py, pyproject.toml) that a pinned list beside them makes concrete."""
    concrete = {
        one.file.folder for one in lists if one.is_pinned and one.file.name not in _ABSTRACT and one.dependencies
    }
    return [one for one in lists if one.file.name not in _ABSTRACT or one.lock or one.file.folder not in concrete]


_ABSTRACT = frozenset({"setup.py", "setup.cfg", "pyproject.toml"})


def _names(found: list[Evidence]) -> str:
    return ", ".join(f"`{place.path}`" for place in found[:3])


def _told(facts: Facts) -> list[Evidence]:
    return [file.at(line) for file, line, _ in facts.signals("install-command")]
