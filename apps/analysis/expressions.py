"""Regular expressions that are compiled when a first text meets them: in a small tree most never meet one, and
compiling all of them takes longer than the whole scan."""

from __future__ import annotations

import re
from typing import Any, AnyStr, Generic, cast


class _Later(Generic[AnyStr]):
    """Answers like the compiled expression, whose methods become its own when they are first used."""

    def __init__(self, pattern: AnyStr, flags: int) -> None:
        self.pattern: AnyStr = pattern
        self._flags = flags

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401
        found = getattr(re.compile(self.pattern, self._flags), name)
        setattr(self, name, found)
        return found


def expression(pattern: AnyStr, flags: int = 0) -> re.Pattern[AnyStr]:
    """`re.compile`, put off. What is wrong with `pattern` shows at the first use."""
    return cast("re.Pattern[AnyStr]", _Later(pattern, flags))
