"""The servers that the system starts: which program, how good a one, how it is started, and where its port comes from."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from apps.analysis import starts
from apps.analysis.origins import Source, origin_of_argument
from apps.analysis.paths import Kind
from apps.analysis.starts import DEPLOYED, By

if TYPE_CHECKING:
    from collections.abc import Iterator

    from apps.analysis.facts.model import Call
    from apps.analysis.findings import Evidence
    from apps.analysis.repository import Facts, File
    from apps.analysis.starts import Start


class Port(StrEnum):
    """Where a server's port comes from."""

    ENVIRONMENT = "environment"  # or a flag
    FIXED = "fixed"  # in the command or a config file, or left at the framework's default
    LITERAL = "literal"  # in source code


@dataclass(frozen=True, slots=True)
class Server:
    """`start` is the command that starts it, None where code does. `graceful` servers stop cleanly on SIGTERM."""

    program: str
    place: Evidence
    port: Port
    file: File
    start: Start | None = None
    development: bool = False
    graceful: bool = True
    workers: int | None = None  # processes: None where nothing says so, 0 where the environment says so

    @property
    def is_deployed(self) -> bool:
        return self.start is not None and self.start.by in DEPLOYED


def of(facts: Facts) -> list[Server]:
    """All servers, those that deployments start first, then those of tasks and scripts, then those that code starts."""
    return facts.once(_read)


def deciding(facts: Facts) -> list[Server]:
    """The servers by which the system is judged: the deployed ones, else those of tasks and scripts and of code."""
    found = of(facts)
    return [server for server in found if server.is_deployed] or found


def _read(facts: Facts) -> list[Server]:
    found: list[Server] = []
    taken: set[tuple[str, int]] = set()
    for start in starts.of(facts):
        for one in (start, *(starts.scripts_run(facts, start) if start.by in DEPLOYED else ())):
            served = list(_of_command(facts, start, one))
            found.extend(server for server in served if (server.place.path, server.place.line) not in taken)
            taken.update((server.place.path, server.place.line) for server in served)
    run = [
        (start, file.path)
        for start in starts.deployed(facts)
        for one in starts.followed(facts, [start])
        for file in starts.modules_run(facts, one)
    ]
    images = [server for server in _of_images(facts) if server.place.path not in {path for path, _ in taken}]
    by_path = {path: start for start, path in reversed(run)}
    code = [replace(server, start=by_path.get(server.file.path)) for server in _of_code(facts)]
    pages = {server.program for server in found}
    return [
        *found,
        *images,
        *(server for server in code if server.program not in pages or server.program not in _PAGES),
        *_elsewhere(facts),
    ]


_PAGES = frozenset({"streamlit", "chainlit", "BentoML"})


# --- servers that commands start ------------------------------------------------------------------------------------------
# program -> the expression of its command; the order tells wrappers from what they wrap
_PROGRAMS = {
    "gunicorn": r"\bgunicorn(?=\s|$|[&;|])",
    "uvicorn": r"\buvicorn(?=\s|$|[&;|])",
    "hypercorn": r"\bhypercorn(?=\s|$|[&;|])",
    "daphne": r"\bdaphne(?=\s|$|[&;|])",
    "granian": r"\bgranian(?=\s|$|[&;|])",
    "waitress": r"\bwaitress-serve\b",
    "uwsgi": r"\buwsgi(?=\s|$|[&;|])",
    "streamlit": r"\bstreamlit run\b",
    "chainlit": r"\bchainlit run\b",
    "TorchServe": r"\btorchserve\b|\bmulti-model-server\b",
    "TensorFlow Serving": r"\btensorflow_model_server\b|\btf_serving_entrypoint",
    "Triton": r"\btritonserver\b",
    "MLflow": r"\bmlflow (models|deployments) serve\b",
    "BentoML": r"\bbentoml serve\b",
    "vLLM": r"\bvllm serve\b|\bvllm\.entrypoints",
    "Ray Serve": r"\bserve (run|deploy)\b|\bray serve\b",
    "Seldon": r"\bseldon-core-microservice\b",
    "MLServer": r"\bmlserver start\b",
    "Text Generation Inference": r"\btext-generation-launcher\b",
    "FastAPI CLI": r"\bfastapi run\b",
    "panel": r"\bpanel serve\b",
    "voila": r"\bvoila(?=\s|$|[&;|])",
    "rasa": r"\brasa run\b",
    "LangGraph": r"\blanggraph (up|dev)\b",
    "Spring Boot": r"\bspring-boot:run\b|\bbootRun\b",
    "node": r"\bpm2(-runtime)? start\b",
    "plumber": r"\bplumb(er)?\b.*\brun\b|\brunApp\b|\bshiny-server\b",
    "llama.cpp": r"\bllama-server\b|\bllama_cpp\.server\b",
    "functions-framework": r"\bfunctions-framework\b",
    "flask run": r"\bflask (--\S+ \S+ )*run\b",
    "runserver": r"\bmanage\.py runserver\b",
    "fastapi dev": r"\bfastapi dev\b",
    "SageMaker container": r"(^|\s|/)serve$",
}
_COMPILED = {name: re.compile(pattern) for name, pattern in _PROGRAMS.items()}
_ANY = re.compile("|".join(_PROGRAMS.values()))
_DEVELOPMENT = frozenset({"flask run", "runserver", "fastapi dev"})
_ROUGH = frozenset({"streamlit", "chainlit", "panel", "voila", "MLflow"}) | _DEVELOPMENT
_NO_START = re.compile(
    r"\b(install|pkill|killall|kill|grep|pgrep|uninstall|which|apt-get|echo|brew|conda|COPY|mypy|pip|poetry add|curl|--version|docker build|help|freeze)\b"
)
_PORT = re.compile(
    r"(?:--(?:server[._-])?(?:http[._-]?|rest_api_|rpc[._-]?)?port[= ]+|(?:^|\s)-p[= ]*(?=[\d$])|--bind[= ]+\S*:|-b[= ]+\S*:|--listen[= ]+\S*:|--http[= ]+\S*:|runserver\s+\S*:|0\.0\.0\.0:|\[::\]:|-Dserver\.port=|--http-port[= ]+)(\S+)"
)
_BOUND = re.compile(r"--bind[= ]|(^|\s)-b[= ]|--config|(^|\s)-c[= ]")
_WORKERS = re.compile(r"(?:--workers|--processes|-w|--num-workers|--nprocs|--workers-per-\w+|-i)[= ]+(\S+)")


def _of_command(facts: Facts, start: Start, line: Start) -> Iterator[Server]:
    """`line` is the command itself or one of a script that `start` calls."""
    text = line.command
    if not _ANY.search(text) or _NO_START.search(re.sub(r"\bpip install\b[^&;|]*(&&|;)", "", text)):
        return
    program = next(name for name, pattern in _COMPILED.items() if pattern.search(text))
    yield Server(
        program,
        line.place,
        _port_of_command(facts, program, text),
        line.file,
        start,
        development=program in _DEVELOPMENT,
        graceful=program not in _ROUGH,
        workers=_workers_of_command(facts, program, text),
    )


def _port_of_command(facts: Facts, program: str, text: str) -> Port:
    found = _PORT.search(text)
    if found:
        return Port.ENVIRONMENT if re.search(r"[$%{]", found.group(1)) else Port.FIXED
    if program == "gunicorn" and not _BOUND.search(text):
        return Port.ENVIRONMENT  # gunicorn reads PORT by itself
    if program == "gunicorn" and _configured_from_environment(facts):
        return Port.ENVIRONMENT
    return Port.ENVIRONMENT if program == "functions-framework" else Port.FIXED


def _gunicorn_setting(facts: Facts, name: str) -> list[str]:
    """What gunicorn's own configuration modules assign to `name`, as text."""
    files = [file for file in facts.scripts if "gunicorn" in file.name]
    return [str(one.value) for _, one in facts.assigns(f"^{name}$", files=files)]


def _configured_from_environment(facts: Facts) -> bool:
    return any(re.search(r"environ|getenv|settings|config|\{", value) for value in _gunicorn_setting(facts, "bind"))


def _workers_of_command(facts: Facts, program: str, text: str) -> int | None:
    found = _WORKERS.search(text)
    if found:
        return int(found.group(1)) if found.group(1).isdigit() else 0
    if program == "gunicorn" and _BOUND.search(text):
        configured = _gunicorn_setting(facts, "workers")
        if configured:
            return int(configured[-1]) if configured[-1].isdigit() else 0
    return 0 if re.search(r"WEB_CONCURRENCY", text) else None


# --- servers that images bring ------------------------------------------------------------------------------------------------
_IMAGES = {
    "TensorFlow Serving": r"tensorflow/serving|tensorflow-serving",
    "Triton": r"tritonserver",
    "TorchServe": r"pytorch/torchserve|torchserve",
    "vLLM": r"vllm/vllm",
    "Text Generation Inference": r"text-generation-inference|text-embeddings-inference",
    "MLServer": r"seldonio/|mlserver",
    "uvicorn-gunicorn": r"tiangolo/(uvicorn|meinheld)-gunicorn",
    "uwsgi-nginx": r"tiangolo/uwsgi",
    "shiny-server": r"rocker/shiny|shiny-server",
    "AWS Lambda": r"lambda/(python|provided|nodejs|java)",
}


def _of_images(facts: Facts) -> Iterator[Server]:
    for name, pattern in _IMAGES.items():
        for file in starts.system_images(facts):
            for one in file.facts.instructions:
                if one.name == "FROM" and re.search(pattern, one.value) and name != "AWS Lambda":
                    yield Server(name, file.at(one.line), Port.FIXED, file, starts.Start(file, one.line, "", By.IMAGE))
        for service in starts.services(facts):
            leaf = service.leaf("image")
            if leaf and re.search(pattern, leaf.text):
                started = starts.Start(service.file, leaf.line, "", By.COMPOSE, service.name)
                yield Server(name, service.file.at(leaf.line), Port.FIXED, service.file, started)


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
    "panel.serve": ("Panel", -1, ("port",), False, False),
    "*.serve_forever": ("socket server", -1, ("port",), True, False),
}
_RUN = re.compile(
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


def _of_code(facts: Facts) -> Iterator[Server]:
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
    return _PORT_OF.get(
        origin.source, Port.ENVIRONMENT if re.search(r"environ|getenv|args", str(given)) else Port.FIXED
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


# --- servers that a manifest declares ---------------------------------------------------------------------------------------
_SERVER_PACKAGES = frozenset({
    "uvicorn", "gunicorn", "hypercorn", "daphne", "granian", "waitress", "uwsgi", "bentoml", "torchserve", "mlserver", "litserve", "fastapi-cli",
})  # fmt: skip


def declared(facts: Facts) -> list[Evidence]:
    """Server programs that the system's manifests list, for applications that only a command line starts."""
    return [
        file.at(one.line)
        for file, one in facts.dependencies
        if one.name.lower().split("[")[0] in _SERVER_PACKAGES
        or one.name.lower() in {"fastapi[standard]", "fastapi[all]"}
    ]


# --- other languages ----------------------------------------------------------------------------------------------------------
_LISTENS = re.compile(
    r"listen|ListenAndServe|SpringApplication\.run|SpringBootApplication|plumb|shinyApp|runApp|createServer|\.bind|gin\.Default|NewServer"
)


def _elsewhere(facts: Facts) -> Iterator[Server]:
    seen: set[str] = set()
    for file, line, text in facts.signals("server"):
        if not _LISTENS.search(text) or re.search(
            r"^\s*(//|\*|import\b)|config\.[jt]s$|webpack|library\(", f"{text} {file.name}"
        ):
            continue
        if file.folder in seen:
            continue
        seen.add(file.folder)
        program = {
            Kind.JAVA: "Spring Boot",
            Kind.SCALA: "Akka HTTP",
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
    if re.search(r"process\.env|Getenv|getenv|args|flag", text):
        return Port.ENVIRONMENT
    if file.kind is Kind.JAVA:
        settings = facts.leaves(r"application[\w-]*\.(properties|ya?ml)$", value=r"\d{2,5}|\$\{")
        ports = [leaf for _, leaf in settings if ".".join(leaf.keys).endswith("server.port")]
        return Port.ENVIRONMENT if ports and all("${" in leaf.text for leaf in ports) else Port.FIXED
    if re.search(r"\d{4,5}", text):
        return Port.LITERAL
    signals = [one.text for one in file.facts.signals if one.name == "environment"]
    return Port.ENVIRONMENT if any(re.search("port", one, re.IGNORECASE) for one in signals) else Port.FIXED
