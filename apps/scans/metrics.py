"""Counters and durations in Prometheus' text form. Processes add up in the cache; a flushed one starts at zero."""

from __future__ import annotations

import functools
import re
import time

from django.conf import settings
from redis import Redis
from redis.exceptions import RedisError

from apps.scans.insight import depth

KEY = "metrics"
BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0)
HELP = {
    "twelvefold_scan_stage_seconds": ("histogram", "Duration of a scan's stages."),
    "twelvefold_scans_total": ("counter", "Scans that ended, by outcome."),
    "twelvefold_webhook_seconds": ("histogram", "Time to answer a delivery, by the code of the answer."),
    "twelvefold_queue_waiting": ("gauge", "Requests that wait, by cause."),
    "twelvefold_queue_running": ("gauge", "Requests that run."),
    "twelvefold_queue_oldest_seconds": ("gauge", "Age of the oldest request that could be claimed."),
}
PART = re.compile("_(?:bucket|sum|count)$")
PAUSE = 10.0  # seconds without counting after the cache did not answer

_resume_at = 0.0


def count(name: str, labels: str, amount: float = 1) -> None:
    _add({f"{name}|{labels}": amount})


def observe(name: str, labels: str, seconds: float) -> None:
    """Adds one duration to the histogram `name`; `labels` is `a="b"` or empty."""
    bucket = next((edge for edge in BUCKETS if seconds <= edge), None)
    _add({
        f"{name}_bucket|{labels}|{'+Inf' if bucket is None else bucket}": 1,
        f"{name}_sum|{labels}": seconds,
        f"{name}_count|{labels}": 1,
    })  # fmt: skip


def exposition() -> str:
    """What /metrics answers. `DatabaseError` and `RedisError` pass through: a scrape that fails says so."""
    kept = {key.decode(): float(value) for key, value in _redis().hgetall(KEY).items()}  # type: ignore[union-attr]
    now = depth()
    rows = _counters(kept) + _histograms(kept)
    rows += [("twelvefold_queue_waiting", f'cause="{cause}"', number) for cause, number in sorted(now.by_cause.items())]
    rows += [("twelvefold_queue_running", "", now.running), ("twelvefold_queue_oldest_seconds", "", now.oldest_seconds)]
    lines = []
    for family, (kind, meaning) in HELP.items():
        lines += [f"# HELP {family} {meaning}", f"# TYPE {family} {kind}"]
        lines += [
            _line(*row)
            for row in rows
            if row[0].removesuffix("_bucket").removesuffix("_sum").removesuffix("_count") == family
        ]
    return "\n".join(lines) + "\n"


def _line(name: str, labels: str, value: float) -> str:
    return f"{name}{{{labels}}} {value:g}" if labels else f"{name} {value:g}"


def _counters(kept: dict[str, float]) -> list[tuple[str, str, float]]:
    return [(*_two(key), value) for key, value in sorted(kept.items()) if "_bucket|" not in key]


def _two(key: str) -> tuple[str, str]:
    name, _, labels = key.partition("|")
    return name, labels


def _histograms(kept: dict[str, float]) -> list[tuple[str, str, float]]:
    """Buckets are kept apart and told added up, as Prometheus wants them."""
    parts = {tuple(key.split("|")): value for key, value in kept.items() if "_bucket|" in key}
    rows = []
    for name, labels in sorted({(name, labels) for name, labels, _ in parts}):
        total = 0.0
        for edge in (*map(str, BUCKETS), "+Inf"):
            total += parts.get((name, labels, edge), 0.0)
            rows.append((name, f'{labels}{"," if labels else ""}le="{edge}"', total))
    return rows


def _redis() -> Redis:
    return _client(settings.BROKER_URL)


@functools.lru_cache(maxsize=1)
def _client(url: str) -> Redis:
    """A connection of its own: Django's cache cannot add up fields."""
    return Redis.from_url(url, socket_timeout=2, socket_connect_timeout=2)


def _add(fields: dict[str, float]) -> None:
    """Counting is never worth a failure, nor waiting again and again for a cache that does not answer."""
    global _resume_at  # noqa: PLW0603 - one per process
    if time.monotonic() < _resume_at:
        return
    try:
        with _redis().pipeline(transaction=False) as pipeline:
            for field, amount in fields.items():
                pipeline.hincrbyfloat(KEY, field, amount)
            pipeline.execute()
    except (RedisError, OSError):
        _resume_at = time.monotonic() + PAUSE
