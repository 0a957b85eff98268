"""Which pages may be read without signing in, where the deployment says `PUBLIC_READ`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.views import redirect_to_login
from django.shortcuts import resolve_url
from django.utils.cache import patch_vary_headers
from django.utils.http import url_has_allowed_host_and_scheme
from django_htmx.http import HttpResponseClientRedirect

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse, HttpResponseBase

View = TypeVar("View", bound="Callable[..., Any]")


def for_readers(view: View) -> View:
    """Marks a view that anybody may read under `PUBLIC_READ`. It must still ask `apps.teams.access`."""
    view.for_readers = True  # type: ignore[attr-defined] # as Django marks `login_not_required`
    return view


class SignInMiddleware(LoginRequiredMiddleware):
    """Every page asks to sign in, unless its view says otherwise."""

    def process_view(
        self,
        request: HttpRequest,
        view_func: Callable[..., Any],
        view_args: tuple[Any, ...],
        view_kwargs: dict[str, Any],
    ) -> HttpResponseBase | None:
        reads = request.method in {"GET", "HEAD"} and getattr(view_func, "for_readers", False)
        if settings.PUBLIC_READ and reads:
            return None
        return super().process_view(request, view_func, view_args, view_kwargs)

    def handle_no_permission(  # type: ignore[override] # htmx takes no redirect for the whole page
        self, request: HttpRequest, view_func: Callable[..., Any]
    ) -> HttpResponse:
        """The way to sign in and back: to the page that asked for a part of it, or that held the form.

        Where htmx asks, the whole page goes there, and not the part that it would fill.
        """
        answer: HttpResponse
        if request.headers.get("HX-Request") == "true":
            answer = HttpResponseClientRedirect(redirect_to_login(_page(request, "HX-Current-URL")).url)
        elif request.method == "POST":
            answer = redirect_to_login(_page(request, "Referer"))
        else:
            answer = super().handle_no_permission(request, view_func)
        patch_vary_headers(answer, ["HX-Request", "HX-Current-URL"])
        return answer


def _page(request: HttpRequest, header: str) -> str:
    """The page of ours that `header` names; the first one if it names none."""
    said = request.headers.get(header, "")
    if said.startswith(("http://", "https://")) and url_has_allowed_host_and_scheme(said, {request.get_host()}):
        parts = urlsplit(said)
        return f"/{parts.path.lstrip('/')}{'?' if parts.query else ''}{parts.query}"
    return resolve_url(settings.LOGIN_REDIRECT_URL)
