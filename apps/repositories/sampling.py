"""Which commits stand for a branch's past, and when each of them came, by dates that can be believed. Pure."""

from __future__ import annotations

from bisect import bisect_right
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

WEEK, MONTH = timedelta(days=7), timedelta(days=30)
ENOUGH = 10  # believed commits as old as the oldest moment: they outweigh fewer before them whose clocks were wrong


class Sample(NamedTuple):
    """A commit and the second of its credible date, counted from 1970."""

    commit: str
    at: int


def moments(end: datetime, *, weeks: int, months: int) -> list[int]:
    """`end`, each week before it and then each month: seconds from 1970, the newest first."""
    weekly = [end - WEEK * number for number in range(weeks + 1)]
    monthly = [end - MONTH * number for number in range(1, months + 1)]
    return [int(moment.timestamp()) for moment in [*weekly, *(one for one in monthly if one < weekly[-1])]]


def credible(dates: Sequence[int], *, now: int) -> list[int]:
    """The dates of a line of commits, oldest first, made to fit their order and `now`.

    Clocks that were wrong leave dates that contradict the order. The longest run of dates that agree with each other
    is believed; any other commit is dated by the believed one before it.
    """
    believed = _longest_run(dates, now)
    held = dates[min(believed)] if believed else now
    made = []
    for number, date in enumerate(dates):
        held = date if number in believed else held
        made.append(held)
    return made


def stands_alone(dates: Sequence[int], believed: Sequence[int], *, oldest: int) -> bool:
    """Whether the newest commits of a line, oldest first and `believed` as if they were all, are sampled from the
    moment `oldest` on as they would be in the whole line.

    The longest run of the whole line is the longest run of what is missing, continued: where that ends before
    anything here, the same is believed here either way. Nothing here may therefore be older than the first of these.
    Missing commits that claim to be younger win only if they are more than those here that are as old as `oldest`.
    """
    return (
        dates[0] == min(dates)
        and sum(date == held <= oldest for date, held in zip(dates, believed, strict=True)) >= ENOUGH
    )


def _longest_run(dates: Sequence[int], now: int) -> set[int]:
    """The numbers of a longest non-decreasing run of dates up to `now`."""
    ends: list[int] = []  # the smallest date that a run of each length may end with
    last: list[int] = []  # the number of the commit with that date
    before: dict[int, int] = {}
    for number, date in enumerate(dates):
        if date > now:
            continue
        length = bisect_right(ends, date)
        ends[length : length + 1] = [date]
        last[length : length + 1] = [number]
        before[number] = last[length - 1] if length else -1
    run = set()
    number = last[-1] if last else -1
    while number >= 0:
        run.add(number)
        number = before[number]
    return run


def sample(line: Iterable[Sample], wanted: Iterable[int]) -> list[Sample]:
    """The commit that was the newest at each of the `wanted` moments; both run from the newest to the oldest."""
    commits = iter(line)
    commit = next(commits, None)
    chosen: dict[str, Sample] = {}
    for moment in wanted:
        while commit is not None and commit.at > moment:
            commit = next(commits, None)
        if commit is None:
            break
        chosen.setdefault(commit.commit, commit)
    return list(chosen.values())
