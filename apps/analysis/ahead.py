"""The process that goes along a line of commits ahead of those that judge them, and tells each what it read.

It parses in itself, where all parsers stay loaded, on the core that nobody needs while the first commit is judged. A
file that crashes or hangs it ends it: what it has not told by then is read as any scan reads it.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from dataclasses import dataclass
from functools import partial
from multiprocessing.connection import Connection, Pipe
from typing import TYPE_CHECKING, Self

import msgspec

from apps.analysis.reading import FLUSH, PATIENCE, Watch, read_here

if sys.platform == "linux":
    import fcntl

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from apps.analysis.engine import Tree
    from apps.analysis.files import Pack
    from apps.analysis.reading import Wanted
    from apps.analysis.snapshot import Snapshot

_ROOM = 1024 * 1024  # bytes of facts that wait in a pipe: as many as the kernel grants anybody

_encode = msgspec.msgpack.Encoder().encode


@dataclass(slots=True)
class Line:
    """Commits to go along. `reading` gives the tree of one; it takes from `pack` what is known, and keeps it there."""

    snapshots: Iterator[Snapshot]
    reading: Callable[..., Tree]
    pack: Pack


class Beside:
    """A process that does `work` on its own copy of all that is here, until it is done or this one needs it no more."""

    def __init__(self, work: Callable[[], None]) -> None:
        self.pid = os.fork()
        if self.pid == 0:
            with contextlib.suppress(BaseException):  # it must never run on as a second one
                work()
            os._exit(0)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)


class Told:
    """Where one process hears what was read ahead."""

    def __init__(self, pipe: Connection, ahead: int) -> None:
        """`ahead` is the id of the process that tells."""
        self._pipe = pipe
        self._watch = Watch(ahead)

    def facts(self) -> dict[str, bytes]:
        """What the next commit has and the one before it had not, by key; less of it if nobody reads ahead any more."""
        found: dict[str, bytes] = {}
        complete = False
        self._watch.heard()
        with contextlib.suppress(EOFError, OSError, msgspec.DecodeError):
            while not complete:
                if self._pipe.poll(PATIENCE / 2):
                    complete, part = msgspec.msgpack.decode(self._pipe.recv_bytes(), type=tuple[bool, dict[str, bytes]])
                    found |= part
                    self._watch.heard()
                elif self._watch.is_stuck():
                    self.close()
        return found

    def close(self) -> None:
        self._pipe.close()


class Ahead(Beside):
    """Reads all snapshots of `line` and tells what is new in each."""

    def __init__(self, line: Line, *, listeners: int) -> None:
        """The `listeners` know what the pack of `line` knows by now. Each must listen once for each snapshot."""
        pipes = [Pipe(duplex=False) for _ in range(listeners)]
        super().__init__(partial(_read_ahead, line, [_Telling(theirs) for _, theirs in pipes]))
        for _, theirs in pipes:
            theirs.close()
        self.listeners = [Told(ours, self.pid) for ours, _ in pipes]


class _Telling:
    """Where facts are told to one listener. One that is gone is no reason to stop."""

    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe
        if sys.platform == "linux":
            with contextlib.suppress(OSError):
                fcntl.fcntl(pipe.fileno(), fcntl.F_SETPIPE_SZ, _ROOM)

    def tell(self, message: bytes) -> None:
        with contextlib.suppress(OSError):
            self._pipe.send_bytes(message)


def _read_ahead(line: Line, listeners: Sequence[_Telling]) -> None:
    held: dict[str, bytes] = {}

    def tell(*, complete: bool) -> None:
        message = _encode((complete, held))
        held.clear()
        for listener in listeners:
            listener.tell(message)

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
