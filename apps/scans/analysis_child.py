"""The analysis child: parses what strangers wrote, in a process that holds nothing worth stealing and may die."""

from __future__ import annotations

import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from apps.analysis.engine import Report, analyse
from apps.analysis.snapshot import differing
from apps.repositories.commit import GitSnapshot
from apps.repositories.confined import Limits, serve
from apps.repositories.errors import RepositoryError

if TYPE_CHECKING:
    from apps.repositories.confined import Report as Tell

SECONDS_BETWEEN_REPORTS = 0.1


class AnalysisRequest(Limits):
    """`cached` is the packed facts of an earlier scan, or nothing; `corrections` is what members say of the profile.

    `before` is the commit of the last scan; `rejudge` says that other rules or other corrections held then.
    """

    git_dir: str
    commit: str
    subfolder: str = ""
    corrections: dict[str, bool] = {}
    cached: bytes = b""
    before: str = ""
    rejudge: bool = False


def judge(request: AnalysisRequest, tell: Tell) -> Report:
    snapshot = GitSnapshot(Path(request.git_dir), request.commit)
    if request.subfolder and not any(entry.path.startswith(f"{request.subfolder}/") for entry in snapshot.entries):
        raise RepositoryError(f"There is no folder {request.subfolder} in the repository.")
    last_told = 0.0

    def tell_sometimes(stage: str, share: float, about: str) -> None:
        nonlocal last_told
        if time.monotonic() - last_told > SECONDS_BETWEEN_REPORTS:
            last_told = time.monotonic()
            tell(stage, share, about)

    judged = partial(analyse, subfolder=request.subfolder, corrections=request.corrections)
    report = judged(snapshot, cached=request.cached, progress=tell_sometimes)
    before = _still_there(request)
    if before is not None:
        report.changed = differing(before, snapshot)
        if request.rejudge:
            report.baseline = judged(before, cached=report.packed_facts)
            report.baseline.packed_facts = b""
    return report


def _still_there(request: AnalysisRequest) -> GitSnapshot | None:
    """The last scan's commit, if it was another one and the mirror still holds it."""
    if request.before in {"", request.commit}:
        return None
    before = GitSnapshot(Path(request.git_dir), request.before)
    try:
        before.entries  # noqa: B018 - tells whether it is there
    except RepositoryError:
        return None
    return before


if __name__ == "__main__":
    serve(AnalysisRequest, judge)
