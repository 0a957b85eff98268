"""Calls and assignments of one function by their lines, so that each is not compared with all others."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from itertools import accumulate
from operator import attrgetter
from typing import TYPE_CHECKING, Generic, TypeVar

from apps.analysis.facts.model import Assign, Call

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from apps.analysis.file import File

Placed = TypeVar("Placed", bound=Call | Assign)


class ByLine(Generic[Placed]):
    def __init__(self, placed: Iterable[Placed]) -> None:
        self._placed: list[Placed] = sorted(placed, key=attrgetter("line"))
        self._lines: list[int] = [one.line for one in self._placed]

    def between(self, first: int, last: int) -> list[Placed]:
        return self._placed[bisect_left(self._lines, first) : bisect_right(self._lines, last)]

    def since(self, line: int) -> Iterator[Placed]:
        """Those at the line and below it, one by one: of many only the first are asked for."""
        return (self._placed[at] for at in range(bisect_left(self._lines, line), len(self._placed)))

    def before(self, line: int) -> Placed | None:
        at = bisect_left(self._lines, line)
        return self._placed[at - 1] if at else None


class Bindings:
    """What one scope gives one name, in the order of the code."""

    def __init__(self, assigns: list[Assign]) -> None:
        self._assigns = assigns
        at = sorted(range(len(assigns)), key=lambda place: assigns[place].line)
        self._lines = [assigns[place].line for place in at]
        self._latest = list(accumulate(at, max))  # of those up to a line, the place of the last
        self._later = [*accumulate(reversed(at), max)][::-1]  # of those from a line on
        self._default = max((place for place, one in enumerate(assigns) if one.how == "default"), default=-1)

    @property
    def last(self) -> Assign:
        return self._assigns[-1]

    def at(self, line: int) -> Assign | None:
        """What holds at the line: the last before it, or the default; else, as in a loop, the last behind it."""
        before = bisect_left(self._lines, line)
        found = max(self._default, self._latest[before - 1] if before else -1)
        if found >= 0:
            return self._assigns[found]
        behind = bisect_right(self._lines, line)
        return self._assigns[self._later[behind]] if behind < len(self._lines) else None


def bindings(file: File) -> dict[tuple[str, str], Bindings]:
    """What each scope gives each name; for `file.once`."""
    found: dict[tuple[str, str], list[Assign]] = {}
    for one in file.facts.code.assigns if file.facts.code else ():
        if one.how not in {"key", "global"}:
            found.setdefault((one.name, one.scope), []).append(one)
    return {key: Bindings(assigns) for key, assigns in found.items()}


def assigned_from(file: File, scope: str, line: int) -> Iterator[Assign]:
    """What the function or module assigns from the line on, in the order of lines."""
    assigns = file.once(_assigns_by_scope).get(scope)
    return assigns.since(line) if assigns else iter(())


def _assigns_by_scope(file: File) -> dict[str, ByLine[Assign]]:
    found: dict[str, list[Assign]] = {}
    for one in file.facts.code.assigns if file.facts.code else ():
        found.setdefault(one.scope, []).append(one)
    return {scope: ByLine(assigns) for scope, assigns in found.items()}


def chains(calls: list[Call]) -> dict[str, list[Call]]:
    """Calls that have a target, by the names of the calls on whose results they are made."""
    found: dict[str, list[Call]] = {}
    for one in calls:
        if one.target:
            for match in re.finditer(r"\(\)\.", one.name):
                found.setdefault(one.name[: match.start()], []).append(one)
    return found


def chained(call: Call, of_results: dict[str, list[Call]]) -> str:
    """Where the result goes of the calls that are made on this one's: `x = softmax(y).squeeze()`."""
    of_it = of_results.get(call.name, ())
    return next((one.target for one in of_it if one.line <= call.line <= one.line + one.span), "")
