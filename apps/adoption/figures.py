"""What holds now, in means: of each team and of all. One query, whatever the number of projects.

A change of a mean compares only projects that had a score at both ends, so that one that joins or leaves moves none.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from apps.adoption.trails import DAYS, PERIODS, rows_of
from apps.catalog import FACTORS
from apps.scoring import grade_of, whole

if TYPE_CHECKING:
    from collections.abc import Iterable

    from apps.teams.models import Team

PLACES = range(len(FACTORS))
PROJECTS = """
FROM teams_project LEFT JOIN adoption_scorecard ON adoption_scorecard.project_id = teams_project.id
LEFT JOIN adoption_trail ON adoption_trail.project_id = teams_project.id
WHERE archived_at IS NULL
"""
SCORES = ["score", *(f"factor_scores[{place + 1}]" for place in PLACES)]
POINTS = [f"floor(score + 0.5)::int - scores[{DAYS - days + 1}]" for days in PERIODS]
OF_ONE_TEAM = "AND teams_project.team_id = %(team)s"


def _array(form: str, columns: list[str]) -> str:
    return f"array[{', '.join(form.format(column) for column in columns)}]"


OF_TEAMS = f"""
SELECT teams_project.team_id, count(*), {_array("coalesce(sum({}), 0)", SCORES)}, {_array("count({})", SCORES)},
       {_array("coalesce(sum({}), 0)", POINTS)}, {_array("count({})", POINTS)} {PROJECTS} GROUP BY teams_project.team_id
"""


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
    return {team: Figures(*figures) for team, *figures in rows_of(OF_TEAMS, {})}


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


def most_moved(days: int, most: int, team: Team | None = None) -> dict[int, int]:
    """By project id the points of those that won most in one of the PERIODS, then of those that lost most.

    `most` is how many there are of each, at most.
    """
    asked = f"""
    WITH moved AS MATERIALIZED (
        SELECT teams_project.id, name, {POINTS[PERIODS.index(days)]} AS points {PROJECTS} {OF_ONE_TEAM if team else ""}
    )
    (SELECT id, points FROM moved WHERE points > 0 ORDER BY points DESC, name LIMIT %(most)s)
    UNION ALL (SELECT id, points FROM moved WHERE points < 0 ORDER BY points, name LIMIT %(most)s)
    """  # noqa: S608 - only a place and a condition of this module are put in
    return dict(rows_of(asked, {"most": most, "team": team and team.pk}))


def _points(place: int, days: int) -> str:
    """The points that a project's factor won; null when it had no score then or has none now."""
    return f"floor(factor_scores[{place + 1}] + 0.5)::int - factors_then[{PERIODS.index(days) + 1}][{place + 1}]"


def _means(points: list[str], team: Team | None = None) -> list[int | None]:
    means = ", ".join(f"avg({one})::float8" for one in points)
    (row,) = rows_of(f"SELECT {means} {PROJECTS} {OF_ONE_TEAM if team else ''}", {"team": team and team.pk})
    return [None if mean is None else whole(mean) for mean in row]
