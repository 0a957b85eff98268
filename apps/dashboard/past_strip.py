"""What a page says about the reading of a project's past commits: asked for, waiting, running, or how it ended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils import timezone

from apps.scans.models import Backfill, Phase

if TYPE_CHECKING:
    from apps.teams.models import Project


@dataclass(frozen=True, slots=True)
class Past:
    """`phase` is the backfill's, empty where nobody asked. Of `planned` commits `done` are judged, back to `since`."""

    phase: str = ""
    done: int = 0
    planned: int = 0
    since: date | None = None
    reason: str = ""

    @property
    def live(self) -> bool:
        return self.phase in {Phase.PENDING, Phase.RUNNING}

    @property
    def failed(self) -> bool:
        return self.phase == Phase.FAILED

    @property
    def may_be_asked(self) -> bool:
        """Whether histories are on here at all."""
        return bool(settings.BACKFILL_WEEKS + settings.BACKFILL_MONTHS)


def past_of(project: Project) -> Past:
    backfill = Backfill.objects.filter(project=project).first()
    if backfill is None:
        return Past()
    judged = backfill.plan[: backfill.done]
    since = timezone.localdate(datetime.fromtimestamp(judged[-1][1], UTC)) if judged else None
    return Past(backfill.phase, backfill.done, len(backfill.plan), since, backfill.reason)
