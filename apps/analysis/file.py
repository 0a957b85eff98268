"""One tracked file with its facts."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeVar

from msgspec import structs

from apps.analysis.facts.extract import IMAGE, IN_R, INSTALLS, MEASURES
from apps.analysis.findings import Evidence
from apps.analysis.paths import Kind, Role, role_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from apps.analysis.facts.model import FileFacts

T = TypeVar("T")
# Prose with code in R between it, and notebooks in R, which a person runs piece by piece.
_DOCUMENTS = (".rmd", ".qmd", ".rnw", ".ipynb")
_LIKE_GITHUB = frozenset({".gitea/workflows", ".forgejo/workflows"})


@dataclass(frozen=True, slots=True)
class File:
    """One tracked file. `size` is in bytes, None where the blob is absent. Commits that share it share the object."""

    path: str
    kind: Kind
    role: Role
    size: int | None
    facts: FileFacts
    symlink: bool = False
    name: str = field(init=False, repr=False, compare=False)  # in small letters, without the folder
    folder: str = field(init=False, repr=False, compare=False)
    _made: dict[object, Any] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        folder, _, name = self.path.rpartition("/")
        object.__setattr__(self, "name", name.lower())
        object.__setattr__(self, "folder", folder)

    def __hash__(self) -> int:
        return hash(self.path)

    @property
    def is_notebook(self) -> bool:
        """Whether a person runs its code cell by cell: a Jupyter notebook, or a document of R Markdown or Quarto."""
        return self.kind is Kind.NOTEBOOK or (self.kind is Kind.R and self.name.endswith(_DOCUMENTS))

    def imports(self, *modules: str) -> bool:
        """Whether its code imports one of these modules or anything below them."""
        if modules not in self._made:  # calls and lines ask for the same, one after another
            tops, below = _named(modules)
            imported = [one for one in self.facts.code.imports if one.top in tops] if self.facts.code else []
            self._made[modules] = any(one.module in modules or one.module.startswith(below) for one in imported)
        return bool(self._made[modules])

    def at(self, line: int = 0) -> Evidence:
        return Evidence(self.path, line)

    def once(self, build: Callable[[File], T]) -> T:
        """What `build` makes of this file alone, made once for all checks and all commits that have it."""
        if build not in self._made:
            self._made[build] = build(self)
        found: T = self._made[build]
        return found


@lru_cache(maxsize=1024)
def _named(modules: tuple[str, ...]) -> tuple[frozenset[str], tuple[str, ...]]:
    """How the names of these modules and of all below them begin: their first parts, and what lies below each."""
    return frozenset(one.split(".", 1)[0] for one in modules), tuple(f"{one}." for one in modules)


def as_read(plain: File, facts: FileFacts) -> File:
    """The file with its facts, as what these tell it to be: a notebook in R is R, what builds an image is a Dockerfile
    under any name, what installs a platform in a cluster is its makers', what is named for a test by its own name
    alone, tests nothing and measures a model is a program of the system, and Gitea and Forgejo read GitHub's
    workflows."""
    if facts.form == IN_R:
        return replace(plain, kind=Kind.R, facts=facts)
    if facts.form == IMAGE:
        return replace(plain, kind=Kind.DOCKERFILE, facts=facts)
    if facts.form == INSTALLS:
        return replace(plain, role=Role.VENDORED, facts=facts)
    if facts.form == MEASURES and role_of(f"{plain.folder}/module.py") is Role.SYSTEM:
        return replace(plain, role=Role.SYSTEM, facts=facts)
    if plain.folder in _LIKE_GITHUB:
        facts = structs.replace(facts, form=f".github/workflows/{plain.name}")
    return replace(plain, facts=facts)
