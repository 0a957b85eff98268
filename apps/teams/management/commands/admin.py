"""Makes the first admin, or one more, or lets one back in who locked everybody out."""

from __future__ import annotations

import secrets

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandParser

from apps.teams.sign_in.accounts import make_admin


class Command(BaseCommand):
    help = "Make an account an admin of the organisation; a new one gets a password, which is printed once."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name")
        parser.add_argument("--email", default="")

    def handle(self, *_args: object, name: str, email: str, **_options: object) -> None:
        is_new = not User.objects.filter(username=name).exists()
        password = secrets.token_urlsafe(12)
        make_admin(name=name, email=email, password=password)
        self.stdout.write(f"Sign in with      {name}  {password}" if is_new else f"{name} is an admin now.")
