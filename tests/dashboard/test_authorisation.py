"""Every address of the resolver, asked by everybody for their own and for foreign things: no leak, no write."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from http.cookies import SimpleCookie

import pytest
from django.contrib.auth.models import AnonymousUser, User
from django.db import connection, transaction
from django.db.models import Value
from django.db.models.functions import Concat
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
    asked: list[tuple[URLPattern, Team, str]]  # each address, once per team
    typed: dict[Team, dict[str, object]]
    client: Client = field(default_factory=lambda: Client(raise_request_exception=False))

    def ask(self, who: str, method: str, address: str, data: object = None):
        """What a browser of theirs is answered: a new one each time, because some answers take the session away."""
        session = self.sessions.get(who)
        self.client.cookies = SimpleCookie({"sessionid": session} if session else {})
        return getattr(self.client, method)(address, data)

    def allows(self, who: str, access: Access | None, place: Team) -> bool:
        user = self.users[who]
        if access in {None, Who.NOBODY}:
            return False
        if access is Who.ANYBODY:
            return True
        if access in {Who.READERS, Who.SIGNED_IN}:
            return user.is_authenticated
        if access is Action.ADD_PROJECT:  # asked of no team in particular
            return any(may(user, access, one) for one in self.typed)
        return may(user, access, place)


@pytest.fixture(autouse=True)
def _own_cache():
    """The deployment's own cache: webhooks count in it as in Redis."""


@pytest.fixture(scope="module")
def furnished(django_db_setup, django_db_blocker):
    """Furnished once, in a transaction that is taken back at the end."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield furnish()
        transaction.set_rollback(True)


@pytest.fixture
def world(furnished, db):
    return furnished


def furnish():
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
    asked = [(one, owner, address_of(one, owner, scored)) for one in patterns() for owner, scored in places.values()]
    return World(users, sessions, places, asked, {owner: typed(owner, scored) for owner, scored in places.values()})


def written():
    """How many rows of each table this transaction wrote, sessions apart; what was taken back counts as well."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname, n_tup_ins + n_tup_upd + n_tup_del FROM pg_stat_xact_user_tables")
        return {name: rows for name, rows in cursor.fetchall() if name not in UNTOUCHED}


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
    problems, seen, before = [], set(), written()
    for pattern, owner, address in world.asked:
        for method, access in zip(("get", "post"), ROUTES[pattern.name], strict=True):
            if method == "get" and address in seen:  # what belongs to no team
                continue
            seen.add(address)
            allowed = world.allows(who, access, owner)
            with transaction.atomic():
                answer = world.ask(who, method, address, world.typed[owner] if method == "post" else {})
                transaction.set_rollback(True)
            after = written()
            changed = {name for name, rows in after.items() if rows != before[name]}
            before = after
            problem = judged(answer, allowed, access, changed if method == "get" or not allowed else set())
            problems += [f"{method} {address}: {problem}"] if problem else []
    assert "\n".join(problems) == ""


def test_a_write_is_noticed_even_when_it_is_taken_back(world):
    before = written()
    with transaction.atomic():
        Membership.objects.update(role=Role.VIEWER)
        transaction.set_rollback(True)
    after = written()
    assert {name for name, rows in after.items() if rows != before[name]} == {Membership._meta.db_table}


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
    before, problems = written(), []
    for pattern, owner, address in world.asked:
        reading, writing = ROUTES[pattern.name]
        open_to_readers = reading in {Who.ANYBODY, Who.READERS, Action.VIEW}
        answer = world.ask("anonymous", "get", address)
        refused = answer.status_code in {404, 405} or answer.headers.get("Location", "").startswith("/sign-in/")
        if not open_to_readers and not refused:
            problems.append(f"get {address} is open")
        if reading in {Who.READERS, Action.VIEW} and refused:
            problems.append(f"get {address} is closed: {answer.status_code}")
        wrote = world.ask("anonymous", "post", address, world.typed[owner]).status_code
        if writing is not Who.ANYBODY and wrote not in {302, 404, 405}:
            problems.append(f"post {address} is open")
    assert "\n".join(problems) == ""
    assert written() == before


def test_what_readers_see_holds_no_address_of_a_person(world, settings):
    settings.PUBLIC_READ = True
    User.objects.update(email=Concat("username", Value("@mail.example")))
    for pattern, _, address in world.asked:
        if ROUTES[pattern.name][0] in {Who.READERS, Action.VIEW}:
            answer = world.client.get(address, follow=True)
            assert b"@mail.example" not in b"".join(answer)


def test_a_project_is_not_moved_into_a_team_of_others(world):
    vision, _ = world.places["Vision"]
    _, scored = world.places["Fraud"]
    said = {"version": scored.version, "name": scored.name, "url": scored.url, "team": vision.pk}
    assert world.ask("maintainer", "post", reverse("edit-project", args=[scored.slug]), said).status_code == 422
    new = said | {"url": "https://github.com/example/new"}
    assert world.ask("maintainer", "post", reverse("add-project"), new).status_code == 422
    assert Project.objects.filter(team=vision).count() == 1
