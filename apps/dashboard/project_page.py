"""Everything the project page shows, fetched in a constant number of queries."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING, TypeGuard

from django.utils import timezone
from django.utils.translation import gettext as _

from apps.adoption.board import card_of
from apps.adoption.corrections import open_corrections
from apps.adoption.past import observed_since
from apps.adoption.sheet import Line, Show, line_of, lines_of
from apps.catalog import ITEMS, State
from apps.dashboard.cells import Cell, cells_of
from apps.dashboard.changes import anchor_of
from apps.dashboard.claims import ClaimView, claims_of, stages_of
from apps.dashboard.events import Event, recent_events
from apps.dashboard.forges import web_address
from apps.dashboard.past_strip import Past, past_of
from apps.dashboard.places import Place, places_of
from apps.dashboard.proposals import Proposal, proposals_of, unanswered
from apps.dashboard.scan_strip import Strip, latest_scans, strip_of
from apps.dashboard.series import Series, daily, moves_since, whole_or_none
from apps.scoring import ItemStanding, gains
from apps.teams.access import Action, actions_of

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser, User

    from apps.adoption.models import Scorecard
    from apps.catalog import Item
    from apps.teams.models import Project

WARNED_DAYS_BEFORE = 14
PERIODS = (30, 90, 365)
ON_ARCHIVED = frozenset({Action.VIEW, Action.EDIT_PROJECT, Action.DELETE_PROJECT})
PARTS = ("card", "lines", "scan", "series", "events", "past", "claims", "actions")


@dataclass(frozen=True, slots=True)
class ItemView:
    """One item's line on the page."""

    line: Line
    places: list[Place]
    days_left: int | None
    proposal: Proposal | None

    @property
    def anchor(self) -> str:
        return anchor_of(self.line.item.id)


@dataclass(frozen=True, slots=True)
class FactorView:
    cell: Cell
    items: list[ItemView]

    @property
    def open(self) -> bool:
        return self.cell.state in {State.PARTIAL, State.UNMET}


@dataclass(frozen=True, slots=True)
class NextStep:
    """An item that would raise the score most, by `points`."""

    item: Item
    points: float
    remedy: str
    effort: str

    @property
    def anchor(self) -> str:
        return anchor_of(self.item.id)


@dataclass(frozen=True, slots=True)
class Ending:
    """What of an item ends in `days`: `kind` says whether it is the tick or the waiver."""

    item: Item
    days: int
    kind: str

    @property
    def anchor(self) -> str:
        return anchor_of(self.item.id)


class ProjectPage:
    """What the page and its fragments read; a view says which parts it needs."""

    def __init__(self, project: Project, user: User | AnonymousUser, *, show: str = "", days: str = "") -> None:
        self.project = project
        self.user = user
        self.show = Show.asked(show)
        self.days = next((period for period in PERIODS if str(period) == days), 90)

    def fetched(self, *parts: str) -> ProjectPage:
        """This page with `parts` in hand, by default all, so that a template asks the database for nothing."""
        for part in parts or PARTS:
            getattr(self, part)
        return self

    @property
    def periods(self) -> tuple[int, ...]:
        """Lengths of the chart that one can choose, in days."""
        return PERIODS

    @cached_property
    def card(self) -> Scorecard | None:
        card: Scorecard | None = card_of(self.project)
        return card

    @cached_property
    def score(self) -> int | None:
        return whole_or_none(self.card.score) if self.card else None

    @cached_property
    def verified(self) -> int | None:
        return whole_or_none(self.card.verified) if self.card else None

    @cached_property
    def cells(self) -> list[Cell]:
        return cells_of(self.card)

    @cached_property
    def lines(self) -> list[Line]:
        return lines_of(self.project)

    @cached_property
    def ending(self) -> list[Ending]:
        """Ticks and waivers that end within two weeks, the next first."""
        left = [(_days_left(line), line) for line in self.lines]
        soon = [
            Ending(line.item, days, _("the waiver ends") if line.waiver else _("the tick ends"))
            for days, line in left
            if _is_soon(days)
        ]
        return sorted(soon, key=lambda one: one.days)

    @cached_property
    def factors(self) -> list[FactorView]:
        """The factors that have something to show, with only those items that are wanted."""
        shown = [(line.item.factor, self._item_view(line)) for line in self.show.of(self.lines)]
        views = [FactorView(cell, [view for slug, view in shown if slug == cell.factor.slug]) for cell in self.cells]
        return [view for view in views if view.items]

    @cached_property
    def shows(self) -> list[tuple[str, str, int]]:
        """The ways to show items: word in the address, label, how many."""
        labels = {Show.ALL: _("All"), Show.GAPS: _("Gaps"), Show.BY_HAND: _("By hand")}
        return [(show.value, label, len(show.of(self.lines))) for show, label in labels.items()]

    @cached_property
    def steps(self) -> list[NextStep]:
        standings = {line.item.id: line.standing for line in self.lines}
        counted = [ItemStanding(one.item, State(one.state), waived=one.waived) for one in standings.values()]
        best = [(item, points) for item, points in gains(counted) if standings[item].state != State.UNKNOWN][:3]
        return [
            NextStep(ITEMS[item], points, standings[item].remedy or ITEMS[item].remedy, standings[item].effort)
            for item, points in best
        ]

    @cached_property
    def scan(self) -> Strip:
        return strip_of(latest_scans([self.project]).get(self.project.pk))

    @cached_property
    def series(self) -> Series:
        now, longest = timezone.now(), PERIODS[-1]
        moves = moves_since(now - timedelta(days=longest), [self.project])
        series = daily(moves.get(self.project.pk, []), end=now, days=longest)
        since = observed_since(self.project)
        return replace(series, observed_since=timezone.localdate(since) if since else None)

    @cached_property
    def chart(self) -> Series:
        return replace(self.series, values=self.series.values[-self.days - 1 :], days=self.days)

    @cached_property
    def d30(self) -> int | None:
        return self.series.change(30)

    @cached_property
    def d90(self) -> int | None:
        return self.series.change(90)

    @cached_property
    def events(self) -> list[Event]:
        return recent_events(self.project)

    @cached_property
    def past(self) -> Past:
        """How far the reading of past commits is."""
        return past_of(self.project)

    @cached_property
    def web(self) -> str:
        return web_address(self.project.url)

    @cached_property
    def claims(self) -> list[ClaimView]:
        """What the system is."""
        return claims_of(self.project, self.card, open_corrections(self.project))

    def claim(self, claim: str) -> ClaimView | None:
        """One claim; None when the last scan did not make it."""
        return next((view for view in self.claims if view.claim == claim), None)

    @cached_property
    def stages(self) -> list[str]:
        return stages_of(self.card)

    @cached_property
    def proposals(self) -> dict[str, Proposal]:
        return proposals_of(self.card)

    @cached_property
    def actions(self) -> frozenset[Action]:
        allowed = actions_of(self.user, self.project.team)
        return allowed & ON_ARCHIVED if self.project.archived_at else allowed

    @property
    def may_tick(self) -> bool:
        return Action.TICK in self.actions

    @property
    def may_scan(self) -> bool:
        return Action.SCAN in self.actions

    @property
    def may_waive(self) -> bool:
        return Action.WAIVE in self.actions

    @property
    def may_edit(self) -> bool:
        return Action.EDIT_PROJECT in self.actions

    def item(self, item: str) -> ItemView:
        """One item anew from the database, after or instead of a change."""
        return self._item_view(line_of(self.project, item))

    def factor_of(self, item: str) -> FactorView:
        slug = ITEMS[item].factor
        return next(view for view in self.factors if view.cell.factor.slug == slug)

    def _item_view(self, line: Line) -> ItemView:
        return ItemView(
            line=line,
            places=places_of(self.project, line.standing.evidence, line.standing.commit),
            days_left=_days_left(line),
            proposal=unanswered(self.proposals.get(line.item.id), line.waiver),
        )


def _days_left(line: Line) -> int | None:
    until = line.waiver.until if line.waiver else line.tick.expires_at.date() if line.tick else None
    return (until - timezone.localdate()).days if until else None


def _is_soon(days: int | None) -> TypeGuard[int]:
    return days is not None and 0 <= days <= WARNED_DAYS_BEFORE
