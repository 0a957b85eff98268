"""What holds now, in means: of each team and of all. One query, whatever the number of projects.

A change of a mean compares only projects that had a score at both ends, so that one that joins or leaves moves none.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.db.models import Avg, Count, F, FloatField, IntegerField, Sum
from django.db.models.functions import Cast, Floor

from apps.adoption.board import points_since
from apps.adoption.trails import PERIODS
from apps.catalog import FACTORS
from apps.scoring import grade_of, whole
from apps.teams.models import Project

if TYPE_CHECKING:
    from collections.abc import Iterable

    from apps.teams.models import Team

PLACES = range(len(FACTORS))


@dataclass(slots=True)
class Figures:
    """Sums that make means: of the score first, then of the twelve factors.

    `won` are the points that those projects won in each period which had a score then and have one now; `stayed` is
    how many they are.
    """

    projects: int = 0
    sums: list[float] = field(default_factory=lambda: [0.0] * (len(FACTORS) + 1))
    counts: list[int] = field(default_factory=lambda: [0] * (len(FACTORS) + 1))
    won: list[int] = field(default_factory=lambda: [0] * len(PERIODS))
    stayed: list[int] = field(default_factory=lambda: [0] * len(PERIODS))

    def add(self, other: Figures) -> None:
        self.projects += other.projects
        self.sums = [mine + theirs for mine, theirs in zip(self.sums, other.sums, strict=True)]
        self.counts = [mine + theirs for mine, theirs in zip(self.counts, other.counts, strict=True)]
        self.won = [mine + theirs for mine, theirs in zip(self.won, other.won, strict=True)]
        self.stayed = [mine + theirs for mine, theirs in zip(self.stayed, other.stayed, strict=True)]

    @property
    def means(self) -> list[float | None]:
        return [total / count if count else None for total, count in zip(self.sums, self.counts, strict=True)]

    @property
    def score(self) -> float | None:
        return self.means[0]

    @property
    def factors(self) -> list[float | None]:
        return self.means[1:]

    @property
    def grade(self) -> str | None:
        return grade_of(self.score, min((mean for mean in self.factors if mean is not None), default=None))

    def change(self, days: int) -> int | None:
        """The mean of the points won in one of the PERIODS; None when no project had a score then and has one now."""
        place = PERIODS.index(days)
        return whole(self.won[place] / self.stayed[place]) if self.stayed[place] else None


def figures_of_teams() -> dict[int, Figures]:
    """Per team id the figures of its projects; archived ones are left out, and so are teams without any."""
    columns = [F("scorecard__score"), *(F(f"scorecard__factor_scores__{place}") for place in PLACES)]
    asked: dict[str, Any] = {f"sum{place}": Sum(column) for place, column in enumerate(columns)}
    asked |= {f"count{place}": Count(column) for place, column in enumerate(columns)}
    for place, days in enumerate(PERIODS):
        asked |= {f"won{place}": Sum(points_since(days)), f"stayed{place}": Count(points_since(days))}
    rows: Any = Project.objects.active().order_by().values("team_id").annotate(projects=Count("pk"), **asked)
    return {
        row["team_id"]: Figures(
            row["projects"],
            [row[f"sum{place}"] or 0.0 for place in range(len(columns))],
            [row[f"count{place}"] for place in range(len(columns))],
            [row[f"won{place}"] or 0 for place in range(len(PERIODS))],
            [row[f"stayed{place}"] for place in range(len(PERIODS))],
        )
        for row in rows
    }


def together(figures: Iterable[Figures]) -> Figures:
    total = Figures()
    for one in figures:
        total.add(one)
    return total


def factor_changes(days: int, team: Team | None = None) -> list[int | None]:
    """How far the mean of each factor moved in one of the PERIODS, over projects that had the factor at both ends."""
    return _means([_points(place, days) for place in PLACES], team)


def changes_of_factor(place: int) -> dict[int, int | None]:
    """Per one of the PERIODS how far the mean of one factor moved."""
    return dict(zip(PERIODS, _means([_points(place, days) for days in PERIODS]), strict=True))


def _points(place: int, days: int) -> Any:  # noqa: ANN401 - a combined expression
    """The points that a project's factor won; null when it had no score then or has none now."""
    now = Cast(Floor(F(f"scorecard__factor_scores__{place}") + 0.5), IntegerField())
    return now - F(f"trail__factors_then__{PERIODS.index(days)}__{place}")


def _means(points: list[Any], team: Team | None = None) -> list[int | None]:
    projects = Project.objects.active().order_by()
    asked = {f"mean{number}": Avg(one, output_field=FloatField()) for number, one in enumerate(points)}
    means = (projects.filter(team=team) if team else projects).aggregate(**asked)
    return [None if mean is None else whole(mean) for mean in means.values()]
