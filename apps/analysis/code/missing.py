"""Own code that is plainly missing: imports of own modules that are not tracked."""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property
from typing import TYPE_CHECKING

from apps.analysis.expressions import expression
from apps.analysis.paths import with_outer

if TYPE_CHECKING:
    from apps.analysis.facts.model import Import
    from apps.analysis.repository import Facts, File

_MADE_LATER = expression(
    r"(^|\.)_?(version|build|generated|secrets?|credentials?|local_settings|settings_local)(\.|$)|_pb2|_version$"
)


def modules(facts: Facts) -> list[tuple[File, Import]]:
    """Imports, out of system files, of a module of an own package that is not in the repository."""
    if ".gitmodules" in facts.by_path:
        return []  # the missing code may come from there
    tree = _Tree(facts)
    held = facts.once(_held)
    return [
        (file, one)
        for file in facts.scripts
        for one in file.once(_deep)
        if tree.lacks(file, one.module) and not tree.has_beside(file, one.module) and not _has_moved(file, one, held)
        if file.folder or not one.module.startswith(".") or "__init__.py" in facts.by_path  # else it never worked
    ]


def _held(facts: Facts) -> dict[str, set[str]]:
    """The functions and classes of modules, by name, with the parts of the paths of the folders that hold them."""
    found: dict[str, set[str]] = defaultdict(set)
    for file in facts.scripts:
        for name in file.once(_outermost):
            found[name].update(file.folder.split("/"))
    return found


def _outermost(file: File) -> list[str]:
    return [one.name for one in (file.facts.code.defines if file.facts.code else ()) if not one.scope]


def _has_moved(file: File, one: Import, held: dict[str, set[str]]) -> bool:
    """Whether what is imported is in another module of the same package, so that only the import is out of date."""
    parts = one.module.lstrip(".").split(".")
    package = parts[0] if one.module[0] != "." else file.folder.partition("/")[0]
    return bool(package) and package in held.get(parts[-1], ())


def _deep(file: File) -> list[Import]:
    """Imports that must be found, out of a module inside of a package, or above this one."""
    return [
        one
        for one in (file.facts.code.imports if file.facts.code else ())
        if not one.guarded
        and one.module.lstrip(".").count(".") >= (1 if one.module.startswith(".") else 2)
        and not _MADE_LATER.search(one.module)
    ]


def carries(facts: Facts, file: File) -> bool:
    """Whether something of the system rests on the module: others import it, a stage is there, or no other file tells
    what the system does."""
    stages = (claim for claim in facts.profile.stages.values() if claim.holds)
    claims = [facts.profile.serves, facts.profile.trains, *stages]
    told = {place.path for claim in claims for place in claim.evidence}
    name = file.name.removesuffix(".py")
    return (
        not told
        or file.path in told
        or any(name in other.once(_asked_parts) for other in facts.scripts if other is not file)
    )


def _asked_parts(file: File) -> frozenset[str]:
    """The parts of the names of imported modules, in small letters."""
    imports = file.facts.code.imports if file.facts.code else ()
    return frozenset(part for one in imports for part in one.module.lower().split("."))


class _Tree:
    """The importable files and folders, to follow an import as Python would from any root of the repository."""

    def __init__(self, facts: Facts) -> None:
        self._files = {file.path for file in facts.files}
        self._folders = with_outer(file.folder for file in facts.files)
        self._packages: dict[str, list[str]] = defaultdict(list)  # name of an outermost package -> its folders
        self._inner: dict[str, list[str]] = defaultdict(list)  # those within packages, which a script beside them finds
        for folder in with_outer(file.folder for file in facts.scripts):
            if folder:
                named = self._inner if self._is_inner(folder) else self._packages
                named[folder.rsplit("/", 1)[-1]].append(folder)
        self._imported = self._own_tops(facts)
        # a build may put these wherever it likes
        self._extensions = {
            path.rsplit("/", 1)[-1].removesuffix(".pyx") for path in self._files if path.endswith(".pyx")
        }
        self._foreign = {one.name.lower().replace("-", "_") for _, one in facts.dependencies}
        self._lacking: dict[str, bool] = {}

    @cached_property
    def _by_stem(self) -> dict[str, list[str]]:
        """What stands before a name's first dot -> the paths."""
        found: dict[str, list[str]] = defaultdict(list)
        for path in self._files:
            found[path.rsplit("/", 1)[-1].partition(".")[0]].append(path)
        return found

    def lacks(self, file: File, module: str) -> bool:
        """Whether an import in `file` asks for a module of an own package that is not here."""
        if not module.startswith("."):
            if module not in self._lacking:
                self._lacking[module] = self._lacks(module.split("."))
            return self._lacking[module]
        name = module.lstrip(".")
        parts = name.split(".")
        if len(parts) < 2 or not self._extensions.isdisjoint(parts):
            return False
        base = file.path.split("/")[: len(name) - len(module)]
        return not self._leads_on("/".join(base), parts[:-1])

    def has_beside(self, file: File, module: str) -> bool:
        """Whether a folder that the file lies in has the module: each may be where its service starts."""
        parts = module.split(".")
        outer = with_outer([file.folder]) if not module.startswith(".") else ()
        roots = [f"{at}/{parts[0]}".lstrip("/") for at in outer]
        return any(root in self._folders and self._leads_on(root, parts[1:-1]) for root in roots)

    def _lacks(self, parts: list[str]) -> bool:
        named = {parts[0].lower(), "_".join(parts[:2]).lower()}  # the second where distributions share a namespace
        if len(parts) < 3 or not self._foreign.isdisjoint(named) or not self._extensions.isdisjoint(parts):
            return False
        if parts[0] not in self._imported:
            return False
        roots = [*self._packages[parts[0]], *self._inner[parts[0]]]
        return not any(self._leads_on(root, parts[1:-1]) for root in roots)

    def _leads_on(self, root: str, parts: list[str]) -> bool:
        """Whether each part is a module, which ends the search, or a folder in the one before."""
        at = root
        for part in parts:
            at = f"{at}/{part}"
            if at in self._folders:
                continue
            return self._holds([at]) or self._holds_name([at.rpartition("/")[0]], part)
        return True

    def _is_inner(self, folder: str) -> bool:
        """Whether `folder` is part of a package, so that its own name alone imports something else."""
        return f"{folder.rpartition('/')[0]}/__init__.py" in self._files

    def _own_tops(self, facts: Facts) -> set[str]:
        """Packages that are here and from which at least one import finds its module."""
        asked: set[tuple[str, str]] = set()
        asked.update(*(file.once(_first_two) for file in facts.scripts))
        found: set[str] = set()
        for first, second in asked:
            roots = self._packages.get(first) if first not in found else None
            if roots and self._holds([f"{root}/{second}" for root in roots]):
                found.add(first)
        return found

    def _holds(self, stems: list[str]) -> bool:
        return any(
            stem in self._folders
            or any(f"{stem}{end}" in self._files for end in (".py", ".pyx", ".pyi", ".so", ".ipynb", ".c", ".cpp"))
            for stem in stems
        )

    def _holds_name(self, roots: list[str], name: str) -> bool:
        """Whether an extension module of that name is built from any source."""
        return any(
            path.startswith(f"{root}/") and "." in path.rsplit("/", 1)[-1]
            for root in roots
            for path in self._by_stem.get(name, ())
        )


def _first_two(file: File) -> frozenset[tuple[str, str]]:
    """The first two parts of the names of imported modules."""
    names = (one.module.split(".", 2) for one in (file.facts.code.imports if file.facts.code else ()))
    return frozenset((parts[0], parts[1]) for parts in names if len(parts) > 1)
