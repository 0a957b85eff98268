"""Puts the demonstration organisation into the database and requests its scans; workers find scores and past."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from django.contrib.auth.models import User
from django.db import transaction

from apps.adoption import services as adoption
from apps.embedded.demo.organisation import PEOPLE, PROJECTS, TEAMS
from apps.scans.backfills import request_backfill
from apps.scans.models import ScanCause
from apps.scans.services import request_scan
from apps.teams.models import Membership, Project, Role, Team

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

ADMIN = "demo"


@transaction.atomic
def prepare(repositories: Mapping[str, Path]) -> str:
    """Makes people, teams and projects, requests a scan of each project, and returns the password of `ADMIN`.

    `repositories` maps a project's slug to its bare repository. Must run on a database without teams.
    """
    password = secrets.token_urlsafe(9)
    admin = User.objects.create_superuser(ADMIN, f"{ADMIN}@example.org", password, first_name="Demo", last_name="Admin")
    people = {
        person: User.objects.create_user(
            person.username,
            person.email,
            first_name=person.full_name.split(" ", 1)[0],
            last_name=person.full_name.split(" ", 1)[1],
        )
        for person in PEOPLE
    }
    teams = {}
    for sample in TEAMS:
        teams[sample] = Team.objects.create(name=sample.name, slug=sample.slug)
        for person in sample.members:
            role = Role.MAINTAINER if person == sample.lead else Role.MEMBER
            Membership.objects.create(team=teams[sample], user=people[person], role=role)
    for sample_project in PROJECTS:
        project = Project.objects.create(
            team=teams[sample_project.team],
            name=sample_project.name,
            slug=sample_project.slug,
            url=str(repositories[sample_project.slug]),
            tags=list(sample_project.tags),
            added_by=people[sample_project.team.lead],
        )
        adoption.begin(project)
        request_scan(project=project, cause=ScanCause.PERSON, by=admin)
        request_backfill(project=project, by=admin)
    return password
