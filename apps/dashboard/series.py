"""Scores over time, one value a day: from snapshots, which are written when a score moves, or from kept trails."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db.models import Q
from django.utils import timezone

from apps.adoption.models import ScoreSnapshot
from apps.scoring import whole

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date, datetime

    from apps.adoption.models import Trail
    from apps.teams.models import Project

Moves = list[tuple["datetime", float | None]]


@dataclass(frozen=True, slots=True)
class Series:
    """A rounded score for each of the last `days` days and for `end` (days + 1 values); None before the first score."""

    values: tuple[int | None, ...]
    days: int
    end: datetime
    breaks: tuple[date, ...] = ()  # days on which the rules changed
    observed_since: date | None = None  # what lies before was reconstructed; None where nobody knows

    @property
    def known(self) -> list[int]:
        """The values from the first score on; a score that went away later keeps its last value."""
        held: list[int] = []
        for value in self.values:
            if value is not None:
                held.append(value)
            elif held:
                held.append(held[-1])
        return held

    @property
    def drawable(self) -> bool:
        """Whether there is a past to draw."""
        return len(self.known) > 1

    def place_of(self, day: date) -> int:
        """The index of `day` in `values`; outside of them for a day that is not shown."""
        return len(self.values) - 1 - (timezone.localdate(self.end) - day).days

    @property
    def reconstructed(self) -> int:
        """How many of the known values, from the first on, nobody observed: past commits were judged later."""
        lead = len(self.values) - len(self.known)
        return max(self.place_of(self.observed_since) - lead, 0) if self.observed_since else 0

    def change(self, days: int) -> int | None:
        """Points won in the last `days` days, None when there was no score then or is none now."""
        then, now = self.values[-1 - days], self.values[-1]
        return None if then is None or now is None else now - then


def moves_since(start: datetime, projects: Iterable[Project]) -> dict[int, Moves]:
    """Per project id every score since `start` and the last one before it, oldest first. One query."""
    shown = ScoreSnapshot.objects.filter(project__in=projects)
    before = shown.filter(at__lt=start).order_by("project_id", "-at").distinct("project_id").values("pk")
    rows = shown.filter(Q(at__gte=start) | Q(pk__in=before)).order_by("at")
    moves: dict[int, Moves] = {}
    for project, at, score in rows.values_list("project_id", "at", "score"):
        moves.setdefault(project, []).append((at, score))
    return moves


def daily(moves: Moves, *, end: datetime, days: int) -> Series:
    """The score that held at the same hour of each of the last `days` days, and at `end`."""
    values: list[int | None] = []
    held: float | None = None
    position = 0
    for back in range(days, -1, -1):
        moment = end - timedelta(days=back)
        while position < len(moves) and moves[position][0] <= moment:
            held = moves[position][1]
            position += 1
        values.append(None if held is None else whole(held))
    return Series(tuple(values), days, end)


def along(past: Sequence[int | None], until: date | None, now: float | None, *, end: datetime, days: int) -> Series:
    """The last `days` days of a trail's `past`, which ends with the day `until`, and `now`.

    Where the trail is behind, its last score holds.
    """
    values = list(past)
    if until is not None and values:
        missing = (timezone.localdate(end) - until).days - 1
        values = values + values[-1:] * missing if missing >= 0 else values[:missing]
    lead = [None] * (days - len(values))
    return Series((*lead, *values[-days:], whole_or_none(now)), days, end)


def of_trail(trail: Trail | None, now: float | None, *, end: datetime, days: int) -> Series:
    """The last `days` days of `trail` and `now`, with what there is to mark on them."""
    if trail is None:
        return along((), None, now, end=end, days=days)
    series = along(trail.scores, trail.until, now, end=end, days=days)
    return replace(series, breaks=tuple(trail.breaks), observed_since=trail.observed_since)


def whole_or_none(score: float | None) -> int | None:
    return None if score is None else whole(score)
