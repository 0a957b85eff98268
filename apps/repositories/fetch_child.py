"""The git child: clones and fetches in a process that holds nothing worth stealing. Started by `fetch`."""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from git import GitCommandError, Repo

from apps.repositories.cache import MEGABYTE, clean
from apps.repositories.confined import serve
from apps.repositories.errors import RepositoryError
from apps.repositories.fetch import Fetched, FetchRequest
from apps.repositories.remote import (
    LARGEST_BLOB,
    NOT_FETCHED,
    begun,
    explained,
    fetch_objects,
    forget_the_filter,
    heeding,
    locked,
    source_of,
)

if TYPE_CHECKING:
    from apps.repositories.confined import Report

MOST_PACKS = 25


def fetch(request: FetchRequest, report: Report) -> Fetched:
    mirror = Path(request.mirror)
    with locked(mirror.with_suffix(".lock")), heeding(mirror.with_suffix(".headers")):
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
                known = explained(problem, request) if isinstance(problem, GitCommandError) else None
                if known is not None:
                    raise known from problem
        return _anew(mirror, request, report)


def _too_heavy(packs: list[Path], request: FetchRequest) -> bool:
    return sum(pack.stat().st_size for pack in packs) > request.file_mb * MEGABYTE


def _anew(mirror: Path, request: FetchRequest, report: Report) -> Fetched:
    staging = Path(request.staging)
    try:
        fetched = _bring(begun(staging, request.url), request, report)
        shutil.rmtree(mirror, ignore_errors=True)
        staging.rename(mirror)
    except GitCommandError as problem:
        raise explained(problem, request) or RepositoryError(NOT_FETCHED, passing=True) from problem
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    return fetched


def _bring(repo: Repo, request: FetchRequest, report: Report) -> Fetched:
    """Asks for the head, and fetches it unless it is known."""
    report("fetch", 0, "Asking for the newest commit")
    source = source_of(request.branch)
    head = request.commit or _head(repo, source, request.branch)
    if head == request.known:
        return Fetched(head, known=True)
    target = f"refs/twelvefold/{hashlib.sha256((request.commit or source).encode()).hexdigest()[:16]}"
    try:
        refspec = f"+{request.commit or source}:{target}"
        fetch_objects(repo, [refspec], report, back="--depth=1", leaving_out=LARGEST_BLOB)
    finally:
        forget_the_filter(repo)
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


if __name__ == "__main__":
    serve(FetchRequest, fetch)
