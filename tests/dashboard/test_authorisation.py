"""Every address of the resolver, asked by everybody for their own and for foreign things: no leak, no write."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Value
from django.db.models.functions import Concat
from django.urls import reverse

from apps.teams.access import Action
from apps.teams.models import Membership, Project, Role
from tests.dashboard.routes import OF_NO_TEAM, PARTS, ROUTES, Who
from tests.dashboard.world import PEOPLE, patterns, written


@pytest.fixture(autouse=True)
def _own_cache():
    """The deployment's own cache: webhooks count in it as in Redis."""


@pytest.mark.parametrize("who", PEOPLE)
def test_everybody_gets_what_the_table_gives_and_nothing_else(world, who):
    problems, seen, before = [], set(), written()
    for pattern, owner, address in world.asked:
        read, write = ROUTES[pattern.name]
        for method, access in (("get", read), ("part", read), ("post", write)):
            if method == "part" and pattern.name not in PARTS:
                continue
            if (method, address) in seen and method != "post":  # what belongs to no team
                continue
            seen.add((method, address))
            allowed = world.allows(who, access, None if pattern.name in OF_NO_TEAM else owner)
            with transaction.atomic():
                answer = world.ask(who, method, address, world.typed[owner] if method == "post" else {})
                transaction.set_rollback(True)
            after = written()
            changed = {name for name, rows in after.items() if rows != before[name]}
            before = after
            problem = judged(answer, allowed, access, changed if method != "post" or not allowed else set())
            problems += [f"{method} {address}: {problem}"] if problem else []
    assert "\n".join(problems) == ""


def test_a_write_is_noticed_even_when_it_is_taken_back(world):
    before = written()
    with transaction.atomic():
        Membership.objects.update(role=Role.VIEWER)
        transaction.set_rollback(True)
    after = written()
    assert {name for name, rows in after.items() if rows != before[name]} == {Membership._meta.db_table}


def is_refused(answer):
    led = answer.headers.get("Location", "") or answer.headers.get("HX-Redirect", "")
    return answer.status_code in {404, 405} or led.startswith("/sign-in/")


def judged(answer, allowed, access, changed):
    """What is wrong with an answer; nothing when all is well."""
    if changed:
        return f"changed {sorted(changed)}"
    refused = is_refused(answer)
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
        for method in ("get", "part") if pattern.name in PARTS else ("get",):
            answer = world.ask("anonymous", method, address)
            if not open_to_readers and not is_refused(answer):
                problems.append(f"{method} {address} is open")
            if reading in {Who.READERS, Action.VIEW} and is_refused(answer):
                problems.append(f"{method} {address} is closed: {answer.status_code}")
        wrote = world.ask("anonymous", "post", address, world.typed[owner])
        if isinstance(writing, Action) and not wrote.headers.get("Location", "").startswith("/sign-in/"):
            problems.append(f"post {address} does not lead to signing in: {wrote.status_code}")
        if writing is not Who.ANYBODY and wrote.status_code not in {302, 404, 405}:
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
