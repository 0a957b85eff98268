"""CSV that a spreadsheet opens without running anything in it."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

# Excel reads UTF-8 only behind a byte order mark; every other reader skips it.
BOM = "\ufeff"
# What makes a spreadsheet take a cell for a formula, the full-width forms included.
STARTERS = frozenset("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")
# What a spreadsheet may drop before it looks.
SKIPPED = " '\"\u00a0\u3000"

Cell = str | int | float | None


def harmless(text: str) -> str:
    """`text` behind an apostrophe when a spreadsheet could read it as a formula, else as it is."""
    first = text.lstrip(SKIPPED)[:1]
    return f"'{text}" if first and first in STARTERS else text


class _Line:
    """A file that hands back what is written to it, so that rows can be streamed."""

    def write(self, line: str) -> str:
        return line


def csv_lines(columns: Iterable[str], rows: Iterable[Iterable[Cell]]) -> Iterator[str]:
    """The lines of a CSV file (RFC 4180: comma, CRLF, doubled quotes), header first."""
    writer = csv.writer(_Line())
    yield BOM + writer.writerow(list(columns))
    for row in rows:
        yield writer.writerow([harmless(cell) if isinstance(cell, str) else cell for cell in row])
