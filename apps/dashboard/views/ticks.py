"""Ticking an item, clearing the tick, and taking either back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from apps.adoption.services import NothingToUndo, StaleVersion, attest, clear_attestation, undo_tick
from apps.catalog import State
from apps.dashboard.forms.items import TickForm
from apps.dashboard.requests import page_or_fragment
from apps.dashboard.views.items import changed, item_of, saved, seen, show_form
from apps.teams.access import Action

if TYPE_CHECKING:
    from django.http import HttpResponse, QueryDict

    from apps.dashboard.project_page import ItemView
    from apps.dashboard.requests import SignedIn


@require_http_methods(["GET", "HEAD", "POST"])
@page_or_fragment
def tick(request: SignedIn, slug: str, item: str) -> HttpResponse:
    view, shown = item_of(request, slug, item, Action.TICK)
    form = _form(shown, request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return show_form(request, "tick", view, shown, form)
    said = form.cleaned_data | {"state": State(form.cleaned_data["state"])}
    try:
        attest(project=view.project, item=item, by=request.user, **said)
    except StaleVersion:
        return _conflict(request, slug, item)
    return saved(request, slug, item, _("Your tick is saved."), undo="undo-tick")


@require_POST
@page_or_fragment
def clear(request: SignedIn, slug: str, item: str) -> HttpResponse:
    view, _shown = item_of(request, slug, item, Action.TICK)
    try:
        clear_attestation(project=view.project, item=item, by=request.user, version=seen(request))
    except StaleVersion:
        return _conflict(request, slug, item)
    return saved(request, slug, item, _("The tick is cleared."), undo="undo-tick")


@require_POST
@page_or_fragment
def undo(request: SignedIn, slug: str, item: str, version: int) -> HttpResponse:
    view, _shown = item_of(request, slug, item, Action.TICK)
    try:
        undo_tick(project=view.project, item=item, by=request.user, version=version)
    except (StaleVersion, NothingToUndo):
        return changed(request, slug, item)
    return saved(request, slug, item, _("Undone."))


def _form(shown: ItemView, typed: QueryDict | None) -> TickForm:
    tick, standing = shown.line.tick, shown.line.standing
    begin = {
        "state": tick.state if tick else State.MET,
        "note": tick.note if tick else "",
        "evidence_url": tick.evidence_url if tick else "",
        "expires_at": TickForm.default_end(),
        "version": standing.version,
    }
    return TickForm(typed, initial=begin, auto_id=f"{shown.anchor}-%s")


def _conflict(request: SignedIn, slug: str, item: str) -> HttpResponse:
    """Somebody was faster: the newer state, and what was typed, ready to be sent again."""
    view, shown = item_of(request, slug, item, Action.TICK)
    typed = request.POST.copy()
    typed["version"] = str(shown.line.standing.version)
    return show_form(request, "tick", view, shown, _form(shown, typed), conflict=True)
