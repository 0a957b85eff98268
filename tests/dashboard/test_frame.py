import re

import pytest

from apps.catalog import FACTORS, ITEMS
from apps.scans.models import Phase
from tests.dashboard.making import scan_request


def test_sign_out_is_a_post(client, bob):
    client.force_login(bob)
    assert client.get("/sign-out/").status_code == 405
    assert client.post("/sign-out/").url == "/sign-in/"
    assert client.get("/").status_code == 302


@pytest.mark.parametrize(
    ("cookie", "theme"), [("dark", b' data-theme="dark"'), ("light", b' data-theme="light"'), ('"><x', b"")]
)
def test_theme_cookie_is_in_the_first_byte_of_html(client, bob, cookie, theme):
    client.force_login(bob)
    client.cookies["theme"] = cookie
    assert b'<html lang="en"' + theme + b">" in client.get("/").content


def test_health_answers_without_signing_in(client, db):
    answer = client.get("/healthz")
    assert (answer.status_code, answer.content) == (200, b"ok\n")


def test_pages_allow_no_inline_code_and_hold_none(client, bob, scorer):
    client.force_login(bob)
    for address in ("/", scorer.get_absolute_url(), "/scores/", "/catalog/config.secrets/", "/sign-in/"):
        page = client.get(address)
        if page.status_code == 302:
            continue
        assert "script-src 'self'" in page.headers["Content-Security-Policy"]
        assert "unsafe" not in page.headers["Content-Security-Policy"]
        html = page.content.decode()
        assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=", html)


def test_scans_that_run_or_else_wait_are_counted_in_the_frame(client, bob, scorer):
    scan_request(scorer, Phase.PENDING)
    client.force_login(bob)
    assert "1 scan waiting" in client.get("/scores/").content.decode()
    scan_request(scorer, Phase.RUNNING)
    assert "1 scan running" in client.get("/scores/").content.decode()


def test_every_item_has_its_page_and_the_scores_page_leads_to_all(client, bob):
    client.force_login(bob)
    page = client.get("/scores/").content.decode()
    assert all(f'href="/catalog/{item}/"' in page for item in ITEMS)
    assert all(f'id="{factor.slug}"' in page for factor in FACTORS)
    assert "<table>" in page
    for item in ITEMS:
        assert client.get(f"/catalog/{item}/").status_code == 200
    assert client.get("/catalog/config.nothing/").status_code == 404
