"""Which languages there are besides English: those whose compiled catalogue lies in a folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import to_language

if TYPE_CHECKING:
    from pathlib import Path


def languages_in(folder: Path) -> list[tuple[str, str]]:
    """Their codes, each twice: settings want a name too, and no page shows one."""
    codes = [to_language(found.parent.parent.name) for found in folder.glob("*/LC_MESSAGES/django.mo")]
    return [(code, code) for code in sorted(codes)]
