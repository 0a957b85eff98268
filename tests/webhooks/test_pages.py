"""Maintainers connect a project or a team with its forge; to everybody else these pages do not exist."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.scans.models import ScanRequest
from apps.teams.models import AuditEntry, Project, RepositoryToken
from apps.teams.tokens import credential_for
from apps.webhooks.models import Delivery, Endpoint
from tests.dashboard.making import project
from tests.webhooks.sending import deliver

pytestmark = pytest.mark.django_db
ACTIONS = ["add/", "rotate/", "trial/", "remove/", "token/", "token/remove/"]


def place(owner):
    return f"/{'projects' if isinstance(owner, Project) else 'teams'}/{owner.slug}/connections/"


@pytest.fixture(params=["project", "team"])
def owner(request, fraud, system):
    return system if request.param == "project" else fraud


def secret_in(response):
    return re.search(r'id="secret"[^>]* value="([^"]+)"', response.content.decode())[1]


def test_a_secret_is_shown_once_and_signs_what_is_then_taken(client, alice, owner, provider):
    client.force_login(alice)
    made = client.post(f"{place(owner)}add/", {"provider": provider})
    secret = secret_in(made)
    assert "no-store" in made.headers["Cache-Control"]
    again = client.get(place(owner)).content.decode()
    assert secret not in again
    endpoint = Endpoint.objects.get()
    assert f"http://testserver/hooks/{endpoint.key}/" in again
    client.logout()
    assert deliver(client, endpoint, secret).status_code == 202


def test_a_new_secret_is_shown_once_too(client, alice, owner, set_up):
    endpoint = set_up(owner)
    client.force_login(alice)
    seen = re.search(r'name="seen" value="([^"]+)"', client.get(place(owner)).content.decode())[1]
    rotated = secret_in(client.post(f"{place(owner)}rotate/", {"seen": seen}))
    assert client.post(f"{place(owner)}rotate/", {"seen": seen}).status_code == 409
    assert deliver(client, endpoint, endpoint.secret).status_code == 202
    assert rotated != endpoint.secret
    assert deliver(client, endpoint, rotated).status_code == 202


def test_test_and_deliveries_and_redeliver(client, alice, owner, set_up):
    endpoint = set_up(owner)
    client.force_login(alice)
    answer = client.post(f"{place(owner)}trial/", follow=True)
    assert b"takes what is signed with its secret" in answer.content
    deliver(client, endpoint, endpoint.secret, branch="release")
    assert b"No project tracks release." in client.get(place(owner)).content
    Project.objects.update(branch="release")
    delivery = Delivery.objects.latest("pk")
    client.post(f"{place(owner)}deliveries/{delivery.pk}/again/")
    assert ScanRequest.objects.get().project.branch == "release"


def test_removing_ends_the_endpoint(client, alice, owner, set_up):
    endpoint = set_up(owner)
    client.force_login(alice)
    client.post(f"{place(owner)}remove/")
    assert deliver(client, endpoint, endpoint.secret).status_code == 401
    assert not Delivery.objects.exists()
    assert [entry.deed for entry in AuditEntry.objects.order_by("pk")] == ["webhook.added", "webhook.deleted"]


def test_a_second_webhook_and_an_unknown_forge_are_refused(client, alice, owner):
    client.force_login(alice)
    assert client.post(f"{place(owner)}add/", {"provider": "elsewhere"}).status_code == 422
    client.post(f"{place(owner)}add/", {"provider": "github"})
    assert (
        b"There is a webhook already."
        in client.post(f"{place(owner)}add/", {"provider": "gitlab"}, follow=True).content
    )
    assert Endpoint.objects.get().provider == "github"


def test_a_token_is_taken_and_never_shown(client, alice, owner, system):
    client.force_login(alice)
    sent = {"host": "github.com", "token": "hunter2hunter2", "username": ""}
    page = client.post(f"{place(owner)}token/", sent, follow=True).content.decode()
    assert credential_for(system, "github.com").token == "hunter2hunter2"
    assert "hunter2" not in page
    assert "github.com" in page
    client.post(f"{place(owner)}token/remove/", {"host": "github.com"})
    assert not RepositoryToken.objects.exists()


@pytest.mark.parametrize(
    "wrong",
    [{"host": "evil.example"}, {"token": ""}, {"token": "a b"}, {"token": "a\r\nX: y"}, {"token": "\u00e9"},
     {"username": "a:b"}, {"token": "x" * 501}],
)  # fmt: skip
def test_a_token_that_cannot_be_one_is_refused_and_not_echoed(client, alice, system, wrong):
    client.force_login(alice)
    sent = {"host": "github.com", "token": "hunter2hunter2", "username": ""} | wrong
    response = client.post(f"{place(system)}token/", sent)
    assert response.status_code == 422
    assert b'role="alert"' in response.content
    assert b"hunter2" not in response.content
    assert not RepositoryToken.objects.exists()


def test_what_was_typed_beside_a_wrong_token_is_kept(client, alice, system):
    client.force_login(alice)
    sent = {"host": "github.com", "token": "a b", "username": "robot"}
    page = client.post(f"{place(system)}token/", sent).content.decode()
    assert "<option selected>github.com</option>" in page
    assert 'name="username" value="robot"' in page


@pytest.mark.parametrize("who", ["bob", "carol", None])
def test_to_others_the_page_and_its_buttons_do_not_exist(client, request, owner, set_up, who):
    endpoint = set_up(owner)
    deliver(client, endpoint, endpoint.secret, branch="dev")
    if who:
        client.force_login(request.getfixturevalue(who))
    wanted = 404 if who else 302
    assert client.get(place(owner)).status_code == wanted
    for action in [*ACTIONS, f"deliveries/{Delivery.objects.get().pk}/again/"]:
        assert client.post(f"{place(owner)}{action}", {"provider": "gitlab"}).status_code == wanted
        assert client.get(f"{place(owner)}{action}").status_code in {405, wanted}
    assert Endpoint.objects.get().sealed == endpoint.sealed


def test_a_delivery_of_another_endpoint_cannot_be_named(client, alice, fraud, system, set_up):
    mine, other = set_up(system), set_up(fraud)
    deliver(client, other, other.secret, branch="dev")
    client.force_login(alice)
    assert client.post(f"{place(system)}deliveries/{Delivery.objects.get().pk}/again/").status_code == 404
    assert client.post("/elsewhere/fraud/connections/add/").status_code == 404
    assert mine.pk != other.pk


def test_the_page_costs_the_same_however_much_arrived(client, alice, fraud, set_up):
    endpoint = set_up(fraud)
    client.force_login(alice)

    def cost():
        with CaptureQueriesContext(connection) as queries:
            assert client.get(place(fraud)).status_code == 200
        return len(queries)

    client.get(place(fraud))
    before = cost()
    for number in range(5):
        deliver(client, endpoint, endpoint.secret, branch=f"b{number}")
        project(fraud)
    assert cost() == before
