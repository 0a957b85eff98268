"""Calls and assignments of one function by their lines, so that each is not compared with all others."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from operator import attrgetter
from typing import TYPE_CHECKING, Generic, TypeVar

from apps.analysis.facts.model import Assign, Call

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

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
