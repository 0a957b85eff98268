"""All environments use the same type and version of each backing service.

## What it does
Looks at images of databases, brokers, stores and monitors in compose and Kubernetes and at their tags, at services of
a cloud platform and the infrastructure code behind them, and at code that gives one environment a service of another
type: SQLite unless a server is set, one setting with a file here and a server there, local files or an object store,
a client or a class that stands in for a server.

- **met**: pinned images of the engines, the same managed services for all environments from one definition, or one
  engine within the process (SQLite) everywhere.
- **partial**: the same types, with floating versions, versions that differ (also in CI) or versions that nothing names.
- **unmet**: a default or a branch in code gives environments different types.
- **na**: no backing service, or only hosted ones that everybody uses alike (a model hub, an object store, a tracker).

## Why it matters
A query, a vector index or a message behaves differently on another engine or another version of it. Such differences
are found in production, where features and predictions are already wrong.

## How to adopt it
```yaml
# before              # after
image: postgres       image: postgres:16.4
image: qdrant/qdrant  image: qdrant/qdrant:v1.11.3
```

## References
- The Twelve-Factor App, X. Dev/prod parity: https://12factor.net/dev-prod-parity
- Compose file, image: https://docs.docker.com/reference/compose-file/services/#image
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from apps.analysis.deployment import environments
from apps.analysis.findings import Effort, finding
from apps.analysis.services import parity
from apps.catalog import State

if TYPE_CHECKING:
    from apps.analysis.findings import Evidence, Finding
    from apps.analysis.repository import Facts


def check(facts: Facts) -> Finding:
    branches = parity.branches(facts)
    if branches:
        return finding(
            State.UNMET,
            f"`{branches[0].path}` gives environments services of different types.",
            branches,
            remedy="Run the engine of production in development too, from an image in compose, and drop the branch.",
            effort=Effort.DAYS,
        )
    servers = parity.servers(facts)
    if servers:
        unnamed = parity.absent(facts, servers)
        if unnamed and not any(one.is_floating for one in servers):
            return _partial(
                f"Versions are named for some services only: not for the one that `{unnamed[0].path}` uses.",
                [*unnamed, *(one.place for one in servers)],
            )
        return _of_servers(servers, parity.in_ci(facts))
    defined, used = parity.provisioned(facts)
    if defined or used:
        return _of_platform(defined, used, environments.parametrised(facts))
    unversioned = parity.unversioned(facts)
    if unversioned:
        return _partial(
            f"`{unversioned[0].path}` uses a server, but nothing here names the version that environments run.",
            unversioned,
        )
    found, loose = parity.embedded(facts)
    if loose:
        return _partial(f"`{loose[0].path}` runs an engine within the process, whose version nothing fixes.", loose)
    if found:
        return finding(State.MET, f"The engine runs within the process, alike everywhere (`{found[0].path}`).", found)
    return finding(
        State.NA,
        "No backing service that environments could run differently was found: no engine in compose or manifests, no client of a server.",
    )


def _of_servers(servers: list[parity.Server], in_ci: list[parity.Server]) -> Finding:
    floating = [one for one in servers if one.is_floating]
    if floating:
        names = ", ".join(f"`{one.leaf.text}`" for one in floating[:3])
        return _partial(
            f"Environments run the same engines, but versions float: {names}.",
            [one.place for one in floating + servers],
        )
    pairs = [(one, other) for one in servers for other in (*servers, *in_ci) if one.engine == other.engine]
    differing = next((pair for pair in pairs if not pair[0].is_like(pair[1])), None)
    if differing:
        return _partial(
            f"Versions differ between files: {', '.join(f'`{one.leaf.text}`' for one in differing)}.",
            [one.place for one in differing],
        )
    names = ", ".join(f"`{one.leaf.text}`" for one in servers[:3])
    return finding(State.MET, f"Engines are pinned for all environments: {names}.", [one.place for one in servers])


def _of_platform(defined: list[Evidence], used: list[Evidence], parameters: list[Evidence]) -> Finding:
    if defined:
        provisioned = [*defined, *used]
        evidence = [*provisioned[:3], *parameters[:2], *provisioned[3:]]
        return finding(State.MET, "One definition gives all environments the same managed services.", evidence)
    return finding(State.NA, "Only managed services of a platform are used, alike everywhere.", used)


def _partial(summary: str, evidence: list[Evidence]) -> Finding:
    return finding(
        State.PARTIAL,
        summary,
        evidence,
        remedy="Name an exact version of each engine, and use it in development, CI and production.",
        effort=Effort.HOURS,
    )
