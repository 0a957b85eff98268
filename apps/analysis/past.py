"""Judges past commits of one repository, the newest first, and says which files decided what changed between two.

Commits share most of their files, so they share one pack: a further commit costs the files that it had otherwise, and
the checks. Those run in forks, two commits at a time, while the next commit is read.
"""

from __future__ import annotations

import os
from collections import deque
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, Pipe
from typing import TYPE_CHECKING, Any

import msgspec

from apps.analysis.engine import assemble, judge
from apps.analysis.files import Pack, engine_version
from apps.catalog import CATALOGUE_VERSION

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from apps.analysis.engine import Tree
    from apps.analysis.repository import File
    from apps.analysis.snapshot import Snapshot

JUDGES = 2
MOST_PATHS = 12


class Verdict(msgspec.Struct, frozen=True):
    """What a check said of a past commit: the state, the files it cited, and why it crashed if it did."""

    state: str
    paths: list[str] = []
    error: str = ""


class Change(msgspec.Struct, frozen=True):
    """An item that another commit, the next judged one, found in another state; `paths` are the files that decided."""

    item: str
    before: str
    after: str
    paths: list[str] = []
    error: str = ""


class PastReport(msgspec.Struct, frozen=True):
    """What one past commit was worth. `changes` lead from it to the newer commit that was judged before it."""

    commit: str
    verdicts: dict[str, Verdict]
    changes: list[Change]
    engine_version: str
    catalogue_version: str


@dataclass(slots=True)
class _Past:
    """A commit that was read; its checks may still be running."""

    commit: str
    tree: Tree
    blobs: dict[str, tuple[str, int]]
    judge: _Judge
    _files: dict[str, File] = field(default_factory=dict)

    @property
    def files(self) -> dict[str, File]:
        if not self._files:
            prefix = f"{self.tree.folder}/" if self.tree.folder else ""
            self._files = {prefix + file.path: file for file in self.tree.facts.files}
        return self._files


def judge_line(
    snapshots: Iterable[Snapshot],
    *,
    subfolder: str = "",
    corrections: Mapping[str, bool] | None = None,
    cached: bytes = b"",
) -> Iterator[PastReport]:
    """One report for each of `snapshots`, which come newest first. The first has no changes: nothing is newer.

    The line ends where `subfolder` does not exist yet.
    """
    pack = Pack.unpack(cached)
    running: deque[_Past] = deque()
    reported = _Reports()
    try:
        for snapshot in snapshots:
            if subfolder and not any(entry.path.startswith(f"{subfolder}/") for entry in snapshot.entries):
                break
            tree = assemble(snapshot, subfolder=subfolder, corrections=corrections, pack=pack)
            pack.turn()
            blobs = {entry.path: (entry.blob, entry.mode) for entry in snapshot.entries}
            running.append(_Past(snapshot.commit, tree, blobs, _Judge(tree)))
            if len(running) == JUDGES:
                yield reported.next(running.popleft())
        while running:
            yield reported.next(running.popleft())
    finally:
        for past in running:
            past.judge.end()


class _Reports:
    """Makes reports in order, each with the changes to the one before."""

    def __init__(self) -> None:
        self._newer: tuple[_Past, dict[str, Verdict]] | None = None

    def next(self, past: _Past) -> PastReport:
        verdicts = past.judge.answer()
        changes = list(_changes(past, verdicts, *self._newer)) if self._newer else []
        self._newer = (past, verdicts)
        return PastReport(past.commit, verdicts, changes, engine_version(), CATALOGUE_VERSION)


def _changes(
    older: _Past, before: Mapping[str, Verdict], newer: _Past, after: Mapping[str, Verdict]
) -> Iterator[Change]:
    changed: list[str] | None = None
    for item, was in before.items():
        now = after[item]
        if was.state == now.state:
            continue
        if changed is None:
            changed = _changed(older, newer)
        error = now.error or was.error
        yield Change(item, was.state, now.state, [] if error else deciding(changed, was.paths, now.paths), error)


def _changed(older: _Past, newer: _Past) -> list[str]:
    """The files that one of the two has and the other has not, or knows other facts of."""
    paths = [path for path in {**older.blobs, **newer.blobs} if older.blobs.get(path) != newer.blobs.get(path)]
    return sorted(path for path in paths if _tells_otherwise(older.files.get(path), newer.files.get(path)))


def _tells_otherwise(before: File | None, after: File | None) -> bool:
    if before is None or after is None:
        return before is not after
    return (before.facts, before.size, before.symlink) != (after.facts, after.size, after.symlink)


def deciding(changed: Sequence[str], before: Iterable[str], after: Iterable[str]) -> list[str]:
    """The changed files that the later verdict cites, then those that the earlier one cites.

    Where none is cited, all that changed: one of them decided. If those are many, none is named rather than any.
    """
    known = set(changed)
    cited = [path for path in dict.fromkeys([*after, *before]) if path in known]
    return cited[:MOST_PATHS] or (list(changed) if len(changed) <= MOST_PATHS else [])


class _Judge:
    """A fork that runs the checks on one tree."""

    def __init__(self, tree: Tree) -> None:
        ours, theirs = Pipe(duplex=False)
        self._pid = os.fork()
        if self._pid == 0:
            try:
                ours.close()
                _answer(tree, theirs)
            except BaseException:  # noqa: BLE001 - the parent sees the end of the pipe, and must never run on as two
                os._exit(1)
            os._exit(0)
        theirs.close()
        self._pipe = ours

    def answer(self) -> dict[str, Verdict]:
        """`EOFError` when the fork died."""
        try:
            return msgspec.msgpack.decode(self._pipe.recv_bytes(), type=dict[str, Verdict])
        finally:
            self.end()

    def end(self) -> None:
        self._pipe.close()
        os.waitpid(self._pid, 0)


def _answer(tree: Tree, pipe: Connection) -> None:
    prefix = f"{tree.folder}/" if tree.folder else ""
    verdicts: dict[str, Any] = {
        item: Verdict(found.state, list(dict.fromkeys(prefix + place.path for place in found.evidence)), found.error)
        for item, found in judge(tree.facts).items()
    }
    pipe.send_bytes(msgspec.msgpack.encode(verdicts))
