import html

import pytest
from django.urls import reverse

from apps.adoption.models import VerdictReport
from apps.adoption.services import grant_waiver
from apps.adoption.verdicts import rates, report_verdict
from apps.catalog import State
from apps.teams.models import Project, Role
from tests.dashboard.making import COMMIT, found, person, project, scanned, team, tick, version

ITEM = "config.secrets"
HTMX = {"HX-Request": "true"}


@pytest.fixture
def leaky(fraud):
    return scanned(project(fraud, "leaky"), {ITEM: found(State.UNMET, "A key is in `a.py`.", "a.py", 18)})


@pytest.fixture
def address(leaky):
    return reverse("report-verdict", args=[leaky.slug, ITEM])


@pytest.fixture
def admin(db):
    user = person("Ada")
    user.is_superuser = True
    user.save()
    return user


def said(of, **changes):
    return {"expected": "met", "note": "It is a dummy of the tests.", "version": version(of, ITEM), **changes}


def reported(of, by, **changes):
    return report_verdict(project=of, item=ITEM, by=by, **(said(of) | changes))


def test_member_reports_a_verdict_and_the_state_stays(client, bob, leaky, address):
    client.force_login(bob)
    assert "The scan says unmet" in client.get(address, headers=HTMX).content.decode()
    assert client.post(address, said(leaky)).url.endswith("#item-config-secrets")
    report = VerdictReport.objects.get()
    assert (report.verdict, report.expected, report.commit, report.by) == ("unmet", "met", COMMIT, bob)
    assert leaky.standings.get(item=ITEM).state == State.UNMET


@pytest.mark.parametrize(
    "wrong", [{"expected": "unmet"}, {"expected": "unknown"}, {"expected": ""}, {"note": " "}, {"version": "x"}]
)
def test_wrong_input_is_told_in_place_and_nothing_is_stored(client, bob, leaky, address, wrong):
    client.force_login(bob)
    assert client.post(address, said(leaky, **wrong), headers=HTMX).status_code == 422
    assert not VerdictReport.objects.exists()


def test_verdict_that_changed_meanwhile_is_shown_with_what_was_typed(client, bob, leaky, address):
    typed = said(leaky)
    scanned(leaky, {ITEM: found(State.PARTIAL, "Half a key.")})
    client.force_login(bob)
    response = client.post(address, typed, headers=HTMX)
    assert response.status_code == 409
    assert "It is a dummy of the tests." in response.content.decode()
    assert not VerdictReport.objects.exists()


def test_second_report_of_a_person_takes_the_place_of_the_first(bob, leaky):
    reported(leaky, bob)
    reported(leaky, bob, note="Really.")
    assert VerdictReport.objects.get(closed_at=None).note == "Really."


def test_item_without_a_verdict_has_nothing_to_report(client, bob, fraud):
    blind = scanned(project(fraud), {ITEM: found(State.UNKNOWN)})
    client.force_login(bob)
    assert client.get(reverse("report-verdict", args=[blind.slug, ITEM])).status_code == 404


def test_onlookers_and_other_teams_cannot_report(client, carol, leaky, address):
    for user in (carol, person("Dan", team("Search"), Role.MAINTAINER)):
        client.force_login(user)
        assert client.post(address, said(leaky)).status_code == 404
    assert not VerdictReport.objects.exists()


def test_admins_see_reports_and_rates_and_nobody_else_does(client, admin, alice, bob, leaky):
    reported(leaky, bob)
    for user in (alice, bob):
        client.force_login(user)
        assert client.get("/verdicts/").status_code == 404
        assert client.post(f"/verdicts/{VerdictReport.objects.get().pk}/close/").status_code == 404
    assert VerdictReport.objects.get().closed_at is None
    client.force_login(admin)
    page = html.unescape(client.get("/verdicts/").content.decode())
    assert "It is a dummy of the tests." in page
    assert "Unmet, should be met" in page


def test_closed_report_leaves_the_list_and_stays_signed(client, admin, bob, leaky):
    report = reported(leaky, bob)
    client.force_login(admin)
    client.post(f"/verdicts/{report.pk}/close/")
    assert VerdictReport.objects.get().closed_by == admin
    assert b"No report is open." in client.get("/verdicts/").content
    client.post(f"/verdicts/{report.pk}/close/")
    assert b"Somebody closed that report already." in client.get("/verdicts/").content


def test_rates_count_what_people_say_against_each_check(fraud, alice, bob, leaky):
    others = [scanned(project(fraud)) for _ in range(2)]
    tick(leaky, ITEM, State.MET, "A dummy.", bob)
    tick(others[0], ITEM, State.MET, "Seen.", bob)
    blind = scanned(project(fraud), {ITEM: found(State.UNKNOWN)})
    tick(blind, ITEM, State.MET, "Known.", bob)
    grant_waiver(
        project=others[1], item=ITEM, reason="Spring.", until="2099-01-01", by=alice, version=version(others[1], ITEM)
    )
    gone = scanned(project(fraud))
    tick(gone, ITEM, State.UNMET, "Seen.", bob)
    Project.objects.filter(pk=gone.pk).update(archived_at="2026-01-01T00:00:00Z")
    reported(leaky, bob)
    rate = rates()[0]
    assert (rate.item.id, rate.judged, rate.overridden, rate.contested, rate.waived, rate.reported) == (
        ITEM, 3, 2, 1, 1, 1,
    )  # fmt: skip


def test_list_costs_the_same_however_many_reports(client, admin, bob, fraud, leaky, django_assert_num_queries):
    client.force_login(admin)
    for count in (1, 3):
        for _ in range(count):
            reported(scanned(project(fraud)), bob, expected=State.UNMET)
        with django_assert_num_queries(7):
            client.get("/verdicts/")
