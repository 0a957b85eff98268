"""One factor as a table: one row per project and item, of all projects."""

from __future__ import annotations

from typing import TYPE_CHECKING

from apps.adoption.models import Standing
from apps.catalog import ITEMS
from apps.reports.project_csv import place_text, yes_or_no

if TYPE_CHECKING:
    from collections.abc import Iterator

    from apps.catalog import Factor
    from apps.reports.csv_cells import Cell

COLUMNS = [
    "team", "project", "item", "title", "state", "automatic", "waived", "contested", "since", "summary", "evidence",
    "commit",
]  # fmt: skip
CHUNK = 500  # rows held in memory at a time


def factor_rows(factor: Factor) -> Iterator[list[Cell]]:
    items = [item.id for item in factor.items]
    rows = Standing.objects.filter(item__in=items, project__archived_at=None).select_related("project__team")
    for row in rows.order_by("project__team__name", "project__name", "item").iterator(chunk_size=CHUNK):
        yield [
            row.project.team.name, row.project.name, row.item, ITEMS[row.item].title, row.state, row.automatic,
            yes_or_no(claim=row.waived), yes_or_no(claim=row.contested), row.since.isoformat(), row.summary,
            "; ".join(place_text(place) for place in row.evidence), row.commit,
        ]  # fmt: skip
