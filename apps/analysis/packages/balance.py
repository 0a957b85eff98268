"""Imported packages held against what is declared for the folder that imports them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec

from apps.analysis.expressions import expression
from apps.analysis.packages import imports, manifests, own_files
from apps.analysis.packages.brought import brought
from apps.analysis.packages.names import is_brought, names_of, normal
from apps.analysis.paths import Kind

if TYPE_CHECKING:
    from apps.analysis.packages.imports import Package
    from apps.analysis.repository import Facts, File

# Where imports name no package -> the ends of names of code.
_BUILDS = {
    "maven": (".java", ".kt", ".scala", ".sbt"),
    "nuget": (".cs",),
    "go": (".go",),
    "cargo": (".rs",),
}


class Balance(msgspec.Struct, frozen=True):
    """`missing` are packages with the places that import them undeclared; `imported` counts all packages."""

    missing: list[Package]
    imported: int
    most: bool  # more than half is missing, counted in scripts where there are any
    undeclared_languages: list[File]  # one file of each language that has no manifest at all


def balance(facts: Facts) -> Balance:
    return facts.once(_balance)


def _balance(facts: Facts) -> Balance:
    found = imports.by_ecosystem(facts)
    missing = [
        *_missing_python(facts, found["python"]),
        *_missing_by_name(facts, found["npm"], "npm"),
        *_missing_by_name(facts, found["r"], "r"),
    ]
    without = [
        files[0]
        for ecosystem in _BUILDS
        if ecosystem != "cargo" and (files := _written(facts, ecosystem)) and not manifests.run_time(facts, ecosystem)
    ]
    everything = [package for packages in found.values() for package in packages]
    missing.sort(key=lambda package: (package.places[0][0].kind is Kind.NOTEBOOK, -len(package.places)))
    return Balance(missing, len(everything), _most(facts, missing, everything), without)


def _written(facts: Facts, ecosystem: str) -> list[File]:
    """The code in the languages of the ecosystem."""
    code = facts.of_kind(Kind.JAVA, Kind.SCALA, Kind.GO, Kind.TEXT)
    return [file for file in code if file.name.endswith(_BUILDS[ecosystem])]


def _most(facts: Facts, missing: list[Package], everything: list[Package]) -> bool:
    """Sub-packages of a declared family weigh nothing here; neither does code beside more code of another language that
    has its build file."""
    if not missing:
        return False
    others = sum(len(_written(facts, ecosystem)) for ecosystem in _BUILDS if manifests.run_time(facts, ecosystem))
    if others > len(facts.code):
        return False
    declared = {normal(entry.name) for one in manifests.of(facts) for entry in one.entries}
    missing = [package for package in missing if package.name.split("-")[0] not in declared]
    if facts.code:  # a page beside the system is a part of it at most
        missing = [package for package in missing if any(file.kind is not Kind.SCRIPT for file, _ in package.places)]
    total = _in_scripts(everything)
    return _in_scripts(missing) > total / 2 if total else len(missing) > len(everything) / 2


def _in_scripts(packages: list[Package]) -> int:
    return sum(any(file.kind is not Kind.NOTEBOOK for file, _ in package.places) for package in packages)


def _missing_python(facts: Facts, packages: list[Package]) -> list[Package]:
    scopes = _Scopes(facts)
    result = []
    for package in packages:
        folders = {file.folder for file, _ in package.places}
        without = {one for one in folders if not is_brought(package.module, package.options, scopes.of(one))}
        lacking = [(file, line) for file, line in package.places if file.folder in without]
        if lacking:
            lacking.sort(key=lambda pair: pair[0].kind is Kind.NOTEBOOK)
            result.append(imports.Package(package.name, package.module, package.options, lacking))
    return result


class _Scopes:
    """The names declared for a folder: by manifests of its own and of the folders above; else by all."""

    def __init__(self, facts: Facts) -> None:
        self._brought = brought(facts)
        self._by_scope: dict[str, set[str]] = {}
        for one in manifests.of(facts):
            if one.ecosystem == "python":
                names = self._by_scope.setdefault(one.scope, set())
                for entry in one.entries:
                    names |= names_of(entry.name)
                    names.update(
                        normal(part) for extra in entry.extras for part in (extra, extra.split("-")[0].split(".")[0])
                    )
        self._join_members(facts)
        self._all = set().union(self._brought, *self._by_scope.values())
        self._own_lists = {
            one.scope
            for one in manifests.of(facts)
            if one.ecosystem == "python" and one.form not in {manifests.Form.CODE, manifests.Form.IMAGE}
        }
        self._known: dict[str, set[str]] = {}
        self._joined: dict[tuple[str, ...], set[str]] = {}

    def _join_members(self, facts: Facts) -> None:
        """Who depends on a member of the workspace has what the member declares."""
        own = manifests.own_packages(facts)
        for file, entry in facts.dependencies if own else ():
            member = own.get(normal(entry.name))
            if member is not None and member != file.folder:
                self._by_scope.setdefault(file.folder, set()).update(self._by_scope.get(member, ()))

    def of(self, folder: str) -> set[str]:
        if folder not in self._known:
            parts = folder.split("/") if folder else []
            above = ["/".join(parts[:count]) for count in range(len(parts) + 1)]
            self._known[folder] = self._all if self._own_lists.isdisjoint(above) else self._join(above)
        return self._known[folder]

    def _join(self, folders: list[str]) -> set[str]:
        """The names that manifests of the folders declare; the same for many folders below."""
        scopes = tuple(folder for folder in folders if folder in self._by_scope)
        if scopes not in self._joined:
            self._joined[scopes] = self._brought.union(*(self._by_scope[scope] for scope in scopes))
        return self._joined[scopes]


_BUILT = expression(r"\.(tsx?|jsx|mts|vue|svelte)$")


def _missing_by_name(facts: Facts, packages: list[Package], ecosystem: str) -> list[Package]:
    """npm and R: the import names the package. A lock of R alone declares all of it."""
    if not packages:
        return []
    listed = [one for one in manifests.of(facts) if one.ecosystem == ecosystem]
    if ecosystem == "r" and own_files.locks_of_r(facts):
        return []
    if ecosystem == "npm" and not listed and facts.code:  # scripts of a page beside a Python system need no build
        packages = [one for one in packages if any(_BUILT.search(file.path) for file, _ in one.places)]
    names = {normal(entry.name) if ecosystem == "r" else entry.name for one in listed for entry in one.entries}
    if ecosystem == "r":
        names |= {
            name.removeprefix("r-") for one in manifests.of(facts) for name in (normal(e.name) for e in one.entries)
        }
        names |= {normal(name) for name in own_files.packages_of_r(facts)}
        names |= {
            normal(name)
            for file in facts.dockerfiles
            for part in file.facts.instructions
            for name in re.findall(r"['\"]([A-Za-z][\w.]*)['\"]", part.value)
            if "install" in part.value
        }
    return [package for package in packages if not any(option in names for option in package.options)]
