"""Leaves of configuration files: YAML by libyaml's events (no construction, no recursion), JSON, TOML, INI and .env."""

from __future__ import annotations

import configparser
import re
import tomllib
from typing import Any

import msgspec
import yaml

from apps.analysis.facts.model import LONGEST_TEXT, Leaf

MOST_LEAVES = 20_000
DEEPEST = 60
LONGEST_TEMPLATE = 2000  # characters of a line with template marks; nobody writes a longer one
LONGEST_TOML_KEY = 400  # characters of a dotted key; the parser is quadratic in them

_BOOLEANS = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}
_NULLS = {"", "~", "null", "Null", "NULL"}
_INTEGER = re.compile(r"^[-+]?[0-9]{1,18}$")
_FLOAT = re.compile(r"^[-+]?(\d+\.\d*|\.\d+|\d+)([eE][-+]?\d{1,3})?$")
_TEMPLATE_LINE = re.compile(r"^\s*\{\{-?.*?-?\}\}\s*$")
_TEMPLATE = re.compile(r"\{\{.*?\}\}|\{%.*?%\}")


class TooDeepError(ValueError):
    """The file nests deeper, or holds more, than anybody writes."""


def of_yaml(text: str) -> list[Leaf]:
    """Leaves of all documents. Raises `yaml.YAMLError` or `TooDeepError`. Template lines (Helm, Jinja) are stripped."""
    if "{{" in text or "{%" in text:
        text = _without_templates(text)
    return _YamlReader().read(text)


def _without_templates(text: str) -> str:
    lines = []
    for line in text.split("\n"):
        if _TEMPLATE_LINE.match(line) or line.lstrip().startswith("{%"):
            lines.append("")
            continue
        if len(line) > LONGEST_TEMPLATE:
            lines.append("")
            continue
        plain = _TEMPLATE.sub(lambda match: "__" + re.sub(r"[^\w.]+", "_", match.group(0)).strip("_") + "__", line)
        lines.append(plain)
    return "\n".join(lines)


class _Level:
    """One open mapping or sequence."""

    __slots__ = ("anchor", "count", "first", "is_map", "key", "keys")

    def __init__(self, keys: list[str], *, is_map: bool, anchor: str | None, first: int) -> None:
        self.keys, self.is_map, self.anchor, self.first = keys, is_map, anchor, first
        self.key: str | None = None
        self.count = 0

    def next_keys(self) -> list[str]:
        if self.is_map:
            key, self.key = self.key or "", None
            return [*self.keys, key]
        self.count += 1
        return [*self.keys, str(self.count - 1)]


class _YamlReader:
    def __init__(self) -> None:
        self.leaves: list[Leaf] = []
        self._levels: list[_Level] = []
        self._anchors: dict[str, tuple[list[str], list[Leaf]]] = {}
        self._document = -1

    def read(self, text: str) -> list[Leaf]:
        for event in yaml.parse(text, Loader=yaml.CSafeLoader):
            match event:
                case yaml.DocumentStartEvent():
                    self._document += 1
                    self._levels, self._anchors = [], {}
                case yaml.ScalarEvent():
                    self._scalar(event)
                case yaml.MappingStartEvent() | yaml.SequenceStartEvent():
                    self._open(event)
                case yaml.MappingEndEvent() | yaml.SequenceEndEvent():
                    self._close()
                case yaml.AliasEvent():
                    self._alias(event)
            if len(self.leaves) > MOST_LEAVES:
                raise TooDeepError(f"more than {MOST_LEAVES} values")
        return self.leaves

    def _place(self) -> list[str] | None:
        """The keys of the value that comes now; None when what comes is a mapping's key."""
        if not self._levels:
            return []
        level = self._levels[-1]
        return None if level.is_map and level.key is None else level.next_keys()

    def _scalar(self, event: yaml.ScalarEvent) -> None:
        keys = self._place()
        if keys is None:
            self._levels[-1].key = event.value[:200]
            return
        plain = event.implicit[0]
        value = resolved(event.value) if plain else event.value[: LONGEST_TEXT * 10]
        leaf = Leaf(keys, value, (event.start_mark.line if event.start_mark else 0) + 1, self._document)
        self.leaves.append(leaf)
        if event.anchor:
            self._anchors[event.anchor] = (keys, [leaf])

    def _open(self, event: yaml.MappingStartEvent | yaml.SequenceStartEvent) -> None:
        keys = self._place()
        if keys is None:
            raise TooDeepError("a collection as a key")
        if len(self._levels) >= DEEPEST:
            raise TooDeepError(f"more than {DEEPEST} levels")
        is_map = isinstance(event, yaml.MappingStartEvent)
        self._levels.append(_Level(keys, is_map=is_map, anchor=event.anchor, first=len(self.leaves)))

    def _close(self) -> None:
        level = self._levels.pop()
        if level.anchor:
            self._anchors[level.anchor] = (level.keys, self.leaves[level.first :])

    def _alias(self, event: yaml.AliasEvent) -> None:
        keys = self._place()
        if keys is None:
            self._levels[-1].key = f"*{event.anchor}"
            return
        base, copied = self._anchors.get(event.anchor or "", ([], []))
        if keys and keys[-1] == "<<":
            keys = keys[:-1]
        for leaf in copied[: MOST_LEAVES // 10]:
            suffix = leaf.keys[len(base) :]
            self.leaves.append(Leaf([*keys, *suffix], leaf.value, leaf.line, self._document))


def resolved(text: str) -> Any:  # noqa: ANN401
    """A plain YAML scalar as the type it stands for."""
    if text in _NULLS:
        return None
    if text.lower() in _BOOLEANS:
        return _BOOLEANS[text.lower()]
    if _INTEGER.match(text):
        return int(text)
    if _FLOAT.match(text):
        return float(text)
    return text[: LONGEST_TEXT * 10]


def of_json(content: bytes, text: str) -> list[Leaf]:
    """Raises `msgspec.DecodeError`, `RecursionError` or `TooDeepError`. Comments and trailing commas are tolerated."""
    try:
        tree = msgspec.json.decode(content)
    except msgspec.DecodeError:
        bare = re.sub(r"^[ \t]*//.*$|/\*.*?\*/", "", text, flags=re.MULTILINE | re.DOTALL)
        tree = msgspec.json.decode(re.sub(r",(\s*[}\]])", r"\1", bare))
    return flatten(tree, _Lines(text))


def of_toml(text: str) -> list[Leaf]:
    """Raises `tomllib.TOMLDecodeError`, `RecursionError` or `TooDeepError`."""
    if re.search(r"^[\w.\"'\[\]-]{" + str(LONGEST_TOML_KEY) + ",}", text, re.MULTILINE):
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

    def line_of(self, key: str, after: int = 0) -> int:
        start = self._text.find("\n") if after else self._at
        if after:
            start = _nth_line(self._text, after)
        found = self._text.find(key, start)
        if found < 0:
            found = self._text.find(key)
        if found < 0:
            return max(1, after)
        self._at = found
        return self._text.count("\n", 0, found) + 1


def _nth_line(text: str, number: int) -> int:
    at = 0
    for _ in range(number - 1):
        at = text.find("\n", at) + 1
    return at


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
