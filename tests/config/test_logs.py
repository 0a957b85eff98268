"""What the log says: one line per event, machine-readable, with the ids of the request, the task and the scan."""

import json
import logging
import os
import subprocess
import sys

import pytest
import structlog
from django.test import Client

from apps.embedded.places import PROJECT
from apps.scans import services, tasks
from config import logs

LATE = """
import django; django.setup()
import logging
log = logging.getLogger("celery.worker.request")
log.info("Discarding revoked task: scans.wake[t-1]")
log.error("Task scans.wake[t-1] lost")
"""
SPEAK = """
import django; django.setup()
import logging, structlog
structlog.contextvars.bind_contextvars(request_id="r-1", task_id="t-1", scan=7)
logging.getLogger("apps.scans.runner").info("scan %s ended", 7)
structlog.get_logger("apps.scans").warning("odd\\nname", project="<b>")
try:
    1 / 0
except ZeroDivisionError:
    logging.getLogger("apps").exception("mistake")
"""

FAIL = """
import django; django.setup()
import logging
def sign_in(typed):
    1 / 0
try:
    sign_in("open" + " sesame")
except ZeroDivisionError:
    logging.getLogger("apps").exception("mistake")
"""


def lines_of(form: str, speak: str = SPEAK) -> list[str]:
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings", "LOG_FORMAT": form}
    spoken = subprocess.run(
        [sys.executable, "-c", speak], cwd=PROJECT, env=environment, capture_output=True, text=True, check=True
    )
    assert not spoken.stderr
    return spoken.stdout.splitlines()


def test_each_event_is_one_line_of_json_on_stdout() -> None:
    ended, odd, mistake = map(json.loads, lines_of("json"))
    assert ended["message"] == "scan 7 ended"
    assert (ended["request_id"], ended["task_id"], ended["scan"]) == ("r-1", "t-1", 7)
    assert (ended["level"], ended["logger"]) == ("info", "apps.scans.runner")
    assert (odd["message"], odd["project"]) == ("odd\nname", "<b>")
    assert mistake["exception"][0]["exc_type"] == "ZeroDivisionError"
    assert {"timestamp", "request_id"} <= set(mistake)


@pytest.mark.parametrize("form", ["json", "text"])
def test_a_trace_in_the_log_shows_no_values_of_variables(form: str) -> None:
    trace = "\n".join(lines_of(form, FAIL))
    assert "sign_in" in trace
    assert "open sesame" not in trace


def test_text_is_for_people() -> None:
    first, *_ = lines_of("text")
    assert "scan 7 ended" in first
    assert not first.startswith("{")


def test_a_wake_up_that_came_too_late_is_worth_no_line() -> None:
    (lost,) = lines_of("text", LATE)
    assert "lost" in lost


@pytest.fixture
def requests(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.DEBUG, logger="twelvefold.requests")
    return caplog


def last(spoken: pytest.LogCaptureFixture) -> dict[str, object]:
    """The event of the last line, as the renderer gets it."""
    event = spoken.records[-1].msg
    assert isinstance(event, dict)
    return event


@pytest.mark.django_db
def test_a_request_is_logged_by_its_route_and_not_by_its_address(
    client: Client, requests: pytest.LogCaptureFixture
) -> None:
    answer = client.get("/projects/no-such-project/?token=secret")
    event = last(requests)
    assert (event["method"], event["route"], event["status"]) == ("GET", "project", answer.status_code)
    assert "secret" not in str(event)
    assert "no-such-project" not in str(event)
    assert event["request_id"] == answer["X-Request-ID"]


def test_an_id_from_outside_is_kept_when_it_is_one(client: Client) -> None:
    assert client.get("/healthz", headers={"X-Request-ID": "abc-12345"})["X-Request-ID"] == "abc-12345"
    for odd in ("short", "a" * 65, "semi;colon-12345", "line\u2028break"):
        assert client.get("/healthz", headers={"X-Request-ID": odd})["X-Request-ID"] != odd


def test_signs_of_life_are_worth_no_line_unless_they_fail(client: Client, requests: pytest.LogCaptureFixture) -> None:
    client.get("/healthz")
    assert requests.records[-1].levelno == logging.DEBUG


def test_the_ids_of_one_request_do_not_reach_the_next(client: Client) -> None:
    client.get("/healthz")
    assert structlog.contextvars.get_contextvars() == {}


def test_lines_of_a_scan_carry_its_id(monkeypatch: pytest.MonkeyPatch, db: None) -> None:
    seen: list[dict[str, object]] = []

    class Request:
        pk = 11
        project = type("Project", (), {"slug": "ranker"})

    waiting = [Request()]
    monkeypatch.setattr(services, "claim", lambda *, worker: waiting.pop() if waiting else None)
    monkeypatch.setattr(tasks, "claim_backfill", lambda: None)
    monkeypatch.setattr(tasks, "run", lambda *_, **__: seen.append(structlog.contextvars.get_contextvars()))
    tasks.wake()
    assert seen == [{"scan": 11, "project": "ranker"}]


def test_only_the_two_forms_are_known() -> None:
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings", "LOG_FORMAT": "xml"}
    refused = subprocess.run(
        [sys.executable, "-c", "import django; django.setup()"],
        cwd=PROJECT, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert refused.returncode != 0
    assert "LOG_FORMAT" in refused.stderr


def test_every_handler_writes_to_stdout() -> None:
    handlers = logs.configured(level="INFO", form="json")["handlers"]
    assert {one["stream"] for one in handlers.values()} == {"ext://sys.stdout"}


def test_the_servers_own_access_log_is_off_because_it_tells_addresses() -> None:
    logs_of = logs.configured(level="DEBUG", form="json")["loggers"]["gunicorn.access"]
    assert logs_of == {"handlers": [], "level": "CRITICAL", "propagate": False}


def test_what_goes_wrong_with_a_request_is_logged_without_its_address(
    client: Client, capsys: pytest.CaptureFixture[str]
) -> None:
    client.get("/no/such/page-with-a-key/")
    assert "page-with-a-key" not in capsys.readouterr().out
