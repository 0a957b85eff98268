"""Which code may set parameters, and the networks that it lays out."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from apps.analysis.learning import frameworks
from apps.analysis.parameters import names as words
from apps.analysis.paths import Kind

if TYPE_CHECKING:
    from apps.analysis.facts.model import Define
    from apps.analysis.repository import Facts, File


def files(facts: Facts) -> list[File]:
    """Scripts, unless only notebooks train."""
    return facts.once(_files)


def _files(facts: Facts) -> list[File]:
    trained = [*frameworks.fits(facts), *frameworks.managed_training(facts)]
    only_notebooks = trained and all(file.kind is Kind.NOTEBOOK for file, _ in trained)
    chosen = facts.notebooks if only_notebooks or not facts.scripts else facts.scripts
    return [file for file in chosen if not file.once(_is_aside)]


def _is_aside(file: File) -> bool:
    return words.ASIDE.search(file.path) is not None


def networks(facts: Facts) -> frozenset[str]:
    """Networks that the repository defines, by the names of their classes."""
    return facts.once(_networks)


def _networks(facts: Facts) -> frozenset[str]:
    paths = {file.path for file in files(facts)}
    return frozenset(one.name for file, one in facts.defines(r"^[A-Z]", where=_is_network) if file.path in paths)


def _is_network(_: File, one: Define) -> bool:
    return any(re.search(r"(^|\.)(Module|LightningModule|Model|Layer)$", base) for base in one.bases)


def is_structure(facts: Facts, scope: str, called: str = "") -> bool:
    """Whether code lays out a network there: what it hands to one layer or block is no choice of a run."""
    return bool(words.LAYER.search(called)) or scope.split(".", 1)[0] in networks(facts)
