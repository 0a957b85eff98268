"""The board as a table: one row per project that the filters show, in the order of the page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from apps.adoption.board import card_of, points_since
from apps.catalog import FACTORS, State
from apps.scoring import whole

if TYPE_CHECKING:
    from collections.abc import Iterator

    from apps.adoption.models import Scorecard
    from apps.reports.csv_cells import Cell
    from apps.teams.models import Project, ProjectQuerySet

COLUMNS = [
    "team", "project", "repository", "branch", "subfolder", "tags", "score", "change_30_days", "change_90_days",
    "grade", "coverage", "weakest_factor", "waived", "contested", "commit", "scanned_at",
    *(f"{factor.slug}_{part}" for factor in FACTORS for part in ("state", "score")),
]  # fmt: skip
CHUNK = 500  # rows held in memory at a time
UNREAD = ("factors", "counts", "profile", "unread", "settings")


def with_changes(projects: ProjectQuerySet) -> ProjectQuerySet:
    """`projects` with what `board_rows` reads and nothing else."""
    light = projects.defer(*(f"scorecard__{field}" for field in UNREAD))
    return light.annotate(change_30=points_since(30), change_90=points_since(90))


def board_rows(projects: ProjectQuerySet) -> Iterator[list[Cell]]:
    for project in projects.iterator(chunk_size=CHUNK):
        yield [
            project.team.name, project.name, project.url, project.branch, project.subfolder, " ".join(project.tags),
            *_of_card(project, card_of(project)),
        ]  # fmt: skip


def _of_card(project: Project, card: Scorecard | None) -> list[Cell]:
    if card is None:
        unknown: list[Cell] = [cell for _ in FACTORS for cell in (State.UNKNOWN.value, None)]
        return [None, None, None, "", None, "", None, None, "", "", *unknown]
    columns = zip(card.factor_states, card.factor_scores, strict=True)
    return [
        _whole(card.score), _points(project, 30), _points(project, 90),
        card.grade, round(card.coverage, 3), card.weakest, card.waived, card.contested,
        card.commit, card.scanned_at.isoformat(),
        *(cell for state, score in columns for cell in (state, _whole(score))),
    ]  # fmt: skip


def _points(project: Project, days: int) -> int | None:
    points = getattr(project, f"change_{days}")
    return None if points is None else int(points)


def _whole(score: float | None) -> int | None:
    return None if score is None else whole(score)
