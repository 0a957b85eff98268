"""Attaches embedded services to a command, so that it finds a database and a broker wherever it runs."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from apps.embedded.keeper import READY, SERVICES, keeper_file, open_lock, take, users_file
from apps.embedded.places import PROJECT, Places, ServiceError
from apps.embedded.programs import until

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

WITHOUT_SERVICES = frozenset(
    {"", "check", "collectstatic", "findstatic", "help", "scan", "version", "--help", "--version"}
)
VARIABLES = {"postgres": "DATABASE_URL", "valkey": "REDIS_URL"}
WAIT_SECONDS = 60


@contextmanager
def attached_for(arguments: Sequence[str]) -> Iterator[None]:
    """Attach what a `manage.py` command needs and the environment does not name, for as long as it runs."""
    command = arguments[1] if len(arguments) > 1 else ""
    if command in WITHOUT_SERVICES or "--help" in arguments:
        yield
        return
    places = Places.from_environment()
    wanted = [name for name, variable in VARIABLES.items() if not os.environ.get(variable)]
    with attached(places, wanted):
        if command == "up":
            name_one_machine(places)
        yield


def name_one_machine(places: Places) -> None:
    """Complete the environment, before settings read it, with what a deployment on this machine alone needs."""
    roots = [os.environ.get("LOCAL_REPOSITORY_ROOTS", ""), str(places.demo)]
    defaults = {
        "DATABASE_URL": places.database_url,
        "REDIS_URL": places.redis_url,
        "SECRET_KEY": places.secret_key(),
        "HTTPS": "false",
        "LOG_FORMAT": "text",
        "BIND_ADDRESS": "127.0.0.1",
        "PORT": "8000",
        "SILENCED_SYSTEM_CHECKS": "repositories.W001",  # an old git is for `check` and `doctor` to tell, once
    }
    os.environ.update({name: value for name, value in defaults.items() if not os.environ.get(name)})
    os.environ["LOCAL_REPOSITORY_ROOTS"] = ",".join(filter(None, roots))


@contextmanager
def attached(places: Places, names: Sequence[str]) -> Iterator[None]:
    """Run the services `names` while the block runs: start what does not run yet, and end what nobody else uses.

    ServiceError says in one sentence why a service cannot run.
    """
    if names:
        places.make_home()
    keepers: dict[str, subprocess.Popen[str] | None] = {}
    with ExitStack() as stack:
        stack.callback(_bury, places, keepers)
        for name in names:
            keepers[name] = _ask_for(places, name, stack)
        for name, keeper in keepers.items():
            _wait_for(places, name, keeper)
        yield


def _ask_for(places: Places, name: str, stack: ExitStack) -> subprocess.Popen[str] | None:
    """Register as a user of the service and start its keeper when there is none."""
    users = open_lock(users_file(places, name))
    stack.callback(_let_go, places, name, users)
    if not until(lambda: take(users, fcntl.LOCK_SH), seconds=WAIT_SECONDS):
        raise ServiceError(f"The last {name} of {places.data} does not end; end its processes and try again.")
    if _kept(places, name):
        return None
    with (places.data / "locks" / f"{name}.log").open("wb") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "apps.embedded.keeper", name, str(places.data)],
            cwd=PROJECT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            start_new_session=True,
        )


def _wait_for(places: Places, name: str, keeper: subprocess.Popen[str] | None) -> None:
    said = ""
    if keeper is not None and keeper.stdout is not None:
        with keeper.stdout:
            said = keeper.stdout.readline().strip()
    if said == READY:
        return
    service = SERVICES[name](places)
    if (
        said
        or not until(lambda: service.answers() or not _kept(places, name), seconds=WAIT_SECONDS)
        or not service.answers()
    ):
        raise ServiceError(said or f"The embedded {name} does not answer; {places.data / 'logs'} may say why.")


def _let_go(places: Places, name: str, users: int) -> None:
    """Stop being a user; the last one waits until the service has ended."""
    last = take(users, fcntl.LOCK_EX)
    os.close(users)
    if last:
        until(lambda: not _kept(places, name), seconds=WAIT_SECONDS)


def _bury(places: Places, keepers: dict[str, subprocess.Popen[str] | None]) -> None:
    """Collect the keepers that ended; one that serves somebody else goes on."""
    for name, keeper in keepers.items():
        if keeper is not None and not _kept(places, name):
            keeper.wait()


def _kept(places: Places, name: str) -> bool:
    keeper = open_lock(keeper_file(places, name))
    try:
        return not take(keeper, fcntl.LOCK_SH)
    finally:
        os.close(keeper)
