"""Formatted strings as Python 3.12 allows them, rewritten for the parser of an older version.

From then on the expressions in a formatted string may hold its own quotes, backslashes, line breaks and comments.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from apps.analysis.expressions import expression

if TYPE_CHECKING:
    import re

_OPENS = expression(r"(?:(?<!\w)(?P<prefix>[rRbBuUfF]{1,2}))?(?P<quotes>'''|\"\"\"|'|\")|#")
_FORMATTED = expression(r"(?<!\w)(?:[fF][rR]?|[rR][fF])['\"]")
_OTHER = {"'": '"', '"': "'"}
MOST_SPECS = 2  # in one another, as Python has it
# What a string inside of a formatted one cannot hold; no check reads it.
_UNFIT_INSIDE = expression(r"\\.|['\"\\]")


class _NotFormattedError(ValueError):
    """No formatted string is there, or more of them are in one another than an older parser can tell apart."""


class _Piece(NamedTuple):
    """Text that was rewritten, and where the source goes on after it."""

    text: str
    end: int


def rewritten(source: str) -> str:
    """The source, line by line as it was, its formatted strings in a form of Python 3.11."""
    if not _FORMATTED.search(source):
        return source
    parts, at, kept = [], 0, 0
    while found := _OPENS.search(source, at):
        if found.group() == "#":
            at = _line_end(source, found.start())
        elif not _is_formatted(found.group("prefix")):
            at = _after(source, found.end(), found.group("quotes"))
        else:
            try:
                piece = _outermost(source, found.end(), found.group("quotes"))
            except _NotFormattedError:
                at = _after(source, found.end(), found.group("quotes"))
                continue
            parts += [source[kept : found.start()], found.group("prefix"), piece.text]
            at = kept = piece.end
    return "".join([*parts, source[kept:]])


def _is_formatted(prefix: str | None) -> bool:
    return "f" in (prefix or "").lower()


def _line_end(source: str, start: int) -> int:
    end = source.find("\n", start)
    return len(source) if end < 0 else end


def _after(source: str, start: int, quotes: str) -> int:
    """Where a plain string ends whose first quotes end at `start`; of one without end, where its line or the source
    does, so that nobody looks there again."""
    at = start
    while at < len(source):
        if source.startswith(quotes, at):
            return at + len(quotes)
        if source[at] == "\n" and len(quotes) == 1:
            return at
        at += 2 if source[at] == "\\" else 1
    return len(source)


def _outermost(source: str, start: int, quotes: str) -> _Piece:
    """A formatted string whose first quotes end at `start`: as it was, or in three quotes if others are in it."""
    parts, at, strange = [], start, False
    while not source.startswith(quotes, at):
        if at >= len(source) or (source[at] == "\n" and len(quotes) == 1):
            raise _NotFormattedError
        if source[at] == "{" and not source.startswith("{{", at):
            text, end = _field(source, at + 1, quotes[0], nested=False)
            plain = source[at:end]
            strange = strange or quotes in plain or "\\" in plain or (len(quotes) == 1 and "\n" in plain)
            parts.append(text)
            at = end
        else:
            width = 2 if source[at] in "\\{}" else 1
            parts.append(source[at : at + width])
            at += width
    end = at + len(quotes)
    if not strange:
        return _Piece(source[start - len(quotes) : end], end)
    around = quotes[0] * 3
    return _Piece(f"{around}{''.join(parts)}{around}", end)


def _field(source: str, start: int, around: str, *, nested: bool, specs: int = 0) -> _Piece:
    """What stands in braces, up to the last of them; strings in it get quotes other than those `around` it. It stands
    within as many `specs` of others."""
    parts, at, open_ones = ["{"], start, 0
    while at < len(source):
        found = _OPENS.match(source, at)
        if found and found.group() == "#":
            at = _line_end(source, at)
        elif found:
            text, at = _inside(source, found, around, nested=nested)
            parts.append(text)
        elif source[at] == "}" and not open_ones:
            return _Piece("".join([*parts, "}"]), at + 1)
        elif source[at] == ":" and not open_ones:
            text, end = _spec(source, at, around, nested=nested, specs=specs)
            return _Piece("".join([*parts, text]), end)
        else:
            open_ones += (source[at] in "([{") - (source[at] in ")]}")
            parts.append(source[at])
            at += 1
    raise _NotFormattedError


def _spec(source: str, start: int, around: str, *, nested: bool, specs: int) -> _Piece:
    """How a value is formatted, from its colon up to the last brace."""
    if specs == MOST_SPECS:
        raise _NotFormattedError
    parts: list[str] = []
    at = start
    while at < len(source) and source[at] != "\n":
        if source[at] == "}":
            return _Piece("".join([*parts, "}"]), at + 1)
        if source[at] == "{":
            text, at = _field(source, at + 1, around, nested=nested, specs=specs + 1)
            parts.append(text)
        else:
            parts.append(source[at])
            at += 1
    raise _NotFormattedError


def _inside(source: str, opens: re.Match[str], around: str, *, nested: bool) -> _Piece:
    """A string in a field, in quotes other than those `around` the field."""
    prefix, quotes, start, own = opens.group("prefix") or "", opens.group("quotes"), opens.end(), _OTHER[around]
    if _is_formatted(prefix):
        if nested:
            raise _NotFormattedError
        text, end = _nested(source, start, quotes, own)
        return _Piece(f"{prefix}{own}{text}{own}", end)
    held = _held(quotes).match(source, start)
    if held is None:
        raise _NotFormattedError
    return _Piece(f"{prefix}{own}{_UNFIT_INSIDE.sub(' ', held.group(1))}{own}", held.end())


def _held(quotes: str) -> re.Pattern[str]:
    """What a plain string holds on one line, up to the quotes that end it."""
    return expression(rf"((?:(?!{quotes})[^\\\n]|\\[^\n])*+){quotes}")


def _nested(source: str, start: int, quotes: str, own: str) -> _Piece:
    """A formatted string in a field, without its quotes."""
    parts, at = [], start
    while not source.startswith(quotes, at):
        if at >= len(source) or source[at] == "\n":
            raise _NotFormattedError
        if source[at] == "{" and not source.startswith("{{", at):
            text, at = _field(source, at + 1, own, nested=True)
            parts.append(text)
        else:
            width = 2 if source[at] in "\\{}" else 1
            parts.append(_UNFIT_INSIDE.sub(" ", source[at : at + width]))
            at += width
    return _Piece("".join(parts), at + len(quotes))
