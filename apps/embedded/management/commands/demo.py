"""Prepares the demonstration organisation, once, on a database that has no team yet."""

from __future__ import annotations

from datetime import UTC, datetime

from django.conf import settings
from django.core.management.base import BaseCommand

from apps.embedded.demo.build import build_repositories
from apps.embedded.demo.prepare import ADMIN, prepare
from apps.embedded.places import Places
from apps.teams.models import Team


class Command(BaseCommand):
    help = "Build the demonstration organisation's repositories and projects, if there is no team yet."

    def handle(self, *_args: object, **_options: object) -> None:
        if Team.objects.exists():
            return
        places = Places(settings.DATA_DIR)
        password = prepare(build_repositories(places.demo, now=datetime.now(UTC)))
        line = f"Sign in with      {ADMIN}  {password}\n"
        path = places.data / "sign-in"
        path.touch(mode=0o600)
        path.write_text(line, encoding="utf-8")
