"""Steps of CI that do nothing: those that are switched off by their condition, and what steps only tell."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from apps.analysis.expressions import expression

if TYPE_CHECKING:
    from apps.analysis.facts.model import Leaf

_NEVER = expression(r"^(?:'?false'?|\$__false__)$")  # also as the marks of an expression are read
_SCRIPTS = frozenset({"run", "script", "bash", "inlineScript"})
# What is written into a file or handed on is more than told, and so is what a second command on the line does.
_TELLS = expression(r"""^\s*(?:echo|printf)\s(?:"(?:[^"\\`$]|\\.|\$(?!\())*"|'[^']*'|\$(?!\()|[^"'`$|>&;])*$""")


def only_tells(command: str) -> bool:
    """Whether a line of a script or a recipe writes words for whoever reads along, and runs nothing."""
    return _TELLS.match(_VALUES.sub("", command)) is not None


_VALUES = expression(r"\$[({]\w+[)}]")  # of variables of Make and of the shell


def without(leaves: list[Leaf]) -> list[Leaf]:
    """The leaves of a workflow without what is under a condition that never holds; scripts without what they tell."""
    if not any(leaf.keys[:1] == ["jobs"] for leaf in leaves):
        return leaves
    off = {tuple(leaf.keys[:-1]) for leaf in leaves if _is_never(leaf)}
    return [_untold(leaf) for leaf in leaves if not off or not _is_below(leaf, off)]


def _is_never(leaf: Leaf) -> bool:
    """Whether the leaf is `jobs.*.if` or `jobs.*.steps.N.if`, or what Azure DevOps calls it, and says no."""
    match leaf.keys:
        case ["jobs", _, "if"] | ["jobs", _, "steps", _, "if"]:
            return leaf.value is False or bool(_NEVER.match(leaf.text))
        case [*_, "steps", _, "enabled"]:
            return leaf.value is False
    return False


def _is_below(leaf: Leaf, off: set[tuple[str, ...]]) -> bool:
    return any(tuple(leaf.keys[:depth]) in off for depth in range(2, len(leaf.keys)))


def _untold(leaf: Leaf) -> Leaf:
    if not leaf.keys or leaf.keys[-1] not in _SCRIPTS or not isinstance(leaf.value, str):
        return leaf
    lines = leaf.value.split("\n")
    kept = [line for line in lines if not _TELLS.match(line)]
    if len(kept) == len(lines):
        return leaf
    return msgspec.structs.replace(leaf, value="\n".join(kept))
