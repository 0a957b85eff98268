"""Projects that come, change and go: the row and what follows for its scans happen together or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction

from apps.adoption.services import begin
from apps.scans.backfills import request_backfill
from apps.scans.models import ScanCause
from apps.scans.services import follow, request_scan, withdraw
from apps.teams.services import add_project, archive_project, edit_project, restore_project

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from apps.teams.models import Project

TREE = ("url", "branch", "subfolder")


@transaction.atomic
def add_and_scan(*, by: User, **tree: Any) -> Project:  # noqa: ANN401
    """Takes what `add_project` takes; raises `IntegrityError` when the team got this tree meanwhile."""
    project = add_project(by=by, **tree)
    begin(project)
    request_scan(project=project, cause=ScanCause.PERSON, by=by)
    request_backfill(project=project, by=by)
    return project


@transaction.atomic
def edit_and_scan(*, project: Project, by: User, **fields: Any) -> Project:  # noqa: ANN401
    """Takes what `edit_project` takes; another tree is scanned at once, and has another past.

    What waits and runs belongs to the project, so it goes with it into another team.
    """
    before = [getattr(project, name) for name in TREE]
    edited = edit_project(project=project, by=by, **fields)
    follow(project=edited)
    if [getattr(edited, name) for name in TREE] != before and not edited.archived_at:
        request_scan(project=edited, cause=ScanCause.PERSON, by=by, forced=True)
        request_backfill(project=edited, by=by, anew=True)
    return edited


@transaction.atomic
def archive_and_withdraw(*, project: Project, version: int, by: User) -> None:
    archive_project(project=project, version=version, by=by)
    withdraw(project=project, reason="The project was archived.")


@transaction.atomic
def restore_and_scan(*, project: Project, version: int, by: User) -> None:
    restore_project(project=project, version=version, by=by)
    request_scan(project=project, cause=ScanCause.PERSON, by=by)
