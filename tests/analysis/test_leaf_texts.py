"""Leaves by their texts: looking for words first changes no answer."""

from __future__ import annotations

import re

import pytest

from apps.analysis.leaf_texts import MANY
from tests.analysis.making import facts_of

TEXTS = [
    "uvicorn app:app",
    "run UVICORN",
    "İnstall",
    "\u0131nstall",
    "\u017ferve",
    "\u212aubectl apply",
    "ré-install",
    "7",
    "a\nserve",
]


@pytest.mark.parametrize(
    "pattern",
    [
        r"\b(uvicorn|gunicorn)\b",
        r"^install$",
        r"^serve$",
        r"kubectl (apply|create)",
        r"ré-\w+",
        r"^\d$",
        r"(?m)^serve$",
        "",
    ],
)
def test_words_are_looked_for_first_in_many_leaves_and_change_no_answer(pattern: str) -> None:
    lines = [*TEXTS, *(f"text {number}" for number in range(MANY))]
    written = {"few.yaml": TEXTS, "many.yaml": lines, "none.yaml": ["nothing"] * MANY}
    facts = facts_of({path: "".join(f"- {text!r}\n" for text in texts) for path, texts in written.items()})
    read = {file.path: [leaf.text for leaf in file.facts.leaves] for file in facts.files}
    for path, texts in read.items():
        expected = [text for text in texts if re.search(pattern, text, re.IGNORECASE)]
        assert [leaf.text for _, leaf in facts.leaves(rf"^{path}$", value=pattern)] == expected
    assert len(facts.leaves("", value=pattern)) == sum(
        bool(re.search(pattern, text, re.IGNORECASE)) for texts in read.values() for text in texts
    )
