"""Which names in code hold a model's answer."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from apps.analysis.expressions import expression

# What is called so holds an answer: in functions that ask a model, and only there.
ANSWER = expression(
    r"predict|result|response|answer|output|score|label|(?:\b|_)(?:preds?|probs?)\b|probab|completion|class_|infer|generated|recommend",
    re.IGNORECASE,
)
NO_ANSWER = expression(
    r"status|header|model(?!_?(?:output|answer|response))|path|time|elapsed|len\(|count|url|\bid\b|version|size|error|exc\b|reason|usage|shape|dtype|\.type|metric|encoder|prompt|question|query|context",
    re.IGNORECASE,
)
NAMES = expression(r"[A-Za-z_][\w.]*(?:\[\])?")
_TEXT = expression(r"'[^']*'|\"[^\"]*\"")


def tells(value: object, names: set[str], *, words: bool = False) -> bool:
    """Whether the text of a value reads a name that holds an answer, or one that by its words does."""
    if isinstance(value, list):
        return any(tells(one, names, words=words) for one in value)
    if not isinstance(value, str):
        return False
    return any(
        (words and one.is_answer) or (one.may_hold and not names.isdisjoint(one.beginnings)) for one in _names_in(value)
    )


class _Name(NamedTuple):
    """A name that a value reads: `response.text` holds an answer if `response` does, `response.status` does not."""

    beginnings: list[str]
    may_hold: bool
    is_answer: bool  # by its words


@lru_cache(maxsize=8192)
def _names_in(value: str) -> list[_Name]:
    text = value[1:] if value.startswith("$") else " ".join(re.findall(r"\{([^{}]+)\}", value))
    return [_name(name) for name in NAMES.findall(_TEXT.sub("", text))]


def _name(name: str) -> _Name:
    parts = name.replace("[]", "").split(".")
    return _Name(
        [".".join(parts[:n]) for n in range(1, len(parts) + 1)],
        not NO_ANSWER.search(".".join(parts[1:])),
        bool(ANSWER.search(name)) and not NO_ANSWER.search(name),
    )
