"""Choosing a new password: by a link that was mailed, where mail is set up, or with the old one, where there is one."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any

from allauth.account import views
from django.conf import settings
from django.http import Http404
from django.shortcuts import redirect

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponseBase

    from apps.dashboard.requests import SignedIn


def _where_mail_is_set_up(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:  # noqa: ANN401
        if not settings.MAIL:
            raise Http404
        return view(request, *args, **kwargs)

    return guarded


ask = _where_mail_is_set_up(views.password_reset)
asked = _where_mail_is_set_up(views.password_reset_done)
choose = _where_mail_is_set_up(views.password_reset_from_key)
done = _where_mail_is_set_up(views.password_reset_from_key_done)


def change(request: SignedIn) -> HttpResponseBase:
    """The page of the account says that there is no password, to whoever signs in through the organisation."""
    if not request.user.has_usable_password():
        return redirect("mfa_index")
    answer: HttpResponseBase = views.password_change(request)
    return answer
