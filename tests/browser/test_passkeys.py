"""Passkeys in a real browser, kept by Chromium's virtual authenticator: they sign in without a password."""

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.test import Client

from tests.browser.test_access import problems_of

pytestmark = [pytest.mark.browser, pytest.mark.slow]

ON_THE_DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
def device(open_page):
    """A page whose browser keeps passkeys, and what tells them."""
    page = open_page()
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    added = devtools.send("WebAuthn.addVirtualAuthenticator", {"options": ON_THE_DEVICE})

    def kept():
        return devtools.send("WebAuthn.getCredentials", added)["credentials"]

    return page, kept


@pytest.fixture
def add(live_server, sign_in):
    """Signs in by password, confirms it, and adds a passkey."""

    def added(page, name):
        sign_in(page, "alice")
        page.goto(f"{live_server.url}/account/keys/add/")
        page.get_by_label("Password").fill("a long pass phrase")
        page.get_by_role("button", name="Confirm").click()
        page.get_by_label("Name").fill(name)
        page.get_by_label("Passwordless").check()
        page.get_by_role("button", name="Add it").click()
        page.wait_for_url(lambda address: "/add/" not in address)
        page.context.clear_cookies()
        page.goto(f"{live_server.url}/sign-in/")

    return added


def test_a_passkey_signs_in_without_a_password(device, add, live_server, alice):
    page, kept = device
    add(page, "Laptop")
    assert [one["rpId"] for one in kept()] == ["localhost"]
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url(f"{live_server.url}/")
    assert page.get_by_text("Twelve-factor adoption").count()
    assert kept()[0]["signCount"] > 1


def test_a_passkey_makes_a_new_session(device, add, live_server, alice):
    page, _ = device
    add(page, "Laptop")
    session = SessionStore()
    session["planted"] = True
    session.save()
    page.context.add_cookies([{"name": "sessionid", "value": session.session_key, "url": live_server.url}])
    page.goto(f"{live_server.url}/sign-in/")
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url(f"{live_server.url}/")
    assert "sessionid" in {one["name"] for one in page.context.cookies()}
    assert session.session_key not in {one["value"] for one in page.context.cookies()}
    assert Client(headers={"cookie": f"sessionid={session.session_key}"}).get("/").status_code == 302


def test_a_passkey_that_was_removed_signs_nobody_in(device, add, alice):
    page, kept = device
    add(page, "Laptop")
    alice.authenticator_set.all().delete()
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.get_by_role("alert").first.wait_for()
    assert "/sign-in/" in page.url
    assert kept()


def test_a_key_is_named_anew_and_removed(device, add, live_server, alice):
    page, _ = device
    add(page, "Laptop")
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url(f"{live_server.url}/")
    page.goto(f"{live_server.url}/account/keys/add/")
    page.get_by_label("Password").fill("a long pass phrase")
    page.get_by_role("button", name="Confirm").click()
    page.wait_for_url(f"{live_server.url}/account/keys/add/")
    problems = []
    for link, does, heading in (("Name Laptop", "Save", "Name a security key"), ("Remove Desk", "Remove", "Remove a")):
        page.goto(f"{live_server.url}/account/keys/")
        page.get_by_role("link", name=link).click()
        page.get_by_role("heading", level=1, name=heading).wait_for()
        problems += problems_of(page, 1400)
        if does == "Save":
            page.get_by_label("Name").fill("Desk")
        page.get_by_role("button", name=does, exact=True).click()
        page.wait_for_url(f"{live_server.url}/account/keys/")
        problems += problems_of(page, 1400)
    assert page.get_by_text("None yet.").is_visible()
    assert problems == []
