import re
from datetime import timedelta

import pytest
from django.utils import timezone

from apps.adoption.models import ScoreSnapshot, Transition
from apps.adoption.trails import keep_trails
from apps.catalog import FACTORS, State
from tests.dashboard.making import found, project, scanned, team

SECRETS = "config.secrets"


def page_of(client, query=""):
    return client.get(f"/history/?{query}").content.decode()


def heats(page, factor):
    row = re.search(rf"{factor}</a></th>(.*?)</tr>", page, re.DOTALL)[1]
    return re.findall(r'class="q q(\d)">(\d+|[^<]+)', row)


@pytest.fixture
def moved(fraud):
    """A project that won 50 points five days ago, another team's that stands still."""
    one = project(fraud, "winner")
    scanned(one, rest=State.PARTIAL, days_ago=100)
    scanned(one, days_ago=5)
    scanned(project(team("Search"), "still"), rest=State.UNMET, days_ago=100)
    keep_trails(at=timezone.now())
    return one


def test_each_team_has_a_line_beside_all_teams(client, alice, moved):
    client.force_login(alice)
    page = page_of(client)
    assert "From 50 to 100 today." in page
    assert page.count('class="ref"') == 2
    assert "All teams: 50 today." in page


def test_heat_table_tells_the_mean_of_each_factor_week_by_week(client, alice, moved):
    client.force_login(alice)
    cells = heats(page_of(client), "Config")
    assert len(cells) == 13
    assert cells[0] == ("0", "25")
    assert cells[-1] == ("0", "50")
    assert len(heats(page_of(client, "days=30"), "Config")) == 5
    assert len(heats(page_of(client, "days=365"), "Config")) == 14


def test_heat_table_and_moves_narrow_to_one_team(client, alice, moved):
    client.force_login(alice)
    page = page_of(client, "team=fraud")
    assert heats(page, "Config")[-1] == ("4", "100")
    assert '<option value="fraud" selected>' in page
    assert "winner" not in page_of(client, "team=search")


def test_moves_name_the_projects_and_what_stood_behind(client, alice, moved):
    client.force_login(alice)
    behind = re.search(r'class="moves2">.*', page_of(client), re.DOTALL)[0]
    assert 'href="/projects/winner/?days=90"' in behind
    assert "up </span>50" in behind
    assert "The code changed" in behind
    assert "50 improved" in behind
    assert "Nobody in this period." in behind


def test_changed_rules_are_marked_on_lines_and_weeks(client, alice, moved):
    at = timezone.now() - timedelta(days=10)
    Transition.objects.create(project=moved, item=SECRETS, before="met", after="unmet", cause="rules", at=at)
    ScoreSnapshot.objects.filter(project=moved).last().save()
    keep_trails(at=timezone.now() + timedelta(days=1))
    client.force_login(alice)
    page = page_of(client)
    assert "<title>Rules changed, " in page
    assert page.count("(the rules changed)") == 1


def test_reconstructed_part_is_drawn_apart(client, alice, fraud):
    one = scanned(project(fraud), days_ago=5)
    ScoreSnapshot.objects.create(
        project=one, at=timezone.now() - timedelta(days=60), commit="a", score=40, coverage=1, origin="reconstructed",
        factors={factor.slug: 40 for factor in FACTORS}, catalogue_version="", engine_version="",
    )  # fmt: skip
    keep_trails(at=timezone.now())
    client.force_login(alice)
    page = page_of(client)
    assert 'class="main past"' in page
    assert "Reconstructed from past commits before" in page


def test_period_is_a_fragment_for_htmx(client, alice, moved):
    client.force_login(alice)
    fragment = client.get("/history/?days=30", headers={"HX-Request": "true"})
    assert b"<html" not in fragment.content
    assert b'id="history"' in fragment.content
    assert "HX-Request" in fragment["Vary"]


def test_teams_can_be_ordered_by_how_much_they_changed(client, alice, moved):
    scanned(project(team("Ada"), "flat"), days_ago=100)
    keep_trails(at=timezone.now() + timedelta(days=1))
    client.force_login(alice)

    def names(query):
        return re.findall(r'<h3><a href="/teams/([\w-]+)/">', page_of(client, query))

    assert names("") == ["ada", "fraud", "search"]
    assert names("order=change")[0] == "fraud"


@pytest.mark.parametrize("count", [2, 10])
def test_history_costs_eleven_queries_however_many_projects(client, alice, fraud, django_assert_num_queries, count):
    for number in range(count):
        one = project(team(f"Team {number}"))
        scanned(one, {SECRETS: found(State.UNMET)}, days_ago=100)
        scanned(one)
    keep_trails(at=timezone.now())
    client.force_login(alice)
    with django_assert_num_queries(11):
        client.get("/history/")


def test_organisation_without_a_past_is_told_so(client, alice, fraud):
    client.force_login(alice)
    assert "Nothing to look back on yet" in page_of(client, "team=odd&days=odd&page=odd")
