import html
from datetime import timedelta

import pytest
from django.shortcuts import render
from django.test import RequestFactory
from django.urls import reverse
from django.utils import timezone

from apps.adoption.corrections import correct_profile
from apps.adoption.services import grant_waiver
from apps.catalog import State
from apps.dashboard.project_page import ProjectPage
from apps.scans.models import Phase, ScanRequest
from apps.teams.models import Project
from tests.dashboard.making import COMMIT, claims, found, project, scan_request, scanned, tick, version

SECRET = found(
    State.UNMET,
    "A key of AWS is in `serving/settings.py`.",
    "serving/settings.py",
    18,
    excerpt='KEY = "AKIA****"',
    remedy="Revoke the key and read it from the environment.",
)


@pytest.fixture
def leaky(fraud):
    return scanned(project(fraud, "leaky"), {"config.secrets": SECRET})


def text_of(response):
    return html.unescape(response.content.decode())


def test_page_names_what_was_found_where_and_what_would_mend_it(client, bob, leaky):
    client.force_login(bob)
    page = text_of(client.get(leaky.get_absolute_url()))
    assert "A key of AWS is in <code>serving/settings.py</code>." in page
    assert f'href="https://github.com/example/leaky/blob/{COMMIT}/serving/settings.py#L18"' in page
    assert ">serving/settings.py:18</a>" in page
    assert 'KEY = "AKIA****"' in page
    assert "Revoke the key and read it from the environment." in page


def test_local_repository_has_places_without_links(client, bob, fraud):
    local = scanned(project(fraud, "local", url="/srv/git/local"), {"config.secrets": SECRET})
    client.force_login(bob)
    page = text_of(client.get(local.get_absolute_url()))
    assert '<code class="at">serving/settings.py:18</code>' in page
    assert "/blob/" not in page


def test_evidence_is_shown_and_never_run(client, bob, fraud):
    hostile = found(State.UNMET, "<script>x</script>", "a<b>.py", 1, excerpt='<img hx-get="/x">{{7*7}}')
    client.force_login(bob)
    page = client.get(scanned(project(fraud), {"config.secrets": hostile}).get_absolute_url()).content
    assert b"<script>x" not in page
    assert b"<img" not in page
    assert b"{{7*7}}" in page


def test_page_costs_fourteen_queries_whatever_happened(client, bob, leaky, django_assert_num_queries):
    for days, item in enumerate(["config.secrets", "config.training-parameters", "config.hyperparameters"]):
        tick(leaky, item, State.MET, "Seen.", bob)
        scanned(leaky, days_ago=10 - days, profile=claims(trains="train.py", serves="app.py"))
    for claim in ("trains", "serves", "batch"):
        correct_profile(project=leaky, claim=claim, holds=True, by=bob)
    client.force_login(bob)
    with django_assert_num_queries(14):
        client.get(leaky.get_absolute_url())


def test_next_best_steps_come_with_their_points(client, bob, leaky):
    client.force_login(bob)
    page = client.get(leaky.get_absolute_url()).content.decode()
    steps = page[page.index('id="steps"') : page.index('id="chart-h"')]
    assert "No credential is tracked" in steps
    assert '<span class="pts">+' in steps


def test_tick_against_the_evidence_is_contested_and_signed(client, bob, leaky):
    tick(leaky, "config.secrets", State.MET, "A dummy.", bob)
    client.force_login(bob)
    page = text_of(client.get(leaky.get_absolute_url()))
    assert "≠" in page
    assert "the scan says unmet" in page
    assert "met. A dummy." in page


def test_waiver_names_reason_person_and_end(client, alice, leaky):
    until = timezone.localdate() + timedelta(days=9)
    seen = version(leaky, "config.secrets")
    grant_waiver(project=leaky, item="config.secrets", reason="Moves in spring.", until=until, by=alice, version=seen)
    client.force_login(alice)
    page = text_of(client.get(leaky.get_absolute_url()))
    assert f"Waived until {until:%-d %b %Y}, 9 days left" in page
    assert "Alice: Moves in spring." in page


@pytest.mark.parametrize(("show", "items"), [("all", 50), ("gaps", 1), ("by-hand", 0), ("odd", 50)])
def test_page_shows_the_items_one_asks_for(client, bob, leaky, show, items):
    client.force_login(bob)
    page = client.get(f"{leaky.get_absolute_url()}?show={show}").content
    assert page.count(b'id="item-') == items


def test_project_before_its_first_scan_says_what_comes(client, bob, fraud):
    fresh = project(fraud)
    scan_request(fresh, Phase.PENDING)
    client.force_login(bob)
    page = client.get(fresh.get_absolute_url()).content
    assert b"Waiting for a worker" in page
    assert b"no score" in page
    assert b"They appear with the first score" in page


def test_running_scan_polls_until_its_last_fragment_does_not(client, bob, leaky):
    running = scan_request(leaky, Phase.RUNNING, stage="check", percent=58, detail="Concurrency")
    client.force_login(bob)
    address = reverse("scan", args=[leaky.slug])
    fragment = client.get(address, headers={"HX-Request": "true"})
    assert b'hx-trigger="every 1s"' in fragment.content
    assert b"58%" in fragment.content
    assert "HX-Trigger" not in fragment.headers
    ScanRequest.objects.filter(pk=running.pk).update(phase=Phase.DONE, finished_at=timezone.now())
    last = client.get(address, headers={"HX-Request": "true"})
    assert b"every 1s" not in last.content
    assert last.headers["HX-Trigger"] == "scan-finished"


def test_failed_scan_says_why_and_since_when_the_scores_are(client, bob, leaky):
    scan_request(leaky, Phase.FAILED, reason="The host git.example.org answered 403.")
    client.force_login(bob)
    page = text_of(client.get(leaky.get_absolute_url()))
    assert "The last scan failed." in page
    assert "The host git.example.org answered 403." in page
    assert f"commit <code>{COMMIT[:7]}</code>" in page


def test_failed_scan_leads_those_to_the_settings_who_may_change_them(client, alice, bob, leaky):
    scan_request(leaky, Phase.FAILED, reason="There is no folder services in the repository.")
    offered = []
    for person in (alice, bob):
        client.force_login(person)
        offered.append(b"Change the settings" in client.get(leaky.get_absolute_url()).content)
    assert offered == [True, False]


def test_member_asks_for_a_scan_and_an_onlooker_cannot(client, bob, carol, leaky):
    address = reverse("scan", args=[leaky.slug])
    client.force_login(carol)
    assert client.post(address).status_code == 404
    assert b"Scan now" not in client.get(leaky.get_absolute_url()).content
    client.force_login(bob)
    assert client.post(address).url == leaky.get_absolute_url()
    assert ScanRequest.objects.get(project=leaky).requested_by == bob


def test_project_that_is_not_there_is_a_404_in_the_same_style(client, bob):
    client.force_login(bob)
    response = client.get("/projects/nowhere/")
    assert response.status_code == 404
    assert b"There is nothing here" in response.content


def test_templates_ask_the_database_for_nothing(client, bob, leaky, django_assert_num_queries):
    """The page is fetched in the view: rendering it again costs what the frame costs, the count of open scans."""
    view = ProjectPage(Project.objects.for_board().get(pk=leaky.pk), bob).fetched()
    request = RequestFactory().get("/")
    request.user, request.session, request.COOKIES = bob, {}, {}
    with django_assert_num_queries(1):
        render(request, "project/page.html", {"view": view, "messages": []})


@pytest.mark.parametrize("days", ["9" * 5000, "-1", "x", "31"])
def test_chart_of_an_odd_period_is_the_usual_one(client, bob, leaky, days):
    client.force_login(bob)
    assert b'aria-current="true" aria-label="90 days"' in client.get(f"{leaky.get_absolute_url()}?days={days}").content


def test_files_that_the_scan_left_out_are_named_with_the_reason(client, bob, fraud):
    blind = scanned(project(fraud), unread=[{"path": "big.ipynb", "reason": "larger than 20 MB"}])
    client.force_login(bob)
    page = text_of(client.get(blind.get_absolute_url()))
    assert "<code>big.ipynb</code>" in page
    assert "larger than 20 MB" in page


@pytest.mark.parametrize(
    ("days", "named"), [(0, "ends today"), (1, "ends in 1 day<"), (14, "ends in 14 days<"), (15, "")]
)
def test_a_waiver_that_ends_within_two_weeks_is_named_at_the_top(client, bob, alice, leaky, days, named):
    until, seen = timezone.localdate() + timedelta(days=days), version(leaky, "config.secrets")
    grant_waiver(project=leaky, item="config.secrets", reason="Moves.", until=until, by=alice, version=seen)
    client.force_login(bob)
    page = client.get(leaky.get_absolute_url()).content.decode()
    assert ("Ending soon" in page) is bool(named)
    assert named in page
