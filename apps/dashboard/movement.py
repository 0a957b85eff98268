"""What moved and because of what: items that improved or slipped in a period."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby
from typing import TYPE_CHECKING

from django.db.models import F
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.adoption.models import Cause, Origin, Transition
from apps.dashboard.changes import CREDIT, LABELS, anchor_of, gain_of, title_of
from apps.dashboard.events import ICONS

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import Q

    from apps.teams.models import Project

SHOWN = 8
EVENTS = 3
BY_PEOPLE = {Cause.ATTESTATION: _("Ticked"), Cause.WAIVER: _("Waiver")}
MOST = 1000  # that are read and counted


@dataclass(frozen=True, slots=True)
class Shift:
    """One item of one project that went up or down."""

    transition: Transition

    @property
    def project(self) -> Project:
        return self.transition.project

    @property
    def title(self) -> str:
        return title_of(self.transition.item)

    @property
    def anchor(self) -> str:
        return anchor_of(self.transition.item)

    @property
    def gain(self) -> int:
        return gain_of(self.transition.before, self.transition.after)

    @property
    def icon(self) -> str:
        return ICONS.get(Cause(self.transition.cause), "commit")

    @property
    def cause(self) -> str:
        cause = Cause(self.transition.cause)
        return str(BY_PEOPLE.get(cause) or LABELS[cause])

    @property
    def reconstructed(self) -> bool:
        return self.transition.origin == Origin.RECONSTRUCTED


@dataclass(frozen=True, slots=True)
class Movement:
    """The shifts of `days`, newest first; `more` when there were too many to count."""

    days: int
    improved: list[Shift]
    slipped: list[Shift]
    more: bool

    @property
    def sides(self) -> list[tuple[str, str, list[Shift], int]]:
        """Icon, word, the newest few, and how many there were."""
        return [
            ("up", gettext("Improved"), self.improved[:SHOWN], len(self.improved)),
            ("down", gettext("Slipped"), self.slipped[:SHOWN], len(self.slipped)),
        ]


def movement_of(where: Q, *, days: int, now: datetime) -> Movement:
    """The shifts of the projects that `where` selects. One query."""
    decided = {"before__in": list(CREDIT), "after__in": list(CREDIT)}
    rows = Transition.objects.filter(where, at__gte=now - timedelta(days=days), project__archived_at=None, **decided)
    newest = rows.exclude(before=F("after")).select_related("project", "by").order_by("-at", "pk")
    shifts = [Shift(row) for row in newest[:MOST]]
    return Movement(
        days,
        [shift for shift in shifts if shift.gain > 0],
        [shift for shift in shifts if shift.gain < 0],
        more=len(shifts) == MOST,
    )


@dataclass(frozen=True, slots=True)
class Event:
    """What changed at one moment because of one thing: how many items improved and slipped."""

    at: datetime
    cause: str
    commit: str
    improved: int
    slipped: int

    @property
    def icon(self) -> str:
        return ICONS.get(Cause(self.cause), "commit")

    @property
    def label(self) -> str:
        return str(LABELS[Cause(self.cause)])

    @property
    def weight(self) -> int:
        return self.improved + self.slipped


def events_of(projects: list[int], *, days: int, now: datetime) -> dict[int, list[Event]]:
    """Per project its EVENTS weightiest events of the last `days` days, newest first. One query."""
    decided = {"before__in": list(CREDIT), "after__in": list(CREDIT)}
    rows = Transition.objects.filter(project__in=projects, at__gte=now - timedelta(days=days), **decided)
    columns = ("project_id", "at", "cause", "commit")
    pairs = rows.order_by(*columns).values_list(*columns, "before", "after")
    events: dict[int, list[Event]] = {}
    for (project, at, cause, commit), changes in groupby(pairs, key=lambda row: row[:4]):
        gains = [gain_of(before, after) for *_, before, after in changes]
        event = Event(at, cause, commit, sum(gain > 0 for gain in gains), sum(gain < 0 for gain in gains))
        events.setdefault(project, []).append(event)
    return {
        project: sorted(sorted(found, key=lambda one: -one.weight)[:EVENTS], key=lambda one: one.at, reverse=True)
        for project, found in events.items()
    }
