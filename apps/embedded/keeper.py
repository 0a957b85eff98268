"""A small process that owns one server: it runs while somebody uses the server and ends it after the last.

Users hold a shared lock on a file, so the kernel lets go for a user that is killed. Nothing stays behind then, and a
second command beside the first neither starts a second server nor loses the one it uses.
"""

from __future__ import annotations

import fcntl
import os
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import NoReturn, Protocol

from apps.embedded.places import Places, ServiceError
from apps.embedded.postgres import Postgres
from apps.embedded.programs import until
from apps.embedded.valkey import Valkey

READY = "ready"
GLANCE_SECONDS = 0.2


class Service(Protocol):
    """What a keeper needs of a server."""

    name: str

    def answers(self) -> bool: ...
    def start(self) -> None: ...
    def stop(self) -> None: ...


SERVICES = {service.name: service for service in (Postgres, Valkey)}


def users_file(places: Places, name: str) -> Path:
    return places.data / "locks" / f"{name}.users"


def keeper_file(places: Places, name: str) -> Path:
    return places.data / "locks" / f"{name}.keeper"


def open_lock(path: Path) -> int:
    """Open a lock file, made on first use, as a descriptor that child programs do not inherit."""
    path.parent.mkdir(exist_ok=True)
    return os.open(path, os.O_RDWR | os.O_CREAT, 0o600)


def take(descriptor: int, how: int) -> bool:
    """Take a lock (fcntl.LOCK_SH or LOCK_EX) without waiting; say whether it was free."""
    try:
        fcntl.flock(descriptor, how | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def keep(service: Service, users: int) -> None:
    """Run `service` until nobody holds `users` any more; one that dies before is started again."""
    while not take(users, fcntl.LOCK_EX):
        if not service.answers():
            with suppress(ServiceError):  # its log says why; the next glance tries again
                service.start()
        time.sleep(GLANCE_SECONDS)


def tell(line: str) -> None:
    """Send the one line that whoever started this keeper waits for, and hang up."""
    with suppress(BrokenPipeError):
        print(line, flush=True)
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        os.dup2(nowhere.fileno(), sys.stdout.fileno())


def leave(*_: object) -> NoReturn:
    raise SystemExit


def main(name: str, data: str) -> None:
    places = Places(Path(data))
    keeper = open_lock(keeper_file(places, name))
    if not until(lambda: take(keeper, fcntl.LOCK_EX), seconds=0.5):
        return  # another start was quicker, and its keeper serves both
    users = open_lock(users_file(places, name))
    signal.signal(signal.SIGTERM, leave)
    try:
        service = SERVICES[name](places)
        try:
            service.start()
        except (ServiceError, OSError) as error:
            tell(str(error))
            return
        try:
            tell(READY)
            keep(service, users)
        finally:
            service.stop()
    finally:
        os.close(keeper)  # before `users`: who gets that lock next must find no keeper on its way out
        os.close(users)


if __name__ == "__main__":
    main(*sys.argv[1:])
