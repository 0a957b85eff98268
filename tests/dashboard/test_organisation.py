"""What only admins see: people, teams and the audit trail."""

import csv
import io

import pytest
from django.contrib.auth.models import User
from django.test import Client

from apps.adoption.corrections import correct_profile
from apps.catalog import State
from apps.teams.audit import Deed, record
from apps.teams.models import AuditEntry
from tests.dashboard.making import person, tick
from tests.dashboard.test_team_settings import root  # noqa: F401 - a fixture

PAGES = ["/organisation/people/", "/organisation/people/add/", "/organisation/teams/", "/organisation/audit/",
         "/organisation/audit.csv", "/teams/new/"]  # fmt: skip


@pytest.mark.parametrize("address", PAGES)
def test_pages_are_for_admins_alone(client, alice, root, address):  # noqa: F811
    client.force_login(alice)
    assert client.get(address).status_code == 404
    client.force_login(root)
    assert client.get(address).status_code == 200


def test_readers_see_none_of_it(client, alice, settings):
    settings.PUBLIC_READ = True
    for address in PAGES:
        assert client.get(address).url.startswith("/sign-in/")


def test_a_new_person_gets_a_password_that_is_shown_once(client, root):  # noqa: F811
    client.force_login(root)
    said = {"username": "dan", "first_name": "Dan", "email": "dan@example.org", "is_superuser": "on"}
    answer = client.post("/organisation/people/add/", said)
    password = answer.context["password"]
    assert answer["Cache-Control"] == "no-store"
    assert Client().post("/sign-in/", {"login": "dan", "password": password}).url == "/"
    dan = User.objects.get(username="dan")
    assert (dan.first_name, dan.email, dan.is_superuser) == ("Dan", "dan@example.org", False)
    assert password not in str(AuditEntry.objects.get().after)
    assert client.post("/organisation/people/add/", said | {"username": "DAN"}).status_code == 422


def test_closing_an_account_ends_its_sessions_at_once(client, bob, root):  # noqa: F811
    theirs = Client()
    theirs.force_login(bob)
    assert theirs.get("/scores/").status_code == 200
    client.force_login(root)
    assert client.post(f"/organisation/people/{bob.pk}/", {}).status_code == 302
    assert theirs.get("/scores/").status_code == 302
    assert client.post(f"/organisation/people/{bob.pk}/", {"active": "on"}).status_code == 302
    opened, closed = AuditEntry.objects.all()
    assert (closed.changes, opened.changes) == ([("active", True, False)], [("active", False, True)])


def test_nobody_changes_their_own_account_or_takes_the_last_admin_away(client, bob, root):  # noqa: F811
    client.force_login(root)
    client.post(f"/organisation/people/{root.pk}/", {})
    client.post(f"/organisation/people/{bob.pk}/", {"active": "on", "admin": "on"})
    client.force_login(bob)
    client.post(f"/organisation/people/{root.pk}/", {"active": "on"})
    bob.refresh_from_db()
    root.refresh_from_db()
    assert (root.is_active, root.is_superuser, bob.is_superuser) == (True, False, True)
    assert client.post("/organisation/people/999999/", {}).status_code == 404


def test_after_a_change_one_is_where_one_was(client, bob, root):  # noqa: F811
    client.force_login(root)
    page = client.get("/organisation/people/?q=bo&after=alice").content.decode()
    address = f"/organisation/people/{bob.pk}/?q=bo&amp;after=alice"
    assert f'action="{address}"' in page
    changed = client.post(address.replace("&amp;", "&"), {"active": "on"})
    assert changed.url == f"/organisation/people/?q=bo&after=alice#person-{bob.pk}"


def test_trail_is_written_for_people(client, alice, scorer, root):  # noqa: F811
    record(Deed.PROJECT_CHANGED, by=alice, project=scorer, before={"tags": ["a", "b"], "archived": False, "branch": ""})
    client.force_login(root)
    page = client.get("/organisation/audit/").content.decode()
    assert "<del>a, b</del>" in page
    assert "<del>no</del>" in page
    assert "<del>\u2013</del>" in page
    assert "No change matches." in client.get("/organisation/audit/?q=nothing").content.decode()


def test_people_are_searched_and_paged(client, root, fraud, django_assert_num_queries):  # noqa: F811
    for number in range(60):
        person(f"Person{number:02}", fraud)
    client.force_login(root)
    with django_assert_num_queries(4):
        page = client.get("/organisation/people/").content.decode()
    assert "person48" in page
    assert "?after=person49" in page
    assert "person59" in client.get("/organisation/people/?after=person49").content.decode()
    found = client.get("/organisation/people/?q=ERSON07").content.decode()
    assert "person07" in found
    assert "person08" not in found
    assert client.get("/organisation/people/?q=%00&after=%00").status_code == 200


@pytest.fixture
def trail(alice, bob, scorer):
    tick(scorer, "config.secrets", State.UNMET, "Seen.", bob)
    tick(scorer, "config.secrets", State.MET, "=HYPERLINK(1)", alice)
    correct_profile(project=scorer, claim="trains", holds=True, by=alice)


def test_the_trail_is_searched(client, root, trail):  # noqa: F811
    client.force_login(root)
    asked = {
        "": 3, "?q=bob": 1, "?q=alice+trains": 1, "?q=config.secrets": 2, "?q=nobody": 0, "?deed=profile.corrected": 1,
        "?q=%00&before=x&deed=%00": 0, "?q=127.0.0.1": 0,
    }  # fmt: skip
    for query, count in asked.items():
        assert len(client.get(f"/organisation/audit/{query}").context["entries"]) == count, query
    page = client.get("/organisation/audit/").content.decode()
    assert "<del>unmet</del>" in page
    assert "<ins>met</ins>" in page


def test_the_trail_costs_the_same_however_long(client, root, trail, scorer, alice, django_assert_num_queries):  # noqa: F811
    for holds in [True, False] * 30:
        correct_profile(project=scorer, claim="serves", holds=holds, by=alice)
    client.force_login(root)
    with django_assert_num_queries(4):
        page = client.get("/organisation/audit/")
    assert len(page.context["entries"]) == 50
    earlier = client.get(f"/organisation/audit/?before={page.context['more'].pk}")
    assert len(earlier.context["entries"]) == 13


def test_the_trail_is_taken_away_as_a_file_without_formulas(client, root, trail):  # noqa: F811
    client.force_login(root)
    answer = client.get("/organisation/audit.csv?q=secrets")
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["by"] for row in rows] == ["alice", "bob"]
    assert '"note": "=HYPERLINK(1)"' in rows[0]["after"]
    assert not any(cell[:1] in "=+-@" for row in rows for cell in row.values() if cell)
