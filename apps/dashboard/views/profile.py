"""What a project is: one claim of its profile, and correcting it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.adoption.corrections import StaleCorrection
from apps.dashboard.correcting import clear_and_scan, correct_and_scan
from apps.dashboard.forms.items import CorrectionForm
from apps.dashboard.requests import page_or_fragment, wants_fragment
from apps.dashboard.views.items import seen
from apps.dashboard.views.projects import page_of
from apps.teams.access import Action
from apps.teams.reading import for_readers

if TYPE_CHECKING:
    from django.http import HttpResponse, QueryDict

    from apps.dashboard.claims import ClaimView
    from apps.dashboard.project_page import ProjectPage
    from apps.dashboard.requests import SignedIn


@require_safe
@for_readers
@page_or_fragment
def claim(request: SignedIn, slug: str, claim: str) -> HttpResponse:
    """The claim's line, to close a form that was opened in its place."""
    view, shown = _claim_of(request, slug, claim, Action.VIEW)
    if not wants_fragment(request):
        return _back(view, shown)
    return render(request, "project/_claim.html", {"view": view.fetched("actions"), "claim": shown})


@require_http_methods(["GET", "HEAD", "POST"])
@page_or_fragment
def correct(request: SignedIn, slug: str, claim: str) -> HttpResponse:
    view, shown = _claim_of(request, slug, claim, Action.TICK)
    form = _form(shown, request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return _show(request, view, shown, form)
    holds, version = form.cleaned_data["holds"] == "yes", form.cleaned_data["version"]
    try:
        correct_and_scan(project=view.project, claim=claim, holds=holds, by=request.user, seen=version)
    except StaleCorrection:
        return _conflict(request, slug, claim)
    return _saved(request, slug, claim, _("Your correction is saved. A scan takes it up."))


@require_POST
@page_or_fragment
def clear(request: SignedIn, slug: str, claim: str) -> HttpResponse:
    view, _shown = _claim_of(request, slug, claim, Action.TICK)
    try:
        clear_and_scan(project=view.project, claim=claim, by=request.user, seen=seen(request))
    except StaleCorrection:
        return _conflict(request, slug, claim)
    return _saved(request, slug, claim, _("The correction is cleared. A scan looks again."))


def _claim_of(request: SignedIn, slug: str, claim: str, action: Action) -> tuple[ProjectPage, ClaimView]:
    view = page_of(request, slug, action)
    shown = view.claim(claim)
    if shown is None:
        raise Http404
    return view, shown


def _form(shown: ClaimView, typed: QueryDict | None) -> CorrectionForm:
    begin = {"holds": shown.answer, "version": shown.version}
    return CorrectionForm(typed, initial=begin, auto_id=f"{shown.anchor}-%s")


def _show(
    request: SignedIn, view: ProjectPage, shown: ClaimView, form: CorrectionForm, *, conflict: bool = False
) -> HttpResponse:
    template = "project/_correct.html" if wants_fragment(request) else "project/correct.html"
    context = {"view": view, "claim": shown, "form": form, "conflict": conflict}
    return render(request, template, context, status=409 if conflict else 422 if form.errors else 200)


def _conflict(request: SignedIn, slug: str, claim: str) -> HttpResponse:
    """Somebody was faster: what they said, and what was chosen here, ready to be sent again."""
    view, shown = _claim_of(request, slug, claim, Action.TICK)
    typed = request.POST.copy()
    typed["version"] = str(shown.version)
    return _show(request, view, shown, _form(shown, typed if "holds" in typed else None), conflict=True)


def _saved(request: SignedIn, slug: str, claim: str, message: str) -> HttpResponse:
    """The line as it is now, and the scan that was asked for."""
    messages.success(request, message)
    view, shown = _claim_of(request, slug, claim, Action.TICK)
    if not wants_fragment(request):
        return _back(view, shown)
    context = {"view": view.fetched("actions", "scan", "card"), "claim": shown, "oob": True}
    return render(request, "project/_claim_saved.html", context)


def _back(view: ProjectPage, shown: ClaimView) -> HttpResponse:
    return redirect(f"{view.project.get_absolute_url()}#{shown.anchor}")
