"""One factor across all projects: how it stands, who to learn from, and what is missing most."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.db.models import Count, F, Q, Window
from django.db.models.functions import RowNumber
from django.utils import timezone

from apps.adoption.board import PLACES
from apps.adoption.figures import changes_of_factor, figures_of_teams, together
from apps.adoption.models import Scorecard, Standing, Trail
from apps.catalog import State
from apps.dashboard.cells import Cell, cells_of_means
from apps.dashboard.places import Place, places_of
from apps.dashboard.series import Series, along
from apps.dashboard.words import legend_of
from apps.teams.models import Project, Team

if TYPE_CHECKING:
    from apps.catalog import Factor, Item

DAYS = 90
EXAMPLES = 3  # of each item
PLACES_SHOWN = 2  # of each example
TEAMS = 8


@dataclass(frozen=True, slots=True)
class Example:
    """A project that meets an item, with the places that show it."""

    project: Project
    summary: str
    places: list[Place]


@dataclass(frozen=True, slots=True)
class ItemRow:
    """One item over all projects: how many are in each state, and who to learn from."""

    item: Item
    counts: Counter[str]
    examples: list[Example]

    @property
    def open(self) -> int:
        """How many projects lack it, wholly or in part."""
        return self.counts[State.UNMET] + self.counts[State.PARTIAL]

    @property
    def legend(self) -> list[tuple[str, str, str, int]]:
        return legend_of(self.counts)


@dataclass(frozen=True, slots=True)
class TeamRow:
    team: Team
    cell: Cell


class FactorPage:
    def __init__(self, factor: Factor) -> None:
        self.factor = factor
        self.place = PLACES[factor.slug]
        self.now = timezone.now()
        self._figures = figures_of_teams()

    def fetched(self) -> FactorPage:
        """This page with all in hand, so that a template asks the database for nothing."""
        for part in ("cell", "series", "changes", "counts", "items", "teams"):
            getattr(self, part)
        return self

    @cached_property
    def cell(self) -> Cell:
        return cells_of_means(together(self._figures.values()).factors)[self.place]

    @cached_property
    def series(self) -> Series:
        mean = together(self._figures.values()).factors[self.place]
        trail = Trail.objects.filter(project=None, team=None).first()
        line = trail.factors[self.place] if trail and trail.factors else []
        return along(line, trail.until if trail else None, mean, end=self.now, days=DAYS)

    @property
    def projects(self) -> int:
        return self.counts.total()

    @cached_property
    def changes(self) -> dict[int, int | None]:
        return changes_of_factor(self.place)

    @property
    def d30(self) -> int | None:
        return self.changes[30]

    @property
    def d90(self) -> int | None:
        return self.changes[90]

    @cached_property
    def counts(self) -> Counter[str]:
        """In how many projects the factor is in each state."""
        cards = Scorecard.objects.filter(project__archived_at=None)
        rows = cards.values(state=F(f"factor_states__{self.place}")).annotate(count=Count("pk"))
        counted = Counter({row["state"]: row["count"] for row in rows if row["state"]})
        total = sum(figures.projects for figures in self._figures.values())
        counted[State.UNKNOWN.value] += total - counted.total()
        return counted

    @property
    def legend(self) -> list[tuple[str, str, str, int]]:
        return legend_of(self.counts)

    @cached_property
    def items(self) -> list[ItemRow]:
        """The factor's items, the most common gap first."""
        mine = Standing.objects.filter(item__in=[item.id for item in self.factor.items], project__archived_at=None)
        counts: dict[str, Counter[str]] = defaultdict(Counter)
        for item, state, count in mine.values_list("item", "state").annotate(count=Count("pk")):
            counts[item][state] = count
        examples = self._examples()
        rows = [ItemRow(item, counts[item.id], examples[item.id]) for item in self.factor.items]
        return sorted(rows, key=lambda row: -row.open)

    def _examples(self) -> dict[str, list[Example]]:
        """Per item the best projects that a scan found to meet it, with evidence."""
        shown = Q(state=State.MET, automatic=State.MET, waived=False, project__archived_at=None) & ~Q(evidence=[])
        met = Standing.objects.filter(shown, item__in=[item.id for item in self.factor.items])
        best_first: list[Any] = [F("project__scorecard__score").desc(nulls_last=True), F("project__name")]
        ranked = met.annotate(rank=Window(RowNumber(), partition_by=F("item"), order_by=best_first))
        found: dict[str, list[Example]] = defaultdict(list)
        for one in ranked.filter(rank__lte=EXAMPLES).select_related("project__team").order_by("item", "rank"):
            places = places_of(one.project, one.evidence[:PLACES_SHOWN], one.commit)
            found[one.item].append(Example(one.project, one.summary, places))
        return found

    @cached_property
    def teams(self) -> list[TeamRow]:
        """The teams whose mean is lowest."""
        means = {team: figures.factors[self.place] for team, figures in self._figures.items()}
        known = sorted((mean, team) for team, mean in means.items() if mean is not None)[:TEAMS]
        named = Team.objects.in_bulk([team for _, team in known])
        return [TeamRow(named[team], cells_of_means(self._figures[team].factors)[self.place]) for _, team in known]
