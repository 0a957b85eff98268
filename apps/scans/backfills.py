"""Writes of backfills: who asks for a project's past, who works on it, and what is stored of it so far."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone

from apps.adoption.past import forget_past, record_past
from apps.repositories.policy import host_of
from apps.repositories.sampling import Sample
from apps.scans.models import Backfill, Forge, Phase, ScanRequest
from apps.scans.wake import wake_workers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.contrib.auth.models import User
    from django.db.models import QuerySet

    from apps.analysis.past import PastReport
    from apps.teams.models import Project

WAIT = timedelta(minutes=1)  # before another attempt; four times as long before the third
CLAIMING = 0x7457E1FE  # the lock under which running backfills are counted
STOPPED = "The worker stopped while it read the history."


def request_backfill(*, project: Project, by: User | None = None, anew: bool = False) -> Backfill | None:
    """Asks for the project's past, again from the newest commit on if it was read before; None where that is off.

    One that waits or runs already is left to its work, unless it shall begin `anew`. It begins after the first scan.
    """
    if not settings.BACKFILL_WEEKS + settings.BACKFILL_MONTHS:
        return None
    host = host_of(project.url)
    Forge.objects.get_or_create(host=host)
    now = timezone.now()
    fresh: dict[str, Any] = {"phase": Phase.PENDING, "host": host, "requested_by": by, "requested_at": now}
    fresh |= {"not_before": now, "finished_at": None, "plan": [], "rules": "", "detail": "", "reason": ""}
    fresh |= dict.fromkeys(("done", "spent", "attempts"), 0)
    with transaction.atomic():
        backfill, created = Backfill.objects.select_for_update().get_or_create(project=project, defaults=fresh)
        if not created and (anew or not backfill.open):
            for name, value in (fresh | {"epoch": backfill.epoch + 1, "lease_until": None}).items():
                setattr(backfill, name, value)
            backfill.save()
        transaction.on_commit(wake_workers, robust=True)
    return backfill


def cancel_backfill(*, project: Project, by: User) -> bool:
    """Ends a backfill that waits or runs; what is stored stays. False if there was none."""
    reason = f"Cancelled by {by.get_full_name() or by.get_username()}."
    still = Backfill.objects.filter(project=project, phase__in=[Phase.PENDING, Phase.RUNNING])
    return bool(still.update(phase=Phase.CANCELLED, reason=reason, **_closed()))


def scans_wait() -> bool:
    """Whether a scan could be claimed now: any scan goes before any backfill."""
    return ScanRequest.objects.claimable().filter(host__in=Forge.objects.free().values("host")).exists()


def claim_backfill() -> Backfill | None:
    """The backfill that waits longest, unless as many as may run already or a scan waits."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [CLAIMING])
        if scans_wait() or Backfill.objects.filter(phase=Phase.RUNNING).count() >= settings.BACKFILLS_AT_ONCE:
            return None
        waiting = Backfill.objects.claimable().select_for_update(skip_locked=True, of=("self",))
        backfill = waiting.select_related("project").first()
        if backfill is None:
            return None
        backfill.phase = Phase.RUNNING
        backfill.attempts += 1
        backfill.epoch += 1
        Backfill.objects.filter(pk=backfill.pk).update(
            phase=backfill.phase,
            attempts=backfill.attempts,
            epoch=backfill.epoch,
            lease_until=Now() + settings.SCAN_LEASE,
            reason="",
        )
    return backfill


def renew(*, backfill: Backfill, detail: str) -> bool:
    """Prolongs the lease; False when somebody else holds the backfill now, or it was cancelled."""
    return bool(_held(backfill).update(lease_until=Now() + settings.SCAN_LEASE, detail=detail[:200]))


def settle_plan(*, backfill: Backfill, samples: Sequence[Sample], rules: str) -> bool:
    """Takes `samples` for the plan. What is stored counts as done only if it belongs to this plan and these rules."""
    plan = [list(sample) for sample in samples]
    if (backfill.plan, backfill.rules) != (plan, rules):
        backfill.plan, backfill.rules, backfill.done = plan, rules, 0
    return bool(_held(backfill).update(plan=backfill.plan, rules=backfill.rules, done=backfill.done))


def store_sample(*, backfill: Backfill, report: PastReport) -> bool:
    """Stores the next sample of the plan; False, and nothing stored, for a stale holder."""
    planned = [Sample(*row) for row in backfill.plan]
    number = backfill.done
    newer = planned[number - 1] if number else None
    with transaction.atomic():
        stored = _held(backfill).update(done=number + 1, attempts=1, lease_until=Now() + settings.SCAN_LEASE)
        if not stored:
            return False
        if newer is None:
            forget_past(backfill.project)
        record_past(
            project=backfill.project,
            report=report,
            at=_moment(planned[number]),
            newer=(newer.commit, _moment(newer)) if newer else None,
        )
    backfill.done, backfill.attempts = number + 1, 1
    return True


def _moment(sample: Sample) -> datetime:
    return datetime.fromtimestamp(sample.at, UTC)


def finish(*, backfill: Backfill, reason: str = "") -> bool:
    """Ends the work; `reason` says why some of the plan was left out."""
    return bool(_held(backfill).update(phase=Phase.DONE, reason=reason, detail="", **_closed()))


def fail(*, backfill: Backfill, reason: str, passing: bool, retry_after: float = 0) -> bool:
    """Tries again later when the fault may pass and attempts are left, else ends with the reason."""
    if passing and backfill.attempts < settings.SCAN_ATTEMPTS:
        wait = max(WAIT * 4 ** (backfill.attempts - 1), timedelta(seconds=min(retry_after, 3600)))
        return _back_to_the_queue(_held(backfill), reason=reason, not_before=Now() + wait)
    return bool(_held(backfill).update(phase=Phase.FAILED, reason=reason, **_closed()))


def release(*, backfill: Backfill) -> bool:
    """Gives an unfinished backfill back, because a scan goes first or the worker stops; the attempt does not count."""
    return _back_to_the_queue(_held(backfill), attempts=F("attempts") - 1)


def spend(*, backfill: Backfill, seconds: float) -> None:
    """Adds to the time that the backfill may take in all, whoever holds it now."""
    Backfill.objects.filter(pk=backfill.pk).update(spent=F("spent") + seconds)


def sweep_backfills() -> int:
    """Takes backfills back from workers that went silent; returns how many could begin now."""
    silent = Q(lease_until__lt=Now()) | Q(lease_until__gt=Now() + 2 * settings.SCAN_LEASE)
    for backfill in Backfill.objects.filter(silent, phase=Phase.RUNNING):
        held = _held(backfill).filter(lease_until=backfill.lease_until)
        if backfill.attempts < settings.SCAN_ATTEMPTS:
            _back_to_the_queue(held, reason=STOPPED)
        else:
            held.update(phase=Phase.FAILED, reason=STOPPED, **_closed())
    running = Backfill.objects.filter(phase=Phase.RUNNING).count()
    free = max(0, settings.BACKFILLS_AT_ONCE - running)
    return Backfill.objects.claimable()[:free].count()


def _held(backfill: Backfill) -> QuerySet[Backfill]:
    return Backfill.objects.filter(pk=backfill.pk, epoch=backfill.epoch, phase=Phase.RUNNING)


def _closed() -> dict[str, object]:
    return {"lease_until": None, "finished_at": Now()}


def _back_to_the_queue(held: QuerySet[Backfill], **changes: object) -> bool:
    return bool(held.update(phase=Phase.PENDING, lease_until=None, **changes))
