"""The one table of who may do what; views ask here and nowhere else. `docs/permissions.md` shows it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.auth.models import User
from django.http import Http404
from django.utils.translation import gettext_lazy as _

from apps.teams.models import Membership, Role, Team

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser
    from django.db.models import QuerySet
    from django_stubs_ext import StrOrPromise


class Action(StrEnum):
    VIEW = "view"
    TICK = "tick"
    SCAN = "scan"
    WAIVE = "waive"
    ADD_PROJECT = "add-project"
    EDIT_PROJECT = "edit-project"
    DELETE_PROJECT = "delete-project"
    MANAGE_WEBHOOKS = "manage-webhooks"
    MANAGE_MEMBERS = "manage-members"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Rule:
    """`roles` may do it in their team; an admin of the organisation may do all everywhere."""

    meaning: StrOrPromise
    roles: frozenset[str]


VIEWERS = frozenset({Role.VIEWER, Role.MEMBER, Role.MAINTAINER})
MEMBERS = VIEWERS - {Role.VIEWER}
MAINTAINERS = MEMBERS - {Role.MEMBER}

RULES: dict[Action, Rule] = {
    Action.VIEW: Rule(_("See projects, their evidence and history, and take them away as files"), VIEWERS),
    Action.TICK: Rule(
        _("Tick items, clear ticks, report wrong verdicts, correct what a scan takes the system for"), MEMBERS
    ),
    Action.SCAN: Rule(_("Ask for a scan: of a project, of a team, of all that the board shows of it"), MEMBERS),
    Action.WAIVE: Rule(_("Grant, accept and revoke waivers"), MAINTAINERS),
    Action.ADD_PROJECT: Rule(_("Add projects"), MAINTAINERS),
    Action.EDIT_PROJECT: Rule(_("Change and archive projects, have their past read"), MAINTAINERS),
    Action.DELETE_PROJECT: Rule(_("Delete projects"), MAINTAINERS),
    Action.MANAGE_WEBHOOKS: Rule(
        _("Make, change and remove webhooks, their secrets, and tokens for repositories"), MAINTAINERS
    ),
    Action.MANAGE_MEMBERS: Rule(_("Add and remove members, change their roles"), MAINTAINERS),
    Action.ADMIN: Rule(
        _("Create, rename and delete teams; let people in and out; keep the queue; read the audit trail and reports"),
        frozenset(),
    ),
}


def may_read(user: User | AnonymousUser) -> bool:
    """Whether `user` may see the projects of every team: adoption is meant to be seen (decision 5)."""
    return user.is_authenticated or settings.PUBLIC_READ


def is_admin(user: User | AnonymousUser) -> bool:
    return user.is_authenticated and user.is_superuser


def teams_where(user: User | AnonymousUser, action: Action) -> QuerySet[Team]:
    """The teams in which `user` may do `action`."""
    if is_admin(user) or (action is Action.VIEW and may_read(user)):
        return Team.objects.all()
    if not user.is_authenticated:
        return Team.objects.none()
    return Team.objects.filter(memberships__user=user, memberships__role__in=RULES[action].roles)


def may(user: User | AnonymousUser, action: Action, team: Team) -> bool:
    if is_admin(user) or (action is Action.VIEW and may_read(user)):
        return True
    if not user.is_authenticated:
        return False
    return Membership.objects.filter(team=team, user=user, role__in=RULES[action].roles).exists()


def still_may(user: User, action: Action, team: Team) -> bool:
    """Whether `user` may do it at this moment, and until the surrounding transaction ends, whatever held before.

    For work that goes on after it was asked for: leaving the team and closing the account wait for it or come first.
    """
    account = User.objects.select_for_update(no_key=True).filter(pk=user.pk, is_active=True).first()
    if account is None or account.is_superuser:
        return account is not None
    held = Membership.objects.filter(team=team, user=user, role__in=RULES[action].roles)
    return held.select_for_update(no_key=True).first() is not None


def actions_of(user: User | AnonymousUser, team: Team) -> frozenset[Action]:
    """All that `user` may do there, for a page that asks for several. One query at most."""
    if is_admin(user):
        return frozenset(Action)
    seen = frozenset({Action.VIEW}) if may_read(user) else frozenset()
    if not user.is_authenticated:
        return seen
    role = Membership.objects.filter(team=team, user=user).values_list("role", flat=True).first()
    return seen | {action for action, rule in RULES.items() if role in rule.roles}


def require(user: User | AnonymousUser, action: Action, team: Team) -> None:
    """Raises `Http404` unless `user` may do `action`: what one may not touch does not exist."""
    if not may(user, action, team):
        raise Http404


def require_admin(user: User | AnonymousUser) -> None:
    """Raises `Http404` unless `user` is an admin of the organisation."""
    if not is_admin(user):
        raise Http404
