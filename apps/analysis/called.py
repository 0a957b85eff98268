"""Calls by the dotted names of what is called."""

from __future__ import annotations

import re
from fnmatch import translate
from functools import lru_cache, partial
from typing import TYPE_CHECKING, NamedTuple

from apps.analysis.expressions import expression
from apps.analysis.facts.model import last_of
from apps.analysis.index import Index

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from apps.analysis.facts.model import Call
    from apps.analysis.file import File

    Found = list[tuple[File, Call]]

_WILD = re.compile(r"[*?\[\]]")


class Called:
    """Patterns are shell patterns, which match a name whole: `torch.save`, `*.fit`, `mlflow.*`."""

    def __init__(self, calls: Iterable[tuple[File, Call]]) -> None:
        self._index = Index((call.name, file, call) for file, call in calls)
        self._by_last = _grouped(self._index.words, last_of)
        self._by_first = _grouped(self._index.words, lambda name: name.split(".", 1)[0])
        self._names = "\n".join(self._index.words)
        self._found: dict[str, Found] = {}

    def of_any(self, patterns: tuple[str, ...]) -> Iterator[tuple[File, Call]]:
        """The calls that the patterns match, those of one pattern after the other. Of many patterns, most ask for a
        name that nobody calls."""
        asked = _asked(patterns)
        possible = [number for last in asked.last.keys() & self._by_last.keys() for number in asked.last[last]]
        possible += [number for first in asked.first.keys() & self._by_first.keys() for number in asked.first[first]]
        for number in sorted([*possible, *asked.anywhere]):
            yield from self.of(patterns[number])

    def of(self, pattern: str) -> Found:
        """The calls that one pattern matches, in the order of the files."""
        if pattern not in self._found:
            candidates = self._candidates(_telling(pattern))
            if not candidates:
                return []
            fits = _fits(pattern)
            self._found[pattern] = self._index.of([name for name in candidates if fits(name)])
        return self._found[pattern]

    def _candidates(self, telling: _Telling) -> Sequence[str]:
        if telling.last:
            return self._by_last.get(telling.last, ())
        if telling.first:
            return self._by_first.get(telling.first, ())
        return [name for name in self._index.words if telling.part in name] if telling.part in self._names else ()


class _Telling(NamedTuple):
    """What each name that a pattern matches has: as its last part, as its first one, or anywhere in it."""

    last: str = ""
    first: str = ""
    part: str = ""


class _Asked(NamedTuple):
    """The numbers of patterns, by the last or the first part of each name that they match, and of those without one."""

    last: dict[str, list[int]]
    first: dict[str, list[int]]
    anywhere: list[int]


@lru_cache(maxsize=2048)
def _asked(patterns: tuple[str, ...]) -> _Asked:
    asked = _Asked({}, {}, [])
    for number, telling in enumerate(map(_telling, patterns)):
        if telling.last:
            asked.last.setdefault(telling.last, []).append(number)
        elif telling.first:
            asked.first.setdefault(telling.first, []).append(number)
        else:
            asked.anywhere.append(number)
    return asked


@lru_cache(maxsize=8192)
def _telling(pattern: str) -> _Telling:
    first, last = pattern.split(".", 1)[0], last_of(pattern)
    if last and not _WILD.search(last):
        return _Telling(last=last)
    if first and not _WILD.search(first):
        return _Telling(first=first)
    return _Telling(part=max(_WILD.split(pattern), key=len))


def _grouped(names: Iterable[str], key: Callable[[str], str]) -> dict[str, list[str]]:
    groups: dict[str, list[str]] = {}
    for name in names:
        groups.setdefault(key(name), []).append(name)
    return groups


def _fits(pattern: str) -> Callable[[str], object]:
    """Tells whether a name fits a shell pattern; by a regular expression only where the pattern needs one."""
    if not _WILD.search(pattern):
        return pattern.__eq__
    beginning, star, ending = pattern.partition("*")
    if star and not _WILD.search(beginning + ending):
        return partial(_begins_and_ends, beginning, ending)
    return expression(translate(pattern)).match


def _begins_and_ends(beginning: str, ending: str, name: str) -> bool:
    return name.startswith(beginning) and name.endswith(ending) and len(name) >= len(beginning) + len(ending)
