"""Writes of the queue. Times come from the database's clock, and a holder's writes name its epoch or change nothing."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import OuterRef, Q, Subquery
from django.db.models.functions import Now
from django.utils import timezone

from apps.adoption.services import confirm_scan, record_scan
from apps.repositories.policy import host_of
from apps.scans.models import PRIORITY, FactPack, Forge, Phase, ScanCause, ScanRequest, Stage
from apps.scans.wake import wake_workers
from apps.teams.models import Project

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from django.contrib.auth.models import User
    from django.db.models import QuerySet

    from apps.analysis.engine import Report

FIRST_WAIT = timedelta(seconds=8)  # before the second attempt; four times as long before the third
LONGEST_WAIT = timedelta(hours=1)  # also when a forge asks for more
BETWEEN_PUSHES = timedelta(seconds=10)
MOST_WAKE_UPS = 8
STOPPED = "The worker stopped during the scan."


def request_scan(
    *, project: Project, cause: ScanCause, by: User | None = None, forced: bool = False, at_least: str = ""
) -> ScanRequest:
    """The project's pending request: a new one, or the one that waits already, made as urgent as this.

    `at_least` is a commit that the forge says was pushed. Workers are woken when the surrounding transaction commits.
    A broker that is down delays the scan, nothing else.
    """
    while True:
        waiting = ScanRequest.objects.filter(project=project, phase=Phase.PENDING)
        pending = waiting.first()
        if pending is not None and _serves(pending, cause, forced, at_least):
            return pending
        with transaction.atomic():
            held = Project.objects.select_for_update(no_key=True).get(pk=project.pk)  # it may have moved meanwhile
            pending = waiting.select_for_update().first()
            if pending is not None:
                return _made_urgent(pending, cause, by, forced, at_least)
            host = host_of(held.url)
            Forge.objects.get_or_create(host=host)
            try:
                with transaction.atomic():
                    request = ScanRequest.objects.create(
                        project=held,
                        team_id=held.team_id,
                        host=host,
                        cause=cause,
                        priority=PRIORITY[cause],
                        turn=_turn(held.team_id, PRIORITY[cause]),
                        not_before=_settled(held, cause),
                        requested_by=by,
                        forced=forced,
                        at_least=at_least,
                    )
            except IntegrityError:
                if not Project.objects.filter(pk=project.pk).exists():
                    raise
                continue  # somebody else asked in the same moment
            transaction.on_commit(wake_workers, robust=True)
            return request


def request_scans(*, projects: Iterable[Project], by: User) -> int:
    """Asks for a scan of each, as a person does, and returns how many; other teams' scans pass in between."""
    return len([request_scan(project=project, cause=ScanCause.PERSON, by=by) for project in projects])


def _settled(project: Project, cause: ScanCause) -> datetime:
    """When it may be claimed: pushes come in bursts, so a webhook keeps its distance from the request before."""
    now = timezone.now()
    if cause != ScanCause.WEBHOOK:
        return now
    last = ScanRequest.objects.filter(project=project).order_by("-requested_at").values_list("requested_at").first()
    return max(now, last[0] + BETWEEN_PUSHES) if last and last[0] <= now else now


def _serves(pending: ScanRequest, cause: ScanCause, forced: bool, at_least: str) -> bool:
    """Whether nothing needs to be written: it waits, so what it will fetch is newer than its cause; claimed or not."""
    urgent = PRIORITY[cause] >= pending.priority and (cause != ScanCause.PERSON or pending.not_before <= timezone.now())
    return urgent and pending.forced >= forced and at_least in {"", pending.at_least}


def _made_urgent(pending: ScanRequest, cause: ScanCause, by: User | None, forced: bool, at_least: str) -> ScanRequest:
    if PRIORITY[cause] < pending.priority:
        pending.cause, pending.priority, pending.requested_by = cause, PRIORITY[cause], by
        pending.turn = _turn(pending.team_id, pending.priority)
    pending.forced = pending.forced or forced
    pending.at_least = at_least or pending.at_least
    if cause == ScanCause.PERSON:
        pending.not_before = min(pending.not_before, timezone.now())
    pending.save(update_fields=["cause", "priority", "turn", "requested_by", "forced", "at_least", "not_before"])
    return pending


def _turn(team: int, priority: int) -> int:
    """After the team's own last, yet never before the first that waits: teams alternate, however much one asks for."""
    waiting = ScanRequest.objects.filter(phase=Phase.PENDING, priority=priority)
    first = waiting.order_by("turn").values_list("turn", flat=True).first()
    own_last = waiting.filter(team=team).order_by("-turn").values_list("turn", flat=True).first()
    return max(first or 0, 0 if own_last is None else own_last + 1)


def claim(*, worker: str) -> ScanRequest | None:
    """The most urgent request that nobody holds, now held by `worker`; the attempt counts from this moment on.

    A forge that is paused or has as many running scans as it may is passed over.
    """
    for _ in range(5):  # somebody else may take what was seen
        host = _most_urgent_host()
        if host is None:
            return None
        with transaction.atomic():
            Forge.objects.select_for_update().get(host=host)  # one claim at a time counts what runs
            waiting = ScanRequest.objects.claimable().filter(
                host__in=Forge.objects.free().filter(host=host).values("host")
            )
            request = waiting.select_for_update(skip_locked=True, of=("self",)).select_related("project").first()
            if request is not None:
                return _taken(request, worker)
    return None


def _most_urgent_host() -> str | None:
    head = ScanRequest.objects.claimable().filter(host=OuterRef("host")).values("pk")[:1]
    heads = Forge.objects.free().annotate(head=Subquery(head)).values("head")
    return (
        ScanRequest.objects.filter(pk__in=heads)
        .order_by("priority", "turn", "pk")
        .values_list("host", flat=True)
        .first()
    )


def _taken(request: ScanRequest, worker: str) -> ScanRequest:
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
        # The project first, as whoever changes it does; nothing is found, and nothing to close, when it was deleted.
        Project.objects.select_for_update(no_key=True).filter(pk=request.project_id).first()
        if not _close(request, Phase.DONE, commit=report.commit, percent=100, stage=Stage.SAVE, detail=""):
            return False
        # What changes with the scan carries the very moment at which it finished, so that the two can be put together.
        at = ScanRequest.objects.values_list("finished_at", flat=True).get(pk=request.pk)
        at = at or timezone.now()
        if report.baseline is not None:  # a tick earlier, because what the rules changed comes before what the code did
            record_scan(project=request.project, report=report.baseline, at=at - timedelta(microseconds=1))
        record_scan(project=request.project, report=report, at=at)
        FactPack.objects.update_or_create(
            repository=repository,
            defaults={"engine_version": report.engine_version, "packed": report.packed_facts},
        )
    return True


def finish_unchanged(*, request: ScanRequest, commit: str) -> bool:
    """Closes the request of a head that this engine has judged already: all that is stored is that it was looked at.

    That was when the request was taken, so that whatever was corrected meanwhile is still to be judged.
    """
    with transaction.atomic():
        if not _close(request, Phase.DONE, commit=commit, unchanged=True, percent=100, detail=""):
            return False
        at = ScanRequest.objects.values_list("started_at", flat=True).get(pk=request.pk)
        confirm_scan(project=request.project, at=at or timezone.now())
    return True


def fail(*, request: ScanRequest, reason: str, passing: bool, retry_after: float = 0) -> bool:
    """Tries again later when the fault may pass and attempts are left, else closes the request with its reason.

    A forge that asked to be left alone for `retry_after` seconds is, by every scan.
    """
    asked = min(timedelta(seconds=retry_after), LONGEST_WAIT)
    if asked:
        Forge.objects.filter(host=request.host).update(paused_until=Now() + asked)
    if passing and request.attempts < settings.SCAN_ATTEMPTS:
        wait = max(FIRST_WAIT * 4 ** (request.attempts - 1), asked) * random.uniform(1, 1.5)  # noqa: S311  # nosec B311 - spreads
        return _back_to_the_queue(_held(request), reason=reason, not_before=Now() + wait)
    return _close(request, Phase.FAILED, reason=reason)


def release(*, request: ScanRequest) -> bool:
    """Gives an unfinished request back at once, because the worker stops; the attempt does not count."""
    return _back_to_the_queue(_held(request), not_before=Now(), attempts=request.attempts - 1)


def cancel(*, request: ScanRequest, by: User) -> bool:
    """Ends a request that waits or runs; its worker notices at its next sign of life. False if it had ended."""
    reason = f"Cancelled by {by.get_full_name() or by.get_username()}."
    return bool(
        ScanRequest.objects.open().filter(pk=request.pk).update(phase=Phase.CANCELLED, reason=reason, **_closed())
    )


def withdraw(*, project: Project, reason: str) -> bool:
    """Closes the project's waiting request, if there is one; a running one finishes."""
    waiting = ScanRequest.objects.filter(project=project, phase=Phase.PENDING)
    return bool(waiting.update(phase=Phase.CANCELLED, reason=reason, **_closed()))


def follow(*, project: Project) -> None:
    """Gives the project's requests to the team that it is in now: their turn is that team's, and they stay with it."""
    ScanRequest.objects.filter(project=project).exclude(team=project.team_id).update(team=project.team_id)


def take_back() -> None:
    """Gives requests of workers that went silent back to the queue. A lease far in the future: a clock jumped."""
    silent = Q(lease_until__lt=Now()) | Q(lease_until__gt=Now() + 2 * settings.SCAN_LEASE)
    for request in ScanRequest.objects.filter(silent, phase=Phase.RUNNING):
        held = _held(request).filter(lease_until=request.lease_until)
        if request.attempts < settings.SCAN_ATTEMPTS:
            _back_to_the_queue(held, reason=STOPPED, not_before=Now())
        else:
            held.update(phase=Phase.FAILED, reason=f"{STOPPED} {_times(request.attempts)}", **_closed())


def sweep() -> None:
    """Takes back what workers that went silent held, and wakes workers for what waits.

    A waiting time far in the future means that a clock jumped.
    """
    take_back()
    ScanRequest.objects.filter(phase=Phase.PENDING, not_before__gt=Now() + 2 * LONGEST_WAIT).update(not_before=Now())
    Forge.objects.filter(paused_until__gt=Now() + LONGEST_WAIT).update(paused_until=None)
    wake_workers(
        ScanRequest.objects.claimable().filter(host__in=Forge.objects.free().values("host"))[:MOST_WAKE_UPS].count()
    )


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
