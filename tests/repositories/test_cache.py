"""The cache of mirrors stays within its size, and takes nothing away under a scan."""

import os
import subprocess
import sys
from datetime import timedelta

import pytest

from apps.repositories.cache import in_use, size_of, tidy, tidy_now_and_then

MONTH = timedelta(days=30)


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
    tidy(folder, most_bytes=10**6, unused_for=MONTH)
    assert left(folder) == ["fresh.git"]


def test_the_least_recently_used_go_until_the_rest_fits(mirrors):
    folder = mirrors(a_git=4, b_git=3, c_git=2, d_git=1)
    tidy(folder, most_bytes=2500, unused_for=MONTH)
    assert left(folder) == ["c.git", "d.git"]
    assert size_of(folder) < 2500


def test_a_mirror_that_a_scan_reads_stays_and_others_go_instead(mirrors):
    folder = mirrors(a_git=4, b_git=3, c_git=2)
    with in_use(folder / "a.git"), in_use(folder / "a.git"):
        tidy(folder, most_bytes=1500, unused_for=MONTH)
    assert left(folder) == ["a.git"]
    tidy(folder, most_bytes=500, unused_for=MONTH)
    assert left(folder) == []


def test_a_killed_scan_uses_nothing(mirrors):
    folder = mirrors(a_git=40)
    program = (
        "import os, pathlib, sys; from apps.repositories.cache import in_use\n"
        "with in_use(pathlib.Path(sys.argv[1])): os.kill(os.getpid(), 9)"
    )
    assert subprocess.run([sys.executable, "-c", program, folder / "a.git"], check=False).returncode == -9
    tidy(folder, most_bytes=10**6, unused_for=MONTH)
    assert left(folder) == []


def test_a_machine_tidies_once_in_ten_minutes(tmp_path):
    once = {"most_bytes": 10, "unused_for": MONTH}
    assert tidy_now_and_then(tmp_path / "new", **once)
    assert not tidy_now_and_then(tmp_path / "new", **once)
    past = (tmp_path / "new" / "tidied").stat().st_mtime - 601
    os.utime(tmp_path / "new" / "tidied", (past, past))
    assert tidy_now_and_then(tmp_path / "new", **once)
