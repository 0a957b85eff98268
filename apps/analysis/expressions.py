"""Regular expressions that are compiled when a first text meets them, and once for all processes: in a small tree most
never meet one, and compiling those that do takes Python longer than the rest of the scan."""

from __future__ import annotations

import _sre  # type: ignore[import-not-found]
import re
from functools import lru_cache, partial
from re import _compiler as compiler  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import TYPE_CHECKING, Any, AnyStr, Generic, cast

import msgspec

from apps.analysis import compilations

if TYPE_CHECKING:
    from collections.abc import Callable

# What Python's own module makes of a pattern: flags, code, number of groups, their numbers by name, their names.
_Parts = tuple[int, list[int], int, dict[str, int], list[str | None]]

_decode = msgspec.msgpack.Decoder(_Parts).decode

# A remark inside of an expression that holds words of a repository: what is compiled of it is kept for nobody else.
_OF_REPOSITORY = "(?#of a repository)"


def literal(text: str) -> str:
    """`re.escape` for words that a repository chose."""
    return re.escape(text) + _OF_REPOSITORY


def once(kind: bytes, pattern: str | bytes, flags: int, make: Callable[[], bytes]) -> bytes:
    """What `make` makes of the expression; kept for later processes, but not where it holds words of a repository."""
    bare = pattern if isinstance(pattern, bytes) else pattern.encode("utf-8", "surrogatepass")
    if _OF_REPOSITORY.encode() in bare:
        return make()
    return compilations.once(b"%s %s %d %s" % (kind, type(pattern).__name__.encode(), flags, bare), make)


class _Later(Generic[AnyStr]):
    """Answers like the compiled expression, whose methods become its own when they are first used."""

    def __init__(self, pattern: AnyStr, flags: int) -> None:
        self.pattern: AnyStr = pattern
        self._flags = flags

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401
        found = getattr(_compiled(self.pattern, self._flags), name)
        setattr(self, name, found)
        return found


def expression(pattern: AnyStr, flags: int = 0) -> re.Pattern[AnyStr]:
    """`re.compile`, put off. What is wrong with `pattern` shows at the first use."""
    return cast("re.Pattern[AnyStr]", _later(pattern, int(flags)))


_later = lru_cache(maxsize=4096, typed=True)(_Later)


def _compiled(pattern: AnyStr, flags: int) -> re.Pattern[AnyStr]:
    all_flags, code, groups, numbers, names = _decode(once(b"re", pattern, flags, partial(_parts, pattern, flags)))
    return cast("re.Pattern[AnyStr]", _sre.compile(pattern, all_flags, code, groups, numbers, tuple(names)))


def _parts(pattern: str | bytes, flags: int) -> bytes:
    parsed = parser.parse(pattern, flags)
    numbers: dict[str, int] = parsed.state.groupdict
    names: list[str | None] = [None] * parsed.state.groups
    for name, number in numbers.items():
        names[number] = name
    code = [int(one) for one in compiler._code(parsed, flags)]  # noqa: SLF001 - `re` shows what it makes of it nowhere
    parts: _Parts = (flags | parsed.state.flags, code, parsed.state.groups - 1, numbers, names)
    return msgspec.msgpack.encode(parts)


@lru_cache(maxsize=16_384)  # a repository has many commands, and its commits share most of them
def is_in(pattern: str, text: str, flags: int = 0) -> bool:
    """Whether the expression finds something in a text that is asked about again and again."""
    return expression(pattern, flags).search(text) is not None
