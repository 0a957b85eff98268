"""Files to take away: what a page shows, as CSV."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import Http404, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_safe

from apps.adoption.board import BoardFilter
from apps.adoption.sheet import Show, lines_of
from apps.catalog import FACTORS
from apps.reports import audit_csv, board_csv, factor_csv, history_csv, project_csv
from apps.reports.csv_cells import csv_lines
from apps.teams.access import Action, require, require_admin, teams_where
from apps.teams.models import AuditEntry, Project, Team
from apps.teams.reading import for_readers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.http import HttpRequest


@require_safe
@for_readers
def board(request: HttpRequest) -> StreamingHttpResponse:
    projects = board_csv.with_changes(BoardFilter.from_query(request.GET).select(Project.objects.for_board()))
    return _file("twelvefold", csv_lines(board_csv.COLUMNS, board_csv.board_rows(projects)))


@require_safe
@for_readers
def team(request: HttpRequest, slug: str) -> StreamingHttpResponse:
    shown = get_object_or_404(Team, slug=slug)
    require(request.user, Action.VIEW, shown)
    projects = board_csv.with_changes(BoardFilter(team=slug).select(Project.objects.for_board()))
    return _file(shown.slug, csv_lines(board_csv.COLUMNS, board_csv.board_rows(projects)))


@require_safe
@for_readers
def history(request: HttpRequest) -> StreamingHttpResponse:
    slug = request.GET.get("team", "").replace("\0", "")
    shown = teams_where(request.user, Action.VIEW).filter(slug=slug).first() if slug else None
    days = history_csv.period_of(request.GET.get("days", ""))
    return _file("history", csv_lines(history_csv.COLUMNS, history_csv.history_rows(days=days, team=shown)))


@require_safe
@for_readers
def factor(request: HttpRequest, slug: str) -> StreamingHttpResponse:  # noqa: ARG001 - every view takes one
    shown = next((one for one in FACTORS if one.slug == slug), None)
    if shown is None:
        raise Http404
    return _file(slug, csv_lines(factor_csv.COLUMNS, factor_csv.factor_rows(shown)))


@require_safe
@for_readers
def project(request: HttpRequest, slug: str) -> StreamingHttpResponse:
    shown = get_object_or_404(Project.objects.select_related("team"), slug=slug)
    require(request.user, Action.VIEW, shown.team)
    lines = Show.asked(request.GET.get("show", "")).of(lines_of(shown))
    return _file(shown.slug, csv_lines(project_csv.COLUMNS, project_csv.project_rows(lines)))


@require_safe
def audit(request: HttpRequest) -> StreamingHttpResponse:
    require_admin(request.user)
    entries = AuditEntry.objects.asked_for(request.GET).iterator(chunk_size=1000)
    return _file("twelvefold-audit", csv_lines(audit_csv.COLUMNS, audit_csv.audit_rows(entries)))


def _file(name: str, lines: Iterator[str]) -> StreamingHttpResponse:
    day = timezone.localdate().isoformat()
    headers = {"Content-Disposition": f'attachment; filename="{name}-{day}.csv"'}
    return StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8", headers=headers)
