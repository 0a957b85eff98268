"""Where something stands in a repository, as pages show and link it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from apps.dashboard.forges import line_address

if TYPE_CHECKING:
    from collections.abc import Iterable

    from apps.teams.models import Project


@dataclass(frozen=True, slots=True)
class Place:
    """One piece of evidence; `address` is its page on the forge, or '' where there is none."""

    path: str
    line: int | None
    excerpt: str
    address: str


def places_of(project: Project, evidence: Iterable[dict[str, Any]], commit: str) -> list[Place]:
    """Stored evidence (`path`, `line`, `excerpt`) of `commit`, with its pages."""
    return [
        Place(
            place["path"],
            place.get("line"),
            place.get("excerpt", ""),
            line_address(project.url, commit=commit, path=place["path"], line=place.get("line")),
        )
        for place in evidence
    ]
