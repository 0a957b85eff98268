"""Where the focus is: seen, not under what sticks, and with what one must look at next."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from apps.catalog import State
from apps.scans.models import Phase, ScanRequest
from tests.browser.keys import Keys
from tests.dashboard.making import claims, found, project, scanned

pytestmark = [pytest.mark.browser, pytest.mark.slow]

TITLE = "No credential is tracked"
UNCOVERED = """() => {
  const at = document.activeElement;
  return [...at.getClientRects()].every((line) =>
    [line.y + 2, line.bottom - 2].every((y) => at.contains(document.elementFromPoint(line.x + line.width / 2, y))));
}"""


@pytest.fixture
def leaky(fraud):
    gap = found(State.UNMET, "A key is in `a.py`.", "a.py", 18)
    return scanned(project(fraud, "leaky"), {"config.secrets": gap}, profile=claims(trains="train.py"))


@pytest.fixture
def at(open_page, sign_in, live_server):
    def opened(name, address="/", **how):
        page = open_page(**how)
        sign_in(page, name)
        page.goto(f"{live_server.url}{address}")
        return page

    return opened


@pytest.mark.parametrize("width", [1400, 900])
def test_arrows_move_no_cell_under_the_heads_of_the_matrix(at, bob, fraud, width):
    for _ in range(20):
        scanned(project(fraud))
    page = at("bob", width=width)
    page.set_viewport_size({"width": width, "height": 500})
    page.locator("tr.p").last.locator("a.c").last.focus()
    for key, times in (("ArrowUp", 14), ("ArrowLeft", 11), ("ArrowUp", 2)):
        for _ in range(times):
            page.keyboard.press(key)
            assert page.evaluate(UNCOVERED), page.evaluate("document.activeElement.getAttribute('aria-label')")


def test_tab_stops_above_the_bar_of_a_phone(at, alice, leaky):
    page = at("alice", leaky.get_absolute_url(), width=390)
    page.locator("#codebase-head").focus()
    for _ in range(30):
        page.keyboard.press("Tab")
        assert page.evaluate(UNCOVERED), page.evaluate("document.activeElement.outerHTML")


def test_message_lies_above_the_bar_of_a_phone(at, alice, leaky):
    page = at("alice", leaky.get_absolute_url(), width=390)
    page.get_by_role("button", name="Scan now").click()
    page.get_by_role("link", name=f"Tick by hand: {TITLE}").click()
    page.get_by_label("Note").fill("Gone.")
    page.get_by_role("button", name="Save").click()
    toast = page.locator(".toast", has_text="Your tick is saved.").bounding_box()
    assert toast["y"] + toast["height"] < page.get_by_role("navigation", name="Main").bounding_box()["y"]


def test_menu_of_the_account_shuts_with_escape_and_when_one_goes_on(at, bob):
    page = at("bob")
    menu = page.locator("details.account")
    menu.locator("summary").focus()
    page.keyboard.press("Enter")
    expect(menu).to_have_attribute("open", "")
    page.keyboard.press("Tab")
    page.keyboard.press("Escape")
    expect(menu).not_to_have_attribute("open", "")
    expect(menu.locator("summary")).to_be_focused()
    for leave in (lambda: page.locator("h1").click(), lambda: Keys(page).tab_to("^How scores work$", back=True)):
        menu.locator("summary").click()
        expect(menu).to_have_attribute("open", "")
        leave()
        expect(menu).not_to_have_attribute("open", "")


def test_escape_shuts_a_form_in_which_nothing_was_written_and_dismisses_messages(at, bob, leaky):
    page = at("bob", leaky.get_absolute_url())
    opener = page.get_by_role("link", name=f"Tick by hand: {TITLE}")
    opener.click()
    expect(page.get_by_label("Note")).to_be_focused()
    page.keyboard.press("Escape")
    expect(opener).to_be_focused()
    opener.click()
    page.get_by_label("Note").fill("Gone.")
    page.keyboard.press("Escape")
    expect(page.get_by_label("Note")).to_have_value("Gone.")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Your tick is saved.")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_text("Your tick is saved.")).to_have_count(0)


def test_what_was_mistaken_has_the_focus(at, alice, leaky):
    page = at("alice", leaky.get_absolute_url())
    page.get_by_role("link", name=f"Waive: {TITLE}").click()
    page.get_by_label("Reason").fill("Moves in spring.")
    page.get_by_label("Ends on").fill("2001-01-01")
    page.get_by_role("button", name="Waive").click()
    expect(page.get_by_text("Choose a day between")).to_be_visible()
    expect(page.get_by_label("Ends on")).to_be_focused()
    page.goto(page.url.replace("/projects/leaky/", "/teams/fraud/settings/"))
    page.get_by_label("User name or e-mail address").fill("nobody")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_text("Nobody here has that name")).to_be_visible()
    expect(page.get_by_label("User name or e-mail address")).to_be_focused()


def test_correcting_begins_with_the_answer_that_holds(at, bob, leaky):
    page = at("bob", leaky.get_absolute_url())
    page.get_by_role("link", name="Correct: Serves").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("radio", name="No")).to_be_focused()
    Keys(page).here()
    page.keyboard.press("Escape")
    expect(page.get_by_role("link", name="Correct: Serves")).to_be_focused()


def test_asking_for_a_scan_keeps_the_focus_and_a_readable_button_and_asks_once(at, bob, leaky):
    page = at("bob", leaky.get_absolute_url())
    button = page.get_by_role("button", name="Scan now")
    button.hover()
    button.focus()
    page.keyboard.press("Enter")
    expect(button).to_be_disabled()
    expect(button).to_be_focused()
    faint = "getComputedStyle(document.getElementById('scan-button')).backgroundColor"
    page.wait_for_function(f"{faint} === 'rgb(250, 250, 248)'")
    page.keyboard.press("Enter")
    lease = timezone.now() + timedelta(minutes=5)
    ScanRequest.objects.update(phase=Phase.RUNNING, percent=58, started_at=timezone.now(), lease_until=lease)
    expect(page.get_by_role("region", name="Scan in progress")).to_contain_text("58%")
    assert ScanRequest.objects.count() == 1
    ScanRequest.objects.update(phase=Phase.DONE, lease_until=None, finished_at=timezone.now())
    expect(button).to_be_enabled()
    expect(button).to_be_focused()


def test_page_that_nobody_looks_at_asks_for_nothing(at, bob, leaky):
    page = at("bob", leaky.get_absolute_url())
    asked = []
    page.get_by_role("button", name="Scan now").click()
    expect(page.get_by_role("region", name="Scan in progress")).to_be_visible()
    page.evaluate("Object.defineProperty(document, 'hidden', { value: true, configurable: true })")
    page.wait_for_timeout(300)
    page.on("request", lambda request: asked.append(request.url))
    page.wait_for_timeout(2500)
    assert asked == []
    with page.expect_response(re.compile("/scan/")):
        page.evaluate("delete document.hidden")


def test_lost_connection_promises_to_try_again_only_where_it_does(at, bob, leaky):
    page = at("bob", leaky.get_absolute_url())
    lost = "(by) => htmx.trigger(document.body, 'htmx:sendError', { requestConfig: { triggeringEvent: by } })"
    page.evaluate(lost, "click")
    expect(page.get_by_text("The connection is lost. Try again in a moment.")).to_be_visible()
    page.evaluate(lost, None)
    expect(page.get_by_text("The connection is lost. Trying again.")).to_be_visible()
