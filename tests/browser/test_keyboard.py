"""Whole journeys by Tab, Enter, arrows and letters: no pointer, no focus set from outside."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from apps.adoption.models import Waiver
from apps.catalog import State
from apps.scans.models import Phase
from apps.teams.models import Membership, Project, Role
from tests.browser.keys import Keys
from tests.dashboard.making import found, project, scan_request, scanned, team

pytestmark = [pytest.mark.browser, pytest.mark.slow]

ITEM, TITLE = "config.secrets", "No credential is tracked"


@pytest.fixture
def leaky(fraud):
    return scanned(project(fraud, "leaky"), {ITEM: found(State.UNMET, "A key is in `a.py`.", "a.py", 18)}, days_ago=9)


@pytest.fixture
def at(open_page, sign_in, live_server):
    """The page at an address, and the keyboard of somebody who has signed in."""

    def opened(name, address="/"):
        page = open_page()
        sign_in(page, name)
        page.goto(f"{live_server.url}{address}")
        return page, Keys(page)

    return opened


def test_a_project_is_added(at, alice, fraud, repositories):
    search = team("Search")
    Membership.objects.create(team=search, user=alice, role=Role.MAINTAINER)
    page, keys = at("alice")
    keys.tab_to("^Skip to content$")
    keys.press("Enter")
    keys.tab_to("^Add a project$")
    keys.press("Enter")
    expect(page.get_by_label("Repository address")).to_be_focused()
    keys.here()
    keys.type("https://127.0.0.1/x")
    keys.press("Enter")
    expect(page.get_by_text("The host's name is not one")).to_be_visible()
    expect(page.get_by_label("Repository address")).to_be_focused()  # where the mistake is
    keys.press("Control+A")
    keys.type(f"{repositories}/ranker")
    keys.tab_to("^Team")
    keys.press("ArrowDown")
    keys.tab_to("^Add and scan$")
    keys.press("Enter")
    expect(page.get_by_role("heading", name="ranker", level=1)).to_be_visible()
    assert Project.objects.get(name="ranker").team == search
    keys.tab_to("^Skip to content$")


def test_an_item_is_waived_with_an_end(at, alice, leaky):
    page, keys = at("alice", leaky.get_absolute_url())
    keys.tab_to("^3 ?Config Is every")
    keys.press("Enter", "Enter")  # it was open, for it has a gap: shut and open again
    keys.tab_to(f"^Waive: {TITLE}")
    keys.press("Enter")
    expect(page.get_by_label("Reason")).to_be_focused()
    keys.here()
    keys.press("Tab")
    until = timezone.localdate() + timedelta(days=30)
    keys.type(f"{until:%m%d%Y}")
    keys.tab_to("^Waive$")
    keys.press("Enter")  # without a reason, which the browser says at its field
    expect(page.get_by_label("Reason")).to_be_focused()
    keys.type("Moves in spring.")
    keys.tab_to("^Waive$")
    keys.press("Enter")
    expect(page.get_by_role("link", name=f"Change the waiver: {TITLE}")).to_be_focused()
    keys.here()
    waiver = Waiver.objects.get()
    assert (waiver.reason, waiver.until) == ("Moves in spring.", until)
    keys.press("Enter")
    expect(page.get_by_label("Reason")).to_be_focused()
    keys.tab_to("^Cancel$")
    keys.press("Enter")
    expect(page.get_by_role("link", name=f"Change the waiver: {TITLE}")).to_be_focused()
    keys.tab_to("^Undo$")
    keys.press("Enter")
    expect(page.get_by_text("Undone.")).to_be_visible()
    keys.here()


def test_two_scans_are_compared(at, bob, leaky):
    for days_ago, state in ((8, State.UNMET), (5, State.MET), (1, State.UNMET)):
        scanned(leaky, {ITEM: found(state)}, days_ago=days_ago)
        scan_request(leaky, Phase.DONE, finished_at=timezone.now() - timedelta(days=days_ago))
    page, keys = at("bob", leaky.get_absolute_url())
    keys.tab_to("^All events$")
    keys.press("Enter")
    expect(page.get_by_role("heading", name="History", level=1)).to_be_visible()
    keys.tab_to("^Compare two scans$")
    keys.press("Enter")
    expect(page.get_by_role("heading", name="Two scans side by side")).to_be_visible()
    keys.tab_to("^From$")
    keys.press("End")
    keys.tab_to("^to$")
    keys.press("Home")
    keys.tab_to("^Compare$")
    keys.press("Enter")
    expect(page.get_by_text("Nothing stands otherwise")).to_be_visible()  # it was mended and broken between the two
    keys.tab_to("^to$")
    keys.press("ArrowDown")
    keys.tab_to("^Compare$")
    keys.press("Enter")
    expect(page.get_by_text("1 item improved, 0 slipped.")).to_be_visible()


def test_a_role_is_changed(at, alice, bob, fraud):
    page, keys = at("alice", f"/teams/{fraud.slug}/")
    keys.tab_to("^Skip to content$")
    keys.press("Enter")
    keys.tab_to("^Settings$")
    keys.press("Enter")
    expect(page.get_by_role("heading", name="Settings of Fraud")).to_be_visible()
    keys.tab_to("^Role of Bob$")
    keys.type("Maint")
    keys.press("Tab")
    assert keys.here() == "Save the role of Bob"
    keys.press("Enter")
    expect(page.get_by_text("bob is in the role of maintainer now.")).to_be_visible()
    assert Membership.objects.get(user=bob).role == Role.MAINTAINER
    assert keys.tab_to("^Role of Bob$") == 1  # on with the row where one was
