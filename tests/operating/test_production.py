"""The Procfile with production settings and servers given from outside: from sign-in to a graceful end."""

import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import time
from html import unescape
from http.cookies import SimpleCookie
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import psycopg
import pytest

from tests.repositories.building import make_repository, repository

__all__ = ["make_repository", "repository"]

ROOT = Path(__file__).parents[2]
HOST = "twelvefold.example"
GRACE = 60  # seconds, as deploy/kubernetes gives
pytestmark = pytest.mark.slow


class Browser:
    """Speaks to web as the proxy before it does, and keeps cookies."""

    def __init__(self, port):
        self.port, self.cookies, self.token = port, {}, ""

    def ask(self, method, path, body=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        headers = {"Host": HOST, "X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.7", "Cookie": cookies}
        if body is not None:
            headers |= {"Origin": f"https://{HOST}", "Content-Type": "application/x-www-form-urlencoded"}
            body = urlencode({"csrfmiddlewaretoken": self.token} | body)
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        for cookie in SimpleCookie("\n".join(answer.headers.get_all("Set-Cookie") or [])).values():
            self.cookies[cookie.key] = cookie.value
        text = answer.read().decode()
        connection.close()
        if found := re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', text):
            self.token = found[1]
        return answer.status, answer.headers.get("Location", ""), text

    def get(self, path):
        status, _, text = self.ask("GET", path)
        assert status == 200, (path, status)
        return text

    def post(self, path, **fields):
        """Where the answer leads."""
        status, location, text = self.ask("POST", path, fields)
        assert status == 302, (path, status, text)
        return location


@pytest.fixture
def environment(tmp_path):
    """What production is given; of the machine's own only the path to programs."""
    name = f"production_{os.getpid()}"
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as session:
        session.execute(f"CREATE DATABASE {name}")
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        yield {
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "DATABASE_URL": urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl(),
            "REDIS_URL": os.environ["REDIS_URL"],
            "SECRET_KEY": "ci-0123456789abcdefghijklmnopqrstuvwxyz-0123456789-ABCDEFGHIJKL",
            "ALLOWED_HOSTS": HOST,
            "TRUST_PROXY": "true",
            "DATA_DIR": str(tmp_path / "data"),
            "LOCAL_REPOSITORY_ROOTS": str(tmp_path),
            "BIND_ADDRESS": "127.0.0.1",
            "PORT": str(port),
            "WORKER_CONCURRENCY": "1",
            "WEB_CONCURRENCY": "1",
        }
        session.execute(f"DROP DATABASE {name} WITH (FORCE)")


def manage(environment, *command):
    ran = subprocess.run(
        [sys.executable, "manage.py", *command], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


@pytest.fixture
def running(environment, tmp_path):
    """honcho with web, worker and beat."""
    log = tmp_path / "honcho.log"
    manage(environment, "collectstatic", "--noinput")
    manage(environment, "release")
    with log.open("wb") as out:
        honcho = subprocess.Popen(
            [Path(sys.executable).parent / "honcho", "start", "--no-prefix", "web", "worker", "beat"],
            cwd=ROOT, env=environment, stdout=out, stderr=out, start_new_session=True,
        )  # fmt: skip
    yield honcho
    honcho.terminate()  # it ends its children, each of which has a session of its own, by force if need be
    honcho.wait(GRACE)
    sys.stderr.write(log.read_text())


def until(claim, seconds=90):
    end = time.monotonic() + seconds
    while not (answer := claim()):
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.2)
    return answer


def ready(browser):
    try:
        return browser.ask("GET", "/readyz")[0] == 200
    except OSError:
        return False


def scanned(environment):
    with psycopg.connect(environment["DATABASE_URL"]) as session:
        found = session.execute("SELECT phase FROM scans_scanrequest ORDER BY id").fetchone()
    assert found is None or found[0] != "failed"
    return found == ("done",)


def value(name, page):
    return unescape(re.search(rf'name="{name}"[^>]*? value="([^"]*)"', page)[1])


def test_from_sign_in_to_export_and_a_graceful_end(environment, running, repository, tmp_path):
    repository.commit({"requirements.txt": "torch==2.4.0\n", "fit.py": "import torch\n"})
    name, password = manage(environment, "admin", "alice").split()[-2:]
    browser = Browser(int(environment["PORT"]))
    until(lambda: ready(browser))
    assert browser.ask("GET", "/")[:2] == (302, "/sign-in/?next=/")

    browser.get("/sign-in/")
    assert browser.post("/sign-in/", login=name, password=password) == "/"
    assert set(browser.cookies) >= {"__Host-session", "__Host-csrf"}
    browser.get("/teams/new/")
    browser.post("/teams/new/", name="Fraud")
    page = browser.get("/projects/add/")
    team = re.search(r'<option value="(\d+)"[^>]*>\s*Fraud', page)[1]
    address = browser.post(
        "/projects/add/", team=team, url=str(repository.path), name="", branch="", subfolder="", tags=""
    )

    until(lambda: scanned(environment))
    item = f"{address}items/codebase.training/tick/"
    tick = browser.get(item)
    version = value("version", tick)
    browser.post(item, state="partial", note="Seen in fit.py.", expires_at=value("expires_at", tick), version=version)
    assert "Seen in fit.py." in browser.get(f"{address}export.csv")

    log = tmp_path / "honcho.log"
    os.kill(int(re.search(r"worker\.1 started \(pid=(\d+)\)", log.read_text())[1]), signal.SIGTERM)
    running.wait(GRACE)  # honcho ends the others when one has ended
    ended = re.findall(r"(\w+)\.1 stopped \(rc=(\S+)\)", log.read_text())
    assert dict(ended) == {"web": "0", "worker": "0", "beat": "0"}
    with pytest.raises(ConnectionRefusedError):
        browser.ask("GET", "/healthz")
