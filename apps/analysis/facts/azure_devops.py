"""Pipelines of Azure DevOps, whose files may have any name and stand in any folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

from apps.analysis.expressions import expression

if TYPE_CHECKING:
    from collections.abc import Iterable

    from apps.analysis.facts.model import Leaf

NAME = "azure-pipelines.yml"
_TASK = expression(r"^[\w.-]+@\d+$")  # a step takes a task by its major version
_STEPS = frozenset({"script", "bash", "pwsh", "powershell", "checkout", "publish", "download"})
_WORDS = frozenset({"displayName", "vmImage", "pool"})


def is_pipeline(leaves: Iterable[Leaf]) -> bool:
    """Whether a step takes a task by its version, or runs a script in the words that only these pipelines use."""
    said: set[str] = set()
    for leaf in leaves:
        if "steps" not in leaf.keys:
            said.update(_WORDS.intersection(leaf.keys))
        elif leaf.keys[-1] == "task" and _TASK.match(leaf.text):
            return True
        elif leaf.keys[-1] in _STEPS and leaf.keys[-2].isdigit():  # steps are a list
            said.add("steps")
        elif leaf.keys[-1] == "displayName":
            said.add("displayName")
    return "steps" in said and len(said) > 1
