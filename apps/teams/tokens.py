"""Tokens for private repositories: written by people, read by nobody but the one git child that needs them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from apps.teams.audit import Deed, record
from apps.teams.models import Project, RepositoryToken
from apps.teams.sealed import seal, unseal

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from apps.teams.models import Team

# GitHub, GitLab, Gitea and Forgejo take any name beside a token; Bitbucket wants this one.
USERNAME = "x-token-auth"


@dataclass(frozen=True, slots=True)
class Credential:
    """What opens a private repository. Its text stays out of every `repr`."""

    username: str
    token: str = field(repr=False)


@transaction.atomic
def set_token(*, owner: Project | Team, host: str, token: str, by: User, username: str = "") -> RepositoryToken:
    """Stores `token` for repositories of `host`, in the place of an older one."""
    fields = {"username": username or USERNAME, "sealed": seal(token), "set_by": by, "set_at": timezone.now()}
    record(Deed.TOKEN_ADDED, by=by, **_owner(owner), subject=f"For repositories of {host}"[:200])
    return RepositoryToken.objects.update_or_create(**_owner(owner), host=host, defaults=fields)[0]


@transaction.atomic
def remove_token(*, owner: Project | Team, host: str, by: User) -> None:
    """Nothing happens where there is none."""
    if RepositoryToken.objects.filter(**_owner(owner), host=host).delete()[0]:
        record(Deed.TOKEN_REVOKED, by=by, **_owner(owner), subject=f"For repositories of {host}"[:200])


def credential_for(project: Project, host: str) -> Credential | None:
    """The project's own token for `host`, else that of the team it is in now, whatever `project` remembers.

    A host that changed is given nothing. `CannotUnseal`.
    """
    if not host:
        return None
    mine = Q(project=project.pk) | Q(team__projects=project.pk)
    token = RepositoryToken.objects.filter(mine, host=host).order_by(F("project").asc(nulls_last=True)).first()
    return Credential(token.username, unseal(token.sealed)) if token else None


def _owner(owner: Project | Team) -> dict[str, Any]:
    return {"project": owner} if isinstance(owner, Project) else {"team": owner}
