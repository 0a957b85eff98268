"""The history of all teams."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import render
from django.views.decorators.http import require_safe

from apps.dashboard.history_page import HistoryPage
from apps.dashboard.requests import page_or_fragment, wants_fragment
from apps.teams.access import Action, teams_where
from apps.teams.reading import for_readers

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


@require_safe
@for_readers
@page_or_fragment
def history(request: HttpRequest) -> HttpResponse:
    asked = request.GET
    slug = asked.get("team", "").replace("\0", "")
    team = teams_where(request.user, Action.VIEW).filter(slug=slug).first() if slug else None
    view = HistoryPage(days=asked.get("days", ""), team=team, order=asked.get("order", ""), page=asked.get("page", ""))
    template = "history/_body.html" if wants_fragment(request) else "history/page.html"
    return render(request, template, {"page": "history", "view": view.fetched()})
