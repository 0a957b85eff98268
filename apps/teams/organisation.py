"""Writes of the organisation's admins: teams, and who may come in."""

from __future__ import annotations

import secrets

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.text import slugify

from apps.teams.audit import Deed, record
from apps.teams.models import Team

# Addresses under /teams/ that are pages of their own.
TAKEN_SLUGS = frozenset({"new"})


class TeamNotEmpty(Exception):  # noqa: N818 - it reads as what happened
    """The team still has projects, whose history would go with it."""


class LastAdmin(Exception):  # noqa: N818 - it reads as what happened
    """The change would leave nobody to let people in."""


@transaction.atomic
def create_team(*, name: str, by: User) -> Team:
    """`IntegrityError` when a team has that name."""
    base = slugify(name)[:70] or "team"
    taken = TAKEN_SLUGS.union(Team.objects.filter(slug__startswith=base).values_list("slug", flat=True))
    slug = next(one for one in (base, *(f"{base}-{n}" for n in range(2, len(taken) + 3))) if one not in taken)
    team = Team.objects.create(name=name, slug=slug)
    record(Deed.TEAM_CREATED, by=by, team=team, after={"name": name})
    return team


@transaction.atomic
def rename_team(*, team: Team, name: str, by: User) -> None:
    """The slug stays, so that links and rules of groups do. `IntegrityError` when another team has that name."""
    held = Team.objects.select_for_update().get(pk=team.pk)
    if held.name == name:
        return
    before, held.name = held.name, name
    held.save(update_fields=["name"])
    record(Deed.TEAM_CHANGED, by=by, team=held, before={"name": before}, after={"name": name})


@transaction.atomic
def delete_team(*, team: Team, by: User) -> None:
    """Raises `TeamNotEmpty` while the team has a project, archived ones included."""
    held = Team.objects.select_for_update().get(pk=team.pk)
    if held.projects.exists():
        raise TeamNotEmpty
    members = {one.user.get_username(): one.role for one in held.memberships.select_related("user")}
    record(Deed.TEAM_DELETED, by=by, team=held, before={"name": held.name, "members": members})
    held.delete()


@transaction.atomic
def add_person(*, username: str, first_name: str, last_name: str, email: str, by: User) -> tuple[User, str]:
    """A new account and its first password, which is kept nowhere else. `IntegrityError` when the name is taken."""
    password = secrets.token_urlsafe(12)
    user = User.objects.create_user(username, email, password, first_name=first_name, last_name=last_name)
    record(Deed.PERSON_ADDED, by=by, subject=username, after={"name": user.get_full_name(), "email": email})
    return user, password


@transaction.atomic
def change_person(*, person: int, active: bool, admin: bool, by: User) -> User:
    """Opens or closes an account and says who is an admin. Raises `User.DoesNotExist` and `LastAdmin`.

    A closed account's sessions end with the next request.
    """
    admins = list(User.objects.select_for_update().filter(is_superuser=True, is_active=True).order_by("pk"))
    user = User.objects.select_for_update().get(pk=person)
    before = {"active": user.is_active, "admin": user.is_superuser}
    after = {"active": active, "admin": admin}
    if before == after:
        return user
    if not (active and admin) and [one.pk for one in admins] == [user.pk]:
        raise LastAdmin
    user.is_active, user.is_superuser = active, admin
    user.save(update_fields=["is_active", "is_superuser"])
    record(Deed.PERSON_CHANGED, by=by, subject=user.get_username(), before=before, after=after)
    return user
