"""The repository's own files by their names, and what they tell by named patterns: also prose, and files beside the system."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from apps.analysis.facts.model import Signal
    from apps.analysis.findings import Evidence
    from apps.analysis.repository import Facts, File


def named(facts: Facts, names: Iterable[str]) -> list[File]:
    """Files that have one of the names, which are in small letters, in any folder."""
    by_name = facts.once(_by_name)
    return sorted((file for name in names for file in by_name.get(name, ())), key=lambda file: file.path)


def locks_of_r(facts: Facts) -> list[File]:
    """Each declares all that its code needs."""
    return named(facts, ("renv.lock", "packrat.lock"))


def packages_of_r(facts: Facts) -> set[str]:
    """The names of the repository's own packages of R."""
    return {one.text.partition(":")[2].strip() for _, one in _described(facts) if one.text.startswith("Package:")}


def needs_of_r(facts: Facts) -> list[Evidence]:
    """Where packages of R name the version of R, or what of the system, they need."""
    return [file.at(one.line) for file, one in _described(facts) if not one.text.startswith("Package:")]


def _described(facts: Facts) -> list[tuple[File, Signal]]:
    return [(file, one) for file, one in told(facts, "description") if file.path.endswith("DESCRIPTION")]


def _by_name(facts: Facts) -> dict[str, list[File]]:
    found: dict[str, list[File]] = {}
    for file in facts.own:
        found.setdefault(file.name, []).append(file)
    return found


def told(facts: Facts, name: str) -> list[tuple[File, Signal]]:
    """The hits of a named pattern."""
    return facts.once(_told).get(name, [])


def told_at(facts: Facts, name: str) -> list[Evidence]:
    return [file.at(one.line) for file, one in told(facts, name)]


def _told(facts: Facts) -> dict[str, list[tuple[File, Signal]]]:
    found: dict[str, list[tuple[File, Signal]]] = {}
    for file in facts.own:
        for one in file.facts.signals:
            found.setdefault(one.name, []).append((file, one))
    return found
