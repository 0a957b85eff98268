"""The prediction service is a server of its own that the application starts.

## What it does
Looks for the program that answers HTTP or gRPC: in the commands of images, compose, Kubernetes, Procfiles, tasks and
scripts, in code (`uvicorn.run`, `serve.run`, `app.run`…), and in other languages.

*Met* when a server made for production runs the application: uvicorn, gunicorn, waitress, BentoML, TorchServe,
TensorFlow Serving, Triton, Ray Serve, Streamlit, Gradio… *Partial* when only a framework's development server does,
also for one of several services, or when only a managed endpoint or a cloud function answers. *Unmet* when an
application is defined, but nothing binds a port. *Not applicable* when the system does not serve.

## Why it matters
A service that brings its own server runs the same on a laptop, in CI and in production. Development servers handle one
request at a time, reload on changes and show tracebacks to the world.

## How to adopt it
```dockerfile
# before: CMD ["python", "app.py"]   with app.run(debug=True)
# after
CMD ["gunicorn", "--worker-class", "uvicorn.workers.UvicornWorker", "app:app"]
```

## References
- The Twelve-Factor App, VII. Port binding: https://12factor.net/port-binding
- Flask, Deploying to production: https://flask.palletsprojects.com/en/stable/deploying/
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from apps.analysis.findings import Effort, finding
from apps.analysis.repository import places
from apps.analysis.running import servers, serving, units
from apps.catalog import State

if TYPE_CHECKING:
    from apps.analysis.findings import Evidence, Finding
    from apps.analysis.repository import Facts
    from apps.analysis.running.server import Server

_REMEDY = "Start the application by a production server, for example `gunicorn` or `uvicorn`, in the image's CMD."


def check(facts: Facts) -> Finding:
    if not facts.profile.serves.holds:
        return finding(State.NA, "The system does not serve: no server, web application or endpoint was found.")
    found = servers.of(facts)
    good = [server for server in found if not server.development]
    poor = [server for server in found if server.development]
    if good:
        beside = {server.file.path for server in good}  # there it is for whoever has not installed the other
        deployed = [server for server in poor if server.is_deployed and server.file.path not in beside]
        shown = [server.place for server in good]
        weak = units.with_only_development_servers(facts) if len(units.of(facts)) > 1 else []
        if weak and not deployed:
            return _partial(
                f"{_sentence(good)} serves one part, but only a development server the one in {units.names(weak)}.",
                [*(unit.place for unit in weak), *shown],
            )
        if not deployed:
            return finding(State.MET, f"{_sentence(good)} binds the port.", shown)
        return _partial(
            f"{_sentence(good)} serves one part, but {deployed[0].program} another (`{deployed[0].file.path}`).",
            [deployed[0].place, *shown],
        )
    applications = places(serving.servers(facts))
    declared = servers.declared(facts)
    if applications and declared and not poor:
        return finding(
            State.MET,
            "The application is run by a server that the manifest declares.",
            [*applications[:2], *declared[:2]],
        )
    if poor:
        return _partial(f"Only a development server serves: {_sentence(poor)}.", [server.place for server in poor])
    managed = places(serving.managed(facts))
    if managed:
        return _partial(f"Only a managed endpoint serves (`{managed[0].path}`); the system has no server.", managed)
    platforms = serving.web_platforms(facts)
    if platforms:
        return _partial(f"Only the platform of `{platforms[0].path}` starts a server for the application.", platforms)
    return finding(
        State.UNMET,
        "A web application is defined, but nothing starts a server for it: no command, no `run`, no server package.",
        applications or facts.profile.serves.evidence,
        remedy=_REMEDY,
        effort=Effort.HOURS,
    )


def _sentence(found: list[Server]) -> str:
    return f"{found[0].program} (`{found[0].place.path}:{found[0].place.line}`)"


def _partial(summary: str, evidence: list[Evidence]) -> Finding:
    return finding(State.PARTIAL, summary, evidence, remedy=_REMEDY, effort=Effort.HOURS)
