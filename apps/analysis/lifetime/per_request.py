"""The functions that a request runs anew each time: what they load is loaded for each request."""

from __future__ import annotations

from typing import TYPE_CHECKING

from apps.analysis.code.names import scope_of
from apps.analysis.expressions import expression
from apps.analysis.running import answering

if TYPE_CHECKING:
    from apps.analysis.facts.model import Call, Define
    from apps.analysis.repository import Facts, File

_CACHED = expression(r"cache|singleton|memo")


def functions(facts: Facts) -> set[tuple[str, str]]:
    """(path, dotted scope) of what a request runs, step by step, but for functions that keep what they make."""
    return {
        (file.path, scope_of(define)) for file, define in answering.follow(facts, _followed) if not _keeps(file, define)
    }


def is_kept(file: File, call: Call) -> bool:
    """Whether the result of the call outlives the function: in an object, a dictionary, a global name."""
    code, name = file.facts.code, call.target
    if "." in name or "[" in name:
        return not (name.startswith("self.") and call.scope.endswith(".__init__"))
    return bool(name) and any(
        one.scope == call.scope and one.how in {"item", "attribute"} and one.value == f"${name}"
        for one in (code.assigns if code else ())
    )


def _followed(file: File, define: Define) -> list[Call]:
    if _keeps(file, define):
        return []
    return [call for call in answering.within(file, define) if not is_kept(file, call)]


def _keeps(file: File, define: Define) -> bool:
    """Whether the function, or what makes the objects of the class, keeps what it has made for whoever asks next."""
    code = file.facts.code
    scopes = {scope_of(define), f"{define.scope}.__new__" if define.name == "__init__" else ""} - {""}
    return any(_CACHED.search(one.name) for one in define.decorators) or any(
        one.how == "global" and one.scope in scopes for one in (code.assigns if code else ())
    )
