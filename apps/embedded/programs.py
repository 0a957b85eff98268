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


def within_reach(account: Account | None, package: Path, pattern: str) -> Path:
    """Return the program that `pattern` finds in the folder of a package, or in a copy that `account` can enter.

    The copy is made on first use under /var/lib, together with the libraries that the wheel brings beside its package.
    """
    program = next(iter(sorted(package.glob(pattern))), None)
    if program is None:
        raise ServiceError(f"The wheel “{package.name}” has no program for this platform; use a server of your own.")
    if account is None or account.may_enter(program):
        return program
    copy = OUTSIDE / "programs" / f"{package.name}-{int(program.stat().st_mtime)}"
    if not copy.exists():
        make_passable(OUTSIDE)
        make_passable(copy.parent)
        unfinished = copy.with_name(f"{copy.name}.{os.getpid()}")
        try:
            for folder in package.parent.glob(f"{package.name}*"):
                if folder == package or folder.name == f"{package.name}.libs":
                    shutil.copytree(folder, unfinished / folder.name, ignore=shutil.ignore_patterns("include"))
            for path in (unfinished, *unfinished.rglob("*")):
                path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
            unfinished.rename(copy)
        except OSError as error:
            shutil.rmtree(unfinished, ignore_errors=True)
            if not copy.exists():
                raise ServiceError(f"The programs cannot be copied to {copy}: {error.strerror or error}.") from None
    return copy / program.relative_to(package.parent)


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
