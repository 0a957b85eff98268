"""Mirrors are a cache: they may go at any time, except under a scan that reads them."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import timedelta
    from pathlib import Path

    from apps.repositories.policy import Address

SECONDS_BETWEEN_TIDYINGS = 600
STAMP = "tidied"
MEGABYTE = 1024 * 1024
LEFTOVERS = ("objects/pack/tmp_*", "*.lock", "objects/incoming-*", "objects/tmp_*")  # of a git that was killed


def mirror_of(address: Address, mirrors: Path) -> Path:
    return mirrors / f"{address.digest}.git"


@contextlib.contextmanager
def in_use(mirror: Path) -> Iterator[None]:
    """While this lasts nobody tidies the mirror away. Ends with the process, however that ends."""
    mirror.parent.mkdir(parents=True, exist_ok=True)
    with mirror.with_suffix(".use").open("w") as mark:
        fcntl.flock(mark, fcntl.LOCK_SH)
        yield


def forget(mirror: Path) -> None:
    """Removes a mirror; the next scan fetches it anew."""
    shutil.rmtree(mirror, ignore_errors=True)


def tidy_now_and_then(mirrors: Path, *, most_bytes: int, unused_for: timedelta, fetched_within: timedelta) -> bool:
    """`tidy`, once in ten minutes on each machine, whoever asks. True if it was now."""
    mirrors.mkdir(parents=True, exist_ok=True)
    with (mirrors / STAMP).open("a") as stamp:
        try:
            fcntl.flock(stamp, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        if stamp.tell() and time.time() - os.fstat(stamp.fileno()).st_mtime < SECONDS_BETWEEN_TIDYINGS:
            return False
        stamp.truncate(0)
        stamp.write(f"{time.time():.0f}\n")
        stamp.flush()
        tidy(mirrors, most_bytes=most_bytes, unused_for=unused_for, fetched_within=fetched_within)
    return True


def tidy(mirrors: Path, *, most_bytes: int, unused_for: timedelta, fetched_within: timedelta) -> None:
    """Removes what no scan used for so long, then the least recently used until the rest fits into `most_bytes`.

    What dead workers left of fetches goes too: the longest fetch that lives takes `fetched_within`.
    """
    _clear_leftovers(mirrors, time.time() - fetched_within.total_seconds())
    oldest = time.time() - unused_for.total_seconds()
    used, left = [], 0
    for folder in mirrors.glob("*.git"):
        with contextlib.suppress(FileNotFoundError):
            used.append((folder.stat().st_mtime, size_of(folder), folder))
    left = sum(size for _, size, _ in used)
    for moment, size, folder in sorted(used):
        if (moment < oldest or left > most_bytes) and _removed(folder):
            left -= size


def _clear_leftovers(mirrors: Path, moment: float) -> None:
    for staging in mirrors.glob("*.new"):
        if _older(staging, moment):
            forget(staging)
    for headers in mirrors.glob("*.headers"):
        if _older(headers, moment):
            headers.unlink(missing_ok=True)
    for mirror in mirrors.glob("*.git"):
        if any(_older(pack, moment) for pack in mirror.glob(LEFTOVERS[0])):
            clean(mirror)


def _older(path: Path, moment: float) -> bool:
    try:
        return path.stat().st_mtime < moment
    except FileNotFoundError:  # another worker was here first
        return False


def clean(mirror: Path) -> None:
    """Removes what a git that was killed in the middle left in a mirror."""
    for leftover in [path for pattern in LEFTOVERS for path in mirror.glob(pattern)]:
        if leftover.is_dir():
            shutil.rmtree(leftover, ignore_errors=True)
        else:
            leftover.unlink(missing_ok=True)


def size_of(folder: Path) -> int:
    """Bytes of the files below `folder`; what disappears meanwhile counts nothing."""
    total = 0
    for place, _, names in os.walk(folder):
        for name in names:
            with contextlib.suppress(FileNotFoundError):
                total += os.stat(os.path.join(place, name), follow_symlinks=False).st_size  # noqa: PTH116, PTH118 - many files
    return total


def _removed(mirror: Path) -> bool:
    with mirror.with_suffix(".use").open("w") as mark:
        try:
            fcntl.flock(mark, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        forget(mirror)
    return True
