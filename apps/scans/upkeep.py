"""Forgets what nobody asks for any more: old requests, and facts of repositories that no project reads."""

from __future__ import annotations

from django.conf import settings
from django.db.models import Exists, OuterRef
from django.db.models.functions import Now

from apps.scans.models import FactPack, ScanRequest

AT_ONCE = 5000


def prune() -> int:
    """Deletes requests that ended longer ago than `SCAN_HISTORY`, the last of each project excepted; returns how many.

    Packed facts go when they were not renewed for as long; a scan without them only takes longer.
    """
    later = ScanRequest.objects.closed().filter(project=OuterRef("project"), finished_at__gt=OuterRef("finished_at"))
    old = ScanRequest.objects.closed().filter(Exists(later), finished_at__lt=Now() - settings.SCAN_HISTORY)
    FactPack.objects.filter(updated_at__lt=Now() - 2 * settings.SCAN_HISTORY).delete()
    count = 0
    while keys := list(old.values_list("pk", flat=True)[:AT_ONCE]):
        count += ScanRequest.objects.filter(pk__in=keys).delete()[0]
    return count
