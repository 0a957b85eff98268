"""What an error of ours looks like: a fault of the program, or a database that is away and will be back."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from django.db import InterfaceError, OperationalError
from django.http import HttpResponse
from django.template.loader import render_to_string
from django.views.defaults import server_error

if TYPE_CHECKING:
    from django.http import HttpRequest

RETRY_AFTER = 10  # seconds


def broken(request: HttpRequest) -> HttpResponse:
    """Asks neither session nor database for anything: whichever broke may be the reason."""
    if isinstance(sys.exc_info()[1], (OperationalError, InterfaceError)):
        page = render_to_string("503.html", {"theme": ""})
        return HttpResponse(page, status=503, headers={"Retry-After": str(RETRY_AFTER)})
    return server_error(request)
