"""Refuses settings of single sign-on that cannot be meant, before anybody signs in by them."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import Error, register

from apps.teams.sign_in.groups import GroupRule

HERE = frozenset({"localhost", "127.0.0.1", "::1"})


@register
def single_sign_on(app_configs: Any, **_: Any) -> list[Error]:  # noqa: ANN401, ARG001 - Django's signature
    found = []
    for text in settings.OIDC_GROUPS:
        try:
            GroupRule.read(text)
        except ValueError as error:
            found.append(Error(f"OIDC_GROUPS: {error}", id="teams.E001"))
    issuer = urlsplit(settings.OIDC_ISSUER)
    if settings.OIDC_ISSUER and issuer.scheme != "https" and issuer.hostname not in HERE:
        found.append(Error("OIDC_ISSUER must begin with https://.", id="teams.E002"))
    return found
