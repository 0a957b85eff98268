"""Leaves of YAML files by libyaml's events: no construction, no recursion. Apart, because the parser loads slowly."""

from __future__ import annotations

import re
from typing import Any

import yaml

from apps.analysis.expressions import expression
from apps.analysis.facts.model import LONGEST_TEXT, Leaf
from apps.analysis.facts.tree import DEEPEST, MOST_LEAVES, TooDeepError, weighed

LONGEST_TEMPLATE = 2000  # characters of a line with template marks; nobody writes a longer one
SCHEMA = "openAPIV3Schema"  # of a custom resource: it tells the form of what others will configure, and sets nothing
_BOOLEANS = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}
_NULLS = {"", "~", "null", "Null", "NULL"}
_INTEGER = expression(r"^[-+]?[0-9]{1,18}$")
_FLOAT = expression(r"^[-+]?(\d+\.\d*|\.\d+|\d+)([eE][-+]?\d{1,3})?$")
_TEMPLATE_LINE = expression(r"^\s*\{\{-?.*?-?\}\}\s*$")
# What has no end goes on to that of its line, so that nobody looks for another one in it.
_TEMPLATE = expression(r"\{\{(?:(?!\}\}).)*+(\}\})?|\{%(?:(?!%\}).)*+(%\})?")
# Its lines, deeper than its key: operators carry megabytes of them, which need not be parsed to be left out.
_OF_SCHEMA = expression(rf"^( *){SCHEMA}: *\n((?:\1 +\S.*\n?| *(?:#.*)?\n)+)", re.MULTILINE)


class BrokenYamlError(ValueError):
    """The file is no YAML."""


def of_yaml(text: str) -> list[Leaf]:
    """Leaves of all documents. Raises `BrokenYamlError` or `TooDeepError`. Lines of templates are stripped."""
    if SCHEMA in text:
        text = _OF_SCHEMA.sub(lambda found: f"{found[1]}{SCHEMA}: {{}}\n" + "\n" * found[2].count("\n"), text)
    if "{{" in text or "{%" in text:
        text = _without_templates(text)
    try:
        return _YamlReader().read(text)
    except yaml.YAMLError as problem:
        raise BrokenYamlError(" ".join(str(problem).split())) from problem


def _without_templates(text: str) -> str:
    lines = []
    for line in text.split("\n"):
        if _TEMPLATE_LINE.match(line) or line.lstrip().startswith("{%"):
            lines.append("")
            continue
        if len(line) > LONGEST_TEMPLATE:
            lines.append("")
            continue
        lines.append(_TEMPLATE.sub(_named, line))
    return "\n".join(lines)


def _named(template: re.Match[str]) -> str:
    """A word for it; itself where it has no end."""
    return "__" + re.sub(r"[^\w.]+", "_", template[0]).strip("_") + "__" if template.lastindex else template[0]


class _Level:
    """One open mapping or sequence."""

    __slots__ = ("anchor", "count", "first", "is_map", "key", "keys", "line")

    def __init__(self, keys: list[str], *, is_map: bool, anchor: str | None, first: int, line: int) -> None:
        self.keys, self.is_map, self.anchor, self.first, self.line = keys, is_map, anchor, first, line
        self.key: str | None = None
        self.count = 0  # of its entries

    def name(self, key: str) -> None:
        self.key = key
        self.count += 1

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
        return weighed(self.leaves)

    def _place(self) -> list[str] | None:
        """The keys of the value that comes now; None when what comes is a mapping's key."""
        if not self._levels:
            return []
        level = self._levels[-1]
        return None if level.is_map and level.key is None else level.next_keys()

    def _scalar(self, event: yaml.ScalarEvent) -> None:
        keys = self._place()
        if keys is None:
            self._levels[-1].name(event.value[:200])
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
        line = (event.start_mark.line if event.start_mark else 0) + 1
        self._levels.append(_Level(keys, is_map=is_map, anchor=event.anchor, first=len(self.leaves), line=line))

    def _close(self) -> None:
        level = self._levels.pop()
        if level.is_map and not level.count and level.keys:  # `key: {}` says what `key:` says
            self.leaves.append(Leaf(level.keys, None, level.line, self._document))
        if level.keys[-1:] == [SCHEMA]:
            del self.leaves[level.first :]
        if level.anchor:
            self._anchors[level.anchor] = (level.keys, self.leaves[level.first :])

    def _alias(self, event: yaml.AliasEvent) -> None:
        keys = self._place()
        if keys is None:
            self._levels[-1].name(f"*{event.anchor}")
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
