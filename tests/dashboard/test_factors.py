import pytest
from django.utils import timezone

from apps.adoption.trails import keep_trails
from apps.catalog import FACTORS, State
from tests.dashboard.making import found, project, scanned, team

SECRETS = "config.secrets"


def page_of(client, slug="config"):
    return client.get(f"/factors/{slug}/").content.decode()


def test_factor_tells_how_projects_are_spread_and_which_teams_are_lowest(client, alice, fraud):
    scanned(project(fraud, "good"))
    scanned(project(team("Search"), "bad"), rest=State.UNMET)
    project(team("Vision"), "new")
    client.force_login(alice)
    page = page_of(client)
    assert 'aria-label="1 met, 1 unmet, 1 unknown"' in page
    assert ">3 projects</h2>" in page
    assert "/?factor=config&amp;state=unmet" in page
    assert page.index("/teams/search/") < page.index("/teams/fraud/")


def test_most_common_gap_comes_first(client, alice, fraud):
    scanned(project(fraud, "one"), {SECRETS: found(State.UNMET), "config.hyperparameters": found(State.PARTIAL)})
    scanned(project(fraud, "two"), {SECRETS: found(State.UNMET)})
    client.force_login(alice)
    page = page_of(client)
    assert page.index("/catalog/config.secrets/") < page.index("/catalog/config.hyperparameters/")
    assert "2 projects lack it" in page
    assert "1 project lacks it" in page


def test_examples_are_the_best_projects_that_a_scan_found_to_meet_the_item(client, alice, fraud):
    shown = found(State.MET, "All of it is in `settings.py`.", "settings.py", 7)
    scanned(project(fraud, "worse"), {SECRETS: shown, "logs.requests": found(State.UNMET)})
    scanned(project(fraud, "better"), {SECRETS: shown})
    scanned(project(fraud, "unproven"))
    client.force_login(alice)
    page = page_of(client)
    assert page.index('href="/projects/better/#config"') < page.index('href="/projects/worse/#config"')
    assert "settings.py:7</a>" in page
    assert "/projects/unproven/" not in page


@pytest.mark.parametrize("factor", FACTORS, ids=lambda factor: factor.slug)
def test_every_factor_has_a_page_before_the_first_scan(client, alice, factor):
    client.force_login(alice)
    assert factor.question.split("?")[0].split("'")[0] in page_of(client, factor.slug)


def test_factor_that_is_not_there_is_not_found(client, alice):
    client.force_login(alice)
    assert client.get("/factors/nothing/").status_code == 404


@pytest.mark.parametrize("count", [2, 10])
def test_factor_costs_ten_queries_however_many_projects(client, alice, fraud, django_assert_num_queries, count):
    for number in range(count):
        scanned(project(team(f"Team {number}")), {SECRETS: found(State.MET, "Here.", "a.py", 1)})
    keep_trails(at=timezone.now())
    client.force_login(alice)
    with django_assert_num_queries(10):
        client.get("/factors/config/")
