"""The pages of connections and of the queue, in light and dark, wide and on a phone: nothing for axe-core to find."""

import time
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.core.cache import cache
from django.utils import timezone
from playwright.sync_api import expect

from apps.scans.models import Forge, Phase
from apps.teams.tokens import set_token
from apps.webhooks.services import create_endpoint
from tests.browser.test_access import problems_of
from tests.dashboard.making import project, scan_request
from tests.webhooks.sending import deliver

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def busy(fraud, alice, client):
    """A project whose forge delivers, and a queue with something in every part of it."""
    system = project(fraud, "card-fraud-scorer")
    endpoint, secret = create_endpoint(owner=system, provider="github", by=alice)
    for branch in ("main", "dev"):
        deliver(client, endpoint, secret, branch=branch)
    set_token(owner=system, host="github.com", token="secret", by=alice)
    scan_request(project(fraud, "home-feed"), Phase.RUNNING, stage="read", percent=41)
    scan_request(project(fraud, "doc-ocr"), Phase.FAILED, reason="The host answered 403.", finished_at=timezone.now())
    Forge.objects.create(host="busy.example", paused_until=timezone.now() + timedelta(minutes=5))
    cache.set("seen:worker", time.time(), 60)
    root = User.objects.create_superuser("root", password="a long pass phrase", first_name="Root")
    return system, root


@pytest.mark.parametrize("width", [1400, 390])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_pages_are_open_to_everybody_who_may_see_them(open_page, sign_in, live_server, busy, theme, width):
    page = open_page(width=width, theme=theme)
    sign_in(page, "root")
    problems = []
    for path in ("/projects/card-fraud-scorer/connections/", "/teams/fraud/connections/", "/queue/"):
        page.goto(f"{live_server.url}{path}")
        problems += problems_of(page, width)
    assert problems == []


def test_a_secret_is_shown_after_it_was_made_and_not_again(open_page, sign_in, live_server, fraud, alice):
    project(fraud, "card-fraud-scorer")
    page = open_page()
    sign_in(page, "alice")
    page.goto(f"{live_server.url}/projects/card-fraud-scorer/connections/")
    page.get_by_label("Forge").select_option("Gitea or Forgejo")
    page.get_by_role("button", name="Make a webhook").click()
    secret = page.get_by_label("Secret", exact=True).input_value()
    assert len(secret) > 40
    page.goto(f"{live_server.url}/projects/card-fraud-scorer/connections/")
    assert secret not in page.content()


def test_secret_and_address_are_copied(open_page, sign_in, live_server, fraud, alice):
    project(fraud, "card-fraud-scorer")
    page = open_page(permissions=["clipboard-read", "clipboard-write"])
    sign_in(page, "alice")
    page.goto(f"{live_server.url}/projects/card-fraud-scorer/connections/")
    page.get_by_role("button", name="Make a webhook").click()
    for label in ("Secret", "Address"):
        row = page.locator(".row", has=page.get_by_label(label, exact=True))
        row.get_by_role("button", name="Copy").click()
        expect(row.get_by_role("button", name="Copied")).to_be_visible()
        assert page.evaluate("navigator.clipboard.readText()") == page.get_by_label(label, exact=True).input_value()


def test_without_a_script_nothing_offers_to_copy(open_page, sign_in, live_server, fraud, alice):
    project(fraud, "card-fraud-scorer")
    page = open_page(java_script_enabled=False)
    sign_in(page, "alice")
    page.goto(f"{live_server.url}/projects/card-fraud-scorer/connections/")
    page.get_by_role("button", name="Make a webhook").click()
    expect(page.get_by_label("Secret", exact=True)).to_be_visible()
    expect(page.get_by_role("button", name="Copy")).to_have_count(0)
