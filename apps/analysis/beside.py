"""Processes that are forked to work beside this one, on their own copy of all that is here."""

from __future__ import annotations

import contextlib
import os
import signal
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from apps.analysis.pipes import Connection


class Beside:
    """A process that does `work` until that is done, it crashes, or this one needs it no more. It never runs on as a
    second one of this: what it found it must send."""

    def __init__(self, work: Callable[[], object], *, ours: Iterable[Connection]) -> None:
        """`ours` are the ends of pipes that are this process's alone. Left open there, neither side would ever notice
        that the other is gone."""
        self.pid = os.fork()
        if self.pid == 0:
            with contextlib.suppress(BaseException):
                for end in ours:
                    end.close()
                work()
            os._exit(0)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def end(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
