"""Reads a plain folder that is no repository, as if it were one commit."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from apps.analysis.snapshot import EXECUTABLE, REGULAR, SYMLINK, Entry
from apps.repositories.commit import LARGEST_BLOB
from apps.repositories.errors import RepositoryError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

LEFT_OUT = frozenset({
    ".git", ".hg", ".svn", ".venv", "venv", "node_modules", "__pycache__",
    ".mypy_cache", ".pytest_cache", ".ruff_cache", ".tox",
})  # fmt: skip
MOST_FILES = 100_000


class FolderSnapshot:
    """The files below `root`; links are listed and never followed. Its blob ids hold within this object only."""

    commit = ""

    def __init__(self, root: Path, *, largest_blob: int = LARGEST_BLOB) -> None:
        self._root = root
        self._largest_blob = largest_blob
        self._paths: dict[str, Path] = {}
        self.entries: Sequence[Entry] = list(self._walk())

    def read(self, blobs: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        for blob in blobs:
            content = self._content(self._paths.get(blob))
            if content is not None:
                yield blob, content

    def _walk(self) -> Iterator[Entry]:
        for folder, subfolders, names in os.walk(self._root):
            subfolders[:] = sorted(name for name in subfolders if name not in LEFT_OUT)
            linked = [name for name in subfolders if Path(folder, name).is_symlink()]
            for name in sorted(names + linked):
                path = Path(folder, name)
                found = path.lstat()
                if not (stat.S_ISREG(found.st_mode) or stat.S_ISLNK(found.st_mode)):
                    continue
                if len(self._paths) >= MOST_FILES:
                    raise RepositoryError(f"The folder has more than {MOST_FILES:,} files.")
                blob = str(len(self._paths))
                self._paths[blob] = path
                shown = os.fsencode(path.relative_to(self._root).as_posix()).decode("utf-8", "backslashreplace")
                yield Entry(shown, blob, found.st_size, _mode(found.st_mode))

    def _content(self, path: Path | None) -> bytes | None:
        """The file's content, or where a link points to; None when it is too large, gone or not readable."""
        if path is None:
            return None
        try:
            if path.is_symlink():
                return os.fsencode(path.readlink())
            descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
            with os.fdopen(descriptor, "rb") as stream:
                content = stream.read(self._largest_blob + 1)
        except OSError:
            return None
        return content if len(content) <= self._largest_blob else None


def _mode(mode: int) -> int:
    if stat.S_ISLNK(mode):
        return SYMLINK
    return EXECUTABLE if mode & stat.S_IXUSR else REGULAR
