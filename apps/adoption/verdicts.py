"""How people judge the checks: reports of wrong verdicts, and how often each check is overruled."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from apps.adoption.models import Attestation, Standing, VerdictReport
from apps.adoption.services import StaleVersion
from apps.catalog import FACTORS, State

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.contrib.auth.models import User

    from apps.catalog import Item
    from apps.teams.models import Project


@dataclass(frozen=True, slots=True)
class Rate:
    """One check over all projects that are not archived.

    `judged`: verdicts other than unknown. `overridden`: a tick says something else than the scan, also where the scan
    could not say. `contested`: the scan had decided otherwise. `reported`: open reports.
    """

    item: Item
    judged: int
    overridden: int
    contested: int
    waived: int
    reported: int

    @property
    def counts(self) -> list[tuple[int, float]]:
        """Overridden, contested, waived and reported, each with its share of the judged."""
        return [(count, self.share(count)) for count in (self.overridden, self.contested, self.waived, self.reported)]

    def share(self, count: int) -> float:
        """`count` of the judged, 0 to 1."""
        return count / self.judged if self.judged else 0.0


@transaction.atomic
def report_verdict(*, project: Project, item: str, expected: State, note: str, by: User, version: int) -> VerdictReport:
    """Stores that the present verdict on `item` is wrong; an earlier open report of `by` gives way."""
    standing = Standing.objects.select_for_update().get(project=project, item=item)
    if standing.version != version:
        raise StaleVersion(standing)
    now = timezone.now()
    VerdictReport.objects.filter(project=project, item=item, by=by, closed_at=None).update(closed_at=now, closed_by=by)
    return VerdictReport.objects.create(
        project=project,
        item=item,
        verdict=standing.automatic,
        expected=expected,
        note=note,
        commit=standing.commit,
        by=by,
        at=now,
    )


def close_report(*, report: VerdictReport, by: User) -> bool:
    """Takes the report from the list; False when somebody did already."""
    still_open = VerdictReport.objects.filter(pk=report.pk, closed_at=None)
    return bool(still_open.update(closed_at=timezone.now(), closed_by=by))


def open_reports() -> QuerySet[VerdictReport]:
    """What waits for an answer, the oldest first."""
    return VerdictReport.objects.filter(closed_at=None).select_related("project", "by").order_by("at", "pk")


def rates() -> list[Rate]:
    """Every item, the most reported and then the most contested first. Two queries."""
    tick = Attestation.objects.filter(project=OuterRef("project"), item=OuterRef("item"), ended_at=None)
    standings = Standing.objects.filter(project__archived_at=None).annotate(said=Subquery(tick.values("state")[:1]))
    counted = standings.values("item").annotate(
        judged=Count("pk", filter=~Q(automatic=State.UNKNOWN)),
        overridden=Count("pk", filter=Q(said__isnull=False) & ~Q(said=F("automatic"))),
        contested_=Count("pk", filter=Q(contested=True)),
        waived_=Count("pk", filter=Q(waived=True)),
    )
    figures: dict[str, Mapping[str, Any]] = {row["item"]: row for row in counted}
    reported = dict(
        VerdictReport.objects.filter(closed_at=None).values_list("item").annotate(count=Count("pk")).order_by()
    )
    rows = [_rate(item, figures.get(item.id, {}), reported.get(item.id, 0)) for f in FACTORS for item in f.items]
    return sorted(rows, key=lambda row: (-row.reported, -row.share(row.contested), -row.overridden))


def _rate(item: Item, row: Mapping[str, Any], reported: int) -> Rate:
    return Rate(
        item=item,
        judged=row.get("judged", 0),
        overridden=row.get("overridden", 0),
        contested=row.get("contested_", 0),
        waived=row.get("waived_", 0),
        reported=reported,
    )
