"""One item of a project: its line, and what every change of it has in common."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from apps.adoption.models import Standing
from apps.catalog import ITEMS
from apps.dashboard.requests import page_or_fragment, wants_fragment
from apps.dashboard.views.projects import page_of
from apps.teams.access import Action
from apps.teams.reading import for_readers

if TYPE_CHECKING:
    from django.forms import Form
    from django.http import HttpResponse
    from django_stubs_ext import StrOrPromise

    from apps.dashboard.project_page import ItemView, ProjectPage
    from apps.dashboard.requests import SignedIn

CHANGED = gettext_lazy("Somebody changed this item meanwhile. Look again, then decide.")


@require_safe
@for_readers
@page_or_fragment
def item(request: SignedIn, slug: str, item: str) -> HttpResponse:
    """The item's line, to close a form that was opened in its place."""
    view, shown = item_of(request, slug, item, Action.VIEW)
    if not wants_fragment(request):
        return redirect(f"{view.project.get_absolute_url()}#{shown.anchor}")
    return render(request, "project/_item.html", {"view": view.fetched("card", "actions"), "item": shown})


def item_of(request: SignedIn, slug: str, item: str, action: Action) -> tuple[ProjectPage, ItemView]:
    view = page_of(request, slug, action)
    if item not in ITEMS:
        raise Http404
    try:
        return view, view.item(item)
    except Standing.DoesNotExist as missing:
        raise Http404 from missing


def seen(request: SignedIn) -> int:
    """The version of the standing that the person saw; 0, which none has, for what is no number."""
    version = request.POST.get("version", "")
    return int(version) if version.isdecimal() and len(version) < 10 else 0


def show_form(
    request: SignedIn, name: str, view: ProjectPage, shown: ItemView, form: Form, *, conflict: bool = False
) -> HttpResponse:
    """The form called `name` in place of the item's line, or on a page of its own."""
    template = f"project/_{name}.html" if wants_fragment(request) else f"project/{name}.html"
    context = {"view": view.fetched("actions"), "item": shown, "form": form, "conflict": conflict}
    return render(request, template, context, status=409 if conflict else 422 if form.errors else 200)


def saved(request: SignedIn, slug: str, item: str, message: str, *, undo: str = "") -> HttpResponse:
    """The line and the scores as they are now, and the way back: the name of the address that undoes."""
    view, shown = item_of(request, slug, item, Action.TICK)
    back = reverse(undo, args=[slug, item, shown.line.standing.version]) if undo else ""
    messages.success(request, message, extra_tags=back)
    if not wants_fragment(request):
        return redirect(f"{view.project.get_absolute_url()}#{shown.anchor}")
    return _anew(request, view, shown, code=200)


def changed(request: SignedIn, slug: str, item: str, message: StrOrPromise = CHANGED) -> HttpResponse:
    """Nothing was stored: the line as it is now, with the reason."""
    view, shown = item_of(request, slug, item, Action.TICK)
    if not wants_fragment(request):
        return render(request, "409.html", {"view": view, "item": shown, "message": message}, status=409)
    messages.error(request, message)
    return _anew(request, view, shown, code=409)


def _anew(request: SignedIn, view: ProjectPage, shown: ItemView, *, code: int) -> HttpResponse:
    view.fetched("card", "lines", "series", "actions")
    context = {"view": view, "item": shown, "factor": view.factor_of(shown.line.item.id), "oob": True}
    response = render(request, "project/_item_saved.html", context, status=code)
    # A toast that undoes stands elsewhere on the page than the line that it changes.
    response["HX-Retarget"] = f"#{shown.anchor}"
    response["HX-Reswap"] = "outerHTML"
    return response
