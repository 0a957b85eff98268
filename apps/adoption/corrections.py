"""Corrections of a project's profile: who says that the system is not what a scan takes it for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from apps.adoption.models import ProfileCorrection
from apps.analysis.claims import CLAIMS
from apps.teams.audit import Deed, record
from apps.teams.models import Project

if TYPE_CHECKING:
    from datetime import datetime

    from django.contrib.auth.models import User


class StaleCorrection(Exception):  # noqa: N818 - it reads as what happened
    """Somebody else corrected the claim, or took a correction back, since the person looked."""


@transaction.atomic
def correct_profile(
    *, project: Project, claim: str, holds: bool, by: User, seen: int | None = None
) -> ProfileCorrection:
    """The open correction of `claim`, signed by `by`; an earlier one that says something else ends.

    `seen` is the id of the open correction that the person saw, 0 for none; None asks for no comparison.
    `StaleCorrection` when it is another one by now, `ValueError` for what is no claim.
    """
    if claim not in CLAIMS:
        raise ValueError(f"{claim} is no claim of a profile")
    Project.objects.select_for_update().get(pk=project.pk)
    said = ProfileCorrection.objects.filter(project=project, claim=claim, ended_at=None).first()
    _compare(said, seen)
    if said and (said.holds, said.by) == (holds, by):
        return said
    now = timezone.now()
    before = _end(project, claim, by, now)
    record(Deed.PROFILE_CORRECTED, by=by, project=project, subject=claim, before=before, after={"holds": holds})
    return ProfileCorrection.objects.create(project=project, claim=claim, holds=holds, by=by, at=now)


@transaction.atomic
def clear_correction(*, project: Project, claim: str, by: User, seen: int | None = None) -> bool:
    """Lets the scan speak for itself again; False when nobody had corrected `claim`. `seen` as in `correct_profile`."""
    Project.objects.select_for_update().get(pk=project.pk)
    _compare(ProfileCorrection.objects.filter(project=project, claim=claim, ended_at=None).first(), seen)
    before = _end(project, claim, by, timezone.now())
    if before is not None:
        record(Deed.PROFILE_CLEARED, by=by, project=project, subject=claim, before=before)
    return before is not None


def _end(project: Project, claim: str, by: User, at: datetime) -> dict[str, bool] | None:
    """Ends the open correction and returns what it said; None when there was none. The caller holds the project."""
    said = ProfileCorrection.objects.filter(project=project, claim=claim, ended_at=None)
    before = said.first()
    said.update(ended_at=at, ended_by=by)
    return {"holds": before.holds} if before else None


def _compare(said: ProfileCorrection | None, seen: int | None) -> None:
    if seen is not None and seen != (said.pk if said else 0):
        raise StaleCorrection


def open_corrections(project: Project) -> dict[str, ProfileCorrection]:
    """What people say now, by claim. One query."""
    rows = ProfileCorrection.objects.filter(project=project, ended_at=None).select_related("by")
    return {row.claim: row for row in rows}


def corrected_since(project: Project, at: datetime) -> bool:
    """Whether anybody corrected the profile, or took a correction back, after `at`."""
    changed = Q(at__gt=at) | Q(ended_at__gt=at)
    return ProfileCorrection.objects.filter(changed, project=project).exists()
