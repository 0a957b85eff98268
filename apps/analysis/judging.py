"""Runs the checks in two processes side by side: no check needs another, and together they take as long as reading."""

from __future__ import annotations

import os
from itertools import groupby
from typing import TYPE_CHECKING

import msgspec

from apps.analysis import compilations
from apps.analysis.beside import Beside
from apps.analysis.findings import Finding
from apps.analysis.pipes import pipe
from apps.catalog import ITEMS, State

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from apps.analysis.checks import Check
    from apps.analysis.files import Progress
    from apps.analysis.pipes import Connection
    from apps.analysis.repository import Facts

    Judge = Callable[[str], Finding]

_Findings = dict[str, Finding]


def judged(loaded: Mapping[str, Check], facts: Facts, progress: Progress | None = None) -> _Findings:
    """What each check says, by item id. Checks of one factor share the most work, so that they stay together."""

    def judge(item: str) -> Finding:
        return run(loaded[item], facts)

    def judge_and_tell(item: str) -> Finding:
        if progress:
            progress("check", list(loaded).index(item) / len(loaded), item)
        return judge(item)

    factors = [list(items) for _, items in groupby(loaded, key=lambda item: ITEMS[item].factor)]
    if len(factors) > 1:
        facts.profile  # noqa: B018 - nearly all checks ask for it; made now, both processes have it
        found = _side_by_side(factors, judge_and_tell, judge)
    else:
        found = {}
    return {item: found.get(item) or judge_and_tell(item) for item in loaded}


def run(check: Check, facts: Facts) -> Finding:
    """What the check says; unknown, with the reason, when it crashes."""
    try:
        return check(facts)
    except Exception as problem:  # noqa: BLE001 - one broken check must cost its own item only
        return Finding(State.UNKNOWN, "The check crashed.", error=f"{type(problem).__name__}: {problem}"[:300])


def _side_by_side(factors: Sequence[Sequence[str]], judge: Judge, helpers_judge: Judge) -> _Findings:
    """The findings of this process and a helper. What the helper took is missing if it died."""
    waiting, filled = os.pipe()
    os.write(filled, bytes(range(len(factors))))
    os.close(filled)
    ours, theirs = pipe()

    def help_out() -> None:
        found = _taken(waiting, factors, helpers_judge)
        compilations.keep()
        theirs.send_bytes(msgspec.msgpack.encode(found))

    with Beside(help_out, ours=[ours]):
        theirs.close()
        try:
            return _taken(waiting, factors, judge) | _answered(ours)
        finally:
            os.close(waiting)
            ours.close()


def _taken(waiting: int, factors: Sequence[Sequence[str]], judge: Judge) -> _Findings:
    """Judges one factor after the other until none waits. Each is a byte in a pipe, so that nobody takes it twice."""
    return {item: judge(item) for number in _bytes(waiting) for item in factors[number]}


def _bytes(pipe: int) -> Iterator[int]:
    while one := os.read(pipe, 1):
        yield one[0]


def _answered(helper: Connection) -> _Findings:
    try:
        return msgspec.msgpack.decode(helper.recv_bytes(), type=_Findings)
    except (EOFError, msgspec.DecodeError, UnicodeDecodeError):
        return {}
