"""Tells in words what is wrong with this deployment, and what to do."""

from __future__ import annotations

import sys

from django.core.management.base import BaseCommand, CommandParser

from apps.operating.examination import WHAT_TO_DO, examine


class Command(BaseCommand):
    """Prints a line for each thing it looks at; exits with 1 when one is not well."""

    help = "Look at this deployment and say in words what is wrong and what to do. Changes nothing, tells no secret."
    requires_system_checks = []  # they are among what it looks at

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--only", action="append", default=[], choices=[*WHAT_TO_DO], help="look at this alone")

    def handle(self, *_args: object, only: list[str], **_options: object) -> None:
        ill = 0
        for row in examine(*only):
            ill += not row.well
            self.stdout.write(f"{'ok  ' if row.well else 'ILL '} {row.about}: {row.said}")
            if row.remedy:
                self.stdout.write(f"      {row.remedy}")
        self.stdout.write("All is well." if not ill else f"{ill} to look after.")
        sys.exit(1 if ill else 0)
