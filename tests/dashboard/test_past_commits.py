"""Asking for a project's past commits, and seeing how far their reading is."""

import pytest
from django.utils import timezone

from apps.scans.models import Backfill, Phase
from apps.teams.services import archive_project
from tests.dashboard.making import project, scanned

pytestmark = pytest.mark.django_db
ADDRESS = "/projects/ranker/backfill/"
HTMX = {"HX-Request": "true"}
DAY = 86_400


@pytest.fixture
def ranker(fraud):
    return scanned(project(fraud, "ranker"))


def reading(of, phase, done=0, planned=4, **fields):
    newest = timezone.now().timestamp()
    plan = [[f"{number}" * 40, newest - number * 30 * DAY] for number in range(planned)]
    if phase == Phase.RUNNING:
        fields["lease_until"] = timezone.now()
    return Backfill.objects.create(project=of, phase=phase, plan=plan, done=done, **fields)


def test_maintainer_asks_and_cancels(client, alice, ranker):
    client.force_login(alice)
    assert b"Nobody has asked" in client.get("/projects/ranker/history/").content
    answer = client.post(ADDRESS, {"do": "ask"}, headers=HTMX)
    assert Backfill.objects.get().phase == Phase.PENDING
    assert Backfill.objects.get().requested_by == alice
    assert b"Waits for a worker" in answer.content
    assert b"every 2s" in answer.content
    answer = client.post(ADDRESS, {"do": "cancel"}, headers=HTMX)
    assert Backfill.objects.get().phase == Phase.CANCELLED
    assert b"Cancelled by Alice." in answer.content
    assert b"every 2s" not in answer.content
    assert b"Read again" in answer.content


def test_past_that_was_read_is_asked_for_again(client, alice, ranker):
    reading(ranker, Phase.DONE, done=4)
    client.force_login(alice)
    assert client.post(ADDRESS, {"do": "ask"}).url == "/projects/ranker/history/"
    again = Backfill.objects.get()
    assert (again.phase, again.done) == (Phase.PENDING, 0)


def test_progress_is_on_both_pages_and_polled_until_it_ends(client, bob, ranker):
    past = reading(ranker, Phase.RUNNING, done=1)
    client.force_login(bob)
    assert b"1 of 4 past commits are judged." in client.get("/projects/ranker/").content
    assert b'<progress max="4" value="1"' in client.get("/projects/ranker/history/").content
    Backfill.objects.filter(pk=past.pk).update(phase=Phase.DONE, done=4)
    ended = client.get(ADDRESS, headers=HTMX).content.decode()
    assert "4 commits judged, back to" in ended
    assert "hx-trigger" not in ended


def test_reader_sees_no_buttons_and_may_not_ask(client, bob, ranker):
    reading(ranker, Phase.FAILED, reason="The host answered 403.")
    client.force_login(bob)
    page = client.get("/projects/ranker/history/").content.decode()
    assert "The host answered 403." in page
    assert "Read again" not in page
    assert client.post(ADDRESS, {"do": "ask"}).status_code == 404
    assert Backfill.objects.get().phase == Phase.FAILED


def test_nothing_is_asked_of_an_archived_project(client, alice, ranker):
    archive_project(project=ranker, version=ranker.version, by=alice)
    client.force_login(alice)
    assert "Read the history" not in client.get("/projects/ranker/history/").content.decode()
    client.post(ADDRESS, {"do": "ask"})
    assert not Backfill.objects.exists()


def test_where_histories_are_off_nobody_is_offered_one(client, alice, ranker, settings):
    settings.BACKFILL_WEEKS = settings.BACKFILL_MONTHS = 0
    client.force_login(alice)
    assert "Read the history" not in client.get("/projects/ranker/history/").content.decode()
