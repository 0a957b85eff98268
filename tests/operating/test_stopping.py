"""A web process that is told to stop: whoever has reached it is answered, whoever comes later is refused at once."""

import os
import re
import signal
import socket
import sys
from pathlib import Path

import pytest

from tests.operating.producing import GRACE, THROUGH_A_PROXY, ready, until

pytestmark = pytest.mark.slow
HEADERS = "".join(f"{name}: {said}\r\n" for name, said in THROUGH_A_PROXY.items())
REQUEST = f"GET /sign-in/ HTTP/1.1\r\n{HEADERS}Connection: close\r\n\r\n".encode()


@pytest.fixture
def port(version):
    return int(version.environment["PORT"])


@pytest.fixture
def web(version, port, tmp_path):
    log = tmp_path / "log"
    web = version.start("web", log)
    until(lambda: ready(port))
    yield web
    web.kill()
    web.wait()
    sys.stderr.write(log.read_text())


def connected(port):
    return socket.create_connection(("127.0.0.1", port), timeout=GRACE)


def status(connection):
    with connection, connection.makefile("rb") as answer:
        return answer.readline().split()[1:2]


def refuses(port):
    try:
        connected(port).close()
    except ConnectionRefusedError:
        return True
    return False


def told_of(process, name):
    return re.search(rf"^{name}:\t(\w+)", Path(f"/proc/{process}/status").read_text(), re.MULTILINE)[1]


def told_to_stop(process):
    return int(told_of(process, "ShdPnd"), 16) & 1 << signal.SIGTERM - 1


def test_the_door_is_shut_while_a_request_is_under_way(web, port):
    slow = connected(port)
    slow.sendall(REQUEST[:20])
    assert ready(port)  # a later caller was answered, so the slow one was taken
    web.terminate()
    until(lambda: refuses(port), seconds=4)  # gunicorn gives the slow one ten
    assert web.poll() is None
    slow.sendall(REQUEST[20:])
    assert status(slow) == [b"200"]
    assert web.wait(GRACE) == 0


def test_who_waits_at_the_door_is_answered(web, port):
    (worker,) = map(int, Path(f"/proc/{web.pid}/task/{web.pid}/children").read_text().split())
    os.kill(worker, signal.SIGSTOP)
    until(lambda: told_of(worker, "State") == "T")  # one that still runs would take SIGTERM before it freezes
    callers = [connected(port) for _ in range(5)]
    for caller in callers:
        caller.sendall(REQUEST)
    web.terminate()
    until(lambda: told_to_stop(worker))
    os.kill(worker, signal.SIGCONT)
    assert [status(caller) for caller in callers] == [[b"200"]] * 5
    assert web.wait(GRACE) == 0


def test_no_caller_says_under_which_path_the_pages_are(web, port):
    caller = connected(port)
    caller.sendall(
        REQUEST.replace(b"/sign-in/", b"/elsewhere/sign-in/").replace(b"Host:", b"SCRIPT_NAME: /elsewhere\r\nHost:")
    )
    assert status(caller) == [b"404"]
