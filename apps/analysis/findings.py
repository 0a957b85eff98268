"""What a check says of an item: a state, one sentence, the evidence that decides, and what would make it met."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

import msgspec

from apps.catalog import State  # noqa: TC001 - findings are decoded by their annotations

if TYPE_CHECKING:
    from collections.abc import Iterable

MOST_EVIDENCE = 6


class Effort(StrEnum):
    """How much work the remedy takes, as a developer would guess it."""

    HOURS = "hours"
    DAYS = "days"
    WEEKS = "weeks"


class Evidence(msgspec.Struct, frozen=True, order=True):
    """A place in the repository. `line` counts from 1; 0 names the file as a whole. The engine fills in `excerpt`."""

    path: str
    line: int = 0
    excerpt: str = ""


class Finding(msgspec.Struct, frozen=True):
    """`summary` is one sentence that names what was found, or for an absence what was looked for and where."""

    state: State
    summary: str
    evidence: tuple[Evidence, ...] = ()
    remedy: str = ""
    effort: Effort | None = None
    error: str = ""


def finding(
    state: State, summary: str, evidence: tuple[Evidence, ...] | list[Evidence] = (), **more: object
) -> Finding:
    """A finding with one place of each file first, free of doubles, and cut to the most telling `MOST_EVIDENCE`."""
    kept = tuple(spread(evidence))[:MOST_EVIDENCE]
    return Finding(state, summary, kept, **more)  # type: ignore[arg-type]


def spread(*groups: Iterable[Evidence]) -> list[Evidence]:
    """The first place of each group, then one place of each further file, then the rest: variety tells more."""
    lists = [list(group) for group in groups]
    ordered = [*(group[0] for group in lists if group), *(place for group in lists for place in group)]
    first: dict[str, Evidence] = {}
    for place in ordered:
        first.setdefault(place.path, place)
    return list(dict.fromkeys([*first.values(), *ordered]))


def one_of_each(found: list[Evidence]) -> list[Evidence]:
    """The first place of each file."""
    return list({place.path: place for place in reversed(found)}.values())[::-1]


def file_names(found: Iterable[Evidence]) -> str:
    """The first three files, for a sentence."""
    return ", ".join(f"`{path}`" for path in list(dict.fromkeys(place.path for place in found))[:3])
