"""A broker that is away or mute costs a warning and a few seconds, never a request."""

import os
import socket
import socketserver
import subprocess
import sys
import threading
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


@pytest.fixture
def full():
    """The port of a server that has no memory left for anything that it is asked."""

    class Full(socketserver.StreamRequestHandler):
        def handle(self):
            while self.request.recv(65536):
                self.request.sendall(b"-OOM command not allowed when used memory > 'maxmemory'.\r\n")

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Full) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


@pytest.mark.parametrize("broker", ["away", "mute", "full"])
def test_a_broker_that_takes_nothing_costs_a_warning_and_little_time(broker, mute, full):
    port = {"away": 1, "mute": mute, "full": full}[broker]
    environment = os.environ | {"REDIS_URL": f"redis://127.0.0.1:{port}/0"}
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
