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

from apps.analysis.beside import Beside
from apps.analysis.pipes import pipe, wait
from apps.analysis.reading import FLUSH, PATIENCE, Watch, read_here

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from apps.analysis.engine import Tree
    from apps.analysis.files import Pack
    from apps.analysis.pipes import Connection
    from apps.analysis.reading import Wanted
    from apps.analysis.snapshot import Snapshot

_encode = msgspec.msgpack.Encoder().encode


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

    def facts(self) -> dict[str, bytes]:
        """What the next commit has and the one before it had not, by key; less of it if nobody reads ahead any more."""
        found: dict[str, bytes] = {}
        complete = False
        self._watch.heard()
        with contextlib.suppress(EOFError, OSError, msgspec.DecodeError):
            while not complete:
                if wait([self.pipe], PATIENCE / 2):
                    complete, part = msgspec.msgpack.decode(self.pipe.recv_bytes(), type=tuple[bool, dict[str, bytes]])
                    found |= part
                    self._watch.heard()
                elif self._watch.is_stuck():
                    self.pipe.close()
        return found


class Ahead(Beside):
    """Reads all snapshots of `line` and tells what is new in each, as long as anybody listens."""

    def __init__(self, line: Line, *, listeners: int) -> None:
        """The `listeners` know what the pack of `line` knows by now. Each must listen once for each snapshot."""
        pipes = [pipe() for _ in range(listeners)]
        super().__init__(partial(_read_ahead, line, [theirs for _, theirs in pipes]), ours=[ours for ours, _ in pipes])
        for _, theirs in pipes:
            theirs.close()
        self.listeners = [Told(ours, self.pid) for ours, _ in pipes]

    def end(self) -> None:
        super().end()
        for listener in self.listeners:
            with contextlib.suppress(OSError):  # handed on to a process of its own, or given up
                listener.pipe.close()


def _read_ahead(line: Line, listeners: list[Connection]) -> None:
    held: dict[str, bytes] = {}

    def tell(*, complete: bool) -> None:
        message = _encode((complete, held))
        held.clear()
        for listener in [*listeners]:
            try:
                listener.send_bytes(message)
            except BrokenPipeError:
                listeners.remove(listener)

    def reader(snapshot: Snapshot, wanted: Mapping[str, Sequence[Wanted]]) -> Iterator[tuple[str, bytes]]:
        weight = 0
        for key, facts in read_here(snapshot, wanted):
            held[key] = facts
            weight += len(facts)
            if weight > FLUSH:  # also a sign of life
                tell(complete=False)
                weight = 0
            yield key, facts

    for snapshot in line.snapshots:
        line.reading(snapshot, reader=reader)
        line.pack.turn()
        tell(complete=True)
        if not listeners:
            break
