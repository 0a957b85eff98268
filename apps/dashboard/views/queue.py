"""The page on which admins see what waits, runs and failed, and end or repeat it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from apps.scans import insight
from apps.scans.models import ScanCause, ScanRequest
from apps.scans.services import cancel as cancel_scan
from apps.scans.services import request_scan
from apps.scans.vitals import look
from apps.teams.access import is_admin

if TYPE_CHECKING:
    from django.http import HttpResponse

    from apps.dashboard.requests import SignedIn


def _admins_only(request: SignedIn) -> None:
    if not is_admin(request.user):
        raise Http404


@require_safe
def queue(request: SignedIn) -> HttpResponse:
    _admins_only(request)
    shown = {
        "tab": "queue",
        "depth": insight.depth(),
        "running": insight.running(),
        "next_in_line": insight.next_in_line(),
        "failures": insight.failures(),
        "paused": insight.paused_forges(),
        "vitals": look(),
    }
    return render(request, "queue/page.html", shown)


@require_POST
def cancel(request: SignedIn, key: int) -> HttpResponse:
    _admins_only(request)
    scan = get_object_or_404(ScanRequest.objects.select_related("project"), pk=key)
    if cancel_scan(request=scan, by=request.user):
        messages.success(request, _("The scan of %(name)s is cancelled.") % {"name": scan.project})
    else:
        messages.info(request, _("The scan of %(name)s had ended.") % {"name": scan.project})
    return redirect("queue")


@require_POST
def retry(request: SignedIn, key: int) -> HttpResponse:
    _admins_only(request)
    scan = get_object_or_404(ScanRequest.objects.select_related("project"), pk=key)
    request_scan(project=scan.project, cause=ScanCause.PERSON, by=request.user)
    messages.success(request, _("A scan of %(name)s is asked for.") % {"name": scan.project})
    return redirect("queue")
