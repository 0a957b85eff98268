"""All teams, and one team's scorecard."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from apps.dashboard.requests import wants_fragment
from apps.dashboard.team_list import TeamList
from apps.dashboard.team_page import TeamPage
from apps.teams.access import Action, require, teams_where
from apps.teams.models import Team
from apps.teams.reading import for_readers

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


@require_safe
@for_readers
def teams(request: HttpRequest) -> HttpResponse:
    view = TeamList(sort=request.GET.get("sort", ""), page=request.GET.get("page", ""))
    return render(request, "team/list.html", {"page": "teams", "view": view.fetched()})


@require_safe
@for_readers
@vary_on_headers("HX-Request")
def team(request: HttpRequest, slug: str) -> HttpResponse:
    shown = get_object_or_404(Team, slug=slug)
    require(request.user, Action.VIEW, shown)
    view = TeamPage(shown, days=request.GET.get("days", ""), page=request.GET.get("page", ""))
    if wants_fragment(request):
        return render(request, "team/_moves.html", {"view": view.fetched("movement")})
    may_add = teams_where(request.user, Action.ADD_PROJECT).filter(pk=shown.pk).exists()
    return render(request, "team/page.html", {"page": "teams", "view": view.fetched(), "may_add": may_add})
