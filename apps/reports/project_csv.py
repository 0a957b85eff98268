"""One project as a table: one row per item that the page shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from apps.catalog import factor

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from apps.adoption.sheet import Line
    from apps.reports.csv_cells import Cell

COLUMNS = [
    "factor", "item", "title", "state", "automatic", "waived", "contested", "summary", "evidence", "commit", "remedy",
    "ticked_by", "ticked_at", "note", "evidence_link", "ticked_until", "waived_by", "waiver_reason", "waived_until",
]  # fmt: skip


def project_rows(lines: Iterable[Line]) -> Iterator[list[Cell]]:
    for line in lines:
        standing, tick, waiver = line.standing, line.tick, line.waiver
        yield [
            factor(line.item.factor).name, line.item.id, line.item.title,
            standing.state, standing.automatic, yes_or_no(claim=standing.waived), yes_or_no(claim=standing.contested),
            standing.summary, "; ".join(place_text(place) for place in standing.evidence), standing.commit,
            standing.remedy,
            *([str(tick.by), tick.at.isoformat(), tick.note, tick.evidence_url, tick.expires_at.date().isoformat()]
              if tick else [""] * 5),
            *([str(waiver.by), waiver.reason, waiver.until.isoformat()] if waiver else [""] * 3),
        ]  # fmt: skip


def place_text(place: dict[str, object]) -> str:
    return f"{place['path']}:{place['line']}" if place.get("line") else str(place["path"])


def yes_or_no(*, claim: bool) -> str:
    return "yes" if claim else "no"
