"""How exactly the versions of what the system installs are fixed, manifest by manifest."""

from __future__ import annotations

import re
from bisect import bisect_left, insort
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from apps.analysis.expressions import expression
from apps.analysis.packages import manifests, own_files
from apps.analysis.packages.manifests import Form, Manifest
from apps.analysis.packages.names import normal
from apps.analysis.paths import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from apps.analysis.facts.model import Dependency
    from apps.analysis.findings import Evidence
    from apps.analysis.repository import Facts, File


class Pinning(msgspec.Struct, frozen=True):
    """`loose` are entries without an exact version, none of them where a lock fixes them."""

    file: File
    lock: File | None
    loose: list[Dependency]
    total: int
    has_versions: bool

    @property
    def evidence(self) -> Evidence:
        if self.lock:
            return self.lock.at(1)
        return self.file.at(self.loose[0].line if self.loose else 1)


def of(facts: Facts) -> list[Pinning]:
    """Of all manifests that are installed; a lock without a readable manifest counts by itself."""
    installed = _installed(facts)
    fixed, locked = _constrained(facts), {one.file.folder for one in installed if one.lock}
    found = [_pinning(_as_installed(facts, one), fixed) for one in installed if not _is_left(facts, one, locked)]
    alone = [] if found else own_files.named(facts, _LOCKS_ALONE)
    return found + [Pinning(file, file, [], 0, has_versions=True) for file in alone]


def _as_installed(facts: Facts, one: Manifest) -> Manifest:
    """Without the lock of a list, where images install the list itself and never the lock."""
    if one.lock is None or one.file.kind is not Kind.REQUIREMENTS:
        return one
    runs = facts.once(_in_images)
    return replace(one, lock=None) if runs.lists(one.file.name) and one.lock.name not in runs.text else one


def _is_left(facts: Facts, one: Manifest, locked: set[str]) -> bool:
    """Whether a list stands beside the lock of a project from which all install, and nothing installs the list."""
    if one.lock or one.file.kind is not Kind.REQUIREMENTS or one.file.folder not in locked:
        return False
    return not facts.once(_anywhere).lists(one.file.name)


_LISTED = expression(r"-r\s*(\S+)")


class _Installers:
    """What installs lists, in small letters."""

    def __init__(self, texts: Iterable[str]) -> None:
        lowered = [text.lower() for text in texts]
        self.text = "\n".join(lowered)
        self._backwards = sorted({path[::-1] for text in lowered for path in _LISTED.findall(text)})

    def lists(self, name: str) -> bool:
        """Whether a list of that name, or of one that ends in it, is installed."""
        ends = name[::-1]
        at = bisect_left(self._backwards, ends)
        return at < len(self._backwards) and self._backwards[at].startswith(ends)


def _in_images(facts: Facts) -> _Installers:
    return _Installers(
        part.value for file in facts.dockerfiles for part in file.facts.instructions if part.name == "RUN"
    )


def _anywhere(facts: Facts) -> _Installers:
    return _Installers(
        [
            *(one.text for _, one in facts.commands(r"-r\s*\S")),
            *(leaf.text for _, leaf in facts.leaves(r"\.ya?ml$", value=r"-r\s*\S")),
            *(part.value for file in facts.dockerfiles for part in file.facts.instructions),
        ]
    )


_LOCKS_ALONE = frozenset(
    {
        "renv.lock",
        "packrat.lock",
        "conda-lock.yml",
        "poetry.lock",
        "uv.lock",
        "pdm.lock",
        "pipfile.lock",
        "pylock.toml",
        "pkg.lock",
        "deno.lock",
    }
)


def prose(facts: Facts) -> list[Evidence]:
    """Where packages are installed without a tracked list, or prose tells to: no lock, but the place to read."""
    lists = [file.at(line) for file, line, _ in manifests.installers(facts)]
    return lists[:2] + own_files.told_at(facts, "install-command")[:2]


def _pinning(one: Manifest, fixed: dict[str, set[str]]) -> Pinning:
    beside = fixed.get(one.file.folder, set()) if one.file.kind is Kind.REQUIREMENTS else set()
    versions = bool(one.lock) or any(_has_version(entry) or normal(entry.name) in beside for entry in one.dependencies)
    loose = [entry for entry in one.unpinned() if normal(entry.name) not in beside]
    return Pinning(one.file, one.lock, loose, len(one.dependencies), versions)


def _constrained(facts: Facts) -> dict[str, set[str]]:
    """By folders, the packages whose versions pip's constraints fix for the lists beside them."""
    return {
        one.file.folder: {normal(entry.name) for entry in one.dependencies if manifests.is_exact(entry)}
        for one in manifests.listed(facts)
        if "constraint" in one.file.name
    }


def _has_version(entry: Dependency) -> bool:
    return manifests.is_exact(entry) or (
        bool(re.search(r"\d", entry.spec)) and not re.match(r"^(git\+|-e|https?:)", entry.spec)
    )


# --- which manifests are installed ------------------------------------------------------------------------------------
def _installed(facts: Facts) -> list[Manifest]:
    found = manifests.run_time(facts)
    named = {name for _, _, name in manifests.installers(facts)}
    alike: dict[tuple[str, str], _Alike] = {}
    for one in found:
        if one.form in {Form.LIST, Form.PROJECT}:
            alike.setdefault((one.scope, one.ecosystem), _Alike()).add(one)
    beside = {id(one): alike.get((one.scope, one.ecosystem), _Alike()) for one in found}
    return [one for one in found if one.dependencies and not _stands_aside(one, beside[id(one)], named)]


class _Alike(msgspec.Struct):
    """Of lists and projects of one scope those that may be installed in place of another, and their names."""

    locked: list[Manifest] = []
    projects: list[Manifest] = []  # of Python, locked
    pinned: list[Manifest] = []
    texts: list[str] = []  # in order

    def add(self, one: Manifest) -> None:
        if one.lock:
            self.locked.append(one)
        if one.lock and one.file.name == "pyproject.toml":
            self.projects.append(one)
        if one.form is Form.LIST and one.is_pinned:
            self.pinned.append(one)
        if one.file.name.endswith(".txt"):
            insort(self.texts, one.file.name)


def _stands_aside(one: Manifest, beside: _Alike, named: set[str]) -> bool:
    """Whether another manifest of the same scope is what is installed: the list compiled from this one, the pinned list
    beside a package's ranges, the lock beside an export that nobody installs."""
    if one.file.name.endswith(".in"):
        compiled = one.file.name.removesuffix(".in")
        at = bisect_left(beside.texts, compiled)
        return at < len(beside.texts) and beside.texts[at].startswith(compiled)
    if one.form is Form.PROJECT and not one.lock:
        return bool(beside.pinned) or (one.file.name != "pyproject.toml" and bool(beside.projects))
    if one.form is Form.LIST and one.file.kind is Kind.REQUIREMENTS and one.file.name not in named:
        return any(other is not one for other in beside.locked)
    return False
