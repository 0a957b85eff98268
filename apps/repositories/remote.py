"""How a git child asks a remote for refs and objects; used by the children alone."""

from __future__ import annotations

import contextlib
import fcntl
import math
import os
import re
import time
from pathlib import Path
from typing import TYPE_CHECKING

from git import GitCommandError, Remote, RemoteProgress, Repo
from git.cmd import handle_process_output

from apps.repositories.cache import MEGABYTE
from apps.repositories.complaints import explain, seconds_asked
from apps.repositories.errors import RepositoryError
from apps.repositories.fetch import too_large

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from apps.repositories.confined import Report
    from apps.repositories.fetch import FetchRequest

LARGEST_BLOB = "blob:limit=20000000"
MOST_HEADERS = 500_000  # characters of what a host may say before its answer
OVERSIZE = re.compile(r"signal 25|File too large|file size limit")  # the limit on one file ended index-pack
NOT_FETCHED = "Git could not fetch the repository."
SECONDS_BETWEEN_REPORTS = 0.1


def source_of(branch: str) -> str:
    """The remote's ref of `branch`, or of its default branch."""
    return f"refs/heads/{branch}" if branch else "HEAD"


def begun(folder: Path, url: str) -> Repo:
    """A new bare repository in `folder` whose origin is `url`."""
    repo = Repo.init(folder, bare=True)
    Remote.create(repo, "origin", url)
    return repo


def fetch_objects(
    repo: Repo, refspecs: Sequence[str], report: Report, *, back: str, leaving_out: str, most: float = math.inf
) -> None:
    """Runs `git fetch` through GitPython, whose own `Remote.fetch` cannot read the answer for a commit by id.

    `back` is the option that says how far back commits are asked for. More than `most` objects are not awaited.
    """
    process = repo.git.fetch(
        *("--progress", back, "--no-tags", f"--filter={leaving_out}", "--", "origin", *refspecs),
        as_process=True,
        with_stdout=False,
        universal_newlines=True,
    )
    reporter = _Reporter(report, most, process.terminate)
    handle_process_output(process, None, reporter.new_message_handler(), finalizer=None, decode_streams=False)
    process.wait(stderr="\n".join([*reporter.error_lines, *reporter.other_lines]))
    if reporter.stopped:  # it had ended before
        raise GitCommandError("git fetch", 1)


def forget_the_filter(repo: Repo) -> None:
    """Without a promising remote, a blob that was left out reads as missing; with one, reading it is an error."""
    for key in ("remote.origin.promisor", "remote.origin.partialclonefilter"):
        with contextlib.suppress(GitCommandError):  # the server may not have filtered
            repo.git.config("--unset-all", key)


def explained(problem: GitCommandError, request: FetchRequest) -> RepositoryError | None:
    if OVERSIZE.search(problem.stderr) or _met_the_limit(request):
        return RepositoryError(too_large(request.file_mb))
    return explain(problem.stderr, request.host)


def _met_the_limit(request: FetchRequest) -> bool:
    """Whether a pack stopped where the limit on one file lies: git does not always say why its index-pack died."""
    packs = (
        pack for folder in (request.staging, request.mirror) for pack in Path(folder).glob("objects/**/tmp_pack_*")
    )
    return any(pack.stat().st_size >= request.file_mb * MEGABYTE for pack in packs)


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    """One fetch into a mirror at a time; the lock ends with the process."""
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextlib.contextmanager
def heeding(headers: Path) -> Iterator[None]:
    """Gives a fault that may pass the time that the host asked for; git itself tells of it in its trace only."""
    os.environ |= {"GIT_TRACE_CURL": str(headers), "GIT_TRACE_CURL_NO_DATA": "1", "GIT_TRACE_REDACT": "1"}
    try:
        yield
    except RepositoryError as problem:
        if problem.passing and headers.exists():
            with headers.open(errors="replace") as lines:
                problem.retry_after = seconds_asked(lines.read(MOST_HEADERS))
        raise
    finally:
        headers.unlink(missing_ok=True)


class _Reporter(RemoteProgress):
    """Passes git's progress on, a few times a second, and stops what brings more than `most` objects."""

    def __init__(self, report: Report, most: float, stop: Callable[[], None]) -> None:
        super().__init__()
        self._report = report
        self._most = most
        self._stop = stop
        self._last = 0.0
        self.stopped = False

    def update(
        self, op_code: int, cur_count: str | float, max_count: str | float | None = None, message: str = ""
    ) -> None:
        if op_code & self.OP_MASK != self.RECEIVING:
            return
        if float(max_count or 0) > self._most and not self.stopped:
            self.stopped = True
            self._stop()
        if time.monotonic() - self._last < SECONDS_BETWEEN_REPORTS:
            return
        self._last = time.monotonic()
        share = float(cur_count) / float(max_count or cur_count or 1)
        self._report("fetch", share, f"Receiving {int(float(cur_count)):,} objects {message}".strip())
