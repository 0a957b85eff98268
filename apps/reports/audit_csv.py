"""The audit trail as a table: one row per change, the newest first."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from apps.reports.csv_cells import Cell
    from apps.teams.models import AuditEntry

COLUMNS = ["at", "by", "address", "deed", "team", "project", "subject", "before", "after"]


def audit_rows(entries: Iterable[AuditEntry]) -> Iterator[list[Cell]]:
    for entry in entries:
        yield [
            entry.at.isoformat(), entry.by_name, entry.address, entry.deed, entry.team, entry.project, entry.subject,
            _json(entry.before), _json(entry.after),
        ]  # fmt: skip


def _json(value: object) -> str:
    return "" if value is None else json.dumps(value, ensure_ascii=False, sort_keys=True)
