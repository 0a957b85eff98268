"""Tasks run with the same code and dependencies as the application.

## What it does
Finds the tasks (maintenance and retraining) and what they run in: steps of a pipeline, containers of the application's
image, jobs that use a lock, or the interpreter of whoever starts them.

*Met* when tasks run in the application's image, as steps of its pipelines, or in an environment that a lock fixes, or a
pinned list that holds all that is imported. A lock fixes nothing of an application whose images install another list.
*Partial* when they share the repository, but they or most of them run in an environment that nothing pins or declares, or
are notebooks. *Unmet* when they all run elsewhere: in another checkout, on another host, by somebody's own interpreter.
*Not applicable* when no tasks exist.

## Why it matters
A feature that is backfilled with another version of a library than the service uses differs silently, and the model sees
two worlds.

## How to adopt it
```makefile
# before
backfill: ; python backfill.py
# after
backfill: ; docker compose run --rm api python -m project.backfill
```

## References
- The Twelve-Factor App, XII. Admin processes: https://12factor.net/admin-processes
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from apps.analysis.findings import Effort, finding, spread
from apps.analysis.packages.balance import balance
from apps.analysis.running import starts
from apps.analysis.tasks import derived, environments, maintenance
from apps.catalog import State

if TYPE_CHECKING:
    from apps.analysis.findings import Finding
    from apps.analysis.repository import Facts

_REMEDY = "Run tasks in the application's image (`docker compose run`, a job of the cluster) or in an environment with a lock."


def check(facts: Facts) -> Finding:
    found = maintenance.of(facts)
    rebuilding = derived.of(facts)
    scripted = [*found.commands, *found.loose] or [*rebuilding.ranged, *rebuilding.fixed]
    training = list(facts.profile.trains.evidence)
    if not scripted and not training and not found.notebooks:
        return finding(State.NA, "No tasks exist.")
    in_python = {file.path for file in facts.scripts} & {place.path for place in (*scripted, *training)}
    shared = [*environments.shared_by_tasks(facts), *environments.locked_scripts(facts, scripted)]
    if in_python and not balance(facts).missing:
        shared = [*shared, *environments.pinned(facts)]
    outside = environments.outside(facts, scripted) if shared else []
    if outside:
        return finding(
            State.PARTIAL,
            f"Some tasks run in the application's environment (`{shared[0].path}`), but most in none that is pinned or shared: `{outside[0].path}`.",
            [*outside[:3], *shared[:2]], remedy=_REMEDY, effort=Effort.HOURS,
        )  # fmt: skip
    if shared and (scripted or not facts.profile.notebooks_only):
        return finding(
            State.MET, f"Tasks run in the application's environment: `{shared[0].path}`.", spread(shared, scripted)
        )
    away = environments.of_other_places(facts, scripted)
    if away:
        return finding(
            State.UNMET,
            f"Tasks run in another place than the application: `{away[0].path}:{away[0].line}`.",
            away,
            remedy="Keep the tasks' code here and run it in the application's image or in an environment with its lock.",
            effort=Effort.DAYS,
        )
    return finding(
        State.PARTIAL,
        f"Tasks share the repository (`{(scripted or training or found.notebooks)[0].path}`), but nothing pins or shares their environment.",
        [
            *spread(scripted or found.notebooks or training)[:3],
            *(file.at(1) for file in starts.system_images(facts)[:1]),
            *environments.lists(facts)[:2],
        ],
        remedy=_REMEDY,
        effort=Effort.HOURS,
    )
