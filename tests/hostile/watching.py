"""Watches what a scan takes: memory of all processes it starts, disk below its folders, and who is left afterwards."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from types import TracebackType

MEGABYTE = 1024 * 1024
TURN = 0.2  # seconds between two looks


def descendants(of: int) -> list[int]:
    """All living processes below `of`, without those that have ended and wait to be noticed."""
    parents: dict[int, int] = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                fields = (folder / "stat").read_text().rsplit(")", 1)[1].split()
            except OSError:
                continue
            if fields[0] != "Z":
                parents[int(folder.name)] = int(fields[1])
    found, fresh = [], [of]
    while fresh:
        fresh = [pid for pid, parent in parents.items() if parent in fresh]
        found += fresh
    return found


def memory_of(pids: list[int]) -> int:
    """Bytes of memory; what several share counts once."""
    total = 0
    for pid in pids:
        try:
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        except OSError:
            continue
        total += sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))
    return total


def disk_of(folder: Path) -> int:
    total = 0
    for place, _, names in os.walk(folder):
        for name in names:
            try:
                total += os.lstat(f"{place}/{name}").st_blocks * 512
            except OSError:
                continue
    return total


def listing(folder: Path) -> dict[str, tuple[int, int]]:
    """Every path below `folder` with its size and time, to see that nobody touched it."""
    return {str(path): (path.lstat().st_size, path.lstat().st_mtime_ns) for path in folder.rglob("*")}


class Watch:
    """Notes the peaks of memory and disk while its block runs."""

    def __init__(self, folder: Path) -> None:
        self.memory = self.disk = 0
        self._folder = folder
        self._over = threading.Event()
        self._ours = set(descendants(os.getpid()))
        self._thread = threading.Thread(target=self._look, daemon=True)

    def _look(self) -> None:
        while not self._over.wait(TURN):
            self.memory = max(self.memory, memory_of(self.children()))
            self.disk = max(self.disk, disk_of(self._folder))

    def children(self) -> list[int]:
        return [pid for pid in descendants(os.getpid()) if pid not in self._ours]

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()
