"""From the calls that write something to the scripts that lead there, function by function through the modules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from apps.analysis.code.importing import importing
from apps.analysis.code.names import scope_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from apps.analysis.facts.model import Call
    from apps.analysis.repository import Facts, File

    Scope = tuple[str, str]  # the path and the dotted scope of a function; "" is the module itself

HOPS = 6


def leading_to(facts: Facts, calls: Iterable[tuple[File, Call]]) -> set[str]:
    """Paths of the scripts that make one of `calls`, or call a function that does so, directly or through others."""
    reached = {(file.path, call.scope) for file, call in calls}
    edge = set(reached)
    importers = facts.once(_importers)
    for _ in range(HOPS):
        defined: dict[str, set[str]] = {}  # by name, where the functions are
        for path, scope in edge:
            for name in _names(facts, path, scope):
                defined.setdefault(name, set()).add(path)
        for path in set().union(*defined.values()) - importers.keys():
            importers[path] = importing(facts, path)
        edge = set(_calling(facts, defined, importers)) - reached
        if not edge:
            break
        reached |= edge
    return {path for path, _ in reached}


def _importers(_: Facts) -> dict[str, set[str]]:
    """By path what imports the module, step by step, as far as somebody has asked for it."""
    return {}


def _calling(facts: Facts, defined: dict[str, set[str]], importers: dict[str, set[str]]) -> Iterator[Scope]:
    """Where scripts call one of the names, of those that import a module which defines it."""
    reaching = {name: set[str]().union(*(importers[path] for path in paths)) for name, paths in defined.items()}
    somewhere = set[str]().union(*reaching.values())
    for file in facts.scripts:
        if file.path in somewhere:
            by_name = file.once(_by_name)
            names = [name for name in reaching.keys() & by_name.keys() if file.path in reaching[name]]
            yield from ((file.path, scope) for scope in set[str]().union(*(by_name[name] for name in names)))


def _by_name(file: File) -> dict[str, set[str]]:
    """Where calls stand, by how their name ends, and by that of a function that they are given."""
    index: dict[str, set[str]] = {}
    for call in file.facts.code.calls if file.facts.code else ():
        for name in (call.last, *_given(call)):
            index.setdefault(name, set()).add(call.scope)
    return index


def _given(call: Call) -> Iterator[str]:
    for value in (*call.args, *call.kwargs.values()):
        if isinstance(value, str) and value[:1] == "$" and value[1:].replace(".", "_").isidentifier():
            yield value.rsplit(".", 1)[-1].lstrip("$")


def _names(facts: Facts, path: str, scope: str) -> list[str]:
    """By what name others call the function: a constructor by its class."""
    if not scope or path not in facts.by_path:
        return []
    inner = scope.rsplit(".", 1)[-1]
    if inner in {"__init__", "__post_init__", "__call__"}:
        return [part for part in scope.split(".")[-2:-1] if part]
    return [inner] if scope in facts.by_path[path].once(_functions) else []


def _functions(file: File) -> set[str]:
    return {scope_of(one) for one in (file.facts.code.defines if file.facts.code else ()) if one.kind == "def"}
