"""A team's settings page: who is in it, what they may do there, and its name."""

import pytest
from django.urls import reverse

from apps.teams.models import AuditEntry, Membership, Role, Team
from tests.dashboard.making import person, project, team

SETTINGS = "/teams/fraud/settings/"


@pytest.fixture
def root(db):
    """The organisation's admin."""
    admin = person("Root")
    admin.is_superuser = True
    admin.save()
    return admin


def membership(user):
    return Membership.objects.get(user=user)


def roles(of):
    return dict(of.memberships.values_list("user__username", "role"))


def deeds():
    return list(AuditEntry.objects.order_by("pk").values_list("deed", "subject"))


def test_maintainers_add_change_and_remove_members(client, alice, bob, carol, fraud):
    client.force_login(alice)
    assert client.post("/teams/fraud/members/add/", {"person": "carol", "role": "viewer"}).url == SETTINGS
    changing = reverse("change-role", args=["fraud", membership(carol).pk])
    assert client.post(changing, {"role": "maintainer"}).url == f"{SETTINGS}#member-{membership(carol).pk}"
    removing = reverse("remove-member", args=["fraud", membership(bob).pk])
    assert client.post(removing).url == SETTINGS
    assert roles(fraud) == {"alice": "maintainer", "carol": "maintainer"}
    assert deeds() == [("member.added", "carol"), ("member.changed", "carol"), ("member.removed", "bob")]
    entry = AuditEntry.objects.get(deed="member.changed")
    assert (entry.by, entry.address, entry.changes) == (alice, "127.0.0.1", [("role", "viewer", "maintainer")])


def test_people_are_found_by_address_too_but_only_who_may_sign_in(client, alice, carol, fraud):
    type(carol).objects.filter(pk=carol.pk).update(email="carol@example.org", is_active=False)
    client.force_login(alice)
    said = {"person": " Carol@Example.org ", "role": "member"}
    assert b"Nobody here has that name" in client.post("/teams/fraud/members/add/", said).content
    type(carol).objects.filter(pk=carol.pk).update(is_active=True)
    assert client.post("/teams/fraud/members/add/", said).status_code == 302
    assert b"in the team already" in client.post("/teams/fraud/members/add/", said).content


@pytest.mark.parametrize("said", [{"person": "carol", "role": "owner"}, {"person": "", "role": "member"},
                                  {"person": "x\x00", "role": "member"}, {}])  # fmt: skip
def test_what_cannot_be_meant_is_told_and_not_stored(client, alice, carol, fraud, said):
    client.force_login(alice)
    assert client.post("/teams/fraud/members/add/", said).status_code == 422
    assert client.post(reverse("change-role", args=["fraud", membership(alice).pk]), {"role": "x"}).status_code == 422
    assert roles(fraud) == {"alice": "maintainer"}


def test_the_last_maintainer_stays(client, alice, bob, root, fraud):
    own = membership(alice).pk
    for user in (alice, root):
        client.force_login(user)
        refused = [
            client.post(reverse("change-role", args=["fraud", own]), {"role": "member"}),
            client.post(reverse("remove-member", args=["fraud", own])),
        ]
        assert [answer.status_code for answer in refused] == [409, 409]
        assert b"A team keeps a maintainer" in refused[0].content
    assert roles(fraud)["alice"] == "maintainer"


def test_whoever_leaves_the_team_loses_its_settings(client, alice, fraud):
    person("Dan", fraud, Role.MAINTAINER)
    client.force_login(alice)
    assert client.post(reverse("remove-member", args=["fraud", membership(alice).pk])).url == "/"
    assert client.get(SETTINGS).status_code == 404


def test_a_member_of_another_team_is_not_changed_through_this_one(client, alice, fraud):
    vision = team("Vision")
    dan = person("Dan", vision, Role.MAINTAINER)
    client.force_login(alice)
    foreign = membership(dan).pk
    for address in (f"/teams/fraud/members/{foreign}/role/", f"/teams/vision/members/{foreign}/role/",
                    f"/teams/fraud/members/{foreign}/remove/", f"/teams/vision/members/{foreign}/remove/"):  # fmt: skip
        assert client.post(address, {"role": "viewer"}).status_code == 404
    assert roles(vision) == {"dan": "maintainer"}


def test_more_than_the_form_asks_for_changes_nothing_more(client, alice, bob, fraud):
    vision = team("Vision")
    client.force_login(alice)
    address = reverse("change-role", args=["fraud", membership(bob).pk])
    client.post(address, {"role": "viewer", "team": vision.pk, "user": alice.pk, "is_superuser": "on"})
    bob.refresh_from_db()
    assert not bob.is_superuser
    assert roles(fraud) == {"alice": "maintainer", "bob": "viewer"}
    assert roles(vision) == {}


def test_the_former_members_open_page_changes_nothing(client, alice, bob, scorer):
    client.force_login(bob)
    tick = reverse("tick", args=[scorer.slug, "config.secrets"])
    page = client.get(tick)
    said = page.context["form"].initial | {"state": "unmet", "note": "Seen."}
    Membership.objects.filter(user=bob).delete()
    assert client.post(tick, said).status_code == 404
    assert client.post(reverse("scan", args=[scorer.slug])).status_code == 404
    assert scorer.standings.get(item="config.secrets").state == "met"


def test_admins_create_rename_and_delete_teams(client, root, fraud):
    client.force_login(root)
    assert client.get("/teams/new/").status_code == 200
    assert client.post("/teams/new/", {"name": "New"}).url == "/teams/new-2/settings/"
    assert client.post("/teams/new/", {"name": "fraud"}).status_code == 422
    assert client.post("/teams/new-2/settings/rename/", {"name": "Vision & Language"}).url == "/teams/new-2/settings/"
    assert client.post("/teams/new-2/settings/rename/", {"name": "FRAUD"}).status_code == 422
    deleting = "/teams/new-2/settings/delete/"
    assert client.post(deleting, {"confirmation": "Vision"}).status_code == 409
    assert client.post(deleting, {"confirmation": "Vision & Language"}).url == "/organisation/teams/"
    assert [one.name for one in Team.objects.all()] == ["Fraud"]
    assert [deed for deed, _ in deeds()] == ["team.created", "team.changed", "team.deleted"]


def test_a_team_with_projects_is_not_deleted(client, root, fraud):
    project(fraud, "old")
    client.force_login(root)
    answer = client.post("/teams/fraud/settings/delete/", {"confirmation": "Fraud"})
    assert answer.status_code == 409
    assert '<p class="hint err" id="confirmation-error">The team has projects.' in answer.content.decode()


def test_settings_lead_to_the_teams_webhook_and_tokens(client, alice, fraud):
    client.force_login(alice)
    assert 'href="/teams/fraud/connections/"' in client.get(SETTINGS).content.decode()
    assert client.get("/teams/fraud/connections/").status_code == 200


def test_maintainers_neither_rename_nor_delete(client, alice, fraud):
    client.force_login(alice)
    page = client.get(SETTINGS).content
    assert b"Delete the team" not in page
    for address in (f"{SETTINGS}rename/", f"{SETTINGS}delete/"):
        assert client.post(address, {"name": "Mine", "confirmation": "Fraud"}).status_code == 404
    assert Team.objects.get().name == "Fraud"


def test_settings_cost_the_same_however_many_members(client, alice, fraud, django_assert_num_queries):
    client.force_login(alice)
    client.get(SETTINGS)
    for number in range(5):
        person(f"Person{number}", fraud)
    with django_assert_num_queries(6):
        client.get(SETTINGS)
