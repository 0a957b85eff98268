"""Two teams alike, people who are something in the first one, and every address of the resolver for both."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from http.cookies import SimpleCookie
from pathlib import Path

from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.test import Client
from django.urls import URLPattern, get_resolver, reverse
from django.utils import timezone

from apps.adoption.verdicts import report_verdict
from apps.catalog import State
from apps.scans.models import Phase
from apps.teams.access import RULES, Action
from apps.teams.models import Membership, Project, Role, Team
from apps.webhooks.models import Delivery, Provider
from apps.webhooks.services import create_endpoint, try_out
from tests.dashboard.making import claims, person, project, scan_request, scanned, team, version
from tests.dashboard.routes import Access, Who

DOCS = Path(__file__).parents[2] / "docs" / "permissions.md"
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


def documented():
    """Who may do each action, as administrators read it: not as the code says it."""
    rows = [
        [cell.strip() for cell in line.strip("|\n ").split("|")]
        for line in DOCS.read_text().splitlines()
        if line.startswith("|")
    ]
    heads, marks = rows[0][1:], {row[0]: row[1:] for row in rows[2:]}
    return {
        action: {head for head, mark in zip(heads, marks[rule.meaning], strict=True) if mark == "yes"}
        for action, rule in RULES.items()
    }


@dataclass
class World:
    """Two teams alike, and people who are something in the first one."""

    users: dict
    sessions: dict[str, str]
    places: dict[str, tuple[Team, Project]]
    asked: list[tuple[URLPattern, Team, str]]  # each address, once per team
    typed: dict[Team, dict[str, object]]
    documented: dict[Action, set[str]] = field(default_factory=documented)
    client: Client = field(default_factory=lambda: Client(raise_request_exception=False))

    def ask(self, who: str, method: str, address: str, data: object = None):
        """What a browser of theirs is answered: a new one each time, because some answers take the session away.

        `method` is get, post, or part: a get by htmx, for a part of a page.
        """
        session = self.sessions.get(who)
        self.client.cookies = SimpleCookie({"sessionid": session} if session else {})
        if method == "part":
            return self.client.get(address, data, headers={"HX-Request": "true"})
        return getattr(self.client, method)(address, data)

    def allows(self, who: str, access: Access | None, place: Team | None) -> bool:
        """What docs/permissions.md promises: asked of the text, because the code is what is judged."""
        if access in {None, Who.NOBODY}:
            return False
        if access is Who.ANYBODY:
            return True
        if access in {Who.READERS, Who.SIGNED_IN, Action.VIEW}:  # of every team
            return who != "anonymous"
        role = {"other maintainer": "maintainer"}.get(who, who)
        home = {"other maintainer": "Vision"}.get(who, "Fraud")
        is_here = who == "admin" or place is None or place.name == home
        return is_here and role in self.documented[access]


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
