"""How values of Python's literals are kept and shown."""

from __future__ import annotations

import ast
from typing import Any

from apps.analysis.facts.model import LONGEST_TEXT

NUMBERS = (int, float)


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


def combined(left: Any, operator: ast.operator, right: Any) -> Any:  # noqa: ANN401
    """The product or the power of numbers, texts joined or as a path; `$left Add right` of what is not known."""
    if isinstance(left, NUMBERS) and isinstance(right, NUMBERS) and isinstance(operator, (ast.Mult, ast.Pow)):
        small = abs(left) < 1e9 and abs(right) < (64 if isinstance(operator, ast.Pow) else 1e9)
        if small and isinstance(operator, ast.Mult):
            return left * right
        if small and left:
            return min(float(left) ** right, 1e300) if left > 0 else "$expression"
    if isinstance(operator, (ast.Add, ast.Div)) and isinstance(left, str) and isinstance(right, str):
        return f"{shown(left)}{'/' if isinstance(operator, ast.Div) else ''}{shown(right)}"[:LONGEST_TEXT]
    return f"${left} {type(operator).__name__} {right}"[:160]
