"""What `manage.py doctor` looks at, each answered in words: what is well, what is wrong, and what to do about it."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.checks import WARNING, run_checks
from django.db import DatabaseError, connection

from apps.scans import vitals

if TYPE_CHECKING:
    from collections.abc import Iterator

LEAST_POSTGRES = 14
LEAST_FREE_MB = 2048  # a clone, its staging and the analysis beside it
MOST_SKEW_SECONDS = 30.0
WHAT_TO_DO = {
    "database": "Is PostgreSQL up, and does DATABASE_URL name it? Without it no page is served; nothing is lost.",
    "migrations": "Run `python manage.py release`.",
    "broker": "Is Redis or Valkey up, and does REDIS_URL name it? Scans wait until it is; nothing is lost.",
    "beat": "Start the process `beat`: without it nothing is scheduled, swept or ended in time.",
    "worker": "Start a process `worker`: scans wait in the queue until there is one.",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One thing that was looked at. `remedy` is empty when it is well."""

    about: str
    said: str
    remedy: str = ""

    @property
    def well(self) -> bool:
        return not self.remedy


def examine(*names: str) -> Iterator[Row]:
    """Looks at one thing after the other, or at these vitals alone; nothing is changed and no secret is told."""
    for vital in vitals.look(*names):
        yield Row(vital.name, vital.said, "" if vital.well else WHAT_TO_DO[vital.name])
    if names:
        return
    yield from _database()
    yield from _disk()
    yield from _settings()


def _database() -> Iterator[Row]:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_setting('server_version_num')::int / 10000, clock_timestamp()")
            version, clock = cursor.fetchone() or (0, datetime.now(UTC))
    except DatabaseError:
        return  # the vitals have said so
    old = f"Twelvefold needs PostgreSQL {LEAST_POSTGRES} or newer." if version < LEAST_POSTGRES else ""
    yield Row("PostgreSQL", f"version {version}", old)
    skew = abs((datetime.now(UTC) - clock).total_seconds())
    wrong = "Set the clocks: leases and schedules go by the database's, pages by this machine's."
    yield Row("clocks", f"{skew:.1f} s apart", wrong if skew > MOST_SKEW_SECONDS else "")


def _disk() -> Iterator[Row]:
    for name, folder in (("DATA_DIR", settings.DATA_DIR), ("MIRROR_DIR", settings.MIRROR_DIR)):
        place = _existing(Path(folder))
        if not os.access(place, os.W_OK | os.X_OK):
            yield Row(
                name, f"{folder} cannot be written", f"Let this account write there, or set {name} to another folder."
            )
            continue
        free = shutil.disk_usage(place).free // 2**20
        full = "Make room, or lower MIRROR_CACHE_GB: a scan that finds none fails." if free < LEAST_FREE_MB else ""
        yield Row(name, f"{folder}, {free:,} MB free", full)


def _existing(folder: Path) -> Path:
    """`folder`, or the nearest one above it that exists."""
    return next(place for place in (folder, *folder.parents) if place.exists())


def _settings() -> Iterator[Row]:
    """What Django's own and the project's system checks say of a deployment."""
    found = [
        one for one in run_checks(include_deployment_checks=True) if one.level >= WARNING and not one.is_silenced()
    ]
    if not found:
        yield Row("settings", "nothing to say against them")
    for one in found:
        yield Row(f"settings, {one.id}", str(one.msg), str(one.hint or "See the documentation of this check."))
