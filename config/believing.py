"""What Django would believe of a request and must not: the encoding that it names, and a session that cannot be."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler, WSGIRequest

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponseBase

SESSION = re.compile(r"[a-z0-9]{8,40}")


class Request(WSGIRequest):
    """Its address and its form are in UTF-8, as those of all our pages are.

    By a header's word Django would read both in any encoding that Python knows: some are none of text, some refuse what
    is asked of them, and some bring lone surrogates, which no database takes.
    """

    @property
    def encoding(self) -> None:
        """None: the usual one."""

    @encoding.setter
    def encoding(self, named: str | None) -> None:
        pass


class Handler(WSGIHandler):
    request_class = Request


def forget_impossible_sessions(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Middleware. A cookie may hold a NUL, and the database refuses to look for that."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        if not SESSION.fullmatch(request.COOKIES.get(settings.SESSION_COOKIE_NAME, "")):
            request.COOKIES.pop(settings.SESSION_COOKIE_NAME, None)
        return get_response(request)

    return middleware
