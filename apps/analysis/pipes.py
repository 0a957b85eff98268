"""Whole messages from a forked process to its parent, as by `multiprocessing.connection`, which a scan waits for longer
than for all messages."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import select
from queue import Queue
from threading import Thread
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_LENGTH = 8  # bytes that say how long a message is
_ROOM = 1024 * 1024  # bytes that a pipe holds for a parent that is busy: as many as Linux grants anybody
_READ = 1024 * 1024  # bytes at once
MOST_WAITING = 64  # messages for one listener, beside what its pipe holds


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


class Post:
    """Hands messages on to one listener, of which some may wait, so that who reads on need not."""

    def __init__(self, listener: Connection) -> None:
        self.is_heard = True
        self._listener = listener
        self._waiting: Queue[bytes | None] = Queue(MOST_WAITING)
        self._thread = Thread(target=self._hand_on)
        self._thread.start()

    def send(self, message: bytes) -> None:
        self._waiting.put(message)

    def end(self) -> None:
        """Waits until all is handed on."""
        self._waiting.put(None)
        self._thread.join()

    def _hand_on(self) -> None:
        while (message := self._waiting.get()) is not None:
            if self.is_heard:
                try:
                    self._listener.send_bytes(message)
                except BrokenPipeError:
                    self.is_heard = False


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
