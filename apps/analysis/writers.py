"""From the calls that write something to the scripts that lead there, function by function through the modules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from apps.analysis import answering
from apps.analysis.names import scope_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from apps.analysis.facts.model import Call
    from apps.analysis.repository import Facts, File

    Scope = tuple[str, str]  # the path and the dotted scope of a function; "" is the module itself

HOPS = 6


def leading_to(facts: Facts, calls: Iterable[tuple[File, Call]]) -> set[str]:
    """Paths of the scripts that make one of `calls`, or call a function that does so, directly or through others."""
    reached = {(file.path, call.scope) for file, call in calls}
    called = _by_name(facts)
    edge = set(reached)
    imported: dict[str, set[str]] = {}
    for _ in range(HOPS):
        following = set()
        for path, scope in edge:
            for name in _names(facts, path, scope):
                for file, one in called.get(name, ()):
                    where = (file.path, one.scope)
                    if where in reached or where in following:
                        continue
                    if file.path not in imported:
                        imported[file.path] = set(answering.imported_by(facts, [file]))
                    if path in imported[file.path]:
                        following.add(where)
        if not following:
            break
        reached |= following
        edge = following
    return {path for path, _ in reached}


def _by_name(facts: Facts) -> dict[str, list[tuple[File, Call]]]:
    return facts.once(_index)


def _index(facts: Facts) -> dict[str, list[tuple[File, Call]]]:
    """Calls of scripts by the last part of their name, and by those of the functions that they are given."""
    index: dict[str, list[tuple[File, Call]]] = {}
    for file in facts.scripts:
        for call in file.facts.code.calls if file.facts.code else ():
            for name in {call.last, *_given(call)}:
                index.setdefault(name, []).append((file, call))
    return index


def _given(call: Call) -> Iterator[str]:
    for value in (*call.args, *call.kwargs.values()):
        if isinstance(value, str) and value.startswith("$") and value[1:].replace(".", "_").isidentifier():
            yield value.rsplit(".", 1)[-1].lstrip("$")


def _names(facts: Facts, path: str, scope: str) -> list[str]:
    """By what name others call the function: a constructor by its class."""
    if not scope or path not in facts.by_path:
        return []
    code = facts.by_path[path].facts.code
    inner = scope.rsplit(".", 1)[-1]
    if inner in {"__init__", "__post_init__", "__call__"}:
        return [part for part in scope.split(".")[-2:-1] if part]
    functions = {scope_of(one) for one in (code.defines if code else ()) if one.kind == "def"}
    return [inner] if scope in functions else []
