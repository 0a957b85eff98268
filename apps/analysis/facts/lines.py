"""Lines of a text by places in it: to count them anew for each place takes as long as the text is, each time."""

from __future__ import annotations

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
