"""Lines of a text by places in it, and what lies in the long texts of Python: to look anew for each place takes as long
as the text is, each time."""

from __future__ import annotations

import math
import re
from bisect import bisect_left


class Lines:
    def __init__(self, text: str) -> None:
        self._ends = [match.start() for match in re.finditer("\n", text)]

    def at(self, place: int) -> int:
        """The line on which the place lies."""
        return bisect_left(self._ends, place) + 1

    def start(self, line: int) -> int:
        """The place at which the line begins."""
        return self._ends[line - 2] + 1 if line > 1 else 0


class LongTexts:
    """Which places lie in texts between three quotes, by the looks of the quotes alone."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._next = {quotes: source.find(quotes) for quotes in ('"""', "'''")}
        self._open = ""

    def hold(self, place: int) -> bool:
        """Places never fall."""
        while True:
            quotes, at = min(self._next.items(), key=self._where)
            if at < 0 or at >= place:
                return bool(self._open)
            if not self._open:
                self._open = quotes
            elif quotes == self._open:
                self._open = ""
            self._next[quotes] = self._source.find(quotes, at + len(quotes))

    def _where(self, one: tuple[str, int]) -> float:
        return one[1] if one[1] >= 0 else math.inf
