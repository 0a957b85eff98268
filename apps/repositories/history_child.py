"""The history child: learns which commits a branch had when, and brings those that stand for its past."""

from __future__ import annotations

import math
import shutil
import time
from pathlib import Path
from subprocess import PIPE
from typing import TYPE_CHECKING, NamedTuple

from git import GitCommandError, Repo

from apps.repositories.cache import clean
from apps.repositories.confined import serve
from apps.repositories.errors import RepositoryError
from apps.repositories.history import History, HistoryRequest
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
from apps.repositories.sampling import Sample, credible, sample, stands_alone

if TYPE_CHECKING:
    from collections.abc import Sequence

    from apps.repositories.confined import Report

NO_TREES = "tree:0"
MARGIN = 60 * 86_400  # seconds before the oldest moment, from which commits show what dates can be believed


class _Line(NamedTuple):
    """The first parents of a branch, oldest first, and the seconds of their dates; `cut`: more came before them."""

    commits: Sequence[str]
    dates: Sequence[int]
    cut: bool


def bring(request: HistoryRequest, report: Report) -> History:
    """Chooses the samples, unless they are chosen already and still there, and brings what the mirror lacks of them."""
    mirror = Path(request.mirror)
    with locked(mirror.with_suffix(".lock")), heeding(mirror.with_suffix(".headers")):
        if mirror.exists():
            clean(mirror)  # nobody else fetches into it while this process holds the lock
        else:
            begun(mirror, request.url)
        repo = Repo(mirror)
        try:
            return _brought_again(repo, request, report) or _brought(repo, _choose(request, report), report)
        except GitCommandError as problem:
            raise explained(problem, request) or RepositoryError(NOT_FETCHED, passing=True) from problem


def _brought_again(repo: Repo, request: HistoryRequest, report: Report) -> History | None:
    """What was chosen before; None where the repository has some of it no more."""
    if not request.chosen:
        return None
    try:
        return _brought(repo, request.chosen, report)
    except GitCommandError as problem:
        known = explained(problem, request)
        if known is None or known.passing:
            raise
    return None


def _choose(request: HistoryRequest, report: Report) -> list[Sample]:
    """Samples of the first parents: of the recent ones if those are sure, or else of all."""
    report("fetch", 0, "Asking for the history")
    now = int(time.time())
    line = _recent(request, report, now) or _line(request, report, back=f"--depth={request.depth}")
    believed = credible(line.dates, now=now)
    return sample(reversed(list(map(Sample, line.commits, believed))), request.moments)


def _recent(request: HistoryRequest, report: Report, now: int) -> _Line | None:
    """What came after the oldest moment and for a while before; None where the whole line could be sampled otherwise,
    or where the server cannot tell: some do not know the question, and a branch without a commit so new is an error.
    """
    oldest = request.moments[-1]
    back = f"--shallow-since=@{max(0, oldest - MARGIN)} +0000"
    try:
        line = _line(request, report, back=back, most=request.depth)
    except RepositoryError as problem:
        if not problem.passing:
            raise
        return None
    sure = not line.cut or stands_alone(line.dates, credible(line.dates, now=now), oldest=oldest)
    return line if sure else None


def _line(request: HistoryRequest, report: Report, *, back: str, most: float = math.inf) -> _Line:
    """The first parents. Their commits alone are fetched, into a repository of their own: in the mirror they would be
    taken for commits whose files are there too."""
    graph = Path(request.staging)
    try:
        repo = begun(graph, request.url)
        source = source_of(request.branch)
        fetch_objects(repo, [f"+{source}:refs/line"], report, back=back, leaving_out=NO_TREES, most=most)
        listed = str(repo.git.log("--first-parent", "--format=%H %ct", "refs/line")).split("\n")
        shallow = graph / "shallow"
        ends = shallow.read_text().split() if shallow.exists() else []
    except GitCommandError as problem:  # explained here, while what was fetched still shows how far it came
        raise explained(problem, request) or RepositoryError(NOT_FETCHED, passing=True) from problem
    finally:
        shutil.rmtree(graph, ignore_errors=True)
    commits, dates = zip(*(line.split(" ") for line in reversed(listed)), strict=True)
    return _Line(commits, [int(date) for date in dates], cut=commits[0] in ends)


def _brought(repo: Repo, samples: Sequence[Sample], report: Report) -> History:
    lacking = _lacking(repo, [one.commit for one in samples])
    if lacking:
        try:
            fetch_objects(repo, lacking, report, back="--depth=1", leaving_out=LARGEST_BLOB)
        finally:
            forget_the_filter(repo)
        if _lacking(repo, lacking):
            raise RepositoryError("The repository's past could not be fetched.", passing=True)
    return History(list(samples))


def _lacking(repo: Repo, commits: Sequence[str]) -> list[str]:
    """Those of `commits` that are not in the repository, or not with their tree."""
    process = repo.git.cat_file("--batch-check", istream=PIPE, as_process=True)
    answers, _ = process.communicate("".join(f"{commit}^{{tree}}\n" for commit in commits).encode())
    found = [b" tree " in answer for answer in answers.splitlines()]
    if len(found) != len(commits):
        raise RepositoryError(NOT_FETCHED, passing=True)
    return [commit for commit, is_there in zip(commits, found, strict=True) if not is_there]


if __name__ == "__main__":
    serve(HistoryRequest, bring)
