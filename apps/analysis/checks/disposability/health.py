"""Services say whether they are alive and ready.

## What it does
Looks for probes (Kubernetes `livenessProbe` and `readinessProbe`, `HEALTHCHECK`, compose `healthcheck`, health checks of
load balancers and platforms) and for routes such as `/health`, `/ping` or a root route that returns a state.

*Met* when the services that answer users have one. *Partial* when only some of several services do, or when only the
endpoint that a framework or a managed platform brings exists and nothing asks it. *Unmet* when there is none. *Not
applicable* when the system does not serve.

## Why it matters
A model takes time to load. Without a readiness probe requests reach a process that cannot answer yet; without a liveness
probe one that hangs is never replaced.

## How to adopt it
```python
@app.get("/health")
def health() -> dict[str, str]:
    return {"status": "ok" if model is not None else "loading"}
```

## References
- The Twelve-Factor App, IX. Disposability: https://12factor.net/disposability
- Kubernetes, Probes: https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from apps.analysis.findings import Effort, finding
from apps.analysis.lifetime import health
from apps.analysis.repository import places
from apps.analysis.running import programs, servers, serving
from apps.analysis.scaling import serving_scale
from apps.catalog import State

if TYPE_CHECKING:
    from apps.analysis.findings import Evidence, Finding
    from apps.analysis.repository import Facts

_REMEDY = "Add a `/health` route that says whether the model is loaded, and a probe or HEALTHCHECK that asks it."
_BUILT_IN = frozenset({
    "BentoML", "TensorFlow Serving", "Triton", "streamlit", "Ray Serve", "TorchServe", "MLflow", "MLServer", "Seldon", "vLLM", "Text Generation Inference", "LitServe", "chainlit", "LangGraph",
    "SageMaker container", "FastMCP", "KServe", "mosec", "Bedrock AgentCore", "PyTriton", "Jina", *programs.WITH_HEALTH,
})  # fmt: skip


def check(facts: Facts) -> Finding:
    if not facts.profile.serves.holds:
        return finding(State.NA, "The system does not serve.")
    probes, routes = health.probes(facts), health.routes(facts)
    found = [*probes, *routes]
    if found:
        without = health.services_without(facts, found)
        if not without:
            return finding(State.MET, f"A health check exists: `{found[0].path}:{found[0].line}`.", found)
        return _partial(
            f"`{found[0].path}` has a health check, but the service in `{without[0].path}` has none.",
            [*found, *without],
        )
    built_in = [server.place for server in servers.of(facts) if server.program in _BUILT_IN]
    if built_in:
        return _partial(
            f"Only the endpoint of the framework exists, and nothing asks it: `{built_in[0].path}`.", built_in
        )
    managed = places(serving.managed(facts))
    if managed and not servers.of(facts):
        return _partial(f"Only the managed platform checks its endpoint (`{managed[0].path}`).", managed)
    functions = places(serving_scale.serverless(facts))
    if functions:
        return _partial(f"Only the serverless platform knows whether it runs (`{functions[0].path}`).", functions)
    return finding(
        State.UNMET,
        "No probe, HEALTHCHECK or health route was found.",
        [*(server.place for server in servers.deciding(facts)[:2]), *facts.profile.serves.evidence],
        remedy=_REMEDY,
        effort=Effort.HOURS,
    )


def _partial(summary: str, evidence: list[Evidence]) -> Finding:
    return finding(State.PARTIAL, summary, evidence, remedy=_REMEDY, effort=Effort.HOURS)
