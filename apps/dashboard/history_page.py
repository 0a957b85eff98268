"""How scores moved: teams as small multiples, factors by week, and what stood behind the biggest moves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.adoption.figures import Figures, factor_changes, figures_of_teams, most_moved, together
from apps.adoption.models import Trail
from apps.catalog import FACTORS
from apps.dashboard.movement import Event, events_of
from apps.dashboard.paging import page_of
from apps.dashboard.rows import Summary, summary_of, trails_of
from apps.dashboard.series import Series, along
from apps.teams.models import Project, Team

if TYPE_CHECKING:
    from datetime import date, datetime

    from apps.catalog import Factor
    from apps.dashboard.paging import Page

# Days of a period, its label, and the days between two columns of the heat table.
PERIODS = [(30, _("30 days"), 7), (90, _("90 days"), 7), (365, _("Year"), 28)]
CHARTS = 12
MOVERS = 5
PALE, STEP = 55, 10  # the ramp: below PALE no colour, then one shade for each STEP points


@dataclass(frozen=True, slots=True)
class Multiple:
    team: Team
    summary: Summary
    change: int | None


@dataclass(frozen=True, slots=True)
class Week:
    """A column of the heat table: the day it shows, and whether the rules changed since the column before."""

    day: date
    broken: bool


@dataclass(frozen=True, slots=True)
class Heat:
    score: int | None

    @property
    def shade(self) -> int:
        return 0 if self.score is None or self.score < PALE else min(4, (self.score - PALE) // STEP + 1)


@dataclass(frozen=True, slots=True)
class FactorRow:
    factor: Factor
    heats: list[Heat]
    change: int | None


@dataclass(frozen=True, slots=True)
class Mover:
    """A project that moved much, by `points`, and the events behind it."""

    project: Project
    points: int
    events: list[Event]


class HistoryPage:
    """The page of one period; `team` narrows the heat table and the moves, None shows all."""

    def __init__(self, *, days: str = "", team: Team | None = None, order: str = "", page: str = "") -> None:
        self.now: datetime = timezone.now()
        self.periods = PERIODS
        self.days, self.word, self.step = next((one for one in PERIODS if str(one[0]) == days), PERIODS[1])
        self.team = team
        self.order = "change" if order == "change" else "name"
        self.asked_page = page

    def fetched(self) -> HistoryPage:
        """This page with all in hand, so that a template asks the database for nothing."""
        for part in ("teams", "everybody", "multiples", "rows", "movers"):
            getattr(self, part)
        return self

    @cached_property
    def _figures(self) -> dict[int, Figures]:
        return figures_of_teams()

    @cached_property
    def teams(self) -> list[Team]:
        """Those that have projects."""
        return list(Team.objects.filter(pk__in=self._figures))

    @cached_property
    def _everywhere(self) -> Trail | None:
        return Trail.objects.filter(project=None, team=None).first()

    @cached_property
    def everybody(self) -> Summary:
        return summary_of(together(self._figures.values()), self._everywhere, self.now, self.days)

    @cached_property
    def page(self) -> Page:
        return page_of([len(self.teams)], self.asked_page, most=CHARTS)

    @cached_property
    def multiples(self) -> list[Multiple]:
        changes = {team: figures.change(self.days) for team, figures in self._figures.items()}
        teams = self.teams
        if self.order == "change":
            teams = sorted(teams, key=lambda team: -abs(changes[team.pk] or 0))
        shown = teams[self.page.start : self.page.stop]
        trails = trails_of([team.pk for team in shown])
        return [
            Multiple(
                team, summary_of(self._figures[team.pk], trails.get(team.pk), self.now, self.days), changes[team.pk]
            )
            for team in shown
        ]

    @cached_property
    def _trail(self) -> Trail | None:
        """The past of the factors in the heat table."""
        return Trail.objects.filter(team=self.team).first() if self.team else self._everywhere

    @property
    def weeks(self) -> list[Week]:
        today = timezone.localdate(self.now)
        days = [today - timedelta(days=back) for back in self._backs]
        breaks = self._trail.breaks if self._trail else []
        before = [days[0] - timedelta(days=self.step), *days]
        return [Week(day, any(before[at] < one <= day for one in breaks)) for at, day in enumerate(days)]

    @property
    def _backs(self) -> list[int]:
        """How many days ago each column is, the oldest first; today is the last."""
        return list(range(self.days // self.step * self.step, -1, -self.step))

    @cached_property
    def rows(self) -> list[FactorRow]:
        whose = self._figures.get(self.team.pk, Figures()) if self.team else together(self._figures.values())
        past = self._trail.factors if self._trail and self._trail.factors else [[] for _ in FACTORS]
        until = self._trail.until if self._trail else None
        changes = factor_changes(self.days, self.team)
        return [
            FactorRow(factor, self._heats(along(line, until, mean, end=self.now, days=self.days)), change)
            for factor, line, mean, change in zip(FACTORS, past, whose.factors, changes, strict=True)
        ]

    def _heats(self, series: Series) -> list[Heat]:
        return [Heat(series.values[-1 - back]) for back in self._backs]

    @cached_property
    def movers(self) -> list[Mover]:
        """The projects that won and lost most, winners first, each with its events."""
        points = most_moved(self.days, MOVERS, self.team)
        projects = Project.objects.select_related("team").in_bulk(list(points))
        events = events_of(list(points), days=self.days, now=self.now)
        return [Mover(projects[pk], won, events.get(pk, [])) for pk, won in points.items()]

    @property
    def sides(self) -> list[tuple[str, str, list[Mover]]]:
        """Icon, word, and the projects that went that way."""
        return [
            ("up", gettext("Won most"), [mover for mover in self.movers if mover.points > 0]),
            ("down", gettext("Lost most"), [mover for mover in self.movers if mover.points < 0]),
        ]
