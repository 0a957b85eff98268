"""Secrets of second steps at rest: who reads the database must not make anybody's codes."""

from __future__ import annotations

import logging

from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from apps.teams.sealed import CannotUnseal, reseal, seal, unseal

SECRETS = ("secret", "seed")  # of an authenticator app, and of recovery codes
SEALED = "gAAAA"  # how all begins that is sealed, and no secret as allauth makes them

log = logging.getLogger(__name__)


class SecondStepAdapter(DefaultMFAAdapter):  # type: ignore[misc] # allauth has no types
    def encrypt(self, text: str) -> str:
        return seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        """What was set before secrets were sealed is read as it is, until `manage.py reseal` has run; what no key opens
        proves nobody: its codes are refused."""
        if not encrypted_text.startswith(SEALED):
            return encrypted_text
        try:
            return unseal(encrypted_text)
        except CannotUnseal as problem:
            log.error("A second step cannot be read: %s", problem)  # noqa: TRY400 - the trace tells nothing
            raise ValidationError(
                _("This deployment cannot read your second step any more. Ask an admin.")
            ) from problem


def reseal_second_steps() -> tuple[int, list[str]]:
    """Seals all with the newest key: how many, and whose no key opens."""
    done, lost = 0, []
    for row in Authenticator.objects.select_related("user"):
        try:
            sealed = {word: _anew(row.data[word]) for word in SECRETS if word in row.data}
        except CannotUnseal:
            lost.append(f"{row.get_type_display()} of {row.user}")
            continue
        if sealed:  # nothing that was set meanwhile is overwritten
            done += Authenticator.objects.filter(pk=row.pk, data=row.data).update(data=row.data | sealed)
    return done, lost


def _anew(kept: str) -> str:
    return reseal(kept) if kept.startswith(SEALED) else seal(kept)
