"""All teams side by side, in three queries however many there are."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.adoption.figures import Figures, figures_of_teams
from apps.dashboard.paging import page_of
from apps.dashboard.rows import Summary, summary_of, trails_of
from apps.teams.models import Team

if TYPE_CHECKING:
    from apps.dashboard.paging import Page

# Word in the address, label, class of the column.
COLUMNS = [
    ("name", _("Team"), ""), ("score", _("Score"), "r"), ("", _("Grade"), ""),
    ("", _("Factors 1 to 12"), "w-prof hide-s"),
    ("d30", _("30 days"), "r"), ("d90", _("90 days"), "r hide-s"), ("", _("Trend"), "hide-s"),
    ("projects", _("Projects"), "r hide-s"),
]  # fmt: skip
SORTS = [word for word, *_rest in COLUMNS if word]


@dataclass(frozen=True, slots=True)
class TeamRow:
    team: Team
    summary: Summary

    def place(self, column: str) -> Any:  # noqa: ANN401 - what can be compared within one column
        return self.team.name.casefold() if column == "name" else getattr(self.summary, column)


@dataclass(frozen=True, slots=True)
class Head:
    """The head of a column; `sort` is the order that its link asks for, `way` the one that holds."""

    label: str
    css: str
    sort: str
    way: str


class TeamList:
    def __init__(self, *, sort: str = "", page: str = "") -> None:
        self.column = sort.removeprefix("-") if sort.removeprefix("-") in SORTS else "name"
        self.descending = sort.startswith("-")
        self.asked_page = page
        self.now = timezone.now()

    def fetched(self) -> TeamList:
        """This list with all in hand, so that a template asks the database for nothing."""
        self._all  # noqa: B018 - it is kept
        return self

    @cached_property
    def _all(self) -> list[TeamRow]:
        teams = list(Team.objects.all())
        figures, trails = figures_of_teams(), trails_of([team.pk for team in teams])
        return [
            TeamRow(team, summary_of(figures.get(team.pk, Figures()), trails.get(team.pk), self.now)) for team in teams
        ]

    @property
    def ordered(self) -> list[TeamRow]:
        """All teams in the order asked for, those without a value last."""
        known = [row for row in self._all if row.place(self.column) is not None]
        known.sort(key=lambda row: row.place(self.column), reverse=self.descending)
        return [*known, *(row for row in self._all if row.place(self.column) is None)]

    @property
    def total(self) -> int:
        return len(self._all)

    @property
    def page(self) -> Page:
        return page_of([self.total], self.asked_page)

    @property
    def rows(self) -> list[TeamRow]:
        return self.ordered[self.page.start : self.page.stop]

    @property
    def heads(self) -> list[Head]:
        way = "descending" if self.descending else "ascending"
        return [
            Head(
                str(label),
                css,
                f"-{word}" if word and word == self.column and not self.descending else word,
                way if word and word == self.column else "",
            )
            for word, label, css in COLUMNS
        ]
