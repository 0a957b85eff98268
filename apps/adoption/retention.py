"""Old scores are kept more thinly the older they are; what changed, when and why (the transitions) is kept for good."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.db.models import F, Window
from django.db.models.functions import RowNumber, Trunc

from apps.adoption.models import ScoreSnapshot

if TYPE_CHECKING:
    from datetime import datetime

# After so long, only the last snapshot of each such stretch is kept.
STRETCHES = ((timedelta(days=30), "day"), (timedelta(days=180), "week"), (timedelta(days=730), "month"))
AT_ONCE = 5000


def thin(*, at: datetime) -> int:
    """Deletes snapshots that are old and not the last of their stretch; returns how many."""
    count = 0
    for age, stretch in STRETCHES:
        place = Window(
            RowNumber(), partition_by=[F("project"), Trunc("at", stretch)], order_by=[F("at").desc(), F("pk").desc()]
        )
        spare = ScoreSnapshot.objects.filter(at__lt=at - age).annotate(place=place).filter(place__gt=1)
        while keys := list(spare.values_list("pk", flat=True)[:AT_ONCE]):
            count += ScoreSnapshot.objects.filter(pk__in=keys).delete()[0]
    return count
