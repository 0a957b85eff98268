"""How values of Python's literals are kept and shown."""

from __future__ import annotations

from typing import Any

from apps.analysis.facts.model import LONGEST_TEXT


def constant(value: Any) -> Any:  # noqa: ANN401
    if isinstance(value, str):
        return value[:LONGEST_TEXT]
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int):
        return value if abs(value) < 2**62 else f"${value.bit_length()}-bit integer"
    return value if isinstance(value, float) and value - value == 0 else "$constant"


def shown(value: Any) -> str:  # noqa: ANN401
    text = str(value)
    return f"{{{text[1:]}}}" if text.startswith("$") else text
