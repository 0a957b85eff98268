"""Migrations beside traffic: each waits briefly for its locks, gives way, and tries again."""

from __future__ import annotations

import logging
import time

from django.core.management import call_command
from django.db import OperationalError, connection
from psycopg.errors import LockNotAvailable

log = logging.getLogger(__name__)

ONE_AT_A_TIME = 0x12F01D  # names the advisory lock of this database: several releases may start together
LOCK_SECONDS = 4  # a page waits behind a migration that waits for a lock, so no longer than a page may take
ATTEMPTS = 30
PAUSE_SECONDS = 2.0


class StillLocked(Exception):  # noqa: N818 - it reads as what happened
    """Something held a table through all attempts; nothing of the migration that needs it was applied."""


def migrate(*, attempts: int = ATTEMPTS, pause: float = PAUSE_SECONDS) -> None:
    """Brings the database to this version, or raises `StillLocked`. Safe to run twice, also at once.

    Each migration is one transaction; one that cannot have its locks in time is rolled back and begun anew.
    """
    for attempt in range(1, attempts + 1):
        try:
            _migrate_once()
        except OperationalError as problem:
            if not isinstance(problem.__cause__, LockNotAvailable):
                raise
            log.warning("A table or another release is in the way; attempt %s of %s gave way", attempt, attempts)
        else:
            return
        finally:
            connection.close()  # gives the session back to the pool, so `_migrate_once` has to leave it as it was
        time.sleep(pause)
    raise StillLocked(f"A table stayed locked through {attempts} attempts. The release can be run again at any time.")


def _migrate_once() -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SET lock_timeout = '{LOCK_SECONDS}s'")
        try:
            cursor.execute("SELECT pg_advisory_lock(%s)", [ONE_AT_A_TIME])
            call_command("migrate", interactive=False, verbosity=1)
        finally:
            cursor.execute("RESET lock_timeout")
            cursor.execute("SELECT pg_advisory_unlock_all()")
