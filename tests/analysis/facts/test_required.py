"""What an expression finds holds one of the words that are told to be needed for it."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.analysis.facts.required import alternatives_of, needed_by
from apps.analysis.facts.search import WORTH_COMPILING, Words
from apps.analysis.facts.signal_patterns import PATTERNS
from apps.analysis.facts.signals import of
from apps.analysis.paths import Kind


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        (r"abc", {"abc"}),
        (r"\s*load_model\s*\(", {"load_model"}),
        (r"(?:sarama|kafka)\.New", {"sarama", "kafka"}),
        (r"[pP]redict", {"predict", "Predict"}),
        (r"[a-z]redict", {"redict"}),
        (r"[^p]redict", {"redict"}),
        (r"[nN][oO][uU][tT]", {"nou", "noU", "nOu", "nOU", "Nou", "NoU", "NOu", "NOU"}),
        (r"run \w+\.(?:py|sh|R)", {"run "}),
        (r"\w+\.(?:py|sh|R)", {".py", ".sh", ".R"}),
        (r"make|\w+ --serve", {"make", " --serve"}),
        (r"(?:ab|cd)x?", {"ab", "cd"}),
        (r"(?:ab|c?)x", set()),
        (r"(?:ab)+c", {"ab"}),
        (r"(?:ab)*", set()),
        (r"x(?i:abc)", set()),
        (r"(?!abc)d", set()),
        (r"(?<=ab)cd", {"cd"}),
    ],
)
def test_the_words_that_a_match_needs(pattern: str, words: set[str]) -> None:
    assert needed_by(pattern) == (words, False)


def test_an_expression_that_does_not_mind_the_case_needs_its_words_in_any() -> None:
    assert needed_by("(?i)Abc") == ({"Abc"}, True)


@pytest.mark.parametrize(
    ("pattern", "alternatives"),
    [
        ("abc", ["abc"]),
        ("ab|cd", ["ab", "cd"]),
        (r"a\|b|(?:c|d)[|)\]]|e", [r"a\|b", r"(?:c|d)[|)\]]", "e"]),
        (r"[]|]x|[^]|]y", ["[]|]x", "[^]|]y"]),
        (r"(a)b|\1", [r"(a)b|\1"]),
        ("(?i)ab|cd", ["(?i)ab", "(?i)cd"]),
        (r"(?i)(a)b|\1", [r"(?i)(a)b|\1"]),
        ("(?im)ab|cd", ["(?im)ab|cd"]),
        ("(?s)a.b|c.d", ["(?s)a.b|c.d"]),
        ("(?x)a b|c d", ["(?x)a b|c d"]),
    ],
)
def test_what_an_expression_is_a_choice_of(pattern: str, alternatives: list[str]) -> None:
    assert [one.pattern for one in alternatives_of(pattern)] == alternatives


@pytest.mark.parametrize(
    ("pattern", "words", "others"),
    [
        (r"\btrain\s*\(", {"train"}, []),
        (r"^(?:new\s+|\bget)Model", {"new", "get"}, [{"Model"}]),
        (r"(?<!\.)(?:xgb|xgboost)\.train", {"xgb", "xgboost"}, [{".train"}]),
        (r"[pP]re(?:pare|pro)", {"prepare", "prepro", "Prepare", "Prepro"}, []),
        (r"(?:ab)+x", {"ab"}, []),
        (r"(?i)\bINSERT\s+INTO", {"INSERT"}, [{"INTO"}]),
    ],
)
def test_a_match_begins_with_one_of_its_words(pattern: str, words: set[str], others: list[set[str]]) -> None:
    (one,) = alternatives_of(pattern)
    assert (one.at_word, one.words, one.others) == (True, words, others)


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        (r"(?:sudo )?apt", {"apt"}),
        (r"(?:ab|\w)cde", {"cde"}),
        (r"\w*model", {"model"}),
        (r"x?(?:ab)", {"ab"}),
        (r"(?i:ab)cd", {"cd"}),
        (r"(?i)\w+abc", {"abc"}),
    ],
)
def test_a_match_may_begin_before_its_words(pattern: str, words: set[str]) -> None:
    (one,) = alternatives_of(pattern)
    assert (one.at_word, one.words) == (False, words)


@pytest.mark.parametrize(
    "pattern",
    [r"a\s", r"a[^b]", r"a[^\S]", r"a\D", r"a\n", r"a[\t-\r]", r"a(?=\W)", r"(?:a|[\s])", "(?s:a.)", "(?s)a."],
)
def test_a_match_may_go_beyond_its_line(pattern: str) -> None:
    assert alternatives_of(pattern)[0].spans


@pytest.mark.parametrize(
    "pattern", [r"^a.*$", r"a[ \t]", r"a[^b\n]", r"a[^b\s]", r"a[\w.]", r"a\d\b", r"(?:a|[b-z]){2,}", r"(?!\w)a"]
)
def test_a_match_ends_on_its_line(pattern: str) -> None:
    assert not alternatives_of(pattern)[0].spans


@pytest.mark.parametrize(
    "name", sorted(name for name, (_, pattern) in PATTERNS.items() if needed_by(pattern, re.MULTILINE).words)
)
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_no_hit_of_a_pattern_is_without_its_words(name: str, data: st.DataObject) -> None:
    pattern = re.compile(PATTERNS[name][1], re.MULTILINE)
    needed = needed_by(pattern.pattern, re.MULTILINE)
    letters = st.characters(max_codepoint=127) if needed.in_any_case else None
    found = pattern.search(data.draw(st.from_regex(pattern, alphabet=letters)))
    assert found
    text, words = found.group(0), needed.words
    if needed.in_any_case:
        text, words = text.lower(), frozenset(map(str.lower, words))
    assert any(word in text for word in words)


def test_a_signal_is_found_where_its_words_are() -> None:
    assert [one.name for one in of(Kind.GO, 'kafka.NewReader(c)\nhttp.Get("x")\n')] == ["stream"]


def test_a_signal_in_any_case_is_found_by_words_in_any_case() -> None:
    assert [one.name for one in of(Kind.SQL, "create table runs (id int);\n")] == ["schema"]


@given(st.lists(st.text("abAB.", max_size=12), max_size=4))
def test_words_are_told_alike_before_and_after_they_are_compiled(texts: list[str]) -> None:
    fresh, compiled = (Words({"ab", "a.", "B"}, {"aab", "ba"}) for _ in range(2))
    compiled.held_by(b"x" * WORTH_COMPILING)
    for text in texts:
        assert fresh.held_by(text.encode()) == compiled.held_by(text.encode())
