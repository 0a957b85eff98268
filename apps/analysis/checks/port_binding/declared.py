"""The port is declared in the deployment's configuration.

## What it does
Looks for the declaration of a port of the system's own services: `EXPOSE`, compose `ports` and `expose`, `containerPort`
and Services of Kubernetes, Helm values, ports in Terraform, CDK and platform files. Ports of databases and monitors do
not count.

*Met* when a deployment configuration declares it. *Partial* when that is so for some of the images that serve, when
only a script (`docker run -p`) or prose names it, when a Procfile or an image leaves it to the platform, or when a
managed endpoint or a serverless platform sets it. *Unmet* when nothing does. *Not applicable* when the system does not
serve.

## Why it matters
Load balancers, probes and network rules need the port. Declared beside the process, it cannot drift from what the
process binds, and nobody has to read code to route traffic to the model.

## How to adopt it
```yaml
services:
  api:
    build: .
    ports: ["${PORT:-8000}:8000"]
```

## References
- The Twelve-Factor App, VII. Port binding: https://12factor.net/port-binding
- Dockerfile reference, EXPOSE: https://docs.docker.com/reference/dockerfile/#expose
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from apps.analysis.findings import Effort, finding
from apps.analysis.repository import places
from apps.analysis.running import clusters, compose, servers, serving, starts
from apps.analysis.running.server import Port
from apps.analysis.running.starts import By
from apps.catalog import State

if TYPE_CHECKING:
    from apps.analysis.findings import Evidence, Finding
    from apps.analysis.repository import Facts

_REMEDY = (
    "Declare the port with the service: `EXPOSE` in its Dockerfile, `ports` in compose, `containerPort` in Kubernetes."
)


def check(facts: Facts) -> Finding:
    if not facts.profile.serves.holds:
        return finding(State.NA, "The system does not serve: there is no port to declare.")
    elsewhere = [*_cluster(facts), *_platforms(facts)]
    declared = [*_images(facts), *_composed(facts), *elsewhere]
    silent = [] if elsewhere else _silent(facts)
    if declared and silent:
        return finding(
            State.PARTIAL,
            f"The port is declared in `{declared[0].path}`, that of the server in `{silent[0].path}` nowhere.",
            [*silent, *declared],
            remedy=_REMEDY,
            effort=Effort.HOURS,
        )
    if declared:
        return finding(State.MET, f"The port is declared in `{declared[0].path}`.", declared)
    for summary, evidence in (
        ("The Procfile's web process leaves the port to the platform, and no file declares it", _processes(facts)),
        ("The platform hands in the port, and no file declares it", _handed_in(facts)),
        ("Only a command maps the port", _mapped(facts)),
        (
            "A managed platform sets the port, the repository declares none",
            places(serving.managed(facts)) or serving.web_platforms(facts) or _placed(facts),
        ),
        ("The port appears only in prose", _prose(facts)),
    ):
        if evidence:
            return finding(
                State.PARTIAL, f"{summary}: `{evidence[0].path}`.", evidence, remedy=_REMEDY, effort=Effort.HOURS
            )
    return finding(
        State.UNMET,
        "No EXPOSE, compose port, containerPort, Service, Helm value or other declaration of the service's port was found.",
        [*(file.at(1) for file in starts.system_images(facts)), *facts.profile.serves.evidence[:2]],
        remedy=_REMEDY,
        effort=Effort.HOURS,
    )


def _images(facts: Facts) -> list[Evidence]:
    return [
        file.at(one.line)
        for file in starts.system_images(facts)
        for one in file.facts.instructions
        if one.name == "EXPOSE"
    ]


def _silent(facts: Facts) -> list[Evidence]:
    """Servers that an image of the system starts, though neither it nor a compose service that builds it names a port."""
    images = {file.path: file for file in starts.system_images(facts)}
    services = [one for one in compose.services(facts) if any(keys[0] in {"ports", "expose"} for keys, _ in one.leaves)]
    found = [server.place for server in servers.of(facts) if server.is_deployed and server.place.path in images]
    return [
        place
        for place in found
        if not any(one.name == "EXPOSE" for one in images[place.path].facts.instructions)
        and not any(service.builds(images[place.path]) for service in services)
    ]


def _composed(facts: Facts) -> list[Evidence]:
    return [
        service.file.at(leaf.line)
        for service in starts.own_services(facts)
        for keys, leaf in service.leaves
        if keys[0] in {"ports", "expose"}
    ]


def _cluster(facts: Facts) -> list[Evidence]:
    containers = [
        one.file.at(leaf.line)
        for one in clusters.own_workloads(facts)
        for leaf in one.leaves
        if leaf.keys[-1] == "containerPort"
    ]
    values = facts.leaves(r"(^|/)values[^/]*\.ya?ml$", "**", value=r"^\d{2,5}$")
    services = facts.leaves(r"\.ya?ml$", "spec", "ports", "*", "*ort")
    released = facts.leaves(r"\.ya?ml$", "spec", "values", "**", "*ort", value=r"^\d{2,5}$")
    return [
        *containers,
        *places(services),
        *places(released),
        *places([pair for pair in values if re.search("port", pair[1].keys[-1], re.IGNORECASE)]),
    ]


def _platforms(facts: Facts) -> list[Evidence]:
    files = facts.leaves(
        r"(^|/)(fly\.toml|render\.ya?ml|anyscale[^/]*\.ya?ml|heroku\.yml|apprunner\.ya?ml|sky\.yaml|\.dstack\.yml|cerebrium\.toml|copilot-manifest\.yml)$|(^|/)\.do/[^/]*\.ya?ml$"
    )
    set_here = [pair for pair in files if re.search(r"ports?$", pair[1].keys[-1], re.IGNORECASE)]
    templates = facts.leaves(r"\.(ya?ml|json)$", "**", "ContainerPort")
    templates += facts.leaves(r"\.(ya?ml|json)$", "**", "SecurityGroupIngress", "*", "FromPort", value=r"^(?!22$)\d+$")
    calls = facts.calls("*.PortMapping", "*.add_port_mappings", "*.ContainerPort", "*.V1ContainerPort")
    uploads = [
        (file, call)
        for file, call in facts.calls("*.upload", "*.ModelUploadOp", "*.Model", "*.UnmanagedContainerModel")
        if "serving_container_ports" in call.kwargs
    ]
    listening = facts.leaves(r"\.ya?ml$", "http_options", "port")
    blocks = [file.at(line) for file, line, _ in facts.signals("terraform-port")]
    return [*places(set_here), *places(templates), *places(listening), *places(calls), *places(uploads), *blocks]


def _processes(facts: Facts) -> list[Evidence]:
    return [start.place for start in starts.by(facts, By.PROCFILE) if start.name == "web"]


def _handed_in(facts: Facts) -> list[Evidence]:
    return [server.place for server in servers.of(facts) if server.is_deployed and server.port is Port.ENVIRONMENT]


_MAPPED = r"\bdocker run\b.*(-p|--publish)[ =]\S*\d+|gcloud run deploy.*--port|kubectl expose|port-forward"


def _mapped(facts: Facts) -> list[Evidence]:
    return [start.place for start in starts.commanding(facts, _MAPPED)]


_PLACES = r"gcloud (?:beta )?run deploy|deploy-cloudrun|az (?:containerapp|webapp) |heroku container:release|railway up"


def _placed(facts: Facts) -> list[Evidence]:
    """Roll-outs of the image to a platform that says on which port requests come in."""
    told = [*facts.leaves(r"\.ya?ml$", value=_PLACES), *facts.leaves(r"(^|/)heroku\.ya?ml$", "build", "docker", "web")]
    return places([*told, *facts.commands(_PLACES)])


def _prose(facts: Facts) -> list[Evidence]:
    return [
        file.at(one.line)
        for file in sorted(facts.own, key=lambda file: file.path.count("/"))
        for one in file.facts.signals
        if one.name == "port"
    ]
