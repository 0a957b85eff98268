"""Models that are written by hand: classes that learn with nothing but arithmetic."""

from __future__ import annotations

from typing import TYPE_CHECKING

from apps.analysis.expressions import expression

if TYPE_CHECKING:
    from apps.analysis.facts.model import Assign
    from apps.analysis.repository import Facts, File

_PREDICTS = expression(
    r"_{0,2}(predict\w*|hypothesis|feed_?forward|forward(_?prop\w*)?|back_?prop\w*|backward|gradient\w*|loss\w*)$"
)
_COSTS = expression(r"_{0,2}cost\w*$")  # what is trained for other things has costs, too


def learners(facts: Facts) -> dict[str, set[str]]:
    """By the names of classes that are written by hand to learn, without any framework, the methods that fit them."""
    found: dict[str, set[str]] = {}
    for file in facts.scripts:
        for name, methods in file.once(_methods).items():
            fitting = methods & {"fit", "train"}
            if fitting and any(_PREDICTS.match(one) or ("fit" in fitting and _COSTS.match(one)) for one in methods):
                found.setdefault(name, set()).update(fitting)
    return found


def tables(facts: Facts) -> list[tuple[File, Assign]]:
    """Tables of the worth of each action, which a loop fills step by step in an environment of a gym."""
    files = list({file.path: file for file, _ in facts.imports("gym", "gymnasium")}.values())
    if not files:
        return []
    return [(file, one) for file, one in facts.assigns(_TABLE, files=files) if one.how in {"name", "attribute", "item"}]


_TABLE = r"^(self\.)?(q|q_?tables?|q_?values?)(\[\])?$"


def _methods(file: File) -> dict[str, set[str]]:
    """The names of the methods of each class that derives from nothing."""
    found: dict[str, set[str]] = {}
    defines = file.facts.code.defines if file.facts.code else []
    plain = {one.name for one in defines if one.kind == "class" and not one.scope and set(one.bases) <= {"object"}}
    for one in defines:
        if one.kind == "def" and one.scope in plain:
            found.setdefault(one.scope, set()).add(one.name)
    return found
