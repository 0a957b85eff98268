"""The worker that gunicorn serves with: no caller holds it for ever, and none is left at a door that will not open."""

from __future__ import annotations

import errno
import os
import select
import socket
import time
from typing import Any

from gunicorn.workers.gthread import ThreadWorker

SECONDS_FOR_A_PIECE = 60.0  # in which a caller takes one piece of an answer


class PatientSocket(socket.socket):
    """Hears a caller out until a moment, `until` of the steady clock; then it is as if the caller had gone. So it is
    when a caller takes nothing of an answer."""

    until = 0.0

    def setblocking(self, flag: bool, /) -> None:
        if self.fileno() != -1:  # gunicorn closes again what has been closed
            self.settimeout(SECONDS_FOR_A_PIECE if flag else 0)

    def sendall(self, data: Any, flags: int = 0, /) -> None:  # noqa: ANN401 - what holds bytes
        try:
            super().sendall(data, flags)
        except TimeoutError:
            raise _gone() from None

    def recv(self, size: int, flags: int = 0, /) -> bytes:
        left, given = self.until - time.monotonic(), self.gettimeout()
        if left <= 0:
            raise _gone()
        self.settimeout(left if given is None else min(left, given))
        try:
            return super().recv(size, flags)
        except TimeoutError:
            if given is not None and given <= left:
                raise
            raise _gone() from None
        finally:
            self.settimeout(given)


def _gone() -> OSError:
    return ConnectionResetError(errno.ECONNRESET, os.strerror(errno.ECONNRESET))


class WebWorker(ThreadWorker):  # type: ignore[misc]  # gunicorn tells no types
    """gunicorn's own waits as long as a caller likes for the rest of a request, and its threads are few.

    Told to stop, it takes whoever has connected and shuts the socket, then answers all it has taken. gunicorn's own
    keeps the socket open while it answers: whoever connects meanwhile is neither answered nor refused, and is cut off
    at the end, when a proxy no longer knows whether its request was carried out.
    """

    sockets: list[Any]
    seconds_for_a_request = 30.0  # to arrive in; the largest delivery of a webhook needs 7 Mbit/s

    def handle(self, conn: Any) -> Any:  # noqa: ANN401 - gunicorn tells no types
        if not isinstance(conn.sock, PatientSocket):
            conn.sock = PatientSocket(fileno=conn.sock.detach())
        conn.sock.until = time.monotonic() + self.seconds_for_a_request
        goes_on = super().handle(conn)
        if not goes_on:
            conn.close(graceful=True)  # it waits for the caller: here, and not where all others are let in
        return goes_on

    def set_accept_enabled(self, enabled: bool) -> None:
        super().set_accept_enabled(enabled)
        if not self.alive:
            self._shut()

    def _shut(self) -> None:
        while waiting := select.select(self.sockets, [], [], 0)[0]:
            for listener in waiting:
                self.accept(listener)
        for listener in self.sockets:
            listener.close()
        self.sockets = []
