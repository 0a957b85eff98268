"""What machines ask for, and the page on which admins look at the queue."""

import json
import time
import uuid
from datetime import timedelta
from io import StringIO

import pytest
from django.contrib.auth.models import User
from django.core.cache import cache
from django.core.management import call_command
from django.db import DatabaseError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from redis.exceptions import ConnectionError as Away

from apps.scans import metrics, vitals
from apps.scans.models import Forge, Phase, ScanRequest
from tests.dashboard.making import project, scan_request

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(db):
    return User.objects.create_superuser("root", first_name="Root")


@pytest.fixture(autouse=True)
def _own_cache(settings, monkeypatch):
    """Keys of its own for each test: others run at the same time on the same server."""
    own = uuid.uuid4().hex
    settings.CACHES = {"default": settings.CACHES["default"] | {"KEY_PREFIX": own}}
    monkeypatch.setattr(metrics, "KEY", own)
    monkeypatch.setattr(metrics, "_resume_at", 0.0)
    yield
    metrics._redis().delete(own)


@pytest.fixture
def alive():
    for who in ("beat", "worker"):
        cache.set(f"seen:{who}", time.time(), 60)


def test_readiness_names_what_is_wrong(client, alive):
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["ready"], answer.json()["degraded"]) == (200, True, False)
    cache.set("seen:beat", time.time() - 3700, 60)
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["beat"]) == (200, "silent for 3700 s")
    assert client.get("/readyz?all").status_code == 503


@pytest.mark.parametrize(
    ("name", "problem", "code"), [("_database", DatabaseError, 503), ("_broker", Away, 200), ("_broker", OSError, 200)]
)
def test_readiness_survives_what_it_looks_for(client, alive, monkeypatch, name, problem, code):
    def away():
        raise problem

    monkeypatch.setattr(vitals, name, away)
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()[name[1:]]) == (code, "does not answer")


def test_a_sign_of_life_is_left_at_most_every_few_seconds(monkeypatch):
    monkeypatch.setattr(vitals, "_last_sign", {})
    vitals.show_life("worker")
    first = cache.get("seen:worker")
    vitals.show_life("worker")
    assert first == cache.get("seen:worker")
    assert [vital.said for vital in vitals.look() if vital.name == "worker"] == ["well"]


def test_metrics_are_closed_without_the_token(client, settings):
    assert client.get("/metrics").status_code == 404
    settings.METRICS_TOKEN = "s3cret"
    for header in ("", "Bearer", "Bearer x", "Bearer \u00e9"):
        assert client.get("/metrics", headers={"Authorization": header}).status_code == 404


def test_metrics_are_in_prometheus_form(client, settings, scorer):
    settings.METRICS_TOKEN = "s3cret"
    scan_request(scorer, Phase.PENDING, requested_at=timezone.now() - timedelta(minutes=5))
    ScanRequest.objects.update(not_before=timezone.now() - timedelta(minutes=5))
    for seconds in (0.02, 0.3, 9999):
        metrics.observe("twelvefold_scan_stage_seconds", 'stage="fetch"', seconds)
    metrics.count("twelvefold_scans_total", 'outcome="done"')
    lines = client.get("/metrics", headers={"Authorization": "Bearer s3cret"}).content.decode().splitlines()
    assert "# TYPE twelvefold_scan_stage_seconds histogram" in lines
    assert 'twelvefold_scan_stage_seconds_bucket{stage="fetch",le="0.025"} 1' in lines
    assert 'twelvefold_scan_stage_seconds_bucket{stage="fetch",le="0.5"} 2' in lines
    assert 'twelvefold_scan_stage_seconds_bucket{stage="fetch",le="+Inf"} 3' in lines
    assert 'twelvefold_scan_stage_seconds_count{stage="fetch"} 3' in lines
    assert 'twelvefold_scans_total{outcome="done"} 1' in lines
    assert 'twelvefold_queue_waiting{cause="person"} 1' in lines
    oldest = next(line for line in lines if line.startswith("twelvefold_queue_oldest_seconds"))
    assert 295 < float(oldest.split()[1]) < 330


def test_counting_never_fails_and_pauses_when_the_cache_is_away(monkeypatch):
    def away():
        raise Away

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(metrics, "_redis", away)
        metrics.count("twelvefold_scans_total", "")
    metrics.count("twelvefold_scans_total", "")
    assert metrics._redis().hgetall(metrics.KEY) == {}


def test_the_queue_page_shows_and_ends_and_repeats(client, admin, fraud, scorer):
    running = scan_request(scorer, Phase.RUNNING, stage="read", percent=41)
    failed = scan_request(project(fraud, "broken"), Phase.FAILED, reason="It is gone.", finished_at=timezone.now())
    Forge.objects.create(host="busy.example", paused_until=timezone.now() + timedelta(minutes=5))
    client.force_login(admin)
    page = client.get("/queue/").content.decode()
    assert all(said in page for said in ("Read, 41 %", "It is gone.", "busy.example", "never seen"))
    client.post(f"/queue/{running.pk}/cancel/")
    running.refresh_from_db()
    assert (running.phase, running.reason) == (Phase.CANCELLED, "Cancelled by Root.")
    assert b"had ended" in client.post(f"/queue/{running.pk}/cancel/", follow=True).content
    client.post(f"/queue/{failed.pk}/retry/")
    assert ScanRequest.objects.get(phase=Phase.PENDING).project == failed.project


def test_to_others_the_queue_does_not_exist(client, alice, scorer):
    running = scan_request(scorer, Phase.RUNNING)
    client.force_login(alice)
    assert client.get("/queue/").status_code == 404
    for action in ("cancel", "retry"):
        assert client.post(f"/queue/{running.pk}/{action}/").status_code == 404
    running.refresh_from_db()
    assert running.phase == Phase.RUNNING


def test_the_queue_page_costs_the_same_however_much_waits(client, admin, fraud):
    client.force_login(admin)

    def cost():
        with CaptureQueriesContext(connection) as queries:
            assert client.get("/queue/").status_code == 200
        return len(queries)

    for phase in (Phase.RUNNING, Phase.PENDING, Phase.FAILED):
        scan_request(project(fraud), phase, finished_at=timezone.now() if phase == Phase.FAILED else None)
    Forge.objects.create(host="")
    cost()
    before = cost()
    for phase in (Phase.RUNNING, Phase.PENDING, Phase.FAILED) * 3:
        scan_request(project(fraud), phase, finished_at=timezone.now() if phase == Phase.FAILED else None)
    assert cost() == before


def test_the_command_tells_the_same_in_words_and_as_json(scorer):
    scan_request(scorer, Phase.FAILED, reason="It is gone.", finished_at=timezone.now())
    words, document = StringIO(), StringIO()
    call_command("queue", stdout=words)
    call_command("queue", "--json", stdout=document)
    assert "It is gone." in words.getvalue()
    assert json.loads(document.getvalue())["ended_in_a_day"] == {"failed": 1}
    assert json.loads(document.getvalue())["vitals"]["database"] == "well"
