"""Leaves of configuration files: JSON, TOML, INI and .env."""

from __future__ import annotations

import configparser
import re
from typing import Any

import msgspec

from apps.analysis.facts.lines import Lines
from apps.analysis.facts.model import LONGEST_TEXT, Leaf

MOST_LEAVES = 20_000
DEEPEST = 60
MOST_PASSED = 300_000_000  # characters of a text in which its keys are searched for
MOST_CHARACTERS = 8_000_000  # of all keys and values; a short file can repeat long ones in each
# A dotted key of so many parts, wherever it stands; the parser is quadratic in them.
LONGEST_TOML_KEY = re.compile(r"(?<![\w\"'-])(?:[\w\"'-]++[ \t]*+\.[ \t]*+){60}")

# `"@/*"` begins no comment; a text or a comment without end is taken whole, so that no other one is looked for in it.
_TEXT_OR_COMMENT = re.compile(r'("(?:[^"\\\n]|\\.)*+"?)|//[^\n]*+|/\*(?:[^*]|\*(?!/))*+(?:\*/|\Z)')


class TooDeepError(ValueError):
    """The file nests deeper, or holds more, than anybody writes."""


def weighed(leaves: list[Leaf]) -> list[Leaf]:
    """The leaves, where they can be kept. Raises `TooDeepError`."""
    if sum(sum(map(len, leaf.keys)) + len(leaf.text) for leaf in leaves) > MOST_CHARACTERS:
        raise TooDeepError(f"more than {MOST_CHARACTERS // 1_000_000} million characters")
    return leaves


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
        if len(leaves) > MOST_LEAVES:  # each section repeats the defaults
            break
    return weighed(leaves[:MOST_LEAVES])


def of_env(text: str) -> list[Leaf]:
    leaves = []
    for number, line in enumerate(text.split("\n"), 1):
        found = re.match(r"^\s*(?:export\s+)?([A-Za-z_][\w.-]*)\s*[=:](.*)", line)
        if found:
            leaves.append(Leaf([found.group(1)], found.group(2).strip().strip("'\"")[:LONGEST_TEXT], number))
    return leaves[:MOST_LEAVES]


class _Lines:
    """Finds the line of a key in a format whose parser does not tell it: keys are met in the order of the file."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._lines = Lines(text)
        self._passed = 0  # characters

    def line_of(self, key: str, after: int = 0) -> int:
        start = self._lines.start(after) if after else self._at
        found = self._find(key, start)
        if found < 0:
            found = self._find(key, 0)
        if found < 0:
            return max(1, after)
        self._at = found
        return self._lines.at(found)

    def _find(self, key: str, start: int) -> int:
        """Where it stands; -1 where it does not, as it is escaped, or where too much was searched for others."""
        found = self._text.find(key, start) if self._passed < MOST_PASSED else -1
        self._passed += (found if found >= 0 else len(self._text)) - start
        return found


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
    return weighed(leaves)
