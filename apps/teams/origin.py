"""From where a request came, read through the proxies that the settings trust and through no others."""

from __future__ import annotations

from contextvars import ContextVar
from ipaddress import ip_address
from typing import TYPE_CHECKING

from django.conf import settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse

_origin: ContextVar[str | None] = ContextVar("origin", default=None)


def origin() -> str | None:
    """The address behind the request that is being answered; None outside of requests."""
    return _origin.get()


def client_address(request: HttpRequest) -> str | None:
    """The address that the outermost trusted proxy saw; the peer's own without a trusted proxy.

    Each proxy appends the address it was called from, so only the last `TRUSTED_PROXY_COUNT` entries are facts.
    """
    count = settings.TRUSTED_PROXY_COUNT
    hops = [hop.strip() for hop in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if hop.strip()]
    return _address(hops[-count] if len(hops) >= count > 0 else request.META.get("REMOTE_ADDR", ""))


def _address(text: str) -> str | None:
    try:
        return str(ip_address(text))
    except ValueError:
        return None


class OriginMiddleware:
    """Keeps the request's address at hand for whatever the request changes."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        token = _origin.set(client_address(request))
        try:
            return self.get_response(request)
        finally:
            _origin.reset(token)
