"""Writes of teams and projects."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify

from apps.teams.audit import Deed, record
from apps.teams.models import Project, Team

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import timedelta

    from django.contrib.auth.models import User


# Addresses under /projects/ that are pages of their own.
TAKEN_SLUGS = frozenset({"add", "archived", "import"})


class StaleProject(Exception):  # noqa: N818 - it reads as what happened
    """Somebody else changed the project meanwhile; `project` is the newer one."""

    def __init__(self, project: Project) -> None:
        super().__init__(f"{project.slug} changed meanwhile")
        self.project = project


def free_slug(name: str) -> str:
    """A slug for a project called `name` that no project has: the name, else the name with a number."""
    base = slugify(name)[:90] or "project"
    taken = TAKEN_SLUGS.union(Project.objects.filter(slug__startswith=base).values_list("slug", flat=True))
    return next(slug for slug in (base, *(f"{base}-{n}" for n in range(2, len(taken) + 3))) if slug not in taken)


@transaction.atomic
def add_project(
    *,
    team: Team,
    name: str,
    url: str,
    branch: str = "",
    subfolder: str = "",
    tags: Iterable[str] = (),
    by: User | None = None,
) -> Project:
    """Stores a project whose address passed the URL policy. `IntegrityError` if the team has this tree already."""
    project = Project.objects.create(
        team=team,
        name=name,
        slug=free_slug(name),
        url=url,
        branch=branch,
        subfolder=subfolder.strip("/"),
        tags=sorted(set(tags)),
        added_by=by,
    )
    record(Deed.PROJECT_ADDED, by=by, project=project, after=_as_noted(project))
    return project


@transaction.atomic
def edit_project(
    *,
    project: Project,
    version: int,
    team: Team,
    name: str,
    url: str,
    branch: str,
    subfolder: str,
    tags: Iterable[str],
    scan_interval: timedelta | None,
    by: User,
) -> Project:
    """Stores what changed; the slug stays, so that links do. `IntegrityError` if the team has this tree already."""
    held = _current(project, version)
    before = _as_noted(held)
    held.team, held.name, held.scan_interval = team, name, scan_interval
    held.url, held.branch, held.subfolder, held.tags = url, branch, subfolder.strip("/"), sorted(set(tags))
    return _stored(held, before, by)


@transaction.atomic
def archive_project(*, project: Project, version: int, by: User) -> Project:
    """Takes the project from the boards; all of it is kept."""
    held = _current(project, version)
    before = _as_noted(held)
    held.archived_at = held.archived_at or timezone.now()
    return _stored(held, before, by)


@transaction.atomic
def restore_project(*, project: Project, version: int, by: User) -> Project:
    held = _current(project, version)
    before = _as_noted(held)
    held.archived_at = None
    return _stored(held, before, by)


@transaction.atomic
def delete_project(*, project: Project, version: int, by: User) -> None:
    """Deletes the project with its history. Nothing brings it back."""
    held = _current(project, version)
    record(Deed.PROJECT_DELETED, by=by, project=held, before=_as_noted(held))
    held.delete()


def _current(project: Project, version: int) -> Project:
    """Locks the project, if nobody changed it since `version`."""
    held = Project.objects.select_for_update().get(pk=project.pk)
    if held.version != version:
        raise StaleProject(held)
    return held


def _stored(project: Project, before: dict[str, Any], by: User) -> Project:
    project.version += 1
    project.save()
    record(Deed.PROJECT_CHANGED, by=by, project=project, before=before, after=_as_noted(project))
    return project


def _as_noted(project: Project) -> dict[str, Any]:
    return {
        "name": project.name,
        "team": project.team.slug,
        "url": project.url,
        "branch": project.branch,
        "subfolder": project.subfolder,
        "tags": project.tags,
        "scan_interval_hours": project.scan_interval and project.scan_interval.total_seconds() / 3600,
        "archived": project.archived_at is not None,
    }
