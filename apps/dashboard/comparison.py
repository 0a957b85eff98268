"""Two scans of a project side by side: which items stand otherwise, and because of what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from apps.adoption.models import Origin, ScoreSnapshot, Transition
from apps.catalog import FACTORS
from apps.dashboard.changes import Change, Reason, change_of, reason_of
from apps.dashboard.forges import comparison_address
from apps.dashboard.series import whole_or_none
from apps.scans.models import Phase, ScanRequest

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet

    from apps.catalog import Factor
    from apps.teams.models import Project

MOST_SCANS = 200  # that one can choose from


@dataclass(frozen=True, slots=True)
class Point:
    """A scan that found something out."""

    key: str
    at: datetime
    commit: str


@dataclass(frozen=True, slots=True)
class Difference:
    """An item that stands otherwise, and what led there, the oldest first."""

    change: Change
    reasons: list[Reason]


@dataclass(frozen=True, slots=True)
class FactorDifferences:
    factor: Factor
    items: list[Difference]


@dataclass(frozen=True, slots=True)
class Comparison:
    """`passing` items changed between the two and stand as before. `address` is the forge's page of the code."""

    first: Point
    second: Point
    scores: tuple[int | None, int | None]
    factors: list[FactorDifferences]
    passing: list[Change]
    address: str

    @property
    def points(self) -> int | None:
        then, now = self.scores
        return None if then is None or now is None else now - then

    @property
    def improved(self) -> int:
        return sum(one.change.gain > 0 for factor in self.factors for one in factor.items)

    @property
    def slipped(self) -> int:
        return sum(one.change.gain < 0 for factor in self.factors for one in factor.items)


def points_of(project: Project) -> list[Point]:
    """The scans that one can compare, the newest first. One query."""
    done = ScanRequest.objects.filter(project=project, phase=Phase.DONE, unchanged=False).exclude(finished_at=None)
    rows = done.order_by("-finished_at").values_list("pk", "finished_at", "commit")[:MOST_SCANS]
    return [Point(str(pk), at, commit) for pk, at, commit in rows if at]


def chosen(points: list[Point], first: str, second: str) -> tuple[Point, Point] | None:
    """The two that are asked for, else the last two, the older one first; None when there are not two."""
    if len(points) < 2:
        return None
    by_key = {point.key: point for point in points}
    newer, older = by_key.get(second, points[0]), by_key.get(first, points[1])
    return (older, newer) if older.at <= newer.at else (newer, older)


def compare(project: Project, first: Point, second: Point) -> Comparison:
    """What changed after `first` up to and with `second`. Three queries."""
    rows = Transition.objects.filter(
        project=project, origin=Origin.OBSERVED, at__gt=first.at, at__lte=second.at
    ).order_by("at", "pk")
    by_item: dict[str, list[Transition]] = {}
    for row in rows:
        by_item.setdefault(row.item, []).append(row)
    differences = {item: _difference(project, members) for item, members in by_item.items()}
    moved = {item: one for item, one in differences.items() if one.change.before != one.change.after}
    return Comparison(
        first=first,
        second=second,
        scores=(_score_at(project, first.at), _score_at(project, second.at)),
        factors=_by_factor(moved),
        passing=[one.change for item, one in differences.items() if item not in moved],
        address=comparison_address(project.url, before=first.commit, after=second.commit),
    )


def _difference(project: Project, rows: list[Transition]) -> Difference:
    """The chain of changes of one item: from what it was before the first to what it is after the last."""
    last = change_of(project, rows[-1])
    change = Change(last.item, last.title, rows[0].before, last.after, last.paths)
    return Difference(change, [reason_of(project, row) for row in rows])


def _by_factor(differences: dict[str, Difference]) -> list[FactorDifferences]:
    """In the order of the standard."""
    grouped = [
        FactorDifferences(factor, [differences[item.id] for item in factor.items if item.id in differences])
        for factor in FACTORS
    ]
    return [one for one in grouped if one.items]


def _score_at(project: Project, at: datetime) -> int | None:
    observed: QuerySet[ScoreSnapshot] = ScoreSnapshot.objects.filter(
        project=project, origin=Origin.OBSERVED, at__lte=at
    )
    score = observed.order_by("-at").values_list("score", flat=True).first()
    return whole_or_none(score)
