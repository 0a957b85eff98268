"""The cache of mirrors stays within its size, and takes nothing away under a scan."""

import os
import subprocess
import sys
from datetime import timedelta

import pytest

from apps.repositories.cache import in_use, size_of, tidy, tidy_now_and_then

MONTH = timedelta(days=30)
HOUR = timedelta(hours=1)


@pytest.fixture
def mirrors(tmp_path):
    def make(**days):
        for name, age in days.items():
            folder = tmp_path / name.replace("_", ".")
            (folder / "objects").mkdir(parents=True)
            (folder / "objects" / "pack").write_bytes(b"x" * 1000)
            past = folder.stat().st_mtime - age * 86400
            os.utime(folder, (past, past))
        return tmp_path

    return make


def left(folder):
    return sorted(path.name for path in folder.iterdir() if path.is_dir())


def test_what_nobody_used_for_long_and_leftovers_go(mirrors):
    folder = mirrors(old_git=40, old_new=40, fresh_git=1)
    tidy(folder, most_bytes=10**6, unused_for=MONTH, fetched_within=HOUR)
    assert left(folder) == ["fresh.git"]


def test_the_least_recently_used_go_until_the_rest_fits(mirrors):
    folder = mirrors(a_git=4, b_git=3, c_git=2, d_git=1)
    tidy(folder, most_bytes=2500, unused_for=MONTH, fetched_within=HOUR)
    assert left(folder) == ["c.git", "d.git"]
    assert size_of(folder) < 2500


def test_a_mirror_that_a_scan_reads_stays_and_others_go_instead(mirrors):
    folder = mirrors(a_git=4, b_git=3, c_git=2)
    with in_use(folder / "a.git"), in_use(folder / "a.git"):
        tidy(folder, most_bytes=1500, unused_for=MONTH, fetched_within=HOUR)
    assert left(folder) == ["a.git"]
    tidy(folder, most_bytes=500, unused_for=MONTH, fetched_within=HOUR)
    assert left(folder) == []


def test_a_killed_scan_uses_nothing(mirrors):
    folder = mirrors(a_git=40)
    program = (
        "import os, pathlib, sys; from apps.repositories.cache import in_use\n"
        "with in_use(pathlib.Path(sys.argv[1])): os.kill(os.getpid(), 9)"
    )
    assert subprocess.run([sys.executable, "-c", program, folder / "a.git"], check=False).returncode == -9
    tidy(folder, most_bytes=10**6, unused_for=MONTH, fetched_within=HOUR)
    assert left(folder) == []


def test_a_machine_tidies_once_in_ten_minutes(tmp_path):
    once = {"most_bytes": 10, "unused_for": MONTH, "fetched_within": HOUR}
    assert tidy_now_and_then(tmp_path / "new", **once)
    assert not tidy_now_and_then(tmp_path / "new", **once)
    past = (tmp_path / "new" / "tidied").stat().st_mtime - 601
    os.utime(tmp_path / "new" / "tidied", (past, past))
    assert tidy_now_and_then(tmp_path / "new", **once)


def test_what_killed_fetches_left_goes_when_no_fetch_can_still_be_at_it(mirrors):
    folder = mirrors(dead_new=1, a_git=1)
    (folder / "live.new").mkdir()
    packs = folder / "a.git" / "objects" / "pack"
    packs.unlink()
    packs.mkdir()
    for name in ("tmp_pack_x", "pack-1.pack"):
        (packs / name).write_bytes(b"x")
        os.utime(packs / name, (0, 0))
    (folder / "a.git" / "shallow.lock").touch()
    tidy(folder, most_bytes=10**6, unused_for=MONTH, fetched_within=HOUR)
    assert left(folder) == ["a.git", "live.new"]
    assert [path.name for path in packs.iterdir()] == ["pack-1.pack"]
    assert not (folder / "a.git" / "shallow.lock").exists()
