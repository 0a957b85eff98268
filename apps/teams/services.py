"""Writes of teams and projects."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.text import slugify

from apps.teams.audit import Deed, record
from apps.teams.models import Project, Team

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.contrib.auth.models import User


def free_slug(name: str) -> str:
    """A slug for a project called `name` that no project has: the name, else the name with a number."""
    base = slugify(name)[:90] or "project"
    taken = set(Project.objects.filter(slug__startswith=base).values_list("slug", flat=True))
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
    after = {"url": url, "branch": branch, "subfolder": project.subfolder, "tags": project.tags}
    record(Deed.PROJECT_ADDED, by=by, project=project, after={"name": name} | after)
    return project
