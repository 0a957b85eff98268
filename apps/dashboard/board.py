"""Everything the overview shows, fetched in a constant number of queries."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import TYPE_CHECKING

from django.conf import settings
from django.db.models import Count, Q
from django.utils import timezone

from apps.adoption.board import BoardFilter, card_of
from apps.adoption.models import Standing
from apps.catalog import FACTORS
from apps.dashboard.ages import age
from apps.dashboard.cells import Cell, cells_of
from apps.dashboard.scan_strip import Strip, latest_scans, strip_of
from apps.dashboard.series import Series, daily, mean_of, moves_since, whole_or_none
from apps.dashboard.words import SHORT_WORDS, STATE_WORDS
from apps.scoring import grade_of, mean_score, state_of
from apps.teams.models import Project, Team

if TYPE_CHECKING:
    from collections.abc import Sequence

    from apps.scans.models import ScanRequest

DAYS = 90


@dataclass(frozen=True, slots=True)
class Row:
    """One project on the board. `score` is whole, None before the first; `scanned` is an age like `3 h`."""

    project: Project
    score: int | None
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


@dataclass(frozen=True, slots=True)
class Summary:
    """The mean of several projects, for a team's row and for the whole organisation."""

    score: int | None
    grade: str | None
    cells: list[Cell]
    series: Series

    @property
    def d30(self) -> int | None:
        return self.series.change(30)

    @property
    def d90(self) -> int | None:
        return self.series.change(90)


@dataclass(frozen=True, slots=True)
class Group:
    team: Team | None
    summary: Summary | None
    rows: list[Row]


@dataclass(frozen=True, slots=True)
class Board:
    wanted: BoardFilter
    rows: list[Row]
    groups: list[Group]
    summary: Summary
    counts: Counter[str]
    teams: list[Team]
    tags: list[str]
    total: int

    @property
    def live(self) -> bool:
        return any(row.scan.live for row in self.rows)

    @property
    def states(self) -> int:
        """How many factor states the summary counts."""
        return self.counts.total()

    @property
    def legend(self) -> list[tuple[str, str, str, int]]:
        """State, its short and its long word, and how many factors are in it."""
        return [(state, SHORT_WORDS[state], word, self.counts[state]) for state, word in STATE_WORDS.items()]

    @property
    def lowest(self) -> list[Cell]:
        """The four factors with the lowest means."""
        scored = [cell for cell in self.summary.cells if cell.score is not None]
        return sorted(scored, key=lambda cell: cell.score or 0)[:4]

    @property
    def moves(self) -> list[Row]:
        """The four rows whose score changed most in 30 days."""
        return sorted((row for row in self.rows if row.d30), key=lambda row: -abs(row.d30 or 0))[:4]


def board(wanted: BoardFilter) -> Board:
    """The board that `wanted` asks for; its summary is of all projects. Four queries."""
    projects = list(Project.objects.for_board())
    rows = _rows(projects)
    shown = [rows[project.pk] for project in wanted.select(projects)]
    return Board(
        wanted=wanted,
        rows=shown,
        groups=_groups(shown, by_team=wanted.sort == "team"),
        summary=_summary(list(rows.values())),
        counts=Counter(cell.state for row in rows.values() for cell in row.cells),
        teams=sorted({project.team for project in projects}, key=lambda team: team.name),
        tags=sorted({tag for project in projects for tag in project.tags}),
        total=len(projects),
    )


def _rows(projects: Sequence[Project]) -> dict[int, Row]:
    now = timezone.now()
    history = moves_since(now - timedelta(days=DAYS), projects)
    scans = latest_scans(projects)
    marked = Standing.objects.filter(Q(waived=True) | Q(contested=True), project__in=projects).values_list("project")
    counted = marked.annotate(
        waivers=Count("pk", filter=Q(waived=True)), contests=Count("pk", filter=Q(contested=True))
    )
    marks = {project: (waivers, contests) for project, waivers, contests in counted}
    return {
        project.pk: _row(
            project,
            daily(history.get(project.pk, []), end=now, days=DAYS),
            scans.get(project.pk),
            marks.get(project.pk, (0, 0)),
            now,
        )
        for project in projects
    }


def _row(project: Project, series: Series, scan: ScanRequest | None, marks: tuple[int, int], now: datetime) -> Row:
    card = card_of(project)
    since = now - card.scanned_at if card else None
    return Row(
        project=project,
        score=whole_or_none(card.score) if card else None,
        provisional=bool(card and card.provisional),
        cells=cells_of(card),
        series=series,
        waived=marks[0],
        contested=marks[1],
        scan=strip_of(scan),
        scanned=age(since) if since is not None else "never",
        stale=since is not None and since > 2 * settings.SCAN_INTERVAL,
    )


def _groups(rows: list[Row], *, by_team: bool) -> list[Group]:
    if not by_team:
        return [Group(None, None, rows)] if rows else []
    grouped = [(team, list(members)) for team, members in groupby(rows, key=lambda row: row.project.team)]
    return [Group(team, _summary(members), members) for team, members in grouped]


def _summary(rows: list[Row]) -> Summary:
    score = mean_score(row.score for row in rows)
    means = [mean_score(row.cells[index].score for row in rows) for index in range(len(FACTORS))]
    weakest = min((one for one in means if one is not None), default=None)
    series = mean_of([row.series for row in rows], end=timezone.now(), days=DAYS)
    cells = [Cell(factor, state_of(one), whole_or_none(one)) for factor, one in zip(FACTORS, means, strict=True)]
    return Summary(whole_or_none(score), grade_of(score, weakest), cells, series)
