"""Words without which an expression cannot match: looking for them is a hundred times as fast as the expression."""

from __future__ import annotations

import re
from functools import partial
from re import _constants as codes  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from apps.analysis.expressions import once

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

SHORTEST = 2  # characters; a single one is nearly everywhere
WORTH_OF_A_SIGN = 1  # further letter
MOST_SPELLINGS = 8  # of one word, by letters of which each may be one of several
MOST_BEGINNINGS = 64
_IN_ANY_CASE = "(?i)"
_OF_NO_LENGTH = (codes.AT, codes.ASSERT, codes.ASSERT_NOT)
_REPEATS = (codes.MAX_REPEAT, codes.MIN_REPEAT)
_OF_A_LINE = frozenset({codes.CATEGORY_WORD, codes.CATEGORY_DIGIT})
_ENDS_OF_LINES = frozenset({(codes.LITERAL, ord("\n")), (codes.CATEGORY, codes.CATEGORY_SPACE)})
# Of an expression: an escape, a class, a sign of groups or choices, others.
_PARTS = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\\\]])*\]|[()|]|[^\\\[()|]+", re.DOTALL)


class Needed(NamedTuple):
    """Every text that an expression finds holds one of `words`, `in_any_case` if so. None are known where there are
    none."""

    words: frozenset[str]
    in_any_case: bool


class Alternative(NamedTuple):
    """One of the ways in which an expression can match. What it finds holds one of `words`, begins with it if
    `at_word`, and holds one of each set of `others`, all of them in any case if so; `spans` says whether it may go
    beyond the end of a line."""

    pattern: str
    words: frozenset[str]
    others: list[frozenset[str]]
    in_any_case: bool
    at_word: bool
    spans: bool


def needed_by(pattern: str, flags: int = 0) -> Needed:
    packed = once(b"needed", pattern, flags, partial(_needed, pattern, flags))
    return msgspec.msgpack.decode(packed, type=Needed)


def alternatives_of(pattern: str, flags: int = 0) -> list[Alternative]:
    """What the expression is a choice of, in its order; just itself where that cannot be told."""
    packed = once(b"alternatives", pattern, flags, partial(_alternatives, pattern, flags))
    return msgspec.msgpack.decode(packed, type=list[Alternative])


def _needed(pattern: str, flags: int) -> bytes:
    parsed = parser.parse(pattern, flags)
    return msgspec.msgpack.encode(Needed(_of_sequence(parsed), bool(parsed.state.flags & re.IGNORECASE)))


def _alternatives(pattern: str, flags: int) -> bytes:
    sign = _IN_ANY_CASE if pattern.startswith(_IN_ANY_CASE) else ""
    bare, flags = pattern.removeprefix(sign), flags | (re.IGNORECASE if sign else 0)
    state = parser.parse(bare, flags).state
    # `(?s)` is for all of it, and a part may refer to a group of another.
    alone = (state.flags ^ flags) & ~re.UNICODE or state.groups > 1
    found = [_alternative(one, flags, sign) for one in ([bare] if alone else choices(bare))]
    return msgspec.msgpack.encode(found)


def _alternative(pattern: str, flags: int, sign: str) -> Alternative:
    parsed = parser.parse(pattern, flags)
    spans, in_any_case = (bool(parsed.state.flags & flag) for flag in (re.DOTALL, re.IGNORECASE))
    rarest_first = dict.fromkeys(filter(_worth, sorted(_sets_of(parsed), key=_worth, reverse=True)))
    beginnings = _beginnings(parsed)
    at_word = _worth(beginnings) > 0
    words, *others = [*([beginnings] if at_word else []), *rarest_first] or [frozenset[str]()]
    others = [one for one in others if not _tells(words, one)]
    return Alternative(f"{sign}{pattern}", words, others, in_any_case, at_word, spans or _spans(parsed))


def _tells(words: frozenset[str], others: frozenset[str]) -> bool:
    """Whether each of `words` holds one of the others."""
    return all(any(other in word for other in others) for word in words)


def choices(pattern: str) -> list[str]:
    """What stands between the signs for `or` outside of all groups; nothing where a group ends that did not begin."""
    found, depth = [""], 0
    for part in _PARTS.findall(pattern):
        depth += (part == "(") - (part == ")")
        if depth < 0:
            return []
        if part == "|" and not depth:
            found.append("")
        else:
            found[-1] += part
    return found


def _of_sequence(sequence: Iterable[tuple[Any, Any]]) -> frozenset[str]:
    """Of what must follow one another any part will do: the one whose commonest word is the rarest."""
    return max(_sets_of(sequence), key=_worth)


def _sets_of(sequence: Iterable[tuple[Any, Any]]) -> list[frozenset[str]]:
    """Sets of words: whatever matches the sequence holds one word of each, but for those that are worth nothing."""
    found, runs = [frozenset[str]()], frozenset({""})
    for code, argument in sequence:
        letters = _letters(code, argument)
        if letters and len(runs) * len(letters) <= MOST_SPELLINGS:
            runs = frozenset(run + letter for run in runs for letter in letters)
        else:
            found += [runs, _of_part(code, argument), _joined(runs, code, argument)]
            runs = frozenset({""})
    return [*found, runs]


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
    return frozenset(run + beginning for run in runs for option in argument[1] for beginning in _beginnings(option))


def _beginnings(sequence: Iterable[tuple[Any, Any]]) -> frozenset[str]:
    """What matches the sequence begins with one of these. One of them is empty where that cannot be told."""
    runs = frozenset({""})
    for code, argument in sequence:
        if code in _OF_NO_LENGTH and runs == {""}:
            continue
        following, complete = _beginnings_of_part(code, argument)
        if len(runs) * len(following) > MOST_BEGINNINGS:
            break
        runs = frozenset(run + one for run in runs for one in following)
        if not complete:
            break
    return runs


def _beginnings_of_part(code: Any, argument: Any) -> tuple[frozenset[str], bool]:  # noqa: ANN401 - as above
    """And whether these are all of what it matches."""
    if letters := _letters(code, argument):
        return frozenset(letters), True
    if code is codes.BRANCH:
        return frozenset().union(*map(_beginnings, argument[1])), False
    if code is codes.SUBPATTERN and not argument[1] & re.IGNORECASE:
        return _beginnings(argument[3]), False
    if code in _REPEATS and argument[0] > 0:
        return _beginnings(argument[2]), False
    return frozenset({""}), False


def _worth(words: frozenset[str]) -> int:
    """How rare the commonest word is: the longer, and the more so with a sign in it, which prose seldom has."""
    if min(map(len, words), default=0) < SHORTEST:
        return 0
    return min(len(word) if word.isalpha() else len(word) + WORTH_OF_A_SIGN for word in words)


def _spans(sequence: Iterable[tuple[Any, Any]]) -> bool:
    """Whether what it matches, or looks at, may hold the end of a line. Of what is not known here it may."""
    return any(_part_spans(code, argument) for code, argument in sequence)


def _part_spans(code: Any, argument: Any) -> bool:  # noqa: ANN401 - as above
    match code:
        case codes.AT | codes.ANY:
            return False
        case codes.LITERAL:
            return chr(argument) == "\n"
        case codes.NOT_LITERAL:
            return chr(argument) != "\n"
        case codes.IN:
            return _class_spans(argument)
        case codes.BRANCH:
            return any(map(_spans, argument[1]))
        case codes.SUBPATTERN:
            return bool(argument[1] & re.DOTALL) or _spans(argument[3])
        case codes.MAX_REPEAT | codes.MIN_REPEAT | codes.POSSESSIVE_REPEAT:
            return _spans(argument[2])
        case codes.ASSERT | codes.ASSERT_NOT:
            return _spans(argument[1])
    return True


def _class_spans(members: Sequence[tuple[Any, Any]]) -> bool:
    if members[0][0] is codes.NEGATE:
        return _ENDS_OF_LINES.isdisjoint(members)
    return any(_member_spans(kind, argument) for kind, argument in members)


def _member_spans(kind: Any, argument: Any) -> bool:  # noqa: ANN401 - as above
    if kind is codes.RANGE:
        return bool(argument[0] <= ord("\n") <= argument[1])
    return argument == ord("\n") if kind is codes.LITERAL else argument not in _OF_A_LINE
