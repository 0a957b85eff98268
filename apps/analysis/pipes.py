"""Whole messages from a forked process to its parent, as by `multiprocessing.connection`, which a scan waits for longer
than for all messages."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import select
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_LENGTH = 8  # bytes that say how long a message is
_ROOM = 1024 * 1024  # bytes that a pipe holds for a parent that is busy: as many as Linux grants anybody
_READ = 1024 * 1024  # bytes at once


class Connection:
    """One end of a pipe. `OSError` where it was closed."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor: int | None = descriptor

    def fileno(self) -> int:
        if self._descriptor is None:  # its number may be another file's by now
            raise OSError(errno.EBADF, os.strerror(errno.EBADF))
        return self._descriptor

    def send_bytes(self, message: bytes) -> None:
        left = memoryview(len(message).to_bytes(_LENGTH, "big") + message)
        while left:
            left = left[os.write(self.fileno(), left) :]

    def recv_bytes(self) -> bytes:
        """The next message; `EOFError` where none comes any more."""
        return self._received(int.from_bytes(self._received(_LENGTH), "big"))

    def close(self) -> None:
        os.close(self.fileno())
        self._descriptor = None

    def _received(self, size: int) -> bytes:
        parts = []
        while size:
            part = os.read(self.fileno(), min(size, _READ))
            if not part:
                raise EOFError
            parts.append(part)
            size -= len(part)
        return b"".join(parts)


def pipe() -> tuple[Connection, Connection]:
    """The end that receives and the one that sends."""
    receives, sends = os.pipe()
    with contextlib.suppress(OSError, AttributeError):  # other systems have no such size
        fcntl.fcntl(sends, fcntl.F_SETPIPE_SZ, _ROOM)
    return Connection(receives), Connection(sends)


def wait(connections: Iterable[Connection], timeout: float) -> list[Connection]:
    """Those from which something can be received, or nothing ever will; none after `timeout` seconds."""
    by_descriptor = {one.fileno(): one for one in connections}
    waiting = select.poll()
    for descriptor in by_descriptor:
        waiting.register(descriptor, select.POLLIN)
    return [by_descriptor[descriptor] for descriptor, _ in waiting.poll(timeout * 1000)]
