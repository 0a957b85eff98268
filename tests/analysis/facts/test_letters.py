"""What is looked for in small letters stands where an expression finds it in any case."""

from __future__ import annotations

import re
import sys
from string import ascii_letters

import pytest

from apps.analysis.facts.letters import folded, in_ascii

ALL = "".join(map(chr, range(sys.maxunicode + 1)))


@pytest.mark.parametrize("letter", ascii_letters)
def test_a_letter_is_found_in_any_case_wherever_an_expression_finds_it(letter: str) -> None:
    places = [found.start() for found in re.finditer(letter, ALL, re.IGNORECASE)]
    assert [place for place, one in enumerate(folded(ALL)) if one == letter.lower()] == places
    assert [place for place, one in enumerate(in_ascii(ALL)) if one in {letter.lower(), letter.upper()}] == places


@pytest.mark.parametrize("text", [ALL, "Port", "\u0130NSERT"])
def test_every_place_stays(text: str) -> None:
    assert len(folded(text)) == len(in_ascii(text)) == len(text)
