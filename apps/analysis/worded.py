"""Leaves of configuration files, and commands, by their texts. Of many, an expression looks only at those that hold one
of the words without which it cannot match."""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import cached_property, lru_cache
from itertools import accumulate, chain
from typing import TYPE_CHECKING, TypeVar

from apps.analysis.expressions import expression
from apps.analysis.facts.letters import folded
from apps.analysis.facts.required import choices, needed_by
from apps.analysis.index import Index

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from apps.analysis.file import File

T = TypeVar("T")

MANY = 200  # texts: to read the words off an expression takes as long as it takes to search so many


class Worded(Index[T]):
    """Things by texts that many expressions look at; each one again, in other texts, if they are `changes`."""

    def __init__(self, things: Iterable[tuple[str, File, T]], *, changes: bool = False) -> None:
        super().__init__(things)
        self._by_words = changes or len(self.words) > MANY

    def near(self, pattern: str) -> list[tuple[File, T]] | None:
        """Those whose text has a word without which the expression finds nothing; None where no words tell."""
        words = _search(pattern).words if self._by_words else []
        if not words:
            return None
        return self.of(self._texts[number] for number in set(chain.from_iterable(map(self._having, words))))

    def holding(self, pattern: str) -> list[tuple[File, T]]:
        """Those in whose text the expression is found, ignoring case."""
        if not self._by_words:
            return self.of(filter(_search(pattern).finds, self.words))
        texts, found = self._texts, set[int]()
        for search in map(_search, options(pattern)):
            near = chain.from_iterable(map(self._having, search.words)) if search.words else range(len(texts))
            found.update(number for number in near if number not in found and search.finds(texts[number]))
        return self.of(texts[number] for number in found)

    def _having(self, word: str) -> list[int]:
        """The numbers of the texts in which it stands; expressions share their words."""
        if word not in self._numbers:
            starts, numbers = self._starts, []
            at = self._whole.find(word)
            while at >= 0:
                numbers.append(bisect_right(starts, at) - 1)
                at = self._whole.find(word, starts[numbers[-1] + 1])
            self._numbers[word] = numbers
        return self._numbers[word]

    @cached_property
    def _numbers(self) -> dict[str, list[int]]:
        return {}

    @cached_property
    def _texts(self) -> list[str]:
        return list(self.words)

    @cached_property
    def _folded(self) -> list[str]:
        return list(map(folded, self._texts))

    @cached_property
    def _starts(self) -> list[int]:
        """Where each text begins in the whole, and where the whole ends."""
        return list(accumulate((len(text) + 1 for text in self._folded), initial=0))

    @cached_property
    def _whole(self) -> str:
        return "\n".join(self._folded)


# Of what stands within, one part may be searched without the others.
_AROUND = expression(r"^(\\b)?\((?:\?:)?(?!\?)(.*)\)(\\b)?$", re.DOTALL)
# What makes parts depend on one another: references, flags of the whole; and remarks, which would be lost.
_OF_THE_WHOLE = expression(r"\\[1-9]|\(\?(?:P=|\(|#|[aiLmsux]+\))")


@lru_cache(maxsize=4096)
def options(pattern: str) -> list[str]:
    """Expressions of which one is found where the pattern is found, and none elsewhere."""
    if _OF_THE_WHOLE.search(pattern):
        return [pattern]
    found = choices(pattern)
    around = _AROUND.match(pattern) if len(found) == 1 else None
    if around is None:
        return found
    before, within, behind = around.groups("")
    parts = choices(within)
    return [f"{before}(?:{part}){behind}" for part in parts] if parts else found


def in_this_case(pattern: str) -> str:
    """The expression for questions that ignore case, so that they do not."""
    return "|".join(f"(?-i:{one})" for one in options(pattern))


def may_find(pattern: str, text: str) -> bool:
    """Whether the text holds one of the words without which the expression finds nothing."""
    return _search(pattern).may_find(folded(text))


class _Search:
    def __init__(self, pattern: str) -> None:
        self._pattern = pattern

    @cached_property
    def finds(self) -> Callable[[str], object]:
        return expression(self._pattern, re.IGNORECASE).search

    def may_find(self, folded: str) -> bool:
        return not self.words or any(map(folded.__contains__, self.words))

    @cached_property
    def words(self) -> list[str]:
        words = needed_by(self._pattern, re.IGNORECASE).words
        return [word.lower() for word in words] if all(map(str.isascii, words)) else []


@lru_cache(maxsize=4096)
def _search(pattern: str) -> _Search:
    return _Search(pattern)
