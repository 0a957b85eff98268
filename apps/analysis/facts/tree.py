"""Leaves of configuration files: JSON, TOML, INI and .env."""

from __future__ import annotations

import configparser
import re
from bisect import bisect_right
from typing import Any

import msgspec

from apps.analysis.facts.model import LONGEST_TEXT, Leaf

MOST_LEAVES = 20_000
DEEPEST = 60
# A dotted key of so many parts, wherever it stands; the parser is quadratic in them.
LONGEST_TOML_KEY = re.compile(r"(?<![\w\"'-])(?:[\w\"'-]++[ \t]*+\.[ \t]*+){60}")

# `"@/*"` begins no comment; a text or a comment without end is taken whole, so that no other one is looked for in it.
_TEXT_OR_COMMENT = re.compile(r'("(?:[^"\\\n]|\\.)*+"?)|//[^\n]*+|/\*(?:[^*]|\*(?!/))*+(?:\*/|\Z)')


class TooDeepError(ValueError):
    """The file nests deeper, or holds more, than anybody writes."""


def of_json(content: bytes, text: str) -> list[Leaf]:
    """Raises `msgspec.DecodeError`, `RecursionError` or `TooDeepError`. Comments and trailing commas are tolerated."""
    try:
        tree = msgspec.json.decode(content)
    except msgspec.DecodeError:
        bare = _TEXT_OR_COMMENT.sub(lambda found: found.group(1) or "", text)
        tree = msgspec.json.decode(re.sub(r",(\s*[}\]])", r"\1", bare))
    return flatten(tree, _Lines(text))


def of_toml(text: str) -> list[Leaf]:
    """Raises `tomllib.TOMLDecodeError`, `RecursionError` or `TooDeepError`."""
    import tomllib  # loads slowly, and not every repository has such a file

    if LONGEST_TOML_KEY.search(text):
        raise TooDeepError("an endless key")
    return flatten(tomllib.loads(text), _Lines(text))


def of_ini(text: str) -> list[Leaf]:
    """Raises `configparser.Error`."""
    parser = configparser.RawConfigParser(strict=False, allow_no_value=True, delimiters=("=", ":"))
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    parser.read_string(text if re.search(r"^[ \t]*\[", text, re.MULTILINE) else f"[DEFAULT]\n{text}")
    lines = _Lines(text)
    leaves = []
    for section in ["DEFAULT", *parser.sections()]:
        after = lines.line_of(f"[{section}]") if section != "DEFAULT" else 0
        entries = parser.defaults() if section == "DEFAULT" else dict(parser.items(section))
        for key, value in entries.items():
            keys = [key] if section == "DEFAULT" else [section, key]
            leaves.append(Leaf(keys, (value or "")[: LONGEST_TEXT * 10], lines.line_of(key, after), 0))
    return leaves[:MOST_LEAVES]


def of_env(text: str) -> list[Leaf]:
    leaves = []
    for number, line in enumerate(text.split("\n"), 1):
        found = re.match(r"^\s*(?:export\s+)?([A-Za-z_][\w.-]*)\s*[=:]\s*(.*?)\s*$", line)
        if found:
            leaves.append(Leaf([found.group(1)], found.group(2).strip("'\"")[:LONGEST_TEXT], number))
    return leaves[:MOST_LEAVES]


class _Lines:
    """Finds the line of a key in a format whose parser does not tell it: keys are met in the order of the file."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._starts = [0, *(match.end() for match in re.finditer("\n", text))]

    def line_of(self, key: str, after: int = 0) -> int:
        start = self._starts[after - 1] if after else self._at
        found = self._text.find(key, start)
        if found < 0:
            found = self._text.find(key)
        if found < 0:
            return max(1, after)
        self._at = found
        return bisect_right(self._starts, found)


def flatten(tree: Any, lines: _Lines) -> list[Leaf]:  # noqa: ANN401
    leaves: list[Leaf] = []
    stack: list[tuple[list[str], Any]] = [([], tree)]
    while stack:
        keys, value = stack.pop()
        if len(keys) > DEEPEST or len(leaves) > MOST_LEAVES:
            raise TooDeepError("too deep or too many values")
        if isinstance(value, dict):
            for key, inner in reversed(list(value.items())):
                stack.append(([*keys, str(key)[:200]], inner))
        elif isinstance(value, list):
            for number, inner in reversed(list(enumerate(value))):
                stack.append(([*keys, str(number)], inner))
        else:
            if isinstance(value, str):
                value = value[: LONGEST_TEXT * 10]
            elif not isinstance(value, int | float | bool) and value is not None:
                value = str(value)
            if isinstance(value, int) and abs(value) >= 2**62:
                value = "a large integer"
            named = next((key for key in reversed(keys) if not key.isdigit()), "")
            sought = value if isinstance(value, str) and keys and keys[-1].isdigit() and value else named
            leaves.append(Leaf(keys, value, lines.line_of(str(sought).split("\n", 1)[0])))
    return leaves
