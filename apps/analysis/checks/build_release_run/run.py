"""The run stage is a declared command that only runs.

## What it does
Looks for the commands of images, compose, Kubernetes, Procfiles and platforms, for entry points of pipelines (DAGs,
flows, DVC stages, managed pipelines and jobs, jobs of CI by the clock), and for tasks and scripts that start the system; and in each of them, also in
scripts that they call and in steps that install packages, for building.

- **met**: a command is declared and only runs.
- **partial**: only a shell script starts it; it also installs packages, migrates a schema, fetches data sets or trains before it serves; or it starts
  only some of the system's services; or a command is only written in the README, or a platform is only told which application to load.
- **unmet**: nothing says how the system is run; cells of a notebook are run by hand.

## Why it matters
What builds at start can fail at start, at night, on the hundredth replica, when an index of packages is down. A run
stage with few moving parts starts the same way everywhere.

## How to adopt it
```dockerfile
# before
CMD pip install -r requirements.txt && python train.py && python app.py
# after
RUN pip install -r requirements.txt
CMD ["gunicorn", "app:app"]
```

## References
- The Twelve-Factor App, V. Build, release, run: https://12factor.net/build-release-run
- Dockerfile reference, CMD: https://docs.docker.com/reference/dockerfile/#cmd
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from apps.analysis.deployment import running
from apps.analysis.findings import Effort, file_names, finding, one_of_each
from apps.analysis.lifetime import startup
from apps.analysis.running import rollout, units
from apps.analysis.running.starts import By
from apps.catalog import State

if TYPE_CHECKING:
    from apps.analysis.findings import Evidence, Finding
    from apps.analysis.repository import Facts

_DECLARE = "Declare the command that starts the system: CMD in a Dockerfile, a Procfile, a compose service or a task."


def check(facts: Facts) -> Finding:
    declared = [start.place for start in running.declared(facts)]
    tasks = running.tasks(facts)
    declared += [
        *running.brought(facts),
        *(start.place for start in tasks if start.by is By.TASK),
        *running.orchestrated(facts),
    ]
    scripts = [start.place for start in tasks if start.by is By.SCRIPT]
    building = [*running.builds_at_start(facts), *startup.heavy(facts).trains]
    if (declared or scripts) and building:
        return finding(
            State.PARTIAL,
            f"The system starts by declared commands, but {file_names(building)} also builds: it installs, migrates, fetches data or trains at start.",
            [*one_of_each(building)[:3], *one_of_each(declared or scripts)],
            remedy="Move installation and training into the build, and migrations into a task of the release.",
            effort=Effort.HOURS,
        )
    left = units.unstarted(facts) if declared else []
    if left and not tasks and (len(left) < len(units.of(facts)) or not running.declared(facts)):
        return _partial(
            f"{file_names(declared)} starts a part of the system, but nothing declares how the service in {units.names(left)} starts.",
            [*declared[:3], *(unit.place for unit in left[:3])],
        )
    if declared:
        return finding(
            State.MET, f"{file_names(declared)} declares the command, and it only runs.", one_of_each(declared)
        )
    if scripts:
        return _partial(f"Only a script starts it: {file_names(scripts)}.", scripts)
    documented = running.documented(facts)
    if documented:
        return _partial(f"The command is only written in {file_names(documented)}.", documented)
    platform = rollout.platform_files(facts)
    if platform:
        return _partial(f"Only {file_names(platform)} tells a platform what to start.", platform)
    return finding(
        State.UNMET,
        "Nothing declares how the system is run: no image, Procfile, compose service, pipeline, task or README says it.",
        [file.at() for file in facts.notebooks],
        remedy=_DECLARE,
        effort=Effort.HOURS,
    )


def _partial(summary: str, evidence: list[Evidence]) -> Finding:
    return finding(State.PARTIAL, summary, one_of_each(evidence), remedy=_DECLARE, effort=Effort.HOURS)
