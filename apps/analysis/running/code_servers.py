"""Servers that code in Python starts."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from apps.analysis.code.origins import Source, origin_of_argument
from apps.analysis.expressions import expression, literal
from apps.analysis.paths import Kind
from apps.analysis.running.server import Port, Server
from apps.analysis.running.serving import answers_over_http

if TYPE_CHECKING:
    from collections.abc import Iterator

    from apps.analysis.facts.model import Call, Define
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
    "bentoml.HTTPServer": ("BentoML", -1, ("port",), False, True),
    "*.HTTPServer": ("http.server", 0, ("server_address",), True, False),
    "*.ThreadingHTTPServer": ("http.server", 0, ("server_address",), True, False),
    "socketserver.*TCPServer": ("http.server", 0, ("server_address",), True, False),
    "*.WSGIServer": ("gevent", 0, ("listener", "port"), False, True),
    "*.make_server": ("wsgiref", 1, ("port",), True, False),
    "cherrypy.quickstart": ("CherryPy", -1, ("port",), False, True),
    "cherrypy.engine.start": ("CherryPy", -1, ("port",), False, True),
    "tornado.ioloop.*": ("Tornado", -1, ("port",), False, True),
    "nicegui.ui.run": ("NiceGUI", -1, ("port",), False, True),
    "kserve.*ModelServer": ("KServe", -1, ("http_port",), False, True),
    "*.KFServer": ("KServe", -1, ("http_port",), False, True),
    "panel.serve": ("Panel", -1, ("port",), False, False),
    "*.serve_forever": ("socket server", -1, ("port",), True, False),
    "pytriton.triton.TritonConfig": ("PyTriton", -1, ("http_port",), False, True),
    "granian.*Granian": ("granian", -1, ("port",), False, True),
    "bjoern.run": ("bjoern", 2, ("port",), False, False),
    "meinheld.server.listen": ("meinheld", 0, (), False, True),
    "cheroot.wsgi.Server": ("cheroot", 0, ("bind_addr",), False, False),
    "eventlet.listen": ("eventlet", 0, ("addr",), False, False),
    "twisted.internet.reactor.listenTCP": ("Twisted", 0, ("port",), False, True),
    "websockets.*serve": ("websockets", 2, ("port",), False, False),
    "*.TServerSocket": ("Thrift", 1, ("port",), False, False),
    "rpyc.utils.server.*Server": ("RPyC", -1, ("port",), False, False),
    "Pyro?.*Daemon": ("Pyro", -1, ("port",), False, False),
    "jina.Flow": ("Jina", -1, ("port", "port_expose"), False, True),
    "jina.Deployment": ("Jina", -1, ("port",), False, True),
    "jina.Flow.load_config": ("Jina", -1, (), False, True),
    "pywebio.*start_server": ("PyWebIO", -1, ("port",), False, True),
    "shiny.run_app": ("shiny", -1, ("port",), False, True),
    "justpy.justpy": ("JustPy", -1, ("port",), False, True),
    "flet.app": ("Flet", -1, ("port",), False, False),
    "flet.run": ("Flet", -1, ("port",), False, False),
    "*.run_webhook": ("python-telegram-bot", 1, ("port",), False, True),
    "bokeh.server.server.Server": ("bokeh", -1, ("port",), False, False),
    "pathway.xpacks.llm.servers.*Server": ("Pathway", -1, ("port",), False, False),
    "pathway.io.http.PathwayWebserver": ("Pathway", -1, ("port",), False, False),
}
# callee -> (program, what starts it, position of the port, development server, graceful)
_OBJECTS: dict[str, tuple[str, str, int, bool, bool]] = {
    "litserve.*LitServer": ("LitServe", "run", -1, False, True),
    "bedrock_agentcore.*BedrockAgentCoreApp": ("Bedrock AgentCore", "run", 0, False, True),
    "mosec.*Server": ("mosec", "run", -1, False, True),
    "pytriton.triton.Triton": ("PyTriton", "serve", -1, False, True),
    "robyn.Robyn": ("Robyn", "start", 1, False, True),
    "potassium.Potassium": ("Potassium", "serve", 1, False, False),
    "bottle.Bottle": ("bottle", "run", -1, True, False),
    "klein.Klein": ("Twisted", "run", 1, False, True),
    "web.application": ("web.py", "run", -1, False, False),
    "responder.API": ("uvicorn", "run", -1, False, True),
    "vetiver.VetiverAPI": ("uvicorn", "run", 0, False, True),
    "slack_bolt.*App": ("Bolt's development server", "start", 0, True, False),
    "taipy.*Gui": ("taipy", "run", -1, False, False),
    "microdot.*Microdot": ("Microdot", "run", 1, False, False),
    "grpclib.server.Server": ("gRPC", "start", 1, False, True),
    "zerorpc.Server": ("ZeroRPC", "bind", 0, False, False),
    "tornado.web.Application": ("Tornado", "listen", 0, False, True),
    "thriftpy2.rpc.make_*server": ("Thrift", "serve", -1, False, False),
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
    "fastmcp",
    "mcp",
    "flask_restful",
    "flask_restplus",
    "flask_restx",
    "eve",
    "apistar",
    "apiflask",
    "flask_openapi3",
    "label_studio_ml",
)
_PRODUCTION_RUN = {
    "sanic": "Sanic",
    "fastmcp": "FastMCP",
    "mcp": "FastMCP",
    "quart": "Quart",
}


# Of what belongs to several things only what is made beside a certain import, or call, is a server.
_BESIDE = {
    "Gradio": ("gradio",), "socket server": ("socketserver", "SocketServer", "pyarrow.flight"), "Thrift": ("thrift", "thriftpy2"),
    "eventlet": ("eventlet.wsgi",), "Twisted": ("twisted.web", "klein"), "python-telegram-bot": ("telegram",),
}  # fmt: skip
# What only Gradio's pages are told when they start, also where another file has made them.
_OF_GRADIO = frozenset({"server_name", "server_port", "share", "inbrowser", "show_api", "allowed_paths"})


def of_code(facts: Facts) -> Iterator[Server]:
    for pattern, (program, position, names, development, graceful) in _CALLS.items():
        for file, call in facts.calls(pattern):
            told = program == "Gradio" and not _OF_GRADIO.isdisjoint(call.kwargs) and facts.imports("gradio")
            if program in _BESIDE and not file.imports(*_BESIDE[program]) and not told:
                continue
            if program == "Tornado" and not call.last.startswith(("start", "current", "instance")):
                continue
            if program == "http.server" and call.name.startswith(("tornado.", "bentoml.")):
                continue
            if program == "Flet" and "port" not in call.kwargs and "WEB" not in str(call.kwargs.get("view")):
                continue
            port = (
                _port_of_call(facts, file, call, position, names) if program != "Tornado" else _listening(facts, file)
            )
            yield Server(
                program, file.at(call.line), port, file, development=development, graceful=graceful,
                workers=_workers(facts, program, file, call),
            )  # fmt: skip
    yield from _of_objects(facts)
    yield from _of_frameworks(facts)
    yield from _of_gunicorn(facts)
    yield from _of_pages(facts)


def _of_objects(facts: Facts) -> Iterator[Server]:
    """Applications that one of their own methods starts, where they are made or in a module that imports them."""
    for pattern, (program, method, position, development, graceful) in _OBJECTS.items():
        for file, made in facts.calls(pattern):
            if program == "Tornado":
                found_by_loop = facts.calls("tornado.ioloop.*", files=[file])
                names = set() if found_by_loop else {call.name for _, call in facts.calls("*.listen", files=[file])}
            else:
                names = {f"{made.target}.{method}", f"{made.name}().{method}"}
            imported = f"{file.name.removesuffix('.py')}.{made.target}.{method}"
            started = [
                pair
                for pair in facts.calls(f"*.{method}")
                if (pair[0] is file and pair[1].name in names)
                or (pair[0] is not file and made.target and f".{pair[1].name}".endswith(f".{imported}"))
            ]
            for other, call in started[:1]:
                yield Server(
                    program, other.at(call.line), _port_of_call(facts, other, call, position, ("port", "address")), other,
                    development=development, graceful=graceful, workers=_workers(facts, program, other, call),
                )  # fmt: skip
    for file, call in facts.calls("*.socket"):
        if call.args[:1] == ["$zmq.REP"]:
            yield Server("ZeroMQ", file.at(call.line), _listening(facts, file), file, graceful=False)


def _of_gunicorn(facts: Facts) -> Iterator[Server]:
    """Applications that start gunicorn by themselves, with what the dictionary of its options says."""
    for file, one in facts.defines("", facts.scripts, where=_starts_gunicorn):
        said = {
            entry.name: entry.value
            for entry in (file.facts.code.assigns if file.facts.code else ())
            if entry.name in {"bind", "workers"}
        }
        bound, workers = str(said.get("bind", "$")), said.get("workers")
        literal = bool(re.search(r":\d{2,5}$", bound)) and not bound.startswith("$")
        yield Server(
            "gunicorn", file.at(one.line), Port.LITERAL if literal else Port.ENVIRONMENT, file,
            workers=workers if isinstance(workers, int) else 0 if workers else None,
        )  # fmt: skip


def _starts_gunicorn(_: File, one: Define) -> bool:
    return any(re.match(r"gunicorn\.app\.(base|wsgiapp)\.\w+Application$", base) for base in one.bases)


def _of_frameworks(facts: Facts) -> Iterator[Server]:
    """`app.run()` of a web framework."""
    for file, call in facts.calls("*.run", "*.listen"):
        frameworks = {name for name in _FRAMEWORKS if file.imports(name)}
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
            workers=_workers(facts, program, file, call),
        )  # fmt: skip


def _imports_app(facts: Facts, file: File, receiver: str) -> bool:
    """`from project import app; app.run()` where some module of the repository makes a Flask app."""
    imported = any(
        one.module.endswith((f".{receiver}", ".create_app"))
        for one in (file.facts.code.imports if file.facts.code else ())
    )
    return imported and bool(facts.calls("flask.Flask", "dash.Dash", "connexion.*App"))


# library -> the program that its command starts
_PAGES = {
    "streamlit": "streamlit", "chainlit": "chainlit", "bentoml": "BentoML", "solara": "solara", "mesop": "mesop", "reflex": "reflex", "pynecone": "reflex", "panel": "panel",
    "shiny": "shiny", "fasthtml": "fasthtml", "streamsync": "Writer", "h2o_wave": "Wave", "bokeh": "bokeh",
}  # fmt: skip
PAGES = frozenset(_PAGES.values())
_SHOWN = {"panel": "*.servable", "bokeh": "bokeh.*curdoc().add_root"}


def _of_pages(facts: Facts) -> Iterator[Server]:
    """Streamlit and Chainlit pages: their command binds the port, also where only a person or a platform types it."""
    for name, program in _PAGES.items():
        for file, line in facts.imports(name):
            if file.kind is not Kind.PYTHON or (name == "bentoml" and not _has_service(file)):
                continue
            if name in _SHOWN and not facts.calls(_SHOWN[name], files=[file]):
                continue
            if name == "h2o_wave" and not file.imports("h2o_wave.app"):
                continue
            graceful = name == "bentoml"
            yield Server(program, file.at(line), Port.FIXED, file, graceful=graceful, workers=_of_service(file))
            break


def _of_service(file: File) -> int | None:
    """The workers that a service of BentoML is given."""
    code = file.facts.code
    made = [decorator for one in (code.defines if code else ()) for decorator in one.decorators]
    found = [one.kwargs["workers"] for one in made if one.name == "bentoml.service" and "workers" in one.kwargs]
    return next((value if isinstance(value, int) else 0 for value in found), None)


def _has_service(file: File) -> bool:
    code = file.facts.code
    return code is not None and (
        any(
            one.name in {"bentoml.Service", "bentoml.service"}
            for one in (*code.calls, *(d for define in code.defines for d in define.decorators))
        )
        or any("bentoml.BentoService" in one.bases for one in code.defines)
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
    fields = [(file, one) for file, one in facts.assigns(rf"^{literal(name)}$") if one.how == "field"]
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


_COUNTS = (
    "num",
    "workers",
    "num_api_servers",
    "processes",
    "workers_per_device",
    "num_replicas",
    "threads_count",
    "replicas",
)
# What gives a server its processes beside the call that starts it.
_COUNTED = {"mosec": "*.append_worker", "LitServe": "litserve.LitServer", "Jina": "*.add", "Tornado": "*.start"}


def _workers(facts: Facts, program: str, file: File, call: Call) -> int | None:
    beside = [one for _, one in facts.calls(_COUNTED[program], files=[file])] if program in _COUNTED else []
    counts = [one.kwargs[name] for one in (call, *beside) for name in _COUNTS if name in one.kwargs]
    if program == "Tornado":
        counts += [one.args[0] for one in beside if one.args]
    numbers = [value if isinstance(value, int) and not isinstance(value, bool) else 0 for value in counts]
    return next((value for value in numbers if value != 1), 1 if numbers else None)
