"""Cuts a long board into pages, between two teams where that is possible."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

LEAST, MOST = 30, 60  # rows of a page: a team that begins before LEAST is not cut unless the page grew beyond MOST


@dataclass(frozen=True, slots=True)
class Page:
    """Page `number` of `count`: the rows from `start` up to `stop`."""

    number: int
    count: int
    start: int
    stop: int

    @property
    def previous(self) -> int | None:
        return self.number - 1 if self.number > 1 else None

    @property
    def next(self) -> int | None:
        return self.number + 1 if self.number < self.count else None


def page_of(sizes: Sequence[int], asked: str, *, least: int = LEAST, most: int = MOST) -> Page:
    """The page that is asked for, of groups with `sizes` rows; the nearest one where there is no such page."""
    cuts = _cuts(sizes, least, most)
    number = min(max(int(asked), 1), len(cuts)) if asked.isdecimal() and len(asked) < 9 else 1
    return Page(number, len(cuts), *cuts[number - 1])


def _cuts(sizes: Sequence[int], least: int, most: int) -> list[tuple[int, int]]:
    cuts, start, end = [], 0, 0
    for size in sizes:
        end += size
        while end - start > most:
            cuts.append((start, start + most))
            start += most
        if end - start >= least:
            cuts.append((start, end))
            start = end
    return [*cuts, (start, end)] if end > start or not cuts else cuts


def groups_within(sizes: Sequence[int], page: Page) -> tuple[list[int], int]:
    """The places of the groups that `page` shows rows of, and how many rows of the first one were shown before."""
    shown: list[int] = []
    begin, skipped = 0, 0
    for place, size in enumerate(sizes):
        if begin < page.stop and begin + size > page.start:
            if not shown:
                skipped = page.start - begin
            shown.append(place)
        begin += size
    return shown, skipped
