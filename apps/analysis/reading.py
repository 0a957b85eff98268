"""Turns the blobs of a snapshot into file facts in forked readers, so that one bad file costs that file only.

Two readers work side by side. Each gets its share of the blobs by fork, reads and parses them in order and sends the
facts back. When one dies or hangs, a careful one takes over what is left and answers blob by blob: if it dies too, the
blob it was at is to blame and is given up.
"""

from __future__ import annotations

import contextlib
import sys
import time
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from apps.analysis import compilations
from apps.analysis.beside import Beside
from apps.analysis.facts.extract import facts_of
from apps.analysis.facts.model import FileFacts
from apps.analysis.pipes import Connection, pipe, wait

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from apps.analysis.facts.extract import Depth
    from apps.analysis.paths import Kind
    from apps.analysis.snapshot import Snapshot

READERS = 2
PATIENCE = 10.0  # seconds of processor time that one file may take
SILENCE = 6  # times as long by the clock, on a machine that is busy with other things
PROCESS_CLOCK = 2  # of the kernel's clocks of a process: the one that counts processor time
FLUSH = 64_000  # bytes of facts that are sent at once by a reader that need not be careful

_encode = msgspec.msgpack.Encoder().encode


class Wanted(NamedTuple):
    """One blob to parse as `kind`; `name` is the file's base name in lower case, `size` the blob's bytes."""

    key: str
    kind: Kind
    name: str
    size: int
    depth: Depth


def read(
    snapshot: Snapshot, wanted: Mapping[str, Sequence[Wanted]], meanwhile: Callable[[], object] | None = None
) -> Iterator[tuple[str, bytes]]:
    """Yields (key, packed `FileFacts`) for each wanted blob that is there. `wanted` maps blob ids to what they are.

    `meanwhile` is called when the readers have been started and have not answered yet.
    """
    shares: list[list[str]] = [[] for _ in range(READERS)]
    loads = [0] * READERS
    for blob in sorted(wanted, key=lambda one: -sum(each.size for each in wanted[one])):
        lightest = loads.index(min(loads))
        shares[lightest].append(blob)
        loads[lightest] += sum(each.size for each in wanted[blob]) + 500
    readers = [_start(snapshot, wanted, share) for share in shares if share]
    try:
        if meanwhile:
            meanwhile()
        while readers:
            ready = wait([reader.pipe for reader in readers], timeout=PATIENCE / 2)
            for reader in [one for one in readers if one.pipe in ready or (not ready and one.watch.is_stuck())]:
                facts = reader.receive() if ready else None
                if facts is not None:
                    yield from facts
                    continue
                readers.remove(reader)
                reader.end()
                left = reader.left
                if left and reader.careful:
                    reason = "crashed the parser" if ready else f"took the parser longer than {PATIENCE:.0f} s"
                    yield from ((one.key, _encode(FileFacts(unparsed=reason))) for one in wanted[left.pop(0)])
                if left:
                    readers.append(_start(snapshot, wanted, left, careful=True))
    finally:
        for reader in readers:
            reader.end()


def read_here(snapshot: Snapshot, wanted: Mapping[str, Sequence[Wanted]]) -> Iterator[tuple[str, bytes]]:
    """What `read` yields, parsed in this process: a file that crashes a parser takes it along."""
    for blob, content in snapshot.read(wanted):
        yield from _facts_of(wanted[blob], content)


def _facts_of(wanted: Sequence[Wanted], content: bytes) -> Iterator[tuple[str, bytes]]:
    for one in wanted:
        yield one.key, _encode(facts_of(one.kind, one.name, content, one.depth))


class Watch:
    """Whether another process is stuck. On a busy machine the clock alone tells little."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self.heard()

    def heard(self) -> None:
        """It gave a sign of life, or it is waited for from now on."""
        self._work, self._moment = self._worked(), time.monotonic()

    def is_stuck(self) -> bool:
        """Whether it worked too long since it was heard of."""
        return self._worked() - self._work > PATIENCE or time.monotonic() - self._moment > PATIENCE * SILENCE

    def _worked(self) -> float:
        """Seconds of processor time; the clock's where the system does not tell another process's."""
        if sys.platform == "linux":
            with contextlib.suppress(OSError):
                return time.clock_gettime((~self._pid << 3) | PROCESS_CLOCK)
        return time.monotonic()


@dataclass(slots=True)
class _Reader:
    """A forked reader, seen from its parent. `left` are the blobs it has not answered yet, in its order."""

    process: Beside
    pipe: Connection
    left: list[str]
    careful: bool
    watch: Watch

    def receive(self) -> list[tuple[str, bytes]] | None:
        """The next facts; None at the end."""
        try:
            count, facts = msgspec.msgpack.decode(self.pipe.recv_bytes(), type=tuple[int, list[tuple[str, bytes]]])
        except (EOFError, OSError):
            return None
        del self.left[:count]
        self.watch.heard()
        return facts

    def end(self) -> None:
        self.process.end()
        self.pipe.close()


def _start(
    snapshot: Snapshot, wanted: Mapping[str, Sequence[Wanted]], share: list[str], *, careful: bool = False
) -> _Reader:
    ours, theirs = pipe()
    flush = 0 if careful else FLUSH
    process = Beside(partial(_serve, snapshot, wanted, share, theirs, flush=flush), ours=[ours])
    theirs.close()
    return _Reader(process, ours, list(share), careful, Watch(process.pid))


def _serve(
    snapshot: Snapshot,
    wanted: Mapping[str, Sequence[Wanted]],
    share: list[str],
    pipe: Connection,
    *,
    flush: int,
) -> None:
    """In the child. A message says how many blobs of the share it answers, absent ones included, and their facts."""
    position = {blob: number for number, blob in enumerate(share)}
    answered, held, weight = 0, list[tuple[str, bytes]](), 0
    for blob, content in snapshot.read(share):
        if weight + len(content) > flush:
            pipe.send_bytes(_encode((position[blob] - answered, held)))
            answered, held, weight = position[blob], [], 0
        for key, packed in _facts_of(wanted[blob], content):
            held.append((key, packed))
            weight += len(packed)
    pipe.send_bytes(_encode((len(share) - answered, held)))
    compilations.keep()
