"""The worker that gunicorn serves with: one that stops without leaving a caller at a door that will not open."""

from __future__ import annotations

import select
from typing import Any

from gunicorn.workers.gthread import ThreadWorker


class WebWorker(ThreadWorker):  # type: ignore[misc]  # gunicorn tells no types
    """Told to stop, it takes whoever has connected and shuts the socket, then answers all it has taken.

    gunicorn's own keeps the socket open while it answers: whoever connects meanwhile is neither answered nor refused,
    and is cut off at the end, when a proxy no longer knows whether its request was carried out.
    """

    sockets: list[Any]

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
