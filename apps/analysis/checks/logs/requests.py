"""Inference requests and what was answered are logged to a stream or a monitoring store.

## What it does
Follows the routes of the server into the modules they import and looks there for logged predictions, data
capture (also as infrastructure in other languages declares it, and telemetry receives it), tracers of language
models and stores of predictions; then for access logs, request metrics and middleware; and for what the server logs by itself.

- **met**: predictions or answers are logged, captured or traced.
- **partial**: requests only: a server's access log (uvicorn, Streamlit, Ray Serve, Flask's own server),
  request metrics, middleware, or prints of predictions; or only some of the services that predict log it; or answers that the application keeps among its own data
  (a history, a conversation), where nothing that is called a log or a monitor takes them.
- **unmet**: nothing; gunicorn without `--access-logfile` logs no request, nor does uvicorn with `--no-access-log`.
- **na**: the system does not serve.

## Why it matters
Drift, abuse and wrong answers show only in what was asked and what was answered. Without that record no
incident can be replayed and no new training set collected.

## How to adopt it
```python
# before
return model.predict(x)
# after
prediction = model.predict(x)
logger.info('prediction', extra={'input': x, 'output': prediction})
return prediction
```

## References
- The Twelve-Factor App, XI. Logs: https://12factor.net/logs
- Uvicorn settings: https://www.uvicorn.org/settings/
- Gunicorn settings, accesslog: https://docs.gunicorn.org/en/stable/settings.html#accesslog
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from apps.analysis.code.importing import imported_by
from apps.analysis.code.names import scope_of
from apps.analysis.events import answers, captures, file_sinks, telling
from apps.analysis.expressions import expression
from apps.analysis.findings import Effort, Finding, finding
from apps.analysis.foreign import languages
from apps.analysis.learning import frameworks, stages
from apps.analysis.paths import Kind
from apps.analysis.repository import places
from apps.analysis.running import answering, serving, units
from apps.analysis.services import monitors
from apps.catalog import State

if TYPE_CHECKING:
    from apps.analysis.facts.model import Define
    from apps.analysis.findings import Evidence
    from apps.analysis.repository import Facts, File


_CAPTURES = (
    "*.DataCaptureConfig", "*.ModelDataCollector", "*.CaptureOption", "bentoml.monitor", "bentoml.monitoring.*", "langfuse.*", "comet_llm.*", "langsmith.*", "opik.*", "*.OpikTracer", "*.CallbackHandler", "phoenix.*", "*.LangchainTracer",
    "evidently.*.RemoteWorkspace", "whylogs.log", "arize.*", "nannyml.*", "*.WandbTracer", "*.log_inference", "*log_prediction*", "*save_prediction*", "*store_prediction*", "*record_prediction*", "*insert_prediction*", "*upload_log", "*publish_prediction*", "*.log_interaction", "*.CallbackManager", "logfire.instrument*", "*.Traceloop.init", "*.add_feedback", "*.enable_data_capture",
)  # fmt: skip
_METRICS = (
    "*.Instrumentator*", "prometheus_client.*", "*.PrometheusMiddleware", "*.FastAPIInstrumentor.*", "*.FlaskInstrumentor*", "*.OpenTelemetryMiddleware", "sentry_sdk.init", "*.PrometheusMetrics", "ddtrace.*", "*.AzureExporter", "newrelic.*", "*.FlaskMiddleware",
)  # fmt: skip
# Packages that count or trace the requests of the server that they are declared for.
_COUNTING = ("spring-boot-starter-actuator", "express-prom-bundle", "fastify-metrics")
_ACCESS = ("fastapi.FastAPI", "uvicorn.run", "starlette.applications.Starlette", "ray.serve.run", "ray.serve.deployment", "*.run_simple", "aiohttp.web.run_app", "sanic.Sanic", "tornado.web.Application", "bentoml.Service", "bentoml.service", "litserve.LitServer", "bedrock_agentcore.*BedrockAgentCoreApp",
           "dash.Dash", "chainlit.*", "*.HTTPServer", "falcon.App", "quart.Quart", "langserve.add_routes", "litestar.Litestar", "bottle.run", "*.WSGIServer", "wsgiref.*make_server", "eventlet.wsgi.server", "cherrypy.quickstart", "cherrypy.engine.start")  # fmt: skip
_ENGINES = r"vllm/vllm|lmsysorg/sglang|text-(generation|embeddings)-inference|openmmlab/lmdeploy|berriai/litellm"  # these log each request
_FRAMEWORKS = ("bentoml.service", "ray.serve.deployment", "chainlit.", "litserve.")
_REMEDY = "Log every request with its input's shape or id and the prediction, through the logger of the service or a data-capture option."


def check(facts: Facts) -> Finding:
    if not facts.profile.serves.holds:
        return finding(State.NA, "The system does not serve.")
    predictions = _logged(facts)
    without = _services_without(facts, predictions)
    if without:
        return _weak(
            f"`{predictions[0].path}` logs predictions, the service in `{without[0].path}` does not",
            [predictions[0], *without, *predictions[1:]],
        )
    if predictions:
        return finding(
            State.MET,
            f"Predictions are logged or captured (`{predictions[0].path}:{predictions[0].line}`).",
            predictions,
        )
    requests = _requests(facts)
    access, silent = _access_logs(facts)
    owned = [*answers.recorded(facts).owned, *captures.owned_elsewhere(facts)]
    if owned:
        return _weak(
            f"Answers are kept among the application's own data, not logged (`{owned[0].path}:{owned[0].line}`)",
            [*owned, *requests[:2], *access[:1]],
        )
    if requests:
        return _weak(
            f"Requests are logged or counted, their answers are not (`{requests[0].path}:{requests[0].line}`)",
            [*requests[:3], *access[:1], *requests[3:]],
        )
    if access:
        return _weak(
            f"Only the server's default access log tells of requests (`{access[0].path}:{access[0].line}`)",
            [*access, *facts.profile.serves.evidence],
        )
    evidence = [*silent, *facts.profile.serves.evidence]
    return finding(
        State.UNMET,
        "Neither requests nor predictions are logged: no access log, logging call or data capture was found in what serves.",
        evidence,
        remedy=_REMEDY,
        effort=Effort.HOURS,
    )


def _weak(sentence: str, evidence: list[Evidence]) -> Finding:
    return finding(State.PARTIAL, f"{sentence}.", evidence, remedy=_REMEDY, effort=Effort.HOURS)


def _services_without(facts: Facts, found: list[Evidence]) -> list[Evidence]:
    """Services that ask a model and log none of its answers, beside others that do; what lies elsewhere is for all."""
    services = [unit for unit in units.of(facts) if not unit.is_page]
    roots = {unit.root for unit in services}
    told = {units.root_of(facts, facts.by_path[place.path]) for place in found if place.path in facts.by_path}
    if len(roots) < 2 or not told or not told <= roots:
        return []
    asking = {file.path for file, _ in frameworks.predictions(facts)}
    return [
        unit.place
        for unit in services
        if unit.root not in told
        and (reached := imported_by(facts, list(unit.files)).keys()) & asking
        and not reached & {place.path for place in found}
    ]


def _logged(facts: Facts) -> list[Evidence]:
    files = list(answering.served(facts).values())
    captured = places(facts.calls(*_CAPTURES, files=files)) or places(
        facts.calls(
            "*.DataCaptureConfig",
            "*.CaptureOption",
            "*.CfnEndpointConfig.DataCaptureConfigProperty",
            "*.ModelDataCollector",
        )
    )
    traced = [
        file.at(decorator.line)
        for file, one in facts.defines("", files=files)
        for decorator in one.decorators
        if decorator.name.startswith(("opik.", "langfuse.", "langsmith.", "weave.", "mlflow.trace", "traceloop."))
    ]
    found = answers.recorded(facts)
    return [
        *found.kept,
        *([] if file_sinks.only_to_files(facts) else found.logged),
        *captured,
        *traced,
        *captures.tracers(facts),
        *captures.declared(facts),
        *_elsewhere(facts),
    ]


_DEBUG = expression(r"\b(?:log|logger|LOG|LOGGER|Logger|\w+\.log)\.[dD]ebug")


def _elsewhere(facts: Facts) -> list[Evidence]:
    """Lines of code in other languages that give a logger an answer, beside what it says in words; in production too."""
    asking = {file.path for file, _ in stages.asked_elsewhere(facts)}
    return [
        file.at(line)
        for file, line, text in languages.lines(facts, "log-call")
        if answers.is_told(text, asking=file.path in asking) and not _DEBUG.search(text)
    ]


# What a server tells of itself, not of who asks it, nor since when: `time.Since(start)`.
_OF_THE_START = expression(
    r"listen|start(?!\w{0,12}\s?[)}+\]]|\w{0,12}time)|running|\bport\b|\bonline\b|https?://", re.IGNORECASE
)


def _requests(facts: Facts) -> list[Evidence]:
    served = answering.served(facts)
    files = list(served.values())
    found = answers.recorded(facts)
    counted = [pair for pair in monitors.handed_over(facts) if pair[0] in files]
    metrics = places([*facts.calls(*_METRICS, files=files), *counted])
    middleware = [
        file.at(one.line)
        for file, one in facts.defines("", files=files)
        if (
            any(d.name.endswith((".middleware", ".before_request", ".after_request")) for d in one.decorators)
            or "BaseHTTPMiddleware" in str(one.bases)
        )
        and _tells(file, one)
    ]
    printed = [
        file.at(call.line)
        for file, define in answering.handlers(facts)
        for call in answering.within(file, define)
        if call.name == "print" or telling.is_logging(call)
    ]
    asked = [
        file.at(one.line)
        for file in facts.dockerfiles
        for one in file.facts.instructions
        if re.search(r"--access-logfile|--access-log\b", one.value)
    ]
    asked += [
        file.at(one.line)
        for file, one in facts.commands(
            r"--access-logfile|--access-log\b", kinds=(Kind.SHELL, Kind.MAKE, Kind.PROCFILE)
        )
    ]
    asked += [file.at(one.line) for file, one in facts.assigns(r"^accesslog$") if one.value not in (None, "")]
    proxies = [file.at(line) for file, line, _ in facts.signals("server-log", "access_log")]
    others = [file.at(line) for file, line, _ in facts.signals("access-log")]
    others += [file.at(one.line) for file, one in facts.dependencies if one.name.endswith(_COUNTING)]
    others += [file.at(line) for file, line, _ in facts.signals("monitor-added")]
    answering_files = {file.path for file, _, _ in [*facts.signals("server"), *facts.signals("route")]}
    others += [
        file.at(line)
        for file, line, text in [*facts.signals("print"), *languages.lines(facts, "log-call")]
        if file.path in answering_files and not _OF_THE_START.search(text)
    ]
    insights = places(captures.insights(facts))
    told = [*metrics, *middleware, *found.logged, *found.shown, *printed, *asked, *proxies, *others, *insights]
    # what a notebook beside the service prints is no answer of it
    return [place for place in told if place.path in served or not (served and place.path.endswith(".ipynb"))]


def _is_of_framework(_: File, one: Define) -> bool:
    return one.is_decorated_by(_FRAMEWORKS)


# What middleware that tells of requests calls, or is called; others let in who may come, or set headers.
_TELLING = expression(
    r"(?<!cata)log(?!in|out|ic)|print|metric|observ|monitor|telemetr|trac[ek]|audit|record|histogram|(?<!ac)count|\binc$",
    re.IGNORECASE,
)


def _tells(file: File, one: Define) -> bool:
    scope = scope_of(one)
    calls = file.facts.code.calls if file.facts.code else ()
    return bool(_TELLING.search(one.name)) or any(
        _TELLING.search(call.name) for call in calls if call.scope == scope or call.scope.startswith(f"{scope}.")
    )


def _access_logs(facts: Facts) -> tuple[list[Evidence], list[Evidence]]:
    """Servers that log requests by themselves, and those that do not."""
    lines = [
        (file.at(one.line), one.value)
        for file in facts.dockerfiles
        for one in file.facts.instructions
        if one.name in {"CMD", "ENTRYPOINT"}
    ]
    lines += [
        (file.at(one.line), one.text) for file, one in facts.commands("", kinds=(Kind.SHELL, Kind.MAKE, Kind.PROCFILE))
    ]
    lines += [
        (file.at(leaf.line), leaf.text)
        for file, leaf in facts.leaves(
            r"\.ya?ml$",
            value=r"uvicorn|gunicorn|streamlit|hypercorn|granian|flask run|serve run|torchserve .*--start|sglang|litellm|text-generation-launcher|llama-server",
        )
    ]
    started = [
        (place, text)
        for place, text in lines
        if re.search(
            r"\b(uvicorn|streamlit\W+run|flask\W+run|chainlit|fastapi\W+(?:run|dev)|serve\W+run|runserver|bentoml\W+serve|torchserve|mlflow\W+models\W+serve|daphne|vllm|sglang|lmdeploy|litellm|text-generation-launcher|llama-server|uwsgi)\b",
            text,
        )
        and not re.search(r"gunicorn|pip3? install|--no-access-log", text)
    ]
    silent = [
        place
        for place, text in lines
        if re.search(r"\b(gunicorn|hypercorn|waitress-serve|granian)\b|--no-access-log\b", text)
        and "install" not in text
    ]
    silent += places(pair for pair in facts.calls("uvicorn.run") if pair[1].kwargs.get("access_log") is False)
    started += [(place, "nginx") for place in _proxies(facts)]
    started += [
        (file.at(leaf.line), "engine") for file, leaf in facts.leaves(r"\.ya?ml$", "**", "image", value=_ENGINES)
    ]
    if started:
        return [place for place, _ in started], silent
    if silent:
        return [], silent
    calls = places(facts.calls(*_ACCESS)) + [
        file.at(line) for file, line in facts.imports("streamlit", files=facts.scripts)
    ]
    calls += [
        file.at(decorator.line)
        for file, one in facts.decorated(where=_is_of_framework)
        for decorator in one.decorators
        if decorator.name.startswith(_FRAMEWORKS)
    ]
    flask = [
        (file, call)
        for file, call in facts.calls("*.run")
        if file.imports("flask", "bottle", "apiflask", "flask_openapi3")
        and re.search(r"(^|\.)(app|application|server|socketio)\.run$", call.name)
    ]
    managed = facts.calls(
        "*.create_endpoint", "*.deploy", "*.online_deployments.begin_create_or_update", "*.CfnEndpoint"
    )
    lambdas = [*facts.defines(r"^lambda_handler$"), *serving.functions(facts)]
    spring = [file.at(line) for file, line, text in facts.signals("server", r"gin\.Default")]
    return [*calls, *places(flask), *places(managed), *places(lambdas), *spring], []


def _proxies(facts: Facts) -> list[Evidence]:
    """Images of nginx in front of the server: its access log goes to stdout."""
    based = [
        (file, one)
        for file in facts.dockerfiles
        for one in file.facts.instructions
        if one.name == "FROM" and re.match(r"(\S*/)?nginx\b", one.value)
    ]
    composed = facts.leaves(r"\.ya?ml$", "**", "image", value=r"^(\S*/)?nginx\b")
    return places([*based, *composed])
