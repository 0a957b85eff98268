import re

import pytest
from django.urls import reverse

from apps.catalog import State
from apps.scans.models import Phase
from tests.dashboard.making import found, project, scan_request, scanned, team


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
        ("", ["good", "bad", "new"]),
        ("q=GOO", ["good"]),
        ("q=nothing", []),
        ("team=search", ["new"]),
        ("tag=gpu", ["bad"]),
        ("state=unmet", ["bad"]),
        ("state=unmet&state=unknown", ["bad", "new"]),
        ("state=odd&team=&sort=odd", ["good", "bad", "new"]),
        ("sort=score", ["bad", "good", "new"]),
        ("sort=name", ["bad", "good", "new"]),
        ("sort=scan", ["new", "bad", "good"]),
        ("sort=f3", ["bad", "good", "new"]),
    ],
)
def test_board_shows_what_its_address_asks_for(client, alice, fraud, query, shown):
    scanned(project(fraud, "good"))
    scanned(project(fraud, "bad", tags=["gpu"]), rest=State.UNMET, days_ago=3)
    project(team("Search"), "new")
    client.force_login(alice)
    page = rows(client.get(f"/?{query}"))
    assert page == shown if "sort=" in query and "odd" not in query else sorted(page) == sorted(shown)


@pytest.mark.parametrize("count", [3, 30])
def test_board_costs_eight_queries_however_many_projects(client, alice, fraud, django_assert_num_queries, count):
    for _ in range(count):
        scan_request(scanned(project(fraud)), Phase.DONE)
    client.force_login(alice)
    with django_assert_num_queries(8):
        client.get("/")


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
    client.force_login(alice)
    page = client.get("/").content.decode()
    assert re.search(r'id="p-moving".*?class="delta up".*?up </span>\d', page, re.DOTALL)
    assert "90 days: from 9" in page


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
