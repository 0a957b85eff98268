"""Writes of memberships. A team that has a maintainer keeps one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from apps.teams.audit import Deed, record
from apps.teams.models import Membership, Role, Team

if TYPE_CHECKING:
    from django.contrib.auth.models import User


class LastMaintainer(Exception):  # noqa: N818 - it reads as what happened
    """The change would leave the team without anybody who may change it."""


@transaction.atomic
def add_member(*, team: Team, user: User, role: Role, by: User) -> Membership:
    """`IntegrityError` when `user` is in the team already."""
    membership = Membership.objects.create(team=team, user=user, role=role)
    record(Deed.MEMBER_ADDED, by=by, team=team, subject=user.get_username(), after={"role": role})
    return membership


@transaction.atomic
def change_role(*, team: Team, member: int, role: Role, by: User) -> Membership:
    """Gives the membership with the id `member` another role. Raises `Membership.DoesNotExist` and `LastMaintainer`."""
    held = _held(team, member)
    if held.role != role:
        _keep_a_maintainer(held)
        before, held.role = held.role, role
        held.save(update_fields=["role"])
        name = held.user.get_username()
        record(Deed.MEMBER_CHANGED, by=by, team=team, subject=name, before={"role": before}, after={"role": role})
    return held


@transaction.atomic
def remove_member(*, team: Team, member: int, by: User) -> Membership:
    """Raises `Membership.DoesNotExist` and `LastMaintainer`."""
    held = _held(team, member)
    _keep_a_maintainer(held)
    record(Deed.MEMBER_REMOVED, by=by, team=team, subject=held.user.get_username(), before={"role": held.role})
    Membership.objects.filter(pk=held.pk).delete()
    return held


def _held(team: Team, member: int) -> Membership:
    """Locks the team, so that two maintainers cannot remove each other in the same moment.

    Not its key: rows that refer to the team go on, also those of an import that holds this very membership.
    """
    Team.objects.select_for_update(no_key=True).get(pk=team.pk)
    return team.memberships.select_related("user").get(pk=member)


def _keep_a_maintainer(held: Membership) -> None:
    others = held.team.memberships.filter(role=Role.MAINTAINER, user__is_active=True).exclude(pk=held.pk)
    if held.role == Role.MAINTAINER and not others.exists():
        raise LastMaintainer
