"""One claimed request is carried to its end: real git, real children, the real database."""

import os
import signal
import subprocess
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from apps.adoption.corrections import clear_correction, correct_profile
from apps.adoption.models import ProfileCorrection, Scorecard, Standing, Transition
from apps.repositories.children import ask as really_ask
from apps.repositories.policy import Address
from apps.scans import runner
from apps.scans.models import FactPack, Phase, ScanRequest
from apps.scans.runner import run
from apps.scans.services import claim
from apps.teams.tokens import set_token

ROOT = Path(__file__).parents[2]
SYSTEM = {"train.py": "import torch\n\nlr = 0.1\n", "requirements.txt": "torch==2.4.0\n"}


def never():
    return False


@pytest.fixture
def scanned(claimed):
    def scanned(project, stopping=never, **more):
        request = claimed(project, **more)
        run(request, stopping=stopping)
        request.refresh_from_db()
        return request

    return scanned


@pytest.fixture
def system(repository, make_project):
    repository.commit(SYSTEM)
    return make_project(repository.path)


@pytest.mark.django_db
def test_a_request_ends_with_a_result_that_names_its_commit(system, repository, scanned):
    head = repository.git("rev-parse", "HEAD")
    request = scanned(system)
    assert (request.phase, request.commit, request.unchanged, request.reason) == (Phase.DONE, head, False, "")
    assert Scorecard.objects.get(project=system).commit == head
    assert Standing.objects.filter(project=system).count() == 50


@pytest.mark.django_db
def test_an_unchanged_head_is_not_judged_again_unless_forced(system, scanned):
    first = scanned(system)
    before = Scorecard.objects.get(project=system).scanned_at
    changes = Transition.objects.count()
    second = scanned(system)
    assert (second.phase, second.commit, second.unchanged) == (Phase.DONE, first.commit, True)
    assert Scorecard.objects.get(project=system).scanned_at == second.started_at > before  # it was looked at
    third = scanned(system, forced=True)
    assert (third.phase, third.unchanged) == (Phase.DONE, False)
    assert Transition.objects.count() == changes


@pytest.mark.django_db
def test_a_forge_that_does_not_show_the_pushed_commit_yet_is_asked_again(system, scanned, settings):
    first = scanned(system)
    assert scanned(system, at_least=first.commit).unchanged
    again = scanned(system, at_least="b" * 40)
    assert (again.phase, again.reason) == (Phase.PENDING, "The forge does not show the pushed commit yet.")
    for _ in range(settings.SCAN_ATTEMPTS - 1):
        ScanRequest.objects.filter(phase=Phase.PENDING).update(not_before=timezone.now())
        run(claim(worker="test"), stopping=never)
    again.refresh_from_db()
    assert (again.phase, again.unchanged, again.commit) == (Phase.DONE, True, first.commit)


@pytest.mark.django_db
def test_a_corrected_profile_holds_for_this_and_later_scans_until_it_is_cleared(system, repository, scanned):
    alice = User.objects.create_user("alice")
    scanned(system)
    correct_profile(project=system, claim="serves", holds=True, by=alice)
    assert not scanned(system).unchanged
    assert Scorecard.objects.get(project=system).profile["serves"]["corrected_by"] == "member"
    unchanged = scanned(system)
    assert unchanged.unchanged
    ProfileCorrection.objects.update(at=unchanged.finished_at)  # while that scan ran, after it found nothing to do
    assert not scanned(system).unchanged
    repository.commit({"more.py": "import numpy\n"})
    scanned(system)
    assert Scorecard.objects.get(project=system).profile["serves"]["holds"]
    clear_correction(project=system, claim="serves", by=alice)
    assert not scanned(system).unchanged
    assert Scorecard.objects.get(project=system).profile["serves"] == {"holds": False, "evidence": []}


@pytest.mark.django_db
def test_the_settings_of_the_repository_are_kept_with_the_result(repository, make_project, scanned):
    repository.commit(SYSTEM | {".twelvefold.toml": "[profile]\nserves = true\n"})
    project = make_project(repository.path)
    scanned(project)
    assert Scorecard.objects.get(project=project).settings["profile"] == {"serves": True}


@pytest.mark.django_db
def test_a_head_judged_by_another_engine_is_judged_again(system, scanned):
    scanned(system)
    Scorecard.objects.update(engine_version="an older one")
    assert not scanned(system).unchanged


@pytest.mark.django_db
@pytest.mark.parametrize("packed", [None, b"", b"\xff damaged"])
def test_a_new_commit_is_judged_whatever_became_of_the_cached_facts(system, repository, scanned, packed):
    scanned(system)
    if packed is not None:
        FactPack.objects.update(packed=packed)
    head = repository.commit({"serve.py": "import fastapi\n"})
    assert scanned(system).commit == head
    assert FactPack.objects.count() == 1


@pytest.mark.django_db
def test_the_folder_that_is_the_system_must_exist(repository, make_project, scanned):
    repository.commit({"services/scorer/app.py": "import fastapi\n"})
    assert scanned(make_project(repository.path, subfolder="services/scorer")).phase == Phase.DONE
    missing = scanned(make_project(repository.path, subfolder="services/score"))
    assert (missing.phase, missing.reason) == (Phase.FAILED, "There is no folder services/score in the repository.")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("url", "branch", "reason"),
    [
        ("{here}/empty", "", "The repository has no commit yet."),
        ("{here}/absent", "", "There is no git repository at this address."),
        ("{here}/system", "nope", "The repository has no branch nope."),
        ("/etc", "", "This folder is not among those that LOCAL_REPOSITORY_ROOTS opens."),
        ("http://example.org/x", "", "Only addresses that begin with https:// can be scanned."),
    ],
)
def test_bad_input_fails_at_once_with_one_sentence(
    make_repository, repository, make_project, scanned, tmp_path, url, branch, reason
):
    make_repository("empty")
    repository.commit(SYSTEM)
    request = scanned(make_project(url.format(here=tmp_path), branch=branch))
    assert (request.phase, request.reason, request.attempts) == (Phase.FAILED, reason, 1)


@pytest.mark.django_db
def test_a_host_that_cannot_be_found_is_tried_again(make_project, scanned):
    request = scanned(make_project("https://nothing.invalid/x"))
    assert (request.phase, request.reason) == (Phase.PENDING, "The host nothing.invalid could not be found.")


@pytest.mark.django_db
def test_a_mirror_that_cannot_be_read_is_removed_and_the_scan_tried_again(system, scanned, settings, monkeypatch):
    def ask_with_a_damaged_mirror(module, request, **more):
        if module == "apps.scans.analysis_child":
            for pack in settings.MIRROR_DIR.glob("*.git/objects/pack/*.pack"):
                pack.chmod(0o600)
                pack.write_bytes(b"")
        return really_ask(module, request, **more)

    monkeypatch.setattr(runner, "ask", ask_with_a_damaged_mirror)
    assert scanned(system).phase == Phase.PENDING
    assert not list(settings.MIRROR_DIR.glob("*.git"))
    monkeypatch.undo()


def signalling_the_child(number):
    """`ask`, whose analysis child gets the signal as soon as it has started."""

    def ask(module, request, *, on_tick, **more):
        def send():
            found = subprocess.run(["pgrep", "-P", str(os.getpid()), "-f", module], capture_output=True, check=False)
            for pid in found.stdout.split():
                os.kill(int(pid), number)
            on_tick()

        return really_ask(module, request, on_tick=send, **more)

    return ask


@pytest.mark.django_db
def test_a_killed_analysis_is_tried_again_and_then_succeeds(system, scanned, monkeypatch):
    monkeypatch.setattr(runner, "ask", signalling_the_child(signal.SIGKILL))
    request = scanned(system)
    assert (request.phase, request.reason) == (Phase.PENDING, "The scan was ended by SIGKILL.")
    assert not Scorecard.objects.exists()
    monkeypatch.undo()
    ScanRequest.objects.update(not_before=request.requested_at)
    again = scanned(system)
    assert (again.pk, again.phase, again.attempts) == (request.pk, Phase.DONE, 2)


@pytest.mark.django_db
def test_an_analysis_beyond_its_deadline_fails_with_that_reason(system, scanned, settings, monkeypatch):
    monkeypatch.setattr(runner, "ask", signalling_the_child(signal.SIGSTOP))
    settings.SCAN_DEADLINE *= 0.01
    request = scanned(system)
    assert (request.phase, request.reason) == (Phase.FAILED, "The scan took longer than its deadline.")


@pytest.mark.django_db
def test_a_worker_that_must_stop_gives_its_scan_back_at_once(system, scanned):
    request = scanned(system, stopping=lambda: True)
    assert (request.phase, request.attempts, request.lease_until) == (Phase.PENDING, 0, None)


@pytest.mark.django_db(transaction=True)
def test_a_process_that_is_told_to_exit_gives_its_scan_back(system, claimed):
    def exits():
        raise SystemExit(1)

    request = claimed(system)
    with pytest.raises(SystemExit):
        run(request, stopping=exits)
    request.refresh_from_db()
    assert request.phase == Phase.PENDING


@pytest.mark.django_db
def test_a_fault_of_our_own_is_tried_again_and_told_without_internals(system, scanned, monkeypatch, caplog):
    def breaks(**_):
        raise KeyError("a secret detail")

    monkeypatch.setattr(runner, "finish", breaks)
    request = scanned(system)
    assert (request.phase, request.reason) == (Phase.PENDING, runner.MISTAKE)
    assert "a secret detail" in caplog.text


@pytest.mark.django_db
def test_a_scan_whose_lease_was_lost_stores_nothing(system, claimed):
    request = claimed(system)
    ScanRequest.objects.filter(pk=request.pk).update(epoch=7)
    run(request, stopping=never)
    request.refresh_from_db()
    assert (request.phase, request.epoch) == (Phase.RUNNING, 7)
    assert not Scorecard.objects.exists()


@pytest.mark.django_db
def test_a_token_that_no_key_opens_fails_the_scan_in_words(make_project, scanned, settings, monkeypatch):
    project = make_project("https://forge.example/x/y")
    set_token(owner=project, host="forge.example", token="secret", by=User.objects.create_user("alice"))
    settings.SECRET_KEY = "another"
    address = Address(project.url, "forge.example", ("1.1.1.1",))
    monkeypatch.setattr(runner, "check_address", lambda url, **_: address)
    request = scanned(project)
    assert (request.phase, request.attempts) == (Phase.FAILED, 1)
    assert request.reason == "The keys of this deployment do not open the stored secret; set it anew."
