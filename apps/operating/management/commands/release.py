"""The release process of the Procfile: run once for each version, before its web and workers start."""

from __future__ import annotations

from django.core.management.base import BaseCommand, CommandError

from apps.operating.migrating import StillLocked, migrate


class Command(BaseCommand):
    """Prepares the database for this version."""

    help = "Prepare the database for this version: apply its migrations, giving way to traffic."

    def handle(self, *_args: object, **_options: object) -> None:
        try:
            migrate()
        except StillLocked as reason:
            raise CommandError(str(reason)) from None
