"""Words without which an expression cannot match: looking for them is a hundred times as fast as the expression."""

from __future__ import annotations

import re
from re import _constants as codes  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

SHORTEST = 2  # characters; a single one is nearly everywhere
_REPEATS = (codes.MAX_REPEAT, codes.MIN_REPEAT)


def words_of(pattern: str, flags: int = 0) -> frozenset[str]:
    """Every text that `pattern` finds holds one of these words. None are known where the set is empty."""
    parsed = parser.parse(pattern, flags)
    if parsed.state.flags & re.IGNORECASE:
        return frozenset()
    return _of_sequence(parsed)


def _of_sequence(sequence: Iterable[tuple[Any, Any]]) -> frozenset[str]:
    """Of what must follow one another any part will do: the one whose shortest word is the longest."""
    found, run = [frozenset[str]()], ""
    for code, argument in sequence:
        if code is codes.LITERAL:
            run += chr(argument)
        else:
            found += [frozenset({run}), _of_part(code, argument)]
            run = ""
    return max(*found, frozenset({run}), key=_worth)


def _of_part(code: Any, argument: Any) -> frozenset[str]:  # noqa: ANN401 - as the standard library parses it
    if code is codes.SUBPATTERN:
        _, added, _, inner = argument
        return frozenset() if added & re.IGNORECASE else _of_sequence(inner)
    if code is codes.BRANCH:
        options = [_of_sequence(option) for option in argument[1]]
        return frozenset().union(*options) if all(map(_worth, options)) else frozenset()
    if code in _REPEATS and argument[0] > 0:
        return _of_sequence(argument[2])
    return frozenset()


def _worth(words: frozenset[str]) -> int:
    shortest = min(map(len, words), default=0)
    return shortest if shortest >= SHORTEST else 0
