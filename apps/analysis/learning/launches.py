"""What notebooks and pipelines hand to the training that they start on a platform."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from apps.analysis.facts.model import Assign
    from apps.analysis.repository import Facts, File


def literals(facts: Facts) -> list[tuple[File, Assign]]:
    """The numbers in tables of files that start training with `hyperparameters`."""
    found = []
    for file in facts.code:
        found += [(file, one) for one in file.once(_literals)]
    return found


def _literals(file: File) -> list[Assign]:
    code = file.facts.code
    if code is None or not any("hyperparameters" in call.kwargs for call in code.calls):
        return []
    return [one for one in code.assigns if one.how == "key" and _is_number(one.value)]


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
