import html
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from apps.adoption.models import Waiver
from apps.adoption.services import grant_waiver
from apps.catalog import State
from apps.teams.models import Role
from tests.dashboard.making import found, person, project, scanned, team, tick, version

ITEM = "config.secrets"
HTMX = {"HX-Request": "true"}


@pytest.fixture
def leaky(fraud):
    return scanned(project(fraud, "leaky"), {ITEM: found(State.UNMET, "A key is in `a.py`.", "a.py", 18)})


@pytest.fixture
def address(leaky):
    return reverse("waive", args=[leaky.slug, ITEM])


def day(days):
    return (timezone.localdate() + timedelta(days=days)).isoformat()


def said(leaky, **changes):
    return {"reason": "Moves in spring.", "until": day(30), "version": version(leaky, ITEM), **changes}


def waived(leaky, by, reason="Moves in spring.", days=30):
    until = timezone.localdate() + timedelta(days=days)
    grant_waiver(project=leaky, item=ITEM, reason=reason, until=until, by=by, version=version(leaky, ITEM))


def test_maintainer_waives_an_item_and_finds_it_signed_on_the_page(client, alice, leaky, address):
    client.force_login(alice)
    assert "Ends on" in client.get(address).content.decode()
    assert client.post(address, said(leaky)).url == f"/projects/{leaky.slug}/#item-config-secrets"
    waiver = Waiver.objects.get()
    assert (waiver.reason, waiver.until.isoformat(), waiver.by) == ("Moves in spring.", day(30), alice)
    page = client.get(leaky.get_absolute_url()).content.decode()
    assert "The item is waived." in page
    assert f'action="{reverse("undo-waiver", args=[leaky.slug, ITEM, version(leaky, ITEM)])}"' in page
    assert "Alice: Moves in spring." in page


def test_htmx_opens_the_form_in_place_and_gets_the_line_back(client, alice, leaky, address):
    client.force_login(alice)
    assert client.get(address, headers=HTMX).content.lstrip().startswith(b'<li id="item-config-secrets" data-editing')
    answer = client.post(address, said(leaky), headers=HTMX)
    assert answer.content.lstrip().startswith(b'<li id="item-config-secrets" class="waived"')
    assert answer.headers["HX-Retarget"] == "#item-config-secrets"


@pytest.mark.parametrize(
    "wrong",
    [{"reason": ""}, {"reason": " \n"}, {"reason": "a\x00b"}, {"until": day(-1)}, {"until": day(181)},
     {"until": "soon"}, {"version": "x"}],
)  # fmt: skip
def test_wrong_input_is_told_in_place_and_nothing_is_stored(client, alice, leaky, address, wrong):
    client.force_login(alice)
    assert client.post(address, said(leaky, **wrong), headers=HTMX).status_code == 422
    assert not Waiver.objects.exists()


def test_waiver_is_changed_and_the_earlier_one_stays_ended(client, alice, leaky, address):
    waived(leaky, alice)
    client.force_login(alice)
    assert "Moves in spring." in client.get(address).content.decode()
    client.post(address, said(leaky, reason="Moves in summer.", until=day(90)))
    earlier, now = Waiver.objects.order_by("pk")
    assert (earlier.ended_by, now.ended_at, now.reason) == (alice, None, "Moves in summer.")


def test_waiver_is_revoked_by_post_only(client, alice, leaky):
    waived(leaky, alice)
    client.force_login(alice)
    address = reverse("revoke-waiver", args=[leaky.slug, ITEM])
    assert client.get(address).status_code == 405
    client.post(address, {"version": version(leaky, ITEM)})
    assert Waiver.objects.get().ended_by == alice
    assert not leaky.standings.get(item=ITEM).waived


@pytest.mark.parametrize("name", ["waive", "revoke-waiver"])
def test_second_of_two_people_sees_the_newer_state_and_keeps_what_was_typed(client, alice, bob, leaky, name):
    typed = said(leaky)
    tick(leaky, ITEM, State.PARTIAL, "Bob was here.", bob)
    client.force_login(alice)
    response = client.post(reverse(name, args=[leaky.slug, ITEM]), typed, headers=HTMX)
    page = response.content.decode()
    assert response.status_code == 409
    assert "It is partly now: Bob says “Bob was here.”" in page
    assert "Moves in spring." in page
    assert f'name="version" value="{version(leaky, ITEM)}"' in page
    assert not Waiver.objects.exists()


def test_conflict_with_a_waiver_names_it(client, alice, bob, leaky):
    typed = {"state": "met", "note": "Gone.", "expires_at": day(30), "version": version(leaky, ITEM)}
    waived(leaky, alice)
    client.force_login(bob)
    response = client.post(reverse("tick", args=[leaky.slug, ITEM]), typed)
    assert response.status_code == 409
    assert "Alice says “Moves in spring.”" in html.unescape(response.content.decode())


@pytest.mark.parametrize("name", ["waive", "revoke-waiver", "undo-waiver"])
def test_only_maintainers_of_the_team_touch_waivers(client, alice, bob, carol, leaky, name):
    if name != "waive":
        waived(leaky, alice)
    before = list(Waiver.objects.values())
    seen = version(leaky, ITEM)
    address = reverse(name, args=[leaky.slug, ITEM, *([seen] if name == "undo-waiver" else [])])
    for user in (bob, carol, person("Dan", team("Search"), Role.MAINTAINER)):
        client.force_login(user)
        assert client.post(address, said(leaky)).status_code == 404
    assert list(Waiver.objects.values()) == before


def test_members_see_no_way_to_waive_and_met_items_have_none(client, alice, bob, leaky):
    client.force_login(bob)
    assert b">Waive</a>" not in client.get(leaky.get_absolute_url()).content
    client.force_login(alice)
    assert client.get(leaky.get_absolute_url()).content.count(b">Waive</a>") == 1
