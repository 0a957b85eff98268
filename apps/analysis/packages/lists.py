"""Manifests of the system with their locks, and packages that code or images name themselves."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from apps.analysis.deployment import images
from apps.analysis.facts.manifests import requirement
from apps.analysis.paths import Kind, Role

if TYPE_CHECKING:
    from apps.analysis.facts.model import Dependency
    from apps.analysis.repository import Facts, File

DEVELOPMENT = re.compile(r"^(dev|develop|development|test|tests|testing|lint|docs?|build|ci|style|typing|quality|pre-?commit|format|notebooks?|check|qa)$|(^|[-_])(dev|tests?|docs|lint)([-_]|$)", re.IGNORECASE)  # fmt: skip
DEVELOPMENT_FILE = re.compile(r"(^|[-_./])(dev|develop|test|tests|docs?|lint|ci|style)([-_.]|$)", re.IGNORECASE)
TOOLS = frozenset(
    [
        "pip",
        "setuptools",
        "wheel",
        "poetry",
        "uv",
        "pipenv",
        "pip-tools",
        "virtualenv",
        "python",
        "conda",
        "pdm",
        "hatch",
        "pipx",
        "poetry-core",
        "build",
        "twine",
        "nodejs",
        "npm",
    ]
)
_LOCKS: tuple[tuple[str, str], ...] = (
    (r"^(poetry|uv|pdm|pixi)\.lock$|^conda-lock\.ya?ml$|^requirements\.lock$|^pylock[\w.]*\.toml$", r"^(pyproject\.toml|setup\.(py|cfg)|environment[^/]*\.ya?ml)$"),
    (r"^pipfile\.lock$", r"^pipfile$"),
    (r"^(package-lock\.json|yarn\.lock|pnpm-lock\.yaml|npm-shrinkwrap\.json|bun\.lockb?)$", r"^package\.json$"),
    (r"^(renv|packrat)\.lock$", r"^description$"),
    (r"^go\.sum$", r"^go\.mod$"),
    (r"^gradle\.lockfile$", r"\.gradle(\.kts)?$"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Manifest:
    """`lock` is the lock file that covers it. `dependencies` are those of run-time, or all where there are no others."""

    file: File
    dependencies: tuple[Dependency, ...]
    lock: File | None = None

    @property
    def ecosystem(self) -> str:
        return self.dependencies[0].ecosystem if self.dependencies else "python"

    @property
    def is_development(self) -> bool:
        return bool(DEVELOPMENT_FILE.search(self.file.name))

    @property
    def groups(self) -> set[str]:
        return {one.group for one in self.file.facts.dependencies if one.group}

    def unpinned(self) -> list[Dependency]:
        if self.lock or self.ecosystem in {"maven", "go"}:
            return []
        return [one for one in self.dependencies if not one.pinned and one.name not in TOOLS]

    @property
    def is_pinned(self) -> bool:
        return not self.unpinned()


def manifests(facts: Facts) -> list[Manifest]:
    """Those nearest to the root first; those of tests, documentation and examples only where there are no others."""
    return facts.once(_manifests)


def _manifests(facts: Facts) -> list[Manifest]:
    listed = [file for file in facts.own if file.facts.dependencies or file.name == "renv.lock"]
    system = [file for file in listed if file.role is Role.SYSTEM] or listed
    locks = [file for file in facts.own if file.kind is Kind.LOCK or re.search(_LOCKS[0][0], file.name)]
    found = [Manifest(file, _runtime(file), _lock_of(file, locks)) for file in system]
    return sorted(found, key=lambda one: (one.file.path.count("/"), one.is_development, one.file.path))


def _runtime(file: File) -> tuple[Dependency, ...]:
    runtime = [one for one in file.facts.dependencies if not DEVELOPMENT.search(one.group)]
    return tuple(runtime or file.facts.dependencies)


def _lock_of(file: File, locks: list[File]) -> File | None:
    if file.name == "renv.lock":
        return file
    for lock in locks:
        covers = any(re.search(of, lock.name) and re.search(by, file.name) for of, by in _LOCKS)
        if covers and (
            lock.folder == file.folder
            or (not lock.folder and lock.name == "uv.lock")
            or (lock.name != "poetry.lock" and file.path.startswith(f"{lock.folder}/"))
        ):
            return lock
    return None


def named_in_code(facts: Facts) -> list[tuple[File, Dependency]]:
    """Packages that an image or a pipeline's component names itself, in place of a manifest."""
    return facts.once(_named_in_code)


_COMPONENT_LISTS = r"^(packages_to_install|pip_packages|conda_packages|requirements|pip_requirements|extra_pip_requirements|python_packages|packages|pip_install)$"


def _named_in_code(facts: Facts) -> list[tuple[File, Dependency]]:
    found = [
        (image.file, parsed)
        for image in images(facts)
        for stage in image.stages
        for line, text in stage.python_installs()
        if (parsed := requirement(text, line)) and parsed.name not in TOOLS
    ]
    for file, one in facts.assigns(_COMPONENT_LISTS):
        found.extend((file, parsed) for text in _texts(one.value) if (parsed := requirement(text, one.line)))
    for file in facts.scripts:
        for define in file.facts.code.defines if file.facts.code else ():
            for decorator in define.decorators:
                for text in _texts(decorator.kwargs.get("packages_to_install")):
                    parsed = requirement(text, decorator.line)
                    found.extend([(file, parsed)] if parsed else [])
    for file, leaf in facts.leaves(
        r"\.(ya?ml|json)$", "**", "*", "*", value=r"^[\w.-]+(\[[\w,]+\])?\s*([=<>~!]=?.*)?$"
    ):
        if (
            len(leaf.keys) > 1
            and leaf.keys[-2] in {"pip_packages", "python_packages", "conda_packages", "pip"}
            and not file.facts.dependencies
        ):
            parsed = requirement(leaf.text, leaf.line)
            found.extend([(file, parsed)] if parsed else [])
    return found


def _texts(value: object) -> list[str]:
    return [one for one in value if isinstance(one, str) and not one.startswith("$")] if isinstance(value, list) else []
