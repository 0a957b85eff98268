"""What people do on a project's pages, in a real browser."""

from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.contrib.sessions.models import Session
from django.utils import timezone
from playwright.sync_api import expect

from apps.catalog import State
from apps.scans.models import Backfill, Phase
from tests.dashboard.making import found, project, scanned, tick

pytestmark = [pytest.mark.browser, pytest.mark.slow]

ITEM = "config.secrets"
TITLE = "No credential is tracked"


@pytest.fixture
def leaky(fraud):
    return scanned(project(fraud, "leaky"), {ITEM: found(State.UNMET, "A key is in `a.py`.", "a.py", 18)})


@pytest.fixture
def at_work(open_page, sign_in, live_server, leaky):
    """The project's page as somebody sees it who has signed in."""

    def opened(name, **how):
        page = open_page(**how)
        sign_in(page, name)
        page.goto(f"{live_server.url}{leaky.get_absolute_url()}")
        return page

    return opened


def test_tick_is_undone_from_its_message(at_work, bob):
    page = at_work("bob")
    line = page.locator("#item-config-secrets")
    page.get_by_role("link", name=f"Tick by hand: {TITLE}").click()
    page.get_by_label("Note").fill("Gone.")
    page.get_by_role("button", name="Save").click()
    expect(line).to_contain_text("Gone.")
    page.get_by_role("button", name="Undo").click()
    expect(line).not_to_contain_text("Gone.")
    expect(page.get_by_text("Undone.")).to_be_visible()
    expect(page.get_by_role("button", name="Undo")).to_have_count(0)


def test_second_of_two_people_sees_the_first_and_keeps_the_note(at_work, alice, bob, leaky):
    page = at_work("bob")
    page.get_by_role("link", name=f"Tick by hand: {TITLE}").click()
    tick(leaky, ITEM, State.PARTIAL, "Alice was here.", alice)
    page.get_by_label("Note").fill("Bob was here.")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert").filter(has_text="Alice was here.")).to_be_visible()
    expect(page.get_by_label("Note")).to_have_value("Bob was here.")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#item-config-secrets")).to_contain_text("Bob was here.")


@pytest.mark.parametrize("how", [{}, {"java_script_enabled": False}, {"width": 390, "theme": "dark"}])
def test_maintainer_waives_with_an_end_and_revokes(at_work, alice, how):
    page = at_work("alice", **how)
    until = timezone.localdate() + timedelta(days=30)
    line = page.locator("#item-config-secrets")
    page.get_by_role("link", name=f"Waive: {TITLE}").click()
    page.get_by_label("Reason").fill("Moves in spring.")
    page.get_by_label("Ends on").fill(until.isoformat())
    page.get_by_role("button", name="Waive").click()
    expect(line).to_contain_text(f"Waived until {until:%-d %b %Y}")
    expect(page.get_by_role("button", name="Undo")).to_be_visible()
    page.get_by_role("link", name=f"Change the waiver: {TITLE}").click()
    page.get_by_role("button", name="Revoke the waiver").click()
    expect(line).not_to_contain_text("Waived until")


def test_keyboard_alone_opens_a_form_saves_it_and_goes_on_where_it_was(at_work, bob):
    page = at_work("bob")
    opener = page.get_by_role("link", name=f"Tick by hand: {TITLE}")
    opener.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Note")).to_be_focused()
    page.keyboard.type("Gone.")
    page.get_by_role("button", name="Save").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name=f"Change the tick: {TITLE}")).to_be_focused()


def test_maintainer_imports_a_list_after_its_preview(open_page, sign_in, live_server, alice, repositories):
    page = open_page()
    sign_in(page, "alice")
    page.goto(f"{live_server.url}/projects/add/")
    page.get_by_role("link", name="Import a list").click()
    page.get_by_label("List").fill(f"{repositories}/one\nhttp://example.org/x\n{repositories}/two")
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_text("2 to add, 1 with errors")).to_be_visible()
    page.get_by_role("button", name="Add 2 and scan").click()
    expect(page.get_by_text("2 projects added.")).to_be_visible()
    expect(page.get_by_role("link", name="two").first).to_be_visible()


def test_project_is_archived_restored_and_deleted_with_its_name(at_work, alice):
    page = at_work("alice")
    page.get_by_role("main").get_by_role("link", name="Settings").click()
    page.get_by_role("button", name="Archive").click()
    expect(page.get_by_text("It is not on the boards and not scanned.")).to_be_visible()
    page.get_by_role("button", name="Restore").click()
    page.get_by_role("main").get_by_role("link", name="Settings").click()
    page.get_by_label("Type leaky to confirm").fill("leaky")
    page.get_by_role("button", name="Delete").click()
    expect(page.get_by_text("leaky is deleted.")).to_be_visible()


def test_maintainer_has_the_past_read_and_stops_it(at_work, alice, leaky):
    page = at_work("alice")
    page.get_by_role("link", name="All events").click()
    past = page.get_by_role("region", name="Past commits")
    past.get_by_role("button", name="Read the history").click()
    expect(past).to_contain_text("Waits for a worker")
    plan = [[f"{number}" * 40, timezone.now().timestamp()] for number in range(4)]
    running = {"phase": Phase.RUNNING, "lease_until": timezone.now() + timedelta(hours=1), "plan": plan, "done": 1}
    Backfill.objects.filter(project=leaky).update(**running)
    expect(past.get_by_role("progressbar")).to_have_attribute("value", "1")
    expect(past).to_contain_text("1 of 4 commits are judged.")
    past.get_by_role("button", name="Cancel").click()
    expect(past).to_contain_text("Cancelled by Alice.")
    expect(past.get_by_role("button", name="Read again")).to_be_visible()


def test_when_the_session_has_ended_the_page_goes_to_sign_in_and_comes_back(at_work, bob, leaky):
    page = at_work("bob")
    Session.objects.all().delete()
    page.get_by_role("link", name=f"Tick by hand: {TITLE}").click()
    page.wait_for_url(lambda address: urlsplit(address).path == "/sign-in/")
    expect(page.locator("#item-config-secrets")).to_have_count(0)
    page.get_by_label("User name").fill("bob")
    page.get_by_label("Password").fill("a long pass phrase")
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(lambda address: urlsplit(address).path == leaky.get_absolute_url())
    expect(page.locator("#item-config-secrets")).to_be_visible()
