"""The servers that the system starts: which program, how good a one, how it is started, and where its port comes from."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from msgspec.structs import replace

from apps.analysis import worded
from apps.analysis.expressions import expression
from apps.analysis.running import clusters, code_servers, compose, foreign_servers, programs, starts
from apps.analysis.running.server import Port, Server
from apps.analysis.running.starts import DEPLOYED, By

if TYPE_CHECKING:
    from collections.abc import Iterator

    from apps.analysis.findings import Evidence
    from apps.analysis.repository import Facts, File
    from apps.analysis.running.starts import Start


def of(facts: Facts) -> list[Server]:
    """All servers, those that deployments start first, then those of tasks and scripts, then those that code starts."""
    return facts.once(_read)


def deciding(facts: Facts) -> list[Server]:
    """The servers by which the system is judged: the deployed ones, else those of tasks and scripts and of code."""
    found = of(facts)
    deployed = [server for server in found if server.is_deployed]
    # what a command runs in R has the port of the command where it names none itself
    told = any(server.program == "plumber" and server.port is Port.ENVIRONMENT for server in found)
    return deployed or [
        server
        for server in found
        if not (told and server.program == foreign_servers.IN_R and server.port is Port.FIXED)
    ]


def _read(facts: Facts) -> list[Server]:
    found: list[Server] = []
    taken: set[tuple[str, int]] = set()
    for start in (*starts.beside_scripts(facts), *starts.commanding_lines(facts, _ANY.pattern)):
        followed = starts.scripts_run(facts, start) if start.by in DEPLOYED else []
        whole = starts.with_options_of_script(facts, start) if followed else start
        if not followed and not _program_of(start.command):
            continue
        for one in (whole, *followed):
            served = list(_of_command(facts, start, one))
            found.extend(server for server in served if (server.place.path, server.place.line) not in taken)
            taken.update((server.place.path, server.place.line) for server in served)
    run = [
        (start, file.path)
        for start in starts.deployed(facts)
        for one in starts.followed(facts, [start])
        for file in starts.modules_run(facts, one)
    ]
    images = [one for one in _of_images(facts, _IMAGES) if one.place.path not in {path for path, _ in taken}]
    by_path = {path: start for start, path in reversed(run)}
    code = [_started(server, by_path.get(server.file.path)) for server in code_servers.of_code(facts)]
    pages = {server.program for server in found}
    own = [
        *found,
        *images,
        *_of_ray(facts),
        *(server for server in code if server.program not in pages or server.program not in _PAGES),
        *foreign_servers.of(facts),
    ]
    own = [replace(one, port=Port.ENVIRONMENT) if _reads_port(facts, one) else one for one in own]
    # beside an application, engines of models are what it asks
    return (
        own
        or list(foreign_servers.of_routes(facts))
        or list(foreign_servers.of_pages(facts))
        or list(_of_images(facts, programs.ENGINE_IMAGES))
    )


def _started(server: Server, start: Start | None) -> Server:
    """A server of code as `start` starts it: a flag for the port that the command fixes is fixed."""
    given = _PORT.search(start.command) if start and server.port is Port.ENVIRONMENT else None
    port = Port.FIXED if given and given.group(1).isdigit() else server.port
    return replace(server, start=start, port=port)


_PAGES = code_servers.PAGES
# Variables that programs read by themselves.
_READS = {
    "Gradio": "GRADIO_SERVER_PORT", "streamlit": "STREAMLIT_SERVER_PORT", "chainlit": "CHAINLIT_PORT", "BentoML": "BENTOML_PORT", "uvicorn": "UVICORN_PORT", "flask run": "FLASK_RUN_PORT", "mosec": "MOSEC_PORT",
}  # fmt: skip


def _reads_port(facts: Facts, server: Server) -> bool:
    """Whether the deployment sets the variable by which the program learns the port that nothing else tells it."""
    name = _READS.get(server.program)
    if name is None or server.port is not Port.FIXED or (server.start and _PORT.search(server.start.command)):
        return False
    return name in facts.once(_ports_set)


def _ports_set(facts: Facts) -> set[str]:
    return {name for name in _READS.values() if _is_set(facts, name)}


def _is_set(facts: Facts, name: str) -> bool:
    pattern = rf"\b{name}\b"
    return (
        any(
            one.name == "ENV" and name in one.value
            for file in starts.system_images(facts)
            for one in file.facts.instructions
        )
        or any(
            name in leaf.keys or re.match(pattern, leaf.text)
            for service in starts.own_services(facts)
            for _, leaf in service.leaves
        )
        or bool(facts.leaves(r"\.ya?ml$", "**", "env", "*", "name", value=pattern))
        or bool(facts.leaves(r"(^|/)bentofile\.ya?ml$", "envs", "*", "name", value=pattern))
    )


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
    "functions-framework": r"\bfunctions-framework\b",
    **programs.ENGINES,
    **programs.FRAMEWORKS,
    "flask run": r"\bflask (--\S+ \S+ )*run\b",
    "runserver": r"\bmanage\.py runserver\b",
    "fastapi dev": r"\bfastapi dev\b",
    "SageMaker container": r"^(\S*/)?serve$",
}
_COMPILED = {name: expression(pattern) for name, pattern in _PROGRAMS.items()}
_ANY = expression("|".join(_PROGRAMS.values()))
_DEVELOPMENT = programs.DEVELOPMENT | {"flask run", "runserver", "fastapi dev"}
_NO_START = expression(
    r"\b(install|pkill|killall|kill|taskkill|Get-Process|Stop-Process|grep|pgrep|uninstall|which|apt-get|echo|brew|(?<!-)conda|COPY|mypy|pip|poetry add|curl|--version|docker build|help|freeze)\b"
)
_PORT = expression(
    r"(?:--(?:server[._-])?(?:http[._-]?|rest_api_|rpc[._-]?)?port[= ]+|(?:^|\s)-p[= ]*(?=[\d$])|--bind[= ]+\S*:|-b[= ]+\S*:|--listen[= ]+\S*:|--http[= ]+\S*:|runserver\s+\S*:|0\.0\.0\.0:|\[::\]:|-Dserver\.port=|--http-port[= ]+|\bshiny\.port[ ]?=[ ]?|\brunApp\([^()]{0,200}?\bport[ ]?=[ ]?)(\S+)"
)
_BOUND = expression(r"--bind[= ]|(^|\s)-b[= ]|--config|(^|\s)-c[= ]")
_WORKERS = expression(
    r"(?:--workers|--data-parallel-size|--dp-size|--processes|-w|--num-workers|--nprocs|--workers-per-\w+|-i)[= ]+(\S+)"
)


@lru_cache(maxsize=16_384)
def _program_of(text: str) -> str:
    """The server that a command starts, or ""; installers of many versions hold the same thousands of lines."""
    if not worded.may_find(_ANY.pattern, text) or not _ANY.search(text):
        return ""
    if _NO_START.search(re.sub(r"\bpip install\b[^&;|]*(&&|;)", "", text)):
        return ""
    return next(name for name, pattern in _COMPILED.items() if pattern.search(text))


def _of_command(facts: Facts, start: Start, line: Start) -> Iterator[Server]:
    """`line` is the command itself or one of a script that `start` calls."""
    text = line.command
    program = _program_of(text)
    if not program:
        return
    yield Server(
        program,
        line.place,
        _port_of_command(facts, program, text),
        line.file,
        start,
        development=program in _DEVELOPMENT,
        graceful=program not in _DEVELOPMENT,
        workers=_workers_of_command(facts, program, text),
    )


def _port_of_command(facts: Facts, program: str, text: str) -> Port:
    found = _PORT.search(text)
    if found:
        return Port.ENVIRONMENT if re.search(r"[$%{]|getenv", found.group(1)) else Port.FIXED
    if (
        program == "gunicorn"
        and not _BOUND.search(text)
        and not (_is_read_by_itself(facts) and _gunicorn_setting(facts, "bind"))
    ):
        return Port.ENVIRONMENT  # gunicorn reads PORT by itself
    if program == "gunicorn" and _configured_from_environment(facts):
        return Port.ENVIRONMENT
    return Port.ENVIRONMENT if program == "functions-framework" else Port.FIXED


def _gunicorn_setting(facts: Facts, name: str) -> list[str]:
    """What gunicorn's own configuration modules assign to `name`, as text."""
    files = [file for file in facts.scripts if "gunicorn" in file.name]
    return [str(one.value) for _, one in facts.assigns(f"^{name}$", files=files)]


def _is_read_by_itself(facts: Facts) -> bool:
    return bool(facts.named(r"(^|/)gunicorn\.conf\.py$"))


def _configured_from_environment(facts: Facts) -> bool:
    return any(re.search(r"environ|getenv|settings|config|\{", value) for value in _gunicorn_setting(facts, "bind"))


def _workers_of_command(facts: Facts, program: str, text: str) -> int | None:
    found = _WORKERS.search(text)
    if found:
        return int(found.group(1)) if found.group(1).isdigit() else 0
    if program == "gunicorn" and (_BOUND.search(text) or _is_read_by_itself(facts)):
        configured = _gunicorn_setting(facts, "workers")
        if configured:
            return int(configured[-1]) if configured[-1].isdigit() else 0
    if program == "uwsgi":
        return _workers_of_uwsgi(facts, text)
    return 0 if re.search(r"WEB_CONCURRENCY", text) else None


def _workers_of_uwsgi(facts: Facts, named_in: str) -> int | None:
    """What the file of settings says that the text names."""
    counts = facts.leaves(r"\.ini$", "uwsgi", "processes") + facts.leaves(r"\.ini$", "uwsgi", "workers")
    named = [leaf.text for file, leaf in counts if file.name in named_in.lower()]
    return int(named[-1]) if named and named[-1].isdigit() else None


# --- servers that images bring ------------------------------------------------------------------------------------------------
_IMAGES = {
    **programs.MODEL_IMAGES,
    "uvicorn-gunicorn": r"tiangolo/(uvicorn|meinheld)-gunicorn",
    "uwsgi-nginx": r"tiangolo/uwsgi",
    "shiny-server": r"rocker/shiny|shiny-server",
    **programs.FRAMEWORK_IMAGES,
}


def _of_images(facts: Facts, images: dict[str, str]) -> Iterator[Server]:
    run = facts.once(_run_by_hand)
    for name, pattern in images.items():
        image, run_by_hand = expression(pattern), expression(programs.run_by_hand(pattern))
        for file in starts.system_images(facts):
            for one in file.facts.instructions:
                if one.name == "FROM" and image.search(one.value):
                    start = starts.Start(file, one.line, "", By.IMAGE)
                    workers = _workers_of_uwsgi(facts, _settings(file)) if name == "uwsgi-nginx" else None
                    yield Server(name, file.at(one.line), Port.FIXED, file, start, workers=workers)
        for service in compose.services(facts):
            leaf = service.leaf("image")
            if leaf and image.search(leaf.text):
                started = starts.Start(service.file, leaf.line, "", By.COMPOSE, service.name)
                yield Server(name, service.file.at(leaf.line), Port.FIXED, service.file, started)
        for workload in clusters.own_workloads(facts):
            if image.search(workload.image):
                started = starts.Start(workload.file, workload.line, "", By.WORKLOAD, workload.name)
                yield Server(name, started.place, Port.FIXED, workload.file, started)
        for start in run:
            if run_by_hand.search(start.command):
                yield Server(name, start.place, Port.FIXED, start.file, start)


def _of_ray(facts: Facts) -> Iterator[Server]:
    """Ray Serve, which the operator of Ray starts in the system's own cluster for an application that a RayService names."""
    for workload in clusters.own_workloads(facts):
        if workload.kind == "RayService":
            start = starts.Start(workload.file, workload.line, "", By.WORKLOAD, workload.name)
            yield Server("Ray Serve", start.place, Port.FIXED, workload.file, start)


def _run_by_hand(facts: Facts) -> list[Start]:
    """What starts an image by hand."""
    return [one for one in starts.commanding(facts, programs.RUNS_IMAGE) if one.by not in DEPLOYED]


def _settings(file: File) -> str:
    """What the image sets by variables, or the file that its base reads where they name none."""
    told = " ".join(one.value for one in file.facts.instructions if one.name == "ENV")
    return told if ".ini" in told.lower() else "uwsgi.ini"


def left_to_a_command(facts: Facts) -> bool:
    """Whether an application is defined that only a server program outside of the repository's commands could start."""
    return bool(facts.calls("fastapi.FastAPI", "starlette.applications.Starlette")) and all(
        server.program in _PAGES for server in of(facts)
    )


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
