"""The git child: clones and fetches in a process that holds nothing worth stealing. Started by `fetch`."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import re
import shutil
import time
from pathlib import Path
from typing import TYPE_CHECKING

from git import GitCommandError, Remote, RemoteProgress, Repo
from git.cmd import handle_process_output

from apps.repositories.cache import MEGABYTE, clean
from apps.repositories.complaints import explain, seconds_asked
from apps.repositories.confined import serve
from apps.repositories.errors import RepositoryError
from apps.repositories.fetch import Fetched, FetchRequest, too_large

if TYPE_CHECKING:
    from collections.abc import Iterator

    from apps.repositories.confined import Report

LARGEST_BLOB = "blob:limit=20000000"
MOST_PACKS = 25
MOST_HEADERS = 500_000  # characters of what a host may say before its answer
OVERSIZE = re.compile(r"signal 25|File too large|file size limit")  # the limit on one file ended index-pack
SECONDS_BETWEEN_REPORTS = 0.1


def fetch(request: FetchRequest, report: Report) -> Fetched:
    mirror = Path(request.mirror)
    with _locked(mirror.with_suffix(".lock")), _heeding(mirror.with_suffix(".headers")):
        packs = list(mirror.glob("objects/pack/*.pack"))
        if mirror.exists() and (len(packs) > MOST_PACKS or _too_heavy(packs, request)):
            shutil.rmtree(mirror, ignore_errors=True)
        if mirror.exists():
            clean(mirror)  # nobody else fetches into it while this process holds the lock
            try:
                return _bring(Repo(mirror), request, report)
            except RepositoryError:
                raise
            except Exception as problem:
                known = _explained(problem, request) if isinstance(problem, GitCommandError) else None
                if known is not None:
                    raise known from problem
        return _anew(mirror, request, report)


def _too_heavy(packs: list[Path], request: FetchRequest) -> bool:
    return sum(pack.stat().st_size for pack in packs) > request.file_mb * MEGABYTE


def _anew(mirror: Path, request: FetchRequest, report: Report) -> Fetched:
    staging = Path(request.staging)
    try:
        repo = Repo.init(staging, bare=True)
        Remote.create(repo, "origin", request.url)
        fetched = _bring(repo, request, report)
        shutil.rmtree(mirror, ignore_errors=True)
        staging.rename(mirror)
    except GitCommandError as problem:
        raise _explained(problem, request) or RepositoryError(
            "Git could not fetch the repository.", passing=True
        ) from problem
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    return fetched


def _explained(problem: GitCommandError, request: FetchRequest) -> RepositoryError | None:
    if OVERSIZE.search(problem.stderr) or _met_the_limit(request):
        return RepositoryError(too_large(request.file_mb))
    return explain(problem.stderr, request.host)


def _met_the_limit(request: FetchRequest) -> bool:
    """Whether a pack stopped where the limit on one file lies: git does not always say why its index-pack died."""
    packs = (
        pack for folder in (request.staging, request.mirror) for pack in Path(folder).glob("objects/**/tmp_pack_*")
    )
    return any(pack.stat().st_size >= request.file_mb * MEGABYTE for pack in packs)


def _bring(repo: Repo, request: FetchRequest, report: Report) -> Fetched:
    """Asks for the head, and fetches it unless it is known."""
    report("fetch", 0, "Asking for the newest commit")
    source = f"refs/heads/{request.branch}" if request.branch else "HEAD"
    head = request.commit or _head(repo, source, request.branch)
    if head == request.known:
        return Fetched(head, known=True)
    target = f"refs/twelvefold/{hashlib.sha256((request.commit or source).encode()).hexdigest()[:16]}"
    try:
        _fetch_one(repo, f"+{request.commit or source}:{target}", _Reporter(report))
    finally:
        _forget_the_filter(repo)
    os.utime(repo.git_dir)
    return Fetched(repo.git.rev_parse("--verify", f"{target}^{{commit}}"), known=False)


def _head(repo: Repo, source: str, branch: str) -> str:
    lines = (line.split("\t", 1) for line in str(repo.git.ls_remote("--", "origin", source)).splitlines())
    heads = {ref: commit for commit, ref in lines}
    if source in heads:
        return heads[source]
    if branch:
        raise RepositoryError(f"The repository has no branch {branch}.")
    if repo.git.ls_remote("--heads", "--", "origin"):
        raise RepositoryError("The repository has no default branch; name the branch to scan.")
    raise RepositoryError("The repository has no commit yet.")


def _fetch_one(repo: Repo, refspec: str, reporter: RemoteProgress) -> None:
    """Runs `git fetch` through GitPython, whose own `Remote.fetch` cannot read the answer for a commit by id."""
    process = repo.git.fetch(
        *("--progress", "--depth=1", "--no-tags", f"--filter={LARGEST_BLOB}", "--", "origin", refspec),
        as_process=True,
        with_stdout=False,
        universal_newlines=True,
    )
    handle_process_output(process, None, reporter.new_message_handler(), finalizer=None, decode_streams=False)
    process.wait(stderr="\n".join([*reporter.error_lines, *reporter.other_lines]))


def _forget_the_filter(repo: Repo) -> None:
    """Without a promising remote, a blob that was left out reads as missing; with one, reading it is an error."""
    for key in ("remote.origin.promisor", "remote.origin.partialclonefilter"):
        with contextlib.suppress(GitCommandError):  # the server may not have filtered
            repo.git.config("--unset-all", key)


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    """One fetch into a mirror at a time; the lock ends with the process."""
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextlib.contextmanager
def _heeding(headers: Path) -> Iterator[None]:
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
    """Passes git's progress on, a few times a second."""

    def __init__(self, report: Report) -> None:
        super().__init__()
        self._report = report
        self._last = 0.0

    def update(
        self, op_code: int, cur_count: str | float, max_count: str | float | None = None, message: str = ""
    ) -> None:
        if op_code & self.OP_MASK != self.RECEIVING or time.monotonic() - self._last < SECONDS_BETWEEN_REPORTS:
            return
        self._last = time.monotonic()
        share = float(cur_count) / float(max_count or cur_count or 1)
        self._report("fetch", share, f"Receiving {int(float(cur_count)):,} objects {message}".strip())


if __name__ == "__main__":
    serve(FetchRequest, fetch)
