"""The board of all projects."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import render
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from apps.adoption.board import BoardFilter
from apps.dashboard import board
from apps.dashboard.requests import wants_fragment
from apps.teams.access import Action, teams_where
from apps.teams.reading import for_readers

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

SORTS = [("team", "By team"), ("score", "Lowest score"), ("name", "Name"), ("scan", "Oldest scan")]


@require_safe
@for_readers
@vary_on_headers("HX-Request")
def overview(request: HttpRequest) -> HttpResponse:
    shown = board.board(BoardFilter.from_query(request.GET))
    if wants_fragment(request):
        return render(request, "overview/_swap.html", {"board": shown})
    context = {
        "page": "overview",
        "board": shown,
        "sorts": SORTS,
        "may_add": teams_where(request.user, Action.ADD_PROJECT).exists(),
    }
    return render(request, "overview/page.html", context)
