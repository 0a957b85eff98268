"""Serving or batch inference runs as several processes or instances.

## What it does
Looks for worker counts of servers, replicas in compose, Kubernetes and Helm, autoscalers, instance counts of managed
endpoints, serverless platforms, pools of task workers, and parallel batch inference (Spark, Ray, ParallelRunStep).

*Met* when several processes run, or a setting or autoscaler chooses how many. *Partial* when the number is fixed to one,
or a server that could take several (gunicorn, uvicorn, Ray Serve, a managed endpoint) is given none. *Unmet* when
inference is a single process. *Not applicable* when there is no inference.

## Why it matters
One process answers as many requests as one core can predict. Load is met by more processes, not by a bigger machine, and
one that dies must not take the service down.

## How to adopt it
```yaml
# after: Kubernetes
spec:
  replicas: 3
  template:
    spec:
      containers:
        - command: ["gunicorn", "--workers", "2", "app:app"]
```

## References
- The Twelve-Factor App, VIII. Concurrency: https://12factor.net/concurrency
- Uvicorn, Deployment: https://www.uvicorn.org/deployment/
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from apps.analysis.findings import Effort, finding
from apps.analysis.repository import places
from apps.analysis.running import servers, serving
from apps.analysis.scaling import serving_scale
from apps.catalog import State

if TYPE_CHECKING:
    from apps.analysis.findings import Evidence, Finding
    from apps.analysis.repository import Facts

_REMEDY = "Give the server a number of workers from the environment, or the deployment replicas or an autoscaler."
# Servers that can start several processes by themselves.
_SCALABLE = frozenset({
    "gunicorn", "uvicorn", "hypercorn", "granian", "uwsgi", "FastAPI CLI", "Ray Serve", "BentoML", "TorchServe", "Triton", "MLServer", "MLflow", "Seldon", "uvicorn-gunicorn", "LitServe", "Sanic",
    "uwsgi-nginx", "functions-framework", "SageMaker container", "vLLM", "TensorFlow Serving", "mosec", "Jina", "Litestar", "Tornado",
})  # fmt: skip


def check(facts: Facts) -> Finding:
    profile = facts.profile
    if not profile.serves.holds and not profile.stages["inference"].holds:
        return finding(State.NA, "There is no inference: nothing serves, and no code predicts in batches.")
    several, fixed = (places(found) for found in serving_scale.scaled_serving(facts))
    serving_too = servers.of(facts) or (fixed and profile.serves.holds)
    if not several and (not serving_too or serving_scale.is_asked_apart(facts)):
        several = places(serving_scale.scaled_batches(facts))
    if several:
        return finding(State.MET, f"Inference runs as several processes or instances: `{several[0].path}`.", several)
    if fixed:
        return _partial(f"The number of processes is fixed to one: `{fixed[0].path}:{fixed[0].line}`.", fixed)
    able = [server.place for server in servers.of(facts) if server.program in _SCALABLE]
    if profile.serves.holds and (not servers.of(facts) or servers.left_to_a_command(facts)):
        able += servers.declared(facts)
    if able:
        return _partial(
            f"The server could take several workers, but is given none: `{able[0].path}:{able[0].line}`.", able
        )
    managed = places(serving.managed(facts))
    if managed:
        return _partial(f"The managed endpoint is given no number of instances: `{managed[0].path}`.", managed)
    return finding(
        State.UNMET,
        "Inference is a single process: no workers, replicas, autoscaler or parallel batch inference was found.",
        [*(server.place for server in servers.deciding(facts)), *profile.stages["inference"].evidence],
        remedy=_REMEDY,
        effort=Effort.HOURS,
    )


def _partial(summary: str, evidence: list[Evidence]) -> Finding:
    return finding(State.PARTIAL, summary, evidence, remedy=_REMEDY, effort=Effort.HOURS)
