"""All teams, and one team's scorecard."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from apps.dashboard.requests import page_or_fragment, wants_fragment
from apps.dashboard.team_list import TeamList
from apps.dashboard.team_page import TeamPage
from apps.scans.services import request_scans
from apps.teams.access import Action, actions_of, require
from apps.teams.models import Project, Team
from apps.teams.reading import for_readers

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from apps.dashboard.requests import SignedIn


@require_safe
@for_readers
def teams(request: HttpRequest) -> HttpResponse:
    view = TeamList(sort=request.GET.get("sort", ""), page=request.GET.get("page", ""))
    return render(request, "team/list.html", {"page": "teams", "view": view.fetched()})


@require_safe
@for_readers
@page_or_fragment
def team(request: SignedIn, slug: str) -> HttpResponse:
    shown = get_object_or_404(Team, slug=slug)
    require(request.user, Action.VIEW, shown)
    view = TeamPage(shown, days=request.GET.get("days", ""), page=request.GET.get("page", ""))
    if wants_fragment(request):
        return render(request, "team/_moves.html", {"view": view.fetched("movement")})
    actions = actions_of(request.user, shown)
    return render(request, "team/page.html", {"page": "teams", "view": view.fetched(), "actions": actions})


@require_POST
def scan(request: SignedIn, slug: str) -> HttpResponse:
    """Asks for a scan of each project of the team."""
    shown = get_object_or_404(Team, slug=slug)
    require(request.user, Action.SCAN, shown)
    count = request_scans(projects=Project.objects.active().filter(team=shown), by=request.user)
    messages.success(
        request, ngettext("%(count)s scan is asked for.", "%(count)s scans are asked for.", count) % {"count": count}
    )
    return redirect("team", shown.slug)
