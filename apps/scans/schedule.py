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

    After an outage each project is asked for once, and its next slot lies in the future. A beat that runs at the same
    time passes over the slots that this one holds. At most some at a time, so that what was missed is spread.
    """
    _give_slots()
    with transaction.atomic():
        too_far = Q(next_at__gt=Now() + Coalesce("project__scan_interval", settings.SCAN_INTERVAL))  # it was shortened
        due = list(
            ScanSlot.objects.filter(Q(next_at__lte=Now()) | too_far, project__archived_at=None)
            .select_related("project")
            .select_for_update(skip_locked=True, of=("self",))
            .order_by("next_at")[:MOST_AT_ONCE]
        )
        now = timezone.now()
        for slot in sorted(due, key=lambda slot: slot.project_id):  # each waits for its project, in one order for all
            if slot.next_at <= now:
                request_scan(project=slot.project, cause=ScanCause.SCHEDULE)
            slot.next_at = next_slot(slot.project, after=now)
        ScanSlot.objects.bulk_update(due, ["next_at"])
    return len(due)


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
