"""What this deployment decides about its own accounts, where django-allauth asks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from allauth.account.adapter import DefaultAccountAdapter
from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from apps.teams.audit import Deed, record
from apps.teams.origin import client_address

if TYPE_CHECKING:
    from django.http import HttpRequest

WRONG = _("That user name and password do not match.")


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc] # allauth has no types
    """Nobody signs up: admins, the command line and single sign-on make accounts."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "username_password_mismatch": WRONG,
        "email_password_mismatch": WRONG,
        "too_many_login_attempts": _("Too many attempts. Wait a few minutes, then try again."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002 - allauth's signature
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        """The key of limits per address. All whose address is hidden, behind a socket say, share one."""
        return client_address(request) or "hidden"


@transaction.atomic
def make_admin(*, name: str, email: str, password: str) -> User:
    """The account `name` as an admin of the organisation; made if there is none, else with the password it has."""
    user, is_new = User.objects.select_for_update().get_or_create(username=name, defaults={"email": email})
    before = None if is_new else {"admin": user.is_superuser, "active": user.is_active}
    if is_new:
        user.set_password(password)
    user.is_superuser = user.is_staff = user.is_active = True
    user.save()
    deed = Deed.PERSON_ADDED if is_new else Deed.PERSON_CHANGED
    record(deed, by=None, subject=name, before=before, after={"admin": True, "active": True})
    return user
