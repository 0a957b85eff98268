"""Finds many patterns in one pass over the bytes of a file; the slow look is kept for the few places that matter."""

from __future__ import annotations

from functools import cached_property, partial
from typing import TYPE_CHECKING

import hyperscan
import msgspec

from apps.analysis import compilations

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

MOST_HITS = 5000  # of one expression in one file: a common word must not hide what stands behind it
WORTH_COMPILING = 15_000  # bytes after which a database of words has cost less than looking for each


class Search:
    """Hyperscan expressions (no lookaround, no unbounded tail: each possible end of a match is a hit of its own)."""

    def __init__(self, expressions: Sequence[bytes]) -> None:
        self._expressions = list(expressions)

    @cached_property
    def _database(self) -> hyperscan.Database:
        return _database(self._expressions, [hyperscan.HS_FLAG_MULTILINE] * len(self._expressions))

    def hits(self, content: bytes) -> list[tuple[int, int]]:
        """(number of the expression, offset behind the match in bytes), in the order of the offsets."""
        found: list[tuple[int, int]] = []
        left = [MOST_HITS] * len(self._expressions)

        def hit(number: int, _start: int, end: int, _flags: int, _context: object) -> None:
            if left[number]:
                left[number] -= 1
                found.append((number, end))

        self._database.scan(content, match_event_handler=hit)
        return found


class Words:
    """Which of many plain words a text in UTF-8 holds: hundreds are looked for in the time that `find` needs for one.

    Words `in_any_case` are so only as far as their letters are ASCII.
    """

    def __init__(self, words: Collection[str], in_any_case: Collection[str] = ()) -> None:
        self._exact = [(word, word.encode()) for word in sorted(words)]
        self._in_any_case = [(word, word.encode().lower()) for word in sorted(in_any_case)]
        self._all = [word for word, _ in (*self._exact, *self._in_any_case)]
        self._bytes_seen = 0

    @cached_property
    def _database(self) -> hyperscan.Database:
        flags = [hyperscan.HS_FLAG_SINGLEMATCH] * len(self._exact)
        flags += [hyperscan.HS_FLAG_SINGLEMATCH | hyperscan.HS_FLAG_CASELESS] * len(self._in_any_case)
        return _database([bare for _, bare in (*self._exact, *self._in_any_case)], flags, literal=True)

    def prepare(self) -> None:
        """Compiles the database, which else waits until it is worth it."""
        if self._all:
            self._database  # noqa: B018

    def held_by(self, content: bytes) -> frozenset[str]:
        self._bytes_seen += len(content)
        if self._bytes_seen < WORTH_COMPILING or not (self._exact or self._in_any_case):
            low = content.lower()
            exact = (word for word, bare in self._exact if bare in content)
            return frozenset((*exact, *(word for word, bare in self._in_any_case if bare in low)))
        found: set[int] = set()

        def hit(number: int, _start: int, _end: int, _flags: int, _context: object) -> None:
            found.add(number)

        self._database.scan(content, match_event_handler=hit)
        return frozenset(self._all[number] for number in found)


def _database(expressions: list[bytes], flags: list[int], *, literal: bool = False) -> hyperscan.Database:
    """Hyperscan's database in which the number of an expression is its place."""
    make = partial(_compiled, expressions, flags, literal=literal)
    packed = compilations.once(b"hyperscan " + msgspec.msgpack.encode((expressions, flags, literal)), make)
    try:
        database = hyperscan.loadb(packed, hyperscan.HS_MODE_BLOCK)
    except hyperscan.error:  # damaged, or of another processor's kind
        database = hyperscan.loadb(make(), hyperscan.HS_MODE_BLOCK)
    database.scratch = hyperscan.Scratch(database)
    return database


def _compiled(expressions: list[bytes], flags: list[int], *, literal: bool) -> bytes:
    database = hyperscan.Database()
    count = len(expressions)
    database.compile(expressions=expressions, ids=list(range(count)), elements=count, flags=flags, literal=literal)
    return hyperscan.dumpb(database)


def line_around(content: bytes, offset: int, *, most: int = 2000) -> tuple[int, int]:
    """The bounds of the line on which `offset` lies, at most `most` bytes to either side."""
    start = max(content.rfind(b"\n", 0, offset) + 1, offset - most)
    end = content.find(b"\n", offset)
    return start, min(end if end >= 0 else len(content), offset + most)
