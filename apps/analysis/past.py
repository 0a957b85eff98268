"""Judges past commits of one repository, the newest first, and says which files decided what changed between two.

Commits share most of their files, so they share one pack, and what was found in a file is not searched for again: a
further commit costs the files that it had otherwise, and what the checks make of all. Two processes go along the line
side by side: one reads, both keep what they know of the files, and each runs half of the checks.
"""

from __future__ import annotations

import contextlib
import os
import signal
from dataclasses import dataclass, field
from functools import partial
from itertools import takewhile
from multiprocessing.connection import Connection, Pipe
from typing import TYPE_CHECKING, Self

import msgspec

from apps.analysis.engine import assemble, judge
from apps.analysis.facts.extract import get_ready
from apps.analysis.files import Pack, engine_version
from apps.analysis.snapshot import Edit, differing
from apps.catalog import CATALOGUE_VERSION, FACTORS, ITEMS

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

    from apps.analysis.engine import Tree
    from apps.analysis.repository import File
    from apps.analysis.snapshot import Snapshot

MOST_PATHS = 12
# Each process runs the checks of its factors, which take about the same time.
_OURS = frozenset({"config", "disposability", "port-binding", "logs"})
_OTHERS = frozenset(factor.slug for factor in FACTORS) - _OURS


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
    """A commit that was read and judged."""

    snapshot: Snapshot
    tree: Tree
    verdicts: dict[str, Verdict]
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

    The line ends where `subfolder` does not exist yet. Two processes go through `snapshots`, each for itself.
    """
    line = _line(snapshots, subfolder)
    pack = Pack.unpack(cached)
    reading = partial(assemble, subfolder=subfolder, corrections=corrections, pack=pack)
    tree: Tree | None = None
    newer: _Past | None = None
    get_ready()
    with _Beside(line, reading, pack) as beside:
        for snapshot in line:
            tree = reading(snapshot, neighbour=tree)
            beside.tell(pack.turn())
            verdicts = _verdicts(tree, _OURS)
            verdicts |= beside.verdicts() or _verdicts(tree, _OTHERS)
            past = _Past(snapshot, tree, {item: verdicts[item] for item in ITEMS})
            changes = list(_changes(past, newer)) if newer else []
            newer = past
            yield PastReport(snapshot.commit, past.verdicts, changes, engine_version(), CATALOGUE_VERSION)


def _line(snapshots: Iterable[Snapshot], subfolder: str) -> Iterator[Snapshot]:
    below = f"{subfolder}/" if subfolder else ""
    return takewhile(lambda one: not below or any(entry.path.startswith(below) for entry in one.entries), snapshots)


def _verdicts(tree: Tree, factors: Collection[str]) -> dict[str, Verdict]:
    prefix = f"{tree.folder}/" if tree.folder else ""
    return {
        item: Verdict(found.state, list(dict.fromkeys(prefix + place.path for place in found.evidence)), found.error)
        for item, found in judge(tree.facts, factors=factors).items()
    }


class _Beside:
    """The process beside this one. Of each commit it is told the facts that are new, and answers with its verdicts."""

    def __init__(self, line: Iterator[Snapshot], reading: Callable[..., Tree], pack: Pack) -> None:
        self._pipe, theirs = Pipe()
        self._pid = os.fork()
        if self._pid == 0:
            with contextlib.suppress(BaseException):  # it must never run on as a second one
                self._pipe.close()
                _judge_beside(line, reading, pack, theirs)
            os._exit(0)
        theirs.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._pipe.close()
        with contextlib.suppress(ProcessLookupError):
            os.kill(self._pid, signal.SIGKILL)
        os.waitpid(self._pid, 0)

    def tell(self, fresh: dict[str, bytes]) -> None:
        with contextlib.suppress(OSError):
            self._pipe.send_bytes(msgspec.msgpack.encode(fresh))

    def verdicts(self) -> dict[str, Verdict]:
        """What it says of the commit it was told of last; nothing if it died."""
        try:
            return msgspec.msgpack.decode(self._pipe.recv_bytes(), type=dict[str, Verdict])
        except (EOFError, OSError):
            return {}


def _judge_beside(line: Iterator[Snapshot], reading: Callable[..., Tree], pack: Pack, pipe: Connection) -> None:
    tree: Tree | None = None
    for snapshot in line:
        pack.learn(msgspec.msgpack.decode(pipe.recv_bytes(), type=dict[str, bytes]))
        tree = reading(snapshot, neighbour=tree)
        pack.turn()
        pipe.send_bytes(msgspec.msgpack.encode(_verdicts(tree, _OTHERS)))


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
