"""A project's history as a reader takes it in: what changed together is one event."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby, islice
from typing import TYPE_CHECKING

from apps.adoption.models import Cause, Transition
from apps.dashboard.changes import change_of, label_of

if TYPE_CHECKING:
    from datetime import datetime

    from django.contrib.auth.models import User

    from apps.dashboard.changes import Change
    from apps.teams.models import Project

MOST_EVENTS = 8
MOST_TRANSITIONS = 200  # that a page reads; one scan changes at most fifty
ICONS = {
    Cause.ATTESTATION: "hand",
    Cause.WAIVER: "waiver",
    Cause.EXPIRY: "clock",
    Cause.RULES: "settings",
    Cause.PROFILE: "hand",
    Cause.ERROR: "settings",
}


@dataclass(frozen=True, slots=True)
class Event:
    """The changes of one moment with one cause."""

    cause: str
    label: str
    at: datetime
    commit: str
    by: User | None
    note: str
    changes: list[Change]

    @property
    def icon(self) -> str:
        """Empty where the state of the one changed item is the better mark."""
        return ICONS.get(Cause(self.cause), "commit" if len(self.changes) > 1 else "")

    @property
    def improved(self) -> int:
        return sum(change.gain > 0 for change in self.changes)

    @property
    def slipped(self) -> int:
        return sum(change.gain < 0 for change in self.changes)


def recent_events(project: Project) -> list[Event]:
    """The last events, newest first. One query."""
    rows = Transition.objects.filter(project=project).select_related("by").order_by("-at", "cause", "pk")
    grouped = groupby(rows[:MOST_TRANSITIONS], key=lambda row: (row.at, row.cause))
    return [_event(project, list(members)) for _, members in islice(grouped, MOST_EVENTS)]


def _event(project: Project, rows: list[Transition]) -> Event:
    first = rows[0]
    changes = [change_of(project, row) for row in rows]
    return Event(first.cause, label_of(first), first.at, first.commit, first.by, first.note, changes)
