"""The messages a worker understands. Each may be lost, doubled or late without harm."""

from __future__ import annotations

import mmap
import os
import socket
import time
from datetime import timedelta
from typing import TYPE_CHECKING

import structlog
from celery import shared_task
from celery.signals import worker_shutting_down
from django.conf import settings
from django.utils import timezone

from apps.adoption.retention import thin
from apps.adoption.services import expire
from apps.adoption.trails import keep_trails
from apps.repositories.cache import tidy_now_and_then
from apps.scans import services, upkeep, vitals  # noqa: F401 - vitals listens to the worker and the beat
from apps.scans.backfill_runner import run_backfill
from apps.scans.backfills import claim_backfill, sweep_backfills
from apps.scans.models import Backfill
from apps.scans.runner import run
from apps.scans.schedule import schedule as ask_for_due_scans
from apps.scans.wake import EXPIRES_AFTER, WAKE, wake_workers

if TYPE_CHECKING:
    from apps.scans.models import ScanRequest

LONGEST_TURN = 60  # seconds; then the other messages get theirs
MIRRORS_UNUSED_FOR = timedelta(days=30)

# One byte that the worker shares with the processes it forks: it is set once, when the worker must stop.
_stopping = mmap.mmap(-1, 1)


@worker_shutting_down.connect
def _remember_to_stop(**_: object) -> None:
    _stopping[0] = 1


def is_stopping() -> bool:
    return _stopping[0] == 1


@shared_task(name=WAKE)
def wake() -> None:
    """Scans what waits, one request after the other; while nothing waits, reads the past of projects."""
    worker = f"{socket.gethostname()}:{os.getpid()}"
    until = time.monotonic() + LONGEST_TURN
    while not is_stopping():
        services.take_back()  # while every worker is busy, no message of the sweep is read
        request = services.claim(worker=worker) or claim_backfill()
        if request is None:
            break
        _carry_out(request)
        if time.monotonic() > until:
            wake_workers()
            break
    tidy_now_and_then(
        settings.MIRROR_DIR,
        most_bytes=settings.MIRROR_CACHE_BYTES,
        unused_for=MIRRORS_UNUSED_FOR,
        fetched_within=2 * settings.SCAN_DEADLINE,
    )


def _carry_out(request: ScanRequest | Backfill) -> None:
    """Every line of its log names the work and the project."""
    kind = "backfill" if isinstance(request, Backfill) else "scan"
    with structlog.contextvars.bound_contextvars(project=request.project.slug, **{kind: request.pk}):
        if isinstance(request, Backfill):
            run_backfill(request, stopping=is_stopping)
        else:
            run(request, stopping=is_stopping)


@shared_task(name="scans.sweep", expires=EXPIRES_AFTER)
def sweep() -> None:
    services.sweep()
    wake_workers(sweep_backfills())


@shared_task(name="scans.schedule", expires=EXPIRES_AFTER)
def schedule() -> None:
    ask_for_due_scans()
    expire(at=timezone.now())
    keep_trails(at=timezone.now())


@shared_task(name="scans.prune", expires=3000)
def prune() -> None:
    upkeep.prune()
    thin(at=timezone.now())
