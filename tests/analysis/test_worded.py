"""Leaves and commands by their texts: looking for words first changes no answer."""

from __future__ import annotations

import re

import pytest

from apps.analysis.worded import MANY, options
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
        r"\b(?:uvicorn|kubectl (?:apply|create)|\d)\b",
        r"^(?!run|7)\w+|serve$",
        r"[|(]|re-\w+|(?:a|run)\s",
        r"nothing there|uvicorn|UVICORN",
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
    scripts = facts_of({"few.sh": "\n".join(TEXTS), "many.sh": "\n".join(lines)})
    for asked in (facts_of({"few.sh": "\n".join(TEXTS)}), scripts):
        commands = [one.text for file in asked.files for one in file.facts.commands]
        found = [text for text in commands if re.search(pattern, text, re.IGNORECASE)]
        assert [one.text for _, one in asked.commands(pattern)] == found
    assert len(facts.leaves("", value=pattern)) == sum(
        bool(re.search(pattern, text, re.IGNORECASE)) for texts in read.values() for text in texts
    )


def test_of_many_commands_those_without_a_word_are_not_searched() -> None:
    """Each would take this expression minutes."""
    facts = facts_of({"a.sh": "\n".join(f"{'a' * 40} {number}" for number in range(MANY + 1))})
    assert facts.commands(r"^(?:a|a)*zz") == []


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("a", ["a"]),
        ("a|b(c|d)|", ["a", "b(c|d)", ""]),
        (r"[|(]\||[]|]x|\(", [r"[|(]\|", "[]|]x", r"\("]),
        (r"\b(?:a|(b|c)d)\b", [r"\b(?:a)\b", r"\b(?:(b|c)d)\b"]),
        ("(a|b)(c|d)", ["(a|b)(c|d)"]),
        ("(?=a|b)", ["(?=a|b)"]),
        (r"(a|b)\1|c", [r"(a|b)\1|c"]),
        ("(?i)a|b", ["(?i)a|b"]),
        ("a(?#of a repository)|b", ["a(?#of a repository)|b"]),
    ],
)
def test_what_stands_beside_one_another_is_looked_for_one_by_one(pattern: str, expected: list[str]) -> None:
    assert options(pattern) == expected
