"""Every address of the resolver, asked by everybody for their own and for foreign things: no leak, no write."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.apps import apps
from django.contrib.auth.models import AnonymousUser
from django.db import connection, transaction
from django.test import Client
from django.urls import URLPattern, get_resolver, reverse
from django.utils import timezone

from apps.adoption.verdicts import report_verdict
from apps.catalog import State
from apps.scans.models import Phase
from apps.teams.access import Action, may
from apps.teams.models import Membership, Project, Role, Team
from apps.webhooks.models import Delivery, Provider
from apps.webhooks.services import create_endpoint, try_out
from tests.dashboard.making import claims, person, project, scan_request, scanned, team, version
from tests.dashboard.routes import ROUTES, Access, Who

PEOPLE = ["anonymous", "viewer", "member", "maintainer", "admin", "other maintainer", "former member"]
ITEM, CLAIM = "config.secrets", "trains"
# What `key` is in an address, where it is an id.
KEYS = {
    "cancel-scan": lambda scored: scored.scans.get().pk,
    "retry-scan": lambda scored: scored.scans.get().pk,
    "evaluate-delivery": lambda scored: Delivery.objects.get(endpoint__project=scored).pk,
}
UNTOUCHED = {"django_session", "django_migrations"}


def patterns(found=None):
    """The named addresses that the resolver knows."""
    for pattern in get_resolver().url_patterns if found is None else found:
        if isinstance(pattern, URLPattern):
            yield pattern
        else:
            yield from patterns(pattern.url_patterns)


@dataclass
class World:
    """Two teams alike, and people who are something in the first one."""

    users: dict
    sessions: dict[str, str]
    places: dict[str, tuple[Team, Project]]

    def client(self, who: str) -> Client:
        """A browser of theirs, new each time, because some answers take the session away."""
        session = self.sessions.get(who)
        headers = {"cookie": f"sessionid={session}"} if session else {}
        return Client(headers=headers, raise_request_exception=False)

    def allows(self, who: str, access: Access | None, place: Team) -> bool:
        user = self.users[who]
        if access in {None, Who.NOBODY}:
            return False
        if access is Who.ANYBODY:
            return True
        if access in {Who.READERS, Who.SIGNED_IN}:
            return user.is_authenticated
        if access is Action.ADD_PROJECT:  # asked of no team in particular
            return any(may(user, access, one) for one in Team.objects.all())
        return may(user, access, place)


@pytest.fixture(autouse=True)
def _own_cache():
    """The deployment's own cache: webhooks count in it as in Redis."""


@pytest.fixture
def world(db):
    users, places = {"anonymous": AnonymousUser()}, {}
    for name in ("Fraud", "Vision"):
        owner = team(name)
        scored = scanned(project(owner, f"{name.lower()}-scorer"), profile=claims(trains="fit.py"))
        places[name] = owner, scored
        scan_request(scored, Phase.FAILED, reason="The host is away.")
        endpoint, _ = create_endpoint(owner=scored, provider=Provider.GITHUB, by=None)
        try_out(endpoint=endpoint)
        seen = {"by": person(f"reporter-{name}"), "version": version(scored, ITEM)}
        report_verdict(project=scored, item=ITEM, expected=State.UNMET, note="Wrong.", **seen)
    fraud, vision = (owner for owner, _ in places.values())
    for role in Role.values:
        users[role] = person(role, fraud, role)
        person(f"their-{role}", vision, role)
    users["admin"] = person("admin")
    users["admin"].is_superuser = True
    users["admin"].save()
    users["other maintainer"] = person("Other", vision, Role.MAINTAINER)
    users["former member"] = person("Former", fraud, Role.MAINTAINER)
    Membership.objects.filter(user=users["former member"]).delete()
    sessions = {}
    for who, user in users.items():
        if user.is_authenticated:
            client = Client()
            client.force_login(user)
            sessions[who] = client.session.session_key
    return World(users, sessions, places)


def digest():
    """What all tables hold, sessions apart, in one query."""
    tables = sorted({model._meta.db_table for model in apps.get_models()} - UNTOUCHED)
    parts = (f"SELECT '{one}', count(*), coalesce(sum(hashtext(t::text)), 0) FROM {one} t" for one in tables)
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts))
        return {name: (count, total) for name, count, total in cursor.fetchall()}


def address_of(pattern, owner, scored):
    """The pattern's address for things of the team `owner`."""
    anybody = owner.memberships.order_by("pk").first()
    known = {
        "slug": {"teams": owner.slug, "factors": "config"}.get(str(pattern.pattern).partition("/")[0], scored.slug),
        "kind": "projects",
        "item": ITEM,
        "claim": CLAIM,
        "version": version(scored, ITEM),
        "member": anybody.pk,
        "person": anybody.user_id,
        "provider_id": "sso",
        "uidb36": "1",
        "key": KEYS.get(pattern.name, lambda _: "set-password")(scored),
        "pk": 1,
        "report": scored.verdict_reports.get().pk,
    }
    needed = pattern.pattern.converters or pattern.pattern.regex.groupindex
    return reverse(pattern.name, kwargs={name: known[name] for name in needed})


def typed(owner, scored):
    """What some form or other asks for, with ids of `owner`'s things."""
    later = (timezone.localdate() + timedelta(days=30)).isoformat()
    return {
        "state": "unmet", "note": "Seen.", "expires_on": later, "reason": "Moves.", "until": later, "holds": "no",
        "version": version(scored, ITEM), "mark": "x", "expected": "unmet", "team": owner.pk, "name": "Renamed",
        "url": "https://git.example.org/x", "role": "viewer", "person": "admin", "username": "new", "active": "on",
        "confirmation": owner.name, "project": scored.pk, "email": "x@example.org",
    }  # fmt: skip


@pytest.mark.parametrize("who", PEOPLE)
def test_everybody_gets_what_the_table_gives_and_nothing_else(world, who):
    problems, seen = [], digest()
    for pattern in patterns():
        for owner, scored in world.places.values():
            address = address_of(pattern, owner, scored)
            for method, access in zip(("get", "post"), ROUTES[pattern.name], strict=True):
                allowed = world.allows(who, access, owner)
                with transaction.atomic():
                    data = typed(owner, scored) if method == "post" else {}
                    answer = getattr(world.client(who), method)(address, data)
                    changed = {name for name, state in digest().items() if state != seen[name]}
                    transaction.set_rollback(True)
                problem = judged(answer, allowed, access, changed if method == "get" or not allowed else set())
                problems += [f"{method} {address}: {problem}"] if problem else []
    assert "\n".join(problems) == ""


def judged(answer, allowed, access, changed):
    """What is wrong with an answer; nothing when all is well."""
    if changed:
        return f"changed {sorted(changed)}"
    refused = answer.status_code in {404, 405} or answer.headers.get("Location", "").startswith("/sign-in/")
    if answer.status_code >= 500 and answer.status_code != 503:  # as machines are told that something is away
        return f"failed with {answer.status_code}"
    if not allowed and not refused and (access is not Who.NOBODY or answer.status_code != 302):
        return f"not refused: {answer.status_code}"
    if allowed and isinstance(access, Action) and refused:
        return f"refused: {answer.status_code} {answer.headers.get('Location', '')}"
    return ""


def test_every_address_is_in_the_table_and_has_a_name():
    assert {pattern.name for pattern in patterns()} == set(ROUTES)


def test_public_reading_opens_pages_to_read_and_nothing_else(world, settings):
    settings.PUBLIC_READ = True
    client, seen, problems = world.client("anonymous"), digest(), []
    owner, scored = world.places["Fraud"]
    for pattern in patterns():
        address = address_of(pattern, owner, scored)
        reading, writing = ROUTES[pattern.name]
        open_to_readers = reading in {Who.ANYBODY, Who.READERS, Action.VIEW}
        answer = client.get(address)
        refused = answer.status_code in {404, 405} or answer.headers.get("Location", "").startswith("/sign-in/")
        if not open_to_readers and not refused:
            problems.append(f"get {address} is open")
        if reading in {Who.READERS, Action.VIEW} and refused:
            problems.append(f"get {address} is closed: {answer.status_code}")
        if writing is not Who.ANYBODY and client.post(address, typed(owner, scored)).status_code not in {302, 404, 405}:
            problems.append(f"post {address} is open")
    assert "\n".join(problems) == ""
    assert digest() == seen


def test_what_readers_see_holds_no_address_of_a_person(world, settings):
    settings.PUBLIC_READ = True
    for user in world.users.values():
        if user.is_authenticated:
            user.email = f"{user.username}@mail.example"
            user.save()
    owner, scored = world.places["Fraud"]
    for pattern in patterns():
        if ROUTES[pattern.name][0] in {Who.READERS, Action.VIEW}:
            answer = world.client("anonymous").get(address_of(pattern, owner, scored), follow=True)
            assert b"@mail.example" not in b"".join(answer)


def test_a_project_is_not_moved_into_a_team_of_others(world):
    vision, _ = world.places["Vision"]
    _, scored = world.places["Fraud"]
    client = world.client("maintainer")
    said = {"version": scored.version, "name": scored.name, "url": scored.url, "team": vision.pk}
    assert client.post(reverse("edit-project", args=[scored.slug]), said).status_code == 422
    assert client.post(reverse("add-project"), said | {"url": "https://github.com/example/new"}).status_code == 422
    assert Project.objects.filter(team=vision).count() == 1
