"""What a worker does with one claimed backfill: bring the past, judge it commit by commit, store each at once."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING

import msgspec
from django.conf import settings
from django.db import DatabaseError, connection
from django.utils import timezone

from apps.adoption.corrections import open_corrections
from apps.adoption.models import rules
from apps.adoption.past import observed_since
from apps.analysis.past import PastReport
from apps.analysis.version import engine_version
from apps.catalog import CATALOGUE_VERSION
from apps.repositories.cache import forget, in_use, mirror_of
from apps.repositories.children import ChildCrashed, OutOfTime, ask
from apps.repositories.environment import reading_environment
from apps.repositories.errors import RepositoryError
from apps.repositories.history import fetch_history
from apps.repositories.policy import check_address
from apps.repositories.rules import address_rules, egress
from apps.repositories.sampling import Sample, moments
from apps.scans import backfills
from apps.scans.history_child import PastRequest
from apps.scans.models import FactPack
from apps.scans.runner import CHILD_FILE_MB, MISTAKE, repository_key
from apps.teams.sealed import CannotUnseal
from apps.teams.tokens import credential_for

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from apps.repositories.frames import Progress
    from apps.scans.models import Backfill

log = logging.getLogger(__name__)

SECONDS_BETWEEN_RENEWALS = 3.0
NOT_ALL = "The time for one history was over after {done} of {all} commits."


class _Interrupted(Exception):  # noqa: N818 - not an error
    """The worker stops, or a scan waits."""


class _OutOfTime(Exception):  # noqa: N818 - not an error
    """All the time that one history may take was spent before."""


class _LeaseLost(Exception):  # noqa: N818 - not an error
    """The backfill was cancelled, or somebody else holds it."""


def run_backfill(backfill: Backfill, *, stopping: Callable[[], bool]) -> None:
    """Carries one claimed backfill to its end, or as far as no scan waits."""
    begun = time.monotonic()
    try:
        _Work(backfill, stopping).carry_out()
    except _Interrupted:
        backfills.release(backfill=backfill)
    except _LeaseLost:
        log.info("history of %s: cancelled, or held by somebody else", backfill.project.slug)
    except RepositoryError as problem:
        backfills.fail(backfill=backfill, reason=str(problem), passing=problem.passing, retry_after=problem.retry_after)
    except CannotUnseal as problem:
        backfills.fail(backfill=backfill, reason=str(problem), passing=False)
    except (OutOfTime, _OutOfTime):
        backfills.finish(backfill=backfill, reason=NOT_ALL.format(done=backfill.done, all=len(backfill.plan)))
    except ChildCrashed as problem:
        log.warning("history of %s: %s %s", backfill.project.slug, problem, problem.complaint)
        backfills.fail(backfill=backfill, reason=str(problem), passing=True)
    except DatabaseError:
        raise  # nothing can be written now; the lease runs out and the sweep takes the backfill back
    except Exception:
        log.exception("history of %s", backfill.project.slug)
        backfills.fail(backfill=backfill, reason=MISTAKE, passing=True)
    except BaseException:  # a signal ends this process, perhaps in the middle of a query
        connection.close()
        backfills.release(backfill=backfill)
        raise
    seconds = time.monotonic() - begun
    backfills.spend(backfill=backfill, seconds=seconds)
    log.info("history of %s: %s samples after %.2f s", backfill.project.slug, backfill.done, seconds)


class _Work:
    """One holder's part of a backfill."""

    def __init__(self, backfill: Backfill, stopping: Callable[[], bool]) -> None:
        self._backfill = backfill
        self._stopping = stopping
        self._detail = ""
        self._renewed = time.monotonic()
        self._until = time.monotonic() + settings.BACKFILL_DEADLINE.total_seconds() - backfill.spent

    def carry_out(self) -> None:
        if time.monotonic() > self._until:
            raise _OutOfTime
        project = self._backfill.project
        address = check_address(project.url, rules=address_rules())
        mirror = mirror_of(address, settings.MIRROR_DIR)
        with in_use(mirror):
            samples = fetch_history(
                address,
                mirrors=settings.MIRROR_DIR,
                branch=project.branch,
                moments=self._moments(),
                chosen=[Sample(*row) for row in self._backfill.plan],
                depth=settings.BACKFILL_COMMITS,
                seconds=self._until - time.monotonic(),
                memory_mb=settings.SCAN_MEMORY_MB,
                on_progress=self._show,
                on_tick=self._keep,
                egress=egress(credential_for(project, address.host)),
                largest_mb=settings.BACKFILL_MAX_MB,
            )
            judged_by = rules(CATALOGUE_VERSION, engine_version())
            if not backfills.settle_plan(backfill=self._backfill, samples=samples, rules=judged_by):
                raise _LeaseLost
            self._judge(mirror)
        if not backfills.finish(backfill=self._backfill):
            raise _LeaseLost

    def _moments(self) -> list[int]:
        end = observed_since(self._backfill.project) or timezone.now()
        return moments(end, weeks=settings.BACKFILL_WEEKS, months=settings.BACKFILL_MONTHS)

    def _judge(self, mirror: Path) -> None:
        """Judges what is left of the plan; the last stored commit again, because changes lead from one to the next."""
        backfill = self._backfill
        if backfill.done >= len(backfill.plan):
            return
        known = max(backfill.done - 1, 0)
        key = repository_key(backfill.project)
        pack = FactPack.objects.filter(repository=key, engine_version=engine_version()).first()
        seconds = self._until - time.monotonic()
        request = PastRequest(
            git_dir=str(mirror),
            commits=[commit for commit, _ in backfill.plan[known:]],
            subfolder=backfill.project.subfolder,
            corrections={claim: one.holds for claim, one in open_corrections(backfill.project).items()},
            cached=bytes(pack.packed) if pack else b"",
            seconds=int(seconds) + 1,
            memory_mb=settings.SCAN_MEMORY_MB,
            file_mb=CHILD_FILE_MB,
            reads=[str(mirror)],
        )
        skipped = backfill.done - known

        def take(part: msgspec.Raw) -> None:
            nonlocal skipped
            if skipped:
                skipped -= 1
            else:
                self._store(msgspec.msgpack.decode(part, type=PastReport))

        try:
            ask(
                "apps.scans.history_child",
                request,
                answer=int,
                environment=reading_environment(),
                seconds=seconds,
                on_progress=self._show,
                on_tick=self._keep,
                on_part=take,
            )
        except RepositoryError as problem:
            if problem.passing:  # what cannot be read now was fetched a moment ago: the mirror is damaged
                forget(mirror)
            raise

    def _store(self, report: PastReport) -> None:
        if not backfills.store_sample(backfill=self._backfill, report=report):
            raise _LeaseLost
        self._renewed = time.monotonic()
        if backfills.scans_wait():
            raise _Interrupted

    def _show(self, progress: Progress) -> None:
        self._detail = progress.detail.replace("\0", "")

    def _keep(self) -> None:
        if self._stopping():
            raise _Interrupted
        if time.monotonic() - self._renewed < SECONDS_BETWEEN_RENEWALS:
            return
        if not backfills.renew(backfill=self._backfill, detail=self._detail):
            raise _LeaseLost
        self._renewed = time.monotonic()
