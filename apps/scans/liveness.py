"""What worker and beat do with a broker that is away: they go on trying, and say so to the health check.

Without this a broker that is away for minutes would have every worker restarted in the middle of its scan.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import celery.beat
from celery.worker import consumer
from kombu.utils.objects import cached_property

from apps.scans.vitals import touch_alive_file

if TYPE_CHECKING:
    from collections.abc import Callable

    from kombu import Connection


class Consumer(consumer.Consumer):
    """Of a worker's main process, which alone has one: its loop sends heartbeats while the broker answers.

    The main thread itself touches the file, in that loop and in this one of attempts: a file that stays fresh proves
    that one of the two goes round. It proves nothing about the processes of the pool, whose scans have deadlines, nor
    about the broker.
    """

    def ensure_connected(self, conn: Connection) -> Connection:
        return super().ensure_connected(telling(conn))


class Scheduler(celery.beat.Scheduler):
    """Of the beat. A fresh file proves that it looks for what is due, or for the broker; not that a message arrived."""

    def tick(self, *arguments: Any, **named: Any) -> float:  # noqa: ANN401
        touch_alive_file()
        return super().tick(*arguments, **named)

    @cached_property  # of kombu, as the one that it stands for
    def connection(self) -> Connection:
        return telling(self.app.connection_for_write())


def telling(connection: Connection) -> Connection:
    """It touches the file about once a second while it tries to reach its broker: when it is first asked to, and when
    the broker went in the middle of a message, which then is sent anew until it arrives."""
    ensure: Callable[..., Connection] = connection._ensure_connection  # noqa: SLF001 - both ways lead through this one

    def ensure_connection(*arguments: Any, callback: Callable[[], object] | None = None, **named: Any) -> Connection:  # noqa: ANN401
        def tell() -> None:
            touch_alive_file()
            if callback:
                callback()

        touch_alive_file()
        return ensure(*arguments, callback=tell, **named)

    connection._ensure_connection = ensure_connection  # type: ignore[method-assign] # noqa: SLF001
    return connection
