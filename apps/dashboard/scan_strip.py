"""What a page says about a project's latest scan: waiting, running, failed, or nothing to say."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.db.models import OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.dashboard.ages import clock
from apps.scans.models import Phase, ScanRequest, Stage
from apps.teams.models import Project

if TYPE_CHECKING:
    from collections.abc import Iterable

SOME = 5  # per cent of a scan after which its pace tells something
TITLES = {
    Stage.FETCH: _("Fetching the repository"),
    Stage.READ: _("Reading files"),
    Stage.CHECK: _("Checking the factors"),
    Stage.SCORE: _("Scoring"),
    Stage.SAVE: _("Saving"),
}


@dataclass(frozen=True, slots=True)
class Step:
    name: str
    state: str  # done, now or next


@dataclass(frozen=True, slots=True)
class Strip:
    """`phase` is the scan request's, or empty for a project that was never scanned."""

    phase: str = ""
    title: str = ""
    detail: str = ""
    percent: int = 0
    elapsed: str = ""
    left: str = ""  # an estimate; empty while there is too little to go by
    reason: str = ""
    steps: list[Step] = field(default_factory=list)

    @property
    def live(self) -> bool:
        return self.phase in {Phase.PENDING, Phase.RUNNING}

    @property
    def failed(self) -> bool:
        return self.phase == Phase.FAILED


def latest_scans(projects: Iterable[Project]) -> dict[int, ScanRequest]:
    """Per project id the running scan, else the waiting one, else the last. One query that reads indexes alone."""
    of_project = ScanRequest.objects.filter(project=OuterRef("pk"))
    running, waiting = of_project.filter(phase=Phase.RUNNING), of_project.filter(phase=Phase.PENDING)
    one = Coalesce(
        *(Subquery(scans.values("pk")[:1]) for scans in (running, waiting, of_project.order_by("-requested_at")))
    )
    wanted = Project.objects.filter(pk__in=[project.pk for project in projects]).order_by().values(one=one)
    return {scan.project_id: scan for scan in ScanRequest.objects.filter(pk__in=wanted)}


def strip_of(scan: ScanRequest | None) -> Strip:
    if scan is None:
        return Strip()
    if scan.phase not in {Phase.PENDING, Phase.RUNNING}:
        return Strip(phase=scan.phase, reason=scan.reason)
    running = scan.phase == Phase.RUNNING
    passed = timezone.now() - (scan.started_at or scan.requested_at)
    return Strip(
        phase=scan.phase,
        title=str(TITLES[Stage(scan.stage)] if running and scan.stage else _("Waiting for a worker")),
        detail=scan.detail if running else "",
        percent=scan.percent if running else 0,
        elapsed=clock(passed),
        left=clock(passed * (100 - scan.percent) / scan.percent) if running and scan.percent >= SOME else "",
        reason=scan.reason,
        steps=_steps(scan.stage if running else ""),
    )


def _steps(stage: str) -> list[Step]:
    order = list(Stage)
    now = order.index(Stage(stage)) if stage else -1
    return [
        Step(str(step.label), "done" if place < now else "now" if place == now else "next")
        for place, step in enumerate(order)
    ]
