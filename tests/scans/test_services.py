"""The queue holds whatever workers, brokers and clocks do."""

import threading
from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.db import connection, transaction
from django.utils import timezone

from apps.adoption.models import Scorecard
from apps.analysis.engine import analyse
from apps.analysis.snapshot import MemorySnapshot
from apps.scans import services, tasks
from apps.scans.models import FactPack, Forge, Phase, ScanCause, ScanRequest
from apps.scans.services import cancel, claim, fail, finish, release, renew, request_scan, sweep
from apps.teams.models import Project, Team

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def woken(monkeypatch):
    """How many wake-ups were sent by each call."""
    sent = []
    monkeypatch.setattr(services, "wake_workers", lambda how_many=1: sent.append(how_many))
    return sent


@pytest.fixture
def report():
    return analyse(MemorySnapshot({"train.py": "import torch\n"}, commit="a" * 40))


def of(project):
    return ScanRequest.objects.filter(project=project)


def in_threads(count, work):
    """Runs `work` at the same moment in so many threads, each with a connection of its own."""
    start, problems = threading.Barrier(count), []

    def one():
        try:
            start.wait(10)
            work()
        except Exception as problem:  # noqa: BLE001 - shown by the assertion below
            problems.append(problem)
        finally:
            connection.close()

    threads = [threading.Thread(target=one) for _ in range(count)]
    [thread.start() for thread in threads]
    [thread.join(30) for thread in threads]
    assert problems == []


def move_the_lease(request, by):
    of(request.project).filter(pk=request.pk).update(lease_until=timezone.now() + by)


def test_a_request_waits_until_a_worker_claims_it(project):
    request = request_scan(project=project, cause=ScanCause.SCHEDULE)
    held = claim(worker="one")
    assert (held.pk, held.phase, held.attempts, held.epoch) == (request.pk, Phase.RUNNING, 1, 1)
    assert claim(worker="two") is None


def test_requests_of_one_project_become_one_and_the_more_urgent_cause_counts(project):
    alice = get_user_model().objects.create(username="alice")
    first = request_scan(project=project, cause=ScanCause.SCHEDULE)
    again = request_scan(project=project, cause=ScanCause.PERSON, by=alice, forced=True)
    request_scan(project=project, cause=ScanCause.WEBHOOK)
    stored = of(project).get()
    assert first.pk == again.pk == stored.pk
    assert (stored.cause, stored.requested_by, stored.forced) == (ScanCause.PERSON, alice, True)


def test_the_most_urgent_goes_first_and_among_equals_the_oldest(make_project):
    requests = [
        request_scan(project=make_project(f"/{number}"), cause=cause)
        for number, cause in enumerate([ScanCause.SCHEDULE, ScanCause.WEBHOOK, ScanCause.PERSON, ScanCause.PERSON])
    ]
    order = [claim(worker="w").pk for _ in requests]
    assert order == [requests[index].pk for index in (2, 3, 1, 0)]


@pytest.mark.django_db(transaction=True)
def test_a_storm_of_requests_leaves_at_most_one_running_and_one_pending(project, woken):
    request_scan(project=project, cause=ScanCause.WEBHOOK)
    claim(worker="w")
    for _ in range(13):
        in_threads(8, lambda: request_scan(project=project, cause=ScanCause.WEBHOOK))
    assert sorted(of(project).values_list("phase", flat=True)) == [Phase.PENDING, Phase.RUNNING]
    assert woken == [1, 1]


@pytest.mark.django_db(transaction=True)
def test_many_workers_never_claim_the_same_request(make_project):
    for number in range(12):
        request_scan(project=make_project(f"/{number}"), cause=ScanCause.SCHEDULE)
    claims = []
    in_threads(6, lambda: claims.extend(claim(worker="w").pk for _ in range(2)))
    assert len(claims) == len(set(claims)) == 12


def test_a_second_request_waits_for_the_first_to_end(project, report):
    request_scan(project=project, cause=ScanCause.PERSON)
    first = claim(worker="w")
    second = request_scan(project=project, cause=ScanCause.PERSON)
    assert claim(worker="w") is None
    finish(request=first, report=report, repository="key")
    assert claim(worker="w").pk == second.pk


@pytest.mark.django_db(transaction=True)
def test_workers_are_woken_when_the_request_is_committed_and_not_before(project, woken):
    with transaction.atomic():
        request_scan(project=project, cause=ScanCause.PERSON)
        assert woken == []
    assert woken == [1]


def test_finishing_stores_result_facts_and_end_together(project, report, claimed):
    request = claimed(project)
    assert finish(request=request, report=report, repository="key")
    request.refresh_from_db()
    assert (request.phase, request.commit, request.percent, request.lease_until) == (Phase.DONE, "a" * 40, 100, None)
    assert request.finished_at is not None
    assert Scorecard.objects.get(project=project).commit == "a" * 40
    assert bytes(FactPack.objects.get(repository="key").packed) == report.packed_facts


def test_a_frozen_worker_that_comes_back_changes_nothing(project, report, claimed):
    frozen = claimed(project)
    move_the_lease(frozen, -timedelta(seconds=1))
    sweep()
    successor = claim(worker="another")
    assert successor.epoch == frozen.epoch + 1
    assert not renew(request=frozen, stage="check", percent=90, detail="stale")
    assert not finish(request=frozen, report=report, repository="key")
    assert not fail(request=frozen, reason="stale", passing=True)
    assert not release(request=frozen)
    assert not Scorecard.objects.exists()
    assert not FactPack.objects.exists()
    assert finish(request=successor, report=report, repository="key")


def test_a_scan_of_a_project_that_was_deleted_ends_in_nothing(project, report, claimed):
    request = claimed(project)
    project.delete()
    assert not renew(request=request, stage="read", percent=1, detail="")
    assert not finish(request=request, report=report, repository="key")


def test_progress_is_stored_and_prolongs_the_lease(project, claimed, settings):
    request = claimed(project)
    move_the_lease(request, timedelta(seconds=1))
    assert renew(request=request, stage="read", percent=42, detail="x" * 300)
    request.refresh_from_db()
    assert (request.stage, request.percent, request.detail) == ("read", 42, "x" * 200)
    assert request.lease_until > timezone.now() + settings.SCAN_LEASE / 2


def test_a_fault_that_may_pass_is_tried_again_later_three_times_in_all(project, claimed, settings):
    request = claimed(project)
    waits = []
    for _ in range(settings.SCAN_ATTEMPTS - 1):
        assert fail(request=request, reason="The host did not answer.", passing=True)
        request.refresh_from_db()
        assert request.phase == Phase.PENDING
        waits.append(request.not_before - timezone.now())
        assert claim(worker="w") is None
        of(project).update(not_before=timezone.now())
        request = claim(worker="w")
    assert timedelta(seconds=4) < waits[0] < waits[1] < timedelta(seconds=60)
    fail(request=request, reason="The host did not answer.", passing=True)
    request.refresh_from_db()
    assert (request.phase, request.reason) == (Phase.FAILED, "The host did not answer.")


def test_bad_input_fails_at_once(project, claimed):
    request = claimed(project)
    fail(request=request, reason="There is no repository here.", passing=False)
    request.refresh_from_db()
    assert (request.phase, request.attempts) == (Phase.FAILED, 1)


def test_a_failed_scan_keeps_the_last_good_result(project, report, claimed):
    finish(request=claimed(project), report=report, repository="key")
    fail(request=claimed(project), reason="gone", passing=False)
    assert Scorecard.objects.get(project=project).commit == "a" * 40


def test_a_released_request_is_free_at_once_and_its_attempt_does_not_count(project, claimed):
    request = claimed(project)
    assert release(request=request)
    again = claim(worker="another")
    assert (again.pk, again.attempts) == (request.pk, 1)


@pytest.mark.parametrize("give_back", [release, lambda request: fail(request=request, reason="Gone.", passing=True)])
def test_a_request_that_comes_back_makes_way_for_a_newer_one(project, claimed, give_back):
    old = claimed(project)
    new = request_scan(project=project, cause=ScanCause.SCHEDULE)
    assert give_back(request=old)
    old.refresh_from_db()
    assert old.phase == Phase.FAILED
    assert "A newer request takes its place." in old.reason
    assert claim(worker="w").pk == new.pk


def test_a_cause_that_the_waiting_request_serves_already_locks_and_writes_nothing(project, django_assert_num_queries):
    waiting = request_scan(project=project, cause=ScanCause.WEBHOOK, at_least="b" * 40)
    with django_assert_num_queries(1):
        assert request_scan(project=project, cause=ScanCause.WEBHOOK, at_least="b" * 40) == waiting
    with django_assert_num_queries(1):
        assert request_scan(project=project, cause=ScanCause.SCHEDULE) == waiting
    request_scan(project=project, cause=ScanCause.WEBHOOK, at_least="c" * 40)
    request_scan(project=project, cause=ScanCause.SCHEDULE, forced=True)
    waiting.refresh_from_db()
    assert (waiting.at_least, waiting.forced) == ("c" * 40, True)


def test_pushes_that_follow_closely_wait_for_each_other_and_a_person_does_not(project, claimed):
    first = request_scan(project=project, cause=ScanCause.WEBHOOK)
    assert cancel(request=claim(worker="w"), by=get_user_model().objects.create(username="alice"))
    second = request_scan(project=project, cause=ScanCause.WEBHOOK)
    assert second.not_before == first.requested_at + services.BETWEEN_PUSHES
    assert claim(worker="w") is None
    request_scan(project=project, cause=ScanCause.PERSON)
    assert claim(worker="w").pk == second.pk
    of(project).update(requested_at=timezone.now() - services.BETWEEN_PUSHES, phase=Phase.DONE, lease_until=None)
    assert request_scan(project=project, cause=ScanCause.WEBHOOK).pk == claim(worker="w").pk


def test_a_person_need_not_wait_for_a_retry_that_is_as_urgent(project, claimed):
    fail(request=claimed(project), reason="Away.", passing=True)
    assert claim(worker="w") is None
    request_scan(project=project, cause=ScanCause.PERSON)
    assert claim(worker="w").attempts == 2


def test_a_worker_that_looks_for_work_takes_back_what_a_silent_one_held(project, claimed, monkeypatch):
    request = claimed(project)
    carried_out = []
    monkeypatch.setattr(tasks, "run", lambda request, stopping: carried_out.append((request.pk, request.attempts)))
    move_the_lease(request, -timedelta(seconds=1))
    tasks.wake()
    assert carried_out == [(request.pk, 2)]


def test_a_silent_worker_loses_its_request_and_the_third_time_it_fails(project, claimed, settings):
    request = claimed(project)
    for attempt in range(1, settings.SCAN_ATTEMPTS + 1):
        assert request.attempts == attempt
        move_the_lease(request, -timedelta(seconds=1))
        sweep()
        last, request = request, claim(worker="w")
    last.refresh_from_db()
    assert request is None
    assert last.phase == Phase.FAILED
    assert last.reason == "The worker stopped during the scan. That happened 3 times in a row."


def test_a_worker_that_is_alive_keeps_its_request(project, claimed):
    request = claimed(project)
    sweep()
    assert renew(request=request, stage="read", percent=1, detail="")


def test_a_clock_that_jumped_leaves_nothing_stuck(project, make_project, claimed):
    running = claimed(project)
    move_the_lease(running, timedelta(days=1))
    waiting = request_scan(project=make_project("/other"), cause=ScanCause.PERSON)
    ScanRequest.objects.filter(pk=waiting.pk).update(not_before=timezone.now() + timedelta(days=1))
    sweep()
    assert {claim(worker="w").pk, claim(worker="w").pk} == {running.pk, waiting.pk}


def test_the_sweep_wakes_workers_for_what_waits_and_for_nothing_else(make_project, woken):
    sweep()
    for number in range(20):
        request_scan(project=make_project(f"/{number}"), cause=ScanCause.WEBHOOK)
    sweep()
    claim(worker="w")
    assert woken == [0, services.MOST_WAKE_UPS]


def test_the_more_urgent_cause_goes_first_whoever_asked_earlier(make_project):
    for number, cause in enumerate(reversed(ScanCause)):
        request_scan(project=make_project(f"/{number}"), cause=cause)
    assert [claim(worker="w").cause for _ in ScanCause] == list(ScanCause)


def test_teams_alternate_however_much_one_of_them_asks_for(make_project):
    for number in range(6):
        request_scan(project=make_project(f"/{number}"), cause=ScanCause.WEBHOOK)
    first = claim(worker="w")
    search = Team.objects.create(name="Search", slug="search")
    for number in range(2):
        request_scan(project=make_project(f"/s{number}", team=search), cause=ScanCause.WEBHOOK)
    order = [claim(worker="w").team.name for _ in range(7)]
    assert first.team.name == "Payments"
    assert [place for place, name in enumerate(order) if name == "Search"] in ([0, 2], [1, 3], [0, 3], [1, 2])


def test_a_forge_is_asked_for_so_many_scans_at_once_and_others_go_on(make_project, settings, report):
    settings.SCANS_PER_FORGE = 2
    for number in range(3):
        request_scan(project=make_project(f"https://busy.example/x/{number}"), cause=ScanCause.PERSON)
    request_scan(project=make_project("https://other.example/x/y"), cause=ScanCause.HISTORY)
    claims = [claim(worker="w") for _ in range(4)]
    assert [request and request.host for request in claims] == ["busy.example"] * 2 + ["other.example", None]
    finish(request=claims[0], report=report, repository="key")
    assert claim(worker="w").host == "busy.example"


@pytest.mark.django_db(transaction=True)
def test_many_workers_keep_to_the_limit_of_a_forge(make_project, settings):
    settings.SCANS_PER_FORGE = 3
    for number in range(12):
        request_scan(project=make_project(f"https://busy.example/x/{number}"), cause=ScanCause.PERSON)
    in_threads(8, lambda: claim(worker="w"))
    assert ScanRequest.objects.filter(phase=Phase.RUNNING).count() == 3


def test_a_forge_that_asked_for_patience_is_left_alone_by_all(make_project, claimed):
    request = claimed(make_project("https://busy.example/x/1"))
    request_scan(project=make_project("https://busy.example/x/2"), cause=ScanCause.PERSON)
    fail(request=request, reason="It asks for fewer requests.", passing=True, retry_after=300)
    request.refresh_from_db()
    assert timedelta(seconds=295) < request.not_before - timezone.now() < timedelta(seconds=455)
    assert claim(worker="w") is None
    Forge.objects.update(paused_until=timezone.now())
    assert claim(worker="w").project.url == "https://busy.example/x/2"


def test_no_forge_is_left_alone_for_ever(make_project, claimed):
    request = claimed(make_project("https://busy.example/x/1"))
    fail(request=request, reason="It asks for fewer requests.", passing=True, retry_after=10**9)
    assert Forge.objects.get().paused_until < timezone.now() + timedelta(hours=1, minutes=1)
    Forge.objects.update(paused_until=timezone.now() + timedelta(days=3))  # as a clock that jumped leaves it
    sweep()
    assert Forge.objects.get().paused_until is None


def test_a_cancelled_request_ends_whether_it_waits_or_runs(project, make_project, claimed, report):
    alice = get_user_model().objects.create_user("alice")
    running, waiting = claimed(project), request_scan(project=make_project("/other"), cause=ScanCause.WEBHOOK)
    assert all(cancel(request=request, by=alice) for request in (running, waiting))
    assert not renew(request=running, stage="read", percent=1, detail="")
    assert not finish(request=running, report=report, repository="key")
    assert not cancel(request=waiting, by=alice)
    assert claim(worker="w") is None
    assert set(ScanRequest.objects.values_list("phase", "reason")) == {("cancelled", "Cancelled by alice.")}


def test_the_newest_pushed_commit_is_remembered_by_the_request_that_waits(project):
    for commit in ("a" * 40, "b" * 40, ""):
        request = request_scan(project=project, cause=ScanCause.WEBHOOK, at_least=commit)
    assert request.at_least == "b" * 40


def test_claiming_reads_no_more_rows_however_many_scans_ended(make_project, django_assert_num_queries):
    for number in range(3):
        request_scan(project=make_project(f"/{number}"), cause=ScanCause.WEBHOOK)
    with django_assert_num_queries(6):
        claim(worker="w")
    ended = [
        ScanRequest(project=one, team=one.team, cause="webhook", priority=20, phase="done", finished_at=timezone.now())
        for one in [*Project.objects.all()] * 200
    ]
    ScanRequest.objects.bulk_create(ended)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE scans_scanrequest")
        claimable = ScanRequest.objects.claimable().values("pk")[:1]
        cursor.execute(f"EXPLAIN {claimable.query.sql_with_params()[0]}", claimable.query.sql_with_params()[1])
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "Seq Scan" not in plan
