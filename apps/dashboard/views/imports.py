"""Adding many projects at once: a list, its preview, and the projects."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from apps.dashboard.forms.imports import ImportForm
from apps.dashboard.importing import add_all, read_sheet
from apps.teams.access import Action, teams_where

if TYPE_CHECKING:
    from django.http import HttpResponse

    from apps.dashboard.importing import Outcome
    from apps.dashboard.requests import SignedIn


@require_http_methods(["GET", "HEAD", "POST"])
def bulk(request: SignedIn) -> HttpResponse:
    if not teams_where(request.user, Action.ADD_PROJECT).exists():
        raise Http404
    form = ImportForm(request.POST or None, request.FILES or None, user=request.user)
    if request.method != "POST" or not form.is_valid():
        return render(request, "project/import.html", {"form": form}, status=422 if form.errors else 200)
    text, team = form.cleaned_data["text"], form.cleaned_data["team"]
    sheet = read_sheet(text, team=team, user=request.user)
    if "confirmed" in request.POST and sheet.good:
        _tell(request, add_all(sheet, by=request.user))
        return redirect("overview")
    context = {"form": form, "sheet": sheet, "text": text, "team": team}
    return render(request, "project/import.html", context)


def _tell(request: SignedIn, outcome: Outcome) -> None:
    """What came, and what did not, each only when there is any."""
    if count := outcome.added:
        said = ngettext(
            "%(count)s project added. Its first scan has begun.",
            "%(count)s projects added. Their first scans have begun.",
            count,
        )
        messages.success(request, said % {"count": count})
    if count := outcome.refused:
        said = ngettext(
            "%(count)s row was left out: you add no projects to its team any more.",
            "%(count)s rows were left out: you add no projects to their team any more.",
            count,
        )
        messages.error(request, said % {"count": count})
    if count := outcome.there:
        said = ngettext(
            "%(count)s row was left out: somebody else added it meanwhile.",
            "%(count)s rows were left out: somebody else added them meanwhile.",
            count,
        )
        messages.warning(request, said % {"count": count})
