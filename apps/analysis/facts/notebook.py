"""Facts of a notebook: its code cells as one Python module, its `!` lines as shell commands."""

from __future__ import annotations

import ast
import warnings
from typing import Any

import msgspec

from apps.analysis.expressions import expression
from apps.analysis.facts import newer_strings
from apps.analysis.facts.model import Command
from apps.analysis.facts.tree import MOST_PASSED

LARGEST_CELL = 400_000  # characters; of a larger one no strings are rewritten
_SHELL = expression(r"^\s*+(?:[\w,][\w, ]*+=\s*+)?[!%]\s*(.*)$")
_FOREIGN = (
    "%%bash",
    "%%sh",
    "%%html",
    "%%javascript",
    "%%sql",
    "%%bigquery",
    "%%R",
    "%%writefile",
    "%%script",
    "%%latex",
)
_MAGIC = expression(r"^\s*+(?:%%?\w|[!?]|[\w,][\w, ]*+=\s*[!%])|\?\s*$")


class Source(msgspec.Struct, frozen=True):
    """`text` is valid Python as far as the cells are; `lines[i]` is where its line i+1 stands in the file."""

    text: str
    lines: list[int]
    commands: list[Command]
    cells: list[tuple[int, int]]  # the first line of each cell in `text` and the line after its last, from 0

    def without_broken_cells(self) -> str:
        """`text` without the lines of cells that are no Python: a half-written cell costs only itself."""
        lines = self.text.split("\n")
        for start, end in self.cells:
            cell = "\n".join(lines[start:end])
            if _parses(cell):
                continue
            newer = newer_strings.rewritten(cell) if len(cell) <= LARGEST_CELL else cell
            lines[start:end] = newer.split("\n") if newer != cell and _parses(newer) else [""] * (end - start)
        return "\n".join(lines)


def _parses(cell: str) -> bool:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            ast.parse(cell)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return False
    return True


def source_of(content: bytes) -> Source | None:
    """The code of a notebook, None when it holds no Python. Raises `msgspec.DecodeError` when it is no JSON."""
    book = msgspec.json.decode(content)
    if not isinstance(book, dict):
        return None
    language = _language_of(book)
    if "python" not in language and "spark" not in language and "conda" not in language:
        return None
    finder = _LineFinder(content)
    text: list[str] = []
    numbers: list[int] = []
    commands: list[Command] = []
    cells: list[tuple[int, int]] = []
    for cell in _code_cells(book):
        for line in cell:
            number = finder.line_of(line)
            shell = _SHELL.match(line)
            if shell and shell.group(1) and not line.lstrip().startswith("%%"):
                commands.append(Command(shell.group(1).strip()[:400], number))
            text.append(_harmless(line))
            numbers.append(number)
        first = cell[0].lstrip() if cell else ""
        if first.startswith(_FOREIGN) and not (first.startswith("%%writefile") and first.rstrip().endswith(".py")):
            text[len(text) - len(cell) :] = ["pass"] + [""] * (len(cell) - 1)
        cells.append((len(text) - len(cell), len(text)))
    return Source("\n".join(text), numbers, commands, cells)


def in_r(content: bytes) -> Source | None:
    """The code of a notebook whose kernel is one of R, None for any other."""
    book = msgspec.json.decode(content)
    if not isinstance(book, dict) or _language_of(book) not in {"r", "ir"}:
        return None
    finder, lines = _LineFinder(content), [line for cell in _code_cells(book) for line in cell]
    return Source("\n".join(lines), [finder.line_of(line) for line in lines] or [1], [], [])


def _language_of(book: dict[str, Any]) -> str:
    metadata = book.get("metadata")
    kernel = metadata.get("kernelspec") if isinstance(metadata, dict) else None
    named = kernel.get("language") or kernel.get("name") if isinstance(kernel, dict) else None
    return str(named or "python").lower()


def _code_cells(book: dict[str, Any]) -> list[list[str]]:
    sheets = book.get("worksheets")
    holder = sheets[0] if isinstance(sheets, list) and sheets and isinstance(sheets[0], dict) else book
    cells = []
    for cell in holder.get("cells") or []:
        if not isinstance(cell, dict) or cell.get("cell_type") != "code":
            continue
        source = cell.get("source", cell.get("input", ""))
        joined = "".join(str(part) for part in source) if isinstance(source, list) else str(source)
        cells.append(joined.split("\n"))
    return cells


def _harmless(line: str) -> str:
    """An IPython line as Python: what only IPython knows becomes `pass` at the same indentation."""
    if not _MAGIC.search(line):
        return line
    return line[: len(line) - len(line.lstrip())] + "pass"


class _LineFinder:
    """Finds the file's line of successive source lines: they stand in the JSON in the same order, escaped."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self._at = 0
        self._line = 1
        self._passed = 0  # bytes

    def line_of(self, source: str) -> int:
        if not source.strip():
            return self._line
        needle = msgspec.json.encode(source)[1:-1]
        found = self._content.find(needle, self._at) if self._passed < MOST_PASSED else -1
        self._passed += (found if found >= 0 else len(self._content)) - self._at
        if found < 0:  # escaped another way (`\u00e9`): the line before is close enough
            return self._line
        self._line += self._content.count(b"\n", self._at, found)
        self._at = found
        return self._line
