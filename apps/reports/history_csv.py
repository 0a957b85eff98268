"""The past as a table: one row per day and team, the score and the twelve factors as means of the team's projects."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.db.models import F
from django.utils import timezone

from apps.adoption.figures import Figures, figures_of_teams, together
from apps.adoption.models import Trail
from apps.catalog import FACTORS
from apps.scoring import whole

if TYPE_CHECKING:
    from collections.abc import Iterator

    from apps.reports.csv_cells import Cell
    from apps.teams.models import Team

COLUMNS = ["day", "team", "origin", "rules_changed", "score", *(factor.slug for factor in FACTORS)]
EVERYBODY = "All teams"
PERIODS = (30, 90, 365)
DEFAULT = 90


def period_of(asked: str) -> int:
    """The days of the page's period."""
    return next((days for days in PERIODS if str(days) == asked), DEFAULT)


def history_rows(*, days: int, team: Team | None) -> Iterator[list[Cell]]:
    """All teams together first, then team by team; only `team` when there is one. The last row of each is today."""
    figures = figures_of_teams()
    trails = Trail.objects.filter(project=None).select_related("team")
    shown = trails.filter(team=team) if team else trails.order_by(F("team__name").asc(nulls_first=True))
    for trail in shown.iterator(chunk_size=20):
        if trail.team is None:
            yield from _rows(trail, EVERYBODY, together(figures.values()), days)
        else:
            yield from _rows(trail, trail.team.name, figures.get(trail.team.pk, Figures()), days)


def _rows(trail: Trail, name: str, now: Figures, days: int) -> Iterator[list[Cell]]:
    for back in range(days - 1, -1, -1):
        day, place = trail.until - timedelta(days=back), len(trail.scores) - 1 - back
        origin = "observed" if trail.observed_since and day >= trail.observed_since else "reconstructed"
        scores = [trail.scores[place], *(line[place] for line in trail.factors)]
        if trail.scores[place] is not None:
            yield [day.isoformat(), name, origin, "yes" if day in trail.breaks else "no", *scores]
    today = [None if mean is None else whole(mean) for mean in now.means]
    if today[0] is not None:
        yield [timezone.localdate().isoformat(), name, "observed", "no", *today]
