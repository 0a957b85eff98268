"""Lists `scan` among the commands; `manage.py` answers it before Django is even loaded."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from django.core.management.base import BaseCommand

from apps.scans.cli import DESCRIPTION, main

if TYPE_CHECKING:
    from collections.abc import Sequence


class Command(BaseCommand):
    """Reads its arguments as the command line without Django does."""

    help = DESCRIPTION

    def run_from_argv(self, argv: Sequence[str]) -> NoReturn:
        main(argv[2:])
