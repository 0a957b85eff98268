"""The board as a table: one row per project that the filters show, in the order of the page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from apps.adoption.board import card_of
from apps.catalog import FACTORS, State
from apps.scoring import whole

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from apps.adoption.models import Scorecard
    from apps.reports.csv_cells import Cell
    from apps.teams.models import Project

COLUMNS = [
    "team", "project", "repository", "branch", "subfolder", "tags", "score", "grade", "coverage", "weakest_factor",
    "commit", "scanned_at",
    *(f"{factor.slug}_{part}" for factor in FACTORS for part in ("state", "score")),
]  # fmt: skip


def board_rows(projects: Iterable[Project]) -> Iterator[list[Cell]]:
    for project in projects:
        yield [
            project.team.name, project.name, project.url, project.branch, project.subfolder, " ".join(project.tags),
            *_of_card(card_of(project)),
        ]  # fmt: skip


def _of_card(card: Scorecard | None) -> list[Cell]:
    if card is None:
        return [None, "", None, "", "", "", *(cell for _ in FACTORS for cell in (State.UNKNOWN.value, None))]
    by_slug = {row["slug"]: row for row in card.factors}
    rows = [by_slug[factor.slug] for factor in FACTORS]
    return [
        _whole(card.score), card.grade, round(card.coverage, 3), card.weakest, card.commit, card.scanned_at.isoformat(),
        *(cell for row in rows for cell in (row["state"], _whole(row["score"]))),
    ]  # fmt: skip


def _whole(score: float | None) -> int | None:
    return None if score is None else whole(score)
