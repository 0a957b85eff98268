"""Charts of Helm that a repository took over from others: they show how somebody else's system runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from apps.analysis.file import File

# What a chart says of its publisher. A chart that is made for one system says nothing of the kind.
_PUBLISHED = frozenset({"icon", "sources", "annotations", "maintainers", "home"})
_ENOUGH = 3


def of_others(files: Iterable[File]) -> tuple[str, ...]:
    """Folders of published charts, where the repository has one of its own beside them."""
    charts = [file for file in files if file.name == "chart.yaml" and file.folder and file.facts.leaves]
    foreign = [file for file in charts if _is_published(file)]
    folders = tuple(f"{file.folder}/" for file in foreign)
    own = [file for file in charts if not file.path.startswith(folders)]
    return folders if own else ()


def _is_published(file: File) -> bool:
    return len({leaf.keys[0] for leaf in file.facts.leaves if leaf.keys} & _PUBLISHED) >= _ENOUGH
