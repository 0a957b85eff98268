"""Answers probes whatever host they name: a platform asks a container by its address, which no setting can foresee."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.urls import resolve

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponseBase

PROBES = {"/healthz", "/readyz"}


def answer_probes(get_response: Callable[[HttpRequest], HttpResponseBase]) -> Callable[[HttpRequest], HttpResponseBase]:
    """Middleware. Stands before those that look at the host; neither answer holds an address made from it."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        if request.path_info not in PROBES:
            return get_response(request)
        request.resolver_match = match = resolve(request.path_info)
        answer: HttpResponseBase = match.func(request)
        return answer

    return middleware
