import html
import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from apps.adoption.corrections import correct_profile
from apps.adoption.models import Transition
from apps.adoption.services import clear_attestation, grant_waiver, revoke_waiver
from apps.analysis.engine import Report
from apps.analysis.findings import Evidence, Finding
from apps.catalog import ITEMS, State
from apps.dashboard.timeline import MOMENTS, timeline_of
from apps.scans.models import Phase, ScanRequest
from apps.scans.services import claim, finish, request_scan
from tests.dashboard.making import project, scan_request, scanned, tick, version

ITEM = "config.secrets"
FIRST, SECOND, THIRD = "a" * 40, "b" * 40, "c" * 40


def report(commit, engine="e1", **states):
    findings = {item: Finding(State.MET, "As it should be.") for item in ITEMS}
    for name, state in states.items():
        item = name.replace("__", ".").replace("_", "-")
        findings[item] = Finding(state, "Seen.", [Evidence("app/settings.py", 3)])
    return Report(commit=commit, findings=findings, profile={}, unread=[], engine_version=engine, settings={})


def scan(of, *args, **states):
    """From request to result, as a worker does it."""
    request_scan(project=of, cause="person")
    held = claim(worker="w")
    assert finish(request=held, report=report(*args, **states), repository="r")
    return ScanRequest.objects.get(pk=held.pk)


@pytest.fixture
def leaky(fraud):
    return project(fraud, "leaky")


def page_of(client, of, **asked):
    return html.unescape(client.get(reverse("project-history", args=[of.slug]), asked).content.decode())


def test_every_word_of_a_person_and_every_change_is_there_with_its_cause(client, alice, bob, leaky):
    scan(leaky, FIRST, config__secrets=State.UNMET)
    scan(leaky, SECOND, config__secrets=State.PARTIAL)
    scan(leaky, SECOND, "e2", config__secrets=State.UNMET)
    tick(leaky, ITEM, State.MET, "Gone.", bob)
    clear_attestation(project=leaky, item=ITEM, by=alice, version=version(leaky, ITEM))
    until = timezone.localdate() + timedelta(days=9)
    grant_waiver(project=leaky, item=ITEM, reason="Spring.", until=until, by=alice, version=version(leaky, ITEM))
    revoke_waiver(project=leaky, item=ITEM, by=alice, version=version(leaky, ITEM))
    correct_profile(project=leaky, claim="serves", holds=True, by=bob)
    Transition.objects.filter(commit=SECOND).update(paths=["app/settings.py"])
    client.force_login(bob)
    page = page_of(client, leaky)
    title = ITEMS[ITEM].title
    for sentence in (
        f"Bob</bdi> ticked “{title}”: met", f"Alice</bdi> cleared the tick of “{title}”",
        f"Alice</bdi> waived “{title}” until {until:%-d %b %Y}", f"Alice</bdi> revoked the waiver of “{title}”",
        "Bob</bdi> said of the system, “Serves”: yes", "Gone.", "Spring.", "The rules changed",
        f'href="https://github.com/example/leaky/compare/{FIRST}...{SECOND}"', "app/settings.py",
    ):  # fmt: skip
        assert sentence in page
    assert page.count("The first scan") == page.count("The code changed") == 1
    assert len(re.findall(r" to (?:met|partly|unmet)</p>", page)) == Transition.objects.count()


def test_changed_tick_is_one_line_and_not_an_end(client, alice, bob, leaky):
    tick(leaky, ITEM, State.MET, "Gone.", bob)
    tick(leaky, ITEM, State.PARTIAL, "Half.", alice)
    client.force_login(bob)
    assert "cleared" not in page_of(client, leaky)


def test_pages_hold_everything_once(bob, leaky):
    begin = timezone.now() - timedelta(days=200)
    for day in range(MOMENTS * 2 + 5):
        Transition.objects.create(
            project=leaky, item=ITEM, before="met", after="unmet", cause="code", at=begin + timedelta(days=day)
        )
    seen, before = [], None
    for _ in range(3):
        shown = timeline_of(leaky, before=before)
        seen += [moment.at for moment in shown.moments]
        before = shown.older
    assert before is None
    assert seen == sorted(Transition.objects.values_list("at", flat=True), reverse=True)


@pytest.mark.parametrize(
    "before", ["soon", "2026-99-99T00:00:00Z", "2026-01-01T00:00:00", "\x00", "0001-01-01T00:00:00+14:00"]
)
def test_odd_places_to_begin_show_the_newest(client, bob, leaky, before):
    scan(leaky, FIRST)
    client.force_login(bob)
    assert "The first scan" in page_of(client, leaky, before=before)


def test_history_costs_the_same_whatever_happened(client, bob, leaky, django_assert_num_queries):
    client.force_login(bob)
    for number, commit in enumerate((FIRST, SECOND)):
        scan(leaky, commit, config__secrets=[State.UNMET, State.MET][number], logs__requests=State.UNMET)
        tick(leaky, ITEM, State.PARTIAL, "Half.", bob)
        correct_profile(project=leaky, claim="serves", holds=True, by=bob)
        with django_assert_num_queries(13):
            client.get(reverse("project-history", args=[leaky.slug]))


def compared(client, of, **asked):
    return html.unescape(client.get(reverse("compare-scans", args=[of.slug]), asked).content.decode())


def test_last_two_scans_are_compared_unless_others_are_asked_for(client, bob, leaky):
    first = scan(leaky, FIRST, config__secrets=State.UNMET, logs__requests=State.UNMET)
    second = scan(leaky, SECOND, config__secrets=State.PARTIAL)
    third = scan(leaky, THIRD, config__secrets=State.MET)
    client.force_login(bob)
    page = compared(client, leaky)
    assert "1 item improved, 0 slipped." in page
    assert f"/compare/{SECOND}...{THIRD}" in page
    page = compared(client, leaky, **{"from": third.pk, "to": first.pk})
    assert "2 items improved, 0 slipped." in page
    assert f"{ITEMS[ITEM].title}</a>: unmet to met" in page
    assert page.count(">aaaaaaa…bbbbbbb</a>") == 2
    assert page.count(">bbbbbbb…ccccccc</a>") == 1
    assert f'value="{second.pk}"' in page


def test_item_that_came_back_is_named_apart(client, bob, leaky):
    first = scan(leaky, FIRST)
    scan(leaky, SECOND, config__secrets=State.UNMET)
    third = scan(leaky, THIRD)
    client.force_login(bob)
    page = compared(client, leaky, **{"from": first.pk, "to": third.pk})
    assert "Nothing stands otherwise" in page
    assert f"stand as before: {ITEMS[ITEM].title}." in page


def test_one_scan_has_nothing_beside_it(client, bob, leaky):
    scan(leaky, FIRST)
    scan_request(leaky, Phase.FAILED)
    client.force_login(bob)
    assert "There are no two scans yet" in compared(client, leaky)


def test_scans_of_other_projects_are_not_compared(client, bob, fraud, leaky):
    scan(leaky, FIRST)
    scan(leaky, SECOND, config__secrets=State.UNMET)
    other = scanned(project(fraud))
    foreign = scan(other, THIRD)
    client.force_login(bob)
    assert "1 slipped" in compared(client, leaky, **{"from": foreign.pk, "to": "9" * 30})


def test_comparison_costs_the_same_whatever_changed(client, bob, leaky, django_assert_num_queries):
    scan(leaky, FIRST)
    scan(leaky, SECOND, config__secrets=State.UNMET)
    client.force_login(bob)
    for states in (
        {"config__secrets": State.MET},
        {item.replace(".", "__").replace("-", "_"): State.UNMET for item in ITEMS},
    ):
        scan(leaky, THIRD, **states)
        with django_assert_num_queries(8):
            client.get(reverse("compare-scans", args=[leaky.slug]))


@pytest.mark.parametrize("zone", ["+23:59", "-23:59", "+16:00"])
def test_a_moment_in_a_zone_that_no_database_knows_is_a_moment(client, bob, leaky, zone):
    scan(leaky, FIRST)
    client.force_login(bob)
    assert "writes the first line" in page_of(client, leaky, before=f"2020-01-01T00:00:00{zone}")
