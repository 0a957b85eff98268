"""Fills a database of its own with 2,000 projects in 100 teams and a year of history, the same for the same seed.

    python benchmarks/organisation.py [--projects 2000] [--teams 100] [--seed 12]

The database is named twelvefold_benchmark and lies on the server that DATABASE_URL names, else on the embedded one. An
older one of that name is replaced. Nothing is scanned: states, evidence, scores and their changes are drawn by chance.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
from contextlib import ExitStack
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import psycopg  # noqa: E402 - the path above leads to the house

from apps.embedded.places import Places  # noqa: E402
from apps.embedded.services import attached  # noqa: E402

if TYPE_CHECKING:
    from datetime import datetime

    from apps.scoring import ProjectScore

DATABASE = "twelvefold_benchmark"
DAYS = 365
RULE_CHANGES = (300, 130, 41)  # days ago
TAGS = (
    "online",
    "batch",
    "gpu",
    "pii",
    "tier-1",
    "tier-2",
    "edge",
    "streaming",
    "notebooks",
    "features",
    "legacy",
    "r",
)
PATHS = ("Dockerfile", "pyproject.toml", "serving/app.py", "training/loop.py", "deploy/values.yaml", "jobs/backfill.py")
# How the states of an item are spread, from a careless project to a careful one.
SPREADS = ((10, 20, 50, 12, 8), (25, 30, 28, 12, 5), (45, 25, 15, 12, 3), (65, 17, 5, 12, 1))
SCANS = """
INSERT INTO scans_scanrequest (project_id, team_id, host, turn, at_least, cause, priority, requested_at, not_before,
    phase, forced, attempts, epoch, worker, started_at, stage, percent, detail, finished_at, "commit", unchanged,
    reason)
SELECT id, team_id, 'git.example.org', 0, '', 'schedule', 30, at, at,
    'done', false, 1, 1, 'benchmark', at, '', 0, '', at, '', true, ''
FROM teams_project, generate_series(1, %s) AS ago, LATERAL (SELECT %s - ago * interval '1 day' AS at) AS moment
"""


def open_database(stack: ExitStack, *, fresh: bool) -> None:
    """Names the benchmark's database in the environment, with servers around it, and sets Django up."""
    places = Places.from_environment()
    missing = {"DATABASE_URL": ("postgres", places.database_url), "REDIS_URL": ("valkey", places.redis_url)}
    missing = {variable: pair for variable, pair in missing.items() if not os.environ.get(variable)}
    stack.enter_context(attached(places, [name for name, _ in missing.values()]))
    os.environ.update({variable: url for variable, (_, url) in missing.items()})
    server = os.environ["DATABASE_URL"]
    if fresh:
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")
            connection.execute(f"CREATE DATABASE {DATABASE}")
    os.environ["DATABASE_URL"] = urlsplit(server)._replace(path=f"/{DATABASE}").geturl()
    os.environ.setdefault("SECRET_KEY", "a key for benchmarks alone, fifty characters or more of it")
    os.environ.setdefault("HTTPS", "false")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    django.setup()


class Past:
    """One project's year: its fifty states as they change, and the rows that tell of it."""

    def __init__(self, project: Any, dice: random.Random, now: datetime) -> None:
        from apps.catalog import ITEMS

        self.project, self.dice, self.now = project, dice, now
        spread = dice.choice(SPREADS)
        self.states = {item: self._drawn(spread) for item in ITEMS}
        self.since = dict.fromkeys(ITEMS, now - timedelta(days=DAYS))
        self.waived = {item for item in ITEMS if dice.random() < 0.01}
        self.snapshots: list[Any] = []
        self.transitions: list[Any] = []

    def _drawn(self, spread: tuple[int, ...]) -> Any:
        from apps.catalog import State

        return self.dice.choices(list(State), spread)[0]

    def live(self) -> None:
        """A snapshot at the start, then 10 to 40 moments at which one to four items change."""
        days = sorted(self.dice.sample(range(1, DAYS), self.dice.randint(10, 40)), reverse=True)
        self._snapshot(DAYS)
        for ago in days:
            self._change(ago, "rules" if ago in RULE_CHANGES else self.dice.choices(*CAUSES)[0])
            self._snapshot(ago)

    def _change(self, ago: int, cause: str) -> None:
        from apps.adoption.models import Transition

        at = self.now - timedelta(days=ago, minutes=self.dice.randrange(600))
        for item in self.dice.sample(sorted(self.states), self.dice.randint(1, 4)):
            before, after = self.states[item], self._drawn(SPREADS[2 if self.dice.random() < 0.7 else 1])
            if before == after:
                continue
            self.states[item], self.since[item] = after, at
            self.transitions.append(
                Transition(
                    project=self.project, item=item, before=before, after=after, cause=cause, at=at, commit="c" * 40
                )
            )

    def score(self) -> ProjectScore:
        from apps.scoring import ItemStanding, score_project

        return score_project(ItemStanding(item, s, waived=item in self.waived) for item, s in self.states.items())

    def _snapshot(self, ago: int) -> None:
        from apps.adoption.models import ScoreSnapshot

        score = self.score()
        self.snapshots.append(
            ScoreSnapshot(
                project=self.project, at=self.now - timedelta(days=ago), commit="c" * 40, score=score.score,
                coverage=score.coverage, grade=score.grade or "",
                factors={one.slug: one.score for one in score.factors},
                states=dict(self.states),
                catalogue_version="b", engine_version=f"b{sum(ago <= change for change in RULE_CHANGES)}",
            )
        )  # fmt: skip

    def card(self) -> Any:
        from apps.adoption.models import Scorecard

        score = self.score()
        claims = ("trains", "serves", "batch", "language_model", "model", "loads_model", "own_model", "schema")
        places = [{"path": path, "line": 12} for path in PATHS[:3]]
        return Scorecard(
            project=self.project, commit="c" * 40, scanned_at=self.now - timedelta(minutes=self.dice.randrange(4_000)),
            score=score.score, coverage=score.coverage, verified=score.verified, grade=score.grade or "",
            weakest=score.weakest or "", factors=[asdict(one) for one in score.factors],
            factor_scores=[one.score for one in score.factors], factor_states=[one.state for one in score.factors],
            counts=score.counts, waived=score.waived, contested=self.dice.randrange(20) // 17,
            profile={claim: {"holds": self.dice.random() < 0.5, "evidence": places} for claim in claims},
            catalogue_version="b", engine_version="b3", updated_at=self.now,
        )  # fmt: skip

    def standings(self) -> list[Any]:
        from apps.adoption.models import Standing

        return [
            Standing(
                project=self.project, item=item, automatic=state, state=state, waived=item in self.waived,
                since=self.since[item], commit="c" * 40,
                summary=f"Found {state} at `{self.dice.choice(PATHS)}` when the files were read.",
                remedy="" if state == "met" else "Change what the evidence shows.",
                evidence=[{"path": path, "line": 7, "excerpt": "x = 1"} for path in self.dice.sample(PATHS, 2)],
            )
            for item, state in self.states.items()
        ]  # fmt: skip


CAUSES = (["code", "attestation", "waiver", "expiry"], [80, 12, 5, 3])


def fill(*, projects: int, teams: int, seed: int) -> None:
    from django.contrib.auth.models import User
    from django.core.management import call_command
    from django.db import connection
    from django.utils import timezone

    from apps.adoption.models import Scorecard, ScoreSnapshot, Standing, Transition
    from apps.adoption.trails import keep_trails
    from apps.teams.models import Membership, Project, Team

    call_command("migrate", interactive=False, verbosity=0)
    dice, now = random.Random(seed), timezone.now()
    owners = Team.objects.bulk_create([Team(name=f"Team {n:03}", slug=f"team-{n:03}") for n in range(1, teams + 1)])
    people = User.objects.bulk_create(
        [User(username=f"person-{n}", first_name=f"Person {n}") for n in range(teams * 3)]
    )
    Membership.objects.bulk_create(
        Membership(team=owners[n // 3], user=one, role="member" if n % 3 else "maintainer")
        for n, one in enumerate(people)
    )
    made = Project.objects.bulk_create(
        Project(
            team=owners[n % teams], name=f"project-{n:04}", slug=f"project-{n:04}",
            url=f"https://git.example.org/benchmark/project-{n:04}", tags=dice.sample(TAGS, dice.randint(0, 3)),
        )
        for n in range(projects)
    )  # fmt: skip
    for start in range(0, projects, 100):
        pasts = [Past(project, dice, now) for project in made[start : start + 100]]
        for past in pasts:
            past.live()
        ScoreSnapshot.objects.bulk_create([row for past in pasts for row in past.snapshots])
        Transition.objects.bulk_create([row for past in pasts for row in past.transitions])
        Standing.objects.bulk_create([row for past in pasts for row in past.standings()])
        Scorecard.objects.bulk_create([past.card() for past in pasts])
    with connection.cursor() as cursor:
        cursor.execute(SCANS, [DAYS, now])
    keep_trails(at=now)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--projects", type=int, default=2000)
    parser.add_argument("--teams", type=int, default=100)
    parser.add_argument("--seed", type=int, default=12)
    options = parser.parse_args()
    with ExitStack() as stack:
        open_database(stack, fresh=True)
        fill(**vars(options))
        print(f"{options.projects} projects in {options.teams} teams are in the database {DATABASE}.")


if __name__ == "__main__":
    main()
