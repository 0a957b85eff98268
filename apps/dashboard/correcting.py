"""Correcting a profile: the correction and the scan that takes it up come together or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from apps.adoption.corrections import clear_correction, correct_profile
from apps.scans.models import ScanCause
from apps.scans.services import request_scan

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from apps.teams.models import Project


@transaction.atomic
def correct_and_scan(*, project: Project, claim: str, holds: bool, by: User, seen: int) -> None:
    """Raises `StaleCorrection` unless the open correction is the one that the person saw."""
    correct_profile(project=project, claim=claim, holds=holds, by=by, seen=seen)
    request_scan(project=project, cause=ScanCause.PERSON, by=by, forced=True)


@transaction.atomic
def clear_and_scan(*, project: Project, claim: str, by: User, seen: int) -> None:
    """Nothing happens where nobody had corrected the claim. `StaleCorrection` as above."""
    if clear_correction(project=project, claim=claim, by=by, seen=seen):
        request_scan(project=project, cause=ScanCause.PERSON, by=by, forced=True)
