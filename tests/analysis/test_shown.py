"""What strangers wrote is stored and shown masked, visible and in a form that every store takes."""

from __future__ import annotations

import json
import logging
import time

import pytest

from apps.analysis.engine import analyse
from apps.analysis.facts.tree import of_json, of_toml
from apps.analysis.settings_file import parse
from apps.analysis.shown import excerpt, storable, told, visible
from apps.analysis.snapshot import MemorySnapshot
from config.logs import configured
from tests.hostile.payloads import PLANTED


@pytest.mark.parametrize(
    ("raw", "seen"),
    [
        ("plain \u00fcml\u00e4ut \u4f8b", "plain \u00fcml\u00e4ut \u4f8b"),
        ("a\tb\nc", "a\tb\nc"),
        ("\0", "\\x00"),
        ("\x1b[31mred\x07", "\\x1b[31mred\\x07"),
        ("gpj\u202egpj.py", "gpj\\u202egpj.py"),
        ("\u2066a\u2069\u200b\ufeff", "\\u2066a\\u2069\\u200b\\ufeff"),
        ("line\u2028\u2029\x85\x0b", "line\\u2028\\u2029\\x85\\x0b"),
        ("\ud800 alone", "\\ud800 alone"),
        ("\U000e0041tag", "\\U000e0041tag"),
    ],
)
def test_what_cannot_be_seen_is_made_visible(raw, seen):
    assert visible(raw) == seen


def test_a_database_takes_everything_that_is_storable():
    held = {"a\0": ["\ud800", float("nan"), float("inf"), -float("inf"), 1.5, None, True, ("x", {"\u202e": "\0"})]}
    assert storable(held) == {"a\\x00": ["\\ud800", None, None, None, 1.5, None, True, ["x", {"\\u202e": "\\x00"}]]}


def test_credentials_are_masked_in_whatever_is_told():
    assert PLANTED not in told(f"the setting {PLANTED} is read")
    assert "hunter22x" not in told("postgresql://app:hunter22x@db.example.org/x")


def test_a_cut_through_a_credential_shows_no_part_of_it():
    for before in range(0, 840, 7):
        line = "x " * (before // 2) + f"token = '{PLANTED}' " + "y" * 900
        assert PLANTED[8:20] not in excerpt(line, 200), before
    long = f"github_pat_{'Zq7' * 7}x_{'Kp4vR9' * 9}Wm3tY"
    assert long[12:20] not in excerpt(" ".join([long] * 20), 200), "masking moved the end of the cut into sight"


def test_an_excerpt_is_short_and_of_the_cited_line():
    files = {"train.py": "import os\n\x0c# page\u2028break\nHOST = os.environ['A\u202e']\n" + "x = 1\n" * 3}
    report = analyse(MemorySnapshot(files))
    shown = {(place.line, place.excerpt) for one in report.findings.values() for place in one.evidence}
    assert any(line == 3 and text.startswith("HOST = os.environ['A\\u202e']") for line, text in shown), shown
    assert all(len(text) <= 200 and visible(text) == text for _, text in shown)


def test_a_planted_key_is_nowhere_in_a_report():
    files = {
        "train.py": f"import openai\nAPI_TOKEN = '{PLANTED}'\nopenai.api_key = '{PLANTED}'\n",
        "broken.toml": f"a = '{PLANTED}\n",
        ".twelvefold.toml": f"exclude = ['{PLANTED}/**']\nroot = '{PLANTED}'\n[profile]\n{PLANTED} = 1\n",
    }
    report = analyse(MemorySnapshot(files))
    told_all = repr((report.findings, report.profile, report.settings)) + repr([one["reason"] for one in report.unread])
    assert PLANTED not in told_all


class Quick:
    """A block that must end within two seconds of processor time."""

    def __enter__(self):
        self.begun = time.process_time()

    def __exit__(self, *_):
        assert time.process_time() - self.begun < 2


@pytest.fixture
def quick():
    return Quick()


@pytest.mark.parametrize("text", ["/*" * 140_000, "*/" * 70_000 + "/*" * 70_000])
def test_comments_without_end_take_no_time(text, quick):
    with quick, pytest.raises(ValueError, match=r"malformed|invalid|truncated"):
        of_json(text.encode(), text)


@pytest.mark.parametrize(
    "key",
    [
        "a." * 30_000 + "a",
        "a . " * 15_000 + "a",
        "[" + "a." * 30_000 + "a]\nb",
        "x = { " + "a." * 20_000 + "a = 1 }\ny",
    ],
)
def test_endless_keys_are_refused_before_the_parser_meets_them(key, quick):
    with quick, pytest.raises(ValueError, match="an endless key"):
        of_toml(f"{key} = 1\n")
    with quick:
        assert "too many parts" in parse(f"{key} = 1\n".encode()).problems[0]


def test_ordinary_keys_pass():
    assert [leaf.value for leaf in of_toml("a.b.c = 1\n[tool.x.'y.z']\nurl = 'https://a.b.c.d.e/f'\n")] == [
        1,
        "https://a.b.c.d.e/f",
    ]


@pytest.mark.parametrize("form", ["json", "text"])
def test_logs_mask_credentials_and_show_control_characters(form):
    formatter = dict(configured(level="INFO", form=form)["formatters"]["line"])
    made = formatter.pop("()")(**formatter)
    line = made.format(logging.LogRecord("x", logging.WARNING, __file__, 1, "read %s", (f"{PLANTED}\x1b[2J",), None))
    assert PLANTED not in line
    assert "\x1b" not in line
    if form == "json":
        assert json.loads(line)["logger"] == "x"
