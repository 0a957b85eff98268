"""The process that goes along a line of commits ahead of those that judge them, and tells each what it read.

It parses in itself, where all parsers stay loaded, on the core that nobody needs while the first commit is judged. A
file that crashes or hangs it ends it: what it has not told by then is read as any scan reads it.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import msgspec

from apps.analysis import compilations
from apps.analysis.beside import Beside
from apps.analysis.pipes import Post, pipe, wait
from apps.analysis.reading import FLUSH, PATIENCE, Watch, read_here
from apps.analysis.snapshot import Edit, differing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from apps.analysis.engine import Tree
    from apps.analysis.file import File
    from apps.analysis.files import Pack
    from apps.analysis.pipes import Connection
    from apps.analysis.reading import Wanted
    from apps.analysis.snapshot import Snapshot

_encode = msgspec.msgpack.Encoder().encode


class News(msgspec.Struct):
    """What is told of a commit, in parts. `facts`, by key, are of what it has and the commit before it had not;
    `changed` are the files that the two know otherwise, None as long as that is not told."""

    complete: bool = False
    facts: dict[str, bytes] = {}
    changed: dict[str, Edit] | None = None


@dataclass(slots=True)
class Line:
    """Commits to go along. `reading` gives the tree of one; it takes from `pack` what is known, and keeps it there."""

    snapshots: Iterator[Snapshot]
    reading: Callable[..., Tree]
    pack: Pack


class Told:
    """Where one process hears what was read ahead."""

    def __init__(self, pipe: Connection, ahead: int) -> None:
        """`ahead` is the id of the process that tells."""
        self.pipe = pipe
        self._watch = Watch(ahead)

    def next(self) -> News:
        """What is told of the next commit; less of it if nobody reads ahead any more."""
        news = News()
        self._watch.heard()
        with contextlib.suppress(EOFError, OSError, msgspec.DecodeError):
            while not news.complete:
                if wait([self.pipe], PATIENCE / 2):
                    part = msgspec.msgpack.decode(self.pipe.recv_bytes(), type=News)
                    news.complete, news.changed = part.complete, part.changed
                    news.facts |= part.facts
                    self._watch.heard()
                elif self._watch.is_stuck():
                    self.pipe.close()
        return news


class Ahead(Beside):
    """Reads all snapshots of `line` and tells what is new in each, as long as anybody listens."""

    def __init__(self, line: Line, newest: Tree, *, readers: int) -> None:
        """`newest` comes before the first of them. The first of the `listeners` hears what changed; the others, the
        `readers`, hear facts, and know what the pack of `line` knows by now. Each must listen once for each snapshot.
        """
        ours, theirs = zip(*(pipe() for _ in range(1 + readers)), strict=True)
        super().__init__(partial(_read_ahead, line, newest, list(theirs)), ours=ours)
        for end in theirs:
            end.close()
        self.listeners = [Told(end, self.pid) for end in ours]

    def end(self) -> None:
        super().end()
        for listener in self.listeners:
            with contextlib.suppress(OSError):  # handed on to a process of its own, or given up
                listener.pipe.close()


def _read_ahead(line: Line, newer: Tree, listeners: list[Connection]) -> None:
    held: dict[str, bytes] = {}
    watcher, *judges = posts = [Post(listener) for listener in listeners]

    def tell(changed: dict[str, Edit] | None = None) -> None:
        complete = changed is not None
        watcher.send(_encode(News(complete, changed=changed)))
        facts = _encode(News(complete, held))
        for judge in judges:
            judge.send(facts)
        held.clear()

    def reader(snapshot: Snapshot, wanted: Mapping[str, Sequence[Wanted]]) -> Iterator[tuple[str, bytes]]:
        weight = 0
        for key, facts in read_here(snapshot, wanted):
            held[key] = facts
            weight += len(facts)
            if weight > FLUSH:  # also a sign of life
                tell()
                weight = 0
            yield key, facts

    for snapshot in line.snapshots:
        older = line.reading(snapshot, reader=reader)
        line.pack.turn()
        tell(changed_between(older, newer))
        compilations.keep()
        newer = older
        if not any(post.is_heard for post in posts):
            break
    for post in posts:
        post.end()


def changed_between(older: Tree, newer: Tree) -> dict[str, Edit]:
    """The files that one of the two has and the other has not, or knows other facts of."""
    before, after = _by_path(older), _by_path(newer)
    edits = differing(older.snapshot, newer.snapshot)
    return {path: edit for path, edit in edits.items() if _tells_otherwise(before.get(path), after.get(path))}


def _by_path(tree: Tree) -> dict[str, File]:
    return {tree.prefix + file.path: file for file in tree.facts.files}


def _tells_otherwise(before: File | None, after: File | None) -> bool:
    if before is None or after is None:
        return before is not after
    return (before.facts, before.size, before.symlink) != (after.facts, after.size, after.symlink)
