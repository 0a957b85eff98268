"""What breaks in the middle of one scan leaves nothing half done."""

from datetime import timedelta

import pytest
from django.db import OperationalError, connection
from django.utils import timezone

from apps.adoption.models import Scorecard, ScoreSnapshot
from apps.scans import runner, services
from apps.scans.models import FactPack, Phase, ScanCause, ScanRequest
from apps.scans.services import claim, request_scan, sweep
from tests.scans.test_runner import never

JUDGED = {"train.py": "import torch\n", "requirements.txt": "torch==2.4.0\n"}


@pytest.fixture
def system(repository, make_project):
    repository.commit(JUDGED)
    return make_project(repository.path)


@pytest.mark.django_db(transaction=True)
def test_a_database_that_goes_within_the_final_commit_keeps_all_or_nothing(system, claimed, monkeypatch):
    request = claimed(system)
    store = services.record_scan

    def store_and_lose_the_database(**what):
        store(**what)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    monkeypatch.setattr(services, "record_scan", store_and_lose_the_database)
    with pytest.raises(OperationalError):
        runner.run(request, stopping=never)
    connection.close()
    request.refresh_from_db()
    assert (request.phase, FactPack.objects.exists()) == (Phase.RUNNING, False)
    assert not Scorecard.objects.exclude(commit="").exists()

    monkeypatch.undo()
    ScanRequest.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    sweep()
    runner.run(claim(worker="another"), stopping=never)
    request.refresh_from_db()
    assert (request.phase, request.attempts) == (Phase.DONE, 2)
    assert Scorecard.objects.get().commit == request.commit
    assert ScoreSnapshot.objects.count() == 1


@pytest.mark.django_db
def test_a_forced_push_in_the_middle_of_a_scan_leaves_a_result_of_one_commit(system, repository, claimed, monkeypatch):
    fetched = repository.git("rev-parse", "HEAD")
    judge = runner._judged  # the moment between fetching and reading

    def push_and_judge(*known, **more):
        (repository.path / "requirements.txt").write_text("torch\n", encoding="utf-8")
        repository.git("commit", "-q", "--all", "--amend", "-m", "Another past")
        repository.git("reflog", "expire", "--expire=now", "--all")
        repository.git("gc", "-q", "--prune=now")
        return judge(*known, **more)

    request = claimed(system)
    monkeypatch.setattr(runner, "_judged", push_and_judge)
    runner.run(request, stopping=never)
    request.refresh_from_db()
    assert (request.phase, request.commit, Scorecard.objects.get().commit) == (Phase.DONE, fetched, fetched)

    monkeypatch.undo()
    request_scan(project=system, cause=ScanCause.PERSON)  # a webhook's waits a few seconds after the last scan
    runner.run(claim(worker="another"), stopping=never)
    assert Scorecard.objects.get().commit == repository.git("rev-parse", "HEAD") != fetched
