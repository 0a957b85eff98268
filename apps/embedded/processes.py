"""Runs the Procfile's processes on one machine, so that they end with the command that started them."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from functools import partial
from pathlib import Path

from honcho import environ, manager, process
from honcho.printer import Printer

RELEASE = "release"  # what runs once before the others; `up` does it itself
STOPPED_BY_PERSON = {128 + signal.SIGINT, 128 + signal.SIGTERM}
_SET_PARENT_DEATH_SIGNAL = 1
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


def end_with_parent(how: signal.Signals) -> None:
    """Ask the kernel for the signal `how` when the parent ends, even by kill -9; only Linux offers this."""
    if _libc is not None:
        _libc.prctl(_SET_PARENT_DEATH_SIGNAL, how)


class Process(process.Process):  # type: ignore[misc] # honcho has no types
    """A process of the Procfile and the small one that reads its output; neither outlives `up`."""

    def __init__(self, cmd: str, **options: object) -> None:
        super().__init__(cmd, **options)
        self._child_ctor = partial(process.Popen, preexec_fn=partial(end_with_parent, signal.SIGTERM))

    def run(self, *arguments: object) -> None:
        end_with_parent(signal.SIGKILL)
        super().run(*arguments)


class Board(manager.Manager):  # type: ignore[misc] # honcho has no types
    """Starts all processes and ends all when one ends."""

    def __init__(self) -> None:
        super().__init__(Printer(sys.stdout))
        self._process_ctor = Process


def run(procfile: Path) -> int:
    """Run what `procfile` names until a person or a failure ends it; return the exit code, 0 for a person."""
    programs = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    programs["PYTHONUNBUFFERED"] = "1"
    programs["PYTHONWARNINGS"] = "ignore:You're running the worker with superuser privileges"  # root chose to
    board = Board()
    for name, command in environ.parse_procfile(procfile.read_text(encoding="utf-8")).processes.items():
        if name != RELEASE:
            board.add_process(name, command, env=programs)
    board.loop()
    code = board.returncode or 0
    return 0 if code in STOPPED_BY_PERSON else code
