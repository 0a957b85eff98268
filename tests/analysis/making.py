"""Facts of given contents, for tests of checks."""

from __future__ import annotations

from apps.analysis.engine import read_files
from apps.analysis.repository import Facts
from apps.analysis.snapshot import MemorySnapshot


def facts_of(files: dict[str, str | bytes]) -> Facts:
    return Facts(read_files(MemorySnapshot(files)))
