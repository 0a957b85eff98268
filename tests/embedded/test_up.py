"""`manage.py up` as a person meets it: it starts everything, says what is wrong, and leaves nothing behind."""

import http.server
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from apps.embedded import announce
from apps.embedded.places import PROJECT, Places
from apps.embedded.programs import listening, until
from apps.embedded.services import attached_for

pytestmark = pytest.mark.slow


@pytest.fixture
def folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="tf-"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def made() -> Iterator[Path]:
    """A data folder with its tables, as a start that has ended leaves it."""
    folder = Path(tempfile.mkdtemp(prefix="tf-"))
    folder.chmod(0o711)
    given = {key: value for key, value in os.environ.items() if key not in {"DATABASE_URL", "REDIS_URL"}}
    subprocess.run(
        [sys.executable, "manage.py", "migrate", "--verbosity", "0"],
        cwd=PROJECT,
        env={**given, "DATA_DIR": str(folder / "data")},
        check=True,
    )
    yield folder / "data"
    shutil.rmtree(folder)


@pytest.fixture
def second_time(folder: Path, made: Path) -> None:
    """Somebody has started here before: what a first start makes is in the folder."""
    subprocess.run(["cp", "-a", made, folder / "data"], check=True)


@pytest.fixture
def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def up(folder: Path, **environment: object) -> subprocess.Popen[str]:
    given = {key: value for key, value in os.environ.items() if key not in {"DATABASE_URL", "REDIS_URL", "SECRET_KEY"}}
    given |= {key: str(value) for key, value in environment.items()}
    return subprocess.Popen(
        [sys.executable, "manage.py", "up", "--empty"],
        cwd=PROJECT,
        env={**given, "DATA_DIR": str(folder / "data")},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def started(running: subprocess.Popen[str]) -> dict[str, int]:
    """Read what `up` says until web, worker and beat have started; return their process ids."""
    assert running.stdout is not None
    found: dict[str, int] = {}
    said = ""
    for line in running.stdout:
        said += line
        if match := re.search(r"(\w+) started \(pid=(\d+)\)", line):
            found[match[1]] = int(match[2])
        if len(found) == 3:
            return found
    pytest.fail(f"up ended early: {said}")


def gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return "\nState:\tZ" in Path(f"/proc/{pid}/status").read_text()


def nothing_listens(folder: Path) -> bool:
    sockets = Places(folder / "data").sockets
    return not listening(sockets / ".s.PGSQL.5432") and not listening(sockets / "valkey.sock")


@pytest.mark.parametrize(("before", "how"), [("nothing", signal.SIGTERM), ("second_time", signal.SIGINT)])
def test_a_person_stops_everything_and_that_is_no_error(
    folder: Path, free_port: int, before: str, how: signal.Signals, request: pytest.FixtureRequest
) -> None:
    if before == "second_time":
        request.getfixturevalue(before)
    with up(folder, PORT=free_port) as running:
        processes = started(running)
        assert set(processes) == {"web", "worker", "beat"}
        assert not nothing_listens(folder)
        running.send_signal(how)
        running.communicate(timeout=60)
    assert running.returncode == 0
    assert all(gone(pid) for pid in processes.values())
    assert nothing_listens(folder)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends a child with its parent")
@pytest.mark.usefixtures("second_time")
def test_kill_leaves_nothing_behind_and_the_next_start_works(folder: Path, free_port: int) -> None:
    with up(folder, PORT=free_port) as running:
        processes = started(running)
        running.kill()
        running.communicate()
    assert until(lambda: all(gone(pid) for pid in processes.values()), seconds=20)
    assert until(lambda: nothing_listens(folder), seconds=20)
    with up(folder, PORT=free_port) as again:
        started(again)
        again.terminate()
        again.communicate(timeout=60)
    assert again.returncode == 0


@pytest.mark.usefixtures("second_time")
def test_a_second_start_on_the_same_folder_is_refused(folder: Path, free_port: int) -> None:
    with up(folder, PORT=free_port) as first:
        started(first)
        with up(folder, PORT=free_port) as second:
            said, _ = second.communicate(timeout=60)
        first.terminate()
        first.communicate(timeout=60)
    assert said == f"Twelvefold already runs on {folder}/data; stop it first, or set DATA_DIR to another folder.\n"
    assert second.returncode == 1


def test_a_taken_port_is_named_with_the_way_out(folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with up(folder, PORT=port) as running:
            said, _ = running.communicate(timeout=60)
    assert re.fullmatch(rf"Port {port} is taken; choose another one: make run PORT=\d+\.\n", said)
    assert running.returncode == 1
    assert nothing_listens(folder)


def test_a_database_that_does_not_answer_is_named_at_once(folder: Path, free_port: int) -> None:
    silent = f"postgresql://x@127.0.0.1:{free_port}/x"
    with up(folder, PORT=free_port, DATABASE_URL=silent, REDIS_URL=os.environ["REDIS_URL"]) as running:
        said, _ = running.communicate(timeout=60)
    assert said.startswith("The database that DATABASE_URL names does not answer: ")
    assert said.count("\n") == 1
    assert running.returncode == 1


def test_commands_that_need_no_server_start_none(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATA_DIR", str(folder / "data"))
    monkeypatch.delenv("DATABASE_URL")
    monkeypatch.delenv("REDIS_URL")
    for arguments in (
        ["manage.py"],
        ["manage.py", "check"],
        ["manage.py", "scan", "."],
        ["manage.py", "migrate", "--help"],
    ):
        with attached_for(arguments):
            assert not (folder / "data").exists()


def test_a_command_that_needs_the_database_finds_one(folder: Path) -> None:
    given = {key: value for key, value in os.environ.items() if key not in {"DATABASE_URL", "REDIS_URL"}}
    asked = "from django.db import connection as c; c.ensure_connection(); print(c.settings_dict['NAME'], c.pg_version)"
    said = subprocess.check_output(
        [sys.executable, "manage.py", "shell", "--no-imports", "-c", asked],
        cwd=PROJECT,
        env={**given, "DATA_DIR": str(folder / "data")},
        text=True,
    )
    assert re.fullmatch(r"twelvefold 18\d{4}\n", said)
    assert nothing_listens(folder)


def test_the_address_is_announced_when_the_pages_answer(capsys: pytest.CaptureFixture[str]) -> None:
    class Pages(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Pages) as server:
        port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        announce.main("127.0.0.1", str(port), "Sign in as alice", str(os.getppid()))
        server.shutdown()
        thread.join()
    said = capsys.readouterr().out
    assert f"http://127.0.0.1:{port}/\n" in said
    assert "Sign in as alice" in said
    assert "Ctrl-C" in said


def test_nothing_is_announced_for_one_that_was_killed_before_the_announcer_looked(
    free_port: int, capsys: pytest.CaptureFixture[str]
) -> None:
    begun = time.monotonic()
    announce.main("127.0.0.1", str(free_port), "Sign in as alice", parent="0")
    assert time.monotonic() - begun < announce.PATIENCE_SECONDS / 2
    assert capsys.readouterr().out == ""
