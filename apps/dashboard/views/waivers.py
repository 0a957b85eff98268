"""Accepting that an item is not met for a while, taking that back, and accepting what the repository asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from apps.adoption.services import NothingToUndo, StaleVersion, grant_waiver, revoke_waiver, undo_waiver
from apps.dashboard.forms.items import WaiverForm
from apps.dashboard.requests import page_or_fragment
from apps.dashboard.views.items import changed, item_of, saved, seen, show_form
from apps.teams.access import Action

if TYPE_CHECKING:
    from django.http import HttpResponse, QueryDict

    from apps.dashboard.project_page import ItemView
    from apps.dashboard.requests import SignedIn

CHANGED = gettext_lazy("The item or its exception changed meanwhile. Look again, then accept.")


@require_http_methods(["GET", "HEAD", "POST"])
@page_or_fragment
def waive(request: SignedIn, slug: str, item: str) -> HttpResponse:
    view, shown = item_of(request, slug, item, Action.WAIVE)
    form = _form(shown, request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return show_form(request, "waive", view, shown, form)
    try:
        grant_waiver(project=view.project, item=item, by=request.user, **form.cleaned_data)
    except StaleVersion:
        return _conflict(request, slug, item)
    return saved(request, slug, item, _("The item is waived."), undo="undo-waiver")


@require_POST
@page_or_fragment
def revoke(request: SignedIn, slug: str, item: str) -> HttpResponse:
    view, _shown = item_of(request, slug, item, Action.WAIVE)
    try:
        revoke_waiver(project=view.project, item=item, by=request.user, version=seen(request))
    except StaleVersion:
        return _conflict(request, slug, item)
    return saved(request, slug, item, _("The waiver is revoked."), undo="undo-waiver")


@require_POST
@page_or_fragment
def accept(request: SignedIn, slug: str, item: str) -> HttpResponse:
    """Makes a waiver of the exception that the repository proposes, if it is still the one that the person saw."""
    view, shown = item_of(request, slug, item, Action.WAIVE)
    proposal = shown.proposal
    if proposal is None or proposal.is_over or proposal.mark != request.POST.get("mark"):
        return changed(request, slug, item, CHANGED)
    reason, until = proposal.reason, proposal.until
    try:
        grant_waiver(
            project=view.project, item=item, reason=reason, until=until, by=request.user, version=seen(request)
        )
    except StaleVersion:
        return changed(request, slug, item, CHANGED)
    return saved(request, slug, item, _("The exception is accepted as a waiver."), undo="undo-waiver")


@require_POST
@page_or_fragment
def undo(request: SignedIn, slug: str, item: str, version: int) -> HttpResponse:
    view, _shown = item_of(request, slug, item, Action.WAIVE)
    try:
        undo_waiver(project=view.project, item=item, by=request.user, version=version)
    except (StaleVersion, NothingToUndo):
        return changed(request, slug, item)
    return saved(request, slug, item, _("Undone."))


def _form(shown: ItemView, typed: QueryDict | None) -> WaiverForm:
    waiver, standing = shown.line.waiver, shown.line.standing
    begin = {
        "reason": waiver.reason if waiver else "",
        "until": waiver.until.isoformat() if waiver else WaiverForm.default_end(),
        "version": standing.version,
    }
    return WaiverForm(typed, initial=begin, auto_id=f"{shown.anchor}-%s")


def _conflict(request: SignedIn, slug: str, item: str) -> HttpResponse:
    """Somebody was faster: the newer state, and what was typed, ready to be sent again."""
    view, shown = item_of(request, slug, item, Action.WAIVE)
    typed = request.POST.copy()
    typed["version"] = str(shown.line.standing.version)
    return show_form(request, "waive", view, shown, _form(shown, typed), conflict=True)
