"""What `make run` executes: Twelvefold on one machine, from an empty folder to pages that answer."""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import socket
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import psycopg
import redis
from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command, get_commands
from django.core.management.base import BaseCommand, CommandParser
from django.db import connection

from apps.embedded import processes
from apps.embedded.keeper import open_lock, take
from apps.embedded.places import PROJECT, Places, ServiceError


class Command(BaseCommand):
    """Prepares what is missing, then runs web, worker and beat until they are stopped."""

    help = "Run Twelvefold on this machine: services, tables, demonstration, web, worker and beat."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--empty", action="store_true", help="leave the demonstration out")

    def handle(self, *_args: object, empty: bool, **_options: object) -> None:
        places = Places(settings.DATA_DIR)
        places.make_data()
        refuse_second_start(places)
        host, port = free_address()
        if places.home != places.data:
            self.stdout.write(f"{places.data} is closed to the account that runs the servers; they keep {places.home}.")
        refuse_silent_servers()
        call_command("migrate", interactive=False, verbosity=0)
        collect_changed_static_files()
        if not empty and "demo" in get_commands():
            call_command("demo")
        connection.close_pool()  # type: ignore[attr-defined] # PostgreSQL's has it
        announcer = subprocess.Popen(
            [sys.executable, "-m", "apps.embedded.announce", host, str(port), sign_in(places), str(os.getpid())],
            cwd=PROJECT,
        )
        code = processes.run(PROJECT / "Procfile")
        announcer.kill()
        announcer.wait()
        if code:
            raise SystemExit(code)


def refuse_second_start(places: Places) -> None:
    """Hold a lock until this process ends."""
    (places.data / "locks").mkdir(exist_ok=True)
    if not take(open_lock(places.data / "locks" / "up"), fcntl.LOCK_EX):
        raise ServiceError(
            f"Twelvefold already runs on {places.data}; stop it first, or set DATA_DIR to another folder."
        )


def free_address() -> tuple[str, int]:
    """Return where the web process shall listen, checked to be free."""
    host, given = os.environ["BIND_ADDRESS"], os.environ["PORT"]
    if not given.isdigit():
        raise ServiceError(f"PORT is “{given}”, which is no number: make run PORT=8001.")
    port = int(given)
    with closing(socket.socket()) as attempt:
        attempt.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            attempt.bind((host, port))
        except (OSError, OverflowError) as error:
            taken = isinstance(error, OSError) and error.errno == errno.EADDRINUSE
            why = "is taken" if taken else f"cannot be used ({error})"
            raise ServiceError(
                f"Port {port} {why}; choose another one: make run PORT={min(port, 65000) + 1}."
            ) from None
    return host, port


def refuse_silent_servers() -> None:
    """Say at once when a server that the environment names does not answer, rather than retry in silence."""
    try:
        psycopg.connect(settings.DATABASE_URL, connect_timeout=5).close()
    except psycopg.Error as error:
        reason = str(error).strip().splitlines()[0]
        raise ServiceError(f"The database that DATABASE_URL names does not answer: {reason}.") from None
    try:
        with redis.from_url(settings.REDIS_URL, socket_connect_timeout=5) as broker:
            broker.ping()
    except redis.RedisError as error:
        raise ServiceError(f"The server that REDIS_URL names does not answer: {str(error).rstrip('.')}.") from None


def collect_changed_static_files() -> None:
    """Collect the static files when one was added, changed or removed since the last time."""
    found = hashlib.sha256(str(settings.STORAGES).encode())
    for finder in get_finders():
        for path, storage in finder.list([]):
            state = Path(storage.path(path)).stat()
            found.update(f"{path} {state.st_mtime_ns} {state.st_size}\n".encode())
    stamp = settings.DATA_DIR / "static-files"
    if (
        (settings.STATIC_ROOT / "staticfiles.json").exists()
        and stamp.exists()
        and stamp.read_text() == found.hexdigest()
    ):
        return
    call_command("collectstatic", interactive=False, verbosity=0)
    stamp.write_text(found.hexdigest())


def sign_in(places: Places) -> str:
    """The line that says how to sign in; the demonstration leaves its own."""
    try:
        return (places.data / "sign-in").read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return "Make an account   .venv/bin/python manage.py admin NAME"
