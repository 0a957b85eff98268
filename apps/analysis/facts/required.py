"""Words without which an expression cannot match: looking for them is a hundred times as fast as the expression."""

from __future__ import annotations

import re
from functools import partial
from itertools import takewhile
from re import _constants as codes  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from apps.analysis.expressions import once

if TYPE_CHECKING:
    from collections.abc import Iterable

SHORTEST = 2  # characters; a single one is nearly everywhere
WORTH_OF_A_SIGN = 1  # further letter
MOST_SPELLINGS = 8  # of one word, by letters of which each may be one of several
_REPEATS = (codes.MAX_REPEAT, codes.MIN_REPEAT)


class Needed(NamedTuple):
    """Every text that an expression finds holds one of `words`, `in_any_case` if so. None are known where there are
    none."""

    words: frozenset[str]
    in_any_case: bool


def needed_by(pattern: str, flags: int = 0) -> Needed:
    packed = once(b"needed", pattern, flags, partial(_packed, pattern, flags))
    return msgspec.msgpack.decode(packed, type=Needed)


def _packed(pattern: str, flags: int) -> bytes:
    parsed = parser.parse(pattern, flags)
    return msgspec.msgpack.encode(Needed(_of_sequence(parsed), bool(parsed.state.flags & re.IGNORECASE)))


def _of_sequence(sequence: Iterable[tuple[Any, Any]]) -> frozenset[str]:
    """Of what must follow one another any part will do: the one whose commonest word is the rarest."""
    found, runs = [frozenset[str]()], frozenset({""})
    for code, argument in sequence:
        letters = _letters(code, argument)
        if letters and len(runs) * len(letters) <= MOST_SPELLINGS:
            runs = frozenset(run + letter for run in runs for letter in letters)
        else:
            found += [runs, _of_part(code, argument), _joined(runs, code, argument)]
            runs = frozenset({""})
    return max(*found, runs, key=_worth)


def _letters(code: Any, argument: Any) -> list[str]:  # noqa: ANN401 - as the standard library parses it
    """The letters of which one must stand here; none where they are not few."""
    if code is codes.LITERAL:
        return [chr(argument)]
    if code is codes.IN and all(kind is codes.LITERAL for kind, _ in argument):
        return [chr(letter) for _, letter in argument]
    return []


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


def _joined(runs: frozenset[str], code: Any, argument: Any) -> frozenset[str]:  # noqa: ANN401 - as above
    """`.py` and `.sh` of `\\.(?:py|sh)`: what stands before a choice, with what each option begins with."""
    if code is not codes.BRANCH:
        return frozenset()
    return frozenset(run + _beginning(option) for run in runs for option in argument[1])


def _beginning(sequence: Iterable[tuple[Any, Any]]) -> str:
    letters = takewhile(lambda part: part[0] is codes.LITERAL, sequence)
    return "".join(chr(argument) for _, argument in letters)


def _worth(words: frozenset[str]) -> int:
    """How rare the commonest word is: the longer, and the more so with a sign in it, which prose seldom has."""
    if min(map(len, words), default=0) < SHORTEST:
        return 0
    return min(len(word) if word.isalpha() else len(word) + WORTH_OF_A_SIGN for word in words)
