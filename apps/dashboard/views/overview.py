"""The board of all projects."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from apps.adoption.board import BoardFilter
from apps.catalog import FACTORS
from apps.dashboard.board import Board
from apps.dashboard.requests import page_or_fragment, wants_fragment
from apps.teams.access import Action, teams_where
from apps.teams.reading import for_readers

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

SORTS = [
    ("name", _("Name")), ("score", _("Lowest score")), ("-score", _("Highest score")), ("-move", _("Biggest move")),
    ("-trend", _("Best 90 days")), ("trend", _("Worst 90 days")), ("scan", _("Oldest scan")),
]  # fmt: skip
KINDS = [
    ("serves", _("Serves")),
    ("trains", _("Trains")),
    ("batch", _("Runs batch jobs")),
]
MARKS = [("stale", _("Stale")), ("contested", _("Contested")), ("waived", _("Waived"))]


@require_safe
@for_readers
@page_or_fragment
def overview(request: HttpRequest) -> HttpResponse:
    board = Board(BoardFilter.from_query(request.GET), request.GET.get("page", ""))
    if wants_fragment(request):
        return render(request, "overview/_swap.html", {"board": board, "factors": FACTORS})
    context = {
        "page": "overview",
        "board": board.fetched(),
        "factors": FACTORS,
        "sorts": [*SORTS, *((f"f{one.number}", _("Lowest %(factor)s") % {"factor": one.name}) for one in FACTORS)],
        "kinds": KINDS,
        "marks": MARKS,
        "may_add": teams_where(request.user, Action.ADD_PROJECT).exists(),
    }
    return render(request, "overview/page.html", context)
