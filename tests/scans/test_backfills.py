"""A project's past is judged commit by commit, each stored once, whatever interrupts it."""

from datetime import timedelta
from io import StringIO

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.utils import timezone

from apps.adoption.models import Cause, Origin, Scorecard, ScoreSnapshot, Transition
from apps.analysis.engine import analyse
from apps.repositories.commit import GitSnapshot
from apps.scans import backfills
from apps.scans.backfill_runner import run_backfill
from apps.scans.backfills import cancel_backfill, claim_backfill, request_backfill, sweep_backfills
from apps.scans.document import score_of
from apps.scans.models import Backfill, Phase, ScanCause
from apps.scans.runner import run
from apps.scans.services import request_scan
from apps.scans.tasks import wake

SYSTEM = {"train.py": "import torch\n\nlr = 0.1\n", "requirements.txt": "torch\n"}
WEEKS = 5


def never():
    return False


@pytest.fixture
def commit_on(repository, monkeypatch):
    def commit_on(days_ago, files):
        date = f"@{int((timezone.now() - timedelta(days=days_ago)).timestamp())} +0000"
        monkeypatch.setattr("tests.repositories.building.DATES", {"GIT_AUTHOR_DATE": date, "GIT_COMMITTER_DATE": date})
        return repository.commit(files)

    return commit_on


@pytest.fixture
def commits(commit_on):
    """Oldest first: one a week, of which each changes a verdict or more."""
    return [
        commit_on(30, SYSTEM),
        commit_on(23, {"requirements.txt": "torch==2.4.0\n"}),
        commit_on(16, {"Dockerfile": "FROM python:3.11\nCOPY . .\nCMD python train.py\n"}),
        commit_on(9, {"train.py": "import os\nimport torch\n\nlr = float(os.environ['LR'])\n"}),
        commit_on(2, {"notes.md": "# Notes\n"}),
    ]


@pytest.fixture
def system(repository, commits, make_project, claimed, settings):
    settings.BACKFILL_WEEKS, settings.BACKFILL_MONTHS = WEEKS, 0
    project = make_project(repository.path)
    run(claimed(project), stopping=never)
    return project


@pytest.fixture
def reconstructed(system):
    def reconstructed(stopping=never):
        request_backfill(project=system)
        run_backfill(claim_backfill(), stopping=stopping)
        return Backfill.objects.get(project=system)

    return reconstructed


def past(project):
    return ScoreSnapshot.objects.filter(project=project, origin=Origin.RECONSTRUCTED).order_by("at")


@pytest.mark.django_db
def test_each_sample_is_what_a_scan_of_that_commit_finds(system, commits, reconstructed, repository):
    ended = reconstructed()
    assert (ended.phase, ended.done, ended.reason) == (Phase.DONE, 5, "")
    assert [row.commit for row in past(system)] == commits
    for row in past(system):
        report = analyse(GitSnapshot(repository.path / ".git", row.commit))
        score = score_of(report)
        assert row.states == {item: found.state for item, found in report.findings.items()}
        assert (row.score, row.coverage, row.grade) == (score.score, score.coverage, score.grade or "")
        assert row.factors == {factor.slug: factor.score for factor in score.factors}
        assert row.rules == report.rules


@pytest.mark.django_db
def test_a_reconstructed_change_names_its_commits_and_the_file_that_decided(system, commits, reconstructed):
    reconstructed()
    change = Transition.objects.get(item="dependencies.pinned", origin=Origin.RECONSTRUCTED)
    assert (change.before, change.after, change.cause) == ("unmet", "met", Cause.CODE)
    assert (change.before_commit, change.commit, change.paths) == (commits[0], commits[1], ["requirements.txt"])
    assert change.at == past(system).get(commit=commits[1]).at
    assert not Transition.objects.filter(origin=Origin.RECONSTRUCTED, commit=commits[4]).exists()


@pytest.mark.django_db
def test_the_present_is_left_as_it_is(system, reconstructed):
    card = Scorecard.objects.get(project=system)
    observed = Transition.objects.filter(origin=Origin.OBSERVED).count()
    reconstructed()
    assert Scorecard.objects.get(project=system).updated_at == card.updated_at
    assert Transition.objects.filter(origin=Origin.OBSERVED).count() == observed
    assert ScoreSnapshot.objects.filter(origin=Origin.OBSERVED).count() == 1
    assert past(system).last().at < card.scanned_at


@pytest.mark.django_db
def test_a_second_reconstruction_takes_the_place_of_the_first(system, reconstructed):
    reconstructed()
    first = (list(past(system).values_list("commit", "states")), Transition.objects.count())
    ScoreSnapshot.objects.filter(origin=Origin.RECONSTRUCTED).update(engine_version="an older one")
    reconstructed()
    assert (list(past(system).values_list("commit", "states")), Transition.objects.count()) == first
    assert not past(system).filter(engine_version="an older one").exists()


@pytest.mark.django_db
def test_it_yields_to_a_scan_after_each_sample_and_goes_on_where_it_was(system, reconstructed, make_project, claimed):
    for number in range(1, 4):
        other = make_project(f"/nowhere/{number}")
        asked = request_scan(project=other, cause=ScanCause.SCHEDULE)
        assert claim_backfill() is None
        asked.delete()
        request_backfill(project=system)
        backfill = claim_backfill()
        asked = request_scan(project=other, cause=ScanCause.SCHEDULE)
        run_backfill(backfill, stopping=never)
        asked.delete()
        waiting = Backfill.objects.get(project=system)
        assert (waiting.phase, waiting.done) == (Phase.PENDING, number)
        assert past(system).count() == number
    run_backfill(claim_backfill(), stopping=never)
    assert Backfill.objects.get(project=system).phase == Phase.DONE
    assert past(system).count() == 5
    assert Transition.objects.filter(item="dependencies.pinned", origin=Origin.RECONSTRUCTED).count() == 1


@pytest.mark.django_db
def test_a_worker_that_stops_gives_it_back_and_the_attempt_does_not_count(system, reconstructed):
    given_back = reconstructed(stopping=lambda: True)
    assert (given_back.phase, given_back.attempts, given_back.done) == (Phase.PENDING, 0, 0)


@pytest.mark.django_db
def test_a_stale_holder_stores_nothing(system, monkeypatch):
    request_backfill(project=system)
    stale = claim_backfill()
    Backfill.objects.update(lease_until=timezone.now())
    sweep_backfills()
    fresh = claim_backfill()
    assert fresh.epoch == stale.epoch + 1
    run_backfill(stale, stopping=never)
    assert past(system).count() == 0
    run_backfill(fresh, stopping=never)
    assert past(system).count() == 5


@pytest.mark.django_db
def test_cancelling_ends_it_and_keeps_what_is_stored(system, monkeypatch):
    alice = User.objects.create_user("alice", first_name="Alice")
    request_backfill(project=system)
    backfill = claim_backfill()
    store = backfills.store_sample

    def store_and_cancel(**sample):
        stored = store(**sample)
        cancel_backfill(project=system, by=alice)
        return stored

    monkeypatch.setattr(backfills, "store_sample", store_and_cancel)
    run_backfill(backfill, stopping=never)
    ended = Backfill.objects.get(project=system)
    assert (ended.phase, ended.reason, ended.done) == (Phase.CANCELLED, "Cancelled by Alice.", 1)
    assert past(system).count() == 1
    assert not cancel_backfill(project=system, by=alice)


@pytest.mark.django_db
def test_its_time_is_limited_and_what_is_stored_stays(system, settings):
    request_backfill(project=system)
    Backfill.objects.update(spent=settings.BACKFILL_DEADLINE.total_seconds() + 1)
    run_backfill(claim_backfill(), stopping=never)
    ended = Backfill.objects.get(project=system)
    assert (ended.phase, ended.reason) == (Phase.DONE, "The time for one history was over after 0 of 0 commits.")


@pytest.mark.django_db
def test_no_more_run_at_once_than_may(system, make_project, claimed, repository):
    other = make_project(repository.path, branch="main")
    run(claimed(other), stopping=never)
    request_backfill(project=system)
    request_backfill(project=other)
    assert claim_backfill() is not None
    assert claim_backfill() is None
    assert sweep_backfills() == 0


@pytest.mark.django_db
def test_it_waits_for_the_first_scan(make_project, settings):
    project = make_project()
    request_backfill(project=project)
    assert claim_backfill() is None


@pytest.mark.django_db
def test_a_repository_that_is_gone_is_tried_again_or_given_up_with_its_reason(system, repository, reconstructed):
    repository.path.rename(repository.path.with_name("elsewhere"))
    ended = reconstructed()
    assert (ended.phase, ended.reason) == (Phase.FAILED, "There is no git repository at this address.")


@pytest.mark.django_db
def test_another_tree_has_another_past_even_while_the_old_one_is_read(system):
    request_backfill(project=system)
    stale = claim_backfill()
    request_backfill(project=system, anew=True)
    run_backfill(stale, stopping=never)
    assert past(system).count() == 0
    assert Backfill.objects.get(project=system).phase == Phase.PENDING


@pytest.mark.django_db
def test_histories_can_be_off(system, settings):
    settings.BACKFILL_WEEKS = settings.BACKFILL_MONTHS = 0
    assert request_backfill(project=system) is None


@pytest.mark.django_db
def test_a_worker_scans_first_and_reads_histories_then(
    make_project, repository, commits, settings, django_capture_on_commit_callbacks
):
    settings.BACKFILL_WEEKS, settings.BACKFILL_MONTHS = WEEKS, 0
    project = make_project(repository.path)
    request_backfill(project=project)
    request_scan(project=project, cause=ScanCause.PERSON)
    wake()
    assert Scorecard.objects.filter(project=project).exists()
    assert past(project).count() == 5


@pytest.mark.django_db
def test_the_command_asks_and_tells(system):
    out = StringIO()
    call_command("backfill", system.slug, stdout=out)
    assert Backfill.objects.get().phase == Phase.PENDING
    call_command("backfill", stdout=out)
    assert f"{system.slug}: pending, 0 of 0" in out.getvalue()
    with pytest.raises(CommandError, match="nobody"):
        call_command("backfill", "nobody")
