"""`manage.py reseal`: seals every secret anew with the first of FIELD_KEYS, so that older keys can be dropped."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.teams.models import RepositoryToken
from apps.teams.sealed import CannotUnseal, reseal
from apps.teams.sign_in.second_step import reseal_second_steps
from apps.webhooks.models import Endpoint


class Command(BaseCommand):
    help = "Seals every secret anew with the first of FIELD_KEYS."

    def handle(self, **_: Any) -> None:  # noqa: ANN401
        done, lost = reseal_second_steps()
        rows: list[RepositoryToken | Endpoint] = [
            *RepositoryToken.objects.select_related("project", "team"),
            *Endpoint.objects.select_related("project", "team"),
        ]
        for row in rows:
            try:
                sealed = reseal(row.sealed)
            except CannotUnseal:
                lost.append(str(row))
                continue
            # Nothing that was set meanwhile is overwritten.
            done += type(row).objects.filter(pk=row.pk, sealed=row.sealed).update(sealed=sealed)
        self.stdout.write(f"{done} secrets are sealed with the newest key.")
        if lost:
            raise CommandError(f"No key opens {len(lost)}: {', '.join(lost)}. Set them anew.")
