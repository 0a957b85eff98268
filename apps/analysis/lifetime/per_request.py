"""The functions that a request runs anew each time: what they load is loaded for each request."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from apps.analysis.code.names import scope_of
from apps.analysis.expressions import expression
from apps.analysis.running import answering

if TYPE_CHECKING:
    from apps.analysis.facts.model import Call, Define
    from apps.analysis.repository import Facts, File

CACHED = expression(r"cache|singleton|memo", re.IGNORECASE)


def functions(facts: Facts) -> set[tuple[str, str]]:
    """(path, dotted scope) of what a request runs, step by step, but for functions that keep what they make."""
    return {
        (file.path, scope_of(define)) for file, define in answering.follow(facts, _followed) if not _keeps(file, define)
    }


def is_kept(file: File, call: Call) -> bool:
    """Whether the result of the call outlives the function: in an object, a dictionary, a global name."""
    name = call.target or call.name.rpartition(".")[0]  # `model.load_model(path)` loads into what it is called on
    if not call.target and "." in name:
        return False
    if "." in name or "[" in name:
        return not (name.startswith("self.") and call.scope.endswith(".__init__"))
    return bool(name) and (call.scope, f"${name}") in file.once(_put_away)


def _followed(file: File, define: Define) -> list[Call]:
    if _keeps(file, define):
        return []
    return [call for call in answering.within(file, define) if not is_kept(file, call)]


def _keeps(file: File, define: Define) -> bool:
    """Whether the function, or what makes the objects of the class, keeps what it has made for whoever asks next."""
    keeping = file.once(_keeping)
    return scope_of(define) in keeping or (define.name == "__init__" and define.scope in keeping)


def _put_away(file: File) -> set[tuple[str, str]]:
    """(scope, value) of what is put into objects and dictionaries."""
    assigns = file.facts.code.assigns if file.facts.code else ()
    return {
        (one.scope, one.value)
        for one in assigns
        if isinstance(one.value, str) and (one.how in {"item", "attribute"} or (one.how == "key" and "[" in one.name))
    }


def _keeping(file: File) -> set[str]:
    """Scopes of functions that keep what they make, and of classes that make one object alone."""
    code = file.facts.code
    if code is None:
        return set()
    found = {
        scope_of(one)
        for one in code.defines
        if any(CACHED.search(name) for name in (*(each.name for each in one.decorators), *one.bases))
    }
    for one in code.assigns:
        of, _, function = one.scope.rpartition(".")
        on_class = one.how in {"item", "attribute"} and one.name.startswith(("cls.", f"{of}."))
        if one.how == "global":
            found.add(one.scope)
        if function == "__new__" and (one.how == "global" or on_class):
            found.add(of)
        if one.name == "__metaclass__" and CACHED.search(str(one.value)):
            found.add(one.scope)
    return found
