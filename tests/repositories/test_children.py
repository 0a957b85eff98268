"""A confined child answers or is gone: no wait without end, no orphan, nothing of ours in its environment."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from apps.repositories.children import ChildCrashed, OutOfTime, ask
from apps.repositories.environment import reading_environment
from apps.repositories.errors import RepositoryError
from tests.repositories.child import Wish

ROOT = Path(__file__).parents[2]


def wish(do, *, answer=object, seconds=20.0, payload=b"", on_progress=lambda _: None, on_tick=lambda: None, **limits):
    limits = {"seconds": 20, "memory_mb": 512, "file_mb": 1} | limits
    return ask(
        "tests.repositories.child",
        Wish(do=do, payload=payload, **limits),
        answer=answer,
        environment=reading_environment(),
        seconds=seconds,
        on_progress=on_progress,
        on_tick=on_tick,
    )


def is_alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def wait_until(claim, seconds=10.0):
    until = time.monotonic() + seconds
    while not claim():
        assert time.monotonic() < until, "it did not happen in time"
        time.sleep(0.02)


def test_a_child_sees_exactly_the_environment_it_is_given(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://secret")
    seen = wish("environment", answer=dict[str, str])
    seen.pop("LC_CTYPE", None)  # set by Python itself
    assert seen == reading_environment()
    assert not {"DATABASE_URL", "REDIS_URL", "SECRET_KEY"} & set(seen)


def test_progress_arrives_before_the_answer():
    seen = []
    wish("echo", on_progress=seen.append)
    assert [(one.stage, one.share, one.detail) for one in seen] == [("read", 0.1, "Begun")]


def test_a_request_of_many_megabytes_arrives_whole():
    assert wish("echo", answer=int, payload=b"x" * 30_000_000) == 30_000_000


def test_a_refusal_is_raised_as_it_was():
    with pytest.raises(RepositoryError, match="not to be had") as refusal:
        wish("refuse")
    assert refusal.value.passing


def test_a_mistake_in_the_child_is_a_crash_whose_trace_is_kept_for_the_log():
    with pytest.raises(ChildCrashed, match="stopped unexpectedly") as crash:
        wish("raise")
    assert "a programmer's mistake" in crash.value.complaint


def test_a_killed_child_is_a_crash_that_names_the_signal():
    with pytest.raises(ChildCrashed, match="SIGKILL"):
        wish("die")


def test_an_answer_of_another_shape_is_a_crash():
    with pytest.raises(ChildCrashed, match="cannot be read"):
        wish("garble", answer=int)


def test_a_hanging_child_is_killed_at_its_deadline_while_the_parent_keeps_ticking():
    ticks = []
    begun = time.monotonic()
    with pytest.raises(OutOfTime):
        wish("hang", seconds=2.5, on_tick=lambda: ticks.append(time.monotonic()))
    assert 2.4 < time.monotonic() - begun < 5
    assert len(ticks) >= 2


def test_noise_on_the_other_streams_is_harmless():
    assert wish("shout", answer=str) == "heard"


def test_a_child_that_needs_too_much_memory_says_so():
    with pytest.raises(RepositoryError, match="needs more than the 256 MB"):
        wish("eat", memory_mb=256)


def test_a_child_cannot_write_a_file_beyond_its_limit():
    with pytest.raises(ChildCrashed) as crash:
        wish("write", file_mb=1, writes=["/tmp"])
    assert "File too large" in crash.value.complaint


def test_whatever_a_callback_raises_ends_the_child_and_all_it_started():
    pids = []

    def stop_at_the_second(progress):
        if progress.share == 0.2:
            pids.append(int(progress.detail))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        wish("bear", on_progress=stop_at_the_second)
    wait_until(lambda: not is_alive(pids[0]))


def test_a_child_and_all_it_started_die_with_a_parent_that_is_killed():
    program = (
        "from tests.repositories.test_children import wish\n"
        "wish('bear', on_progress=lambda p: print(p.detail, flush=True))"
    )
    parent = subprocess.Popen([sys.executable, "-c", program], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert parent.stdout.readline() == "Begun\n"
    grandchild = int(parent.stdout.readline())
    assert is_alive(grandchild)
    os.kill(parent.pid, signal.SIGKILL)
    parent.wait()
    parent.stdout.close()
    wait_until(lambda: not is_alive(grandchild))


def test_a_child_that_is_stuck_in_native_code_dies_with_its_parent_too():
    program = "from tests.repositories.test_children import wish\nwish('hold', on_progress=lambda p: print(flush=True))"
    parent = subprocess.Popen([sys.executable, "-c", program], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    parent.stdout.readline()
    found = subprocess.run(["pgrep", "-P", str(parent.pid)], capture_output=True, text=True, check=True)
    stuck = int(found.stdout)
    os.kill(parent.pid, signal.SIGKILL)
    parent.wait()
    parent.stdout.close()
    wait_until(lambda: not is_alive(stuck), seconds=5)
