"""What somebody asked for and then left: it belongs to the project, and they do nothing more in the team."""

import threading

import pytest
from django.contrib.auth.models import User
from django.db import connection, transaction

from apps.dashboard import importing
from apps.dashboard.keeping import add_and_scan, edit_and_scan
from apps.repositories.errors import RepositoryError
from apps.repositories.policy import Address
from apps.scans.backfills import claim_backfill, request_backfill
from apps.scans.models import Backfill, Phase, ScanCause, ScanRequest
from apps.scans.runner import run
from apps.scans.services import claim, request_scan
from apps.teams.access import Action, still_may
from apps.teams.members import add_member, remove_member
from apps.teams.models import Membership, Project, Role, Team
from apps.teams.organisation import change_person, delete_team
from apps.teams.tokens import remove_token, set_token
from tests.dashboard.making import person, project, scan_request, scanned, team

HOST = "git.example.org"
ADDRESS = "/projects/import/"


def leave(user, of):
    Membership.objects.filter(user=user, team=of).delete()


def move(one, to, by):
    fields = {name: getattr(one, name) for name in ("name", "url", "branch", "subfolder", "tags", "scan_interval")}
    return edit_and_scan(project=one, by=by, version=one.version, team=to, **fields)


@pytest.fixture
def given(monkeypatch):
    """The token that git was given by each scan; none is ever fetched."""
    seen = []

    def look(*_, egress, **__):
        seen.append(egress.credential and egress.credential.token)
        raise RepositoryError("Access denied.")

    monkeypatch.setattr("apps.scans.runner.fetch", look)
    monkeypatch.setattr("apps.scans.runner.check_address", lambda url, **_: Address(url, HOST, ("140.82.121.3",)))
    return seen


def scan(request):
    run(request, stopping=lambda: False)


@pytest.fixture
def closed(fraud):
    """A project whose repository opens with a token."""
    return project(fraud, "closed", url=f"https://{HOST}/x/closed")


@pytest.mark.django_db
@pytest.mark.parametrize("change", ["left the team", "account closed", "account deleted"])
def test_a_scan_of_somebody_who_left_is_carried_out_for_the_project(alice, bob, closed, fraud, given, change):
    set_token(owner=fraud, host=HOST, token="of fraud", by=alice)
    waiting = request_scan(project=closed, cause=ScanCause.PERSON, by=bob)
    request_backfill(project=closed, by=bob)
    if change == "left the team":
        leave(bob, fraud)
    elif change == "account closed":
        change_person(person=bob.pk, active=False, admin=False, by=alice)
    else:
        bob.delete()
    held = claim(worker="test")
    assert held.pk == waiting.pk
    scan(held)
    assert given == ["of fraud"]
    assert Backfill.objects.get().phase == Phase.PENDING


@pytest.mark.django_db
@pytest.mark.parametrize("moment", ["before a worker takes it", "while a worker holds it"])
def test_a_scan_uses_the_token_of_the_team_that_has_the_project_now(alice, bob, closed, fraud, given, moment):
    vision = team("Vision")
    set_token(owner=fraud, host=HOST, token="of fraud", by=alice)
    set_token(owner=vision, host=HOST, token="of vision", by=alice)
    request_scan(project=closed, cause=ScanCause.PERSON, by=bob)
    held = claim(worker="test") if moment == "while a worker holds it" else None
    move(closed, vision, alice)
    scan(held or claim(worker="test"))
    assert given == ["of vision"]


@pytest.mark.django_db
@pytest.mark.parametrize("moment", ["before a worker takes it", "while a worker holds it"])
def test_a_scan_uses_no_token_that_was_taken_away(alice, closed, fraud, given, moment):
    set_token(owner=fraud, host=HOST, token="of fraud", by=alice)
    request_scan(project=closed, cause=ScanCause.PERSON, by=alice)
    held = claim(worker="test") if moment == "while a worker holds it" else None
    remove_token(owner=fraud, host=HOST, by=alice)
    scan(held or claim(worker="test"))
    assert given == [None]


@pytest.mark.django_db
def test_scans_go_with_their_project_and_outlive_the_team_that_it_left(alice, closed, fraud):
    vision = team("Vision")
    ended = scan_request(closed, Phase.FAILED, reason="The host is away.")
    request_scan(project=closed, cause=ScanCause.PERSON, by=alice)
    move(closed, vision, alice)
    assert set(ScanRequest.objects.values_list("team__slug", flat=True)) == {"vision"}
    delete_team(team=fraud, by=alice)
    assert ScanRequest.objects.filter(pk=ended.pk).exists()
    assert claim(worker="test").project == closed


@pytest.mark.django_db
def test_a_history_of_an_archived_project_waits_whoever_asked(client, alice, closed, fraud):
    scanned(closed)
    request_backfill(project=closed, by=alice)
    client.force_login(alice)
    client.post(f"/projects/{closed.slug}/archive/", {"version": closed.version})
    leave(alice, fraud)
    assert claim_backfill() is None


@pytest.fixture
def roots(tmp_path, settings):
    settings.LOCAL_REPOSITORY_ROOTS = [tmp_path]
    return tmp_path


def after_the_first(monkeypatch, change):
    """Somebody does `change` when the import has added one row."""

    def adding(**fields):
        added = add_and_scan(**fields)
        change()
        return added

    monkeypatch.setattr(importing, "add_and_scan", adding)


CHANGES = {
    "left the team": leave,
    "is a member now": lambda who, of: Membership.objects.filter(user=who, team=of).update(role=Role.MEMBER),
    "account closed": lambda who, _: User.objects.filter(pk=who.pk).update(is_active=False),
    "no admin now": lambda who, _: User.objects.filter(pk=who.pk).update(is_superuser=False),
}


@pytest.mark.django_db
@pytest.mark.parametrize("change", CHANGES)
def test_an_import_that_still_runs_adds_nothing_for_who_has_no_role_any_more(
    client, alice, fraud, roots, monkeypatch, change
):
    person("Dan", fraud, Role.MAINTAINER)
    who = person("Root") if change == "no admin now" else alice
    User.objects.filter(username="root").update(is_superuser=True)
    client.force_login(who)
    after_the_first(monkeypatch, lambda: CHANGES[change](who, fraud))
    text = "\n".join(f"{roots}/{name}" for name in ("one", "two", "three"))
    client.post(ADDRESS, {"text": text, "team": fraud.pk, "confirmed": "yes"})
    assert [one.name for one in Project.objects.all()] == ["one"]
    assert ScanRequest.objects.get().project.name == "one"


@pytest.mark.django_db
def test_an_import_says_which_rows_it_left_out_and_goes_on_in_other_teams(client, alice, fraud, roots, monkeypatch):
    vision = team("Vision")
    Membership.objects.create(team=vision, user=alice, role=Role.MAINTAINER)
    client.force_login(alice)
    after_the_first(monkeypatch, lambda: leave(alice, fraud))
    text = f"url,team\n{roots}/one,fraud\n{roots}/two,fraud\n{roots}/three,vision\n"
    client.post(ADDRESS, {"text": text, "team": fraud.pk, "confirmed": "yes"})
    assert set(Project.objects.values_list("name", "team__slug")) == {("one", "fraud"), ("three", "vision")}
    page = client.get("/").content
    assert b"2 projects added." in page
    assert b"1 row was left out: you add no projects to its team any more." in page


@pytest.mark.django_db
def test_an_import_of_which_nothing_came_claims_no_success(client, alice, fraud, roots, monkeypatch):
    client.force_login(alice)
    monkeypatch.setattr(importing, "still_may", lambda *_: False)
    client.post(ADDRESS, {"text": f"{roots}/one\n{roots}/two", "team": fraud.pk, "confirmed": "yes"})
    page = client.get("/").content
    assert b"2 rows were left out: you add no projects to their team any more." in page
    assert b"added." not in page


@pytest.mark.django_db
def test_an_import_counts_what_somebody_else_added_meanwhile(client, alice, fraud, roots, monkeypatch):
    client.force_login(alice)
    after_the_first(monkeypatch, lambda: project(fraud, "theirs", url=f"{roots}/two"))
    client.post(ADDRESS, {"text": f"{roots}/one\n{roots}/two", "team": fraud.pk, "confirmed": "yes"})
    page = client.get("/").content
    assert b"1 project added." in page
    assert b"1 row was left out: somebody else added it meanwhile." in page


@pytest.mark.django_db(transaction=True)
def test_whoever_removes_a_member_waits_for_the_row_that_is_being_added():
    """With two connections: either the row is there before the member is gone, or it never comes."""
    fraud = Team.objects.create(name="Fraud", slug="fraud")
    alice, dan = person("Alice", fraud, Role.MAINTAINER), person("Dan", fraud, Role.MAINTAINER)
    member, order = Membership.objects.get(user=alice).pk, []

    def remove():
        try:
            remove_member(team=fraud, member=member, by=dan)
            order.append("removed")
        finally:
            connection.close()

    with transaction.atomic():
        assert still_may(alice, Action.ADD_PROJECT, fraud)
        thread = threading.Thread(target=remove)
        thread.start()
        thread.join(0.5)
        add_and_scan(by=alice, team=fraud, name="Scorer", url=f"https://{HOST}/x/scorer")
        order.append("added")
    thread.join(10)
    assert order == ["added", "removed"]
    assert Project.objects.get().name == "Scorer"
    with transaction.atomic():
        assert not still_may(alice, Action.ADD_PROJECT, fraud)
    add_member(team=fraud, user=alice, role=Role.MEMBER, by=dan)
    with transaction.atomic():
        assert not still_may(alice, Action.ADD_PROJECT, fraud)
