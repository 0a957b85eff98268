"""A project's settings: changing it, putting it into the archive and back, deleting it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.db import IntegrityError
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.adoption.board import card_of
from apps.dashboard.forms.projects import EditProjectForm
from apps.dashboard.keeping import archive_and_withdraw, edit_and_scan, restore_and_scan
from apps.dashboard.views.items import seen
from apps.dashboard.views.projects import page_of
from apps.teams.access import Action
from apps.teams.models import Project
from apps.teams.reading import for_readers
from apps.teams.services import StaleProject, delete_project

if TYPE_CHECKING:
    from django.http import HttpResponse

    from apps.dashboard.project_page import ProjectPage
    from apps.dashboard.requests import SignedIn


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: SignedIn, slug: str) -> HttpResponse:
    view = page_of(request, slug, Action.EDIT_PROJECT)
    form = EditProjectForm(request.POST or None, project=view.project, user=request.user)
    if request.method != "POST" or not form.is_valid():
        return _show(request, view, form, code=422 if form.errors else 200)
    try:
        edit_and_scan(project=view.project, by=request.user, **form.cleaned_data)
    except StaleProject:
        return _conflict(request, slug)
    except IntegrityError:
        form.add_error("url", _("Somebody added that repository to this team a moment ago."))
        return _show(request, view, form, code=422)
    messages.success(request, _("The settings are saved."))
    return redirect(view.project)


@require_POST
def archive(request: SignedIn, slug: str) -> HttpResponse:
    view = page_of(request, slug, Action.EDIT_PROJECT)
    try:
        archive_and_withdraw(project=view.project, version=seen(request), by=request.user)
    except StaleProject:
        return _conflict(request, slug)
    messages.success(request, _("%(name)s is in the archive.") % {"name": view.project.name})
    return redirect(view.project)


@require_POST
def restore(request: SignedIn, slug: str) -> HttpResponse:
    view = page_of(request, slug, Action.EDIT_PROJECT)
    try:
        restore_and_scan(project=view.project, version=seen(request), by=request.user)
    except StaleProject:
        return _conflict(request, slug)
    messages.success(request, _("%(name)s is back on the boards. A scan has begun.") % {"name": view.project.name})
    return redirect(view.project)


@require_POST
def delete(request: SignedIn, slug: str) -> HttpResponse:
    """Only for who typed the project's name."""
    view = page_of(request, slug, Action.DELETE_PROJECT)
    if request.POST.get("confirmation", "").strip() != view.project.name:
        form = EditProjectForm(project=view.project, user=request.user)
        return _show(request, view, form, code=422, unconfirmed=True)
    try:
        delete_project(project=view.project, version=seen(request), by=request.user)
    except StaleProject:
        return _conflict(request, slug)
    messages.success(request, _("%(name)s is deleted.") % {"name": view.project.name})
    return redirect("overview")


@require_safe
@for_readers
def archived(request: SignedIn) -> HttpResponse:
    projects = Project.objects.exclude(archived_at=None).with_card().order_by("team__name", "name")
    rows = [(project, card_of(project)) for project in projects]
    return render(request, "project/archived.html", {"rows": rows})


def _show(
    request: SignedIn,
    view: ProjectPage,
    form: EditProjectForm,
    *,
    code: int,
    conflict: bool = False,
    unconfirmed: bool = False,
) -> HttpResponse:
    context = {"view": view, "form": form, "conflict": conflict, "unconfirmed": unconfirmed}
    return render(request, "project/edit.html", context, status=code)


def _conflict(request: SignedIn, slug: str) -> HttpResponse:
    """Somebody was faster: what the project is now, and what was typed, ready to be sent again."""
    view = page_of(request, slug, Action.EDIT_PROJECT)
    typed = request.POST.copy()
    typed["version"] = str(view.project.version)
    form = EditProjectForm(typed if "url" in typed else None, project=view.project, user=request.user)
    return _show(request, view, form, code=409, conflict=True)
