"""Text of strangers as it may be stored and shown: credentials masked, what cannot be seen made visible."""

from __future__ import annotations

import math
from typing import Any

from apps.analysis.facts.secrets import redacted

KEPT = "\n\t\u00a0\u3000"  # lines, and spaces that people write


def visible(text: str) -> str:
    """`text` with control, direction and other invisible characters as escapes; lines and tabs stay.

    What a database refuses in text, NUL and lone surrogates, is among them.
    """
    if text.isprintable():
        return text
    return "".join(one if one.isprintable() or one in KEPT else _escape(one) for one in text)


def _escape(one: str) -> str:
    code = ord(one)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def told(text: str) -> str:
    """A sentence that may quote a repository, for a page, a file or a log."""
    return visible(redacted(text))


def excerpt(line: str, longest: int) -> str:
    """At most `longest` characters of a line. A credential that the cut would halve, and so disguise, is left out."""
    line = line.strip()
    cut = line[: longest * 4]
    masked = redacted(cut)
    whole = masked.rpartition(" ")[0]
    if len(cut) < len(line) and len(masked) < len(cut) and len(whole) < longest:
        masked = whole
    return visible(masked)[:longest]


def storable(held: Any) -> Any:  # noqa: ANN401 - whatever JSON can hold
    """`held` with every text told, and numbers that JSON in a database has no word for as nothing."""
    if isinstance(held, str):
        return told(held)
    if isinstance(held, dict):
        return {storable(key): storable(value) for key, value in held.items()}
    if isinstance(held, list | tuple):
        return [storable(value) for value in held]
    if isinstance(held, float) and not math.isfinite(held):
        return None
    return held
