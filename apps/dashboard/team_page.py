"""Everything a team's scorecard shows, fetched in a constant number of queries."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from django.db.models import Q
from django.utils import timezone

from apps.adoption.figures import Figures, factor_changes, figures_of_teams, together
from apps.adoption.models import Standing, Trail
from apps.catalog import FACTORS, ITEMS, State
from apps.dashboard.movement import Movement, movement_of
from apps.dashboard.paging import page_of
from apps.dashboard.rows import DAYS, Row, Summary, for_rows, row_of, summary_of
from apps.dashboard.scan_strip import latest_scans
from apps.dashboard.series import whole_or_none
from apps.dashboard.words import legend_of
from apps.scoring import ItemStanding, gains
from apps.teams.models import Membership, Project, Team

if TYPE_CHECKING:
    from apps.catalog import Item
    from apps.dashboard.cells import Cell
    from apps.dashboard.paging import Page

PERIODS = (30, 90)
GAPS = 6
NAMED = 5  # projects of a gap that are named


@dataclass(frozen=True, slots=True)
class Bar:
    """One factor of the team beside the mean of all teams, and the points that it won in 90 days."""

    cell: Cell
    others: int | None
    change: int | None

    @property
    def past(self) -> int | None:
        """Where it stood, were its projects of then those of now."""
        return None if self.change is None or self.cell.score is None else self.cell.score - self.change


@dataclass(frozen=True, slots=True)
class Gap:
    """An item that some projects lack, and the points that the team's score would gain if they closed it."""

    item: Item
    points: float
    projects: list[Project]
    worst: State

    @property
    def factor(self) -> str:
        return next(factor.name for factor in FACTORS if factor.slug == self.item.factor)

    @property
    def anchor(self) -> str:
        return f"item-{self.item.id.replace('.', '-')}"

    @property
    def named(self) -> list[Project]:
        return self.projects[:NAMED]

    @property
    def unnamed(self) -> int:
        return len(self.projects) - len(self.named)


class TeamPage:
    """What the page and its fragments read; what a fragment leaves out is not fetched."""

    def __init__(self, team: Team, *, days: str = "", page: str = "") -> None:
        self.team = team
        self.now = timezone.now()
        self.days = next((period for period in PERIODS if str(period) == days), PERIODS[0])
        self.asked_page = page
        self.periods = PERIODS

    def fetched(self, *parts: str) -> TeamPage:
        """This page with `parts` in hand, by default all, so that a template asks the database for nothing."""
        for part in parts or ("summary", "everybody", "bars", "rows", "gaps", "movement", "members"):
            getattr(self, part)
        return self

    @cached_property
    def _figures(self) -> dict[int, Figures]:
        return figures_of_teams()

    @cached_property
    def _trails(self) -> dict[int | None, Trail]:
        wanted = Q(team=self.team) | Q(team=None, project=None)
        return {trail.team_id: trail for trail in Trail.objects.filter(wanted).defer("factors")}

    @cached_property
    def summary(self) -> Summary:
        return summary_of(self._figures.get(self.team.pk, Figures()), self._trails.get(self.team.pk), self.now)

    @cached_property
    def everybody(self) -> Summary:
        return summary_of(together(self._figures.values()), self._trails.get(None), self.now)

    @property
    def ranked(self) -> int:
        """How many teams have a score."""
        return sum(one.score is not None for one in self._figures.values())

    @property
    def rank(self) -> int | None:
        scores = [whole_or_none(one.score) for one in self._figures.values()]
        mine = self.summary.score
        return None if mine is None else 1 + sum(score is not None and score > mine for score in scores)

    @property
    def tone(self) -> str:
        """The state that colours the grade."""
        tones = {"A": State.MET, "B": State.MET, "C": State.PARTIAL, "D": State.PARTIAL}
        return tones.get(self.summary.grade or "", State.UNMET if self.summary.grade else State.UNKNOWN).value

    @cached_property
    def bars(self) -> list[Bar]:
        cells = zip(self.summary.cells, self.everybody.cells, factor_changes(DAYS, self.team), strict=True)
        return [Bar(cell, other.score, change) for cell, other, change in cells]

    @cached_property
    def page(self) -> Page:
        return page_of([self.summary.projects], self.asked_page)

    @cached_property
    def rows(self) -> list[Row]:
        projects = for_rows(Project.objects.for_board().filter(team=self.team))
        shown = list(projects[self.page.start : self.page.stop])
        scans = latest_scans(shown)
        return [row_of(project, scans.get(project.pk), self.now) for project in shown]

    @cached_property
    def _standings(self) -> list[tuple[int, str, str, bool]]:
        mine = Standing.objects.filter(project__team=self.team, project__archived_at=None, item__in=ITEMS)
        return list(mine.values_list("project_id", "item", "state", "waived"))

    @property
    def counts(self) -> Counter[str]:
        """How many items of the team's projects are in each state; waived ones count as not applicable."""
        return Counter(State.NA.value if waived else state for _, _, state, waived in self._standings)

    @property
    def legend(self) -> list[tuple[str, str, str, int]]:
        return legend_of(self.counts)

    @cached_property
    def gaps(self) -> list[Gap]:
        """The items that would raise the team's score most, best first."""
        by_project: dict[int, list[ItemStanding]] = defaultdict(list)
        for project, item, state, waived in self._standings:
            by_project[project].append(ItemStanding(item, State(state), waived=waived))
        points: Counter[str] = Counter()
        lacking: dict[str, list[tuple[int, State]]] = defaultdict(list)
        for project, standings in by_project.items():
            states = {standing.item_id: standing.state for standing in standings}
            for item, gain in gains(standings):
                if states[item] in {State.UNMET, State.PARTIAL}:
                    points[item] += gain  # type: ignore[assignment] # a Counter of floats
                    lacking[item].append((project, states[item]))
        scored = self._figures[self.team.pk].counts[0] if points else 1
        best = points.most_common(GAPS)
        names = Project.objects.only("name", "slug").in_bulk([one for item, _ in best for one, _ in lacking[item]])
        return [
            Gap(ITEMS[item], total / scored, [names[one] for one, _ in lacking[item]], _worst(lacking[item]))
            for item, total in best
        ]

    @cached_property
    def movement(self) -> Movement:
        return movement_of(Q(project__team=self.team), days=self.days, now=self.now)

    @cached_property
    def members(self) -> list[Membership]:
        members = Membership.objects.filter(team=self.team).select_related("user")
        return sorted(members, key=lambda one: (one.role != "maintainer", one.user.get_full_name().casefold()))

    @property
    def maintainers(self) -> list[Membership]:
        return [member for member in self.members if member.role == "maintainer"]


def _worst(lacking: list[tuple[int, State]]) -> State:
    return State.UNMET if any(state is State.UNMET for _, state in lacking) else State.PARTIAL
