"""Writes of webhooks: endpoints, and what a delivery leads to."""

from __future__ import annotations

import hashlib
import secrets
import uuid
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.db.models.functions import Lower, Now
from django.utils import timezone

from apps.scans.models import ScanCause
from apps.scans.services import request_scan
from apps.teams.audit import Deed, record
from apps.teams.models import Project
from apps.teams.sealed import CannotUnseal, seal, unseal
from apps.webhooks.models import Delivery, Endpoint, Outcome
from apps.webhooks.payloads import Event, comparable, event_of
from apps.webhooks.signatures import Provider, is_genuine, new_secret, sign

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from django.contrib.auth.models import User

    from apps.teams.models import Team

OVERLAP = timedelta(hours=24)
NAMED = 5  # projects in a note
PINGS = {
    Provider.GITHUB: {"X-GitHub-Event": "ping"},
    Provider.GITLAB: {"X-Gitlab-Event": "ping"},
    Provider.GITEA: {"X-Gitea-Event": "ping"},
    Provider.BITBUCKET: {"X-Event-Key": "diagnostics:ping"},
}


class StaleSecret(Exception):  # noqa: N818 - it names what happened
    """Somebody made a newer secret meanwhile, or the same form came twice."""


class BadSignature(Exception):  # noqa: N818 - it names what happened
    """Whoever sent this does not hold the secret, or there is no such endpoint: the sender learns no more."""


@transaction.atomic
def create_endpoint(*, owner: Project | Team, provider: str, by: User) -> tuple[Endpoint, str]:
    """A new endpoint and its secret, which nobody can read again. `IntegrityError` when the owner has one."""
    secret, now = new_secret(provider), timezone.now()
    of: dict[str, Any] = {"project": owner} if isinstance(owner, Project) else {"team": owner}
    endpoint = Endpoint.objects.create(
        **of, provider=provider, key=secrets.token_urlsafe(18), sealed=seal(secret),
        created_by=by, created_at=now, rotated_at=now,
    )  # fmt: skip
    record(Deed.WEBHOOK_ADDED, by=by, **of, subject=endpoint.get_provider_display())
    return endpoint, secret


@transaction.atomic
def rotate_secret(*, endpoint: Endpoint, seen: str, by: User) -> str:
    """A new secret; the one before stays good for a day, so that no push is lost meanwhile.

    Raises `StaleSecret` unless `seen` is when the present one was made: a form that is sent twice must not take the one
    before away.
    """
    endpoint = (
        Endpoint.objects.select_for_update(of=("self",)).select_related("project__team", "team").get(pk=endpoint.pk)
    )
    if endpoint.rotated_at.isoformat() != seen:
        raise StaleSecret
    secret, now = new_secret(endpoint.provider), timezone.now()
    endpoint.sealed, endpoint.sealed_before = seal(secret), endpoint.sealed
    endpoint.before_until, endpoint.rotated_at = now + OVERLAP, now
    endpoint.save(update_fields=["sealed", "sealed_before", "before_until", "rotated_at"])
    record(Deed.WEBHOOK_CHANGED, by=by, **_owner(endpoint), subject="A new secret")
    return secret


@transaction.atomic
def remove_endpoint(*, endpoint: Endpoint, by: User) -> None:
    record(Deed.WEBHOOK_DELETED, by=by, **_owner(endpoint), subject=endpoint.get_provider_display())
    endpoint.delete()


def receive(*, key: str, headers: Mapping[str, str], body: bytes) -> Delivery | None:
    """Stores a genuine delivery and asks for the scans it leads to; None when it came before.

    Raises `BadSignature`, and `BadPayload` for a genuine delivery that says nothing sensible.
    """
    now = timezone.now()
    known = Endpoint.objects.select_related("project", "team")
    endpoint = known.filter(key=key).first() if "\0" not in key else None  # the database refuses to look for that
    if endpoint is None:
        raise BadSignature
    if not any(
        is_genuine(endpoint.provider, one, headers, body, now=now.timestamp()) for one in _secrets(endpoint, now)
    ):
        _count_refusal(endpoint)
        raise BadSignature
    event = event_of(endpoint.provider, headers, body)
    digest = hashlib.sha256(body).hexdigest()  # no header: what no signature covers makes no new delivery
    delivery = Delivery(
        endpoint=endpoint, delivery=event.delivery or digest, digest=digest, received_at=now, evaluated_at=now,
        event=event.name, pushed=event.pushed, default_branch=event.default_branch, addresses=event.addresses,
    )  # fmt: skip
    projects = _decide(delivery, event)
    try:
        with transaction.atomic():
            delivery.save(force_insert=True)
            _ask(projects)
    except IntegrityError:
        if not Delivery.objects.filter(Q(delivery=delivery.delivery) | Q(digest=digest), endpoint=endpoint).exists():
            raise
        return None
    return delivery


def evaluate_again(*, delivery: Delivery) -> None:
    """Asks for the scans that this delivery leads to today: projects and branches may have changed since."""
    event = Event(delivery.event, delivery.delivery, delivery.pushed, delivery.default_branch, delivery.addresses)
    delivery.evaluated_at = timezone.now()
    projects = _decide(delivery, event)
    with transaction.atomic():
        delivery.save(update_fields=["outcome", "note", "evaluated_at"])
        _ask(projects)


def try_out(*, endpoint: Endpoint) -> Delivery | None:
    """Delivers a ping to the endpoint as its forge would, signed with its secret."""
    body = b'{"zen": "%s"}' % uuid.uuid4().hex.encode()
    now = timezone.now()
    signed = sign(endpoint.provider, unseal(endpoint.sealed), body, delivery=uuid.uuid4().hex, now=now.timestamp())
    return receive(key=endpoint.key, headers=PINGS[Provider(endpoint.provider)] | signed, body=body)


def prune() -> int:
    """Forgets deliveries that are older than `WEBHOOK_HISTORY`; returns how many."""
    return Delivery.objects.filter(received_at__lt=Now() - settings.WEBHOOK_HISTORY).delete()[0]


def _owner(endpoint: Endpoint) -> dict[str, Any]:
    return {"project": endpoint.project, "team": endpoint.team}


def _secrets(endpoint: Endpoint, now: datetime) -> list[str]:
    sealed = [endpoint.sealed]
    if endpoint.before_until and endpoint.before_until > now:
        sealed.append(endpoint.sealed_before)
    try:
        return [unseal(one) for one in sealed]
    except CannotUnseal:
        return []


def _count_refusal(endpoint: Endpoint) -> None:
    """At most once a second: whoever guesses must not keep the database busy."""
    a_while_ago = Q(refused_at=None) | Q(refused_at__lt=Now() - timedelta(seconds=1))
    Endpoint.objects.filter(a_while_ago, pk=endpoint.pk).update(refused=F("refused") + 1, refused_at=Now())


def _decide(delivery: Delivery, event: Event) -> list[tuple[Project, str]]:
    """The projects to scan and their commits; writes down why, or why none."""
    delivery.outcome, found = Outcome.IGNORED, []
    if event.is_ping:
        delivery.outcome, delivery.note = Outcome.PING, "The endpoint is set up."
    elif not event.is_push:
        delivery.note = "Only a push asks for a scan."
    elif not event.pushed:
        delivery.note = "A tag or a branch that was deleted."
    else:
        projects = _projects(delivery.endpoint, event)
        found = [(project, commit) for project in projects if (commit := _tracked(project, event))]
        if not projects:
            delivery.note = "No project of this team has this repository."
        elif not found:
            delivery.note = f"No project tracks {', '.join(event.pushed)}."[:300]
        else:
            names = [project.name for project, _ in found]
            more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
            delivery.outcome, delivery.note = Outcome.QUEUED, f"{', '.join(names[:NAMED])}{more}"[:300]
    return found


def _projects(endpoint: Endpoint, event: Event) -> list[Project]:
    if endpoint.project is not None:
        return [endpoint.project] if endpoint.project.archived_at is None else []
    spellings = set().union(*map(comparable, event.addresses))
    active = Project.objects.active().order_by("pk")  # one order for all, so that two deliveries never wait in a ring
    return list(active.annotate(lower_url=Lower("url")).filter(team=endpoint.team_id, lower_url__in=spellings))


def _tracked(project: Project, event: Event) -> str:
    """The new commit of the branch that the project follows. A default branch that is not named may be any."""
    branch = project.branch or event.default_branch
    return event.pushed.get(branch, "") if branch else next(iter(event.pushed.values()))


def _ask(projects: list[tuple[Project, str]]) -> None:
    for project, commit in projects:
        request_scan(project=project, cause=ScanCause.WEBHOOK, at_least=commit)
