import csv
import re
import subprocess
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from apps.catalog import State
from tests.dashboard.making import claims, found, project, proposing, scanned

pytestmark = [pytest.mark.browser, pytest.mark.slow]

ITEM = "config.secrets"
FILES = {
    "train.py": "import argparse\n\nparser = argparse.ArgumentParser()\nparser.add_argument('--lr', type=float)\n",
    "requirements.txt": "numpy==2.1.0\n",
    ".python-version": "3.11\n",
    "Dockerfile": 'FROM python:3.11\nCOPY . /app\nCMD ["python", "train.py"]\n',
}


def repository(folder):
    def git(*arguments):
        identity = ("-c", "user.name=Alice", "-c", "user.email=alice@example.org")
        subprocess.run(["git", *identity, "-C", folder, *arguments], check=True, capture_output=True)

    folder.mkdir()
    git("init", "-q", "-b", "main")
    for name, text in FILES.items():
        (folder / name).write_text(text)
    git("add", ".")
    git("commit", "-q", "-m", "First")
    return folder


def states_on(page):
    """Per item title the state that its mark tells."""
    items = page.locator("#factors li[id^=item-]")
    return {
        items.nth(place).locator(".title").text_content(): items.nth(place)
        .locator("svg.g")
        .first.get_attribute("aria-label")
        for place in range(items.count())
    }


def test_alice_adds_a_project_watches_its_scan_ticks_an_item_and_takes_the_csv(
    open_page, sign_in, live_server, alice, worker, repositories, tmp_path
):
    page = open_page()
    sign_in(page, "alice")
    page.get_by_role("link", name="Add a project").first.click()
    page.get_by_label("Repository address").fill(str(repository(repositories / "churn-model")))
    expect(page.get_by_label("Name", exact=True)).to_have_attribute("placeholder", "churn-model")
    page.get_by_role("button", name="Add and scan").click()
    expect(page.get_by_role("heading", name="churn-model")).to_be_visible()
    expect(page.get_by_role("region", name="Scan in progress")).to_be_visible()

    expect(page.get_by_text("The scan of churn-model is finished.")).to_be_visible(timeout=60_000)
    expect(page.get_by_role("region", name="Scan in progress")).to_have_count(0)
    expect(page.get_by_role("button", name="Scan now")).to_be_enabled()
    expect(page.locator("#rail .coverage")).to_be_visible()
    expect(page.locator("#meta time")).to_be_visible()

    page.locator("#config-head").click()
    page.get_by_role("link", name="Tick by hand: No credential is tracked").click()
    form = page.get_by_role("form", name="Tick: No credential is tracked")
    form.get_by_role("button", name="Save").click()
    expect(form).to_be_visible()
    form.get_by_text("Partly").click()
    form.get_by_label("Note").fill("Checked the vault on Monday.")
    form.get_by_role("button", name="Save").click()
    expect(page.locator("#item-config-secrets")).to_contain_text("Checked the vault on Monday.")
    expect(page.locator("#item-config-secrets svg.g").first).to_have_attribute("aria-label", "Partly")
    expect(page.get_by_text("Your tick is saved.")).to_be_visible()

    with page.expect_download() as download:
        page.get_by_role("link", name="Export CSV").click()
    download.value.save_as(tmp_path / "items.csv")
    with (tmp_path / "items.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    words = {"met": "Met", "partial": "Partly", "unmet": "Unmet", "na": "Not applicable", "unknown": "Unknown"}
    assert {row["title"]: words[row["state"]] for row in rows} == states_on(page)
    assert next(row for row in rows if row["item"] == "config.secrets")["note"] == "Checked the vault on Monday."


def test_filters_narrow_the_board_as_one_types_and_stay_in_the_address(open_page, sign_in, live_server, alice, scorer):
    page = open_page()
    sign_in(page, "alice")
    row = page.get_by_role("link", name="card-fraud-scorer")
    expect(row.first).to_be_visible()
    page.keyboard.press("/")
    page.keyboard.type("nothing")
    expect(page.get_by_role("heading", name="No project matches")).to_be_visible()
    assert "q=nothing" in page.url
    expect(page.get_by_role("link", name="Export CSV")).to_have_attribute("href", re.compile("q=nothing"))
    page.go_back()
    expect(row.first).to_be_visible()


def test_arrow_keys_walk_the_matrix_and_enter_opens_the_factor(open_page, sign_in, live_server, alice, scorer):
    page = open_page()
    sign_in(page, "alice")
    page.locator("#p-card-fraud-scorer .p-name").focus()
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    expect(page.get_by_role("link", name=re.compile("^Config: "))).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url("**/projects/card-fraud-scorer/#config")


def test_member_corrects_a_claim_in_place_and_sees_the_scan_that_follows(open_page, sign_in, live_server, bob, fraud):
    scanned(project(fraud, "ranker"), profile=claims(trains="train.py"))
    page = open_page()
    sign_in(page, "bob")
    page.goto(f"{live_server.url}/projects/ranker/")
    page.get_by_role("link", name="Correct: Serves").click()
    form = page.get_by_role("form", name="Correct: Serves")
    form.get_by_text("Yes").click()
    form.get_by_role("button", name="Save").click()
    expect(page.locator("#claim-serves")).to_contain_text("Bob said so")
    expect(page.get_by_text("Your correction is saved.")).to_be_visible()
    expect(page.get_by_role("region", name="Scan in progress")).to_be_visible()
    expect(page.get_by_role("button", name="Scan now")).to_be_disabled()


def test_maintainer_accepts_a_proposed_exception_without_javascript(open_page, sign_in, live_server, alice, fraud):
    until = timezone.localdate() + timedelta(days=60)
    gap = found(State.UNMET, "A key is in `a.py`.", "a.py", 18)
    scanned(project(fraud, "asking"), {ITEM: gap}, settings=proposing(ITEM, "Moves in spring.", until))
    page = open_page(java_script_enabled=False)
    sign_in(page, "alice")
    page.goto(f"{live_server.url}/projects/asking/")
    page.get_by_role("button", name="Accept as waiver: No credential is tracked").click()
    expect(page.get_by_text("The exception is accepted as a waiver.")).to_be_visible()
    expect(page.locator("#item-config-secrets")).to_contain_text("Alice: Moves in spring.")


def test_theme_is_kept_by_the_server(open_page, sign_in, live_server, alice, scorer):
    page = open_page()
    sign_in(page, "alice")
    page.get_by_role("button", name="Colour theme").click()
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")


def test_tick_works_without_javascript(open_page, sign_in, live_server, bob, scorer):
    page = open_page(java_script_enabled=False)
    sign_in(page, "bob")
    page.get_by_role("link", name="card-fraud-scorer").first.click()
    page.locator("#config-head").click()
    page.get_by_role("link", name="Tick by hand: No credential is tracked").click()
    page.get_by_label("Note").fill("Seen.")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Your tick is saved.")).to_be_visible()
    expect(page.locator("#item-config-secrets")).to_contain_text("Seen.")
