"""Monitoring that code offers or feeds: figures to be asked for, traces, and channels on which somebody is alerted."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from apps.analysis.code.origins import origin_of
from apps.analysis.expressions import expression
from apps.analysis.repository import places
from apps.analysis.running import starts
from apps.analysis.running.rollout import COMPOSE
from apps.analysis.services.clients import Kind
from apps.analysis.services.use import Located, Use

if TYPE_CHECKING:
    from apps.analysis.facts.model import Call
    from apps.analysis.findings import Evidence
    from apps.analysis.repository import Facts, File

MAIL = "e-mail alerts"
_RECIPIENTS = expression(
    r"alert\w*_(email|address|channel|recipient)|notification_(channel|email|target)|^alert_emails$|^slack_channel$"
)


def uses(facts: Facts) -> list[Use]:
    return [
        *_exposed_metrics(facts),
        *_slack(facts),
        *_flagged(facts),
        *_traced(facts),
        *_alerts(facts),
        *_by_agents(facts),
        *_added(facts),
    ]


def _alerts(facts: Facts) -> list[Use]:
    """Recipients of alerts that a job is given by name; the channel itself is the platform's."""
    found = []
    for file in facts.code:
        for name, call in file.once(_recipients):
            origin = origin_of(facts, file, call.kwargs[name], call.scope, call.line)
            located = Located.ATTACHED if origin.settable else Located.CONFIG
            found.append(Use(Kind.MONITORING, f"alerts (`{name}`)", located, (origin.place, file.at(call.line))))
    return [*found, *_of_airflow(facts)]


def _recipients(file: File) -> list[tuple[str, Call]]:
    return [
        (name, call)
        for call in (file.facts.code.calls if file.facts.code else ())
        for name, value in call.kwargs.items()
        if _RECIPIENTS.search(name) and value not in (None, False)
    ]


def _of_airflow(facts: Facts) -> list[Use]:
    """Mail about runs that fail, which Airflow sends to whom the defaults of a DAG name."""
    asked = facts.assigns(r"^email_on_(failure|retry)$", files=[file for file, _ in facts.imports("airflow")])
    on = [(file, one) for file, one in asked if one.value is True]
    named = places(facts.assigns(r"^email$", files=[file for file, _ in on])) if on else []
    located = Located.CONFIG if named else Located.ATTACHED
    return [Use(Kind.MONITORING, MAIL, located, (*named[:1], *places(on[:1])))] if on else []


_ALERTS = expression(r"alert|notif|monitor|warn|drift|fail|error|report|incident|admin|operat", re.IGNORECASE)


def alerts(file: File, call: Call) -> bool:
    """Whether mail is sent there to those who run the system, not to those who use it."""
    return bool(_ALERTS.search(f"{file.path} {call.scope}"))


# Commands that start a program with an agent inside, which tells of it by itself.
_AGENTS = r"\b(?:opentelemetry-instrument|ddtrace-run|newrelic-admin run-(?:program|python)|elasticapm-run|splunk-py-trace|sw-python run)\s"


def _by_agents(facts: Facts) -> list[Use]:
    found = [start.place for start in starts.commanding(facts, _AGENTS)]
    return [Use(Kind.MONITORING, "an agent", Located.ATTACHED, tuple(found[:2]))] if found else []


# Packages that report for the framework they are declared beside.
_REPORTING = expression(
    r"\bmicrometer-registry-(?!prometheus)|\bsentry-(?:spring|logback)|\bapplicationinsights-|\bopentelemetry-spring-boot-starter"
)


def _added(facts: Facts) -> list[Use]:
    """Monitoring that a framework of Java or C# is told to add."""
    found = [file.at(line) for file, line, _ in facts.signals("monitor-added")]
    found += [
        file.at(one.line)
        for file, one in facts.dependencies
        if one.ecosystem == "maven" and _REPORTING.search(one.name)
    ]
    return [Use(Kind.MONITORING, "the framework's monitor", Located.ATTACHED, tuple(found[:2]))] if found else []


# Middleware that counts requests, handed over by its name.
_COUNTS = expression(r"^\$[\w.]*(?:Prometheus|Metrics)\w*$|^\$aioprometheus\.")


def handed_over(facts: Facts) -> list[tuple[File, Call]]:
    """Calls that add middleware, or a route, which counts requests."""
    added = facts.calls("*.add_middleware", "*.add_route", "*.mount")
    return [pair for pair in added if any(isinstance(one, str) and _COUNTS.search(one) for one in pair[1].args[:2])]


# What Go, JavaScript and C# import to offer their figures.
_EXPOSES = r"prometheus/client_golang/prometheus/promhttp|['\"](express-)?prom-(client|bundle)['\"]|using Prometheus;"
# What libraries of the JVM do so by.
_OF_JVM = expression(
    r"micrometer-registry-prometheus|quarkus-micrometer|simpleclient_(spring|servlet|httpserver)|prometheus-metrics-exporter"
)
_SHOWN_BY_SPRING = expression(r"^management\.endpoints\.web\.exposure\.include(\.\d+)?$")


def _registries(facts: Facts) -> list[Evidence]:
    """Registries of figures on the JVM. Spring shows them only where it is told to."""
    known = [(file, one) for file, one in facts.dependencies if one.ecosystem == "maven" and _OF_JVM.search(one.name)]
    told = facts.leaves(r"(^|/)(application|bootstrap)[\w-]*\.(ya?ml|properties)$", value=r"prometheus|^\*$")
    is_shown = any(_SHOWN_BY_SPRING.search(".".join(leaf.keys)) for _, leaf in told)
    return places(pair for pair in known if is_shown or "micrometer-registry" not in pair[1].name)


def _exposed_metrics(facts: Facts) -> list[Use]:
    """A pull endpoint names nobody: the scraper's configuration attaches it, wherever that is deployed."""
    exposed = facts.calls(
        "prometheus_client.start_http_server", "prometheus_client.make_*_app", "prometheus_client.*.make_asgi_app", "prometheus_client.generate_latest",
        "*.Instrumentator().*", "*.Instrumentator", "*.PrometheusMetrics", "*.PrometheusMiddleware", "*.add_prometheus_middleware", "starlette_exporter.*",
    )  # fmt: skip
    offered = [file.at(call.line) for file, call in (*exposed, *handed_over(facts))]
    offered += [file.at(line) for file, line in facts.imports("starlette_exporter", "aioprometheus")]
    offered += [file.at(line) for file, line, _ in facts.signals("import", _EXPOSES)]
    offered += _registries(facts)
    if not offered:
        return []
    scrapers = [file.at() for file in facts.named(r"prometheus[^/]*\.ya?ml$|/prometheus/.*\.ya?ml$")]
    scrapers += [
        file.at(leaf.line)
        for file, leaf in facts.leaves(r"\.ya?ml$", "**", value=r"prom/prometheus|ServiceMonitor|PodMonitor")
    ]
    scrapers += [file.at(leaf.line) for file, leaf in facts.leaves(r"\.ya?ml$", "**", "prometheus.io/scrape")]
    return [Use(Kind.MONITORING, "Prometheus", Located.ATTACHED, (*offered[:2], *scrapers[:2]))]


def _traced(facts: Facts) -> list[Use]:
    """The tracing of LangChain that code or a deployment switches on by its variable; the rest its client reads by itself."""
    said = facts.assigns(r"environ\[LANG(CHAIN|SMITH)_TRACING(_V2)?\]$", files=facts.scripts)
    on = [file.at(one.line) for file, one in said if str(one.value).lower() == "true"]
    if not on and facts.imports("langchain", "langchain_core", "langchain_community", "langchain_openai", "langgraph"):
        on = _tracing_deployed(facts)
    return [Use(Kind.MONITORING, "a tracer of language models", Located.ATTACHED, tuple(on[:2]))] if on else []


# A default may keep it off: who deploys the system decides.
_ON = r"(?:['\"]?[Tt]rue\b|\$\{)"


def _tracing_deployed(facts: Facts) -> list[Evidence]:
    """Where compose hands the variable to the code, unless it is off for good."""
    listed = facts.leaves(COMPOSE, "**", "environment", "*", value=rf"^LANG(?:CHAIN|SMITH)_TRACING(?:_V2)?={_ON}")
    return places([*facts.leaves(COMPOSE, "**", "environment", "LANG*_TRACING*", value=rf"^{_ON}"), *listed])


def _flagged(facts: Facts) -> list[Use]:
    """Channels whose address a flag takes, whatever sends to it."""
    flags = facts.calls("*.add_argument", "click.option", "*.DEFINE_string", files=facts.scripts)
    found = [(file, call) for file, call in flags if any(_IS_CHANNEL.match(str(name)) for name in call.args[:2])]
    return [Use(Kind.MONITORING, "alerts", Located.ATTACHED, (file.at(call.line),)) for file, call in found]


_IS_CHANNEL = expression(r"-{0,2}(?:slack|discord|teams)[-_](?:web)?(?:hook|url)(?:[-_]url)?$", re.IGNORECASE)
_CHANNELS = r"hooks\.slack\.com/services|discord(app)?\.com/api/webhooks|outlook\.office\.com/webhook"


def _slack(facts: Facts) -> list[Use]:
    bots = [
        (file, one)
        for file, one in facts.texts(r"api\.telegram\.org/bot")
        if _ALERTS.search(f"{file.path} {one.scope}")  # others talk to those who use the system
    ]
    return [
        Use(
            Kind.MONITORING,
            "alerts by Telegram",
            Located.ATTACHED if "bot{" in one.value else Located.HARDCODED,
            (file.at(one.line),),
        )
        for file, one in bots
    ] + [
        Use(Kind.MONITORING, "Slack alerts", Located.HARDCODED, (file.at(one.line),), one.value)
        for file, one in facts.texts(_CHANNELS)
    ]
