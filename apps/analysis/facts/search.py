"""Finds many patterns in one pass over the bytes of a file; the slow look is kept for the few places that matter."""

from __future__ import annotations

from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING

import hyperscan

if TYPE_CHECKING:
    from collections.abc import Sequence

MOST_HITS = 5000  # in one file


class Search:
    """Hyperscan expressions (no lookaround, no unbounded tail: each possible end of a match is a hit of its own)."""

    def __init__(self, expressions: Sequence[bytes]) -> None:
        self._expressions = list(expressions)

    @cached_property
    def _database(self) -> hyperscan.Database:
        database = hyperscan.Database()
        count = len(self._expressions)
        flags = [hyperscan.HS_FLAG_MULTILINE] * count
        database.compile(expressions=self._expressions, ids=list(range(count)), elements=count, flags=flags)
        return database

    def hits(self, content: bytes) -> list[tuple[int, int]]:
        """(number of the expression, offset behind the match in bytes), in the order of the offsets."""
        found: list[tuple[int, int]] = []

        def hit(number: int, _start: int, end: int, _flags: int, _context: object) -> bool:
            found.append((number, end))
            return len(found) >= MOST_HITS  # true ends the scan

        with suppress(hyperscan.ScanTerminated):
            self._database.scan(content, match_event_handler=hit)
        return found


def line_around(content: bytes, offset: int, *, most: int = 2000) -> tuple[int, int]:
    """The bounds of the line on which `offset` lies, at most `most` bytes to either side."""
    start = max(content.rfind(b"\n", 0, offset) + 1, offset - most)
    end = content.find(b"\n", offset)
    return start, min(end if end >= 0 else len(content), offset + most)
