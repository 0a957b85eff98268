"""Maintenance tasks are one-off commands in the repository.

## What it does
Looks for named tasks (Makefile, just, Task, poe, invoke, nox, console scripts, entry points of MLproject), command
lines with sub-commands, management commands, scripts with an entry point, one-off containers, jobs and DAGs, workflows
of maintenance that a person can start. The main training or serving entry point is no maintenance task; neither are
helpers of development (test, lint, format).

*Met* when maintenance tasks can be started by name. *Partial* when there are only loose scripts without entry points,
only helpers of development, or only notebooks. *Unmet* when there is none.

## Why it matters
What is typed into a console by hand differs each time, and leaves no trace. A command in the repository is reviewed,
repeatable and runs against the code that is deployed.

## How to adopt it
```makefile
# after: Makefile
reindex: ## Rebuild the vector index
        docker compose run --rm api python -m project.reindex --since $(SINCE)
```

## References
- The Twelve-Factor App, XII. Admin processes: https://12factor.net/admin-processes
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from apps.analysis.findings import Effort, finding, spread
from apps.analysis.tasks import maintenance, retraining
from apps.catalog import State

if TYPE_CHECKING:
    from apps.analysis.findings import Finding
    from apps.analysis.repository import Facts

_REMEDY = (
    "Give each maintenance task a command of its own: a CLI sub-command, a script with an entry point, a make target."
)


def check(facts: Facts) -> Finding:
    found = maintenance.of(facts)
    if found.commands:
        return finding(
            State.MET, f"Tasks are commands of the repository: `{found.commands[0].path}`.", spread(found.commands)
        )
    for what, evidence in (
        ("Only loose scripts or helpers of development exist", found.loose),
        ("Tasks exist only as notebooks", found.notebooks),
    ):
        if evidence:
            return finding(
                State.PARTIAL, f"{what}: `{evidence[0].path}`.", evidence, remedy=_REMEDY, effort=Effort.HOURS
            )
    return finding(
        State.UNMET,
        "No task file, command line with sub-commands, script or job for maintenance was found.",
        [*retraining.entries(facts), *facts.profile.serves.evidence],
        remedy=_REMEDY,
        effort=Effort.HOURS,
    )
