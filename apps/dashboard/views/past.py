"""A project's past: all that happened, and two scans side by side."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING

from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_http_methods, require_safe

from apps.dashboard.comparison import chosen, compare, points_of
from apps.dashboard.requests import page_or_fragment, wants_fragment
from apps.dashboard.timeline import timeline_of
from apps.dashboard.views.projects import page_of
from apps.scans.backfills import cancel_backfill, request_backfill
from apps.teams.access import Action
from apps.teams.reading import for_readers

if TYPE_CHECKING:
    from datetime import datetime

    from django.http import HttpResponse

    from apps.dashboard.requests import SignedIn


@require_safe
@for_readers
def timeline(request: SignedIn, slug: str) -> HttpResponse:
    view = page_of(request, slug, Action.VIEW)
    before = _moment(request.GET.get("before", ""))
    view.fetched("series", "past", "actions")
    context = {"view": view, "timeline": timeline_of(view.project, before=before), "paged": before}
    return render(request, "project/history.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@for_readers
@page_or_fragment
def backfill(request: SignedIn, slug: str) -> HttpResponse:
    """GET: how far the reading of past commits is. POST: ask for it, or cancel it."""
    posted = request.method == "POST"
    view = page_of(request, slug, Action.EDIT_PROJECT if posted else Action.VIEW)
    if posted and request.POST.get("do") == "cancel":
        cancel_backfill(project=view.project, by=request.user)
    elif posted and not view.project.archived_at:
        request_backfill(project=view.project, by=request.user)
    if not wants_fragment(request):
        return redirect("project-history", view.project.slug)
    return render(request, "project/_past.html", {"view": view.fetched("past", "actions")})


@require_safe
@for_readers
def comparison(request: SignedIn, slug: str) -> HttpResponse:
    view = page_of(request, slug, Action.VIEW)
    points = points_of(view.project)
    pair = chosen(points, request.GET.get("from", ""), request.GET.get("to", ""))
    compared = compare(view.project, *pair) if pair else None
    return render(request, "project/compare.html", {"view": view, "points": points, "compared": compared})


def _moment(text: str) -> datetime | None:
    """The moment that an address names, in UTC, because a database knows fewer zones; None for what is none."""
    try:
        moment = parse_datetime(text)
        return moment.astimezone(UTC) if moment and timezone.is_aware(moment) else None
    except (ValueError, OverflowError):
        return None
