"""What the functions of one file call and assign, by the function's dotted scope. The empty scope is the module."""

from __future__ import annotations

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
        made: dict[tuple[str, str], list[Call]] = {}
        for call in code.calls if code else ():
            self.calls.setdefault(call.scope, []).append(call)
            self.callers.setdefault(call.last, set()).add(call.scope)
            if call.target:
                made.setdefault((call.scope, call.target), []).append(call)
        self.assigns: dict[str, list[Assign]] = {}
        for one in code.assigns if code else ():
            self.assigns.setdefault(one.scope, []).append(one)
        self.calls_by_line = {scope: ByLine(calls) for scope, calls in self.calls.items()}
        self.made = {where: ByLine(calls) for where, calls in made.items()}  # by scope and the name that holds it
        self.entries = {  # of dictionaries
            scope: ByLine(one for one in assigns if one.how == "key" and "[" not in one.name)
            for scope, assigns in self.assigns.items()
        }
