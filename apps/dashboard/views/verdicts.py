"""Wrong verdicts: members report them, admins of the organisation see them per check."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.adoption.models import VerdictReport
from apps.adoption.services import StaleVersion
from apps.adoption.verdicts import close_report, open_reports, rates, report_verdict
from apps.catalog import State
from apps.dashboard.changes import anchor_of, title_of
from apps.dashboard.forms.items import ReportForm
from apps.dashboard.requests import page_or_fragment
from apps.dashboard.views.items import item_of, saved, show_form
from apps.teams.access import Action, require_admin

if TYPE_CHECKING:
    from django.http import HttpResponse, QueryDict

    from apps.dashboard.project_page import ItemView
    from apps.dashboard.requests import SignedIn

PER_PAGE = 50


@require_http_methods(["GET", "HEAD", "POST"])
@page_or_fragment
def report(request: SignedIn, slug: str, item: str) -> HttpResponse:
    view, shown = item_of(request, slug, item, Action.TICK)
    if shown.line.standing.automatic == State.UNKNOWN:
        raise Http404
    form = _form(shown, request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return show_form(request, "report", view, shown, form)
    said = form.cleaned_data | {"expected": State(form.cleaned_data["expected"])}
    try:
        report_verdict(project=view.project, item=item, by=request.user, **said)
    except StaleVersion:
        return _conflict(request, slug, item)
    return saved(request, slug, item, _("Your report is stored, for those who mend the checks."))


@require_safe
def verdicts(request: SignedIn) -> HttpResponse:
    require_admin(request.user)
    page = Paginator(open_reports(), PER_PAGE).get_page(request.GET.get("page"))
    reports = [(one, title_of(one.item), anchor_of(one.item)) for one in page]
    context = {"tab": "verdicts", "rates": rates(), "reports": reports, "pages": page}
    return render(request, "verdicts/page.html", context)


@require_POST
def close(request: SignedIn, report: int) -> HttpResponse:
    require_admin(request.user)
    closed = close_report(report=get_object_or_404(VerdictReport, pk=report), by=request.user)
    messages.success(request, _("The report is closed.") if closed else _("Somebody closed that report already."))
    return redirect("verdicts")


def _form(shown: ItemView, typed: QueryDict | None) -> ReportForm:
    standing = shown.line.standing
    begin = {"version": standing.version}
    return ReportForm(typed, verdict=standing.automatic, initial=begin, auto_id=f"{shown.anchor}-%s")


def _conflict(request: SignedIn, slug: str, item: str) -> HttpResponse:
    """The verdict changed meanwhile: the newer one, and what was typed, ready to be sent again."""
    view, shown = item_of(request, slug, item, Action.TICK)
    typed = request.POST.copy()
    typed["version"] = str(shown.line.standing.version)
    return show_form(request, "report", view, shown, _form(shown, typed), conflict=True)
