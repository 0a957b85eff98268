"""Questions of all facts that several checks ask, answered once."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, TypeVar, cast

if TYPE_CHECKING:
    from collections.abc import Callable

    from apps.analysis.repository import Facts

T = TypeVar("T")


def kept(build: Callable[[Facts], T]) -> Callable[[Facts], T]:
    """Makes `build` answer once of the same facts. Whoever asks gets a list or a set of its own, to add to."""

    @wraps(build)
    def answer(facts: Facts) -> T:
        found = facts.once(build)
        return cast("T", found.copy()) if isinstance(found, list | set | dict) else found

    return answer
