"""Compiles beforehand what confined scans would compile anew each time, for they can keep nothing:
`python -m apps.scans.prepare`, once after each change of the code.

The patterns of all languages are told by name. Which other expressions are asked, and which words tell of them, shows
where Twelvefold itself is judged: alone, as any scan does it, and as a past in which nearly all files change.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from apps.analysis import compilations
from apps.analysis.facts import signals
from apps.analysis.past import judge_line
from apps.repositories.folder import FolderSnapshot

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from apps.analysis.snapshot import Entry, Snapshot


class _Code:
    """The Python files of a snapshot."""

    commit = ""

    def __init__(self, whole: Snapshot) -> None:
        self._whole = whole
        self.entries: Sequence[Entry] = [entry for entry in whole.entries if entry.path.endswith(".py")]

    def read(self, blobs: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        return iter(self._whole.read(blobs))


def prepare(root: Path) -> None:
    """Judges the folder, and keeps what that compiled."""
    signals.prepare()
    whole = FolderSnapshot(root)
    code = _Code(whole)
    # Both judges meet all that is no code as a change, and go on behind it, so that neither ends before that is kept.
    for _ in judge_line([whole, code, code, whole, whole, code, code]):
        pass
    compilations.keep()


if __name__ == "__main__":
    prepare(Path(__file__).parents[2])
