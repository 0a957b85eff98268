"""Log lines never hold a credential, nor characters that deceive whoever reads them in a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from structlog.stdlib import ProcessorFormatter

if TYPE_CHECKING:
    import logging


class MaskedLine(ProcessorFormatter):
    """The usual line, masked as everything is that may quote a repository."""

    def format(self, record: logging.LogRecord) -> str:
        from apps.analysis.shown import told  # compiles its expressions when the first line is written

        return told(super().format(record))
