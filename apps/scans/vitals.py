"""Whether this deployment is fit to work: its database, its broker, its migrations, its beat and its workers."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from celery.signals import after_task_publish, beat_init, heartbeat_sent
from django.conf import settings
from django.core.cache import cache
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from redis.exceptions import RedisError

if TYPE_CHECKING:
    from collections.abc import Callable

log = logging.getLogger(__name__)

KEPT = 3600  # seconds
SILENT_AFTER = 60  # seconds without a sign of life
BETWEEN_SIGNS = 5.0
# Without these no page can be served; without the others scans wait, and pages say so.
NEEDED = ("database", "migrations")

_last_sign: dict[str, float] = {}


@dataclass(frozen=True, slots=True)
class Vital:
    name: str
    well: bool
    said: str


def look(*names: str) -> list[Vital]:
    """One row per thing that may be wrong, or for those of these names alone; never raises."""
    checks: dict[str, Callable[[], str]] = {
        "database": _database,
        "migrations": _migrations,
        "broker": _broker,
        "beat": lambda: _fresh("beat"),
        "worker": lambda: _fresh("worker"),
    }
    return [_checked(name, check) for name, check in checks.items() if not names or name in names]


def is_ready(vitals: list[Vital]) -> bool:
    return all(vital.well for vital in vitals if vital.name in NEEDED)


def _checked(name: str, check: Callable[[], str]) -> Vital:
    """`check` returns what is wrong, or nothing."""
    try:
        wrong = check()
    except (DatabaseError, RedisError, OSError) as problem:
        log.warning("%s: %s", name, problem)
        wrong = "does not answer"
    return Vital(name, not wrong, wrong or "well")


def _database() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return ""


def _migrations() -> str:
    executor = MigrationExecutor(connection)
    left = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return f"{len(left)} to apply" if left else ""


def _broker() -> str:
    cache.set("alive", 1, 10)
    return "" if cache.get("alive") == 1 else "keeps nothing"


def _fresh(who: str) -> str:
    seen = cache.get(f"seen:{who}")
    if seen is None:
        return "never seen"
    age = time.time() - float(seen)
    return "" if age < SILENT_AFTER else f"silent for {age:.0f} s"


def show_life(who: str) -> None:
    """Leaves a sign of life that /readyz looks for, and one for a container's health check, which must cost little.

    A broker that is away is somebody else's row.
    """
    now = time.monotonic()
    if now - _last_sign.get(who, -BETWEEN_SIGNS) < BETWEEN_SIGNS:
        return
    _last_sign[who] = now
    touch_alive_file()
    try:
        cache.set(f"seen:{who}", time.time(), KEPT)
    except (RedisError, OSError) as problem:
        log.warning("no sign of life from %s: %s", who, problem)


def touch_alive_file() -> None:
    """The sign of life for a container's health check alone; needs no broker."""
    try:
        if settings.ALIVE_FILE:
            Path(settings.ALIVE_FILE).touch()
    except OSError as problem:
        log.warning("ALIVE_FILE cannot be touched: %s", problem)


@heartbeat_sent.connect(weak=False)
def _worker_lives(**_: Any) -> None:  # noqa: ANN401
    show_life("worker")


def _beat_lives(**_: Any) -> None:  # noqa: ANN401
    show_life("beat")


@beat_init.connect(weak=False)
def _watch_the_beat(**_: Any) -> None:  # noqa: ANN401
    """Within the beat alone, every message that goes out shows that it works."""
    after_task_publish.connect(_beat_lives, weak=False)
