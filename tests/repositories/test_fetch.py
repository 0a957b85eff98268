"""Git fetches one commit into a mirror that may be lost or damaged at any time."""

import os
import subprocess
import threading
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from apps.repositories import fetch as fetching
from apps.repositories.cache import mirror_of
from apps.repositories.children import ask
from apps.repositories.commit import GitSnapshot
from apps.repositories.complaints import explain, seconds_asked
from apps.repositories.environment import fetching_environment, reading_environment
from apps.repositories.errors import RepositoryError
from apps.repositories.fetch import Fetched, FetchRequest, _weighed, fetch
from apps.repositories.policy import Address


@pytest.fixture
def mirrors(tmp_path):
    return tmp_path / "mirrors"


@pytest.fixture
def bring(mirrors):
    def bring(repository, **more):
        address = repository if isinstance(repository, Address) else Address(str(repository.path))
        more = {"seconds": 20.0, "memory_mb": 1024, "on_progress": lambda _: None} | more
        return fetch(address, mirrors=mirrors, **more)

    return bring


@pytest.fixture
def paths_at(mirrors):
    def paths_at(repository, commit):
        snapshot = GitSnapshot(mirror_of(Address(str(repository.path)), mirrors), commit)
        contents = dict(snapshot.read(entry.blob for entry in snapshot.entries))
        return {entry.path: contents.get(entry.blob) for entry in snapshot.entries}

    return paths_at


def test_the_head_of_the_default_branch_is_fetched_bare(repository, bring, paths_at, mirrors):
    first = repository.commit({"a.py": "1"})
    seen = []
    assert bring(repository, on_progress=seen.append).commit == first
    assert paths_at(repository, first) == {"a.py": b"1"}
    assert not list(mirrors.rglob("a.py"))
    assert {one.stage for one in seen} == {"fetch"}


def test_a_second_fetch_brings_what_is_new_into_the_same_mirror(repository, bring, paths_at):
    bring(repository, commit=repository.commit({"a.py": "1"}))
    second = repository.commit({"a.py": "2", "b.py": "3"})
    assert bring(repository).commit == second
    assert paths_at(repository, second) == {"a.py": b"2", "b.py": b"3"}


def test_a_known_head_is_not_fetched_again(repository, bring, mirrors):
    head = repository.commit({"a.py": "1"})
    fetched = bring(repository, known=head)
    assert fetched.known
    assert fetched.commit == head
    assert not list(mirrors.glob("*.git/objects/pack/*"))


def test_a_branch_and_a_commit_can_be_named(repository, bring, paths_at):
    first = repository.commit({"a.py": "1"})
    repository.git("checkout", "-q", "-b", "release/one")
    second = repository.commit({"a.py": "2"})
    repository.git("checkout", "-q", "main")
    assert bring(repository, branch="release/one").commit == second
    assert bring(repository, commit=first).commit == first
    assert paths_at(repository, second) == {"a.py": b"2"}


def test_history_that_was_rewritten_is_followed(repository, bring):
    bring(repository, commit=repository.commit({"a.py": "1"}))
    repository.git("commit", "--amend", "-q", "-m", "Rewrite")
    assert bring(repository).commit == repository.git("rev-parse", "HEAD")


def test_a_branch_that_becomes_a_folder_of_branches_is_followed(repository, bring):
    first = repository.commit({"a.py": "1"})
    repository.git("branch", "next")
    bring(repository, branch="next")
    repository.git("branch", "-D", "next")
    repository.git("branch", "next/one")
    assert bring(repository, branch="next/one").commit == first


def test_large_blobs_stay_away_and_read_as_absent(repository, bring, mirrors):
    repository.git("config", "uploadpack.allowFilter", "true")
    for content in ("1", "2"):  # the second fetch meets the hole that the first one left
        head = repository.commit({"a.py": content, "model.bin": b"\0" * 20_000_001})
        assert bring(repository).commit == head
        snapshot = GitSnapshot(mirror_of(Address(str(repository.path)), mirrors), head)
        assert {entry.path: entry.size for entry in snapshot.entries} == {"a.py": 1, "model.bin": None}


@pytest.mark.parametrize("damage", ["HEAD", "config", "objects/pack"])
def test_a_damaged_mirror_is_fetched_anew(repository, bring, paths_at, mirrors, damage):
    bring(repository, commit=repository.commit({"a.py": "1"}))
    second = repository.commit({"a.py": "2"})
    (mirror,) = mirrors.glob("*.git")
    damaged = list((mirror / damage).glob("*.pack")) or [mirror / damage]
    for path in damaged:
        path.chmod(0o600)
        path.write_bytes(b"\0garbage")
    assert bring(repository).commit == second
    assert paths_at(repository, second) == {"a.py": b"2"}


def test_a_repository_of_another_account_can_be_fetched(repository, bring):
    head = repository.commit({"a.py": "1"})
    if os.geteuid() != 0:
        pytest.skip("only root can give files away")
    subprocess.run(["chown", "-R", "nobody", repository.path], check=True)
    assert bring(repository).commit == head


def test_what_cannot_be_fetched_is_said_in_one_sentence(make_repository, bring, mirrors, tmp_path):
    full, empty = make_repository("full"), make_repository("empty")
    full.commit({"a.py": "1"})
    unborn = make_repository("unborn")
    unborn.commit({"a.py": "1"})
    unborn.git("symbolic-ref", "HEAD", "refs/heads/gone")
    (tmp_path / "folder").mkdir()
    cases = [
        (empty, {}, "The repository has no commit yet."),
        (full, {"branch": "nope"}, "The repository has no branch nope."),
        (full, {"branch": "-h"}, "The repository has no branch -h."),
        (full, {"branch": "a:b"}, "'a:b' is not the name of a branch."),
        (full, {"commit": "0" * 40}, "There is no such commit in this repository."),
        (full, {"commit": "abc"}, "Name the commit by its full id of 40 or 64 hexadecimal digits."),
        (unborn, {}, "The repository has no default branch; name the branch to scan."),
        (Address(str(tmp_path / "folder")), {}, "There is no git repository at this address."),
        (Address(str(tmp_path / "absent")), {}, "There is no git repository at this address."),
    ]
    for repository, options, sentence in cases:
        with pytest.raises(RepositoryError) as refusal:
            bring(repository, **options)
        assert (str(refusal.value), refusal.value.passing) == (sentence, False)
    assert not list(mirrors.glob("*.new"))


def test_a_host_that_does_not_answer_may_answer_later(bring):
    unreachable = Address("https://forge.example/team/system", "forge.example", ("127.8.7.6",))
    with pytest.raises(RepositoryError, match=r"The host forge\.example could not be reached") as refusal:
        bring(unreachable)
    assert refusal.value.passing


def test_a_fetch_ends_at_its_deadline(repository, bring):
    repository.commit({"a.py": "1"})
    with pytest.raises(RepositoryError, match="before the deadline") as refusal:
        bring(repository, seconds=0.02)
    assert refusal.value.passing


def test_the_environment_of_git_pins_the_host_and_holds_nothing_of_ours(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://secret")
    environment = fetching_environment(
        Address("https://forge.example/x", "forge.example", ("1.1.1.1", "2606::1")), Path("/m")
    )
    config = {
        environment[f"GIT_CONFIG_KEY_{number}"]: environment[f"GIT_CONFIG_VALUE_{number}"]
        for number in range(int(environment["GIT_CONFIG_COUNT"]))
    }
    assert config["http.curloptResolve"] == "forge.example:443:1.1.1.1,[2606::1]"
    assert config["http.followRedirects"] == "false"
    assert config["protocol.allow"] == "never"
    assert "safe.directory" not in config
    assert environment["GIT_ALLOW_PROTOCOL"] == "https"
    ours = {key for key in environment if not key.startswith(("GIT_", "SSH_ASKPASS"))}
    assert ours == {"PATH", "LANG", "HOME", "MALLOC_ARENA_MAX"}


@pytest.mark.parametrize(
    ("complaint", "sentence", "passing"),
    [
        (
            "remote: Repository not found.\nfatal: repository 'https://h/x/' not found",
            "There is no repository at",
            False,
        ),
        ("fatal: could not read Username for 'https://h': terminal prompts disabled", "Access denied", False),
        ("fatal: unable to access 'https://h/x/': The requested URL returned error: 403", "Access denied", False),
        (
            "fatal: unable to access 'https://h/x/': The requested URL returned error: 404",
            "There is no repository",
            False,
        ),
        ("fatal: unable to access 'https://h/x/': The requested URL returned error: 301", "redirects", False),
        (
            "fatal: unable to access 'https://h/x/': The requested URL returned error: 503",
            "h answered with a fault",
            True,
        ),
        ("fatal: unable to access 'https://h/x/': Could not resolve host: h", "could not be found", True),
        ("fatal: write error: No space left on device", "disk of this machine is full", True),
    ],
)
def test_complaints_of_git_are_told_in_words(complaint, sentence, passing):
    error = explain(complaint, "h")
    assert sentence in str(error)
    assert error.passing is passing


def test_an_unknown_complaint_is_not_guessed_at():
    assert explain("fatal: something new", "h") is None


class Busy(BaseHTTPRequestHandler):
    """A forge that asks for patience."""

    def do_GET(self):
        self.send_response(429)
        self.send_header("Retry-After", "77")
        self.end_headers()

    def log_message(self, *_):
        pass


def test_a_forge_that_asks_for_patience_says_for_how_long(mirrors):
    mirrors.mkdir(parents=True, exist_ok=True)
    with ThreadingHTTPServer(("127.0.0.1", 0), Busy) as forge:
        threading.Thread(target=forge.serve_forever, daemon=True).start()
        request = FetchRequest(
            url=f"http://127.0.0.1:{forge.server_port}/x", host="forge.example", mirror=str(mirrors / "x.git"),
            staging=str(mirrors / "x.new"), seconds=20, memory_mb=2048, file_mb=64, writes=[str(mirrors)], network=True,
        )  # fmt: skip
        environment = fetching_environment(Address("https://forge.example/x", "forge.example", ("1.1.1.1",)), mirrors)
        environment |= {"GIT_ALLOW_PROTOCOL": "http", "GIT_CONFIG_VALUE_0": "always"}
        assert environment["GIT_CONFIG_KEY_0"] == "protocol.allow"
        with pytest.raises(RepositoryError, match="fewer requests") as refusal:
            ask(
                "apps.repositories.fetch_child", request,
                answer=Fetched, environment=environment, seconds=20, on_progress=lambda _: None,
            )  # fmt: skip
        forge.shutdown()
    assert (refusal.value.passing, refusal.value.retry_after) == (True, 77)
    assert [path.name for path in mirrors.iterdir()] == ["x.lock"]


@pytest.mark.parametrize(
    ("value", "low", "high"),
    [
        ("120", 120, 120),
        (timedelta(seconds=100), 80, 100),
        (timedelta(days=-1), 0, 0),
        ("soon", 0, 0),
        ("-5", 0, 0),
        ("\u0661", 0, 0),
        ("9" * 400, 1, 999_999_999),
    ],
)
def test_the_time_to_wait_is_seconds_or_a_date(value, low, high):
    if isinstance(value, timedelta):
        value = format_datetime(datetime.now(UTC) + value)
    trace = f"10:00:00.1 http.c:673  <= Recv header: Retry-After: {value}\r\n<= Recv header: date: x\n"
    assert low <= seconds_asked(trace) <= high
    assert seconds_asked("<= Recv header: date: x\n") == 0


def test_a_fetch_ends_when_the_disk_holds_too_much_of_it_and_leaves_nothing(repository, bring, mirrors):
    repository.commit({f"{number}.bin": os.urandom(200_000) for number in range(30)})
    with pytest.raises(RepositoryError, match="too large to be fetched: more than 3 MB") as refusal:
        bring(repository, largest_mb=3)
    assert not refusal.value.passing
    assert not [path for path in mirrors.iterdir() if path.is_dir()]


def test_a_pack_that_meets_the_limit_on_one_file_is_too_large_and_not_damaged(repository, bring, monkeypatch):
    repository.commit({f"{number}.bin": os.urandom(200_000) for number in range(30)})
    monkeypatch.setattr(fetching, "_weighed", lambda *_: lambda: None)
    with pytest.raises(RepositoryError, match="too large to be fetched"):
        bring(repository, largest_mb=3)


def test_many_files_that_each_keep_the_limit_are_weighed_together(tmp_path):
    mirror, staging = tmp_path / "a.git", tmp_path / "a.new"
    (mirror / "objects" / "pack").mkdir(parents=True)
    (mirror / "objects" / "pack" / "old.pack").write_bytes(b"x" * 3_000_000)
    ticks = []
    tick = _weighed(mirror, staging, 2, lambda: ticks.append(1))
    tick()
    staging.mkdir()
    for number in range(3):
        (staging / f"{number}").write_bytes(b"x" * 800_000)
    with pytest.raises(RepositoryError, match="more than 2 MB"):
        tick()
    assert ticks == [1], "what the mirror held before does not count"


def test_a_killed_fetch_leaves_no_staging_behind(repository, bring, mirrors):
    repository.commit({f"{number}.bin": os.urandom(100_000) for number in range(300)})

    def stop(progress):
        if progress.share > 0:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        bring(repository, on_progress=stop)
    assert not [path for path in mirrors.iterdir() if path.is_dir()]


def test_leftovers_of_a_killed_git_are_cleared_before_the_next_fetch(repository, bring, mirrors):
    bring(repository, commit=repository.commit({"a.py": "1"}))
    (mirror,) = mirrors.glob("*.git")
    (mirror / "objects" / "pack" / "tmp_pack_killed").write_bytes(b"x")
    (mirror / "shallow.lock").touch()
    (mirror / "mark").touch()
    second = repository.commit({"a.py": "2"})
    assert bring(repository).commit == second
    assert (mirror / "mark").exists(), "it was fetched anew"
    assert not (mirror / "objects" / "pack" / "tmp_pack_killed").exists()


EXACT_ENVIRONMENT = {
    "PATH": "/usr/local/bin:/usr/bin:/bin:/opt/homebrew/bin", "LANG": "C.UTF-8", "HOME": "/nonexistent",
    "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_TERMINAL_PROMPT": "0",
    "GIT_ASKPASS": "/bin/false",
    "SSH_ASKPASS": "/bin/false", "GIT_ALLOW_PROTOCOL": "https", "GIT_PROTOCOL_FROM_USER": "0",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_LFS_SKIP_SMUDGE": "1", "GIT_OPTIONAL_LOCKS": "0", "GIT_NO_REPLACE_OBJECTS": "1", "MALLOC_ARENA_MAX": "2",
    "GIT_CEILING_DIRECTORIES": "/m",
}  # fmt: skip
NEEDED_CONFIG = {
    "protocol.allow": "never", "protocol.https.allow": "always", "http.followRedirects": "false", "http.proxy": "",
    "http.curloptResolve": "forge.example:8443:1.1.1.1", "credential.helper": "", "core.hooksPath": "/dev/null",
    "core.fsmonitor": "false", "core.symlinks": "false", "transfer.fsckObjects": "true", "transfer.bundleURI": "false",
    "submodule.recurse": "false", "fetch.recurseSubmodules": "false", "gc.auto": "0", "http.lowSpeedLimit": "1000",
    "http.lowSpeedTime": "20", "transfer.credentialsInUrl": "die",
}  # fmt: skip


def test_the_environment_and_the_configuration_of_git_are_exactly_those():
    address = Address("https://forge.example:8443/x", "forge.example", ("1.1.1.1",), 8443)
    environment = fetching_environment(address, Path("/m"))
    numbers = range(int(environment.pop("GIT_CONFIG_COUNT")))
    config = {environment.pop(f"GIT_CONFIG_KEY_{n}"): environment.pop(f"GIT_CONFIG_VALUE_{n}") for n in numbers}
    assert environment == EXACT_ENVIRONMENT
    assert {key: config.get(key) for key in NEEDED_CONFIG} == NEEDED_CONFIG
    assert reading_environment()["GIT_ALLOW_PROTOCOL"] == "none"


def test_a_repository_of_this_machine_may_speak_no_other_protocol():
    environment = fetching_environment(Address("/srv/git/x"), Path("/m"))
    assert environment["GIT_ALLOW_PROTOCOL"] == "file"
    assert "protocol.https.allow" not in environment.values()
