"""`manage.py scan` judges any folder or repository without servers, and says in one sentence why it cannot."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from apps.catalog import ITEMS

ROOT = Path(__file__).parents[2]
NOTHING_OF_OURS = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "LANG": "C.UTF-8"}


def scan(*arguments, **environment):
    command = [sys.executable, ROOT / "manage.py", "scan", *arguments]
    return subprocess.run(command, capture_output=True, text=True, env=NOTHING_OF_OURS | environment, check=False)


def document(*arguments):
    ran = scan(*arguments, "--json")
    assert (ran.returncode, ran.stderr) == (0, "")
    return json.loads(ran.stdout)


@pytest.fixture
def system(repository):
    repository.commit({"train.py": "import torch\n\nlr = 0.1\n", "services/scorer/app.py": "import fastapi\n"})
    return repository


def test_the_document_is_complete(system):
    found = document(str(system.path))
    assert found["commit"] == system.git("rev-parse", "HEAD")
    assert set(found["items"]) == set(ITEMS)
    assert all({"state", "summary", "evidence", "remedy", "effort"} <= set(item) for item in found["items"].values())
    assert len(found["factors"]) == 12
    assert {"score", "grade", "coverage", "profile", "settings", "unread", "versions"} <= set(found)


def test_bare_and_normal_clones_and_their_links_give_the_same_document(system, tmp_path):
    subprocess.run(["git", "clone", "-q", "--bare", system.path, tmp_path / "bare"], check=True)
    (tmp_path / "link").symlink_to(tmp_path / "bare")
    found = document(str(system.path))
    assert document(str(tmp_path / "bare")) == document(str(tmp_path / "link")) == found


def test_a_plain_folder_has_no_commit(tmp_path):
    (tmp_path / "train.py").write_text("import torch\n")
    assert document(str(tmp_path))["commit"] == ""


def test_a_folder_that_its_repository_does_not_track_is_read_from_disk(system):
    (system.path / "scratch").mkdir()
    (system.path / "scratch" / "train.py").write_text("import torch\n")
    assert document(str(system.path / "scratch"))["commit"] == ""


def test_a_folder_inside_a_repository_is_judged_at_the_commit(system):
    assert document(str(system.path / "services"))["commit"] == system.git("rev-parse", "HEAD")


def test_another_commit_than_the_newest_can_be_named(system):
    first = system.git("rev-parse", "HEAD")
    system.commit({"train.py": "2"})
    assert document(str(system.path), "--commit", first)["commit"] == first


def test_absent_blobs_are_listed_and_survived(system):
    blob = system.git("rev-parse", "HEAD:train.py")
    (system.path / ".git" / "objects" / blob[:2] / blob[2:]).unlink()
    (left_out,) = document(str(system.path))["unread"]
    assert left_out["path"] == "train.py"
    assert "absent" in left_out["reason"]


def test_the_card_goes_through_all_factors_without_colours_when_nobody_watches(system):
    ran = scan(str(system.path))
    assert (ran.returncode, ran.stderr) == (0, "")
    assert "12. Admin" in ran.stdout
    assert "\x1b" not in ran.stdout


def test_document_and_card_show_what_the_repository_says_of_itself(system):
    asks = '[[exception]]\nitem = "config.secrets"\nreason = "Moves in spring."\nuntil = 2027-01-31\n'
    system.commit({".twelvefold.toml": f'root = "services/scorer"\n{asks}'})
    settings = document(str(system.path))["settings"]
    assert (settings["path"], settings["root"]) == (".twelvefold.toml", "services/scorer")
    proposal = {"item": "config.secrets", "reason": "Moves in spring.", "until": "2027-01-31"}
    assert settings["proposals"] == [proposal]
    card = scan(str(system.path)).stdout
    assert "The system is services/scorer, says .twelvefold.toml." in card
    assert "Exception proposed until 2027-01-31: Moves in spring." in card


def test_the_card_does_without_unicode(system):
    assert scan(str(system.path), PYTHONIOENCODING="ascii").returncode == 0


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["{here}/absent"], "There is no folder {here}/absent."),
        (["{here}/file"], "{here}/file is not a folder."),
        (["{here}/empty"], "The repository has no commit yet."),
        (["{here}/system", "--commit", "0000"], "There is no commit 0000 in this repository."),
        (["{here}/system/services", "--commit", "first"], "There is no folder services in commit first."),
        (["{here}/folder", "--commit", "abc"], "{here}/folder is not a git repository, so it has no commit abc."),
        (["https://nothing.invalid/x"], "The host nothing.invalid could not be found."),
        (["http://example.org/x"], "Only addresses that begin with https:// can be scanned."),
    ],
)
def test_what_cannot_be_read_is_said_in_one_sentence(make_repository, tmp_path, arguments, sentence):
    system = make_repository("system")
    system.commit({"a.py": "1"})
    system.git("tag", "first")
    system.commit({"services/a.py": "1"})
    make_repository("empty")
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").touch()
    ran = scan(*(argument.format(here=tmp_path) for argument in arguments))
    assert (ran.returncode, ran.stderr, ran.stdout) == (3, sentence.format(here=tmp_path) + "\n", "")


def test_wrong_usage_has_an_exit_code_of_its_own_and_help_lists_them_all():
    assert scan().returncode == 2
    told = scan("--help").stdout
    assert all(f"\n  {code} " in told for code in (0, 2, 3, 130))


def test_the_command_loads_neither_django_nor_what_only_terminals_need(system):
    ran = subprocess.run(
        [sys.executable, "-X", "importtime", ROOT / "manage.py", "scan", str(system.path), "--json"],
        capture_output=True, text=True, env=NOTHING_OF_OURS, check=True,
    )  # fmt: skip
    loaded = {line.rsplit("|", 1)[1].strip().split(".")[0] for line in ran.stderr.splitlines() if "|" in line}
    assert "msgspec" in loaded
    assert not loaded & {"django", "celery", "rich", "git", "psycopg", "redis"}
