"""Tells workers that something waits. A lost message costs seconds: the sweep sends another."""

from __future__ import annotations

import logging

from celery import current_app
from kombu.exceptions import KombuError
from redis.exceptions import RedisError

log = logging.getLogger(__name__)

WAKE = "scans.wake"
EXPIRES_AFTER = 30  # seconds; an old wake-up tells nothing that the next sweep does not


def wake_workers(how_many: int = 1) -> None:
    """Sends wake-ups if the broker takes them. Never fails: the queue is in the database."""
    try:
        for _ in range(how_many):
            current_app.send_task(WAKE, expires=EXPIRES_AFTER, ignore_result=True, retry=False)
    except (KombuError, RedisError, OSError) as problem:
        log.warning("The broker takes no wake-up: %s", problem)
