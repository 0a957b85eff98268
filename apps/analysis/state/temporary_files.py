"""Temporary files that functions make and remove again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from apps.analysis.expressions import expression

if TYPE_CHECKING:
    from apps.analysis.facts.model import Call
    from apps.analysis.file import File

_TEMPORARY = frozenset({"remove", "unlink", "rmtree", "TemporaryDirectory", "NamedTemporaryFile"})
_REMOVES = expression(r"(^|\.)(os\.remove|unlink|rmtree|cleanup)$")
_MOVES = frozenset({"replace", "rename", "move", "copy", "copyfile"})


def scopes(file: File) -> frozenset[str]:
    """Those of functions within which temporary files are made, or files removed."""
    found: set[str] = set()
    for one in file.facts.code.calls if file.facts.code else ():
        if one.name.startswith("tempfile.") or one.last in _TEMPORARY:
            parts = one.scope.split(".")
            found.update(".".join(parts[:n]) for n in range(1, len(parts) + 1))
    return frozenset(found)


def clears(calls: list[Call]) -> bool:
    """Whether a function makes temporary files that are gone before it answers: no other request ever finds them."""
    made = [one for one in calls if one.name.startswith("tempfile.") and one.last != "gettempdir"]
    moved = any(one.last in _MOVES and one.name.startswith(("os.", "shutil.", "pathlib.")) for one in calls)
    by_itself = all("emporary" in one.last and one.kwargs.get("delete") is not False for one in made)
    return bool(made) and not moved and (by_itself or any(_REMOVES.search(one.name) for one in calls))
