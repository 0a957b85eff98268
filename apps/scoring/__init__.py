"""States of items become scores, coverage and grades."""

from apps.scoring.scores import (
    FactorScore,
    ItemStanding,
    ProjectScore,
    gains,
    grade_of,
    mean_score,
    score_project,
    state_of,
    whole,
)

__all__ = [
    "FactorScore",
    "ItemStanding",
    "ProjectScore",
    "gains",
    "grade_of",
    "mean_score",
    "score_project",
    "state_of",
    "whole",
]
