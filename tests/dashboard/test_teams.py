import re
from datetime import timedelta

import pytest
from django.utils import timezone

from apps.adoption.models import Transition
from apps.adoption.trails import keep_trails
from apps.catalog import State
from apps.scans.models import ScanRequest
from apps.teams.models import Role
from tests.dashboard.making import found, person, project, scanned, team, tick

SECRETS = "config.secrets"


def page_of(client, path="/teams/fraud/"):
    return client.get(path).content.decode()


def test_scorecard_tells_grade_score_rank_and_every_factor_beside_all_teams(client, alice, fraud):
    scanned(project(fraud, "good"))
    scanned(project(team("Search"), "bad"), rest=State.UNMET)
    client.force_login(alice)
    page = page_of(client)
    assert 'aria-label="Grade A"' in page
    assert "100 <small>of 100</small>" in page
    assert "Rank 1 of 2" in page
    assert "<dt>All teams</dt><dd>50</dd>" in page
    assert page.count("All teams 50.") == 12
    assert "Rank 2 of 2" in page_of(client, "/teams/search/")


def test_gaps_are_ordered_by_the_points_that_closing_them_gains(client, alice, fraud):
    scanned(project(fraud, "one"), {SECRETS: found(State.UNMET), "logs.requests": found(State.PARTIAL)})
    scanned(project(fraud, "two"), {SECRETS: found(State.UNMET)})
    client.force_login(alice)
    gaps = re.search(r'<ol class="gaps">.*?</ol>', page_of(client), re.DOTALL)[0]
    first, second = gaps.split("</li>")[:2]
    assert "No credential is tracked" in first
    assert 'href="/projects/one/#item-config-secrets"' in first
    assert "2 of 2" in first
    assert "1 of 2" in second
    points = [float(number) for number in re.findall(r"\+(\d+\.\d)", gaps)]
    assert points == sorted(points, reverse=True)


def test_waived_item_is_no_gap(client, alice, scorer):
    scorer.standings.filter(item=SECRETS).update(state=State.UNMET, waived=True)
    client.force_login(alice)
    assert "No gap that a scan or a person found" in page_of(client)


def test_movement_tells_what_went_up_and_down_and_because_of_what(client, alice, bob, fraud):
    moving = project(fraud, "moving")
    scanned(moving, {SECRETS: found(State.UNMET)}, days_ago=50)
    scanned(moving, days_ago=40)
    tick(moving, "logs.requests", State.PARTIAL, "Half of it.", bob)
    client.force_login(alice)
    month, quarter = page_of(client), page_of(client, "/teams/fraud/?days=90")
    assert ("Improved, 0" in month, "Slipped, 1" in month) == (True, True)
    assert "Ticked by Bob" in month
    assert ("Improved, 1" in quarter, "Slipped, 1" in quarter) == (True, True)
    assert "The code changed" in quarter
    fragment = client.get("/teams/fraud/?days=90", headers={"HX-Request": "true"})
    assert b"<html" not in fragment.content
    assert b"Improved, 1" in fragment.content
    assert "HX-Request" in fragment["Vary"]


def test_first_scan_is_no_movement(client, alice, scorer):
    client.force_login(alice)
    assert "Improved, 0" in page_of(client)


def test_bars_remember_ninety_days_ago_and_the_line_marks_changed_rules(client, alice, fraud):
    moving = project(fraud, "moving")
    scanned(moving, rest=State.PARTIAL, days_ago=120)
    scanned(moving, days_ago=5)
    at = timezone.now() - timedelta(days=7)
    Transition.objects.create(project=moving, item=SECRETS, before="met", after="unmet", cause="rules", at=at)
    keep_trails(at=timezone.now())
    client.force_login(alice)
    page = page_of(client)
    assert page.count("90 days ago 50.") == 12
    assert page.count("up </span>50</span>") >= 12
    assert "<title>Rules changed, " in page
    assert "Rules changed on" in page


def test_members_and_maintainers_are_named(client, alice, bob, fraud):
    client.force_login(bob)
    page = page_of(client)
    assert re.search(r"<span>Alice</span><span class=\"muted\">Maintainer</span>", page)
    assert page.index("<span>Alice</span>") < page.index("<span>Bob</span>")


@pytest.mark.parametrize("count", [2, 10])
def test_scorecard_costs_fourteen_queries_however_many_projects_items_and_members(
    client, alice, fraud, django_assert_num_queries, count
):
    for number in range(count):
        scanned(project(fraud), {SECRETS: found(State.UNMET)})
        person(f"Person{number}", fraud, Role.VIEWER)
    keep_trails(at=timezone.now())
    client.force_login(alice)
    with django_assert_num_queries(14):
        client.get("/teams/fraud/")
    with django_assert_num_queries(5):
        client.get("/teams/fraud/", headers={"HX-Request": "true"})


def test_team_without_projects_says_what_to_do(client, alice, carol, fraud):
    client.force_login(alice)
    assert 'href="/projects/add/"' in page_of(client)
    client.force_login(carol)
    assert 'href="/projects/add/"' not in page_of(client)


def test_team_that_is_not_there_is_not_found(client, alice):
    client.force_login(alice)
    assert client.get("/teams/nobody/").status_code == 404


def names(page):
    return re.findall(r'class="p-name" href="/teams/[\w-]+/">([^<]+)', page)


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("", ["Fraud", "Search", "Vision"]),
        ("sort=-name", ["Vision", "Search", "Fraud"]),
        ("sort=score", ["Search", "Fraud", "Vision"]),
        ("sort=-score", ["Fraud", "Search", "Vision"]),
        ("sort=-projects", ["Fraud", "Search", "Vision"]),
        ("sort=odd&page=odd", ["Fraud", "Search", "Vision"]),
    ],
)
def test_list_of_teams_is_in_the_order_asked_for(client, alice, fraud, query, shown):
    scanned(project(fraud))
    project(fraud)
    scanned(project(team("Search")), rest=State.UNMET)
    team("Vision")
    client.force_login(alice)
    assert names(page_of(client, f"/teams/?{query}")) == shown


@pytest.mark.parametrize("count", [2, 10])
def test_list_of_teams_costs_six_queries_however_many(client, alice, fraud, django_assert_num_queries, count):
    for number in range(count):
        scanned(project(team(f"Team {number}")))
    keep_trails(at=timezone.now())
    client.force_login(alice)
    with django_assert_num_queries(6):
        client.get("/teams/")


def test_scan_of_a_team_asks_for_each_of_its_projects_and_no_other(client, bob, fraud):
    for name in ("one", "two"):
        project(fraud, name)
    project(fraud, "gone", archived_at=timezone.now())
    project(team("Search"), "other")
    client.force_login(bob)
    assert "Scan team" in page_of(client)
    answer = client.post("/teams/fraud/scan/", follow=True)
    assert "2 scans are asked for." in answer.content.decode()
    asked = ScanRequest.objects.values_list("project__slug", "requested_by__username")
    assert sorted(asked) == [("one", "bob"), ("two", "bob")]


def test_who_may_not_scan_a_team_is_not_offered_it(client, carol, fraud):
    project(fraud, "one")
    client.force_login(carol)
    page = page_of(client)
    assert "Scan team" not in page
    assert "/teams/fraud/settings/" not in page
    assert client.post("/teams/fraud/scan/").status_code == 404
    assert not ScanRequest.objects.exists()
