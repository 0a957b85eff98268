"""The start of Twelvefold says when this machine's git or kernel is not fit to meet strangers."""

import subprocess

import pytest

from apps.repositories import checks
from apps.repositories.checks import check_certificates, check_confinement, check_git, version_in


@pytest.fixture
def git_says(monkeypatch):
    def says(answer):
        done = subprocess.CompletedProcess([], 0, answer.encode())
        monkeypatch.setattr(checks.subprocess, "run", lambda *_, **__: done)

    return says


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        ("git version 2.36.6\n", ["repositories.E002"]),
        ("git version 2.37.0\n", ["repositories.W001"]),
        ("git version 2.39.5\n", ["repositories.W001"]),
        ("git version 2.43.6\n", ["repositories.W001"]),
        ("git version 2.43.7\n", []),
        ("git version 2.50.1 (Apple Git-155)\n", []),
        ("git version 2.52.0.windows.1\n", []),
        ("something else\n", ["repositories.E002"]),
    ],
)
def test_an_old_git_is_warned_of_and_one_without_the_needed_flags_is_refused(git_says, answer, found):
    git_says(answer)
    assert [message.id for message in check_git()] == found


def test_a_missing_git_is_an_error(monkeypatch):
    monkeypatch.setattr(checks, "reading_environment", lambda: {"PATH": "/nonexistent"})
    assert [message.id for message in check_git()] == ["repositories.E001"]


def test_the_git_of_this_machine_is_not_refused():
    assert not [message for message in check_git() if message.is_serious(40)]


def test_versions_compare_as_numbers():
    assert version_in("git version 2.100.0") > version_in("git version 2.43.7")


def test_a_missing_file_of_certificates_is_an_error(settings, tmp_path):
    settings.FORGE_CA_FILE = str(tmp_path / "ca.pem")
    assert [message.id for message in check_certificates()] == ["repositories.E003"]
    (tmp_path / "ca.pem").touch()
    assert check_certificates() == []


def test_a_kernel_without_walls_is_told_and_stops_nothing(monkeypatch):
    monkeypatch.setattr(checks, "landlock_version", lambda: 0)
    (message,) = check_confinement()
    assert "lacks Landlock" in message.msg
    assert not message.is_serious(30)
