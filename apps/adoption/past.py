"""Writes what past commits were worth: history that nobody watched, kept apart from what scans observed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Min

from apps.adoption.models import Cause, Origin, ScoreSnapshot, Transition, rules
from apps.catalog import State
from apps.scoring import ItemStanding, score_project

if TYPE_CHECKING:
    from datetime import datetime

    from apps.analysis.past import PastReport
    from apps.teams.models import Project


def observed_since(project: Project) -> datetime | None:
    """When scans began to watch the project; its reconstructed past ends there."""
    first: datetime | None = ScoreSnapshot.objects.filter(project=project, origin=Origin.OBSERVED).aggregate(
        first=Min("at")
    )["first"]
    return first


def forget_past(project: Project) -> None:
    """Removes what was reconstructed, because another reconstruction takes its place."""
    ScoreSnapshot.objects.filter(project=project, origin=Origin.RECONSTRUCTED).delete()
    Transition.objects.filter(project=project, origin=Origin.RECONSTRUCTED).delete()


@transaction.atomic
def record_past(*, project: Project, report: PastReport, at: datetime, newer: tuple[str, datetime] | None) -> None:
    """Stores one past commit that led the branch from `at` on, and what changed until the `newer` one, next to it."""
    score = score_project(ItemStanding(item, State(one.state)) for item, one in report.verdicts.items())
    ScoreSnapshot.objects.create(
        project=project,
        at=at,
        origin=Origin.RECONSTRUCTED,
        commit=report.commit,
        score=score.score,
        coverage=score.coverage,
        grade=score.grade or "",
        factors={factor.slug: factor.score for factor in score.factors},
        states={item: one.state for item, one in report.verdicts.items()},
        catalogue_version=report.catalogue_version,
        engine_version=report.engine_version,
    )
    if newer is None:
        return
    commit, seen = newer
    judged_by = rules(report.catalogue_version, report.engine_version)
    Transition.objects.bulk_create(
        Transition(
            project=project,
            item=change.item,
            before=change.before,
            after=change.after,
            cause=Cause.ERROR if change.error else Cause.CODE,
            origin=Origin.RECONSTRUCTED,
            before_commit=report.commit,
            commit=commit,
            paths=change.paths,
            rules_before=judged_by,
            rules_after=judged_by,
            note=change.error,
            at=seen,
        )
        for change in report.changes
    )
