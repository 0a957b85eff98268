"""Servers that code starts, in Python and in other languages."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from apps.analysis.code.origins import Source, origin_of_argument
from apps.analysis.expressions import expression
from apps.analysis.foreign import languages
from apps.analysis.paths import Kind
from apps.analysis.running.server import Port, Server
from apps.analysis.running.serving import answers_over_http

if TYPE_CHECKING:
    from collections.abc import Iterator

    from apps.analysis.facts.model import Call
    from apps.analysis.repository import Facts, File


# --- servers that code starts -------------------------------------------------------------------------------------------------
# callee -> (program, position of the port, names of it, development server, graceful)
_CALLS: dict[str, tuple[str, int, tuple[str, ...], bool, bool]] = {
    "uvicorn.run": ("uvicorn", -1, ("port",), False, True),
    "uvicorn.Config": ("uvicorn", -1, ("port",), False, True),
    "waitress.serve": ("waitress", -1, ("port", "listen"), False, True),
    "hypercorn.*.serve": ("hypercorn", -1, ("port",), False, True),
    "ray.serve.run": ("Ray Serve", -1, ("port",), False, True),
    "ray.serve.start": ("Ray Serve", -1, ("port", "http_options"), False, True),
    "*.launch": ("Gradio", -1, ("server_port",), False, False),
    "*.run_server": ("Dash", -1, ("port",), True, False),
    "bottle.run": ("bottle", -1, ("port",), True, False),
    "aiohttp.web.run_app": ("aiohttp", -1, ("port",), False, True),
    "*.add_insecure_port": ("gRPC", 0, ("address",), False, True),
    "*.add_secure_port": ("gRPC", 0, ("address",), False, True),
    "*.HTTPServer": ("http.server", 0, ("server_address",), True, False),
    "*.ThreadingHTTPServer": ("http.server", 0, ("server_address",), True, False),
    "*.WSGIServer": ("gevent", 0, ("listener", "port"), False, True),
    "*.make_server": ("wsgiref", 1, ("port",), True, False),
    "cherrypy.quickstart": ("CherryPy", -1, ("port",), False, True),
    "cherrypy.engine.start": ("CherryPy", -1, ("port",), False, True),
    "tornado.ioloop.*": ("Tornado", -1, ("port",), False, True),
    "nicegui.ui.run": ("NiceGUI", -1, ("port",), False, True),
    "kserve.ModelServer": ("KServe", -1, ("http_port",), False, True),
    "pywebio.start_server": ("PyWebIO", -1, ("port",), False, False),
    "mosec.Server": ("mosec", -1, ("port",), False, True),
    "shiny.run_app": ("Shiny", -1, ("port",), False, True),
    "jina.Flow": ("Jina", -1, ("port",), False, True),
    "jina.Deployment": ("Jina", -1, ("port",), False, True),
    "panel.serve": ("Panel", -1, ("port",), False, False),
    "*.serve_forever": ("socket server", -1, ("port",), True, False),
}
_RUN = expression(
    r"^(app|application|api|server|socketio|sio|flask_app|web_app|mcp|demo|_?app|self\.app|dash_app|create_app\(\))$",
    re.IGNORECASE,
)
_FRAMEWORKS = (
    "flask",
    "dash",
    "quart",
    "sanic",
    "flask_socketio",
    "connexion",
    "litserve",
    "fastmcp",
    "mcp",
    "flask_restful",
    "flask_restplus",
    "flask_restx",
    "eve",
    "apistar",
    "robyn",
)
_PRODUCTION_RUN = {
    "litserve": "LitServe",
    "sanic": "Sanic",
    "fastmcp": "FastMCP",
    "mcp": "FastMCP",
    "quart": "Quart",
    "robyn": "Robyn",
}


def of_code(facts: Facts) -> Iterator[Server]:
    for pattern, (program, position, names, development, graceful) in _CALLS.items():
        for file, call in facts.calls(pattern):
            if program == "Gradio" and not facts.imports("gradio", files=[file]):
                continue
            if program == "socket server" and not facts.imports("socketserver", "SocketServer", files=[file]):
                continue
            if program == "Tornado" and not call.last.startswith(("start", "current", "instance")):
                continue
            port = (
                _port_of_call(facts, file, call, position, names) if program != "Tornado" else _listening(facts, file)
            )
            yield Server(
                program, file.at(call.line), port, file, development=development, graceful=graceful,
                workers=_workers_of_call(call),
            )  # fmt: skip
    yield from _of_frameworks(facts)
    yield from _of_pages(facts)


def _of_frameworks(facts: Facts) -> Iterator[Server]:
    """`app.run()` of a web framework."""
    for file, call in facts.calls("*.run", "*.listen"):
        frameworks = {name for name in _FRAMEWORKS for _ in facts.imports(name, files=[file])}
        receiver = call.name.rpartition(".")[0]
        made = [one.name for one in (file.facts.code.calls if file.facts.code else ()) if one.target == receiver]
        if not _RUN.match(receiver) and not any(
            re.search(r"Flask|Dash|Quart|Sanic|LitServer|create_app|Starlette", one) for one in made
        ):
            continue
        if not frameworks and not any("create_app" in one for one in made) and not _imports_app(facts, file, receiver):
            continue
        program = next(
            (_PRODUCTION_RUN[name] for name in _PRODUCTION_RUN if name in frameworks), "Flask's development server"
        )
        if program == "FastMCP" and not answers_over_http(call):
            continue
        position = 1 if program.startswith("Flask") else -1
        yield Server(
            program, file.at(call.line), _port_of_call(facts, file, call, position, ("port",)), file,
            development=program.startswith("Flask"), graceful=not program.startswith("Flask"),
            workers=_workers_of_call(call),
        )  # fmt: skip


def _imports_app(facts: Facts, file: File, receiver: str) -> bool:
    """`from project import app; app.run()` where some module of the repository makes a Flask app."""
    imported = any(
        one.module.endswith((f".{receiver}", ".create_app"))
        for one in (file.facts.code.imports if file.facts.code else ())
    )
    return imported and bool(facts.calls("flask.Flask", "dash.Dash", "connexion.*App"))


def _of_pages(facts: Facts) -> Iterator[Server]:
    """Streamlit and Chainlit pages: their command binds the port, also where only a person or a platform types it."""
    seen: set[str] = set()
    for name in ("streamlit", "chainlit", "bentoml"):
        for file, line in facts.imports(name):
            if file.kind is Kind.PYTHON and name not in seen and (name != "bentoml" or _has_service(file)):
                seen.add(name)
                yield Server(
                    name if name != "bentoml" else "BentoML",
                    file.at(line),
                    Port.FIXED,
                    file,
                    graceful=name == "bentoml",
                )


def _has_service(file: File) -> bool:
    code = file.facts.code
    return code is not None and any(
        one.name in {"bentoml.Service", "bentoml.service"}
        for one in (*code.calls, *(d for define in code.defines for d in define.decorators))
    )


def _port_of_call(facts: Facts, file: File, call: Call, position: int, names: tuple[str, ...]) -> Port:
    if not any(name in call.kwargs for name in names) and (position < 0 or call.argument(position) is None):
        return Port.FIXED  # the framework's default, or what a caller's keywords say
    given = next((call.kwargs[name] for name in names if name in call.kwargs), call.argument(position))
    if isinstance(given, str) and not given.startswith("$"):
        return (
            Port.ENVIRONMENT
            if re.search(r"\{.*port.*\}", given, re.IGNORECASE) and not _literal_name(facts, file)
            else Port.LITERAL
        )
    if isinstance(given, list):
        given = given[-1] if given else None
        return Port.LITERAL if isinstance(given, int) else _port_of_text(facts, str(given), file)
    origin = origin_of_argument(facts, file, call, position, *names)
    if origin.source in {Source.CONFIG_FILE, Source.UNKNOWN} and _is_substituted(facts, str(given)):
        return Port.ENVIRONMENT
    if origin.source in {Source.CONFIG_FILE, Source.UNKNOWN} and _is_number_of_a_class(facts, str(given)):
        return Port.LITERAL
    return _PORT_OF.get(
        origin.source, Port.ENVIRONMENT if re.search(r"environ|getenv|args", str(given)) else Port.FIXED
    )


def _is_substituted(facts: Facts, given: str) -> bool:
    """Whether the config file that holds the port takes it from a variable: `port: ${PORT:8001}`."""
    name = given.rsplit(".", 1)[-1]
    return "port" in name and bool(facts.leaves(r"\.(ya?ml|toml|json)$", "**", name, value=r"^\$\{?\w|\boc\.env\b"))


def _is_number_of_a_class(facts: Facts, given: str) -> bool:
    """Whether `config.api.port` is a number that a plain class of the repository fixes, and no file gives another one."""
    name = given.rsplit(".", 1)[-1]
    if "." not in given or not name.isidentifier() or facts.leaves(r"\.(ya?ml|toml|json)$", "**", name):
        return False
    plain = {(file.path, one.name) for file, one in facts.defines("") if one.kind == "class" and not one.bases}
    fields = [(file, one) for file, one in facts.assigns(rf"^{name}$") if one.how == "field"]
    return bool(fields) and all(
        isinstance(one.value, int) and (file.path, one.scope.rsplit(".", 1)[-1]) in plain for file, one in fields
    )


def _literal_name(facts: Facts, file: File) -> bool:
    """Whether the file gives its port name a number."""
    return any(isinstance(one.value, int) for _, one in facts.assigns(r"port$", files=[file]) if one.how == "name")


def _port_of_text(facts: Facts, text: str, file: File) -> Port:
    if re.search(r"environ|getenv|args", text):
        return Port.ENVIRONMENT
    return Port.LITERAL if re.search(r"\d{2,5}", text) or _literal_name(facts, file) else Port.FIXED


_PORT_OF = {
    Source.ENVIRONMENT: Port.ENVIRONMENT,
    Source.FLAG: Port.ENVIRONMENT,
    Source.PARAMETER: Port.ENVIRONMENT,
    Source.CONFIG_FILE: Port.FIXED,
    Source.LITERAL: Port.LITERAL,
    Source.LOCAL_PATH: Port.LITERAL,
}


def _listening(facts: Facts, file: File) -> Port:
    calls = facts.calls("*.listen", "*.bind", files=[file])
    return _port_of_call(facts, file, calls[0][1], 0, ("port",)) if calls else Port.FIXED


def _workers_of_call(call: Call) -> int | None:
    for name in ("workers", "processes", "workers_per_device", "num_replicas", "threads_count"):
        if name in call.kwargs:
            value = call.kwargs[name]
            return value if isinstance(value, int) and not isinstance(value, bool) else 0
    return None


# --- other languages ----------------------------------------------------------------------------------------------------------
_LISTENS = expression(
    r"listen|serve\s*\(|ListenAndServe|enablePlugins|HttpServer\.create|Vertx\.vertx|SpringApplication\.run|SpringBootApplication|plumb|shinyApp|runApp|createServer|\.bind|gin\.Default|NewServer|embeddedServer|runApplication|WebServer\.|WebApplication|Undertow|Hapi\.server|"
    r"ServerBuilder\.forPort|newServerBuilderForPort|grpc\.Server|createMicroservice|HttpServlet|WebServlet|g\.Server|server\.Default|iris\.|beego|web\.Run|http\.Serve|kratos|ScalatraServlet|cask\.|Server\.serve|TwitterServer|"
    r"WebHost|\.Map(?:Get|Post|GrpcService)|ApolloServer|polka"
)


_OF_JVM = {"forPort": "gRPC's server", "ForPort": "gRPC's server", "Servlet": "a container of servlets", "WebServer": "Helidon", "RestServer": "Helidon", "embeddedServer": "Ktor", "Undertow": "Undertow", "Javalin": "Javalin", "HttpServer": "the JDK's server", "Vertx": "Vert.x"}  # fmt: skip


def of_other_languages(facts: Facts) -> Iterator[Server]:
    seen: set[str] = set()
    for file, line, text in facts.signals("server"):
        if (
            file.kind is Kind.TEXT
            or not _LISTENS.search(text)
            or re.search(r"^\s*(//|\*|import\b)|config\.[jt]s$|webpack|library\(", f"{text} {file.name}")
        ):
            continue
        if file.folder in seen:
            continue
        seen.add(file.folder)
        program = {
            Kind.JAVA: "ASP.NET Core"
            if file.name.endswith(".cs")
            else next((name for word, name in _OF_JVM.items() if word in text), "Spring Boot"),
            Kind.SCALA: "Play" if "Play" in text else "Akka HTTP",
            Kind.GO: "Go's http server",
            Kind.R: "plumber or Shiny",
        }.get(file.kind, "Node")
        yield Server(
            program,
            file.at(line),
            _port_of_line(facts, file, text),
            file,
            graceful=file.kind in {Kind.JAVA, Kind.SCALA},
        )


def _port_of_line(facts: Facts, file: File, text: str) -> Port:
    if re.search(r"process\.env|Getenv|getenv|args(?!\s*\))|flag", text):  # all of them are handed to a framework
        return Port.ENVIRONMENT
    if file.kind is Kind.JAVA:
        settings = facts.leaves(r"application[\w-]*\.(properties|ya?ml)$", value=r"\d{2,5}|\$\{")
        ports = [leaf for _, leaf in settings if ".".join(leaf.keys).endswith("server.port")]
        return Port.ENVIRONMENT if ports and all("${" in leaf.text for leaf in ports) else Port.FIXED
    if re.search(r"\d{4,5}", text):
        return Port.LITERAL
    if re.search(r"\bport\b|createServer", text) and not any(one.name == "port-number" for one in file.facts.signals):
        given = facts.signals("environment", r"\bPORT\b")
        if any(other.path.startswith(f"{file.folder}/") for other, _, _ in given):
            return Port.ENVIRONMENT  # a module of settings beside the one that listens
    numbers = [other for other, _, _ in languages.ports(facts)]
    if (numbers and re.search(r"port", text, re.IGNORECASE)) or file in numbers:
        return Port.LITERAL
    signals = [one.text for one in file.facts.signals if one.name == "environment"]
    return Port.ENVIRONMENT if any(re.search("port", one, re.IGNORECASE) for one in signals) else Port.FIXED
