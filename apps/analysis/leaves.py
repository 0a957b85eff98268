"""Leaves of configuration files by the keys that lead to them and by their texts."""

from __future__ import annotations

import re
from fnmatch import translate
from functools import cache, cached_property, lru_cache
from typing import TYPE_CHECKING

from apps.analysis.expressions import expression
from apps.analysis.index import Index
from apps.analysis.worded import Worded

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from apps.analysis.facts.model import Leaf
    from apps.analysis.file import File

    Pairs = list[tuple[File, Leaf]]

ANY_KEYS = "**"
FEW = 60  # leaves: to look at them one by one takes no longer than to ask an index of all
_SEPARATOR = "\x1f"  # behind each key


class Leaves:
    """The leaves of `files`, with the questions that many ask of them: each one again, of others, if these are
    `changes`. Keys are given as shell patterns, one per key; `**` is any number of keys."""

    def __init__(self, files: list[File], *, changes: bool = False) -> None:
        self._files = files
        self._changes = changes
        self._led_to: dict[tuple[str, ...], Pairs] = {}

    def of(self, files: list[File], keys: tuple[str, ...], value: str) -> Pairs:
        """The leaves of these files to which `keys` lead and in whose text the expression `value` is found, ignoring
        case; in the order of the files."""
        paths = {file.path for file in files}
        many = sum(len(file.facts.leaves) for file in files) > FEW
        led = set(keys) <= {ANY_KEYS}  # whether nobody need look at the keys
        by_keys = self._by_keys(keys) if many and not led else None
        by_words = None
        if many and value and (by_keys is None or len(by_keys) > FEW):
            by_words = self._by_text.near(value)
        if by_words is not None:
            pairs = [pair for pair in by_words if pair[0].path in paths]
        elif by_keys is not None:
            pairs, led = [pair for pair in by_keys if pair[0].path in paths], True
        else:
            pairs = [(file, leaf) for file in files for leaf in file.facts.leaves]
        if pairs and not led:
            leads = _expression(keys).match
            pairs = [pair for pair in pairs if leads(_path(pair[1]))]
        if pairs and value:
            # Generated files repeat their texts; what changes from commit to commit repeats most of them again.
            finds = _remembering(value) if self._changes else cache(expression(value, re.IGNORECASE).search)
            pairs = [pair for pair in pairs if finds(pair[1].text)]
        return pairs

    def _by_keys(self, patterns: tuple[str, ...]) -> Pairs:
        if patterns not in self._led_to:
            led_by = _expression(patterns)
            found = [path for path in self._candidates(patterns) if led_by.match(path)]
            self._led_to[patterns] = self._by_path.of(found)
        return self._led_to[patterns]

    def _candidates(self, patterns: tuple[str, ...]) -> Iterable[str]:
        """The paths of keys that hold every key which is asked for by its plain name."""
        holding = [self._holding.get(pattern, set()) for pattern in patterns if not set(pattern) & set("*?[")]
        return set.intersection(*holding) if holding else self._by_path.words

    def _all(self) -> Iterator[tuple[File, Leaf]]:
        return ((file, leaf) for file in self._files for leaf in file.facts.leaves)

    @cached_property
    def _by_text(self) -> Worded[Leaf]:
        return Worded(((leaf.text, file, leaf) for file, leaf in self._all()), changes=self._changes)

    @cached_property
    def _by_path(self) -> Index[Leaf]:
        return Index((_path(leaf), file, leaf) for file, leaf in self._all())

    @cached_property
    def _holding(self) -> dict[str, set[str]]:
        """The paths of keys by each key that they hold."""
        holding: dict[str, set[str]] = {}
        for path in self._by_path.words:
            for key in path.split(_SEPARATOR)[:-1]:
                holding.setdefault(key, set()).add(path)
        return holding


def _path(leaf: Leaf) -> str:
    return _SEPARATOR.join((*leaf.keys, ""))


@lru_cache(maxsize=4096)
def _remembering(value: str) -> Callable[[str], bool]:
    search = expression(value, re.IGNORECASE).search
    return lru_cache(maxsize=2000)(lambda text: search(text) is not None)


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
