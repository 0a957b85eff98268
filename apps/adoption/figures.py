"""What holds now, in means: of each team and of all. One query, whatever the number of projects."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.db.models import Count, F, Sum

from apps.catalog import FACTORS
from apps.scoring import grade_of
from apps.teams.models import Project

if TYPE_CHECKING:
    from collections.abc import Iterable

PLACES = range(len(FACTORS))


@dataclass(slots=True)
class Figures:
    """Sums that make means: of the score first, then of the twelve factors."""

    projects: int = 0
    sums: list[float] = field(default_factory=lambda: [0.0] * (len(FACTORS) + 1))
    counts: list[int] = field(default_factory=lambda: [0] * (len(FACTORS) + 1))

    def add(self, other: Figures) -> None:
        self.projects += other.projects
        self.sums = [mine + theirs for mine, theirs in zip(self.sums, other.sums, strict=True)]
        self.counts = [mine + theirs for mine, theirs in zip(self.counts, other.counts, strict=True)]

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


def figures_of_teams() -> dict[int, Figures]:
    """Per team id the figures of its projects; archived ones are left out, and so are teams without any."""
    columns = [F("scorecard__score"), *(F(f"scorecard__factor_scores__{place}") for place in PLACES)]
    asked: dict[str, Any] = {f"sum{place}": Sum(column) for place, column in enumerate(columns)}
    asked |= {f"count{place}": Count(column) for place, column in enumerate(columns)}
    rows: Any = Project.objects.active().order_by().values("team_id").annotate(projects=Count("pk"), **asked)
    return {
        row["team_id"]: Figures(
            row["projects"],
            [row[f"sum{place}"] or 0.0 for place in range(len(columns))],
            [row[f"count{place}"] for place in range(len(columns))],
        )
        for row in rows
    }


def together(figures: Iterable[Figures]) -> Figures:
    total = Figures()
    for one in figures:
        total.add(one)
    return total
