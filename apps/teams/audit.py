"""The audit trail: who changed what, when, from where, and how it was before. Services write it with the change."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any

from django.db import connection

from apps.teams.models import AuditEntry, Project, Team
from apps.teams.origin import origin

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.contrib.auth.models import User


class Deed(StrEnum):
    """What was done; the part before the dot says to what."""

    ITEM_TICKED = "item.ticked"
    ITEM_CLEARED = "item.cleared"
    WAIVER_GRANTED = "waiver.granted"
    WAIVER_REVOKED = "waiver.revoked"
    PROFILE_CORRECTED = "profile.corrected"
    PROFILE_CLEARED = "profile.cleared"
    PROJECT_ADDED = "project.added"
    PROJECT_CHANGED = "project.changed"
    PROJECT_DELETED = "project.deleted"
    WEBHOOK_ADDED = "webhook.added"
    WEBHOOK_CHANGED = "webhook.changed"
    WEBHOOK_DELETED = "webhook.deleted"
    TOKEN_ADDED = "token.added"  # noqa: S105  # nosec B105 - a word, not a credential
    TOKEN_REVOKED = "token.revoked"  # noqa: S105  # nosec B105 - a word, not a credential
    MEMBER_ADDED = "member.added"
    MEMBER_CHANGED = "member.changed"
    MEMBER_REMOVED = "member.removed"
    TEAM_CREATED = "team.created"
    TEAM_CHANGED = "team.changed"
    TEAM_DELETED = "team.deleted"
    PERSON_ADDED = "person.added"
    PERSON_CHANGED = "person.changed"


def record(
    deed: Deed,
    *,
    by: User | None,
    team: Team | None = None,
    project: Project | None = None,
    subject: str = "",
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """Notes one change. `by` is None for what the system did on its own.

    `subject` names the thing inside team or project: an item, a claim, a user name. `before` and `after` must go into
    JSON and hold no secret. Must be called in the transaction of the change: neither is stored without the other.
    """
    if not connection.in_atomic_block:
        raise RuntimeError(f"{deed} is noted outside the transaction of its change")
    if project is not None:
        team = project.team
    AuditEntry.objects.create(
        deed=deed,
        by=by,
        by_name=by.get_username() if by else "",
        address=origin(),
        team=team.slug if team else "",
        project=project.slug if project else "",
        subject=subject,
        before=before,
        after=after,
    )
