"""Files to take away: what a page shows, as CSV."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_safe

from apps.adoption.board import BoardFilter
from apps.adoption.sheet import Show, lines_of
from apps.reports import board_csv, project_csv
from apps.reports.csv_cells import csv_lines
from apps.teams.access import Action, require
from apps.teams.models import Project
from apps.teams.reading import for_readers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.http import HttpRequest


@require_safe
@for_readers
def board(request: HttpRequest) -> StreamingHttpResponse:
    projects = BoardFilter.from_query(request.GET).select(Project.objects.for_board())
    return _file("twelvefold", csv_lines(board_csv.COLUMNS, board_csv.board_rows(projects)))


@require_safe
@for_readers
def project(request: HttpRequest, slug: str) -> StreamingHttpResponse:
    shown = get_object_or_404(Project.objects.select_related("team"), slug=slug)
    require(request.user, Action.VIEW, shown.team)
    lines = Show.asked(request.GET.get("show", "")).of(lines_of(shown))
    return _file(shown.slug, csv_lines(project_csv.COLUMNS, project_csv.project_rows(lines)))


def _file(name: str, lines: Iterator[str]) -> StreamingHttpResponse:
    day = timezone.localdate().isoformat()
    headers = {"Content-Disposition": f'attachment; filename="{name}-{day}.csv"'}
    return StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8", headers=headers)
