from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from apps.adoption.models import Attestation
from apps.catalog import State
from tests.dashboard.making import person, tick

ITEM = "config.secrets"
HTMX = {"HX-Request": "true"}


@pytest.fixture
def address(scorer):
    return reverse("tick", args=[scorer.slug, ITEM])


def said(**changes):
    return {"state": "unmet", "note": "Seen a key.", "expires_at": "", "version": 2, **changes}


@pytest.fixture
def until():
    return (timezone.localdate() + timedelta(days=30)).isoformat()


def standing(scorer):
    return scorer.standings.get(item=ITEM)


def test_member_ticks_without_javascript(client, bob, scorer, address, until):
    client.force_login(bob)
    assert b"<html" in client.get(address).content
    response = client.post(address, said(expires_at=until, evidence_url="https://wiki.example.org/keys"))
    assert response.url == f"/projects/{scorer.slug}/#item-config-secrets"
    tick = Attestation.objects.get(project=scorer)
    assert (tick.by, tick.note, tick.evidence_url) == (bob, "Seen a key.", "https://wiki.example.org/keys")
    assert tick.expires_at.date().isoformat() == until
    assert standing(scorer).state == State.UNMET
    assert b"Your tick is saved." in client.get(response.url).content


def test_htmx_gets_the_line_and_the_new_scores(client, bob, scorer, address, until):
    client.force_login(bob)
    form = client.get(address, headers=HTMX).content
    assert form.lstrip().startswith(b"<li")
    assert b"data-editing" in form
    answer = client.post(address, said(expires_at=until), headers=HTMX).content.decode()
    assert answer.lstrip().startswith('<li id="item-config-secrets"')
    for part in (
        'id="rail" hx-swap-oob="true"',
        'id="config-head" hx-swap-oob="true"',
        'id="steps"',
        'id="shown-gaps" hx-swap-oob="true">1</span>',
        'id="shown-by-hand" hx-swap-oob="true">1</span>',
        "Your tick is saved.",
    ):
        assert part in answer


@pytest.mark.parametrize(
    "wrong",
    [{"note": ""}, {"note": "a\x00b"}, {"state": "unknown"}, {"state": "odd"}, {"evidence_url": "javascript:alert(1)"},
     {"expires_at": "2000-01-01"}, {"expires_at": "2999-01-01"}, {"expires_at": "soon"}, {"version": "x"}],
)  # fmt: skip
def test_wrong_input_is_told_in_place_and_nothing_is_stored(client, bob, scorer, address, until, wrong):
    client.force_login(bob)
    response = client.post(address, said(**{"expires_at": until, **wrong}), headers=HTMX)
    assert response.status_code == 422
    assert not Attestation.objects.exists()


def test_second_of_two_people_sees_the_newer_state_and_keeps_the_note(client, alice, bob, scorer, address, until):
    tick(scorer, ITEM, State.PARTIAL, "Alice was here.", alice)
    client.force_login(bob)
    response = client.post(address, said(expires_at=until), headers=HTMX)
    page = response.content.decode()
    assert response.status_code == 409
    assert "Alice was here." in page
    assert "Seen a key." in page
    assert standing(scorer).state == State.PARTIAL
    assert f'name="version" value="{standing(scorer).version}"' in page


def test_tick_is_cleared(client, bob, scorer):
    tick(scorer, ITEM, State.UNMET, "Seen.", bob)
    client.force_login(bob)
    address = reverse("clear-tick", args=[scorer.slug, ITEM])
    assert client.get(address).status_code == 405
    assert client.post(address, {"version": "1"}).status_code == 409
    assert client.post(address, {"version": standing(scorer).version}).status_code == 302
    assert standing(scorer).state == State.MET


@pytest.mark.parametrize("name", ["tick", "clear-tick", "project-item"])
def test_item_that_does_not_exist_is_a_404(client, bob, scorer, name):
    client.force_login(bob)
    address = reverse(name, args=[scorer.slug, "config.nothing"])
    assert (client.post(address) if name == "clear-tick" else client.get(address)).status_code == 404


def test_onlookers_and_other_teams_cannot_tick(client, carol, scorer, address, until):
    for user in (carol, person("Dan")):
        client.force_login(user)
        assert client.get(address).status_code == 404
        assert client.post(address, said(expires_at=until)).status_code == 404
        assert b"Tick by hand" not in client.get(scorer.get_absolute_url()).content
    assert not Attestation.objects.exists()


def test_tick_needs_its_csrf_token(bob, address, until):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(bob)
    assert strict.post(address, said(expires_at=until)).status_code == 403


def test_cancel_brings_the_line_back(client, bob, scorer):
    client.force_login(bob)
    address = reverse("project-item", args=[scorer.slug, ITEM])
    assert b'id="item-config-secrets"' in client.get(address, headers=HTMX).content
    assert client.get(address).url.endswith("#item-config-secrets")
