"""Python of another version than the one that reads it, or half written: what of it is a syntax tree nevertheless."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from apps.analysis.expressions import expression
from apps.analysis.facts import code, newer_strings

if TYPE_CHECKING:
    import ast

MOST_TRIES = 24  # lines that are given up, one parse each
MOST_PARSED = 1_000_000  # characters, in all tries together
LARGEST, LONGEST = 400_000, 1_000  # characters of a file, and of a line that is rewritten

# Statements of Python 2, parameters of types, and exceptions without brackets: a name, or several of Python 3.14.
_PRINTS = expression(r"^(\s*(?:[^#'\"]{0,80}:[ \t]+)?)print[ \t]+(?![ \t(=]|>>)([^#]+)$")
_CATCHES = expression(r"^(\s*except[ \t]+[\w.]+),[ \t]*(\w+)[ \t]*:")
_CATCHES_SEVERAL = expression(r"^(\s*except[ \t]+)([\w.]+(?:,[ \t]*[\w.]+)+)[ \t]*:")
_RAISES = expression(r"^(\s*raise[ \t]+[\w.]+),[ \t]*([^#]+)$")
_TYPED = expression(r"^(\s*(?:async[ \t]+)?(?:def|class)[ \t]+\w+)\[[^\]]{1,200}\]")


class Read(NamedTuple):
    """A tree, the text that it belongs to, line by line that of the file, and the lines that were given up."""

    tree: ast.Module
    text: str
    lost: list[int]


def read(text: str) -> Read | None:
    """What can be read of the source; None where too much of it is broken."""
    if len(text) > LARGEST:
        return None
    lines = [_rewritten(line) for line in newer_strings.rewritten(text).expandtabs().split("\n")]
    lost: dict[int, None] = {}
    for _ in range(min(MOST_TRIES, MOST_PARSED // (len(text) + 1) + 1)):
        try:
            written = "\n".join(lines)
            return Read(code.tree_of(written), written, sorted(lost))
        except (SyntaxError, ValueError, RecursionError, MemoryError) as problem:
            at = _nearest(lines, getattr(problem, "lineno", None))
            if at < 0:
                return None
            bare = lines[at].lstrip()
            lines[at] = "" if bare == "pass" else f"{lines[at][: len(lines[at]) - len(bare)]}pass"
            lost[at + 1] = None
    return None


def _rewritten(line: str) -> str:
    if len(line) > LONGEST:
        return line
    if "print" in line and not line.endswith("\\") and (found := _PRINTS.match(line)):
        return f"{found.group(1)}print({found.group(2).rstrip(' ,;')})"
    if "except" in line:
        return _CATCHES_SEVERAL.sub(r"\1(\2):", _CATCHES.sub(r"\1 as \2:", line))
    if "raise" in line:
        return _RAISES.sub(r"\1(\2)", line)
    return _TYPED.sub(r"\1", line) if "[" in line else line


def _nearest(lines: list[str], line: int | None) -> int:
    """The index of the line that the parser blames, or of the nearest before it that holds anything; -1 for none."""
    at = min(line or 0, len(lines)) - 1
    while at >= 0 and not lines[at].strip():
        at -= 1
    return at
