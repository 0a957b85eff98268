import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from apps.catalog import FACTORS, ITEMS
from apps.scans.models import Phase, ScanRequest
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
    assert b'<html lang="en-gb"' + theme + b">" in client.get("/").content


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


def test_running_scan_says_how_long_it_will_still_take_once_its_pace_is_known(client, bob, scorer):
    client.force_login(bob)
    begun = timezone.now() - timedelta(seconds=60)
    scan = scan_request(scorer, Phase.RUNNING, started_at=begun, stage="check", percent=50)
    assert re.search(r"50% · about 1:\d\d left", client.get(scorer.get_absolute_url()).content.decode())
    ScanRequest.objects.filter(pk=scan.pk).update(percent=1)
    assert re.search(r"1% · 1:\d\d<", client.get(scorer.get_absolute_url()).content.decode())


def test_settings_lead_admins_to_the_organisation_and_others_to_their_account(client, bob, db):
    client.force_login(bob)
    account = client.get("/account/").content.decode()
    assert '<a href="/account/" aria-current="page">Settings</a>' in account
    assert "/organisation/people/" not in account
    client.force_login(User.objects.create_superuser("root"))
    for address in ("/organisation/people/", "/organisation/teams/", "/organisation/audit/", "/verdicts/", "/queue/"):
        page = client.get(address).content.decode()
        assert '<a href="/organisation/people/" aria-current="page">Settings</a>' in page
        assert page.count('aria-current="page"') == 2
