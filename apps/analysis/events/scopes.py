"""What the functions of one file call and assign, by the function's dotted scope. The empty scope is the module."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from apps.analysis.code.by_line import ByLine

if TYPE_CHECKING:
    from apps.analysis.facts.model import Assign, Call, Define
    from apps.analysis.repository import File


class Scopes:
    """Made by `file.once(Scopes)`, and so once for all commits that have the file."""

    def __init__(self, file: File) -> None:
        code = file.facts.code
        self.functions: list[Define] = [one for one in code.defines if one.kind == "def"] if code else []
        self.calls: dict[str, list[Call]] = {}
        self.callers: dict[str, set[str]] = {}  # by the last name of what they call
        for call in code.calls if code else ():
            self.calls.setdefault(call.scope, []).append(call)
            self.callers.setdefault(call.last, set()).add(call.scope)
        self.assigns: dict[str, list[Assign]] = {}
        for one in code.assigns if code else ():
            self.assigns.setdefault(one.scope, []).append(one)

    @cached_property
    def calls_by_line(self) -> dict[str, ByLine[Call]]:
        return {scope: ByLine(calls) for scope, calls in self.calls.items()}

    @cached_property
    def made(self) -> dict[tuple[str, str], ByLine[Call]]:
        """By scope and the name that holds the result."""
        made: dict[tuple[str, str], list[Call]] = {}
        for scope, calls in self.calls.items():
            for call in calls:
                if call.target:
                    made.setdefault((scope, call.target), []).append(call)
        return {where: ByLine(calls) for where, calls in made.items()}

    @cached_property
    def entries(self) -> dict[str, ByLine[Assign]]:
        """Those of dictionaries."""
        return {
            scope: ByLine(one for one in assigns if one.how == "key" and "[" not in one.name)
            for scope, assigns in self.assigns.items()
        }
