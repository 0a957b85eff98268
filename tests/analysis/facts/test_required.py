"""What an expression finds holds one of the words that are told to be needed for it."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.analysis.facts.required import words_of
from apps.analysis.facts.signal_patterns import PATTERNS
from apps.analysis.facts.signals import of
from apps.analysis.paths import Kind


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        (r"abc", {"abc"}),
        (r"\s*load_model\s*\(", {"load_model"}),
        (r"(?:sarama|kafka)\.New", {"sarama", "kafka"}),
        (r"[pP]redict", {"redict"}),
        (r"(?:ab|cd)x?", {"ab", "cd"}),
        (r"(?:ab|c?)x", set()),
        (r"(?:ab)+c", {"ab"}),
        (r"(?:ab)*", set()),
        (r"(?i)abc", set()),
        (r"x(?i:abc)", set()),
        (r"(?!abc)d", set()),
        (r"(?<=ab)cd", {"cd"}),
    ],
)
def test_the_words_that_a_match_needs(pattern: str, words: set[str]) -> None:
    assert words_of(pattern) == words


@pytest.mark.parametrize(
    "name", sorted(name for name, (_, pattern) in PATTERNS.items() if words_of(pattern, re.MULTILINE))
)
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_no_hit_of_a_pattern_is_without_its_words(name: str, data: st.DataObject) -> None:
    pattern = re.compile(PATTERNS[name][1], re.MULTILINE)
    found = pattern.search(data.draw(st.from_regex(pattern)))
    assert found
    assert any(word in found.group(0) for word in words_of(pattern.pattern, re.MULTILINE))


def test_a_signal_is_found_where_its_words_are() -> None:
    assert [one.name for one in of(Kind.GO, 'kafka.NewReader(c)\nhttp.Get("x")\n')] == ["stream"]
