import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from apps.adoption.models import Attestation, Waiver
from apps.adoption.services import clear_attestation, grant_waiver, revoke_waiver
from apps.catalog import State
from tests.dashboard.making import found, project, scanned, tick, version

ITEM = "config.secrets"
HTMX = {"HX-Request": "true"}


@pytest.fixture
def leaky(fraud):
    return scanned(project(fraud, "leaky"), {ITEM: found(State.UNMET)})


def undo(client, of, kind, at=None, **more):
    return client.post(reverse(f"undo-{kind}", args=[of.slug, ITEM, at or version(of, ITEM)]), **more)


def state(of):
    return of.standings.get(item=ITEM).state


def test_toast_of_a_tick_leads_back_to_what_was(client, bob, leaky):
    client.force_login(bob)
    said = {"state": "met", "note": "Gone.", "version": version(leaky, ITEM)}
    said["expires_at"] = (timezone.localdate() + timedelta(days=9)).isoformat()
    answer = client.post(reverse("tick", args=[leaky.slug, ITEM]), said, headers=HTMX).content.decode()
    back = re.search(r'action="([^"]*/undo-tick/\d+/)"', answer)[1]
    answer = client.post(back, headers=HTMX)
    assert answer.headers["HX-Retarget"] == "#item-config-secrets"
    assert "Undone." in answer.content.decode()
    assert state(leaky) == State.UNMET
    assert Attestation.objects.get().ended_by == bob


def test_undone_change_of_a_tick_brings_the_earlier_one_back_with_its_signature(client, alice, bob, leaky):
    tick(leaky, ITEM, State.PARTIAL, "Half.", alice)
    tick(leaky, ITEM, State.MET, "Whole.", bob)
    client.force_login(bob)
    assert undo(client, leaky, "tick").status_code == 302
    assert state(leaky) == State.PARTIAL
    held = Attestation.objects.get(ended_at=None)
    assert (held.note, held.by, held.ended_by) == ("Half.", alice, None)


def test_cleared_tick_comes_back(client, alice, bob, leaky):
    tick(leaky, ITEM, State.MET, "Gone.", alice)
    clear_attestation(project=leaky, item=ITEM, by=bob, version=version(leaky, ITEM))
    client.force_login(bob)
    undo(client, leaky, "tick")
    assert state(leaky) == State.MET
    assert Attestation.objects.get(ended_at=None).by == alice


def test_granted_and_revoked_waivers_are_taken_back(client, alice, leaky):
    until = timezone.localdate() + timedelta(days=9)
    client.force_login(alice)
    grant_waiver(project=leaky, item=ITEM, reason="Spring.", until=until, by=alice, version=version(leaky, ITEM))
    revoke_waiver(project=leaky, item=ITEM, by=alice, version=version(leaky, ITEM))
    undo(client, leaky, "waiver")
    assert leaky.standings.get(item=ITEM).waived
    grant_waiver(project=leaky, item=ITEM, reason="Summer.", until=until, by=alice, version=version(leaky, ITEM))
    undo(client, leaky, "waiver")
    assert Waiver.objects.get(ended_at=None).reason == "Spring."


def test_nobody_undoes_what_somebody_else_did(client, alice, bob, leaky):
    tick(leaky, ITEM, State.MET, "Gone.", alice)
    client.force_login(bob)
    response = undo(client, leaky, "tick", headers=HTMX)
    assert response.status_code == 409
    assert state(leaky) == State.MET


def test_nothing_is_undone_after_a_later_change(client, alice, bob, leaky):
    tick(leaky, ITEM, State.MET, "Gone.", bob)
    seen = version(leaky, ITEM)
    tick(leaky, ITEM, State.PARTIAL, "Half.", alice)
    client.force_login(bob)
    response = undo(client, leaky, "tick", seen)
    assert response.status_code == 409
    assert "Somebody was faster" in response.content.decode()
    assert state(leaky) == State.PARTIAL


def test_item_on_which_nobody_spoke_has_nothing_to_undo(client, alice, leaky):
    client.force_login(alice)
    for kind in ("tick", "waiver"):
        assert undo(client, leaky, kind).status_code == 409


def test_undo_is_a_post_and_onlookers_cannot(client, bob, carol, leaky):
    tick(leaky, ITEM, State.MET, "Gone.", bob)
    client.force_login(carol)
    assert undo(client, leaky, "tick").status_code == 404
    client.force_login(bob)
    assert client.get(reverse("undo-tick", args=[leaky.slug, ITEM, version(leaky, ITEM)])).status_code == 405
    assert state(leaky) == State.MET
