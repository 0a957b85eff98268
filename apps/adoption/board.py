"""Which projects a board shows and in which order: the page and the CSV read the same selection."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from apps.catalog import FACTORS, State

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.http import QueryDict

    from apps.teams.models import Project

BY_FACTOR = {f"f{factor.number}": factor.slug for factor in FACTORS}
SORTS = ("team", "score", "name", "scan", *BY_FACTOR)
NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class BoardFilter:
    """What a board's address asks for. Unknown values ask for nothing. `states`: some factor is in one of them."""

    q: str = ""
    team: str = ""
    tag: str = ""
    states: frozenset[str] = frozenset()
    sort: str = "team"

    @classmethod
    def from_query(cls, query: QueryDict) -> BoardFilter:
        sort = query.get("sort", "team")
        return cls(
            q=query.get("q", "").strip(),
            team=query.get("team", ""),
            tag=query.get("tag", ""),
            states=frozenset(query.getlist("state")) & frozenset(State),
            sort=sort if sort in SORTS else "team",
        )

    def select(self, projects: Iterable[Project]) -> list[Project]:
        """Those of `projects` that match, in the order asked for; projects without a score come last."""
        return sorted((project for project in projects if self._matches(project)), key=self._place)

    def _matches(self, project: Project) -> bool:
        return (
            self.q.casefold() in project.name.casefold()
            and self.team in {"", project.team.slug}
            and (not self.tag or self.tag in project.tags)
            and (not self.states or not self.states.isdisjoint(_states_of(project)))
        )

    def _place(self, project: Project) -> tuple[Any, ...]:
        by_name = (project.team.name.casefold(), project.name.casefold())
        card = card_of(project)
        if self.sort == "name":
            return (project.name.casefold(), *by_name)
        if self.sort == "scan":
            return (card.scanned_at if card else NEVER, *by_name)
        if self.sort == "score":
            return (*_last_if_none(card.score if card else None), *by_name)
        if self.sort in BY_FACTOR:
            scores = {row["slug"]: row["score"] for row in card.factors} if card else {}
            return (*_last_if_none(scores.get(BY_FACTOR[self.sort])), *by_name)
        return by_name


def card_of(project: Project) -> Any:  # noqa: ANN401 - a Scorecard or None; Django's reverse accessor raises instead
    """The project's scorecard, None before the first scan. Needs `for_board()` to cost no query."""
    return getattr(project, "scorecard", None)


def _states_of(project: Project) -> set[str]:
    card = card_of(project)
    return {row["state"] for row in card.factors} if card else {State.UNKNOWN}


def _last_if_none(score: float | None) -> tuple[bool, float]:
    return (score is None, score or 0.0)
