"""Twelvefold with production settings: its processes as the Procfile names them, and who speaks to them."""

import http.client
import re
import subprocess
import sys
import time
from dataclasses import dataclass
from html import unescape
from http.cookies import SimpleCookie
from itertools import count
from pathlib import Path
from urllib.parse import urlencode

ROOT = Path(__file__).parents[2]
HOST = "twelvefold.example"
GRACE = 60  # seconds, as deploy/kubernetes gives
THROUGH_A_PROXY = {"Host": HOST, "X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.7"}


@dataclass
class Version:
    """A tree of Twelvefold's code, run with an environment that holds all it is given."""

    tree: Path
    environment: dict[str, str]

    def manage(self, *command):
        ran = subprocess.run(
            [sys.executable, "manage.py", *command],
            cwd=self.tree, env=self.environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert ran.returncode == 0, ran.stdout + ran.stderr
        return ran.stdout

    def start(self, name, log, **more):
        """The process `name` of the Procfile, in a group of its own."""
        command = re.search(rf"^{name}: (.+)$", (self.tree / "Procfile").read_text(), re.MULTILINE)[1]
        with log.open("ab") as out:
            return subprocess.Popen(
                ["/bin/sh", "-c", command],
                cwd=self.tree, env=self.environment | more, stdout=out, stderr=out, start_new_session=True,
            )  # fmt: skip


class Proxy:
    """Connects to the next web process, and to another one where that refuses. What was sent is never sent again."""

    def __init__(self, *ports):
        self.ports, self._turns = ports, count()

    def connect(self):
        turn = next(self._turns)  # several callers share the proxy
        for number in range(len(self.ports)):
            connection = http.client.HTTPConnection(
                "127.0.0.1", self.ports[(turn + number) % len(self.ports)], timeout=30
            )
            try:
                connection.connect()
            except ConnectionRefusedError:
                continue
            return connection
        raise ConnectionRefusedError(f"nobody listens at {self.ports}")

    def send(self, method, path, body=None, headers=None):
        """Status, headers and text of the answer."""
        connection = self.connect()
        connection.request(method, path, body, THROUGH_A_PROXY | (headers or {}))
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        return answer.status, answer.headers, text


class Browser:
    """Speaks to web through the proxy before it, and keeps cookies."""

    def __init__(self, proxy):
        self.proxy, self.cookies, self.token = proxy, {}, ""

    def ask(self, method, path, body=None):
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if body is not None:
            headers |= {"Origin": f"https://{HOST}", "Content-Type": "application/x-www-form-urlencoded"}
            body = urlencode({"csrfmiddlewaretoken": self.token} | body)
        status, answered, text = self.proxy.send(method, path, body, headers)
        for cookie in SimpleCookie("\n".join(answered.get_all("Set-Cookie") or [])).values():
            self.cookies[cookie.key] = cookie.value
        if found := re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', text):
            self.token = found[1]
        return status, answered.get("Location", ""), text

    def get(self, path):
        status, _, text = self.ask("GET", path)
        assert status == 200, (path, status)
        return text

    def post(self, path, **fields):
        """Where the answer leads."""
        status, location, text = self.ask("POST", path, fields)
        assert status == 302, (path, status, text)
        return location

    def sign_in(self, name, password):
        self.get("/sign-in/")
        return self.post("/sign-in/", login=name, password=password)

    def add_team(self, name):
        self.get("/teams/new/")
        self.post("/teams/new/", name=name)

    def add_project(self, team, url):
        """The address of its page."""
        team = re.search(rf'<option value="(\d+)"[^>]*>\s*{team}', self.get("/projects/add/"))[1]
        return self.post("/projects/add/", team=team, url=str(url), name="", branch="", subfolder="", tags="")


def value(name, page):
    """What the field of this name, or the one with this id, holds."""
    return unescape(re.search(rf'(?:name|id)="{name}"[^>]*? value="([^"]*)"', page)[1])


def until(claim, seconds=90):
    end = time.monotonic() + seconds
    while not (answer := claim()):
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.2)
    return answer


def ready(port):
    try:
        return Proxy(port).send("GET", "/readyz")[0] == 200
    except OSError:
        return False
