"""How the queue is doing: figures for the page of the admins, for `manage.py queue` and for whoever measures."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db.models import Count, Min, Q
from django.db.models.functions import Now
from django.utils import timezone

from apps.scans.models import Forge, Phase, ScanRequest

if TYPE_CHECKING:
    from datetime import datetime

LISTED = 25
RECENTLY = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Depth:
    """Requests that wait, by cause; of them those that wait for their time; and since when the oldest does."""

    by_cause: dict[str, int]
    later: int
    oldest: datetime | None
    running: int
    ended: dict[str, int]

    @property
    def waiting(self) -> int:
        return sum(self.by_cause.values())

    @property
    def oldest_seconds(self) -> float:
        """How long the oldest that could be claimed has waited; 0 when none does."""
        return max(0.0, (timezone.now() - self.oldest).total_seconds()) if self.oldest else 0.0


def depth() -> Depth:
    """Three queries over small indexes: what waits, what runs, what ended within a day."""
    waiting = ScanRequest.objects.filter(phase=Phase.PENDING)
    ripe = Q(not_before__lte=Now())
    sums = waiting.aggregate(later=Count("pk", filter=~ripe), oldest=Min("not_before", filter=ripe))
    causes = waiting.order_by().values_list("cause").annotate(Count("pk"))
    ended = ScanRequest.objects.closed().filter(finished_at__gt=Now() - RECENTLY).order_by().values_list("phase")
    return Depth(
        by_cause=dict(causes),
        later=sums["later"],
        oldest=sums["oldest"],
        running=ScanRequest.objects.filter(phase=Phase.RUNNING).count(),
        ended=dict(ended.annotate(Count("pk"))),
    )


def running() -> list[ScanRequest]:
    return list(
        ScanRequest.objects.filter(phase=Phase.RUNNING).select_related("project").order_by("started_at")[:LISTED]
    )


def next_in_line() -> list[ScanRequest]:
    return list(ScanRequest.objects.claimable().select_related("project")[:LISTED])


def failures() -> list[ScanRequest]:
    """The latest failed scans of a day, newest first."""
    failed = ScanRequest.objects.filter(phase=Phase.FAILED, finished_at__gt=Now() - RECENTLY)
    return list(failed.select_related("project").order_by("-finished_at")[:LISTED])


def paused_forges() -> list[Forge]:
    return list(Forge.objects.filter(paused_until__gt=Now()).order_by("host"))
