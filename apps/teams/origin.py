"""From where a request came, read through the proxies that the settings trust and through no others."""

from __future__ import annotations

import re
from contextvars import ContextVar
from ipaddress import ip_address
from typing import TYPE_CHECKING

from django.conf import settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse

WRITTEN = re.compile(r"(?:\[(?P<six>[0-9a-fA-F:.]+)\](?::[0-9]+)?|(?P<four>[0-9.]+):[0-9]+)", re.ASCII)

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
    """As it is always written: some proxies add the port, and a socket of both kinds writes IPv4 as IPv6."""
    match = WRITTEN.fullmatch(text)
    try:
        address = ip_address(match["six"] or match["four"] if match else text.partition("%")[0])
    except ValueError:
        return None
    return str(getattr(address, "ipv4_mapped", None) or address)


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
