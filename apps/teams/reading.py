"""Which pages may be read without signing in, where the deployment says `PUBLIC_READ`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from django.conf import settings
from django.contrib.auth.middleware import LoginRequiredMiddleware

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponseBase

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
