"""What takes long to compile is compiled once: what came of it lies beside Python's byte code.

It is written where and when Python writes byte code, and read on the same trust: who can change it there can change the
program. Another version of the analysis, of Python or of Hyperscan reads nothing of it.
"""

from __future__ import annotations

import contextlib
import fcntl
import mmap
import os
import sys
import time
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import hyperscan
import msgspec

from apps.analysis.version import engine_version

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MOST = 8_000_000  # bytes; beyond, it is begun anew
ATTEMPTS, PAUSE = 10, 0.01  # at writing, and seconds between them: another needs some ten milliseconds
PLACE = Path(__spec__.cached or __file__).with_suffix(".kept")

_fresh: dict[bytes, bytes] = {}
_kept: set[bytes] = set()


def once(key: bytes, make: Callable[[], bytes]) -> bytes:
    """What `make` gives, or gave in an earlier process. `key` must say all that it depends on beside the versions."""
    if kept := _known().get(key):
        with contextlib.suppress(msgspec.DecodeError):
            return msgspec.msgpack.decode(kept, type=bytes)
    if key not in _fresh:
        _fresh[key] = make()
    return _fresh[key]


def keep() -> None:
    """Adds what this process has made to what others find, if it may write there. Costs nothing if all is there."""
    if _fresh.keys() <= _kept or sys.dont_write_bytecode:
        return
    with contextlib.suppress(OSError), _alone():
        packed = msgspec.msgpack.encode((_versions(), _read() | _fresh))
        if len(packed) > MOST:
            packed = msgspec.msgpack.encode((_versions(), _fresh))
        beside = PLACE.with_suffix(".new")
        beside.write_bytes(packed)
        beside.replace(PLACE)
        _kept.update(_fresh)


@contextlib.contextmanager
def _alone() -> Iterator[None]:
    """None shall undo what another adds. Nobody waits for long: what is not kept now is made again by the next scan."""
    folder = os.open(PLACE.parent, os.O_RDONLY)
    try:
        for left in reversed(range(ATTEMPTS)):
            try:
                fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if not left:
                    raise
                time.sleep(PAUSE)
        yield
    finally:
        os.close(folder)


@cache
def _known() -> dict[bytes, msgspec.Raw]:
    return _read()


def _read() -> dict[bytes, msgspec.Raw]:
    """What lies there, each value still packed and in the file: of megabytes a scan needs some kilobytes."""
    try:
        with PLACE.open("rb") as file:
            packed = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        versions, known = msgspec.msgpack.decode(packed, type=tuple[str, dict[bytes, msgspec.Raw]])
    except (OSError, msgspec.DecodeError, ValueError):  # the last where it is empty, or no text where one should be
        return {}
    return known if versions == _versions() else {}


@cache
def _versions() -> str:
    return f"{sys.version} {os.uname().machine} {hyperscan.__version__} {engine_version()}"  # type: ignore[attr-defined]
