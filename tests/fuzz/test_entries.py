"""No input breaks or delays a parser: a short round of what `make fuzz` does at length, and what it once found."""

from __future__ import annotations

import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.analysis.facts.extract import UNREAD
from apps.analysis.paths import Kind
from tests.fuzz.entries import ENTRIES, NAMED, SEEDS

LONGEST = 2.0  # seconds for one small input, on a machine that is busy


def spliced(seed: bytes) -> st.SearchStrategy[bytes]:
    """The seed with something strange put somewhere into it."""
    strange = st.one_of(
        st.binary(max_size=40),
        st.text(max_size=40).map(lambda text: text.encode(errors="replace")),
        st.sampled_from(
            [b"\0", b"\xff\xfe", b"\r", b"\t", b"'''", b'"""', b"{{", b"&a", b"*a", b"<<:", b"\\", b"$(", b"[[", b"}}"]
        ),
    )
    return st.builds(
        lambda at, much, what: seed[:at] + what * much + seed[at:],
        st.integers(0, len(seed)),
        st.integers(1, 50),
        strange,
    )


@pytest.mark.parametrize("name", ENTRIES)
def test_no_input_breaks_or_delays_a_parser(name):
    inputs = st.one_of(st.binary(max_size=400), *map(spliced, SEEDS.get(name, [b"a = 1\n"])))

    @settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
    @given(inputs)
    def round_(content):
        begun = time.process_time()
        ENTRIES[name](content)
        assert time.process_time() - begun < LONGEST

    round_()


def test_every_parser_is_an_entry():
    assert {str(kind) for kind in Kind if kind not in UNREAD} | set(NAMED) <= set(ENTRIES)
