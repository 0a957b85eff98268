import html
from datetime import timedelta

import pytest
from django.urls import reverse

from apps.scans.models import Phase, ScanCause, ScanRequest
from apps.scans.schedule import schedule
from apps.scans.services import request_scan
from apps.teams.models import Membership, Project, Role
from apps.teams.services import add_project
from tests.dashboard.making import person, project, scanned, team


@pytest.fixture
def address(scorer):
    return reverse("edit-project", args=[scorer.slug])


def fields(of, **changes):
    now = Project.objects.get(pk=of.pk)
    return {
        "url": now.url, "team": now.team_id, "name": now.name, "branch": now.branch, "subfolder": now.subfolder,
        "tags": ", ".join(now.tags), "scan_interval": "", "version": now.version, **changes,
    }  # fmt: skip


def acted(client, of, name, **posted):
    return client.post(reverse(f"{name}-project", args=[of.slug]), {"version": of.version, **posted})


def test_maintainer_changes_what_a_project_is_and_links_stay(client, alice, scorer, address):
    client.force_login(alice)
    assert client.get(address).status_code == 200
    answer = client.post(address, fields(scorer, name="Card scorer", tags="gpu, online", scan_interval="168"))
    assert answer.url == f"/projects/{scorer.slug}/"
    now = Project.objects.get(pk=scorer.pk)
    assert (now.name, now.tags, now.scan_interval, now.version) == (
        "Card scorer",
        ["gpu", "online"],
        timedelta(days=7),
        2,
    )
    assert not ScanRequest.objects.exists()


def test_another_tree_is_scanned_at_once(client, alice, scorer, address):
    client.force_login(alice)
    client.post(address, fields(scorer, branch="release"))
    scan = ScanRequest.objects.get(project=scorer)
    assert (scan.requested_by, scan.forced) == (alice, True)


@pytest.mark.parametrize(
    ("field", "value"),
    [("url", "http://example.org/x"), ("branch", "-h"), ("subfolder", "../x"), ("tags", "<b>"), ("name", ""),
     ("scan_interval", "0"), ("scan_interval", "x"), ("version", "x")],
)  # fmt: skip
def test_wrong_fields_are_refused_and_nothing_changes(client, alice, scorer, address, field, value):
    client.force_login(alice)
    before = fields(scorer)
    assert client.post(address, before | {field: value}).status_code == 422
    assert fields(scorer) == before


def test_tree_of_another_project_of_the_team_is_refused_by_name(client, alice, fraud, scorer, address):
    project(fraud, "twin")
    client.force_login(alice)
    Project.objects.filter(slug="twin").update(url=scorer.url, branch="twin")
    answer = client.post(address, fields(scorer, branch="twin"))
    assert "This team has that repository already, as twin." in answer.content.decode()


def test_second_of_two_people_sees_the_newer_state_and_keeps_what_was_typed(client, alice, scorer, address):
    typed = fields(scorer, name="Mine")
    Project.objects.filter(pk=scorer.pk).update(name="Theirs", version=2)
    client.force_login(alice)
    answer = client.post(address, typed)
    page = html.unescape(answer.content.decode())
    assert answer.status_code == 409
    assert "It is Theirs of Fraud" in page
    assert 'value="Mine"' in page
    assert Project.objects.get(pk=scorer.pk).name == "Theirs"


def test_project_moves_only_to_teams_that_one_maintains(client, alice, scorer, address):
    other = team("Search")
    client.force_login(alice)
    assert client.post(address, fields(scorer, team=other.pk)).status_code == 422
    Membership.objects.create(team=other, user=alice, role=Role.MAINTAINER)
    assert client.post(address, fields(scorer, team=other.pk)).status_code == 302
    assert Project.objects.get(pk=scorer.pk).team == other


def test_archived_project_leaves_the_boards_and_the_schedule_and_keeps_its_page(client, alice, bob, scorer):
    request_scan(project=scorer, cause=ScanCause.SCHEDULE)
    client.force_login(alice)
    acted(client, scorer, "archive")
    assert ScanRequest.objects.get().phase == Phase.CANCELLED
    assert b"card-fraud-scorer" not in client.get("/export.csv").getvalue()
    ScanRequest.objects.all().delete()
    schedule()
    assert not ScanRequest.objects.exists()
    assert b"card-fraud-scorer" in client.get("/projects/archived/").content
    client.force_login(bob)
    page = client.get(scorer.get_absolute_url()).content.decode()
    assert "It is not on the boards and not scanned." in page
    assert "Tick by hand" not in page
    assert client.post(reverse("scan", args=[scorer.slug])).status_code == 404
    assert client.get(reverse("tick", args=[scorer.slug, "config.secrets"])).status_code == 404


def test_restored_project_is_back_and_scanned(client, alice, scorer):
    client.force_login(alice)
    acted(client, scorer, "archive")
    acted(client, Project.objects.get(pk=scorer.pk), "restore")
    assert Project.objects.get(pk=scorer.pk).archived_at is None
    assert ScanRequest.objects.get(project=scorer).phase == Phase.PENDING


@pytest.mark.parametrize("typed", ["", "card-fraud", "CARD-FRAUD-SCORER"])
def test_nothing_is_deleted_without_the_name(client, alice, scorer, typed):
    client.force_login(alice)
    answer = acted(client, scorer, "delete", confirmation=typed)
    assert answer.status_code == 422
    assert b"Nothing was deleted." in answer.content
    assert Project.objects.filter(pk=scorer.pk).exists()


def test_project_is_deleted_with_all_that_hangs_on_it(client, alice, scorer):
    client.force_login(alice)
    assert acted(client, scorer, "delete", confirmation="card-fraud-scorer").url == "/"
    assert not Project.objects.exists()
    assert b"card-fraud-scorer is deleted." in client.get("/").content


@pytest.mark.parametrize("name", ["archive", "restore", "delete"])
def test_stale_page_changes_nothing(client, alice, scorer, name):
    Project.objects.filter(pk=scorer.pk).update(version=2)
    client.force_login(alice)
    assert acted(client, scorer, name, confirmation=scorer.name).status_code == 409
    assert Project.objects.get(pk=scorer.pk).archived_at is None


@pytest.mark.parametrize("name", ["edit", "archive", "restore", "delete"])
def test_only_maintainers_of_the_team_touch_a_project(client, bob, carol, scorer, name):
    before = Project.objects.values().get(pk=scorer.pk)
    posted = fields(scorer, name="Mine", confirmation=scorer.name)
    for user in (bob, carol, person("Dan", team("Search"), Role.MAINTAINER)):
        client.force_login(user)
        assert client.post(reverse(f"{name}-project", args=[scorer.slug]), posted).status_code == 404
    assert Project.objects.values().get(pk=scorer.pk) == before
    assert not ScanRequest.objects.exists()


def test_archive_costs_four_queries_however_many_projects(client, alice, fraud, django_assert_num_queries):
    client.force_login(alice)
    for count in (1, 4):
        for _ in range(count):
            scanned(project(fraud))
        Project.objects.update(archived_at="2026-01-01T00:00:00Z")
        with django_assert_num_queries(4):
            client.get("/projects/archived/")


def test_no_project_gets_the_address_of_a_page(fraud):
    made = [add_project(team=fraud, name=name, url=f"https://example.org/{name}") for name in ("import", "archived")]
    assert [one.slug for one in made] == ["import-2", "archived-2"]
