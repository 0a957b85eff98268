"""Health of services: probes that platforms send, routes that answer them, and services that have neither."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from apps.analysis.code.names import scope_of
from apps.analysis.expressions import expression
from apps.analysis.paths import Kind
from apps.analysis.repository import places
from apps.analysis.running import clusters, compose, servers, starts, units

if TYPE_CHECKING:
    from apps.analysis.facts.model import Call
    from apps.analysis.findings import Evidence
    from apps.analysis.repository import Facts, File

ROUTE = expression(
    r"(^|/)_?(health\w*|healthz|health[-_]check|ready|readyz|readiness|live|livez|liveness|ping|heart-?beat|alive|isalive|is_alive|status|up|_stcore/health)/?$",
    re.IGNORECASE,
)
_STATE_KEY = expression(r"^(status|status[-_]code|health|healthy|state|alive)$", re.IGNORECASE)
_STATE_VALUE = expression(
    r"^(ok|healthy|alive|up|running|live|ready|success)\b|HTTPStatus\.OK|running|is (up|alive|live|healthy)",
    re.IGNORECASE,
)
_VERBS = frozenset({"get", "route", "api_route", "head", "on_get"})


# Parts of an orchestrator or a tracker; where an application answers users, their checks are not its own.
_ORCHESTRATES = expression(
    r"airflow|dagster|prefect|zenml|mlflow|(^|[\s_-])(scheduler|triggerer|flower|dag-?processor)([\s_-]|$)",
    re.IGNORECASE,
)


# What the image of Airflow is told to run.
_OF_AIRFLOW = expression(
    r"^\W{0,3}(airflow\W{1,3})?(webserver|api-server|scheduler|triggerer|dag-processor|celery\W{1,3}(worker|flower))\b"
)


def _is_of_orchestrator(service: compose.Service) -> bool:
    told = " ".join(leaf.text for keys, leaf in service.leaves if keys[0] == "command")
    return bool(_ORCHESTRATES.search(f"{service.name} {service.image}") or _OF_AIRFLOW.search(told))


def probes(facts: Facts) -> list[Evidence]:
    """Checks that a platform makes of the system's own services."""
    images = [
        file.at(one.line)
        for file in starts.system_images(facts)
        for one in file.facts.instructions
        if one.name == "HEALTHCHECK" and one.value.upper() != "NONE"
    ]
    composed = [
        service.file.at(leaf.line)
        for service in starts.own_services(facts)
        if not (units.of(facts) and _is_of_orchestrator(service))
        for keys, leaf in service.leaves
        if keys[:2] == ["healthcheck", "test"] or keys == ["healthcheck", "test"]
    ]
    cluster = [
        one.file.at(leaf.line)
        for one in clusters.own_workloads(facts)
        for leaf in one.leaves
        if {"livenessProbe", "readinessProbe", "startupProbe"} & set(leaf.keys)
    ]
    values = [
        (file, leaf) for file, leaf in facts.leaves(r"(^|/)values[^/]*\.ya?ml$|(^|/)(fly\.toml|render\.ya?ml|app\.ya?ml|heroku\.yml|railway\.\w+)$")
        if any(re.search(r"^(livenessProbe|readinessProbe|health_?check\w*|liveness_check|readiness_check|checks|http_checks)$", key, re.IGNORECASE) for key in leaf.keys)
    ]  # fmt: skip
    given = [
        (file, call)
        for file, call in facts.calls(
            "*.upload", "*.ModelUploadOp", "*.Model", "*.configure_health_check", "*.HealthCheck", "*.ProbeSettings"
        )
        if call.last in {"configure_health_check", "HealthCheck", "ProbeSettings"}
        or "serving_container_health_route" in call.kwargs
    ]
    blocks = [file.at(line) for file, line, _ in facts.signals("terraform-probe")]
    return [*images, *composed, *cluster, *places(values), *places(given), *blocks]


def routes(facts: Facts) -> list[Evidence]:
    """Routes whose path or function is named for health, and root routes that return a state."""
    found = []
    for file, define in facts.decorated():
        for decorator in define.decorators:
            path = _path(decorator)
            if path is None:
                continue
            if (
                ROUTE.search(path)
                or re.search(r"health|heart_?beat|liveness|readiness|(^|_)ping$", define.name, re.IGNORECASE)
                or (path in {"/", ""} and _returns_state(file, scope_of(define)))
            ):
                found.append(file.at(decorator.line))
    added = [
        (file, call)
        for file, call in facts.calls(
            "*.add_api_route",
            "*.add_url_rule",
            "*.add_route",
            "*.add_resource",
            "*.add_get",
            "django.urls.path",
            "*.path",
            "*.url",
            "*.get",
            "*.re_path",
        )
        if any(
            isinstance(one, str)
            and not one.startswith("$")
            and ROUTE.search(one.strip("^$"))
            and ("/" in one or call.last in {"path", "url", "re_path"})
            for one in call.args[:2]
        )
        and not call.name.startswith(("requests.", "httpx.", "os.", "session."))
    ]
    inline = [
        (file, call)
        for file, call in facts.calls("*.get", "*.route", "*.api_route")
        if (path := _path(call)) and path.startswith("/") and ROUTE.search(path) and _is_called(file, call)
    ]
    tuples = [
        (file, text) for file, text in facts.texts(r"^r?/(health\w*|ping|readyz?|livez?|healthz)/?$")
        if file.imports("tornado", "falcon", "aiohttp", "starlette", "http.server", "BaseHTTPServer")
    ]  # fmt: skip
    packages = facts.imports(
        "fastapi_health", "health_check", "healthcheck", "grpc_health", "py_healthcheck", "fastapi_healthcheck"
    )
    elsewhere = [file.at(line) for file, line, text in facts.signals("health") if _answers(facts, file, text)]
    elsewhere += [file.at(1) for file in facts.of_kind(Kind.SCRIPT) if _BY_PATH.search(file.path)]
    actuator = [file.at(one.line) for file, one in facts.dependencies if one.name.endswith(_ACTUATORS)]
    actuator += [
        file.at(define.line)
        for file, define in facts.decorated()
        if _EXPOSED.search(define.name) and any(one.name == "cherrypy.expose" for one in define.decorators)
    ]
    return [
        *found,
        *places([pair for pair in added if pair[1].last != "get" or pair[1].args[1:]]),
        *places(inline),
        *places(tuples),
        *places(packages),
        *elsewhere,
        *actuator,
    ]


# Packages that answer such a route by themselves.
_ACTUATORS = ("spring-boot-starter-actuator", "quarkus-smallrye-health", "micronaut-management", "@godaddy/terminus", "@nestjs/terminus", "express-healthcheck", "fastify-healthcheck")  # fmt: skip
_EXPOSED = expression(r"^_?(health\w*|ready|readiness|live|liveness|ping|status)$")
# Routes of Next and Nuxt are the paths of their files.
_BY_PATH = expression(
    r"(^|/)(app|pages|server)/(\S*/)?(health\w*|ready|readiness|live|liveness|ping)(/route|\.get|/index)?\.[jt]s$"
)
# A longer path may be one that a page asks, unless a router is given it.
_PREFIXED = expression(r"['\"]/[\w-]+/[^'\"]*['\"]")
_ROUTED = expression(r"\.(get|use|all|route|head)\s*\(|@Get\b")
_ASKS = expression(r"\b(fetch|axios\b[\w.]*|useQuery|\w*[cC]lient\.get|api\.get)\s*\(")


def _answers(facts: Facts, file: File, text: str) -> bool:
    """Whether a line of another language declares the route: pages ask it, and what is live may be a match."""
    if _ASKS.search(text) or file.name.endswith((".jsx", ".tsx", ".vue")):
        return False
    if file.kind is Kind.SCRIPT and _PREFIXED.search(text) and not _ROUTED.search(text):
        return False
    others = [one for path, _, one in facts.signals("health") if path is file and one != text]
    return not re.search(r"['\"]/live['\"]", text) or any(re.search(r"/(health|ready)", one) for one in others)


def _is_called(file: File, route: Call) -> bool:
    """Whether the route takes its function by a call: `app.get("/ready")(ready)`."""
    calls = file.facts.code.calls if file.facts.code else ()
    return any(one.line == route.line and one.name == f"{route.name}()" and one.args for one in calls)


def _path(decorator: Call) -> str | None:
    """The route's path; None where the decorator declares no route that reads."""
    if decorator.last not in _VERBS:
        return None
    first = decorator.argument(0, "path")
    return first if isinstance(first, str) and not first.startswith("$") else None


def _returns_state(file: File, scope: str) -> bool:
    code = file.facts.code
    return any(
        one.scope == scope and one.how == "key" and (_STATE_KEY.search(one.name) or _STATE_VALUE.search(str(one.value)))
        for one in (code.assigns if code else ())
    )


def services_without(facts: Facts, found: list[Evidence]) -> list[Evidence]:
    """Servers that the health checks in `found` do not belong to: of other applications, or pages beside a service."""
    return [*_applications_without(facts, found), *_pages_without(facts, found)]


_PAGES = frozenset({"streamlit", "chainlit"})


def _pages_without(facts: Facts, found: list[Evidence]) -> list[Evidence]:
    """Deployed pages that nothing asks; the routes of the service beside them are not theirs."""
    deployed = [server for server in servers.of(facts) if server.is_deployed]
    if not deployed:
        return _pages_beside_services(facts, found)
    if clusters.own_workloads(facts) or all(server.program in _PAGES for server in deployed):
        return []
    asked = {place.path for place in found}
    probed = [service for service in starts.own_services(facts) if service.leaf("healthcheck", "**")]
    return [
        server.place
        for server in deployed
        if server.program in _PAGES
        and server.start
        and not (server.start.by is starts.By.IMAGE and server.start.file.path in asked)
        and not any(_starts(service, server.start) for service in probed)
    ]


def _pages_beside_services(facts: Facts, found: list[Evidence]) -> list[Evidence]:
    """Where nothing is deployed, pages with a server of their own beside a service that has the check."""
    asked = {place.path for place in found}
    pages = [unit for unit in units.of(facts) if unit.is_page and not asked & {file.path for file in unit.files}]
    mounted = facts.calls("gradio.mount_gradio_app", "*.WSGIMiddleware", "*.mount")
    return [] if mounted or not any(not unit.is_page for unit in units.of(facts)) else [unit.place for unit in pages]


def _starts(service: compose.Service, start: starts.Start) -> bool:
    """Whether the compose service runs the command, or builds the image that does."""
    if start.by is starts.By.COMPOSE:
        return service.name == start.name
    dockerfile, context = service.leaf("build", "dockerfile"), service.leaf("build", "context") or service.leaf("build")
    folder = context.text.strip("./") if context else ""
    if dockerfile:
        return start.file.path.endswith(dockerfile.text.removeprefix("./"))
    return start.file.folder == folder


def _applications_without(facts: Facts, found: list[Evidence]) -> list[Evidence]:
    """Of several services those in whose folders no check lies; a check of another folder may be for all."""
    folders = {unit.root: unit.place for unit in reversed(units.of(facts)) if not unit.is_page}
    probed = {
        (service.file.path, leaf.line): service.context
        for service in starts.own_services(facts)
        for keys, leaf in service.leaves
        if keys[:1] == ["healthcheck"] and service.context is not None
    }
    healthy = {
        probed.get((place.path, place.line)) or units.root_of(facts, facts.by_path[place.path])
        for place in found
        if place.path in facts.by_path
    }
    if len(folders) < 2 or not healthy <= set(folders):
        return []
    return [place for root, place in folders.items() if root not in healthy]
