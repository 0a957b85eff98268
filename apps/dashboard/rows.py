"""Projects and teams as tables show them: a score, twelve cells, a past, the last scan."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import F

from apps.adoption.board import card_of, is_stale
from apps.adoption.models import Trail
from apps.adoption.trails import DAYS as KEPT
from apps.catalog import State
from apps.dashboard.ages import age
from apps.dashboard.cells import Cell, cells_of_means, plain_cells
from apps.dashboard.scan_strip import Strip, strip_of
from apps.dashboard.series import Series, along, of_trail, whole_or_none
from apps.dashboard.words import STATE_WORDS

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from apps.adoption.figures import Figures
    from apps.scans.models import ScanRequest
    from apps.teams.models import Project, ProjectQuerySet

DAYS = 90
HEAVY = ("factors", "counts", "profile", "unread", "settings")  # what a row does not need of a scorecard


@dataclass(frozen=True, slots=True)
class Row:
    """One project on the board. `score` is whole, None before the first; `scanned` is an age like `3 h`."""

    project: Project
    score: int | None
    grade: str
    provisional: bool
    cells: list[Cell]
    series: Series
    waived: int
    contested: int
    scan: Strip
    scanned: str
    stale: bool

    @property
    def d30(self) -> int | None:
        return self.series.change(30)

    @property
    def d90(self) -> int | None:
        return self.series.change(90)

    @property
    def counts(self) -> list[tuple[str, int]]:
        """How many of the factors are in each state that a scan or a person decided."""
        states = [cell.state for cell in self.cells]
        return [(state, states.count(state)) for state in STATE_WORDS if state != State.UNKNOWN]


@dataclass(frozen=True, slots=True)
class Summary:
    """The mean of several projects, for a team's row and for the whole organisation."""

    score: int | None
    grade: str | None
    cells: list[Cell]
    series: Series
    projects: int
    d30: int | None
    d90: int | None


def for_rows(projects: ProjectQuerySet) -> ProjectQuerySet:
    """`projects` with what `row_of` reads and nothing else."""
    past = {"past": F(f"trail__scores__{KEPT - DAYS}_{KEPT}"), "past_until": F("trail__until")}
    return projects.defer(*(f"scorecard__{field}" for field in HEAVY)).annotate(**past)


def row_of(project: Project, scan: ScanRequest | None, now: datetime) -> Row:
    """The row of a project out of `for_rows`, with its latest scan."""
    card = card_of(project)
    past, until = getattr(project, "past", None), getattr(project, "past_until", None)
    return Row(
        project=project,
        score=whole_or_none(card.score) if card else None,
        grade=card.grade if card else "",
        provisional=bool(card and card.provisional),
        cells=plain_cells(card),
        series=along(past or (), until, card.score if card else None, end=now, days=DAYS),
        waived=card.waived if card else 0,
        contested=card.contested if card else 0,
        scan=strip_of(scan),
        scanned=age(now - card.scanned_at) if card else "never",
        stale=bool(card and is_stale(project, card.scanned_at, now)),
    )


def summary_of(figures: Figures, trail: Trail | None, now: datetime, days: int = DAYS) -> Summary:
    return Summary(
        score=whole_or_none(figures.score),
        grade=figures.grade,
        cells=cells_of_means(figures.factors),
        series=of_trail(trail, figures.score, end=now, days=days),
        projects=figures.projects,
        d30=figures.change(30),
        d90=figures.change(90),
    )


def trails_of(teams: Iterable[int]) -> dict[int | None, Trail]:
    """Per team its trail without the factors. One query."""
    return {trail.team_id: trail for trail in Trail.objects.filter(team__in=teams).defer("factors")}
