"""How long ago, in as few characters as a narrow column has."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import timedelta


def age(since: timedelta) -> str:
    """`12 min`, `3 h`, `2 d`; `now` under a minute."""
    minutes = int(since.total_seconds() // 60)
    if minutes < 1:
        return "now"
    if minutes < 60:
        return f"{minutes} min"
    return f"{minutes // 60} h" if minutes < 48 * 60 else f"{minutes // (24 * 60)} d"


def clock(since: timedelta) -> str:
    """Minutes and seconds: `0:20`."""
    minutes, seconds = divmod(max(0, int(since.total_seconds())), 60)
    return f"{minutes}:{seconds:02d}"
