"""What Compose and Kubernetes ask a worker and beat: as each of them would run it, without any variable."""

import os
import re
import subprocess
import time

import pytest
import yaml

from apps.scans import vitals
from tests.operating.producing import ROOT

KUBERNETES = ROOT / "deploy/kubernetes/base"


def asked_by_compose(name):
    """What the container's shell gets: Compose takes a single dollar for a variable of its own."""
    text = (ROOT / "docker-compose.yml").read_text()
    how, command = yaml.safe_load(text)["services"][name]["healthcheck"]["test"]
    assert how == "CMD-SHELL"
    assert not re.search(r"(?<!\$)\$(?!\$)", command)
    return command.replace("$$", "$")


def asked_by_kubernetes(name):
    pod = yaml.safe_load((KUBERNETES / f"{name}.yaml").read_text())["spec"]["template"]["spec"]
    *shell, command = pod["containers"][0]["livenessProbe"]["exec"]["command"]
    assert shell == ["sh", "-c"]
    return command


def is_well(command, file):
    ran = subprocess.run(
        ["/bin/sh", "-c", command.replace("/tmp/alive", str(file))], env={"PATH": os.environ["PATH"]}, check=False
    )
    return ran.returncode == 0


@pytest.mark.parametrize("name", ["worker", "beat"])
@pytest.mark.parametrize("asked_by", [asked_by_compose, asked_by_kubernetes], ids=["compose", "kubernetes"])
def test_only_one_that_worked_within_five_minutes_is_well(asked_by, name, tmp_path, settings, monkeypatch):
    command, settings.ALIVE_FILE = asked_by(name), str(tmp_path / "alive")
    monkeypatch.setattr(vitals, "_last_sign", {})
    assert not is_well(command, settings.ALIVE_FILE)
    vitals.show_life(name)
    assert is_well(command, settings.ALIVE_FILE)
    past = time.time() - 7 * 60
    os.utime(settings.ALIVE_FILE, (past, past))
    assert not is_well(command, settings.ALIVE_FILE)


def test_the_image_names_the_file_that_the_checks_look_for():
    named = re.search(r"ALIVE_FILE=(\S+)", (ROOT / "Dockerfile").read_text())[1]
    for name in ("worker", "beat"):
        for asked_by in (asked_by_compose, asked_by_kubernetes):
            assert f"find {named} " in asked_by(name)


def test_a_file_that_cannot_be_touched_stops_nobody(tmp_path, settings, monkeypatch):
    settings.ALIVE_FILE = str(tmp_path / "no" / "folder" / "alive")
    monkeypatch.setattr(vitals, "_last_sign", {})
    told = []
    monkeypatch.setattr(vitals.log, "warning", lambda line, *_: told.append(line))
    vitals.show_life("beat")
    assert told == ["ALIVE_FILE cannot be touched: %s"]
