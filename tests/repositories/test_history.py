"""The past of a branch comes into the mirror of its newest commit: real git, real children."""

import os
import subprocess
import time

import pytest
from git import GitCommandError

from apps.repositories.cache import mirror_of
from apps.repositories.commit import GitSnapshot
from apps.repositories.errors import RepositoryError
from apps.repositories.fetch import fetch
from apps.repositories.history import fetch_history
from apps.repositories.policy import Rules, check_address
from apps.repositories.remote import begun, fetch_objects
from apps.repositories.sampling import Sample, credible, sample

DAY = 86_400
NOW = 1_700_000_000


@pytest.fixture
def past(repository, tmp_path):
    """Fetches the history of the repository's branch; days are counted back from the newest commit. `received` says
    how many objects each fetch of it announced with its first."""
    repository.git("config", "uploadpack.allowFilter", "true")
    address = check_address(str(repository.path), rules=Rules(local_roots=(tmp_path,)))

    def heed(progress):
        if progress.detail.startswith("Receiving 1 objects"):
            past.received.append(round(1 / progress.share))

    def past(days=(0, 7, 14), branch="", **more):
        past.received = []
        return fetch_history(
            address,
            mirrors=tmp_path / "mirrors",
            branch=branch,
            moments=[NOW - day * DAY for day in days],
            **{"depth": 1000, "seconds": 60, "memory_mb": 1024, "largest_mb": 100} | more,
            on_progress=heed,
        )

    past.mirror = mirror_of(address, tmp_path / "mirrors")
    past.head = lambda: fetch(
        address, mirrors=tmp_path / "mirrors", seconds=60, memory_mb=1024, on_progress=lambda _progress: None
    )
    return past


@pytest.fixture
def commit_on(repository, monkeypatch):
    """Commits `files` so many days before the newest."""

    def commit_on(day, files, message="Change things"):
        date = f"@{NOW - int(day * DAY)} +0000"
        monkeypatch.setattr("tests.repositories.building.DATES", {"GIT_AUTHOR_DATE": date, "GIT_COMMITTER_DATE": date})
        return repository.commit(files, message)

    return commit_on


def contents(mirror, commit):
    snapshot = GitSnapshot(mirror, commit)
    blobs = dict(snapshot.read([entry.blob for entry in snapshot.entries]))
    return {entry.path: blobs.get(entry.blob) for entry in snapshot.entries}


def test_samples_hold_every_file_of_their_commits(past, commit_on):
    old = commit_on(10, {"train.py": "a = 1\n", "kept.py": "k = 1\n"})
    commit_on(6, {"train.py": "a = 2\n"})
    head = commit_on(1, {"train.py": "a = 3\n"})
    past.head()
    samples = past()
    assert [(one.commit, one.at) for one in samples] == [(head, NOW - DAY), (old, NOW - 10 * DAY)]
    assert contents(past.mirror, old) == {"kept.py": b"k = 1\n", "train.py": b"a = 1\n"}
    assert contents(past.mirror, head) == {"kept.py": b"k = 1\n", "train.py": b"a = 3\n"}


def test_the_head_is_fetched_and_read_as_ever_after_a_history(past, commit_on, repository):
    commit_on(10, {"a.py": "a = 1\n"})
    past()
    head = commit_on(1, {"a.py": "a = 2\n", "b.py": "b = 1\n"})
    assert past.head().commit == head
    assert contents(past.mirror, head) == {"a.py": b"a = 2\n", "b.py": b"b = 1\n"}
    newest = repository.commit({"c.py": "c = 1\n"})
    assert past.head().commit == newest
    assert set(contents(past.mirror, newest)) == {"a.py", "b.py", "c.py"}


def test_only_first_parents_are_the_past_of_a_branch(past, commit_on, repository):
    first = commit_on(20, {"a.py": "a = 1\n"})
    repository.git("checkout", "-q", "-b", "work")
    commit_on(15, {"b.py": "b = 1\n"})
    repository.git("checkout", "-q", "main")
    commit_on(12, {"c.py": "c = 1\n"})
    repository.git("merge", "-q", "--no-ff", "-m", "Merge work", "work")
    assert [one.commit for one in past(days=(14, 21))] == [first]


def test_another_branch_has_another_past(past, commit_on, repository):
    commit_on(20, {"a.py": "a = 1\n"})
    repository.git("checkout", "-q", "-b", "work")
    work = commit_on(15, {"b.py": "b = 1\n"})
    repository.git("checkout", "-q", "main")
    commit_on(12, {"c.py": "c = 1\n"})
    assert [one.commit for one in past(days=(0,), branch="work")] == [work]


def test_the_past_of_a_renamed_default_branch_is_whole(past, commit_on, repository):
    old = commit_on(20, {"a.py": "a = 1\n"})
    repository.git("branch", "-m", "main", "trunk")
    head = commit_on(1, {"a.py": "a = 2\n"})
    assert [one.commit for one in past()] == [head, old]


def test_a_shallow_repository_has_the_past_that_it_has(past, commit_on, repository, tmp_path):
    commit_on(20, {"a.py": "a = 1\n"})
    kept = commit_on(10, {"a.py": "a = 2\n"})
    head = commit_on(1, {"a.py": "a = 3\n"})
    whole = tmp_path / "whole"
    repository.path.rename(whole)
    subprocess.run(
        ["git", "clone", "-q", "--depth", "2", f"file://{whole}", str(repository.path)], check=True, capture_output=True
    )
    assert [one.commit for one in past(days=(0, 7, 30))] == [head, kept]


def test_a_history_is_read_as_far_back_as_it_may(past, commit_on):
    commit_on(20, {"a.py": "a = 1\n"})
    kept = commit_on(10, {"a.py": "a = 2\n"})
    head = commit_on(1, {"a.py": "a = 3\n"})
    assert [one.commit for one in past(days=(0, 7, 30), depth=2)] == [head, kept]


def test_chosen_samples_are_not_chosen_again(past, commit_on):
    commit_on(10, {"a.py": "a = 1\n"})
    commit_on(1, {"a.py": "a = 2\n"})
    chosen = past()
    commit_on(0.5, {"a.py": "a = 3\n"})
    assert past(chosen=chosen) == chosen


def test_samples_that_a_rewritten_history_lost_are_chosen_anew(past, commit_on, repository):
    commit_on(10, {"a.py": "a = 1\n"})
    commit_on(1, {"a.py": "a = 2\n"})
    chosen = past()
    repository.git("checkout", "-q", "--orphan", "anew")
    new = commit_on(3, {"a.py": "a = 4\n"})
    repository.git("branch", "-q", "-f", "main", "anew")
    repository.git("symbolic-ref", "HEAD", "refs/heads/main")
    repository.git("reflog", "expire", "--expire=now", "--all")
    repository.git("gc", "-q", "--prune=now")
    subprocess.run(["rm", "-r", str(past.mirror)], check=True)
    assert [one.commit for one in past(chosen=chosen)] == [new]


def test_a_file_that_is_too_large_is_absent_and_the_rest_is_there(past, commit_on, repository):
    old = commit_on(10, {"a.py": "a = 1\n", "weights.bin": os.urandom(20_000_001)})
    (repository.path / "weights.bin").unlink()
    commit_on(1, {"a.py": "a = 2\n"})
    past()
    assert contents(past.mirror, old) == {"a.py": b"a = 1\n", "weights.bin": None}


def test_a_past_that_is_too_large_is_refused_and_leaves_nothing_behind(past, commit_on, tmp_path):
    commit_on(10, {"noise.bin": os.urandom(3_000_000)})
    with pytest.raises(RepositoryError, match="too large"):
        past(largest_mb=1)
    assert not list((tmp_path / "mirrors").glob("*.new"))


def test_an_empty_repository_has_no_past(past):
    with pytest.raises(RepositoryError):
        past()


def test_a_branch_or_a_commit_that_git_would_take_for_an_option_is_refused(past):
    with pytest.raises(RepositoryError, match="branch"):
        past(branch="--upload-pack=id")


def test_commits_of_the_future_are_dated_by_those_before(past, commit_on):
    old = commit_on(10, {"a.py": "a = 1\n"})
    ahead = int((NOW - time.time()) / DAY) - 400
    head = commit_on(ahead, {"a.py": "a = 2\n"})
    assert [(one.commit, one.at) for one in past()] == [(head, NOW - 10 * DAY)]
    assert head != old


YEAR = (0, 7, 14, 21, 60, 90)  # commits are asked for from 150 days ago
MARGIN = range(148, 94, -5)
BEFORE = range(400, 160, -20)


def test_no_commit_is_asked_for_that_is_much_older_than_the_oldest_moment(past, commit_on):
    for day in (*BEFORE, *MARGIN, 40, 20, 1):
        commit_on(day, {})
    assert len(past(YEAR)) == 4
    assert past.received[0] == len(MARGIN) + 3
    assert len(past.received) == 2  # and the files of the samples


def test_a_young_branch_is_asked_for_once(past, commit_on):
    for day in (40, 20, 1):
        commit_on(day, {})
    assert len(past(YEAR)) == 3
    assert past.received[0] == 3
    assert len(past.received) == 2


PASTS = {
    "straight": (*BEFORE, *MARGIN, 40, 20, 1),
    "of the year 2000 in the middle": (*BEFORE, *MARGIN, 70, 65, 8000, 20, 1),
    "of the year 2000 in the margin": (*BEFORE, 155, 152, 149, 8000, *MARGIN[3:], 133, 96, 70, 20, 1),
    "ahead": (*BEFORE, *MARGIN, 70, -9000, 20, 1),
    "ahead of later ones": (*BEFORE, *MARGIN, 70, 5, 20, 18, 1),
    "mostly ahead": (*BEFORE, *([30] * 20), 160, *MARGIN[:9], 70, 40, 1),
    "behind an old one": (400, *range(125, 95, -1), 8000, 124, *range(149, 139, -1), 60, 1),
    "quiet": (400, 380, 200),
    "quiet until now": (400, 380, 200, 1),
    "with few commits in the margin": (*BEFORE, 120, 70, 1),
    "all on one day": (1,) * 15,
}


@pytest.mark.parametrize("days", PASTS.values(), ids=PASTS)
def test_recent_commits_give_the_samples_of_the_whole_line(days, past, commit_on, repository):
    for day in days:
        commit_on(day, {})
    assert past(YEAR) == of_the_whole(repository)


@pytest.mark.parametrize(("left", "work", "received"), [(45, 35, len(MARGIN) + 4), (155, 153, None)])
def test_merges_give_the_samples_of_the_whole_line(left, work, received, past, commit_on, repository):
    """The server ends the line where a branch was merged whose newest commit is too old to be sent."""
    for day in (*BEFORE, *MARGIN):
        commit_on(day, {})
        if day > left:
            repository.git("branch", "-f", "work")
    repository.git("checkout", "-q", "work")
    commit_on(work, {"b.py": "b = 1\n"})
    repository.git("checkout", "-q", "main")
    commit_on(25, {"c.py": "c = 1\n"})
    repository.git("merge", "-q", "--no-ff", "-m", "Merge work", "work")
    commit_on(1, {})
    assert past(YEAR) == of_the_whole(repository)
    assert received in {past.received[0], None}


def of_the_whole(repository):
    lines = [
        line.split() for line in repository.git("log", "--first-parent", "--reverse", "--format=%H %ct").split("\n")
    ]
    dates = credible([int(date) for _, date in lines], now=int(time.time()))
    line = [Sample(commit, date) for (commit, _), date in zip(lines, dates, strict=True)]
    return sample(reversed(line), [NOW - day * DAY for day in YEAR])


def test_recent_commits_are_no_more_than_may_be_looked_at(past, commit_on):
    for day in (*MARGIN, 40, 20, 1):
        commit_on(day, {})
    assert len(past((0, 30, 90), depth=3)) == 2
    assert len(past((0, 30, 90))) == 3


@pytest.mark.parametrize("too_late", [False, True])
def test_a_fetch_of_more_objects_than_may_come_is_stopped(too_late, repository, tmp_path, monkeypatch):
    if too_late:
        monkeypatch.setattr("git.cmd.Git.AutoInterrupt.terminate", lambda _: None, raising=False)
    for number in range(3):
        repository.commit({"a.py": f"a = {number}\n"})
    repo = begun(tmp_path / "graph", str(repository.path))
    asked = {"back": "--depth=9", "leaving_out": "blob:none"}
    with pytest.raises(GitCommandError):
        fetch_objects(repo, ["HEAD:refs/line"], lambda *_: None, **asked, most=8)
    fetch_objects(begun(tmp_path / "all", str(repository.path)), ["HEAD:refs/line"], lambda *_: None, **asked, most=9)
