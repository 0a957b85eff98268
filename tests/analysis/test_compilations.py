"""What was compiled is found again by other processes, and never in place of something else."""

import fcntl
import os
import re
import sys
from functools import cache

import msgspec
import pytest

from apps.analysis import compilations, expressions
from apps.analysis.facts import signals
from apps.analysis.facts.required import needed_by
from apps.analysis.facts.search import WORTH_COMPILING, Search
from apps.analysis.facts.signal_patterns import PATTERNS


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch):
    monkeypatch.setattr(compilations, "PLACE", tmp_path / "compilations.kept")
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    yield compilations.PLACE
    compilations._known.cache_clear()
    compilations._versions.cache_clear()


@pytest.fixture(autouse=True)
def begin(monkeypatch, place):
    """Begins another process, as far as this module can tell."""

    def begin():
        monkeypatch.setattr(compilations, "_fresh", {})
        monkeypatch.setattr(compilations, "_kept", set())
        compilations._known.cache_clear()
        compilations._versions.cache_clear()
        expressions._later.cache_clear()

    begin()
    return begin


def made(key, value):
    return compilations.once(key, lambda: value)


def test_what_one_process_made_another_finds(begin):
    assert made(b"a", b"made") == b"made"
    assert made(b"a", b"made anew") == b"made"
    compilations.keep()
    begin()
    assert made(b"a", b"made anew") == b"made"


def test_what_several_made_is_kept_together(begin):
    for key in (b"a", b"b"):
        begin()
        made(key, key)
        compilations.keep()
    begin()
    assert [made(key, b"anew") for key in (b"a", b"b", b"c")] == [b"a", b"b", b"anew"]


def test_what_is_kept_is_not_written_again(place):
    made(b"a", b"made")
    compilations.keep()
    place.unlink()
    compilations.keep()
    assert not place.exists()
    made(b"b", b"made")
    compilations.keep()
    assert place.exists()


def test_an_expression_and_a_database_come_back_as_they_were(begin):
    for _ in range(2):
        found = expressions.expression(r"(?P<word>\w+)-(\d+)(?P<rest>é)?", re.IGNORECASE).fullmatch("Ab-12É")
        assert found.groupdict() == {"word": "Ab", "rest": "É"}
        assert expressions.expression(rb"\xff").search(b"a\xff").span() == (1, 2)
        assert Search([b"ab+", b"c"]).hits(b"abbc") == [(0, 2), (0, 3), (1, 4)]
        compilations.keep()
        begin()
    begin()
    assert len(compilations._known()) == 3


def test_files_of_no_kind_meet_a_pattern_that_was_not_compiled_before(begin, monkeypatch):
    monkeypatch.setattr(signals, "_patterns", cache(signals._Patterns))
    signals.prepare()
    compilations.keep()
    begin()
    signals._patterns.cache_clear()
    for kind in {kind for kinds, _ in PATTERNS.values() for kind in kinds}:
        words = {
            w for _, one in signals._patterns(kind)._alternatives for some in (one.words, *one.others) for w in some
        }
        text = "\n".join(sorted(words))
        signals.of(kind, text * (WORTH_COMPILING // len(text) + 1))
    assert compilations._fresh == {}


@pytest.mark.parametrize("version", ["engine_version", "hyperscan", "sys"])
def test_nothing_of_another_version_is_found(begin, monkeypatch, version):
    made(b"a", b"made")
    compilations.keep()
    begin()
    if version == "engine_version":
        monkeypatch.setattr(compilations, "engine_version", lambda: "another")
    elif version == "hyperscan":
        monkeypatch.setattr(compilations.hyperscan, "__version__", "another")
    else:
        monkeypatch.setattr(sys, "version", "another")
    assert made(b"a", b"made anew") == b"made anew"


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"\x92\xa1x\x81\xc4\x01a", b"{}"])
def test_a_damaged_file_is_as_good_as_none(place, begin, content):
    place.write_bytes(content)
    begin()
    assert made(b"a", b"made") == b"made"
    compilations.keep()
    begin()
    assert made(b"a", b"made anew") == b"made"


def test_a_value_of_another_kind_is_made_anew(place, begin):
    place.write_bytes(msgspec.msgpack.encode((compilations._versions(), {b"a": 5})))
    begin()
    assert made(b"a", b"made") == b"made"


def test_nothing_is_kept_where_python_writes_no_byte_code(place, monkeypatch):
    made(b"a", b"made")
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    compilations.keep()
    assert not place.exists()


def test_a_folder_that_cannot_be_written_costs_nothing_else(place, monkeypatch):
    monkeypatch.setattr(compilations, "PLACE", place.parent / "absent" / "compilations.kept")
    assert made(b"a", b"made") == b"made"
    compilations.keep()


def test_nobody_waits_for_long_for_another_that_writes(place):
    made(b"a", b"made")
    folder = os.open(place.parent, os.O_RDONLY)
    fcntl.flock(folder, fcntl.LOCK_EX)
    compilations.keep()
    assert not place.exists()
    os.close(folder)
    compilations.keep()
    assert place.exists()


def test_what_has_grown_too_large_is_begun_anew(place, begin, monkeypatch):
    monkeypatch.setattr(compilations, "MOST", 500)
    for key in (b"a", b"b"):
        made(key, key * 300)
        compilations.keep()
        begin()
    assert list(compilations._known()) == [b"b"]


def test_what_holds_words_of_a_repository_is_kept_for_nobody(begin):
    named = expressions.expression(rf"^run {expressions.literal('secret.py')}+$")
    assert named.search("run secret.pyy")
    assert not named.search("run secretxpy")
    assert needed_by(rf"run {expressions.literal('secret.py')}\b").words == {"run secret.py"}
    assert expressions.expression("^other$").search("other")
    compilations.keep()
    begin()
    assert len(compilations._known()) == 1
    assert b"secret" not in compilations.PLACE.read_bytes()


def test_a_database_that_cannot_be_loaded_is_made_anew(begin, monkeypatch):
    once = compilations.once
    damaged = lambda key, make: once(key, make)[:-1] if key.startswith(b"hyperscan") else once(key, make)  # noqa: E731
    monkeypatch.setattr(compilations, "once", damaged)
    assert Search([b"ab+", b"c"]).hits(b"abbc") == [(0, 2), (0, 3), (1, 4)]
