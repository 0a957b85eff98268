"""Compiles the patterns of all languages for confined scans, which can keep nothing: `python -m apps.analysis.prepare`,
once after each change of the code."""

from __future__ import annotations

from apps.analysis import compilations
from apps.analysis.facts import signals

if __name__ == "__main__":
    signals.prepare()
    compilations.keep()
