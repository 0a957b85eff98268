"""Judges past commits of one repository, the newest first, and says which files decided what changed between two.

Commits share most of their files, so they share one pack, and what was found in a file is not searched for again: a
further commit costs the files that it had otherwise, and what the checks make of all. Two processes go along the line
side by side, each judges every other commit and keeps what it knows of the files; a third reads ahead for both.
"""

from __future__ import annotations

import contextlib
from functools import cached_property, partial
from itertools import chain, takewhile, zip_longest
from typing import TYPE_CHECKING

import msgspec

from apps.analysis import checks
from apps.analysis.ahead import Ahead, Line
from apps.analysis.beside import Beside
from apps.analysis.engine import assemble, judge
from apps.analysis.files import Pack
from apps.analysis.pipes import pipe
from apps.analysis.reading import read
from apps.analysis.snapshot import Edit, differing
from apps.analysis.version import engine_version
from apps.catalog import CATALOGUE_VERSION

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from apps.analysis.ahead import Told
    from apps.analysis.engine import Tree
    from apps.analysis.findings import Finding
    from apps.analysis.pipes import Connection
    from apps.analysis.repository import File
    from apps.analysis.snapshot import Snapshot

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


class _Past:
    """A commit of the line. It is read, and judged in this process, when somebody asks for what nobody else found."""

    def __init__(self, snapshot: Snapshot, reading: Callable[[], Tree]) -> None:
        self.snapshot = snapshot
        self._reading = reading

    @cached_property
    def tree(self) -> Tree:
        return self._reading()

    @cached_property
    def verdicts(self) -> dict[str, Verdict]:
        return _verdicts(self.tree, judge(self.tree.facts, alone=True))

    @cached_property
    def files(self) -> dict[str, File]:
        prefix = _prefix(self.tree)
        return {prefix + file.path: file for file in self.tree.facts.files}


def judge_line(
    snapshots: Iterable[Snapshot],
    *,
    subfolder: str = "",
    corrections: Mapping[str, bool] | None = None,
    cached: bytes = b"",
) -> Iterator[PastReport]:
    """One report for each of `snapshots`, which come newest first. The first has no changes: nothing is newer.

    The line ends where `subfolder` does not exist yet. All processes go through `snapshots`, each for itself.
    """
    pack = Pack.unpack(cached)
    reading = partial(assemble, subfolder=subfolder, corrections=corrections, pack=pack)
    newer: _Past | None = None
    for past in _judged(Line(_until(snapshots, subfolder), reading, pack)):
        changes = list(_changes(past, newer)) if newer else []
        newer = past
        yield PastReport(past.snapshot.commit, past.verdicts, changes, engine_version(), CATALOGUE_VERSION)


def _until(snapshots: Iterable[Snapshot], subfolder: str) -> Iterator[Snapshot]:
    below = f"{subfolder}/" if subfolder else ""
    return takewhile(lambda one: not below or any(entry.path.startswith(below) for entry in one.entries), snapshots)


def _judged(line: Line) -> Iterator[_Past]:
    for head in line.snapshots:
        newest = _Past(head, partial(line.reading, head, reader=partial(read, meanwhile=checks.load)))
        second = next(line.snapshots, None)
        if second:
            line.snapshots = chain([second], line.snapshots)
            yield from _side_by_side(newest, line)
        else:
            newest.verdicts = _verdicts(newest.tree, judge(newest.tree.facts))
            yield newest


def _side_by_side(newest: _Past, line: Line) -> Iterator[_Past]:
    """The `newest` and all that follow in the `line`. Of two commits the newer is judged beside, the older one here."""
    tree = newest.tree
    line.pack.turn()
    with Ahead(line, listeners=2) as ahead:
        here, there = ahead.listeners
        yield newest
        with _Judge(line, tree, there, ours=[here.pipe]) as beside:
            there.pipe.close()
            for odd, even in zip_longest(line.snapshots, line.snapshots):
                beside.begin()
                line.pack.learn(here.facts())
                pair = [_Past(odd, partial(line.reading, odd))]
                if even:
                    line.pack.learn(here.facts())
                    ours = _Past(even, partial(line.reading, even, neighbour=tree))
                    tree = ours.tree
                    ours.verdicts = _verdicts(tree, judge(tree.facts, alone=True))
                    pair.append(ours)
                if found := beside.verdicts():
                    pair[0].verdicts = found
                yield from pair
                line.pack.turn()


class _Judge(Beside):
    """The process beside this one, which judges the first of each two commits."""

    def __init__(self, line: Line, tree: Tree, told: Told, *, ours: list[Connection]) -> None:
        asked, self._asks = pipe()
        self._answers, answers = pipe()
        work = partial(_judge_beside, line, tree, told, asked, answers)
        super().__init__(work, ours=[*ours, self._asks, self._answers])
        asked.close()
        answers.close()

    def begin(self) -> None:
        """Asks for the next. Nobody runs further ahead, so that no more than one is lost that was judged already."""
        with contextlib.suppress(BrokenPipeError):
            self._asks.send_bytes(b"")

    def verdicts(self) -> dict[str, Verdict]:
        """What it says of the commit it was asked for; nothing if it died."""
        try:
            return msgspec.msgpack.decode(self._answers.recv_bytes(), type=dict[str, Verdict])
        except EOFError:
            return {}

    def end(self) -> None:
        super().end()
        self._asks.close()
        self._answers.close()


def _judge_beside(line: Line, tree: Tree, told: Told, asked: Connection, answers: Connection) -> None:
    for odd, _ in zip_longest(line.snapshots, line.snapshots):
        asked.recv_bytes()
        line.pack.learn(told.facts())
        tree = line.reading(odd, neighbour=tree)
        answers.send_bytes(msgspec.msgpack.encode(_verdicts(tree, judge(tree.facts, alone=True))))
        line.pack.turn()
        line.pack.learn(told.facts())


def _verdicts(tree: Tree, findings: Mapping[str, Finding]) -> dict[str, Verdict]:
    prefix = _prefix(tree)
    return {
        item: Verdict(found.state, list(dict.fromkeys(prefix + place.path for place in found.evidence)), found.error)
        for item, found in findings.items()
    }


def _prefix(tree: Tree) -> str:
    return f"{tree.folder}/" if tree.folder else ""


def _changes(older: _Past, newer: _Past) -> Iterator[Change]:
    changed: dict[str, Edit] | None = None
    for item, was in older.verdicts.items():
        now = newer.verdicts[item]
        if was.state == now.state:
            continue
        if changed is None:
            changed = _changed(older, newer)
        error = now.error or was.error
        yield Change(item, was.state, now.state, [] if error else deciding(changed, was.paths, now.paths), error)


def _changed(older: _Past, newer: _Past) -> dict[str, Edit]:
    """The files that one of the two has and the other has not, or knows other facts of."""
    edits = differing(older.snapshot, newer.snapshot)
    return {
        path: edit for path, edit in edits.items() if _tells_otherwise(older.files.get(path), newer.files.get(path))
    }


def _tells_otherwise(before: File | None, after: File | None) -> bool:
    if before is None or after is None:
        return before is not after
    return (before.facts, before.size, before.symlink) != (after.facts, after.size, after.symlink)


def deciding(changed: Mapping[str, Edit], before: Iterable[str], after: Iterable[str]) -> list[str]:
    """The changed files that a verdict cites, the most telling first: those that came and are cited, those that went
    and were; then those that the later verdict cites, and those that the earlier one did.

    A finding of absence cites where was looked, so that what went tells more than what is cited now. Where no changed
    file is cited, all that changed: one of them decided. If those are many, none is named rather than any.
    """
    was, now = list(before), list(after)
    came = [path for path in now if changed.get(path) is Edit.ADDED]
    went = [path for path in was if changed.get(path) is Edit.REMOVED]
    cited = [path for path in dict.fromkeys([*came, *went, *now, *was]) if path in changed]
    return cited[:MOST_PATHS] or (list(changed) if len(changed) <= MOST_PATHS else [])
