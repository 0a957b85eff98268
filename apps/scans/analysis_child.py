"""The analysis child: parses what strangers wrote, in a process that holds nothing worth stealing and may die."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

from apps.analysis.engine import Report, analyse
from apps.repositories.commit import GitSnapshot
from apps.repositories.confined import Limits, serve
from apps.repositories.errors import RepositoryError

if TYPE_CHECKING:
    from apps.repositories.confined import Report as Tell

SECONDS_BETWEEN_REPORTS = 0.1


class AnalysisRequest(Limits):
    """`cached` is the packed facts of an earlier scan, or nothing; `corrections` is what members say of the profile."""

    git_dir: str
    commit: str
    subfolder: str = ""
    corrections: dict[str, bool] = {}
    cached: bytes = b""


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

    return analyse(
        snapshot,
        subfolder=request.subfolder,
        corrections=request.corrections,
        cached=request.cached,
        progress=tell_sometimes,
    )


if __name__ == "__main__":
    serve(AnalysisRequest, judge)
