"""What groups of the organisation's sign-in mean here: roles in teams, and who is an admin."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.contrib.auth.models import User
from django.db import transaction

from apps.teams.audit import Deed, record
from apps.teams.models import Membership, Role, Team

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

RANK = {role.value: rank for rank, role in enumerate(Role)}
RULE = re.compile(r"(?P<group>[^=]+)=(?:(?P<admin>admin)|(?P<team>[-\w]+):(?P<role>[a-z]+))")


@dataclass(frozen=True, slots=True)
class GroupRule:
    """Members of `group` hold `role` in the team with the slug `team`; with an empty team they are admins."""

    group: str
    team: str = ""
    role: str = ""

    @classmethod
    def read(cls, text: str) -> GroupRule:
        """From `group=team:role` or `group=admin`; `ValueError` for anything else."""
        match = RULE.fullmatch(text.strip())
        if match is None or (match["role"] and match["role"] not in RANK):
            raise ValueError(f"“{text}” is no rule of groups: write group=team:role or group=admin.")
        return cls(match["group"].strip(), match["team"] or "", match["role"] or "")


@transaction.atomic
def apply_groups(*, user: User, groups: Collection[str], rules: Iterable[GroupRule]) -> None:
    """Gives `user` exactly the roles that `rules` give to `groups`, in the teams that the rules name.

    In other teams, and where no rule makes admins, what people decided stays.
    """
    rules = list(rules)
    user = User.objects.select_for_update().get(pk=user.pk)
    _apply_admin(user, [rule for rule in rules if not rule.team], groups)
    named = {rule.team for rule in rules if rule.team}
    for team in Team.objects.filter(slug__in=named):
        roles = [rule.role for rule in rules if rule.team == team.slug and rule.group in groups]
        _apply_role(user, team, max(roles, key=RANK.__getitem__, default=""))


def _apply_admin(user: User, rules: list[GroupRule], groups: Collection[str]) -> None:
    is_admin = any(rule.group in groups for rule in rules)
    if rules and user.is_superuser != is_admin:
        before, after = {"admin": user.is_superuser}, {"admin": is_admin}
        user.is_superuser = is_admin
        user.save(update_fields=["is_superuser"])
        record(Deed.PERSON_CHANGED, by=None, subject=user.get_username(), before=before, after=after)


def _apply_role(user: User, team: Team, role: str) -> None:
    held = Membership.objects.filter(user=user, team=team).first()
    if (held.role if held else "") == role:
        return
    if held and not role:
        held.delete()
        deed = Deed.MEMBER_REMOVED
    else:
        Membership.objects.update_or_create(user=user, team=team, defaults={"role": role})
        deed = Deed.MEMBER_CHANGED if held else Deed.MEMBER_ADDED
    before = {"role": held.role} if held else None
    after = {"role": role} if role else None
    record(deed, by=None, team=team, subject=user.get_username(), before=before, after=after)
