"""A broker that is away or mute costs a warning and a few seconds, never a request."""

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROGRAM = "import django; django.setup(); from apps.scans.wake import wake_workers; wake_workers(3)"


@pytest.fixture
def mute():
    """The port of a server that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.mark.parametrize("broker", ["away", "mute"])
def test_a_broker_that_does_not_answer_costs_a_warning_and_little_time(broker, mute):
    environment = os.environ | {"REDIS_URL": f"redis://127.0.0.1:{mute if broker == 'mute' else 1}/0"}
    environment["DJANGO_SETTINGS_MODULE"] = "config.settings"
    begun = time.monotonic()
    ran = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert ran.stdout.count("The broker takes no wake-up") == 1
    assert time.monotonic() - begun < 20
