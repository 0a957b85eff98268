"""The board of all projects."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.db.models import F
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from apps.adoption.board import BoardFilter
from apps.catalog import FACTORS
from apps.dashboard.board import Board
from apps.dashboard.requests import page_or_fragment, wants_fragment
from apps.scans.models import Phase, ScanCause
from apps.scans.services import request_scans
from apps.teams.access import Action, teams_where
from apps.teams.models import Project
from apps.teams.reading import for_readers

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser, User
    from django.http import HttpRequest, HttpResponse
    from django_stubs_ext import StrOrPromise

    from apps.dashboard.requests import SignedIn
    from apps.teams.models import ProjectQuerySet

SORTS = [
    ("name", _("By name")), ("-name", _("By name, Z first")), ("score", _("Lowest score")),
    ("-score", _("Highest score")), ("-move", _("Biggest move")), ("-trend", _("Best 90 days")),
    ("trend", _("Worst 90 days")), ("scan", _("Oldest scan")), ("-scan", _("Newest scan")),
]  # fmt: skip
KINDS = [
    ("serves", _("Serves")),
    ("trains", _("Trains")),
    ("batch", _("Runs batch jobs")),
]
MOST_SCANS = 200  # that one click may ask for
MARKS = [("stale", _("Stale")), ("contested", _("Contested")), ("waived", _("Waived"))]


@require_safe
@for_readers
@page_or_fragment
def overview(request: HttpRequest) -> HttpResponse:
    board = Board(BoardFilter.from_query(request.GET), request.GET.get("page", ""))
    shown = _shown(board, scannable(request.user, board.wanted).count())
    if wants_fragment(request):
        return render(request, "overview/_swap.html", shown)
    board.fetched()
    context = shown | {
        "page": "overview",
        "kinds": KINDS,
        "marks": MARKS,
        "may_add": teams_where(request.user, Action.ADD_PROJECT).exists(),
    }
    return render(request, "overview/page.html", context)


@require_POST
@page_or_fragment
def scan(request: SignedIn) -> HttpResponse:
    """Asks for a scan of each project that the filters show and the person may scan, the longest unseen first."""
    if not teams_where(request.user, Action.SCAN).exists():
        raise Http404
    projects = scannable(request.user, BoardFilter.from_query(request.GET))
    waiting = projects.filter(scans__phase=Phase.PENDING, scans__cause=ScanCause.PERSON)
    left = projects.exclude(pk__in=waiting.values("pk")).order_by(
        F("scorecard__scanned_at").asc(nulls_first=True), "pk"
    )
    asked = request_scans(projects=left[:MOST_SCANS], by=request.user)
    messages.success(request, _answer(asked, left.count() if asked == MOST_SCANS else 0))
    if not wants_fragment(request):
        return redirect(f"{reverse('overview')}?{request.GET.urlencode()}")
    board = Board(BoardFilter.from_query(request.GET), request.GET.get("page", ""))
    return render(request, "overview/_swap.html", _shown(board, projects.count()))


def scannable(user: User | AnonymousUser, wanted: BoardFilter) -> ProjectQuerySet:
    """Of the projects that the board shows, all pages of it, those that `user` may have scanned."""
    return wanted.matching(Project.objects.active()).filter(team__in=teams_where(user, Action.SCAN))


def _shown(board: Board, scannable: int) -> dict[str, object]:
    """What both the page and its swap show."""
    return {"board": board, "factors": FACTORS, "sorts": sorts_for(board.wanted.sort), "scannable": scannable}


def sorts_for(sort: str) -> list[tuple[str, StrOrPromise]]:
    """The orders that one chooses from; the highest of a factor is among them while the board is in that order."""
    lowest = [(f"f{one.number}", _("Lowest %(factor)s") % {"factor": one.name}) for one in FACTORS]
    highest = [(f"-f{one.number}", _("Highest %(factor)s") % {"factor": one.name}) for one in FACTORS]
    return [*SORTS, *lowest, *(one for one in highest if one[0] == sort)]


def _answer(asked: int, left: int) -> str:
    if not asked:
        return gettext("They all wait for a scan already.")
    said = ngettext("%(count)s scan is asked for.", "%(count)s scans are asked for.", asked) % {"count": asked}
    if not left:
        return said
    rest = ngettext("%(count)s more waits for another click.", "%(count)s more wait for another click.", left)
    return f"{said} {rest % {'count': left}}"
