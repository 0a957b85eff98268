"""A real Chromium against a live server, with a real worker beside it."""

import os
import re
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.core.signals import request_finished, request_started
from django.db import connection

from tests.dashboard.conftest import _own_cache, _quick_passwords, alice, bob, carol, fraud, scorer  # noqa: F401

# Playwright's synchronous calls run inside an event loop, which Django would otherwise refuse to share a thread with.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
ROOT = Path(__file__).parent.parent.parent


@pytest.fixture(scope="session")
def chromium():
    if not shutil.which(CHROMIUM) and not os.environ.get("CI"):
        pytest.skip("There is no Chromium on this machine")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


class Complaints(list):
    """What the browser's console had to say against a page: errors, and what the content policy stopped."""

    def listen(self, page):
        # A conflict is an answer, and so is a mistake in a form; that the browser notes it is no fault of the page. Nor
        # is it one that leaving a page ends what it was asking for, which htmx notes.
        page.on(
            "console",
            lambda message: (
                message.type in {"error", "warning"}
                and not re.search(r"status of 4(09|22) ", message.text)
                and not message.text.startswith(("htmx:sendAbort", "htmx:afterRequest"))
                and self.append(message.text)
            ),
        )
        page.on("pageerror", lambda error: self.append(str(error)))


@pytest.fixture
def open_page(chromium, live_server):
    """Opens pages and, at the end, expects that their consoles stayed silent.

    Asks for the server, so that the pages are closed before the tables are emptied.
    """
    complaints, contexts = Complaints(), []

    def opened(width=1400, theme="light", **more):
        contexts.append(
            chromium.new_context(
                viewport={"width": width, "height": 900}, color_scheme=theme, reduced_motion="reduce", **more
            )
        )
        page = contexts[-1].new_page()
        page.set_default_timeout(15_000)
        complaints.listen(page)
        return page

    yield opened
    for context in contexts:
        context.close()
    _await_answers()
    assert complaints == []


# Threads of the live server that are making an answer. One that goes on after its page was closed would meet the tables
# while the end of the test empties them.
_answering = set()
request_started.connect(lambda **_: _answering.add(threading.get_ident()), weak=False)
request_finished.connect(lambda **_: _answering.discard(threading.get_ident()), weak=False)


def _await_answers():
    until = time.monotonic() + 10
    while _answering - {threading.main_thread().ident} and time.monotonic() < until:
        time.sleep(0.02)


@pytest.fixture
def sign_in(live_server):
    def signed_in(page, name):
        page.goto(f"{live_server.url}/sign-in/")
        page.get_by_label("User name").fill(name)
        page.get_by_label("Password").fill("a long pass phrase")
        page.get_by_role("button", name="Sign in", exact=True).click()
        page.wait_for_url(f"{live_server.url}/")

    return signed_in


@pytest.fixture
def repositories(tmp_path, settings):
    """The folder whose repositories may be scanned."""
    settings.LOCAL_REPOSITORY_ROOTS = [tmp_path / "git"]
    (tmp_path / "git").mkdir()
    return tmp_path / "git"


@pytest.fixture
def worker(transactional_db, repositories, tmp_path):
    """A Celery worker of its own process on the database of the tests."""
    url = urlsplit(os.environ["DATABASE_URL"])
    environment = os.environ | {
        "DATABASE_URL": url._replace(path=f"/{connection.settings_dict['NAME']}").geturl(),
        "LOCAL_REPOSITORY_ROOTS": str(repositories),
        "MIRROR_DIR": str(tmp_path / "mirrors"),
    }
    command = [sys.executable, "-m", "celery", "--app", "config", "--quiet", "worker", "--concurrency", "1", "--pool"]
    with (tmp_path / "worker.log").open("w") as log:
        process = subprocess.Popen([*command, "prefork"], cwd=ROOT, env=environment, stdout=log, stderr=log)
        yield process
        process.terminate()
        process.wait(timeout=20)
