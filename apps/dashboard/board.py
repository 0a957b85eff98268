"""Everything the overview shows, fetched in a constant number of queries."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from typing import TYPE_CHECKING

from django.db.models import Count, F, Func
from django.db.models.functions import Abs
from django.utils import timezone

from apps.adoption.board import points_since
from apps.adoption.figures import figures_of_teams, together
from apps.adoption.models import Scorecard, Trail
from apps.catalog import FACTORS, State
from apps.dashboard.paging import groups_within, page_of
from apps.dashboard.rows import Row, Summary, for_rows, row_of, summary_of, trails_of
from apps.dashboard.scan_strip import latest_scans
from apps.dashboard.words import legend_of
from apps.teams.models import Project, Team

if TYPE_CHECKING:
    from apps.adoption.board import BoardFilter
    from apps.dashboard.cells import Cell
    from apps.teams.models import ProjectQuerySet

MOVES = 4


@dataclass(frozen=True, slots=True)
class Group:
    """The rows of one team on this page, of `count` that match; without a team, rows of any."""

    team: Team | None
    summary: Summary | None
    rows: list[Row]
    count: int


class Board:
    """The board that `wanted` asks for, `page` of it; what only the whole page shows is fetched when asked for."""

    def __init__(self, wanted: BoardFilter, page: str = "") -> None:
        self.wanted = wanted
        self.now = timezone.now()
        self._figures = figures_of_teams()
        self._all = together(self._figures.values())
        matching = wanted.matching(Project.objects.for_board())
        self._teams = wanted.teams(matching)
        self.count = sum(count for _, count in self._teams)
        sizes = [count for _, count in self._teams] if wanted.grouped else [self.count]
        self.page = page_of(sizes, page)
        self.groups = self._grouped(sizes) if wanted.grouped else self._flat()

    def fetched(self) -> Board:
        """This board with all that the whole page shows in hand, so that a template asks the database for nothing."""
        for part in ("summary", "counts", "moves", "teams", "tags"):
            getattr(self, part)
        return self

    @property
    def total(self) -> int:
        return self._all.projects

    @property
    def rows(self) -> list[Row]:
        return [row for group in self.groups for row in group.rows]

    @property
    def live(self) -> bool:
        return any(row.scan.live for row in self.rows)

    def _grouped(self, sizes: list[int]) -> list[Group]:
        shown, skipped = groups_within(sizes, self.page)
        teams = [self._teams[place][0] for place in shown]
        projects = self.wanted.matching(Project.objects.for_board()).filter(team__in=teams)
        rows = self._rows(self.wanted.ordered(projects, teams), skipped)
        trails, counts = trails_of(teams), dict(self._teams)
        grouped = [(team, list(members)) for team, members in groupby(rows, key=lambda row: row.project.team)]
        return [
            Group(team, summary_of(self._figures[team.pk], trails.get(team.pk), self.now), members, counts[team.pk])
            for team, members in grouped
        ]

    def _flat(self) -> list[Group]:
        projects = self.wanted.matching(Project.objects.for_board())
        rows = self._rows(self.wanted.ordered(projects), self.page.start)
        return [Group(None, None, rows, self.count)] if rows else []

    def _rows(self, projects: ProjectQuerySet, start: int) -> list[Row]:
        shown = list(for_rows(projects)[start : start + self.page.stop - self.page.start])
        scans = latest_scans(shown)
        return [row_of(project, scans.get(project.pk), self.now) for project in shown]

    @cached_property
    def summary(self) -> Summary:
        return summary_of(self._all, Trail.objects.filter(project=None, team=None).defer("factors").first(), self.now)

    @cached_property
    def counts(self) -> Counter[str]:
        """How many factors of all projects are in each state."""
        cards = Scorecard.objects.filter(project__in=Project.objects.active())
        states = cards.annotate(state=Func(F("factor_states"), function="unnest")).values("state")
        counted = Counter(dict(states.annotate(count=Count("*")).values_list("state", "count")))
        counted[State.UNKNOWN.value] += len(FACTORS) * self.total - counted.total()
        return counted

    @property
    def states(self) -> int:
        return self.counts.total()

    @property
    def legend(self) -> list[tuple[str, str, str, int]]:
        """State, its short and its long word, and how many factors are in it."""
        return legend_of(self.counts)

    @property
    def lowest(self) -> list[Cell]:
        """The four factors with the lowest means."""
        scored = [cell for cell in self.summary.cells if cell.score is not None]
        return sorted(scored, key=lambda cell: cell.score or 0)[:4]

    @cached_property
    def moves(self) -> list[Project]:
        """The projects whose score changed most in 30 days, with their `points`."""
        moved = Project.objects.active().annotate(points=points_since(30)).exclude(points=0).exclude(points=None)
        return list(moved.order_by(Abs("points").desc(), "name")[:MOVES])

    @cached_property
    def teams(self) -> list[Team]:
        return list(Team.objects.filter(pk__in=self._figures))

    @cached_property
    def tags(self) -> list[str]:
        tags = Project.objects.active().order_by().annotate(word=Func(F("tags"), function="unnest"))
        return sorted(tags.values_list("word", flat=True).distinct())
