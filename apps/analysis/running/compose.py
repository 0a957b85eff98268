"""Compose services as they are written, base files and overlays apart."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

import msgspec

from apps.analysis.expressions import expression
from apps.analysis.running.clusters import ATTACHED, matches

if TYPE_CHECKING:
    from apps.analysis.facts.model import Leaf
    from apps.analysis.repository import Facts, File

COMPOSE = r"(^|/)(docker-)?compose[^/]*\.ya?ml$|(^|/)[\w-]*docker-compose[^/]*\.ya?ml$"


class Service(msgspec.Struct, frozen=True):
    """A compose service with the leaves below it, whose keys are without `services` and the name."""

    file: File
    name: str
    leaves: list[tuple[list[str], Leaf]]

    def leaf(self, *keys: str) -> Leaf | None:
        """The first value whose keys fit these shell patterns, with `**` for any number of keys."""
        return next((leaf for inner, leaf in self.leaves if matches(inner, keys)), None)

    def under(self, *keys: str) -> list[Leaf]:
        """The values at these keys and below them, in the order of the file."""
        return [leaf for inner, leaf in self.leaves if inner[: len(keys)] == list(keys)]

    def text(self, *keys: str) -> str:
        return " ".join(leaf.text for leaf in self.under(*keys))

    @property
    def image(self) -> str:
        found = self.leaf("image")
        return found.text if found else ""

    @property
    def build(self) -> list[Leaf]:
        return self.under("build")

    @property
    def command(self) -> list[Leaf]:
        """What it starts: what its entry point is, and then what that is given."""
        return [leaf for leaf in (*self.under("entrypoint"), *self.under("command")) if leaf.text]

    @property
    def context(self) -> str | None:
        """The folder that is built, from the root of the repository; None where none is, or a variable names it."""
        found = self.leaf("build", "context") or self.leaf("build")
        if found is None:
            return "" if self.build else None
        if "$" in found.text:
            return None
        folder = posixpath.normpath(posixpath.join(self.file.folder, found.text))
        return "" if folder.startswith("..") or folder == "." else folder.removeprefix("./")

    def builds(self, dockerfile: File) -> bool:
        named = self.leaf("build", "dockerfile")
        path = posixpath.join(self.context or "", named.text if named else "Dockerfile")
        return self.context is not None and posixpath.normpath(path) == dockerfile.path

    @property
    def is_own(self) -> bool:
        """Built here, or an image that runs the repository's code; not a database, broker, proxy or monitor."""
        return bool(self.build or (self.image and not ATTACHED.search(self.image)))

    @property
    def line(self) -> int:
        return min(leaf.line for _, leaf in self.leaves)


def services(facts: Facts) -> list[Service]:
    return facts.once(_services)


def _services(facts: Facts) -> list[Service]:
    grouped: dict[tuple[str, str], Service] = {}
    for file, leaf in facts.leaves(COMPOSE):
        keys = leaf.keys[1:] if leaf.keys[:1] == ["services"] else leaf.keys if _is_of_first(leaf.keys) else []
        if len(keys) >= 2:
            grouped.setdefault((file.path, keys[0]), Service(file, keys[0], [])).leaves.append((keys[1:], leaf))
    return list(grouped.values())


def _is_of_first(keys: list[str]) -> bool:
    """Whether version 1 of compose files says this of a service, which then stands at the top."""
    return len(keys) >= 2 and not keys[0].startswith("x-") and keys[0] not in _OTHER_TOPS


_OTHER_TOPS = frozenset({"networks", "volumes", "secrets", "configs", "include", "models"})


_OF_DEVELOPMENT = expression(r"(^|[._-])(dev|develop|development|local|override)([._-]|$)")
_SHOWS_CHANGES = expression(
    r"\b(npm|yarn|pnpm|bun) (run )?dev\b|\b(next|nuxt|astro) dev\b|\bvite\b(?! build)|\bng serve\b|--reload\b"
)


def is_for_developers(facts: Facts, file: File, command: str) -> bool:
    """Whether a compose file of development, beside another one, starts a server that shows each change at once."""
    return bool(_SHOWS_CHANGES.search(command)) and file.path in facts.once(_of_development)


def _of_development(facts: Facts) -> set[str]:
    files = facts.named(COMPOSE)
    others = {file.folder for file in files if not _OF_DEVELOPMENT.search(file.name)}
    return {file.path for file in files if _OF_DEVELOPMENT.search(file.name) and file.folder in others}
