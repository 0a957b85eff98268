"""One line in the log for each request, under an id that every line of its work carries and its answer names."""

from __future__ import annotations

import re
import time
import uuid
from typing import TYPE_CHECKING

import structlog

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponseBase

log = structlog.get_logger("twelvefold.requests")

HEADER = "X-Request-ID"
FOREIGN_ID = re.compile(r"[A-Za-z0-9._-]{8,64}", re.ASCII)
SIGNS_OF_LIFE = {"healthz", "readyz", "metrics"}  # asked every few seconds; they are worth a line when they fail


def log_requests(get_response: Callable[[HttpRequest], HttpResponseBase]) -> Callable[[HttpRequest], HttpResponseBase]:
    """Middleware. Names the route rather than the address: a path or a query may hold what nobody should read."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        begun = time.perf_counter()
        given = request.headers.get(HEADER, "")
        request_id = given if FOREIGN_ID.fullmatch(given) else uuid.uuid4().hex
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            response = get_response(request)
            response[HEADER] = request_id
            route = request.resolver_match.view_name if request.resolver_match else ""
            quiet = route in SIGNS_OF_LIFE and response.status_code < 400
            log.log(
                10 if quiet else 20,
                "request",
                method=request.method,
                route=route,
                status=response.status_code,
                ms=round((time.perf_counter() - begun) * 1000, 1),
            )
        return response

    return middleware
