"""Adding a project: the row, its fifty unknown items and its first scan come together or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction

from apps.adoption.services import begin
from apps.scans.models import ScanCause
from apps.scans.services import request_scan
from apps.teams.services import add_project

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from apps.teams.models import Project


@transaction.atomic
def add_and_scan(*, by: User, **tree: Any) -> Project:  # noqa: ANN401
    """Takes what `add_project` takes; raises `IntegrityError` when the team got this tree meanwhile."""
    project = add_project(by=by, **tree)
    begin(project)
    request_scan(project=project, cause=ScanCause.PERSON, by=by)
    return project
