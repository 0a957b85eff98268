"""One project's fifty items as pages and exports read them: standing, tick and waiver side by side."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from apps.adoption.models import Attestation, Standing, Waiver
from apps.catalog import FACTORS, ITEMS, State

if TYPE_CHECKING:
    from apps.catalog import Item
    from apps.teams.models import Project


@dataclass(frozen=True, slots=True)
class Line:
    """One item of one project, with what a person says of it."""

    item: Item
    standing: Standing
    tick: Attestation | None
    waiver: Waiver | None

    @property
    def is_gap(self) -> bool:
        return not self.standing.waived and self.standing.state in {State.UNMET, State.PARTIAL}

    @property
    def can_be_waived(self) -> bool:
        """There is something to accept, or somebody accepted it already."""
        return self.waiver is not None or self.standing.state in {State.UNMET, State.PARTIAL, State.UNKNOWN}

    @property
    def is_by_hand(self) -> bool:
        """A person spoke, or only a person can."""
        return bool(self.tick or self.waiver) or self.standing.state == State.UNKNOWN


class Show(StrEnum):
    """Which lines a reader wants."""

    ALL = "all"
    GAPS = "gaps"
    BY_HAND = "by-hand"

    @classmethod
    def asked(cls, word: str) -> Show:
        return cls(word) if word in set(cls) else cls.ALL

    def of(self, lines: list[Line]) -> list[Line]:
        if self is Show.GAPS:
            return [line for line in lines if line.is_gap]
        if self is Show.BY_HAND:
            return [line for line in lines if line.is_by_hand]
        return lines


def lines_of(project: Project) -> list[Line]:
    """The project's items in the catalogue's order. Three queries."""
    standings = {standing.item: standing for standing in project.standings.all()}
    ticks = {
        tick.item: tick for tick in Attestation.objects.filter(project=project, ended_at=None).select_related("by")
    }
    waivers = {w.item: w for w in Waiver.objects.filter(project=project, ended_at=None).select_related("by")}
    return [
        Line(item, standings[item.id], ticks.get(item.id), waivers.get(item.id))
        for factor in FACTORS
        for item in factor.items
        if item.id in standings
    ]


def line_of(project: Project, item: str) -> Line:
    """One item of the project; `Standing.DoesNotExist` when the catalogue does not know it."""
    standing = Standing.objects.get(project=project, item=item)
    said = {"project": project, "item": item, "ended_at": None}
    return Line(
        ITEMS[item],
        standing,
        Attestation.objects.filter(**said).select_related("by").first(),
        Waiver.objects.filter(**said).select_related("by").first(),
    )
