"""A broker that is away has no worker and no beat restarted: what their health checks look for stays fresh."""

import os
import subprocess
import sys
import tempfile
import time
from contextlib import nullcontext
from pathlib import Path

import pytest
import redis
from kombu.exceptions import OperationalError

from apps.embedded.places import Places
from apps.embedded.services import attached
from apps.scans import liveness
from config.celery import app
from tests.operating.producing import ROOT

pytestmark = pytest.mark.slow
ARGUMENTS = {"worker": ["--concurrency", "1"], "beat": []}


@pytest.fixture
def places():
    """Of a broker of one's own, which can be stopped."""
    with tempfile.TemporaryDirectory(prefix="twelvefold-broker-") as folder:
        Path(folder).chmod(0o711)  # as root, the server runs as another account
        yield Places(Path(folder))


@pytest.fixture
def start(tmp_path, places):
    """Starts a worker or a beat, and answers the file by which health checks know that it lives."""
    started = []

    def starting(name):
        file = tmp_path / f"{name} is alive"
        command = [sys.executable, "-m", "celery", "--app", "config", name, "--loglevel", "INFO", *ARGUMENTS[name]]
        environment = os.environ | {"REDIS_URL": places.redis_url, "ALIVE_FILE": str(file)}
        with (tmp_path / "log").open("ab") as log:
            started.append(subprocess.Popen(command, env=environment, cwd=ROOT, stdout=log, stderr=log))
        return file

    yield starting
    for process in started:
        process.terminate()
    for process in started:
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    sys.stderr.write((tmp_path / "log").read_text())


def happens(claim, seconds=30):
    until = time.monotonic() + seconds
    while not (happened := claim()) and time.monotonic() < until:
        time.sleep(0.1)
    return happened


def touched_anew(files, times, seconds=30):
    """Whether each file is touched so often, in time each time; they are watched side by side, for it takes a while."""
    for file in files:
        file.unlink(missing_ok=True)
    left, until = dict.fromkeys(files, times), dict.fromkeys(files, time.monotonic() + seconds)
    while waiting := [file for file in files if left[file]]:
        for file in waiting:
            if file.exists():
                file.unlink()
                left[file], until[file] = left[file] - 1, time.monotonic() + seconds
            elif time.monotonic() > until[file]:
                return False
        time.sleep(0.1)
    return True


@pytest.mark.parametrize("before", [True, False], ids=["stopped", "never-there"])
def test_those_whose_broker_is_away_stay_well(before, places, start):
    with attached(places, ["valkey"]) if before else nullcontext():
        files = [start(name) for name in ARGUMENTS]
        if before:
            with redis.from_url(places.redis_url) as broker:
                assert happens(lambda: all(broker.keys(f"*seen:{name}") for name in ARGUMENTS))  # they are at work
    # The first may have been on its way, and a goodbye the second.
    assert touched_anew(files, 4)


def test_a_worker_whose_broker_goes_in_the_middle_of_a_message_stays_well(places, settings, tmp_path):
    """Its main thread sends heartbeats, each until it has arrived."""
    file = tmp_path / "alive"
    settings.ALIVE_FILE = str(file)
    with attached(places, ["valkey"]):
        address = places.redis_url.replace("unix://", "redis+socket://")
        connection = liveness.telling(app.connection_for_write(url=address))
        producer = connection.Producer()
        producer.publish({}, routing_key="sent", retry=True)
    file.unlink(missing_ok=True)
    with pytest.raises(OperationalError):
        producer.publish({}, routing_key="lost", retry=True, retry_policy={"max_retries": 1})
    assert file.exists()
