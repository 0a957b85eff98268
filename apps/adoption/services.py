"""Writes of adoption: what a scan found and what people say. Each ends in `_refresh`, the one place that derives."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Max, Q
from django.utils import timezone
from msgspec.structs import asdict

from apps.adoption import attribution
from apps.adoption.attribution import Attribution
from apps.adoption.auditing import record_word
from apps.adoption.effective import effective
from apps.adoption.models import Attestation, Cause, Origin, Scorecard, ScoreSnapshot, Standing, Transition, Waiver
from apps.catalog import ITEMS, State
from apps.scoring import ItemStanding, ProjectScore, score_project
from apps.teams.models import Project

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

    from django.contrib.auth.models import User
    from django.db.models import QuerySet

    from apps.analysis.engine import Report
    from apps.analysis.findings import Finding

ATTESTATION_LIFE = timedelta(days=180)


class StaleVersion(Exception):  # noqa: N818 - it reads as what happened
    """Somebody else changed the item meanwhile; `standing` is the newer one."""

    def __init__(self, standing: Standing) -> None:
        super().__init__(f"{standing.item} changed meanwhile")
        self.standing = standing


class NothingToUndo(Exception):  # noqa: N818 - it reads as what happened
    """The last word on the item is not this person's."""


def begin(project: Project) -> None:
    """Gives a new project its fifty standings, all unknown."""
    now = timezone.now()
    Standing.objects.bulk_create(
        [Standing(project=project, item=item, since=now) for item in ITEMS], ignore_conflicts=True
    )


@transaction.atomic
def record_scan(*, project: Project, report: Report, at: datetime) -> None:
    """Stores what a scan found. The same report twice changes nothing the second time."""
    Project.objects.select_for_update().get(pk=project.pk)
    begin(project)
    previous = Scorecard.objects.filter(project=project).first()
    seen = attribution.of_scan(previous, report)
    standings = list(Standing.objects.select_for_update().filter(project=project))
    causes = {}
    for standing in standings:
        found = report.findings.get(standing.item)
        if found is not None:
            causes[standing.item] = attribution.of_item(seen, standing, found, report.changed)
            _take_over(standing, found, report.commit)
    card = previous or Scorecard(project=project)
    card.commit, card.scanned_at = report.commit, at
    card.profile, card.unread, card.settings = report.profile, report.unread, report.settings
    card.catalogue_version, card.engine_version = report.catalogue_version, report.engine_version
    _refresh(project, standings, why=seen, causes=causes, at=at, card=card)


def confirm_scan(*, project: Project, at: datetime) -> None:
    """Notes that the last result was still right at `at`: a project in which nothing happens is not a stale one."""
    Scorecard.objects.filter(project=project, scanned_at__lt=at).update(scanned_at=at)


def _take_over(standing: Standing, found: Finding, commit: str) -> None:
    standing.automatic, standing.summary, standing.remedy = found.state, found.summary, found.remedy
    standing.effort, standing.error = found.effort or "", found.error
    standing.evidence = [asdict(place) for place in found.evidence]
    standing.commit = commit


@transaction.atomic
def attest(
    *,
    project: Project,
    item: str,
    state: State,
    note: str,
    by: User,
    version: int,
    evidence_url: str = "",
    expires_at: datetime | None = None,
) -> Standing:
    """Ticks `item`. Raises `StaleVersion` when `version` is not the standing's present one."""
    now = timezone.now()
    standing = _current(project, item, version)
    Attestation.objects.open_of(project, item).update(ended_at=now, ended_by=by)
    Attestation.objects.create(
        project=project,
        item=item,
        state=state,
        note=note,
        evidence_url=evidence_url,
        by=by,
        at=now,
        expires_at=expires_at or now + ATTESTATION_LIFE,
    )
    return _changed(standing, Attribution(Cause.ATTESTATION, by, note), at=now)


@transaction.atomic
def clear_attestation(*, project: Project, item: str, by: User, version: int) -> Standing:
    now = timezone.now()
    standing = _current(project, item, version)
    Attestation.objects.open_of(project, item).update(ended_at=now, ended_by=by)
    return _changed(standing, Attribution(Cause.ATTESTATION, by, "Tick cleared"), at=now)


@transaction.atomic
def grant_waiver(*, project: Project, item: str, reason: str, until: date, by: User, version: int) -> Standing:
    now = timezone.now()
    standing = _current(project, item, version)
    Waiver.objects.open_of(project, item).update(ended_at=now, ended_by=by)
    Waiver.objects.create(project=project, item=item, reason=reason, until=until, by=by, at=now)
    return _changed(standing, Attribution(Cause.WAIVER, by, reason), at=now)


@transaction.atomic
def revoke_waiver(*, project: Project, item: str, by: User, version: int) -> Standing:
    now = timezone.now()
    standing = _current(project, item, version)
    Waiver.objects.open_of(project, item).update(ended_at=now, ended_by=by)
    return _changed(standing, Attribution(Cause.WAIVER, by, "Waiver revoked"), at=now)


@transaction.atomic
def undo_tick(*, project: Project, item: str, by: User, version: int) -> Standing:
    """Takes back the tick that `by` set or cleared last. Raises `StaleVersion` and `NothingToUndo`."""
    standing = _current(project, item, version)
    return _undo(standing, Attestation.objects.filter(project=project, item=item), Cause.ATTESTATION, by)


@transaction.atomic
def undo_waiver(*, project: Project, item: str, by: User, version: int) -> Standing:
    """Takes back the waiver that `by` granted or revoked last. Raises `StaleVersion` and `NothingToUndo`."""
    standing = _current(project, item, version)
    return _undo(standing, Waiver.objects.filter(project=project, item=item), Cause.WAIVER, by)


def _undo(standing: Standing, records: QuerySet[Any], cause: Cause, by: User) -> Standing:
    """Ends what began in the last moment of `records` and opens again what ended in it."""
    now = timezone.now()
    begun, ended = records.aggregate(begun=Max("at"), ended=Max("ended_at")).values()
    last = max((moment for moment in (begun, ended) if moment), default=None)
    if last is None or not records.filter(Q(at=last, by=by) | Q(ended_at=last, ended_by=by)).exists():
        raise NothingToUndo
    to_open = list(records.filter(ended_at=last).values_list("pk", flat=True))
    records.filter(ended_at=None).update(ended_at=now, ended_by=by)
    records.filter(pk__in=to_open).update(ended_at=None, ended_by=None)
    return _changed(standing, Attribution(cause, by, "Undone"), at=now)


def expire(*, at: datetime) -> int:
    """Ends attestations and waivers whose time is over and derives anew; returns how many projects changed."""
    over_ticks = Attestation.objects.filter(ended_at=None, expires_at__lte=at)
    over_waivers = Waiver.objects.filter(ended_at=None, until__lt=at.date())
    projects = Project.objects.filter(Q(pk__in=over_ticks.values("project")) | Q(pk__in=over_waivers.values("project")))
    count = 0
    for project in projects:
        with transaction.atomic():
            Project.objects.select_for_update().get(pk=project.pk)
            over_ticks.filter(project=project).update(ended_at=at)
            over_waivers.filter(project=project).update(ended_at=at)
            standings = list(Standing.objects.select_for_update().filter(project=project))
            _refresh(project, standings, why=Attribution(Cause.EXPIRY), at=at)
        count += 1
    return count


def _current(project: Project, item: str, version: int) -> Standing:
    """Locks the project and returns the item's standing, if nobody changed it since `version`."""
    Project.objects.select_for_update().get(pk=project.pk)
    standing = Standing.objects.select_for_update().get(project=project, item=item)
    if standing.version != version:
        raise StaleVersion(standing)
    return standing


def _changed(standing: Standing, why: Attribution, *, at: datetime) -> Standing:
    """After a person's change of one item: a new version of it, and everything derived."""
    standings = list(Standing.objects.filter(project=standing.project_id))
    for other in standings:
        if other.pk == standing.pk:
            other.version += 1
            standing = other
    _refresh(standing.project, standings, why=why, at=at)
    record_word(standing=standing, why=why, at=at)
    return standing


def _refresh(
    project: Project,
    standings: list[Standing],
    *,
    why: Attribution,
    causes: Mapping[str, Attribution] = {},
    at: datetime,
    card: Scorecard | None = None,
) -> None:
    """Derives effective states, writes transitions, scorecard and, when the score or the rules changed, a snapshot.

    `causes` names the items whose cause is another than `why`.
    """
    ticks = {tick.item: tick for tick in Attestation.objects.filter(project=project, ended_at=None)}
    waivers = {waiver.item: waiver for waiver in Waiver.objects.filter(project=project, ended_at=None)}
    transitions, counted = [], []
    for standing in standings:
        now = effective(State(standing.automatic), ticks.get(standing.item), waivers.get(standing.item), at=at)
        if now.state != standing.state:
            cause = causes.get(standing.item, why)
            change = {"item": standing.item, "before": standing.state, "after": now.state}
            transitions.append(Transition(project=project, at=at, **change, **cause.as_fields()))
            standing.since = at
            standing.version += cause.cause not in {Cause.ATTESTATION, Cause.WAIVER}  # those have counted it already
        standing.state, standing.waived, standing.contested = now.state, now.waived, now.contested
        counted.append(ItemStanding(standing.item, now.state, waived=now.waived, verified=now.verified))
    _write(standings)
    Transition.objects.bulk_create(transitions)
    card = card or Scorecard.objects.filter(project=project).first()
    if card is not None:
        card.contested = sum(standing.contested for standing in standings)
        states = {standing.item: standing.state for standing in standings}
        _write_card(card, score_project(counted), states, at=at)


def _write(standings: list[Standing]) -> None:
    """In one statement of a line per standing: `bulk_update` asks each column which of fifty rows it is in."""
    Standing.objects.bulk_create(
        standings,
        update_conflicts=True,
        unique_fields=["pk"],
        update_fields=["automatic", "summary", "remedy", "effort", "evidence", "commit", "error", "state", "waived",
                       "contested", "since", "version"],
    )  # fmt: skip


def _write_card(card: Scorecard, score: ProjectScore, states: Mapping[str, str], *, at: datetime) -> None:
    figures: Mapping[str, object] = {"score": score.score, "coverage": score.coverage, "grade": score.grade or ""}
    factors = [asdict(factor) for factor in score.factors]
    last = ScoreSnapshot.objects.filter(project=card.project, origin=Origin.OBSERVED).order_by("-at", "-pk").first()
    moved = (
        last is None
        or card.factors != factors
        or last.rules != card.rules
        or any(getattr(card, name) != value for name, value in figures.items())
    )
    for name, value in figures.items():
        setattr(card, name, value)
    card.factors = factors
    card.verified, card.weakest, card.updated_at = score.verified, score.weakest or "", at
    card.factor_scores = [factor.score for factor in score.factors]
    card.factor_states = [factor.state.value for factor in score.factors]
    card.waived = score.waived
    card.counts = {state.value: count for state, count in score.counts.items()}
    card.save()
    if moved:
        ScoreSnapshot.objects.create(
            project=card.project,
            at=at,
            commit=card.commit,
            factors={factor.slug: factor.score for factor in score.factors},
            states=states,
            catalogue_version=card.catalogue_version,
            engine_version=card.engine_version,
            **figures,
        )
