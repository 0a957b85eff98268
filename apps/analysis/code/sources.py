"""What values come from, and what is put together of several."""

from __future__ import annotations

from enum import StrEnum
from functools import lru_cache
from itertools import chain
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from apps.analysis.code import outside

if TYPE_CHECKING:
    import re
    from collections.abc import Iterable, Iterator

    from apps.analysis.code.by_line import ByLine
    from apps.analysis.facts.model import Call
    from apps.analysis.findings import Evidence

LONGEST = 200  # characters of a path that is put together


class Source(StrEnum):
    ENVIRONMENT = "environment"  # environment variables and secret stores, also through settings classes
    FLAG = "flag"  # the command line
    PARAMETER = "parameter"  # of a pipeline, a flow, a request
    CONFIG_FILE = "config-file"
    LITERAL = "literal"
    LOCAL_PATH = "local-path"  # a literal that is a path of this machine
    UNKNOWN = "unknown"


SETTABLE = frozenset({Source.ENVIRONMENT, Source.FLAG, Source.PARAMETER})
_WORST_FIRST = [
    Source.LITERAL, Source.LOCAL_PATH, Source.CONFIG_FILE, Source.PARAMETER, Source.FLAG, Source.ENVIRONMENT,
    Source.UNKNOWN,
]  # fmt: skip


class Origin(msgspec.Struct, frozen=True):
    """`literal` is the value itself where the code writes it, else the default that holds when nothing is given."""

    source: Source
    place: Evidence
    literal: str | None = None
    mixed: bool = False  # literal here, though other callers give it from outside

    @property
    def settable(self) -> bool:
        return self.source in SETTABLE


@lru_cache(maxsize=16_384)
def source_of(text: str) -> Source | None:
    """Where the value of a call comes from, by its name; None for what comes from elsewhere in the code."""
    for pattern, source in (
        (outside.ENVIRONMENT, Source.ENVIRONMENT),
        (outside.FLAG, Source.FLAG),
        (outside.REQUEST, Source.PARAMETER),
        (outside.CONFIG_FILE, Source.CONFIG_FILE),
        (outside.HERE, Source.LOCAL_PATH),
    ):
        if pattern.search(text):
            return source
    return None


def worst(origins: Iterable[Origin], place: Evidence) -> Origin:
    """The one that is hardest to change from outside; what is unknown counts only when nothing else is there."""
    ordered = sorted(origins, key=lambda one: _WORST_FIRST.index(one.source))
    return ordered[0] if ordered else Origin(Source.UNKNOWN, place)


def nested(calls: ByLine[Call], call: Call) -> list[Call]:
    """The call, and the last one of its name in its lines where another call gives it its value:
    `dirname(dirname(__file__))`."""
    if not str(call.args[0]).endswith("()"):
        return [call]
    within = [one for one in calls.between(call.line, call.line + call.span) if one.args]
    return [call, within[-1]] if within and within[-1] is not call else [call]


def told(origins: Iterator[Origin]) -> Origin:
    """The first that is known, else the first; of those behind a known one nothing is asked."""
    first = next(origins)
    return next((one for one in chain([first], origins) if one.source is not Source.UNKNOWN), first)


def followed(found: Origin, text: str, hole: re.Match[str]) -> Origin:
    """The folder of the code, or of the process, with what the `text` names in it behind the `hole`."""
    if found.source is not Source.LOCAL_PATH or hole.start() or not outside.HERE.search(found.literal or ""):
        return found
    return replace(found, literal=f"{found.literal}{text[hole.end() :]}"[:LONGEST])


def as_path(found: Origin, call: Call) -> Origin:
    """A literal that is made a path is local, with the last part that is joined to it."""
    if found.source not in {Source.LITERAL, Source.LOCAL_PATH} or "://" in (found.literal or ""):
        return found
    last = call.args[-1] if len(call.args) > 1 and call.last == "join" else ""
    tail = f"/{last}" if isinstance(last, str) and last and not last.startswith("$") else ""
    return replace(found, source=Source.LOCAL_PATH, literal=f"{found.literal}{tail}")
