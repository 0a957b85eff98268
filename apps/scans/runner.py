"""What a worker does with one claimed request: check the address, fetch, judge, store."""

from __future__ import annotations

import hashlib
import logging
import time
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import DatabaseError, connection

from apps.adoption.corrections import corrected_since, open_corrections
from apps.adoption.models import Scorecard, rules
from apps.analysis.engine import Report
from apps.analysis.version import engine_version
from apps.catalog import CATALOGUE_VERSION
from apps.repositories.cache import forget, in_use, mirror_of
from apps.repositories.children import ChildCrashed, OutOfTime, ask
from apps.repositories.environment import reading_environment
from apps.repositories.errors import RepositoryError
from apps.repositories.fetch import fetch
from apps.repositories.policy import check_address
from apps.repositories.rules import address_rules, egress
from apps.scans import metrics
from apps.scans.analysis_child import AnalysisRequest
from apps.scans.models import FactPack, Stage
from apps.scans.services import fail, finish, finish_unchanged, release, renew
from apps.teams.sealed import CannotUnseal
from apps.teams.tokens import credential_for

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from apps.repositories.frames import Progress
    from apps.repositories.policy import Address
    from apps.scans.models import ScanRequest
    from apps.teams.models import Project

log = logging.getLogger(__name__)

# Where each stage begins on the way from 0 to 100 percent.
BEGINS = {Stage.FETCH: 0, Stage.READ: 40, Stage.CHECK: 80, Stage.SCORE: 95, Stage.SAVE: 98}
ENDS = dict(zip(BEGINS, [*list(BEGINS.values())[1:], 100], strict=True))
SECONDS_BETWEEN_PROGRESS = 0.35
SECONDS_BETWEEN_RENEWALS = 3.0
CHILD_FILE_MB = 64  # the lists of blob ids that it hands to git
NOT_YET = "The forge does not show the pushed commit yet."
MISTAKE = "The scan met a fault of its own; the log says more."


class _Interrupted(Exception):  # noqa: N818 - not an error
    """The worker stops."""


class _LeaseLost(Exception):  # noqa: N818 - not an error
    """Somebody else holds the request now, or it is gone."""


def run(request: ScanRequest, *, stopping: Callable[[], bool]) -> None:
    """Carries one claimed request to its end, whatever that is. `stopping` turns true when the worker must go."""
    begun, outcome = time.monotonic(), "done"
    try:
        _check_and_scan(request, _Lease(request, stopping))
    except _Interrupted:
        outcome = "interrupted"
        release(request=request)
    except _LeaseLost:
        outcome = "lost"
        log.warning("scan %s: held by somebody else now", request.pk)
    except RepositoryError as problem:
        outcome = "failed"
        fail(request=request, reason=str(problem), passing=problem.passing, retry_after=problem.retry_after)
    except CannotUnseal as problem:
        outcome = "failed"
        fail(request=request, reason=str(problem), passing=False)
    except ChildCrashed as problem:
        outcome = "failed"
        log.warning("scan %s: %s %s", request.pk, problem, problem.complaint)
        fail(request=request, reason=str(problem), passing=not isinstance(problem, OutOfTime))
    except DatabaseError:
        raise  # nothing can be written now; the lease runs out and the sweep takes the request back
    except Exception:
        outcome = "failed"
        log.exception("scan %s", request.pk)
        fail(request=request, reason=MISTAKE, passing=True)
    except BaseException:  # a signal ends this process, perhaps in the middle of a query
        connection.close()
        release(request=request)
        raise
    metrics.count("twelvefold_scans_total", f'outcome="{outcome}"')
    log.info("scan %s: %s ended after %.2f s", request.pk, request.project.slug, time.monotonic() - begun)


class _Lease:
    """Stores progress a few times a second at most, and keeps the lease alive when there is none."""

    def __init__(self, request: ScanRequest, stopping: Callable[[], bool]) -> None:
        self._request = request
        self._stopping = stopping
        self._stage, self._percent, self._detail = Stage.FETCH, 0, ""
        self._written = self._entered = time.monotonic()

    def show(self, progress: Progress) -> None:
        stage = Stage(progress.stage)
        share = min(max(progress.share, 0.0), 1.0)
        moved = stage != self._stage
        self._move(stage)
        self._detail = progress.detail.replace("\0", "")
        self._percent = int(BEGINS[stage] + (ENDS[stage] - BEGINS[stage]) * share)
        self.keep(SECONDS_BETWEEN_PROGRESS if not moved else 0)

    def enter(self, stage: Stage) -> None:
        self._move(stage)
        self._percent, self._detail = BEGINS[stage], ""
        self.keep(0)

    def _move(self, stage: Stage) -> None:
        """Enters another stage and notes how long the one before took."""
        if stage != self._stage:
            now = time.monotonic()
            metrics.observe("twelvefold_scan_stage_seconds", f'stage="{self._stage.value}"', now - self._entered)
            self._stage, self._entered = stage, now

    def keep(self, every: float = SECONDS_BETWEEN_RENEWALS) -> None:
        if self._stopping():
            raise _Interrupted
        if time.monotonic() - self._written < every:
            return
        if not renew(request=self._request, stage=self._stage, percent=self._percent, detail=self._detail):
            raise _LeaseLost
        self._written = time.monotonic()


def _check_and_scan(request: ScanRequest, lease: _Lease) -> None:
    address = check_address(request.project.url, rules=address_rules())
    mirror = mirror_of(address, settings.MIRROR_DIR)
    with in_use(mirror):
        _scan(request, address, mirror, lease)


def _scan(request: ScanRequest, address: Address, mirror: Path, lease: _Lease) -> None:
    project = request.project
    until = time.monotonic() + settings.SCAN_DEADLINE.total_seconds()
    fetched = fetch(
        address,
        mirrors=settings.MIRROR_DIR,
        branch=project.branch,
        known="" if request.forced else _judged_already(project),
        seconds=until - time.monotonic(),
        memory_mb=settings.SCAN_MEMORY_MB,
        on_progress=lease.show,
        on_tick=lease.keep,
        egress=egress(credential_for(project, address.host)),
        largest_mb=settings.FETCH_MAX_MB,
    )
    if fetched.known:
        if request.at_least not in {"", fetched.commit} and request.attempts < settings.SCAN_ATTEMPTS:
            raise RepositoryError(NOT_YET, passing=True)
        finish_unchanged(request=request, commit=fetched.commit)
        return
    key = repository_key(project)
    report = _judged(project, mirror=mirror, commit=fetched.commit, key=key, lease=lease, until=until)
    lease.enter(Stage.SCORE)
    if not finish(request=request, report=report, repository=key):
        raise _LeaseLost


def _judged_already(project: Project) -> str:
    """The commit of the last result, if it would be judged the same now."""
    card = Scorecard.objects.filter(project=project).first()
    return card.commit if card and _judged_as_now(project, card) else ""


def _judged_as_now(project: Project, card: Scorecard) -> bool:
    """Whether this engine and catalogue judged, and nobody corrected the profile since."""
    same_rules = card.rules == rules(CATALOGUE_VERSION, engine_version())
    return same_rules and not corrected_since(project, card.scanned_at)


def repository_key(project: Project) -> str:
    return hashlib.sha256(f"{project.url}\0{project.branch}\0{project.subfolder}".encode()).hexdigest()


def _judged(project: Project, *, mirror: Path, commit: str, key: str, lease: _Lease, until: float) -> Report:
    lease.enter(Stage.READ)
    pack = FactPack.objects.filter(repository=key, engine_version=engine_version()).first()
    seconds = until - time.monotonic()
    card = Scorecard.objects.filter(project=project).first()
    request = AnalysisRequest(
        git_dir=str(mirror),
        commit=commit,
        subfolder=project.subfolder,
        corrections={claim: one.holds for claim, one in open_corrections(project).items()},
        cached=bytes(pack.packed) if pack else b"",
        before=card.commit if card else "",
        rejudge=card is not None and not _judged_as_now(project, card),
        seconds=int(seconds) + 1,
        memory_mb=settings.SCAN_MEMORY_MB,
        file_mb=CHILD_FILE_MB,
        reads=[str(mirror)],
    )
    try:
        return ask(
            "apps.scans.analysis_child",
            request,
            answer=Report,
            environment=reading_environment(),
            seconds=seconds,
            on_progress=lease.show,
            on_tick=lease.keep,
        )
    except RepositoryError as problem:
        if problem.passing:  # what cannot be read now was fetched a moment ago: the mirror is damaged
            forget(mirror)
        raise
