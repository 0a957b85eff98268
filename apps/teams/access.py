"""The one table of who may do what; views ask here and nowhere else."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from django.http import Http404

from apps.teams.models import Membership, Role, Team

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser, User
    from django.db.models import QuerySet


class Action(StrEnum):
    VIEW = "view"
    TICK = "tick"
    SCAN = "scan"
    WAIVE = "waive"
    ADD_PROJECT = "add-project"


ALLOWED: dict[Action, frozenset[str]] = {
    Action.VIEW: frozenset({Role.VIEWER, Role.MEMBER, Role.MAINTAINER}),
    Action.TICK: frozenset({Role.MEMBER, Role.MAINTAINER}),
    Action.SCAN: frozenset({Role.MEMBER, Role.MAINTAINER}),
    Action.WAIVE: frozenset({Role.MAINTAINER}),
    Action.ADD_PROJECT: frozenset({Role.MAINTAINER}),
}


def teams_where(user: User | AnonymousUser, action: Action) -> QuerySet[Team]:
    """The teams in which `user` may do `action`; a superuser is the organisation's admin and may do all.

    Everybody who is signed in may view: adoption is meant to be seen across teams.
    """
    if not user.is_authenticated:
        return Team.objects.none()
    if user.is_superuser or action is Action.VIEW:
        return Team.objects.all()
    return Team.objects.filter(memberships__user=user, memberships__role__in=ALLOWED[action])


def may(user: User | AnonymousUser, action: Action, team: Team) -> bool:
    if not user.is_authenticated:
        return False
    if user.is_superuser or action is Action.VIEW:
        return True
    return Membership.objects.filter(team=team, user=user, role__in=ALLOWED[action]).exists()


def actions_of(user: User | AnonymousUser, team: Team) -> frozenset[Action]:
    """All that `user` may do there, for a page that asks for several. One query at most."""
    if not user.is_authenticated:
        return frozenset()
    if user.is_superuser:
        return frozenset(Action)
    role = Membership.objects.filter(team=team, user=user).values_list("role", flat=True).first()
    return frozenset(action for action, roles in ALLOWED.items() if action is Action.VIEW or role in roles)


def require(user: User | AnonymousUser, action: Action, team: Team) -> None:
    """Raises `Http404` unless `user` may do `action`: what one may not touch does not exist."""
    if not may(user, action, team):
        raise Http404
