"""Patterns of paths as in a .gitignore, matched folder by folder so that many patterns and files stay cheap."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    # Per pattern that may still fit below a folder: how many of its names are matched, in each way that is possible.
    Alive = dict[str, frozenset[int]]

ANY_FOLDERS = "**"


class Patterns:
    """`*` and `?` stay within one name, `**` is any number of folders. A pattern without a slash in front of its last
    name fits at any depth, and one that fits a folder fits all below it."""

    def __init__(self, patterns: Iterable[str]) -> None:
        self._names = {pattern: _names_of(pattern) for pattern in patterns}
        start = {pattern: _past_any(names, {0}) for pattern, names in self._names.items()}
        all_fit = next((pattern for pattern, reached in start.items() if len(self._names[pattern]) in reached), "")
        self._folders: dict[str, tuple[str, Alive]] = {"": (all_fit, start)}

    def first(self, path: str) -> str:
        """The pattern that fits `path` or a folder it lies in; '' when none does."""
        folder, _, name = path.rpartition("/")
        unknown = []
        while folder not in self._folders:
            unknown.append(folder)
            folder = folder.rpartition("/")[0]
        for one in reversed(unknown):
            self._folders[one] = self._below(folder, one.rpartition("/")[2])
            folder = one
        return self._below(folder, name)[0]

    def _below(self, folder: str, name: str) -> tuple[str, Alive]:
        found, alive = self._folders[folder]
        if found:
            return found, {}
        left: Alive = {}
        for pattern, reached in alive.items():
            names = self._names[pattern]
            places = _past_any(names, {after for place in reached for after in _after(names, place, name)})
            if len(names) in places:
                return pattern, {}
            if places:
                left[pattern] = places
        return "", left


def _names_of(pattern: str) -> tuple[str, ...]:
    names = tuple(pattern.strip("/").split("/"))
    return names if "/" in pattern.rstrip("/") else (ANY_FOLDERS, *names)


def _after(names: tuple[str, ...], place: int, name: str) -> tuple[int, ...]:
    if names[place] == ANY_FOLDERS:
        return (place,)
    return (place + 1,) if fnmatchcase(name, names[place]) else ()


def _past_any(names: tuple[str, ...], reached: set[int]) -> frozenset[int]:
    """`reached`, and what lies behind a `**` that stands for no folder."""
    places = set(reached)
    for place, name in enumerate(names):
        if place in places and name == ANY_FOLDERS:
            places.add(place + 1)
    return frozenset(places)
