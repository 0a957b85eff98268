"""Things of files by a word of theirs, so that an expression meets each distinct word once and not each thing."""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable, KeysView

    from apps.analysis.file import File

T = TypeVar("T")


class Index(Generic[T]):
    """`things` are (word, file, thing); what is found comes in their order."""

    def __init__(self, things: Iterable[tuple[str, File, T]]) -> None:
        self._places: dict[str, list[tuple[int, File, T]]] = {}
        for position, (word, file, thing) in enumerate(things):
            self._places.setdefault(word, []).append((position, file, thing))

    @property
    def words(self) -> KeysView[str]:
        return self._places.keys()

    def of(self, words: Iterable[str]) -> list[tuple[File, T]]:
        """The things of these distinct words."""
        found = [place for word in words for place in self._places.get(word, ())]
        found.sort(key=itemgetter(0))
        return [(file, thing) for _, file, thing in found]
