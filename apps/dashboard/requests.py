"""Requests as views meet them: who asks is known, and htmx asks for fragments."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import HttpRequest
from django.views.decorators.vary import vary_on_headers

if TYPE_CHECKING:
    from django.contrib.auth.models import User


class SignedIn(HttpRequest):
    """For types only: behind `LoginRequiredMiddleware` the user is never anonymous."""

    user: User


# Marks a view whose answer depends on `wants_fragment`, so that no cache gives a page for a fragment.
page_or_fragment = vary_on_headers("HX-Request", "HX-History-Restore-Request")


def wants_fragment(request: HttpRequest) -> bool:
    """Whether htmx asks, and not to restore a page of its history."""
    return request.headers.get("HX-Request") == "true" and "HX-History-Restore-Request" not in request.headers
