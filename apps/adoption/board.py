"""Which projects a board shows and in which order: the page and the CSV read the same selection."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db.models import Avg, BigIntegerField, Count, F, Func, IntegerField, Min, Q, Value
from django.db.models.functions import Abs, Cast, Coalesce, Floor, Lower
from django.utils import timezone

from apps.adoption.trails import DAYS
from apps.catalog import FACTORS, State

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from django.db.models import Expression
    from django.http import QueryDict

    from apps.teams.models import Project, ProjectQuerySet

PLACES = {factor.slug: place for place, factor in enumerate(FACTORS)}
BY_FACTOR = {f"f{factor.number}": factor.slug for factor in FACTORS}
SORTS = ("name", "score", "move", "trend", "scan", *BY_FACTOR)
KINDS = ("serves", "trains", "batch")
MARKS = ("stale", "contested", "waived")


@dataclass(frozen=True, slots=True)
class BoardFilter:
    """What a board's address asks for. Unknown values ask for nothing.

    `states`: `factor`, or with none chosen some factor, is in one of them. `kind`: what the system does. `marks`:
    all of them hold. `sort` begins with a minus when the greatest comes first.
    """

    q: str = ""
    team: str = ""
    tag: str = ""
    states: frozenset[str] = frozenset()
    factor: str = ""
    kind: str = ""
    marks: frozenset[str] = frozenset()
    sort: str = "name"
    grouped: bool = True

    @classmethod
    def from_query(cls, query: QueryDict) -> BoardFilter:
        return cls(
            q=query.get("q", "").strip().replace("\0", ""),
            team=query.get("team", "").replace("\0", ""),
            tag=query.get("tag", "").replace("\0", ""),
            states=frozenset(query.getlist("state")) & frozenset(State),
            factor=_known(query.get("factor", ""), PLACES),
            kind=_known(query.get("kind", ""), KINDS),
            marks=frozenset(query.getlist("mark")) & frozenset(MARKS),
            sort=_known(query.get("sort", ""), (*SORTS, *(f"-{sort}" for sort in SORTS))) or "name",
            grouped=query.get("group") != "none",
        )

    @property
    def column(self) -> str:
        return self.sort.removeprefix("-")

    @property
    def descending(self) -> bool:
        return self.sort.startswith("-")

    @property
    def narrow(self) -> bool:
        """Whether some projects may be left out."""
        return bool(self.q or self.team or self.tag or self.states or self.kind or self.marks)

    def matching(self, projects: ProjectQuerySet) -> ProjectQuerySet:
        return projects.filter(*self._conditions())

    def select(self, projects: ProjectQuerySet) -> ProjectQuerySet:
        """All of `projects` that match, in order. One query, for the order of the teams, before its own."""
        matching = self.matching(projects)
        return self.ordered(matching, [team for team, _ in self.teams(matching)] if self.grouped else None)

    def _conditions(self) -> Iterable[Q]:
        if self.q:
            yield Q(name__icontains=self.q)
        if self.team:
            yield Q(team__slug=self.team)
        if self.tag:
            yield Q(tags__contains=[self.tag])
        if self.states:
            yield self._in_states()
        if self.kind:
            yield Q(**{f"scorecard__profile__{self.kind}__holds": True})
        if "stale" in self.marks:
            yield Q(scorecard__scanned_at__lt=timezone.now() - 2 * Coalesce("scan_interval", settings.SCAN_INTERVAL))
        for mark in self.marks & {"contested", "waived"}:
            yield Q(**{f"scorecard__{mark}__gt": 0})

    def _in_states(self) -> Q:
        if self.factor:
            here = Q(**{f"scorecard__factor_states__{PLACES[self.factor]}__in": sorted(self.states)})
        else:
            here = Q(scorecard__factor_states__overlap=sorted(self.states))
        never_scanned = Q(scorecard=None) if State.UNKNOWN in self.states else Q()
        return here | never_scanned if never_scanned else here

    def ordered(self, projects: ProjectQuerySet, teams: list[int] | None = None) -> ProjectQuerySet:
        """`projects` in the order asked for, those without a value last; grouped, in the order of `teams`."""
        by_name: list[Any] = [Lower("name").desc() if self.sort == "-name" else Lower("name"), "pk"]
        if self.column != "name":
            by_name.insert(0, self._directed(self._value()))
        if self.grouped:
            in_team_order = Func(Value(teams or [], _IDS), F("team_id"), function="array_position", output_field=_ID)
            by_name.insert(0, in_team_order)
        return projects.order_by(*by_name)

    def teams(self, projects: ProjectQuerySet) -> list[tuple[int, int]]:
        """Each team of `projects` and how many it has, in the order asked for. One query."""
        means: dict[str, Any] = {} if self.column == "name" else {"place": self._mean()}
        rows = projects.order_by().values("team_id").annotate(count=Count("pk"), **means)
        by_name = Lower("team__name").desc() if self.sort == "-name" else Lower("team__name")
        order = [self._directed(F("place"))] if means else []
        return list(rows.order_by(*order, by_name).values_list("team_id", "count"))

    def _mean(self) -> Expression:
        return Min(self._value()) if self.column == "scan" else Avg(self._value())

    def _directed(self, value: Any) -> Any:  # noqa: ANN401 - an F or an expression, and its OrderBy
        if self.descending:
            return value.desc(nulls_last=True)
        # Never scanned is the oldest scan there is; elsewhere, what has no value comes last.
        return value.asc(nulls_first=True) if self.column == "scan" else value.asc(nulls_last=True)

    def _value(self) -> Any:  # noqa: ANN401 - an F or an expression
        if self.column == "score":
            return F("scorecard__score")
        if self.column == "scan":
            return F("scorecard__scanned_at")
        if self.column == "move":
            return Abs(points_since(30))
        if self.column == "trend":
            return points_since(90)
        return F(f"scorecard__factor_scores__{PLACES[BY_FACTOR[self.column]]}")


_ID = BigIntegerField()
_IDS = ArrayField(BigIntegerField())


def _known(word: str, words: Iterable[str]) -> str:
    return word if word in words else ""


def is_stale(project: Project, scanned_at: datetime, now: datetime) -> bool:
    """Whether two scans were due since `scanned_at`."""
    return scanned_at < now - 2 * (project.scan_interval or settings.SCAN_INTERVAL)


def points_since(days: int) -> Any:  # noqa: ANN401 - a combined expression
    """The points that a project won in `days` days; null when it had no score then or has none now."""
    return Cast(Floor(F("scorecard__score") + 0.5), IntegerField()) - F(f"trail__scores__{DAYS - days}")


def card_of(project: Project) -> Any:  # noqa: ANN401 - a Scorecard or None; Django's reverse accessor raises instead
    """The project's scorecard, None before the first scan. Needs `for_board()` to cost no query."""
    return getattr(project, "scorecard", None)
