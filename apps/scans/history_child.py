"""The child that judges past commits: confined like the one of a scan, it gives each result as soon as it is there."""

from __future__ import annotations

import gc
import os
from pathlib import Path
from typing import TYPE_CHECKING

from apps.analysis.past import judge_line
from apps.repositories.commit import GitSnapshot
from apps.repositories.confined import Limits, serve

if TYPE_CHECKING:
    from apps.repositories.confined import Report

NICENESS = 10  # people's scans come first on the processor too


class PastRequest(Limits):
    """`commits` come newest first; `cached` is the packed facts of the project's last scan, or nothing."""

    git_dir: str
    commits: list[str]
    subfolder: str = ""
    corrections: dict[str, bool] = {}
    cached: bytes = b""


def judge(request: PastRequest, report: Report) -> int:
    """Gives a `PastReport` for each commit, and answers how many there were."""
    os.nice(NICENESS)
    gc.disable()  # what forms circles is the little that changed; looking for it among all facts takes half of the time
    count = 0
    line = judge_line(
        (GitSnapshot(Path(request.git_dir), commit) for commit in request.commits),
        subfolder=request.subfolder,
        corrections=request.corrections,
        cached=request.cached,
    )
    for past in line:
        report.give(past)
        count += 1
    return count


if __name__ == "__main__":
    serve(PastRequest, judge)
