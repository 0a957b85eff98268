"""Which modules the code imports: those of the repository, and libraries beside which a name tells something."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from apps.analysis.facts.model import Call
    from apps.analysis.repository import Facts, File

HOPS = 4


def calls_beside(
    facts: Facts, table: Mapping[str, tuple[str, ...]], files: Iterable[File] | None = None
) -> list[tuple[File, Call]]:
    """Calls whose names tell something only in a file that imports the library: library -> patterns of names."""
    found: list[tuple[File, Call]] = []
    for library, names in table.items():
        importers = {file.path: file for file, _ in facts.imports(library, files=files)}
        found += facts.calls(*names, files=list(importers.values())) if importers else []
    return found


def imported_by(facts: Facts, start: list[File]) -> dict[str, File]:
    """The files and, step by step, the modules of this repository that they import."""
    modules = facts.once(_Modules)
    reached = {file.path: file for file in start}
    edge = list(start)
    for _ in range(HOPS):
        edge = [
            reached.setdefault(one.path, one) for file in edge for one in modules.of(file) if one.path not in reached
        ]
    return reached


def importing(facts: Facts, *paths: str) -> set[str]:
    """The paths of the modules and of those that import them, step by step, as `imported_by` the other way round."""
    importers = facts.once(_importers)
    reached, edge = {*paths}, [*paths]
    for _ in range(HOPS):
        edge = list({one for module in edge for one in importers.get(module, ())} - reached)
        reached.update(edge)
    return reached


def _importers(facts: Facts) -> dict[str, list[str]]:
    modules = facts.once(_Modules)
    found: dict[str, list[str]] = {}
    for file in facts.scripts:
        for one in modules.of(file):
            found.setdefault(one.path, []).append(file.path)
    return found


def imported(facts: Facts) -> set[str]:
    """Paths of the modules that another module imports."""
    return facts.once(_imported)


def _imported(facts: Facts) -> set[str]:
    modules = facts.once(_Modules)
    return {one.path for file in facts.scripts for one in modules.of(file) if one.path != file.path}


class _Modules:
    """What each file imports, found when it is first asked for: many checks follow imports from many places."""

    def __init__(self, facts: Facts) -> None:
        self._named: dict[str, list[tuple[File, tuple[str, ...]]]] = {}
        for file in facts.scripts:
            own = file.once(_own_parts)
            self._named.setdefault(own[0], []).append((file, own))
        self._imported: dict[str, list[File]] = {}

    def of(self, file: File) -> list[File]:
        """The modules that `file` imports whole or takes a name from, each once."""
        if file.path not in self._imported:
            found = {
                one.path: one
                for asked in file.once(_asked)
                for one, own in self._named.get(asked[0], ())
                if own[: len(asked)] == asked[: len(own)]
            }
            self._imported[file.path] = list(found.values())
        return self._imported[file.path]


def _own_parts(file: File) -> tuple[str, ...]:
    """The parts of a module's path, the last first: as much as both have tells whether an import means it."""
    return tuple(file.path.removesuffix(".py").removesuffix("/__init__").split("/")[::-1])


def _asked(file: File) -> list[tuple[str, ...]]:
    """The modules that may be meant by the imports of a file, the last part first: `from a import b` is one of two."""
    asked: dict[tuple[str, ...], None] = {}
    for one in file.facts.code.imports if file.facts.code else ():
        parts = tuple(part for part in reversed(one.module.split(".")) if part)
        asked |= {tail: None for tail in (parts, parts[1:]) if tail}
    return list(asked)
