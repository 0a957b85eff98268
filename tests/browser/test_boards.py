import csv
import re

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from apps.adoption.trails import keep_trails
from apps.catalog import State
from apps.scans.models import Phase, ScanRequest
from apps.teams.models import Project
from tests.dashboard.making import found, project, scan_request, scanned, team

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def two_teams(fraud, alice):
    scanned(project(fraud, "scorer", tags=["online"]), days_ago=60)
    scanned(project(fraud, "triage"), {"config.secrets": found(State.UNMET)}, days_ago=60)
    search = team("Search")
    scanned(project(search, "ranker", tags=["online"]), rest=State.UNMET, days_ago=60)
    scanned(project(search, "intent"), rest=State.PARTIAL, days_ago=60)
    keep_trails(at=timezone.now())


def shown(page):
    return page.locator("#grid tr.p .p-name").all_text_contents()


def downloaded(page, folder):
    """The rows of the file behind the page's button."""
    with page.expect_download() as download:
        page.get_by_role("link", name="Export CSV").click()
    download.value.save_as(folder / "page.csv")
    with (folder / "page.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_filter_search_sort_and_the_way_back(open_page, sign_in, live_server, two_teams):
    page = open_page()
    sign_in(page, "alice")
    page.get_by_label("Tag").select_option("online")
    expect(page.locator("#count")).to_have_text("2 of 4 projects")
    page.get_by_label("Groups").select_option("Not grouped")
    expect(page.locator("#grid .team-row")).to_have_count(0)
    page.get_by_role("searchbox", name="Search projects").press_sequentially("r")
    page.wait_for_url("**q=r*")
    assert "team=" not in page.url  # which was not chosen
    page.locator("#grid thead").get_by_role("link", name="Score").click()
    head = page.get_by_role("columnheader", name="Score")
    expect(head).to_have_attribute("aria-sort", "ascending")
    expect(head.get_by_role("link")).to_be_focused()
    expect(page.get_by_label("Sort by")).to_have_value("score")
    assert shown(page) == ["ranker", "scorer"]
    expect(page.get_by_role("searchbox", name="Search projects")).to_have_value("r")
    page.locator("#grid thead").get_by_role("link", name="Score").click()
    expect(head).to_have_attribute("aria-sort", "descending")
    assert "sort=-score" in page.url
    assert shown(page) == ["scorer", "ranker"]
    page.go_back()
    expect(head).to_have_attribute("aria-sort", "ascending")
    assert "sort=score" in page.url
    assert shown(page) == ["ranker", "scorer"]
    page.reload()
    assert shown(page) == ["ranker", "scorer"]
    page.get_by_role("link", name="Clear filters").click()
    expect(page.locator("#count")).to_have_text("4 of 4 projects")
    expect(page.get_by_label("Sort by")).to_have_value("score")


def test_scans_of_what_is_shown_are_asked_for_in_place(open_page, sign_in, live_server, two_teams):
    page = open_page()
    sign_in(page, "alice")
    page.get_by_label("Tag").select_option("online")
    button = page.get_by_role("button", name="Scan 1 project", exact=True)
    button.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("1 scan is asked for.")).to_be_visible()
    expect(page.locator("#p-scorer")).to_contain_text("waiting")
    expect(page.locator("#live")).to_be_visible()
    with page.expect_response(re.compile(r"/\?.*tag=online")):
        pass  # the board refreshes itself while a scan waits
    expect(button).to_be_focused()
    assert list(ScanRequest.objects.values_list("project__name", flat=True)) == ["scorer"]


def test_csv_of_the_board_equals_the_page(open_page, sign_in, live_server, two_teams, tmp_path):
    page = open_page()
    sign_in(page, "alice")
    page.locator("label.chip", has_text="Unmet").click()
    expect(page.locator("#count")).to_have_text("1 of 4 projects")
    page.get_by_label("Sort by").select_option("Lowest score")
    page.locator("label.chip", has_text="Partly").click()
    expect(page.locator("#count")).to_have_text("3 of 4 projects")
    expect(page.get_by_role("link", name="Export CSV")).to_have_attribute("href", re.compile("state=partial"))
    rows = downloaded(page, tmp_path)
    assert [row["project"] for row in rows] == shown(page)
    assert [row["score"] for row in rows] == page.locator("#grid tr.p .score > b").all_text_contents()


def test_csv_of_a_team_equals_the_page(open_page, sign_in, live_server, two_teams, tmp_path):
    page = open_page()
    sign_in(page, "alice")
    page.goto(f"{live_server.url}/teams/search/")
    rows = downloaded(page, tmp_path)
    table = page.get_by_role("region", name="Projects table")
    assert [row["project"] for row in rows] == table.locator("tbody .p-name").all_text_contents()
    assert [row["score"] for row in rows] == table.locator("tbody td.r > b").all_text_contents()


def test_csv_of_the_history_ends_with_what_the_page_shows(open_page, sign_in, live_server, two_teams, tmp_path):
    page = open_page()
    sign_in(page, "alice")
    page.goto(f"{live_server.url}/history/")
    page.get_by_role("link", name="30 days").click()
    expect(page.get_by_role("link", name="30 days")).to_have_attribute("aria-current", "true")
    rows = downloaded(page, tmp_path)
    today = {row["team"]: row["score"] for row in rows}  # the last row of each team
    names, scores = page.locator(".multiples h3"), page.locator(".multiples .id b")
    assert len({row["day"] for row in rows}) == 31
    assert dict(zip(names.all_text_contents(), scores.all_text_contents(), strict=True)) == {
        team: str(round(float(score))) for team, score in today.items() if team != "All teams"
    }


def test_csv_of_a_factor_counts_the_gaps_of_the_page(open_page, sign_in, live_server, two_teams, tmp_path):
    page = open_page()
    sign_in(page, "alice")
    page.goto(f"{live_server.url}/factors/config/")
    rows = downloaded(page, tmp_path)
    for card in page.locator(".items > section").all():
        title = card.get_by_role("heading", level=3).inner_text()
        gaps = sum(row["title"] == title and row["state"] in {"unmet", "partial"} for row in rows)
        assert gaps
        assert card.locator(".card-head").get_by_text(f"{gaps} project").is_visible(), title


def test_keyboard_alone_chooses_a_period(open_page, sign_in, live_server, two_teams):
    page = open_page()
    sign_in(page, "alice")
    page.goto(f"{live_server.url}/history/")
    page.get_by_role("navigation", name="Period").get_by_role("link", name="90 days").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**days=365*")
    expect(page.get_by_role("link", name="Year")).to_have_attribute("aria-current", "true")
    expect(page.get_by_role("link", name="Year")).to_be_focused()


def test_running_scan_moves_on_the_board_and_in_the_header(open_page, sign_in, live_server, two_teams):
    scan = scan_request(Project.objects.get(slug="ranker"), Phase.RUNNING, percent=10, stage="read")
    page = open_page()
    sign_in(page, "alice")
    expect(page.locator("#p-ranker .scan-mini")).to_contain_text("10%")
    expect(page.locator("#live")).to_have_text("1 scan running")
    ScanRequest.objects.filter(pk=scan.pk).update(percent=58)
    expect(page.locator("#p-ranker .scan-mini")).to_contain_text("58%")
    ScanRequest.objects.filter(pk=scan.pk).update(phase=Phase.DONE, finished_at=timezone.now())
    expect(page.locator("#p-ranker .scan-mini")).to_have_count(0)
    expect(page.locator("#live")).to_be_hidden()


def test_periods_change_in_place_and_come_back(open_page, sign_in, live_server, two_teams):
    page = open_page()
    sign_in(page, "alice")
    page.get_by_role("navigation", name="Main").get_by_role("link", name="History").click()
    page.get_by_role("link", name="Year").click()
    expect(page.get_by_role("heading", name="Factors by four weeks")).to_be_visible()
    page.get_by_label("Mean of the projects of").select_option("Search")
    expect(page.get_by_label("Mean of the projects of")).to_have_value("search")
    assert "days=365" in page.url
    page.go_back()
    expect(page.get_by_label("Mean of the projects of")).to_have_value("")
    page.get_by_role("link", name="Search").first.click()
    page.get_by_role("navigation", name="Period").get_by_role("link", name="90 days").click()
    expect(page.get_by_role("link", name="90 days")).to_have_attribute("aria-current", "true")
    page.wait_for_url("**/teams/search/?days=90")


def test_boards_can_be_read_without_javascript(open_page, sign_in, live_server, two_teams):
    page = open_page(java_script_enabled=False)
    sign_in(page, "alice")
    page.get_by_label("Factor whose state counts").select_option("3. Config")
    page.get_by_role("checkbox", name="Unmet").check()
    page.get_by_role("button", name="Apply").click()
    assert shown(page) == ["ranker"]
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Teams").click()
    page.get_by_role("link", name="Score", exact=True).click()
    page.get_by_role("link", name="Search").click()
    page.get_by_role("link", name="Config").first.click()
    expect(page.get_by_role("heading", name="Items, the most common gap first")).to_be_visible()
