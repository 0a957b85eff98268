"""Callers that take their time: they get no thread for ever."""

import socket
import sys
import threading
import time
from contextlib import suppress

import pytest

from config import web_worker
from config.web_worker import PatientSocket
from tests.operating.producing import THROUGH_A_PROXY, ready, until

HEADERS = "".join(f"{name}: {said}\r\n" for name, said in THROUGH_A_PROXY.items())
SHORT = f"GET /healthz HTTP/1.1\r\n{HEADERS}Connection: close\r\n\r\n".encode()
IN_ITS_HEAD = f"GET /sign-in/ HTTP/1.1\r\n{HEADERS}X-Long: ".encode()
IN_ITS_BODY = f"POST /hooks/none/ HTTP/1.1\r\n{HEADERS}Content-Length: 1000\r\n\r\n".encode()


@pytest.fixture
def port(version):
    return int(version.environment["PORT"])


@pytest.fixture
def worker():
    return "config.web_worker.WebWorker"


@pytest.fixture
def web(version, port, worker, tmp_path):
    log = tmp_path / "log"
    web = version.start("web", log, GUNICORN_CMD_ARGS=f"--worker-class {worker}")
    until(lambda: ready(port))
    yield log
    web.kill()
    web.wait()
    sys.stderr.write(log.read_text())


@pytest.fixture
def dripping(port):
    """Opens connections that send a byte now and then, and go on until the test ends."""
    held, ended = [], threading.Event()

    def drip():
        while not ended.wait(0.2):
            for one in held:
                with suppress(OSError):  # it was cut off, as it should be
                    one.sendall(b"x")

    def begin(*requests):
        for request in requests:
            held.append(socket.create_connection(("127.0.0.1", port)))
            held[-1].sendall(request)

    thread = threading.Thread(target=drip)
    thread.start()
    yield begin
    ended.set()
    thread.join()
    for one in held:
        one.close()


@pytest.mark.slow
@pytest.mark.parametrize("worker", ["tests.operating.impatient.ImpatientWorker"])
def test_whoever_sends_a_request_byte_by_byte_is_cut_off_and_others_are_served(web, port, dripping):
    dripping(*[IN_ITS_HEAD, IN_ITS_BODY] * 6)  # more than there are threads
    time.sleep(1.5)
    until(lambda: ready(port), seconds=10)
    assert "Traceback" not in web.read_text()


@pytest.mark.slow
def test_callers_that_stay_after_their_answer_keep_nobody_waiting(web, port):
    callers = [socket.create_connection(("127.0.0.1", port)) for _ in range(6)]
    begun = time.monotonic()
    for caller in callers:
        caller.sendall(SHORT)
        assert caller.recv(12) == b"HTTP/1.1 200"
    assert ready(port)
    assert time.monotonic() - begun < 5  # gunicorn waits two seconds for each
    for caller in callers:
        caller.close()


def test_a_caller_that_takes_nothing_of_an_answer_is_gone(monkeypatch):
    monkeypatch.setattr(web_worker, "SECONDS_FOR_A_PIECE", 0.1)
    ours, theirs = socket.socketpair()
    patient = PatientSocket(fileno=ours.detach())
    patient.setblocking(True)
    with patient, theirs, pytest.raises(ConnectionResetError):
        patient.sendall(b"x" * 10_000_000)


def test_a_caller_is_heard_out_until_a_moment():
    ours, theirs = socket.socketpair()
    patient = PatientSocket(fileno=ours.detach())
    patient.until = time.monotonic() + 0.3
    with patient, theirs:
        theirs.sendall(b"a")
        assert patient.recv(10) == b"a"
        with pytest.raises(ConnectionResetError):
            patient.recv(10)
        theirs.sendall(b"b")
        with pytest.raises(ConnectionResetError):
            patient.recv(10)
    assert time.monotonic() - patient.until < 5


def test_a_shorter_wait_that_was_asked_for_stays_one():
    ours, theirs = socket.socketpair()
    patient = PatientSocket(fileno=ours.detach())
    patient.until = time.monotonic() + 60
    patient.settimeout(0.05)
    with patient, theirs:
        with pytest.raises(TimeoutError):
            patient.recv(10)
        assert patient.gettimeout() == 0.05
