"""One factor of one project as a board shows it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from apps.catalog import FACTORS, State
from apps.dashboard.words import state_word
from apps.scoring import state_of, whole

if TYPE_CHECKING:
    from collections.abc import Iterable

    from apps.adoption.models import Scorecard
    from apps.catalog import Factor


@dataclass(frozen=True, slots=True)
class Cell:
    """`score` is 0 to 100, None where nothing counts; of `counted` items `met` are met."""

    factor: Factor
    state: str
    score: int | None
    met: int = 0
    counted: int = 0

    @property
    def word(self) -> str:
        return state_word(self.state)

    @property
    def sort(self) -> str:
        """The word in an address that sorts a board by this factor."""
        return f"f{self.factor.number}"


def cells_of(card: Scorecard | None) -> list[Cell]:
    """The twelve cells of a scorecard in the order of the factors; all unknown before the first scan."""
    known = {row["slug"]: row for row in card.factors} if card else {}
    return [_cell(factor, known.get(factor.slug)) for factor in FACTORS]


def plain_cells(card: Scorecard | None) -> list[Cell]:
    """The same without the numbers of items, read from the two short columns that boards fetch."""
    if card is None or len(card.factor_scores) != len(FACTORS):
        return [Cell(factor, State.UNKNOWN, None) for factor in FACTORS]
    columns = zip(FACTORS, card.factor_states, card.factor_scores, strict=True)
    return [Cell(factor, state, None if score is None else whole(score)) for factor, state, score in columns]


def cells_of_means(means: Iterable[float | None]) -> list[Cell]:
    """Cells of several projects' means, in the order of the factors."""
    pairs = zip(FACTORS, means, strict=True)
    return [Cell(factor, state_of(mean), None if mean is None else whole(mean)) for factor, mean in pairs]


def _cell(factor: Factor, row: dict[str, Any] | None) -> Cell:
    if row is None:
        return Cell(factor, State.UNKNOWN, None)
    score = None if row["score"] is None else whole(row["score"])
    return Cell(factor, row["state"], score, row["met"], row["counted"])
