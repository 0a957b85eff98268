"""Judges past commits of one repository, the newest first, and says which files decided what changed between two.

Commits share most of their files, so they share one pack, and what was found in a file is not searched for again: a
further commit costs the files that it had otherwise, and what the checks make of all. Two processes go along the line
side by side, each judges every other commit and keeps what it knows of the files; a third reads ahead for all.
"""

from __future__ import annotations

import contextlib
from functools import cached_property, partial
from itertools import chain, cycle, takewhile
from typing import TYPE_CHECKING

import msgspec

from apps.analysis import checks, compilations
from apps.analysis.ahead import Ahead, Line, changed_between
from apps.analysis.beside import Beside
from apps.analysis.engine import assemble, judge
from apps.analysis.files import Pack
from apps.analysis.pipes import pipe
from apps.analysis.reading import read
from apps.analysis.snapshot import Edit
from apps.analysis.version import engine_version
from apps.catalog import CATALOGUE_VERSION

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from apps.analysis.ahead import Told
    from apps.analysis.engine import Tree
    from apps.analysis.findings import Finding
    from apps.analysis.pipes import Connection
    from apps.analysis.snapshot import Snapshot

MOST_PATHS = 12
JUDGES = 2  # processes


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
    """A commit of the line. It is read, and judged in this process, when somebody asks for what nobody else found.

    `changed` are the files that the newer commit, the one before it, knows otherwise; None if nobody told.
    """

    def __init__(
        self, snapshot: Snapshot, reading: Callable[[], Tree], changed: Mapping[str, Edit] | None = None
    ) -> None:
        self.snapshot = snapshot
        self.changed = changed
        self._reading = reading

    @cached_property
    def tree(self) -> Tree:
        return self._reading()

    @property
    def is_read(self) -> bool:
        return "tree" in self.__dict__

    @cached_property
    def verdicts(self) -> dict[str, Verdict]:
        return _verdicts(self.tree, judge(self.tree.facts, alone=True))


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
    """The `newest` and all that follow in the `line`, of which two processes judge every other one."""
    tree = newest.tree  # what all processes begin with
    line.pack.turn()
    with Ahead(line, tree, readers=JUDGES) as ahead, contextlib.ExitStack() as stack:
        here, *theirs = ahead.listeners
        yield newest
        judges: list[_Judge] = []
        for number, told in enumerate(theirs):
            ours = [*(one.pipe for one in (here, *theirs[number + 1 :])), *(end for one in judges for end in one.ends)]
            judges.append(stack.enter_context(_Judge(line, number, tree, told, ours=ours)))
            told.pipe.close()
        for judge in judges:
            judge.begin()
        for snapshot, judge in zip(line.snapshots, cycle(judges), strict=False):
            past = _Past(snapshot, partial(line.reading, snapshot), here.next().changed)
            if found := judge.verdicts():
                past.verdicts = found
            yield past
            judge.begin()
            if past.is_read:
                line.pack.turn()


class _Judge(Beside):
    """A process beside this one, which judges each commit whose place in the line leaves the rest `number`."""

    def __init__(self, line: Line, number: int, tree: Tree, told: Told, *, ours: list[Connection]) -> None:
        asked, self._asks = pipe()
        self._answers, answers = pipe()
        work = partial(_judge_beside, line, _own(line, number, told), tree, asked, answers)
        super().__init__(work, ours=[*ours, *self.ends])
        asked.close()
        answers.close()

    @property
    def ends(self) -> list[Connection]:
        """The ends of its pipes that are not its own."""
        return [self._asks, self._answers]

    def begin(self) -> None:
        """Asks for the next, when the last one was handed on: no more than one that was judged waits for that."""
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
        for end in self.ends:
            end.close()


def _own(line: Line, number: int, told: Told) -> Iterator[Snapshot]:
    """The commits of the judge with that number, each with what was read of it."""
    for place, snapshot in enumerate(line.snapshots):
        line.pack.learn(told.next().facts)
        if place % JUDGES == number:
            yield snapshot


def _judge_beside(line: Line, own: Iterator[Snapshot], tree: Tree, asked: Connection, answers: Connection) -> None:
    for snapshot in own:
        asked.recv_bytes()
        tree = line.reading(snapshot, neighbour=tree)
        answers.send_bytes(msgspec.msgpack.encode(_verdicts(tree, judge(tree.facts, alone=True))))
        line.pack.turn()
        compilations.keep()


def _verdicts(tree: Tree, findings: Mapping[str, Finding]) -> dict[str, Verdict]:
    return {
        item: Verdict(
            found.state, list(dict.fromkeys(tree.prefix + place.path for place in found.evidence)), found.error
        )
        for item, found in findings.items()
    }


def _changes(older: _Past, newer: _Past) -> Iterator[Change]:
    changed = older.changed
    for item, was in older.verdicts.items():
        now = newer.verdicts[item]
        if was.state == now.state:
            continue
        if changed is None:
            changed = changed_between(older.tree, newer.tree)
        error = now.error or was.error
        yield Change(item, was.state, now.state, [] if error else deciding(changed, was.paths, now.paths), error)


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
