"""The page of one project, its scans, and adding one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.db import IntegrityError
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from apps.dashboard.forms.projects import AddProjectForm
from apps.dashboard.keeping import add_and_scan
from apps.dashboard.project_page import ON_ARCHIVED, ProjectPage
from apps.dashboard.requests import page_or_fragment, wants_fragment
from apps.scans.models import Phase, ScanCause
from apps.scans.services import request_scan
from apps.teams.access import Action, require, teams_where
from apps.teams.models import Project
from apps.teams.reading import for_readers

if TYPE_CHECKING:
    from django.http import HttpResponse

    from apps.dashboard.requests import SignedIn


def page_of(request: SignedIn, slug: str, action: Action) -> ProjectPage:
    """The page of the project, or 404 for who may not do `action` there, and for work on an archived one."""
    project = get_object_or_404(Project.objects.with_card(), slug=slug)
    require(request.user, action, project.team)
    if project.archived_at and action not in ON_ARCHIVED:
        raise Http404
    asked = request.GET
    return ProjectPage(project, request.user, show=asked.get("show", ""), days=asked.get("days", ""))


@require_safe
@for_readers
def project(request: SignedIn, slug: str) -> HttpResponse:
    return render(request, "project/page.html", {"view": page_of(request, slug, Action.VIEW).fetched()})


@require_http_methods(["GET", "HEAD", "POST"])
@for_readers
@page_or_fragment
def scan(request: SignedIn, slug: str) -> HttpResponse:
    """GET: how the latest scan goes. POST: ask for one."""
    posted = request.method == "POST"
    view = page_of(request, slug, Action.SCAN if posted else Action.VIEW)
    if posted:
        request_scan(project=view.project, cause=ScanCause.PERSON, by=request.user)
    if not wants_fragment(request):
        return redirect(view.project)
    finished = view.scan.phase == Phase.DONE
    if finished:
        messages.success(request, _("The scan of %(name)s is finished.") % {"name": view.project.name})
    response = render(
        request, "project/_scan_swap.html", {"view": view.fetched("scan", "card", "actions"), "oob": True}
    )
    if finished:
        response["HX-Trigger"] = "scan-finished"
    return response


@require_http_methods(["GET", "HEAD", "POST"])
def add(request: SignedIn) -> HttpResponse:
    if not teams_where(request.user, Action.ADD_PROJECT).exists():
        raise Http404
    form = AddProjectForm(request.POST or None, user=request.user)
    if request.method == "POST" and form.is_valid():
        try:
            added = add_and_scan(by=request.user, **form.cleaned_data)
        except IntegrityError:
            form.add_error("url", _("Somebody added that repository to this team a moment ago."))
        else:
            messages.success(request, _("%(name)s is added. Its first scan has begun.") % {"name": added.name})
            return redirect(added)
    return render(request, "project/add.html", {"form": form}, status=422 if form.errors else 200)
