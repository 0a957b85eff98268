"""The Procfile with production settings and servers given from outside: from sign-in to a graceful end."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from tests.operating.producing import GRACE, ROOT, Browser, Proxy, ready, until, value

pytestmark = pytest.mark.slow


@pytest.fixture
def running(version, tmp_path):
    """honcho with web, worker and beat."""
    log = tmp_path / "honcho.log"
    with log.open("wb") as out:
        honcho = subprocess.Popen(
            [Path(sys.executable).parent / "honcho", "start", "--no-prefix", "web", "worker", "beat"],
            cwd=ROOT, env=version.environment, stdout=out, stderr=out, start_new_session=True,
        )  # fmt: skip
    yield honcho
    honcho.terminate()  # it ends its children, each of which has a session of its own, by force if need be
    honcho.wait(GRACE)
    sys.stderr.write(log.read_text())


def scanned(environment):
    with psycopg.connect(environment["DATABASE_URL"]) as session:
        found = session.execute("SELECT phase FROM scans_scanrequest ORDER BY id").fetchone()
    assert found is None or found[0] != "failed"
    return found == ("done",)


def test_from_sign_in_to_export_and_a_graceful_end(version, running, repository, tmp_path):
    repository.commit({"requirements.txt": "torch==2.4.0\n", "fit.py": "import torch\n"})
    port = int(version.environment["PORT"])
    browser = Browser(Proxy(port))
    until(lambda: ready(port))
    assert browser.ask("GET", "/")[:2] == (302, "/sign-in/?next=/")

    assert browser.sign_in(*version.manage("admin", "alice").split()[-2:]) == "/"
    assert set(browser.cookies) >= {"__Host-session", "__Host-csrf"}
    browser.add_team("Fraud")
    address = browser.add_project("Fraud", repository.path)

    until(lambda: scanned(version.environment))
    item = f"{address}items/codebase.training/tick/"
    tick = browser.get(item)
    seen = value("version", tick)
    browser.post(item, state="partial", note="Seen in fit.py.", expires_at=value("expires_at", tick), version=seen)
    assert "Seen in fit.py." in browser.get(f"{address}export.csv")

    log = tmp_path / "honcho.log"
    os.kill(int(re.search(r"worker\.1 started \(pid=(\d+)\)", log.read_text())[1]), signal.SIGTERM)
    running.wait(GRACE)  # honcho ends the others when one has ended
    ended = re.findall(r"(\w+)\.1 stopped \(rc=(\S+)\)", log.read_text())
    assert dict(ended) == {"web": "0", "worker": "0", "beat": "0"}
    with pytest.raises(ConnectionRefusedError):
        browser.ask("GET", "/healthz")
