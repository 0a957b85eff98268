"""The process types of the system are declared separately.

## What it does
Counts what declares a process of the system's own: entries of a Procfile, compose services, Kubernetes workloads, images
with a command, functions, jobs and services of a platform, jobs that code hands to a cluster, and steps of pipelines.
Databases, brokers and monitors do not count, nor do stages of an image that test and chores that CI does by the clock, and
a service that several places declare counts once.

*Met* when two or more process types are declared, or a pipeline declares its steps. *Partial* when one is. *Unmet* when
none is.

## Why it matters
Serving, training and background work need different machines, and scale at different times. Declared apart, each gets its
own resources, restarts and number of copies.

## How to adopt it
```
# after: Procfile
web: gunicorn app:app
worker: celery -A tasks worker
trainer: python -m project.train
```

## References
- The Twelve-Factor App, VIII. Concurrency: https://12factor.net/concurrency
- Kubernetes, Workloads: https://kubernetes.io/docs/concepts/workloads/
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from apps.analysis.deployment import running
from apps.analysis.findings import Effort, finding, spread
from apps.analysis.running import processes, rollout
from apps.catalog import State

if TYPE_CHECKING:
    from apps.analysis.findings import Finding
    from apps.analysis.repository import Facts

_REMEDY = "Declare each process (web, worker, trainer…) as its own compose service, workload, Procfile entry or pipeline step."


def check(facts: Facts) -> Finding:
    declared = processes.declared(facts)
    evidence = [place for found in declared.values() for place in found[:1]]
    steps = processes.pipelines(facts)
    if len(declared) > 1 or steps:
        names = ", ".join(list(declared)[:4]) or f"the steps of `{steps[0].path}`"
        return finding(State.MET, f"Process types are declared separately: {names}.", spread(steps[:3], evidence))
    if declared:
        return finding(
            State.PARTIAL,
            f"One process type is declared: {next(iter(declared))} (`{evidence[0].path}`).",
            evidence,
            remedy=_REMEDY,
            effort=Effort.HOURS,
        )
    started = [start.place for start in running.tasks(facts)]
    if started and facts.profile.serves.holds:
        return finding(
            State.PARTIAL,
            f"Only tasks or scripts tell the processes apart (`{started[0].path}`); nothing that is deployed declares them.",
            started,
            remedy=_REMEDY,
            effort=Effort.HOURS,
        )
    return finding(
        State.UNMET,
        "No Procfile, compose service, workload, image command or pipeline declares a process type.",
        rollout.undeploying(facts),
        remedy=_REMEDY,
        effort=Effort.HOURS,
    )
