"""The doctor: everything it looks at is named, what is wrong comes with what to do, and no secret is told."""

import io
import shutil
import time
from types import SimpleNamespace

import pytest
from django.conf import settings
from django.core.cache import cache
from django.core.management import call_command

from apps.operating import examination
from apps.scans import vitals
from apps.scans.vitals import Vital

pytestmark = pytest.mark.django_db

ALL_WELL = [Vital(name, True, "well") for name in ("database", "migrations", "broker", "beat", "worker")]


@pytest.fixture
def looked(monkeypatch):
    """What the doctor says, and its exit code, when the vitals are these."""

    def looked(seen=ALL_WELL):
        monkeypatch.setattr(vitals, "look", lambda *_: seen)
        said = io.StringIO()
        with pytest.raises(SystemExit) as end:
            call_command("doctor", stdout=said)
        return said.getvalue(), end.value.code

    return looked


@pytest.fixture
def sound(settings, monkeypatch):
    """A deployment that no system check complains of."""
    monkeypatch.setattr(examination, "run_checks", lambda **_: [])
    monkeypatch.setattr(examination, "LEAST_FREE_MB", 0)


def test_a_sound_deployment_is_well(sound, looked):
    said, code = looked()
    assert code == 0
    assert said.endswith("All is well.\n")
    assert "ILL" not in said
    for about in ("database", "migrations", "broker", "beat", "worker", "PostgreSQL", "clocks", "DATA_DIR", "settings"):
        assert f"ok   {about}: " in said


@pytest.mark.parametrize("name", ["database", "migrations", "broker", "beat", "worker"])
def test_each_vital_that_is_wrong_comes_with_what_to_do(sound, looked, name):
    seen = [Vital(vital.name, vital.name != name, "does not answer") for vital in ALL_WELL]
    said, code = looked(seen)
    assert code == 1
    assert f"ILL  {name}: does not answer\n      {examination.WHAT_TO_DO[name]}" in said
    assert "1 to look after." in said


@pytest.mark.parametrize("beat", [False, True], ids=["silent", "alive"])
def test_named_vitals_are_looked_at_alone(capsys, beat):
    cache.set("seen:beat", time.time() if beat else 0)
    with pytest.raises(SystemExit) as end:
        call_command("doctor", "--only", "beat")
    said = capsys.readouterr().out
    assert (end.value.code, said.startswith("ILL  beat: silent")) == ((0, False) if beat else (1, True))
    assert "database" not in said
    assert "settings" not in said


def test_a_full_disk_is_told(sound, looked, monkeypatch):
    monkeypatch.setattr(examination, "LEAST_FREE_MB", 2048)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=2**20))
    said, code = looked()
    assert code == 1
    assert "1 MB free" in said


def test_clocks_that_differ_are_told(sound, looked, monkeypatch):
    monkeypatch.setattr(examination, "MOST_SKEW_SECONDS", -1.0)
    said, _ = looked()
    assert "ILL  clocks" in said


def test_a_system_check_is_told_with_its_hint(looked, settings):
    settings.DEBUG = True
    said, code = looked()
    assert code == 1
    assert "settings, security.W018" in said


def test_no_secret_is_told(looked):
    said, _ = looked()
    assert settings.SECRET_KEY not in said
    assert settings.DATABASE_URL == "" or settings.DATABASE_URL not in said
