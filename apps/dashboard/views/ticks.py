"""One item of a project: reading it, ticking it, clearing the tick, accepting the exception that it asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from apps.adoption.models import Standing
from apps.adoption.services import StaleVersion, attest, clear_attestation, grant_waiver
from apps.catalog import ITEMS, State
from apps.dashboard.forms import TickForm
from apps.dashboard.requests import wants_fragment
from apps.dashboard.views.projects import page_of
from apps.teams.access import Action

if TYPE_CHECKING:
    from django.http import HttpResponse, QueryDict

    from apps.dashboard.project_page import ItemView, ProjectPage
    from apps.dashboard.requests import SignedIn

CHANGED = "The item or its exception changed meanwhile. Look again, then accept."


@require_safe
@vary_on_headers("HX-Request")
def item(request: SignedIn, slug: str, item: str) -> HttpResponse:
    """The item's line, to close a form that was opened in its place."""
    view, shown = _item_of(request, slug, item, Action.VIEW)
    if not wants_fragment(request):
        return redirect(f"{view.project.get_absolute_url()}#{shown.anchor}")
    return render(request, "project/_item.html", {"view": view.fetched("card", "actions"), "item": shown})


@require_http_methods(["GET", "HEAD", "POST"])
@vary_on_headers("HX-Request")
def tick(request: SignedIn, slug: str, item: str) -> HttpResponse:
    view, shown = _item_of(request, slug, item, Action.TICK)
    form = _form(shown, request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return _show_form(request, view, shown, form, code=422 if form.errors else 200)
    said = form.cleaned_data
    try:
        attest(
            project=view.project,
            item=item,
            state=State(said["state"]),
            note=said["note"],
            evidence_url=said["evidence_url"],
            expires_at=said["expires_on"],
            by=request.user,
            version=said["version"],
        )
    except StaleVersion:
        return _conflict(request, slug, item)
    return _saved(request, slug, item, "Your tick is saved.")


@require_POST
@vary_on_headers("HX-Request")
def clear(request: SignedIn, slug: str, item: str) -> HttpResponse:
    view, _ = _item_of(request, slug, item, Action.TICK)
    try:
        clear_attestation(project=view.project, item=item, by=request.user, version=_seen(request))
    except StaleVersion:
        return _conflict(request, slug, item)
    return _saved(request, slug, item, "The tick is cleared.")


@require_POST
@vary_on_headers("HX-Request")
def accept(request: SignedIn, slug: str, item: str) -> HttpResponse:
    """Makes a waiver of the exception that the repository proposes, if it is still the one that the person saw."""
    view, shown = _item_of(request, slug, item, Action.WAIVE)
    proposal = shown.proposal
    if proposal is None or proposal.is_over or proposal.mark != request.POST.get("mark"):
        return _changed(request, slug, item, CHANGED)
    try:
        grant_waiver(
            project=view.project,
            item=item,
            reason=proposal.reason,
            until=proposal.until,
            by=request.user,
            version=_seen(request),
        )
    except StaleVersion:
        return _changed(request, slug, item, CHANGED)
    return _saved(request, slug, item, "The exception is accepted as a waiver.")


def _seen(request: SignedIn) -> int:
    """The version of the standing that the person saw; 0, which none has, for what is no number."""
    version = request.POST.get("version", "")
    return int(version) if version.isdecimal() and len(version) < 10 else 0


def _item_of(request: SignedIn, slug: str, item: str, action: Action) -> tuple[ProjectPage, ItemView]:
    view = page_of(request, slug, action)
    if item not in ITEMS:
        raise Http404
    try:
        return view, view.item(item)
    except Standing.DoesNotExist as missing:
        raise Http404 from missing


def _form(shown: ItemView, typed: QueryDict | None) -> TickForm:
    tick, standing = shown.line.tick, shown.line.standing
    begin = {
        "state": tick.state if tick else State.MET,
        "note": tick.note if tick else "",
        "evidence_url": tick.evidence_url if tick else "",
        "expires_on": TickForm.default_end(),
        "version": standing.version,
    }
    return TickForm(typed, initial=begin, auto_id=f"{shown.anchor}-%s")


def _show_form(
    request: SignedIn, view: ProjectPage, shown: ItemView, form: TickForm, *, code: int, conflict: bool = False
) -> HttpResponse:
    template = "project/_tick.html" if wants_fragment(request) else "project/tick.html"
    context = {"view": view, "item": shown, "form": form, "conflict": conflict}
    return render(request, template, context, status=code)


def _conflict(request: SignedIn, slug: str, item: str) -> HttpResponse:
    """Somebody was faster: the newer state, and what was typed, ready to be sent again."""
    view, shown = _item_of(request, slug, item, Action.TICK)
    typed = request.POST.copy()
    typed["version"] = str(shown.line.standing.version)
    return _show_form(request, view, shown, _form(shown, typed), code=409, conflict=True)


def _saved(request: SignedIn, slug: str, item: str, message: str) -> HttpResponse:
    messages.success(request, message)
    return _anew(request, slug, item, code=200)


def _changed(request: SignedIn, slug: str, item: str, message: str) -> HttpResponse:
    messages.error(request, message)
    return _anew(request, slug, item, code=409)


def _anew(request: SignedIn, slug: str, item: str, *, code: int) -> HttpResponse:
    """The item's line and the scores, as they are now."""
    view, shown = _item_of(request, slug, item, Action.TICK)
    if not wants_fragment(request):
        return redirect(f"{view.project.get_absolute_url()}#{shown.anchor}")
    context = {"view": view, "item": shown, "factor": view.factor_of(item), "oob": True}
    view.fetched("card", "lines", "series", "actions")
    return render(request, "project/_item_saved.html", context, status=code)
