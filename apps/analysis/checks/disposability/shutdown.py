"""SIGTERM leads to a clean stop.

## What it does
Looks at how long-running processes are started: by which server, and whether a shell stands between the platform and the
process. Looks for shutdown handlers, lifespans, signal handlers, and grace settings of Kubernetes, compose and Celery.

*Met* when a graceful server (gunicorn, uvicorn, hypercorn, BentoML, Ray Serve, Triton, Celery, Airflow…) runs directly,
or handlers or grace settings are there. *Partial* when such a server stands behind a shell-form command or a script
without `exec`, runs in reload mode, holds for some services only, or when a managed endpoint runs alone or beside what nothing deploys. *Unmet* when only
development servers run. *Not applicable* when nothing runs for long.

## Why it matters
Platforms stop processes all the time: releases, scaling, spot machines. A process that ignores SIGTERM is killed with
requests half answered and predictions half written.

## How to adopt it
```dockerfile
# before: CMD uvicorn app:app --port $PORT
# after
CMD ["sh", "-c", "exec uvicorn app:app --port $PORT"]
```

## References
- The Twelve-Factor App, IX. Disposability: https://12factor.net/disposability
- Dockerfile reference, shell and exec form: https://docs.docker.com/reference/dockerfile/#shell-and-exec-form
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from apps.analysis.findings import Effort, finding
from apps.analysis.foreign import languages
from apps.analysis.lifetime import stopping
from apps.analysis.repository import places
from apps.analysis.running import servers, serving
from apps.catalog import State

if TYPE_CHECKING:
    from apps.analysis.findings import Evidence, Finding
    from apps.analysis.repository import Facts

_REMEDY = (
    "Run a graceful server in exec form (or behind `exec`), and release resources in a lifespan or signal handler."
)


def check(facts: Facts) -> Finding:
    processes = stopping.processes(facts)
    handlers = stopping.handlers(facts)
    streams = places([*languages.managed_streams(facts), *languages.streams(facts)])
    if not processes and not facts.profile.serves.holds and not streams:
        return finding(State.NA, "Nothing runs for long: no server and no worker is started.")
    good = [one.place for one in processes if one.graceful]
    poor = [one for one in processes if not one.graceful]
    if good and not poor:
        return finding(State.MET, f"{_of(processes, good)} stops cleanly on SIGTERM.", [*good, *handlers])
    if (
        handlers
        and not any(one.behind_shell or one.deaf for one in poor)
        and not stopping.unhandled(facts, poor, handlers)
    ):
        return finding(
            State.MET,
            f"A shutdown handler or grace setting exists: `{handlers[0].path}:{handlers[0].line}`.",
            [*handlers, *good],
        )
    if poor and (good or handlers or any(one.able for one in poor)):
        first = next((one for one in poor if one.able), poor[0])
        return _partial(
            f"{first.name} (`{first.place.path}`) {first.why}.",
            [first.place, *first.started_at, *good, *(one.place for one in poor), *handlers],
        )
    managed = places(serving.managed(facts))
    if managed and not processes:
        return _partial(f"Only a managed endpoint runs for long (`{managed[0].path}`); the platform stops it.", managed)
    if managed and not any(server.is_deployed for server in servers.of(facts)):
        return _partial(
            f"The platform stops the managed endpoint (`{managed[0].path}`), nothing stops {poor[0].name} (`{poor[0].place.path}`) cleanly.",
            [managed[0], *(one.place for one in poor), *managed[1:]],
        )
    if streams and not processes and languages.managed_streams(facts):
        return _partial(f"Only the platform can drain the stream that `{streams[0].path}` gives it.", streams)
    platforms = serving.web_platforms(facts)
    if platforms and not any(server.is_deployed for server in servers.of(facts)):
        return _partial(
            f"The platform starts and stops the application by a server of its own (`{platforms[0].path}`); the repository shows none.",
            [*platforms, *(one.place for one in poor)],
        )
    if not processes and servers.declared(facts):
        return _partial(
            "The server that the manifest declares stops cleanly, but nothing here starts it.", servers.declared(facts)
        )
    return finding(
        State.UNMET,
        "Nothing stops cleanly: no graceful server, shutdown handler, signal handler or grace setting was found.",
        [*(one.place for one in poor), *facts.profile.serves.evidence, *streams],
        remedy=_REMEDY,
        effort=Effort.HOURS,
    )


def _of(processes: list[stopping.Process], good: list[Evidence]) -> str:
    name = next(one.name for one in processes if one.place == good[0])
    return f"{name} (`{good[0].path}:{good[0].line}`)"


def _partial(summary: str, evidence: list[Evidence]) -> Finding:
    return finding(State.PARTIAL, summary, evidence, remedy=_REMEDY, effort=Effort.HOURS)
