"""What this deployment decides about its own accounts, where django-allauth asks."""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from allauth.account.adapter import DefaultAccountAdapter
from django.contrib.auth.models import User
from django.core.mail import EmailMessage
from django.db import transaction
from django.template.loader import render_to_string
from django.utils.translation import get_language, override
from django.utils.translation import gettext_lazy as _

from apps.teams.audit import Deed, record
from apps.teams.origin import client_address

if TYPE_CHECKING:
    from django.http import HttpRequest

log = logging.getLogger(__name__)

# Mails leave beside the answer: how long one takes, or that it cannot be sent, would tell that there is an account.
CARRIER = ThreadPoolExecutor(max_workers=1, thread_name_prefix="mail")
RESET_MAIL = "account/email/password_reset_key"
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

    def send_password_reset_mail(self, user: User, email: str, context: dict[str, Any]) -> None:
        if not user.has_usable_password():
            return  # the provider says who signs in to that account
        told = {word: context[word] for word in ("username", "password_reset_url")}
        CARRIER.submit(_carry, RESET_MAIL, email, told, get_language())

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:  # noqa: ANN401, ARG002
        """The key of the limit per name. allauth adds the host, and a caller writes any port behind that."""
        return str(credentials.get("username", "")).lower()

    def get_client_ip(self, request: HttpRequest) -> str:
        """The key of limits per address. All whose address is hidden, behind a socket say, share one."""
        return client_address(request) or "hidden"


def _carry(form: str, to: str, told: dict[str, Any], language: str | None) -> None:
    try:
        with override(language):
            subject = render_to_string(f"{form}_subject.txt").strip()
            text = render_to_string(f"{form}_message.txt", told).strip()
        EmailMessage(subject, text, to=[to]).send()
    except Exception:
        log.exception("A mail could not be sent")


@transaction.atomic
def make_admin(*, name: str, email: str, password: str) -> User:
    """The account `name` as an admin of the organisation; made if there is none, else with the password it has.

    Whose name differs in capitals alone is the same one: of two such accounts neither could sign in.
    """
    user, is_new = User.objects.select_for_update().get_or_create(
        username__iexact=name, defaults={"username": name, "email": email}
    )
    before = None if is_new else {"admin": user.is_superuser, "active": user.is_active}
    if is_new:
        user.set_password(password)
    user.is_superuser = user.is_staff = user.is_active = True
    user.save()
    deed = Deed.PERSON_ADDED if is_new else Deed.PERSON_CHANGED
    record(deed, by=None, subject=user.get_username(), before=before, after={"admin": True, "active": True})
    return user
