"""The port comes from the environment or from a flag.

## What it does
Follows the port of every server that the system starts: options in commands (`--port $PORT`), arguments in code as far
as where their values come from, and the defaults of frameworks.

*Met* when the environment or a flag sets the port of every server; `gunicorn` without a bind option reads `PORT` itself.
*Partial* when a port is fixed as an option in CMD or ENTRYPOINT, left at a framework's default, read from a tracked
config file, set for one of several servers only, or chosen by a managed platform. *Unmet* when the port is a literal in
source code. *Not applicable* when the system does not serve.

## Why it matters
Platforms hand a port to each process. With a literal, two copies cannot run on one machine, and a platform that assigns
ports (Cloud Run, Heroku, Vertex AI) cannot start the service at all.

## How to adopt it
```python
# before
uvicorn.run(app, host="0.0.0.0", port=8000)
# after
uvicorn.run(app, host="0.0.0.0", port=int(os.environ.get("PORT", "8000")))
```

## References
- The Twelve-Factor App, VII. Port binding: https://12factor.net/port-binding
- Gunicorn settings, bind: https://docs.gunicorn.org/en/stable/settings.html#bind
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from apps.analysis.findings import Effort, finding
from apps.analysis.repository import places
from apps.analysis.running import servers, serving
from apps.analysis.running.server import Port
from apps.catalog import State

if TYPE_CHECKING:
    from apps.analysis.findings import Evidence, Finding
    from apps.analysis.repository import Facts
    from apps.analysis.running.server import Server

_REMEDY = 'Read the port from the environment: `--port ${PORT:-8000}` in a command, `os.environ["PORT"]` in code.'


def check(facts: Facts) -> Finding:
    if not facts.profile.serves.holds:
        return finding(State.NA, "The system does not serve: there is no port to bind.")
    found = servers.deciding(facts)
    if not found:
        return _without_server(facts)
    by_port = {port: [server for server in found if server.port is port] for port in Port}
    free, fixed, literal = by_port[Port.ENVIRONMENT], by_port[Port.FIXED], by_port[Port.LITERAL]
    if free and not fixed and not literal:
        return finding(State.MET, f"The port of {_name(free[0])} comes from the environment.", _places(free))
    if literal and not free:
        return finding(
            State.UNMET,
            f"The port is a literal in the code: `{literal[0].place.path}:{literal[0].place.line}`.",
            _places([*literal, *fixed]),
            remedy=_REMEDY,
            effort=Effort.HOURS,
        )
    if free:
        bound = [*literal, *fixed]
        return _partial(
            f"The port of {_name(free[0])} comes from the environment, that of {_name(bound[0])} does not.",
            _places([*bound, *free]),
        )
    how = "fixed in its command or config, or left at the default of the framework"
    return _partial(f"The port of {_name(fixed[0])} is {how}.", _places(fixed))


def _without_server(facts: Facts) -> Finding:
    managed = places(serving.managed(facts))
    if managed:
        return _partial(
            f"A managed platform chooses the port (`{managed[0].path}`); the repository sets none.", managed
        )
    applications = places(serving.servers(facts))
    return _partial("Nothing sets the port: it is left at the default of the server.", applications)


def _name(server: Server) -> str:
    return f"{server.program} (`{server.place.path}:{server.place.line}`)"


def _places(found: list[Server]) -> list[Evidence]:
    return [server.place for server in found]


def _partial(summary: str, evidence: list[Evidence]) -> Finding:
    return finding(State.PARTIAL, summary, evidence, remedy=_REMEDY, effort=Effort.HOURS)
