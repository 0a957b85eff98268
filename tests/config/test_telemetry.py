"""Errors and traces leave only where the environment says where to, and then really arrive."""

import gzip
import http.server
import os
import subprocess
import sys
import threading
from collections.abc import Iterator

import brotli
import pytest

from apps.embedded.places import PROJECT

WORK = """
import django
from config import telemetry
telemetry.start("web")
django.setup()
from django.test import Client
Client().get("/healthz")
import logging
token = "-".join(["hidden", "value"])
try:
    1 / 0
except ZeroDivisionError:
    logging.getLogger("apps").exception("mistake")
if "opentelemetry.sdk.trace" in sys.modules:
    from opentelemetry import trace
    trace.get_tracer_provider().force_flush()
if "sentry_sdk" in sys.modules:
    import sentry_sdk
    sentry_sdk.flush(timeout=5)
"""


class Collector(http.server.BaseHTTPRequestHandler):
    received: list[tuple[str, bytes]]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        body = {"gzip": gzip.decompress, "br": brotli.decompress}.get(self.headers["Content-Encoding"], bytes)(body)
        self.received.append((self.path, body))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Stay silent."""


@pytest.fixture
def collector() -> Iterator[tuple[str, list[tuple[str, bytes]]]]:
    received: list[tuple[str, bytes]] = []
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), type("One", (Collector,), {"received": received}))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"127.0.0.1:{server.server_address[1]}", received
    server.shutdown()
    server.server_close()


def work(**given: str) -> None:
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings", "HTTPS": "false", **given}
    environment["ALLOWED_HOSTS"] = "testserver"
    done = subprocess.run(
        [sys.executable, "-c", f"import sys\n{WORK}"], cwd=PROJECT, env=environment, capture_output=True, text=True,
        check=False, timeout=600,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def test_a_mistake_reaches_sentry_without_the_values_of_variables(
    collector: tuple[str, list[tuple[str, bytes]]],
) -> None:
    address, received = collector
    work(SENTRY_DSN=f"http://key@{address}/1")
    told = b"".join(body for _, body in received)
    assert b"ZeroDivisionError" in told
    assert b"hidden-value" not in told


def test_a_request_reaches_the_collector_of_traces(collector: tuple[str, list[tuple[str, bytes]]]) -> None:
    address, received = collector
    work(OTEL_EXPORTER_OTLP_ENDPOINT=f"http://{address}")
    assert [path for path, body in received if b"twelvefold-web" in body and b"healthz" in body] == ["/v1/traces"]


def test_nothing_is_loaded_where_nothing_is_asked() -> None:
    loaded = subprocess.run(
        [sys.executable, "-c", "import sys\nfrom config import telemetry\ntelemetry.start('web')\n"
         "print([m for m in sys.modules if m.startswith(('sentry_sdk', 'opentelemetry'))])"],
        cwd=PROJECT, env={key: os.environ[key] for key in os.environ if not key.startswith(("SENTRY", "OTEL"))},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert loaded.stdout.strip() == "[]"
