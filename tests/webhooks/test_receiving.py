"""What forges deliver, honest or not, and what follows of it."""

import json
import time
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.scans.models import Phase, ScanCause, ScanRequest
from apps.teams.models import Project
from apps.webhooks.models import Delivery, Endpoint
from apps.webhooks.services import evaluate_again, prune, rotate_secret, try_out
from apps.webhooks.signatures import Provider
from tests.dashboard.making import project, team
from tests.webhooks.sending import COMMIT, EVENTS, deliver, push

pytestmark = pytest.mark.django_db
HUB = "X-Hub-Signature-256"


def asked():
    return list(ScanRequest.objects.order_by("pk").values_list("project__name", "at_least", "cause"))


def test_a_push_to_the_tracked_branch_asks_for_a_scan_of_at_least_its_commit(client, system, set_up, provider):
    endpoint = set_up(system, provider)
    assert deliver(client, endpoint, endpoint.secret).status_code == 202
    assert asked() == [("card-fraud-scorer", COMMIT, ScanCause.WEBHOOK)]
    delivery = Delivery.objects.get()
    assert (delivery.outcome, delivery.note, delivery.commit) == ("queued", "card-fraud-scorer", COMMIT)


def test_another_branch_asks_for_nothing(client, system, set_up, provider):
    Project.objects.update(branch="release")
    endpoint = set_up(system, provider)
    response = deliver(client, endpoint, endpoint.secret)
    assert (response.status_code, response.content) == (200, b"ignored: No project tracks main.\n")
    assert deliver(client, endpoint, endpoint.secret, branch="release").status_code == 202
    assert len(asked()) == 1


def test_an_endpoint_of_a_team_finds_its_projects_by_the_repository(client, fraud, system, set_up, provider):
    part = project(fraud, "fraud-part", url=system.url.upper().replace("HTTPS", "https") + ".git", subfolder="part")
    project(fraud, "elsewhere")
    project(team("Search"), "copy", url=system.url)
    archived = project(fraud, "archived", url=system.url, subfolder="old")
    Project.objects.filter(pk=archived.pk).update(archived_at=timezone.now())
    endpoint = set_up(fraud, provider)
    assert deliver(client, endpoint, endpoint.secret).status_code == 202
    assert {name for name, _, _ in asked()} == {system.name, part.name}
    unknown = deliver(client, endpoint, endpoint.secret, address="https://github.com/example/other")
    assert (unknown.status_code, b"No project of this team" in unknown.content) == (200, True)


def test_the_address_in_the_payload_is_never_scanned(client, system, set_up):
    endpoint = set_up(system)
    said = push(Provider.GITHUB)
    said["repository"]["clone_url"] = "https://evil.example/x.git"
    deliver(client, endpoint, endpoint.secret, said)
    assert ScanRequest.objects.get().project.url == system.url


@pytest.mark.parametrize(
    "said", ["absent", "sha1=", "", "sha256=", "sha256=abc", "sha256=" + "\u00e9" * 64, "sha256=" + "0" * 64]
)
def test_a_wrong_signature_is_refused(client, system, set_up, said):
    endpoint = set_up(system)
    signature = None if said == "absent" else said.encode().decode("latin-1")
    response = deliver(client, endpoint, endpoint.secret, headers={HUB: signature})
    assert response.status_code == 401
    assert not ScanRequest.objects.exists()
    assert not Delivery.objects.exists()
    endpoint.refresh_from_db()
    assert endpoint.refused == 1


def test_an_older_form_of_signature_alone_is_refused(client, system, set_up):
    endpoint = set_up(system)
    assert (
        deliver(
            client, endpoint, endpoint.secret, headers={HUB: None, "X-Hub-Signature": "sha1=" + "0" * 40}
        ).status_code
        == 401
    )


def test_no_forge_passes_with_another_secret_or_an_empty_one(client, fraud, system, set_up, provider):
    endpoint, other = set_up(system, provider), set_up(fraud, provider)
    for secret in (other.secret, "", "whsec_"):
        assert deliver(client, endpoint, secret).status_code == 401
    assert not Delivery.objects.exists()


@pytest.mark.parametrize("key", ["nothing-here", "%00", "\u00e9", "k" * 3000])
def test_an_unknown_endpoint_answers_like_a_bad_signature(client, system, set_up, key):
    endpoint = set_up(system)
    bad = deliver(client, endpoint, "wrong")
    unknown = deliver(client, Endpoint(provider="github", key=key), "wrong")
    assert (bad.status_code, bad.content) == (unknown.status_code, unknown.content) == (401, bad.content)
    del bad.headers["X-Request-ID"], unknown.headers["X-Request-ID"]
    assert dict(bad.headers) == dict(unknown.headers)


def test_the_provider_is_the_endpoints_and_not_what_headers_say(client, system, set_up):
    endpoint = set_up(system, Provider.GITHUB)
    lie = {"X-Gitlab-Token": endpoint.secret, "X-Gitlab-Event": "Push Hook", HUB: None}
    assert deliver(client, endpoint, endpoint.secret, headers=lie).status_code == 401


@pytest.mark.parametrize("seconds", [-301, 301, -86400])
def test_gitlab_timestamp_that_is_off_is_refused(client, system, set_up, seconds):
    endpoint = set_up(system, Provider.GITLAB)
    assert deliver(client, endpoint, endpoint.secret, now=time.time() + seconds).status_code == 401
    assert deliver(client, endpoint, endpoint.secret, now=time.time() + min(max(seconds, -290), 290)).status_code == 202


@pytest.mark.parametrize("value", ["", "soon", "-1", "\u0661", "9" * 30, "1e9"])
def test_gitlab_timestamp_that_is_none_is_refused(client, system, set_up, value):
    endpoint = set_up(system, Provider.GITLAB)
    signed = {"webhook-timestamp": value.encode().decode("latin-1")}
    assert deliver(client, endpoint, endpoint.secret, headers=signed).status_code == 401


def test_gitlab_token_is_the_plain_form_of_the_same_secret(client, system, set_up):
    endpoint = set_up(system, Provider.GITLAB)
    plain = {"webhook-signature": None, "webhook-id": None, "webhook-timestamp": None, "X-Gitlab-Event-UUID": "u-1"}
    assert deliver(client, endpoint, endpoint.secret, headers=plain).status_code == 401
    assert deliver(client, endpoint, endpoint.secret, headers=plain | {"X-Gitlab-Token": "whsec_no"}).status_code == 401
    assert (
        deliver(client, endpoint, endpoint.secret, headers=plain | {"X-Gitlab-Token": endpoint.secret}).status_code
        == 202
    )


def test_a_replay_is_taken_and_has_no_effect(client, system, set_up, provider):
    endpoint = set_up(system, provider)
    said = push(provider)
    answers = [deliver(client, endpoint, endpoint.secret, said, delivery="one").status_code for _ in range(100)]
    renamed = deliver(client, endpoint, endpoint.secret, said, delivery="two").status_code  # most forges sign no name
    assert [*answers, renamed] == [202] + [200] * 100
    assert Delivery.objects.count() == ScanRequest.objects.count() == 1


@pytest.mark.parametrize("event", ["push", "Push Hook", "repo:push", "repo:refs_changed", "ping", "create"])
def test_a_replay_under_another_event_has_no_effect(client, system, set_up, provider, event):
    endpoint = set_up(system, provider)
    said = push(provider)
    assert deliver(client, endpoint, endpoint.secret, said, delivery="one").status_code == 202
    ScanRequest.objects.all().delete()
    named = dict.fromkeys(EVENTS[Provider(provider)], event)
    assert deliver(client, endpoint, endpoint.secret, said, delivery="two", headers=named).status_code == 200
    assert (Delivery.objects.count(), ScanRequest.objects.count()) == (1, 0)


def test_a_storm_leaves_one_running_and_one_pending_scan_and_the_newest_commit(client, system, set_up):
    endpoint = set_up(system)
    running = ScanRequest.objects.create(
        project=system, team=system.team, cause="person", priority=10, phase=Phase.RUNNING, lease_until=timezone.now()
    )
    for number in range(30):
        deliver(client, endpoint, endpoint.secret, commit=f"{number + 1:040x}")
    assert ScanRequest.objects.count() == 2
    assert ScanRequest.objects.exclude(pk=running.pk).get().at_least == f"{30:040x}"


def test_a_body_that_is_too_large_is_not_read(client, system, set_up, settings):
    endpoint = set_up(system)
    assert deliver(client, endpoint, endpoint.secret, raw=b" " * 30_000_000).status_code == 413
    settings.WEBHOOK_MOST_BYTES = 100
    assert (
        deliver(client, endpoint, endpoint.secret, raw=b" " * 101, headers={"Content-Length": "5"}).status_code != 202
    )
    assert deliver(client, Endpoint(provider="github", key="nothing"), "x", raw=b" " * 101).status_code == 413


@pytest.mark.parametrize(
    "raw",
    [
        b"", b"null", b"[]", b"{", b"\xff\xfe", b"[" * 200_000, b'{"x":' * 100_000, b'{"ref": 5, "after": []}',
        b'{"ref": "refs/heads/main"}', b'{"ref": "refs/heads/main", "after": "short"}',
        b'{"ref": "refs/heads/a\\u0000b", "after": "%s"}' % COMMIT.encode(),
        b'{"ref": "refs/heads/", "after": "%s"}' % COMMIT.encode(),
        b'{"ref": "refs/heads/\\ud800", "after": "%s"}' % COMMIT.encode(),
        b'{"ref": "refs/heads/%s", "after": "%s"}' % (b"x" * 600, COMMIT.encode()),
        b'{"x": %s}' % (b"9" * 5000),
    ],
)  # fmt: skip
def test_nonsense_that_is_signed_is_refused_in_words(client, system, set_up, raw):
    endpoint = set_up(system)
    response = deliver(client, endpoint, endpoint.secret, raw=raw)
    assert response.status_code == 400
    assert response.content.startswith(b"The body ")
    assert not Delivery.objects.exists()


def test_nonsense_is_refused_of_every_forge(client, system, set_up, provider):
    endpoint = set_up(system, provider)
    for raw in (b"{}", b"[" * 200_000, b'{"push": {"changes": [{"new": {}}]}, "repository": {}}', b'{"repository": 1}'):
        assert deliver(client, endpoint, endpoint.secret, raw=raw).status_code == 400
    assert not ScanRequest.objects.exists()


def test_a_compressed_body_is_refused(client, system, set_up):
    endpoint = set_up(system)
    assert deliver(client, endpoint, endpoint.secret, headers={"Content-Encoding": "gzip"}).status_code == 400


def test_a_form_holds_the_same_push(client, system, set_up):
    endpoint = set_up(system)
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    raw = urlencode({"payload": json.dumps(push(Provider.GITHUB))}).encode()
    assert deliver(client, endpoint, endpoint.secret, raw=raw, headers=form).status_code == 202
    for bad in (b"payload", b"x=1", b"&" * 10_000, b"payload=%ff%fe"):
        assert deliver(client, endpoint, endpoint.secret, raw=bad, headers=form).status_code == 400


@pytest.mark.parametrize(
    ("changes", "note"),
    [
        ({"ref": "refs/tags/v1"}, "A tag"),
        ({"commit": "0" * 40}, "A tag or a branch that was deleted."),
        ({"branch": "dev"}, "tracks dev"),
    ],
)
def test_tags_deletions_and_other_branches_are_taken_and_ignored(client, system, set_up, changes, note):
    endpoint = set_up(system)
    response = deliver(client, endpoint, endpoint.secret, **changes)
    assert (response.status_code, note in response.content.decode()) == (200, True)
    assert not ScanRequest.objects.exists()


def test_bitbucket_tells_tags_and_deletions_apart(client, system, set_up):
    endpoint = set_up(system, Provider.BITBUCKET)
    for new in (None, {"type": "tag", "name": "v1", "target": {"hash": COMMIT}}):
        said = push(Provider.BITBUCKET)
        said["push"]["changes"][0]["new"] = new
        assert deliver(client, endpoint, endpoint.secret, said).status_code == 200
    assert not ScanRequest.objects.exists()


def test_bitbucket_data_center_sends_another_shape(client, fraud, system, set_up):
    endpoint = set_up(fraud, Provider.BITBUCKET)
    said = {
        "eventKey": "repo:refs_changed",
        "repository": {
            "links": {
                "clone": [{"href": "ssh://git@h/x.git", "name": "ssh"}, {"href": f"{system.url}.git", "name": "http"}]
            }
        },
        "changes": [
            {
                "ref": {"id": "refs/heads/main", "displayId": "main", "type": "BRANCH"},
                "toHash": COMMIT,
                "type": "UPDATE",
            }
        ],
    }
    headers = {"X-Event-Key": "repo:refs_changed", "X-Request-UUID": None, "X-Request-Id": "7"}
    assert deliver(client, endpoint, endpoint.secret, said, headers=headers).status_code == 202
    ping = deliver(client, endpoint, endpoint.secret, {"test": True}, headers={"X-Event-Key": "diagnostics:ping"})
    assert (ping.status_code, b"ping" in ping.content) == (200, True)


@pytest.mark.parametrize("event", ["push", "ping", "issues", "", "pu\x7fsh ", "x" * 500])
def test_a_ping_and_other_events_are_taken(client, system, set_up, event):
    endpoint = set_up(system)
    wanted = 202 if event == "push" else 200
    assert deliver(client, endpoint, endpoint.secret, headers={"X-GitHub-Event": event}).status_code == wanted


def test_only_deliveries_by_post_are_taken(client, system, set_up):
    endpoint = set_up(system)
    assert client.get(f"/hooks/{endpoint.key}/").status_code == 405


def test_the_secret_before_is_good_for_a_day(client, alice, system, set_up, provider):
    endpoint = set_up(system, provider)
    old, new = endpoint.secret, rotate_secret(endpoint=endpoint, seen=endpoint.rotated_at.isoformat(), by=alice)
    assert [deliver(client, endpoint, secret).status_code for secret in (old, new)] == [202, 202]
    Endpoint.objects.update(before_until=timezone.now() - timedelta(seconds=1))
    assert [deliver(client, endpoint, secret).status_code for secret in (old, new)] == [401, 202]


def test_secrets_cannot_be_read_from_the_database(system, set_up, settings):
    endpoint = set_up(system)
    with connection.cursor() as cursor:
        cursor.execute("SELECT webhooks_endpoint::text FROM webhooks_endpoint")
        assert endpoint.secret not in cursor.fetchone()[0]
    assert endpoint.secret not in repr(vars(Endpoint.objects.get()))


def test_keys_that_were_lost_refuse_every_delivery(client, system, set_up, settings):
    endpoint = set_up(system)
    settings.SECRET_KEY = "another"
    assert deliver(client, endpoint, endpoint.secret).status_code == 401


def test_a_delivery_evaluated_again_follows_what_is_tracked_now(client, system, set_up):
    endpoint = set_up(system)
    deliver(client, endpoint, endpoint.secret, branch="release")
    Project.objects.update(branch="release")
    evaluate_again(delivery=Delivery.objects.get())
    assert asked() == [("card-fraud-scorer", COMMIT, ScanCause.WEBHOOK)]
    assert Delivery.objects.get().outcome == "queued"


def test_the_trial_is_a_signed_ping(system, set_up, provider):
    assert try_out(endpoint=set_up(system, provider)).outcome == "ping"


def test_old_deliveries_are_forgotten(client, system, set_up, settings):
    endpoint = set_up(system)
    for _ in range(2):
        deliver(client, endpoint, endpoint.secret)
    first = Delivery.objects.earliest("pk")
    Delivery.objects.filter(pk=first.pk).update(
        received_at=timezone.now() - settings.WEBHOOK_HISTORY - timedelta(days=1)
    )
    assert prune() == 1
    assert not Delivery.objects.filter(pk=first.pk).exists()


def test_a_delivery_costs_the_same_however_many_came_before(client, fraud, system, set_up):
    endpoint = set_up(fraud)
    deliver(client, endpoint, endpoint.secret)

    def cost():
        with CaptureQueriesContext(connection) as queries:
            deliver(client, endpoint, endpoint.secret)
        return len(queries)

    before = cost()
    for _ in range(10):
        deliver(client, endpoint, endpoint.secret)
        project(fraud)
    assert cost() == before <= 6, "the endpoint, its projects, the delivery in a savepoint, what waits"


def test_secrets_are_sealed_anew_and_a_lost_one_is_named(client, fraud, system, set_up, settings):
    kept = set_up(system)
    settings.FIELD_KEYS = ["new"]
    call_command("reseal")
    settings.SECRET_KEY = "another"
    assert deliver(client, kept, kept.secret).status_code == 202
    lost = set_up(fraud)
    settings.FIELD_KEYS = ["other"]
    with pytest.raises(CommandError, match="GitHub endpoint of Fraud"):
        call_command("reseal")
    assert deliver(client, lost, lost.secret).status_code == 401
