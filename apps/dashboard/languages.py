"""What is made once for each language of the pages."""

from __future__ import annotations

from functools import lru_cache, wraps
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from django.utils.translation import get_language

if TYPE_CHECKING:
    from collections.abc import Callable

P = ParamSpec("P")
T = TypeVar("T")


def by_language(*, maxsize: int) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Like `lru_cache`, for what holds words: each language has answers of its own."""

    def cached(make: Callable[P, T]) -> Callable[P, T]:
        @lru_cache(maxsize=maxsize)
        def kept(_language: str | None, *args: P.args, **kwargs: P.kwargs) -> T:
            return make(*args, **kwargs)

        @wraps(make)
        def answer(*args: P.args, **kwargs: P.kwargs) -> T:
            return kept(get_language(), *args, **kwargs)  # type: ignore[arg-type] # whoever is cached takes what can be hashed

        return answer

    return cached
