"""Keeps the past ready for pages: one row of daily scores per project and team, written once a day."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction
from django.db.models import Max
from django.utils import timezone

from apps.adoption.models import Cause, Origin, ScoreSnapshot, Trail
from apps.catalog import FACTORS
from apps.scoring import whole

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

DAYS = 365
PERIODS = (30, 90, 365)  # days over which changes of means are told; none is longer than DAYS
LOCK = 12_012  # any number that nothing else locks

# Each snapshot holds from its day to the day before the next one; of several on one day the last counts.
HELD = """
WITH closing AS (
    SELECT DISTINCT ON (project_id, day) project_id, (at AT TIME ZONE %(zone)s)::date AS day, score, factors
    FROM adoption_scoresnapshot WHERE at < %(end)s ORDER BY project_id, day, at DESC, id DESC
), held AS (
    SELECT project_id, score, factors, greatest(day, %(first)s) AS since,
           coalesce(lead(day) OVER (PARTITION BY project_id ORDER BY day) - 1, %(until)s) AS until
    FROM closing
)
"""
OF_PROJECTS = f"{HELD} SELECT project_id, since, until, score FROM held WHERE until >= %(first)s"  # noqa: S608
FACTOR_COLUMNS = ", ".join(f"(factors->>'{factor.slug}')::float8 AS f{factor.number}" for factor in FACTORS)
FACTOR_MEANS = ", ".join(f"avg(f{factor.number})" for factor in FACTORS)
OF_TEAMS = f"""
{HELD}, wide AS (SELECT project_id, since, until, score, {FACTOR_COLUMNS} FROM held WHERE until >= %(first)s)
SELECT team_id, day::date, avg(score), {FACTOR_MEANS}
FROM wide JOIN teams_project ON teams_project.id = project_id AND archived_at IS NULL,
     generate_series(since, until, interval '1 day') AS day
GROUP BY GROUPING SETS ((team_id, day), (day))
"""  # noqa: S608 - only names of factors are put in
FACTORS_THEN = f"""
{HELD} SELECT project_id, period, {FACTOR_COLUMNS}
FROM held JOIN unnest(%(periods)s::int[]) AS period ON %(until)s::date - period + 1 BETWEEN since AND until
"""  # noqa: S608 - only names of factors are put in
OBSERVED = """
SELECT project_id, team_id, min((at AT TIME ZONE %(zone)s)::date)
FROM adoption_scoresnapshot JOIN teams_project ON teams_project.id = project_id
WHERE origin = %(observed)s GROUP BY GROUPING SETS ((project_id), (team_id), ())
"""
BREAKS = """
SELECT DISTINCT team_id, (at AT TIME ZONE %(zone)s)::date
FROM adoption_transition JOIN teams_project ON teams_project.id = project_id AND archived_at IS NULL
WHERE cause = %(rules)s AND at >= %(begin)s AND at < %(end)s
"""


def keep_trails(*, at: datetime) -> bool:
    """Writes the trails up to yesterday anew, if a day has ended or the past has changed since the last time."""
    until = timezone.localdate(at) - timedelta(days=1)
    if not _behind(until):
        return False
    return write_trails(until=until)


def _behind(until: date) -> bool:
    last = Trail.objects.filter(project=None, team=None).values_list("until", "seen").first()
    if last is None or last[0] != until:
        return True
    return ScoreSnapshot.objects.filter(pk__gt=last[1], at__lt=_midnight(until + timedelta(days=1))).exists()


@transaction.atomic
def write_trails(*, until: date) -> bool:
    """Writes all trails up to the end of `until`; False when somebody else is at it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
        if not cursor.fetchone()[0]:
            return False
    first = until - timedelta(days=DAYS - 1)
    asked = {
        "first": first, "until": until, "begin": _midnight(first), "end": _midnight(until + timedelta(days=1)),
        "zone": timezone.get_current_timezone_name(), "rules": Cause.RULES.value,
        "observed": Origin.OBSERVED.value, "periods": list(PERIODS),
    }  # fmt: skip
    seen = ScoreSnapshot.objects.aggregate(last=Max("pk"))["last"] or 0
    trails = [*_of_projects(asked, first, until), *_of_teams(asked, first, until, seen)]
    observed = {(project, team): day for project, team, day in rows_of(OBSERVED, asked)}
    for trail in trails:
        trail.observed_since = observed.get((trail.project_id, trail.team_id))
    Trail.objects.all().delete()
    Trail.objects.bulk_create(trails, batch_size=500)
    return True


def _of_projects(asked: dict[str, Any], first: date, until: date) -> Iterable[Trail]:
    trails: dict[int, Trail] = {}
    for project, since, to, score in rows_of(OF_PROJECTS, asked):
        trail = trails.setdefault(project, Trail(project_id=project, until=until, scores=[None] * DAYS))
        begin, end = (since - first).days, (to - first).days + 1
        trail.scores[begin:end] = [_whole(score)] * (end - begin)
    for trail in trails.values():
        trail.factors_then = [[None] * len(FACTORS) for _ in PERIODS]
    for project, period, *factors in rows_of(FACTORS_THEN, asked):
        trails[project].factors_then[PERIODS.index(period)] = [_whole(score) for score in factors]
    return trails.values()


def _of_teams(asked: dict[str, Any], first: date, until: date, seen: int) -> Iterable[Trail]:
    trails: dict[int | None, Trail] = {None: _empty(None, until, seen)}
    for team, day, *means in rows_of(OF_TEAMS, asked):
        if team not in trails:
            trails[team] = _empty(team, until, seen)
        trail, place = trails[team], (day - first).days
        for line, mean in zip([trail.scores, *trail.factors], means, strict=True):
            line[place] = _whole(mean)
    for team, day in sorted(rows_of(BREAKS, asked)):
        for one in (trails[None], trails.get(team)):
            if one is not None and day not in one.breaks:
                one.breaks.append(day)
    trails[None].breaks.sort()
    return trails.values()


def _empty(team: int | None, until: date, seen: int) -> Trail:
    factors: list[list[int | None]] = [[None] * DAYS for _ in FACTORS]
    return Trail(team_id=team, until=until, scores=[None] * DAYS, factors=factors, breaks=[], seen=seen)


def rows_of(statement: str, asked: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, asked)
        return list(cursor.fetchall())


def _whole(score: float | None) -> int | None:
    return None if score is None else whole(score)


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
