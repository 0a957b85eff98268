"""Leaves of configuration files, and commands, by their texts. Of many, an expression looks only at those that hold one
of the words without which it cannot match."""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import cache, cached_property, lru_cache
from itertools import accumulate, chain
from typing import TYPE_CHECKING, TypeVar

from apps.analysis.expressions import expression
from apps.analysis.facts.required import choices, needed_by
from apps.analysis.index import Index

if TYPE_CHECKING:
    from apps.analysis.facts.model import Leaf
    from apps.analysis.file import File

T = TypeVar("T")

MOST_KNOWN = 10_000  # texts of which one expression keeps whether it is found in them
MANY = 200  # texts: to read the words off an expression takes as long as it takes to search so many
# Letters that are one of ASCII where case is ignored, and that `lower` leaves as they are.
_AS_ASCII = str.maketrans("\u017f\u0131\u0130", "sii")


def holding(pattern: str, leaves: list[tuple[File, Leaf]]) -> list[tuple[File, Leaf]]:
    """The leaves in whose text the expression is found, ignoring case."""
    search = _search(pattern)
    if len(leaves) > MANY:
        return _holding_by_words(search, leaves)
    finds = cache(search.finds)  # generated files repeat their texts
    return [(file, leaf) for file, leaf in leaves if finds(leaf.text)]


def holding_again(pattern: str, leaves: list[tuple[File, Leaf]]) -> list[tuple[File, Leaf]]:
    """The same, of files that changed: nearly all of their texts stood in them when the question came before."""
    search = _search(pattern)
    known = search.known
    new = [pair for pair in leaves if pair[1].text not in known]
    if len(known) + len(new) > MOST_KNOWN:
        known.clear()
        new = leaves
    if new:
        found = {leaf.text for _, leaf in _holding_by_words(search, new)}
        known.update((leaf.text, leaf.text in found) for _, leaf in new)
    return [pair for pair in leaves if known[pair[1].text]]


def _holding_by_words(search: _Search, leaves: list[tuple[File, Leaf]]) -> list[tuple[File, Leaf]]:
    files = {file.path: file for file, _ in leaves}
    left = {path for path, file in files.items() if search.may_find(file.once(_texts))}
    finds = cache(search.finds_by_words)
    return [(file, leaf) for file, leaf in leaves if file.path in left and finds(leaf.text)]


class Worded(Index[T]):
    """Things by texts that many expressions look at."""

    def holding(self, pattern: str) -> list[tuple[File, T]]:
        """Those in whose text the expression is found, ignoring case."""
        if len(self.words) <= MANY:
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
        return list(map(_folded, self._texts))

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


def may_find(pattern: str, text: str) -> bool:
    """Whether the text holds one of the words without which the expression finds nothing."""
    return _search(pattern).may_find(_folded(text))


def _texts(file: File) -> str:
    return _folded("\n".join(leaf.text for leaf in file.facts.leaves))


def _folded(text: str) -> str:
    return text.lower() if text.isascii() else text.translate(_AS_ASCII).lower()


class _Search:
    def __init__(self, pattern: str) -> None:
        self._pattern = pattern
        self.finds = expression(pattern, re.IGNORECASE).search
        self.known: dict[str, bool] = {}  # whether it is found in texts that were asked about before

    def finds_by_words(self, text: str) -> bool:
        return self.may_find(_folded(text)) and bool(self.finds(text))

    def may_find(self, folded: str) -> bool:
        return not self.words or any(map(folded.__contains__, self.words))

    @cached_property
    def words(self) -> list[str]:
        words = needed_by(self._pattern, re.IGNORECASE).words
        return [word.lower() for word in words] if all(map(str.isascii, words)) else []


@lru_cache(maxsize=4096)
def _search(pattern: str) -> _Search:
    return _Search(pattern)
