import html
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from apps.adoption.models import Waiver
from apps.adoption.services import revoke_waiver
from apps.catalog import State
from apps.dashboard.proposals import proposals_of
from tests.dashboard.making import found, project, proposing, scanned, tick, version

ITEM = "config.secrets"
REASON = "Moves in <b>spring</b>."
HTMX = {"HX-Request": "true"}


@pytest.fixture
def until():
    return timezone.localdate() + timedelta(days=60)


@pytest.fixture
def asking(fraud, until):
    gap = found(State.UNMET, "A key is in `a.py`.", "a.py", 18)
    return scanned(project(fraud, "asking"), {ITEM: gap}, settings=proposing(ITEM, REASON, until))


@pytest.fixture
def address(asking):
    return reverse("accept-exception", args=[asking.slug, ITEM])


def seen(of):
    return {"version": version(of, ITEM), "mark": proposals_of(of.scorecard)[ITEM].mark}


def page_of(client, of):
    return client.get(of.get_absolute_url()).content.decode()


def test_proposal_is_shown_on_its_item_and_gives_no_points(client, alice, asking):
    client.force_login(alice)
    page = page_of(client, asking)
    assert html.escape(REASON) in page
    assert "<b>spring" not in page
    assert page.count(">Accept as waiver</button>") == 1
    assert asking.standings.get(item=ITEM).state == State.UNMET
    assert not Waiver.objects.exists()


def test_maintainer_accepts_it_as_a_waiver_with_the_given_reason_and_date(client, alice, asking, address, until):
    client.force_login(alice)
    assert client.post(address, seen(asking)).url == f"/projects/{asking.slug}/#item-config-secrets"
    waiver = Waiver.objects.get()
    assert (waiver.item, waiver.reason, waiver.until, waiver.by) == (ITEM, REASON, until, alice)
    assert asking.standings.get(item=ITEM).waived
    page = page_of(client, asking)
    assert "The exception is accepted as a waiver." in page
    assert "Accept as waiver" not in page


def test_htmx_gets_the_line_and_the_new_scores(client, alice, asking, address):
    client.force_login(alice)
    answer = client.post(address, seen(asking), headers=HTMX).content.decode()
    assert answer.lstrip().startswith('<li id="item-config-secrets" class="waived"')
    assert 'id="rail" hx-swap-oob="true"' in answer


def test_proposal_is_open_again_when_the_waiver_is_revoked(client, alice, asking, address):
    client.force_login(alice)
    client.post(address, seen(asking))
    revoke_waiver(project=asking, item=ITEM, by=alice, version=version(asking, ITEM))
    assert "Accept as waiver" in page_of(client, asking)


def test_who_may_not_waive_sees_the_proposal_and_cannot_accept_it(client, bob, carol, asking, address):
    for user in (bob, carol):
        client.force_login(user)
        page = page_of(client, asking)
        assert "asks for an exception" in page
        assert "Accept as waiver" not in page
        assert client.post(address, seen(asking)).status_code == 404
    assert not Waiver.objects.exists()


def test_nobody_accepts_what_was_not_seen(client, alice, asking, address, until):
    client.force_login(alice)
    before = seen(asking)
    scanned(asking, {ITEM: found(State.UNMET)}, settings=proposing(ITEM, REASON, until + timedelta(days=900)))
    response = client.post(address, before, headers=HTMX)
    assert response.status_code == 409
    assert "changed meanwhile" in response.content.decode()
    assert not Waiver.objects.exists()


def test_item_that_somebody_changed_meanwhile_is_looked_at_again(client, alice, bob, asking, address):
    before = seen(asking)
    tick(asking, ITEM, State.MET, "Gone.", bob)
    client.force_login(alice)
    assert client.post(address, before, headers=HTMX).status_code == 409
    assert not Waiver.objects.exists()


def test_exception_whose_day_is_past_cannot_be_accepted(client, alice, fraud):
    ended = timezone.localdate() - timedelta(days=1)
    late = scanned(project(fraud), {ITEM: found(State.UNMET)}, settings=proposing(ITEM, REASON, ended))
    client.force_login(alice)
    page = page_of(client, late)
    assert f"that ended {ended:%-d %b %Y}" in page
    assert "Accept as waiver" not in page
    client.post(reverse("accept-exception", args=[late.slug, ITEM]), seen(late))
    assert not Waiver.objects.exists()


def test_accepting_is_a_post_and_needs_a_proposal(client, alice, asking, scorer, address):
    client.force_login(alice)
    assert client.get(address).status_code == 405
    client.post(reverse("accept-exception", args=[scorer.slug, ITEM]), {"version": version(scorer, ITEM), "mark": ""})
    assert not Waiver.objects.exists()
