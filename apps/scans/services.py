"""Writes of the queue. Times come from the database's clock, and a holder's writes name its epoch or change nothing."""

from __future__ import annotations

import logging
import random
from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Exists, Max, OuterRef, Q
from django.db.models.functions import Coalesce, Now
from django.utils import timezone

from apps.adoption.services import record_scan
from apps.scans.models import PRIORITY, FactPack, Phase, ScanCause, ScanRequest, Stage
from apps.scans.wake import wake_workers
from apps.teams.models import Project

if TYPE_CHECKING:
    from django.contrib.auth.models import User
    from django.db.models import QuerySet

    from apps.analysis.engine import Report

log = logging.getLogger(__name__)

FIRST_WAIT = timedelta(seconds=8)  # before the second attempt; four times as long before the third
LONGEST_WAIT = timedelta(minutes=10)
MOST_WAKE_UPS = 8
MOST_SCHEDULED_AT_ONCE = 50
STOPPED = "The worker stopped during the scan."


def request_scan(*, project: Project, cause: ScanCause, by: User | None = None, forced: bool = False) -> ScanRequest:
    """The project's pending request: a new one, or the one that waits already, made as urgent as this.

    Workers are woken when the surrounding transaction commits. A broker that is down delays the scan, nothing else.
    """
    while True:
        with transaction.atomic():
            pending = ScanRequest.objects.select_for_update().filter(project=project, phase=Phase.PENDING).first()
            if pending is not None:
                return _made_urgent(pending, cause, by, forced)
            try:
                with transaction.atomic():
                    request = ScanRequest.objects.create(
                        project=project, cause=cause, priority=PRIORITY[cause], requested_by=by, forced=forced
                    )
            except IntegrityError:
                if not Project.objects.filter(pk=project.pk).exists():
                    raise
                continue  # somebody else asked in the same moment
            transaction.on_commit(wake_workers, robust=True)
            return request


def _made_urgent(pending: ScanRequest, cause: ScanCause, by: User | None, forced: bool) -> ScanRequest:
    if PRIORITY[cause] < pending.priority:
        pending.cause, pending.priority, pending.requested_by = cause, PRIORITY[cause], by
    pending.forced = pending.forced or forced
    if cause == ScanCause.PERSON:
        pending.not_before = min(pending.not_before, timezone.now())
    pending.save(update_fields=["cause", "priority", "requested_by", "forced", "not_before"])
    return pending


def claim(*, worker: str) -> ScanRequest | None:
    """The most urgent request that nobody holds, now held by `worker`; the attempt counts from this moment on."""
    with transaction.atomic():
        request = (
            ScanRequest.objects.claimable()
            .select_for_update(skip_locked=True, of=("self",))
            .select_related("project")
            .first()
        )
        if request is None:
            return None
        request.phase, request.worker = Phase.RUNNING, worker
        request.attempts += 1
        request.epoch += 1
        ScanRequest.objects.filter(pk=request.pk).update(
            phase=request.phase,
            worker=worker,
            attempts=request.attempts,
            epoch=request.epoch,
            lease_until=Now() + settings.SCAN_LEASE,
            started_at=Now(),
            stage=Stage.FETCH,
            percent=0,
            detail="",
            reason="",
        )
    return request


def renew(*, request: ScanRequest, stage: str, percent: int, detail: str) -> bool:
    """Prolongs the lease and stores the progress; False when the request is no longer this holder's."""
    return bool(
        _held(request).update(
            lease_until=Now() + settings.SCAN_LEASE, stage=stage, percent=percent, detail=detail[:200]
        )
    )


def finish(*, request: ScanRequest, report: Report, repository: str) -> bool:
    """Stores the result and closes the request in one transaction; False, and nothing stored, for a stale holder.

    `repository` is the key of the packed facts.
    """
    with transaction.atomic():
        if not _close(request, Phase.DONE, commit=report.commit, percent=100, stage=Stage.SAVE, detail=""):
            return False
        record_scan(project=request.project, report=report, at=timezone.now())
        FactPack.objects.update_or_create(
            repository=repository,
            defaults={"engine_version": report.engine_version, "packed": report.packed_facts},
        )
    return True


def finish_unchanged(*, request: ScanRequest, commit: str) -> bool:
    """Closes the request of a head that this engine has judged already: there is nothing to store."""
    return _close(request, Phase.DONE, commit=commit, unchanged=True, percent=100, detail="")


def fail(*, request: ScanRequest, reason: str, passing: bool) -> bool:
    """Tries again later when the fault may pass and attempts are left, else closes the request with its reason."""
    if passing and request.attempts < settings.SCAN_ATTEMPTS:
        wait = FIRST_WAIT * 4 ** (request.attempts - 1) * random.uniform(0.75, 1.25)  # noqa: S311 - spreads, hides nothing
        return _back_to_the_queue(_held(request), reason=reason, not_before=Now() + wait)
    return _close(request, Phase.FAILED, reason=reason)


def release(*, request: ScanRequest) -> bool:
    """Gives an unfinished request back at once, because the worker stops; the attempt does not count."""
    return _back_to_the_queue(_held(request), not_before=Now(), attempts=request.attempts - 1)


def sweep() -> None:
    """Takes requests back from workers that went silent, and wakes workers for what waits.

    A lease or a waiting time far in the future means that a clock jumped.
    """
    silent = Q(lease_until__lt=Now()) | Q(lease_until__gt=Now() + 2 * settings.SCAN_LEASE)
    for request in ScanRequest.objects.filter(silent, phase=Phase.RUNNING):
        held = _held(request).filter(lease_until=request.lease_until)
        if request.attempts < settings.SCAN_ATTEMPTS:
            _back_to_the_queue(held, reason=STOPPED, not_before=Now())
        else:
            held.update(phase=Phase.FAILED, reason=f"{STOPPED} {_times(request.attempts)}", **_closed())
    ScanRequest.objects.filter(phase=Phase.PENDING, not_before__gt=Now() + LONGEST_WAIT).update(not_before=Now())
    wake_workers(min(ScanRequest.objects.claimable().count(), MOST_WAKE_UPS))


def schedule() -> None:
    """Requests a scan of projects that were last asked about their interval ago or never, the longest ago first.

    At most some at a time, so that a beat that comes back after an outage spreads what it missed.
    """
    is_open = ScanRequest.objects.open().filter(project=OuterRef("pk"))
    due = (
        Project.objects.active()
        .annotate(last_asked=Max("scans__requested_at"))
        .filter(Q(last_asked=None) | Q(last_asked__lt=Now() - Coalesce("scan_interval", settings.SCAN_INTERVAL)))
        .exclude(Exists(is_open))
        .order_by("last_asked", "pk")[:MOST_SCHEDULED_AT_ONCE]
    )
    for project in due:
        request_scan(project=project, cause=ScanCause.SCHEDULE)


def _held(request: ScanRequest) -> QuerySet[ScanRequest]:
    return ScanRequest.objects.filter(pk=request.pk, epoch=request.epoch, phase=Phase.RUNNING)


def _closed() -> dict[str, object]:
    return {"lease_until": None, "finished_at": Now()}


def _close(request: ScanRequest, phase: Phase, **outcome: object) -> bool:
    return bool(_held(request).update(phase=phase, **{"reason": ""} | outcome, **_closed()))


def _back_to_the_queue(held: QuerySet[ScanRequest], **changes: object) -> bool:
    """A request that meets a newer one of its project in the queue makes way for it."""
    try:
        with transaction.atomic():
            changed = held.update(phase=Phase.PENDING, lease_until=None, worker="", **changes)
    except IntegrityError:
        reason = f"{changes.get('reason') or STOPPED} A newer request takes its place."
        changed = held.update(phase=Phase.FAILED, reason=reason, **_closed())
    return bool(changed)


def _times(attempts: int) -> str:
    return f"That happened {attempts} times in a row."
