"""A real Celery worker is killed, stopped and frozen in the middle of a scan, and the scan is completed once."""

import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.db import connection, transaction
from django.utils import timezone

from apps.adoption.models import Origin, Scorecard, ScoreSnapshot, Transition
from apps.scans.backfills import request_backfill, sweep_backfills
from apps.scans.models import Backfill, Phase, ScanCause, ScanRequest, Stage
from apps.scans.runner import run
from apps.scans.services import request_scan, sweep
from apps.scans.wake import wake_workers
from tests.repositories.test_children import is_alive

ROOT = Path(__file__).parents[2]
pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def start_worker(settings, tmp_path):
    """Starts a worker on the test database, in a process group of its own."""
    database = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}").geturl()
    environment = os.environ | {
        "DATABASE_URL": database,
        "LOCAL_REPOSITORY_ROOTS": str(tmp_path),
        "MIRROR_DIR": str(settings.MIRROR_DIR),
        "ALIVE_FILE": str(tmp_path / "alive"),
    }
    command = [sys.executable, "-m", "celery", "--app", "config", "worker", "--concurrency", "1", "--loglevel", "INFO"]
    command += ["--without-gossip", "--without-mingle", "--hostname", f"{tmp_path.name}@localhost"]

    @contextmanager
    def start():
        with (tmp_path / "worker.log").open("ab") as log:
            worker = subprocess.Popen(
                command, env=environment, cwd=ROOT, stdout=log, stderr=log, start_new_session=True
            )
        try:
            yield worker
        finally:
            end(worker)

    yield start
    sys.stderr.write((tmp_path / "worker.log").read_text())


def end(worker):
    if worker.poll() is None:
        os.killpg(worker.pid, signal.SIGKILL)
        worker.wait()


@pytest.fixture
def slow_project(repository, make_project):
    """A project whose scan takes some seconds, because its code is long."""
    functions = "\n".join(
        f"def f{number}(a, b=({number}, [a])):\n    return a if b else f{number}(b, a)\n" for number in range(250)
    )
    repository.commit({f"pipeline/part{part}.py": f"PART = {part}\n{functions}" for part in range(150)})
    return make_project(repository.path)


@pytest.fixture
def slow_past(repository, make_project, claimed, monkeypatch, settings):
    """A project that was scanned, with a commit a week of which each turns a verdict and takes a moment to read."""
    settings.BACKFILL_WEEKS, settings.BACKFILL_MONTHS = 13, 12  # what the worker has
    functions = "\n".join(
        f"def f{number}(a, b=({number}, [a])):\n    return a if b else {number}\n" for number in range(250)
    )
    for week in range(6, 0, -1):
        date = f"@{int(time.time()) - week * 7 * 86_400 + 3600} +0000"
        monkeypatch.setattr("tests.repositories.building.DATES", {"GIT_AUTHOR_DATE": date, "GIT_COMMITTER_DATE": date})
        code = {f"pipeline/part{part}.py": f"PART = {part}, {week}\n{functions}" for part in range(10)}
        repository.commit(code | {"requirements.txt": "torch\n" if week % 2 else "torch==2.4.0\n"})
    project = make_project(repository.path)
    run(claimed(project), stopping=lambda: False)
    return project


def wait_until(claim, seconds=60.0, meanwhile=lambda: None):
    until = time.monotonic() + seconds
    while not (answer := claim()):
        assert time.monotonic() < until, "it did not happen in time"
        meanwhile()
        time.sleep(0.1)
    return answer


def wait_for(phase, stage=None, seconds=60.0):
    """The only request, once it is there; the beat's sweep is played meanwhile."""
    wanted = {"phase": phase} | ({"stage": stage} if stage else {})
    return wait_until(ScanRequest.objects.filter(**wanted).first, seconds, sweep)


def descendants(pid):
    found = subprocess.run(["pgrep", "-P", str(pid)], capture_output=True, text=True, check=False).stdout.split()
    return [int(child) for child in found] + [grandchild for child in found for grandchild in descendants(child)]


def test_a_scan_whose_worker_is_killed_is_completed_after_a_restart_once(slow_project, start_worker):
    request = request_scan(project=slow_project, cause=ScanCause.PERSON)
    with start_worker() as worker:
        wait_for(Phase.RUNNING, Stage.READ)
        processes = descendants(worker.pid)
        assert len(processes) >= 2  # the pool's process and the analysis
        os.killpg(worker.pid, signal.SIGKILL)
        worker.wait()
    wait_until(lambda: not any(map(is_alive, processes)), seconds=5)
    assert not Scorecard.objects.exists()
    ScanRequest.objects.update(lease_until=timezone.now())  # half a minute passes
    with start_worker():
        done = wait_for(Phase.DONE)
    assert (done.pk, done.attempts, done.unchanged) == (request.pk, 2, False)
    assert ScanRequest.objects.count() == Scorecard.objects.count() == ScoreSnapshot.objects.count() == 1


def test_a_worker_that_is_told_to_stop_gives_its_scan_back_and_goes(slow_project, start_worker, tmp_path):
    request_scan(project=slow_project, cause=ScanCause.PERSON)
    with start_worker() as worker:
        wait_for(Phase.RUNNING, Stage.READ)
        wait_until((tmp_path / "alive").exists)  # by which health checks of containers know that it lives
        processes = descendants(worker.pid)
        worker.terminate()
        assert worker.wait(timeout=15) == 0
    given_back = ScanRequest.objects.get()
    assert (given_back.phase, given_back.attempts) == (Phase.PENDING, 0)
    assert not any(map(is_alive, processes))


def test_a_worker_whose_whole_group_is_told_to_stop_gives_its_scan_back(slow_project, start_worker):
    request_scan(project=slow_project, cause=ScanCause.PERSON)
    with start_worker() as worker:
        wait_for(Phase.RUNNING, Stage.READ)
        os.killpg(worker.pid, signal.SIGTERM)
        worker.wait(timeout=15)
    given_back = ScanRequest.objects.get()
    assert (given_back.phase, given_back.attempts) == (Phase.PENDING, 0)


def test_a_worker_that_was_frozen_loses_to_its_successor(slow_project, start_worker):
    request_scan(project=slow_project, cause=ScanCause.PERSON)
    with start_worker() as frozen:
        wait_for(Phase.RUNNING, Stage.READ)
        os.killpg(frozen.pid, signal.SIGSTOP)
        ScanRequest.objects.update(lease_until=timezone.now())
        with start_worker():
            done = wait_for(Phase.DONE)
            os.killpg(frozen.pid, signal.SIGCONT)
            time.sleep(5)
        assert frozen.poll() is None
    done.refresh_from_db()
    assert (done.phase, done.attempts, done.epoch) == (Phase.DONE, 2, 2)
    assert ScoreSnapshot.objects.count() == 1


def test_one_worker_works_off_many_requests_in_their_order(make_repository, make_project, start_worker):
    for number in range(4):
        repository = make_repository(f"system{number}")
        repository.commit({"train.py": f"import torch\nseed = {number}\n"})
        request_scan(project=make_project(repository.path), cause=ScanCause.WEBHOOK)
    with start_worker():
        wait_until(lambda: ScanRequest.objects.filter(phase=Phase.DONE).count() == 4, meanwhile=sweep)
    ended = ScanRequest.objects.order_by("finished_at").values_list("pk", flat=True)
    assert list(ended) == sorted(ended)
    assert Scorecard.objects.count() == 4


def test_a_history_whose_worker_is_killed_goes_on_where_it_was(slow_past, start_worker):
    request_backfill(project=slow_past)
    with start_worker() as worker, transaction.atomic():
        # From the moment in which one is seen the row is locked: no more is stored before the worker is dead.
        wait_until(Backfill.objects.select_for_update().filter(done__gte=1).first, meanwhile=beat)
        processes = descendants(worker.pid)
        os.killpg(worker.pid, signal.SIGKILL)
        worker.wait()
    wait_until(lambda: not any(map(is_alive, processes)), seconds=5)
    stored = list(past_of(slow_past))
    killed = Backfill.objects.get()
    assert killed.phase == Phase.RUNNING
    assert len(stored) == killed.done
    Backfill.objects.update(lease_until=timezone.now())  # half a minute passes
    with start_worker():
        wait_until(lambda: Backfill.objects.get().phase == Phase.DONE, seconds=120, meanwhile=beat)
    assert Backfill.objects.get().done == len(past_of(slow_past)) == 6
    assert list(past_of(slow_past))[: len(stored)] == stored  # nothing of it was lost, and nothing written anew
    assert Transition.objects.filter(item="dependencies.pinned", origin=Origin.RECONSTRUCTED).count() == 5


def beat():
    sweep()
    wake_workers(sweep_backfills())


def past_of(project):
    return ScoreSnapshot.objects.filter(project=project, origin=Origin.RECONSTRUCTED).order_by("-at").values_list("pk")
