"""The schedule: each project has a slot of its own in its interval, and whoever moves the slot on has asked."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Coalesce, Now
from django.utils import timezone

from apps.scans.models import ScanCause, ScanSlot
from apps.scans.services import request_scan
from apps.teams.models import Project

MOST_AT_ONCE = 500
EPOCH = datetime(2000, 1, 1, tzinfo=UTC)


def schedule() -> int:
    """Requests a scan of every project whose slot has come; returns of how many.

    After an outage each project is asked for once, and its next slot lies in the future. At most some at a time, so
    that what was missed is spread. A project that somebody else holds (another beat, or a person who edits it) is
    passed over: a minute later its slot is still due.
    """
    _give_slots()
    due = ScanSlot.objects.filter(_is_due(), project__archived_at=None).order_by("next_at")
    return sum(_ask(project) for project in [*due.values_list("project", flat=True)[:MOST_AT_ONCE]])


def _is_due() -> Q:
    too_far = Q(next_at__gt=Now() + Coalesce("project__scan_interval", settings.SCAN_INTERVAL))  # it was shortened
    return Q(next_at__lte=Now()) | too_far


@transaction.atomic
def _ask(key: int) -> bool:
    """One project's slot. The project is locked before its slot, as by whoever deletes it."""
    project = Project.objects.active().select_for_update(no_key=True, skip_locked=True).filter(pk=key).first()
    if project is None:
        return False
    slot = ScanSlot.objects.select_for_update(of=("self",)).filter(_is_due(), project=project).first()
    if slot is None:
        return False
    now = timezone.now()
    if slot.next_at <= now:
        request_scan(project=project, cause=ScanCause.SCHEDULE)
    slot.next_at = next_slot(project, after=now)
    slot.save(update_fields=["next_at"])
    return True


def next_slot(project: Project, *, after: datetime) -> datetime:
    """The next of the project's moments: one interval apart, at a place in it that its key alone decides."""
    interval = project.scan_interval or settings.SCAN_INTERVAL
    place = int.from_bytes(hashlib.sha256(str(project.pk).encode()).digest()[:4]) / 2**32 * interval
    return EPOCH + place + ((after - EPOCH - place) // interval + 1) * interval


def _give_slots() -> None:
    """A project that has no slot yet is due at once; several beats that give it one give it one."""
    without = Project.objects.active().filter(slot=None).order_by("pk")[:MOST_AT_ONCE]
    now = timezone.now()
    ScanSlot.objects.bulk_create([ScanSlot(project=project, next_at=now) for project in without], ignore_conflicts=True)
