"""`.twelvefold.toml`: what it may say, and that nothing wrong in it has an effect."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.analysis.engine import analyse
from apps.analysis.patterns import Patterns
from apps.analysis.settings_file import LARGEST, MOST_PROBLEMS, Settings, parse, settings_of
from apps.analysis.snapshot import SYMLINK, Entry, MemorySnapshot

EXCEPTION = '[[exception]]\nitem = "config.secrets"\nreason = "Moves in spring."\nuntil = 2027-01-31\n'
NO_DATE = "exception 1: until: a date like 2027-01-31 is expected, without quotes."
NO_REASON = "exception 1: reason: a text of at most 1000 characters is expected."


def test_everything_that_the_file_may_say() -> None:
    text = f'exclude = ["legacy/**"]\nroot = "services/ranker/"\n[profile]\nserves = true\n{EXCEPTION}'
    settings = parse(text.encode())
    assert settings.problems == []
    assert (settings.exclude, settings.root, settings.profile) == (["legacy/**"], "services/ranker", {"serves": True})
    assert settings.as_json()["proposals"] == [
        {"item": "config.secrets", "reason": "Moves in spring.", "until": "2027-01-31"}
    ]
    assert settings.proposals[0].until == date(2027, 1, 31)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("exclude = ", "The settings are not valid TOML: Invalid value (at end of document)."),
        ("a = " + "[" * 9000, "The settings are nested too deeply."),
        ("exlude = []", "`exlude` is no setting; there are exclude, root, profile, exception."),
        ('exclude = "a"', "exclude: a list of patterns is expected."),
        ("exclude = [1]", "exclude: `1` is no pattern."),
        ('exclude = ["/"]', "exclude: `/` is empty, longer than 200 characters or not printable."),
        ('exclude = ["a\\u0000"]', "exclude: `a·` is empty, longer than 200 characters or not printable."),
        ('exclude = ["../a"]', "exclude: `../a` names no path below the settings."),
        ('exclude = ["!a"]', "exclude: `!a` names no path below the settings."),
        ("root = 1", "root: `1` is no folder of the repository, like services/ranker."),
        ('root = "a/../.."', "root: `a/../..` is no folder of the repository, like services/ranker."),
        ("profile = 1", "profile: a table is expected, [profile]."),
        ("[profile]\nserves = 1", "profile: serves is true or false."),
        ("exception = {}", "exception: tables are expected, [[exception]]."),
        ("exception = [1]", "exception 1: a table with item, reason and until is expected."),
        (EXCEPTION.replace("config.secrets", "config.x"), "exception 1: item: `config.x` is no item of the catalogue."),
        (EXCEPTION.replace("Moves in spring.", " "), NO_REASON),
        (EXCEPTION.replace("spring", "\\u0000"), "exception 1: reason: it holds characters that cannot be shown."),
        (EXCEPTION.replace("2027-01-31", '"2027-01-31"'), NO_DATE),
        (EXCEPTION.replace("2027-01-31", "2027-01-31T00:00:00"), NO_DATE),
        (EXCEPTION + "points = 3", "exception 1: `points` is none of item, reason and until."),
    ],
)  # fmt: skip
def test_a_wrong_value_is_one_sentence_and_nothing_else(text, sentence) -> None:
    settings = parse(text.encode())
    assert settings.problems == [sentence]
    assert (settings.exclude, settings.root, settings.profile, settings.proposals) == ([], "", {}, [])


def test_an_unknown_claim_of_the_profile_is_told() -> None:
    assert parse(b"[profile]\nflies = true").problems[0].startswith("profile: `flies` is no claim; there are trains, ")


def test_an_item_has_one_exception() -> None:
    settings = parse((EXCEPTION * 2).encode())
    assert len(settings.proposals) == 1
    assert settings.problems == ["exception 2: there is one for config.secrets already."]


def test_sentences_are_limited_however_much_is_wrong() -> None:
    report = analyse(MemorySnapshot({".twelvefold.toml": "\n".join(f"a{n} = 1" for n in range(100))}))
    assert len(report.unread) == MOST_PROBLEMS


@given(st.text() | st.binary())
def test_no_content_breaks_the_parser(content) -> None:
    raw = content.encode(errors="surrogatepass") if isinstance(content, str) else content
    assert isinstance(parse(raw), Settings)


@pytest.mark.parametrize(
    ("pattern", "path", "expected"),
    [
        ("legacy", "legacy/a.py", True),
        ("legacy", "src/legacy/a.py", True),
        ("legacy/", "src/legacy/a.py", True),
        ("/legacy", "src/legacy/a.py", False),
        ("*.ipynb", "a/b.ipynb", True),
        ("*.ipynb", "a/b.py", False),
        ("src/*.py", "src/a.py", True),
        ("src/*.py", "src/a/b.py", False),
        ("src/**/b.py", "src/b.py", True),
        ("src/**/b.py", "src/a/a/b.py", True),
        ("**/b/c", "a/b/c/d.py", True),
        ("src/a", "src/a/b.py", True),
        ("src/a", "src/ab.py", False),
        ("src/**", "src/a.py", True),
        ("src/**", "srcs/a.py", False),
        ("**", "a.py", True),
        ("**", "src/a.py", True),
        ("/**", "a.py", True),
        ("**/**/", "src/a.py", True),
    ],
)
def test_patterns_fit_as_in_a_gitignore(pattern, path, expected) -> None:
    assert bool(Patterns([pattern]).first(path)) is expected


def test_the_first_of_several_patterns_is_named_for_all_below_it() -> None:
    patterns = Patterns(["a/**/x", "a", "*.py"])
    paths = ["a/b/x/c.py", "a/b/c.py", "b/c.py", "b/c.md"]
    assert [patterns.first(path) for path in paths] == ["a", "a", "*.py", ""]


def test_a_path_of_thousands_of_folders_is_matched() -> None:
    assert Patterns(["**/z"]).first("a/" * 3000 + "z") == "**/z"


def test_what_is_left_out_is_not_judged_and_is_said() -> None:
    files = {
        "app.py": "import flask\n",
        "old/train.py": "model.fit(x)\n",
        "old/b.py": "",
        ".twelvefold.toml": 'exclude = ["old"]',
    }
    report = analyse(MemorySnapshot(files))
    assert report.file_count == 2
    assert not report.profile["trains"]["holds"]
    assert report.unread == [{"path": ".twelvefold.toml", "reason": "exclude: `old` leaves out 2 files."}]


MONOREPO = {"a/train.py": "import torch\nloss.backward()\n", "b/app.py": "import flask\napp = flask.Flask(__name__)\n"}


def test_root_is_the_system_where_the_project_names_none() -> None:
    files = MONOREPO | {".twelvefold.toml": 'root = "a"\n'}
    report = analyse(MemorySnapshot(files))
    assert (report.file_count, report.settings["root"]) == (1, "a")
    assert report.profile["trains"]["evidence"][0]["path"] == "a/train.py"
    named = analyse(MemorySnapshot(files), subfolder="b")
    assert (named.file_count, named.settings["root"]) == (1, "")
    assert not named.profile["trains"]["holds"]


def test_a_root_that_is_not_there_is_told_and_all_is_judged() -> None:
    report = analyse(MemorySnapshot(MONOREPO | {".twelvefold.toml": 'root = "c"\n'}))
    assert report.file_count == 3
    assert report.unread == [{"path": ".twelvefold.toml", "reason": "root: there is no folder `c` in the repository."}]


def test_the_nearest_file_holds_and_its_patterns_begin_at_its_folder() -> None:
    files = {
        "b/x/c.py": "",
        "b/d.py": "",
        ".twelvefold.toml": 'exclude = ["/b"]',
        "b/.twelvefold.toml": 'exclude = ["/x"]',
    }
    assert settings_of(MemorySnapshot(files), "b/x/y").path == "b/.twelvefold.toml"
    assert analyse(MemorySnapshot(files), subfolder="b").file_count == 2


def test_a_link_or_a_huge_file_is_no_settings() -> None:
    snapshot = MemorySnapshot({".twelvefold.toml": "/etc/passwd"})
    snapshot.entries = [Entry(".twelvefold.toml", snapshot.entries[0].blob, 11, SYMLINK)]
    assert settings_of(snapshot).problems == ["The settings are no regular file, and are not followed elsewhere."]
    huge = MemorySnapshot({".twelvefold.toml": "#" * (LARGEST + 1)})
    assert settings_of(huge).problems == ["The settings are larger than 64 kB."]


def test_without_a_file_there_is_nothing_to_say() -> None:
    report = analyse(MemorySnapshot(MONOREPO))
    assert (report.settings, report.unread) == ({}, [])
