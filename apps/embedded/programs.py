"""Finds the servers' programs in the installed wheels and starts them as the right account."""

from __future__ import annotations

import importlib.util
import os
import shutil
import socket
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING

from apps.embedded.places import OUTSIDE, Account, ServiceError, make_passable

if TYPE_CHECKING:
    from collections.abc import Callable


def wheel_folder(package: str) -> Path:
    """Return where `package` is installed, without importing it: its own Python layer must not run."""
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise ServiceError(
            f"The wheel “{package}” is not installed on this machine; install the requirements, "
            "or set DATABASE_URL and REDIS_URL to servers of your own."
        )
    return Path(spec.origin).parent


def within_reach(account: Account | None, folder: Path, program: str) -> Path:
    """Return `folder`, or a copy of it that `account` can enter, made on first use under /var/lib.

    `program` is the path inside the folder that must be executable.
    """
    if not (folder / program).is_file():
        raise ServiceError(f"The wheel has no program for this platform: {folder / program} is missing.")
    if account is None or account.may_enter(folder / program):
        return folder
    stamp = int((folder / program).stat().st_mtime)
    copy = OUTSIDE / "programs" / f"{Path(program).name}-{stamp}"
    if not copy.exists():
        make_passable(OUTSIDE)
        make_passable(copy.parent)
        unfinished = copy.with_name(f"{copy.name}.{os.getpid()}")
        try:
            shutil.copytree(folder, unfinished, ignore=shutil.ignore_patterns("include"))
            for path in (unfinished, *unfinished.rglob("*")):
                path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
            unfinished.rename(copy)
        except OSError as error:
            shutil.rmtree(unfinished, ignore_errors=True)
            if not copy.exists():
                raise ServiceError(f"The programs cannot be copied to {copy}: {error.strerror or error}.") from None
    return copy


def private_folder(path: Path, account: Account | None) -> None:
    """Make a folder for the servers alone, and refuse one that somebody else made."""
    owner = account.uid if account else os.geteuid()
    try:
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
        found = path.lstat()
        if account and found.st_uid == os.geteuid():
            os.chown(path, account.uid, account.gid)
        elif found.st_uid != owner:
            raise ServiceError(
                f"The folder {path} belongs to somebody else; remove it, or set DATA_DIR to another folder."
            )
        path.chmod(0o700)
    except OSError as error:
        raise ServiceError(f"The folder {path} cannot be made: {error.strerror}.") from None


def spawn(arguments: list[str], *, account: Account | None, folder: Path, log: Path) -> subprocess.Popen[bytes]:
    """Start a server in its own session, with an environment of its own, writing into a fresh `log`."""
    with log.open("wb") as stream:
        return subprocess.Popen(
            arguments,
            cwd=folder,
            env={"LC_ALL": "C", "TZ": "UTC"},
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            umask=0o077,
            user=account.uid if account else None,
            group=account.gid if account else None,
            extra_groups=[] if account else None,
        )


def listening(path: Path) -> bool:
    """Say whether a server accepts connections on the socket at `path`; a file left by a crash does not."""
    with socket.socket(socket.AF_UNIX) as attempt:
        attempt.settimeout(1)
        try:
            attempt.connect(str(path))
        except OSError:
            return False
        return True


def until(holds: Callable[[], bool], *, seconds: float) -> bool:
    """Wait until `holds()`; say whether it came true in time."""
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def why(log: Path, name: str) -> str:
    """Turn the end of a server's log into one sentence."""
    text = log.read_text(encoding="utf-8", errors="replace").strip()
    if "No space left on device" in text:
        return f"{name} cannot start: the disk that holds {log.parent} is full."
    lines = [line for line in text.splitlines() if "FATAL" in line or "error:" in line] or text.splitlines()
    reason = lines[-1].rstrip(".") if lines else "it wrote no reason"
    return f"{name} cannot start: {reason} (all of it in {log})."
