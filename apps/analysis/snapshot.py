"""The files of one commit, as the analysis sees them: paths, blob ids and, on demand, contents."""

from __future__ import annotations

import hashlib
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

REGULAR, EXECUTABLE, SYMLINK, SUBMODULE = 0o100644, 0o100755, 0o120000, 0o160000


class Entry(msgspec.Struct, frozen=True):
    """One tracked path. `size` is in bytes, None where the blob is absent from this copy of the repository."""

    path: str
    blob: str
    size: int | None
    mode: int = REGULAR


class Snapshot(Protocol):
    """One commit. `read` yields (blob id, content) in any order and skips absent blobs."""

    commit: str

    @property
    def entries(self) -> Sequence[Entry]: ...

    def read(self, blobs: Iterable[str]) -> Iterator[tuple[str, bytes]]: ...


class Edit(StrEnum):
    """What a commit did to a file, by the letters that git uses."""

    ADDED = "A"
    MODIFIED = "M"
    REMOVED = "D"


def differing(before: Snapshot, after: Snapshot) -> dict[str, Edit]:
    """What happened to each path whose content or mode is not the same in both; by path, in order."""
    old = {entry.path: (entry.blob, entry.mode) for entry in before.entries}
    new = {entry.path: (entry.blob, entry.mode) for entry in after.entries}
    return {
        path: Edit.ADDED if path not in old else Edit.MODIFIED if path in new else Edit.REMOVED
        for path in sorted(old | new)
        if old.get(path) != new.get(path)
    }


class MemorySnapshot:
    """A snapshot made of given contents: for tests, and for folders that are no repository."""

    def __init__(self, files: Mapping[str, str | bytes], commit: str = "") -> None:
        self.commit = commit
        self._contents: dict[str, bytes] = {}
        entries = []
        for path, content in files.items():
            raw = content.encode() if isinstance(content, str) else content
            blob = hashlib.sha1(raw, usedforsecurity=False).hexdigest()
            self._contents[blob] = raw
            entries.append(Entry(path, blob, len(raw)))
        self.entries: Sequence[Entry] = entries

    def read(self, blobs: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        return ((blob, self._contents[blob]) for blob in blobs if blob in self._contents)
