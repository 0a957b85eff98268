import re

import pytest
from django.urls import reverse
from django.utils import timezone

from apps.adoption.trails import keep_trails
from apps.catalog import State
from apps.dashboard.views import overview
from apps.scans.models import PRIORITY, Phase, ScanCause, ScanRequest
from apps.teams.models import Project
from tests.dashboard.making import claims, found, project, scan_request, scanned, team, tick


def rows(response):
    return re.findall(r'id="p-([\w-]+)"', response.content.decode())


def test_board_shows_every_project_with_its_score_and_twelve_cells(client, alice, scorer):
    client.force_login(alice)
    page = client.get(reverse("overview"))
    assert rows(page) == ["card-fraud-scorer"]
    assert page.content.count(b'class="c s-met"') == 12
    assert b"Codebase: met, 100 of 100" in page.content


def test_stranger_is_sent_to_sign_in(client, scorer):
    assert client.get(reverse("overview")).url == "/sign-in/?next=/"


def test_htmx_gets_the_matrix_alone_and_caches_keep_the_two_apart(client, alice, scorer):
    client.force_login(alice)
    page, fragment = client.get("/"), client.get("/", headers={"HX-Request": "true"})
    assert b"<html" in page.content
    assert b"<html" not in fragment.content
    assert b'id="matrix"' in fragment.content
    for response in (page, fragment):
        assert "HX-Request" in response["Vary"]


def test_restored_history_gets_the_whole_page(client, alice, scorer):
    client.force_login(alice)
    headers = {"HX-Request": "true", "HX-History-Restore-Request": "true"}
    assert b"<html" in client.get("/", headers=headers).content


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("", ["bad", "good", "new"]),
        ("q=GOO", ["good"]),
        ("q=nothing", []),
        ("q=%00", ["bad", "good", "new"]),
        ("team=search", ["new"]),
        ("tag=gpu", ["bad"]),
        ("state=unmet", ["bad"]),
        ("state=unmet&state=unknown", ["bad", "new"]),
        ("state=met&factor=config", ["good"]),
        ("state=unknown&factor=config", ["new"]),
        ("factor=config", ["bad", "good", "new"]),
        ("kind=serves", ["good"]),
        ("mark=stale", ["bad"]),
        ("mark=contested", ["good"]),
        ("mark=stale&mark=contested", []),
        ("state=odd&team=&sort=odd&factor=odd&kind=odd&mark=odd&page=odd", ["bad", "good", "new"]),
        ("sort=score&group=none", ["bad", "good", "new"]),
        ("sort=-score&group=none", ["good", "bad", "new"]),
        ("sort=-name&group=none", ["new", "good", "bad"]),
        ("sort=scan&group=none", ["new", "bad", "good"]),
        ("sort=-scan&group=none", ["good", "bad", "new"]),
        ("sort=f3&group=none", ["bad", "good", "new"]),
        ("sort=-move&group=none", ["good", "bad", "new"]),
        ("sort=trend&group=none", ["bad", "good", "new"]),
        ("sort=-name", ["new", "good", "bad"]),
        ("sort=scan", ["new", "bad", "good"]),
    ],
)
def test_board_shows_what_its_address_asks_for(client, bob, fraud, query, shown):
    good = project(fraud, "good")
    scanned(good, days_ago=40)
    scanned(good, {"config.secrets": found(State.UNMET)}, profile=claims(serves="app.py"))
    tick(good, "config.secrets", State.PARTIAL, "Half of it.", bob)
    scanned(project(fraud, "bad", tags=["gpu"]), rest=State.UNMET, days_ago=3)
    project(team("Search"), "new")
    old = scanned(project(fraud, "old"))
    Project.objects.filter(pk=old.pk).update(archived_at=timezone.now())
    keep_trails(at=timezone.now())
    client.force_login(bob)
    assert rows(client.get(f"/?{query}")) == shown


@pytest.mark.parametrize("count", [3, 20])
def test_board_costs_fifteen_queries_however_many_projects(client, alice, fraud, django_assert_num_queries, count):
    for number in range(count):
        scan_request(scanned(project(fraud if number % 3 else team(f"Team {number}"))), Phase.DONE)
    keep_trails(at=timezone.now())
    client.force_login(alice)
    with django_assert_num_queries(15):
        client.get("/")


@pytest.mark.parametrize("query", ["", "sort=score&group=none"])
def test_fragment_costs_ten_queries_at_most(client, alice, scorer, django_assert_max_num_queries, query):
    client.force_login(alice)
    with django_assert_max_num_queries(10):
        client.get(f"/?{query}", headers={"HX-Request": "true"})


def test_long_board_is_cut_into_pages_between_teams(client, alice):
    for name in ("Ada", "Bea", "Cleo"):
        owner = team(name)
        for number in range(20):
            project(owner, f"{name.lower()}-{number:02}")
    client.force_login(alice)
    first, second = client.get("/"), client.get("/?page=2")
    assert (len(rows(first)), len(rows(second))) == (40, 20)
    assert b"Page 1 of 2" in first.content
    assert b'rel="next" href="?page=2"' in first.content
    assert rows(second)[0] == "cleo-00"
    assert rows(client.get("/?page=99")) == rows(second)
    assert len(rows(client.get("/?group=none"))) == 60


def test_team_row_tells_the_whole_team_whatever_the_filter_leaves_of_it(client, alice, fraud):
    scanned(project(fraud, "good"))
    scanned(project(fraud, "bad"), rest=State.UNMET)
    client.force_login(alice)
    row = re.search(r'id="team-fraud".*?</tr>', client.get("/?q=bad").content.decode(), re.DOTALL)[0]
    assert "<b>50</b>" in row
    assert "1 of 2" in row


def test_head_of_a_column_turns_the_order_round(client, alice, scorer):
    client.force_login(alice)
    page = client.get("/?sort=f3&q=card&page=1").content.decode()
    assert 'aria-sort="ascending"><a href="?sort=-f3&amp;q=card" hx-get="?sort=-f3&amp;q=card"' in page
    assert 'href="?sort=score&amp;q=card"' in page
    assert 'aria-sort="descending"><a href="?sort=f3"' in client.get("/?sort=-f3").content.decode()


@pytest.mark.parametrize("sort", ["name", "-name", "-scan", "f3", "-f3", "-trend"])
def test_order_of_a_head_is_one_of_those_to_choose_from(client, alice, scorer, sort):
    client.force_login(alice)
    chosen = f'<option value="{sort}" selected>'
    assert chosen in client.get(f"/?sort={sort}").content.decode()
    assert chosen in client.get(f"/?sort={sort}", headers={"HX-Request": "true"}).content.decode()


def test_filters_can_be_cleared_at_once_and_the_order_stays(client, alice, scorer):
    client.force_login(alice)
    clear = '<a class="clear" id="clear" href="/?sort=score"'
    assert f"{clear}>" in client.get("/?q=card&state=met&sort=score").content.decode()
    assert f"{clear} hidden>" in client.get("/?sort=score").content.decode()


def test_running_scan_shows_its_progress_and_keeps_the_board_asking(client, alice, scorer):
    client.force_login(alice)
    assert b"every 3s" not in client.get("/").content
    scan_request(scorer, Phase.RUNNING, percent=58, stage="check")
    page = client.get("/?q=card").content.decode()
    assert "58%" in page
    assert 'hx-get="/?q=card" hx-trigger="every 3s"' in page


def test_score_that_moved_shows_by_how_much(client, alice, fraud):
    moving = project(fraud, "moving")
    scanned(moving, {"config.secrets": found(State.UNMET)}, days_ago=40)
    scanned(moving)
    keep_trails(at=timezone.now())
    client.force_login(alice)
    page = client.get("/").content.decode()
    assert re.search(r'id="p-moving".*?class="delta up".*?up </span>\d', page, re.DOTALL)
    assert "90 days: from 9" in page
    assert re.search(r"Biggest moves.*?up </span>\d+</span>", page, re.DOTALL)


def test_first_person_is_told_what_to_do_next(client, alice, carol):
    client.force_login(alice)
    assert b"Add a repository address" in client.get("/").content
    client.force_login(carol)
    page = client.get("/").content
    assert b"A maintainer of a team can add the first one" in page
    assert b"/projects/add/" not in page


def test_name_of_a_project_is_text_and_never_markup(client, alice, fraud):
    project(fraud, "x").__class__.objects.update(name="<script>alert(1)</script>{{7*7}}")
    client.force_login(alice)
    page = client.get("/").content
    assert b"<script>alert" not in page
    assert b"{{7*7}}" in page


def asked_for():
    return sorted(
        ScanRequest.objects.filter(phase=Phase.PENDING).values_list("project__slug", "requested_by__username")
    )


@pytest.fixture
def four_projects(fraud):
    for name, tags in (("one", ["gpu"]), ("two", [])):
        project(fraud, name, tags=tags)
    project(fraud, "gone", archived_at=timezone.now())
    project(team("Search"), "other", tags=["gpu"])


@pytest.mark.parametrize(
    ("query", "offered", "asked"),
    [("", "Scan 2 projects", ["one", "two"]), ("?tag=gpu&group=none", "Scan 1 project", ["one"])],
)
def test_scans_of_what_the_filters_show_are_asked_for_where_one_may(client, bob, four_projects, query, offered, asked):
    client.force_login(bob)
    assert f"{offered}<" in client.get(f"/{query}").content.decode()
    answer = client.post(f"/scan/{query}")
    assert answer.url == f"/{query or '?'}"
    assert asked_for() == [(name, "bob") for name in asked]
    said = f"{len(asked)} scan{'s are' if len(asked) > 1 else ' is'} asked for."
    assert said in client.get(answer.url).content.decode()


def test_scans_are_asked_for_in_place(client, bob, four_projects):
    client.force_login(bob)
    fragment = client.post("/scan/?tag=gpu", headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in fragment
    assert "1 scan is asked for." in fragment
    assert 'hx-get="/?tag=gpu"' in fragment  # what refreshes itself while scans run is the board
    again = client.post("/scan/?tag=gpu", headers={"HX-Request": "true"}).content.decode()
    assert "They all wait for a scan already." in again
    assert asked_for() == [("one", "bob")]


def test_one_click_asks_for_so_many_scans_the_longest_unseen_first(client, bob, fraud, monkeypatch):
    monkeypatch.setattr(overview, "MOST_SCANS", 2)
    for name, days_ago in (("fresh", 1), ("old", 9)):
        scanned(project(fraud, name), days_ago=days_ago)
    project(fraud, "never")
    client.force_login(bob)
    answer = client.post("/scan/", follow=True).content.decode()
    assert asked_for() == [("never", "bob"), ("old", "bob")]
    assert "2 scans are asked for. 1 more waits for another click." in answer
    client.post("/scan/")
    assert len(asked_for()) == 3


def test_a_scan_that_waits_for_less_becomes_a_persons(client, bob, fraud):
    scan_request(project(fraud, "one"), Phase.PENDING, cause=ScanCause.SCHEDULE, priority=PRIORITY[ScanCause.SCHEDULE])
    client.force_login(bob)
    client.post("/scan/")
    assert asked_for() == [("one", "bob")]


def test_who_may_scan_nothing_is_not_offered_it(client, carol, four_projects):
    client.force_login(carol)
    assert "/scan/" not in client.get("/").content.decode()
    assert client.post("/scan/").status_code == 404
    assert asked_for() == []
