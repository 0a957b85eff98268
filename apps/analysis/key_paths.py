"""Leaves of configuration files by the keys that lead to them."""

from __future__ import annotations

from fnmatch import translate
from functools import lru_cache
from typing import TYPE_CHECKING

from apps.analysis.expressions import expression
from apps.analysis.index import Index

if TYPE_CHECKING:
    import re
    from collections.abc import Iterable

    from apps.analysis.facts.model import Leaf
    from apps.analysis.file import File

ANY_KEYS = "**"
_SEPARATOR = "\x1f"  # behind each key


class KeyPaths:
    """Patterns are shell patterns, one per key; `**` is any number of keys."""

    def __init__(self, files: Iterable[File]) -> None:
        self._index = Index(
            (_SEPARATOR.join((*leaf.keys, "")), file, leaf) for file in files for leaf in file.facts.leaves
        )
        self._holding: dict[str, set[str]] = {}
        for path in self._index.words:
            for key in path.split(_SEPARATOR)[:-1]:
                self._holding.setdefault(key, set()).add(path)
        self._found: dict[tuple[str, ...], list[tuple[File, Leaf]]] = {}

    def leaves(self, patterns: tuple[str, ...]) -> list[tuple[File, Leaf]]:
        """The leaves that `patterns` lead to, in the order of the files."""
        if patterns not in self._found:
            led_by = _expression(patterns)
            self._found[patterns] = self._index.of([path for path in self._candidates(patterns) if led_by.match(path)])
        return self._found[patterns]

    def _candidates(self, patterns: tuple[str, ...]) -> Iterable[str]:
        """The paths that hold every key which is asked for by its plain name."""
        holding = [self._holding.get(pattern, set()) for pattern in patterns if not set(pattern) & set("*?[")]
        return set.intersection(*holding) if holding else self._index.words


@lru_cache(maxsize=4096)
def _expression(patterns: tuple[str, ...]) -> re.Pattern[str]:
    one = f"[^{_SEPARATOR}]"
    parts = [
        f"(?:{one}*{_SEPARATOR})*"
        if pattern == ANY_KEYS
        else translate(pattern).removeprefix("(?s:").removesuffix(r")\Z").replace(".*", f"{one}*") + _SEPARATOR
        for pattern in patterns
    ]
    return expression("".join(parts) + "$")
