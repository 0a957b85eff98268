"""Servers that code in other languages than Python starts."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from apps.analysis.expressions import expression
from apps.analysis.foreign import languages
from apps.analysis.paths import Kind, with_outer
from apps.analysis.running import serving, starts
from apps.analysis.running.server import Port, Server
from apps.analysis.running.starts import By

if TYPE_CHECKING:
    from collections.abc import Iterator

    from apps.analysis.repository import Facts, File


_LISTENS = expression(
    r"listen|serve\s*\(|ListenAndServe|enablePlugins|HttpServer\.create|Vertx\.vertx|SpringApplication\.run|SpringBootApplication|plumb|shinyApp|runApp|rhino::|createServer|\.bind|gin\.Default|NewServer|embeddedServer|runApplication|WebServer\.|WebApplication|Undertow|Hapi\.server|"
    r"ServerBuilder\.forPort|newServerBuilderForPort|grpc\.Server|createMicroservice|HttpServlet|WebServlet|g\.Server|server\.Default|iris\.|beego|web\.Run|http\.Serve|kratos|ScalatraServlet|cask\.|Server\.serve|TwitterServer|"
    r"echo\.New|fiber\.New|EmberServerBuilder|BlazeServerBuilder|Micronaut\.run|^@(?:Path|ApplicationPath)\b|pr_run|BackendRserve|shinyServer|extends (?:Application<|HttpServer\b)|Http\.serve|Netty\w{2,10}Server|"
    r"startServer|WebHost|\.Map(?:Get|Post|GrpcService)|ApolloServer|polka"
)


_OF_JVM = {"forPort": "gRPC's server", "ForPort": "gRPC's server", "Servlet": "a container of servlets", "WebServer": "Helidon", "RestServer": "Helidon", "embeddedServer": "Ktor", "Undertow": "Undertow", "Javalin": "Javalin", "HttpServer": "the JDK's server", "Vertx": "Vert.x", "@Path": "a server of JAX-RS", "@ApplicationPath": "a server of JAX-RS"}  # fmt: skip


_TELLS_PORT = expression(r"\d{4,5}|process\.env|[gG]etenv|sys\.env")


def of(facts: Facts) -> Iterator[Server]:
    """One of each folder, where it tells its port if it does so anywhere."""
    folders: dict[str, list[tuple[File, int, str]]] = {}
    of_others = serving.asked_of_others(facts)
    for file, line, text in facts.signals("server"):
        if (
            file.kind is Kind.TEXT
            or (file.path, line) in of_others
            or not _LISTENS.search(text)
            or re.search(
                r"^\s*(//|\*|import\b)|config\.[jt]s$|webpack|library\(|\b(gulpfile|gruntfile|karma\.conf)\b",
                f"{text} {file.name}",
            )
        ):
            continue
        folders.setdefault(file.folder, []).append((file, line, text))
    for file in serving.of_shiny(facts):
        folders.setdefault(file.folder, [(file, 1, "shiny")])
    for found in folders.values():
        file, line, text = next((one for one in found if _TELLS_PORT.search(one[2])), found[0])
        yield Server(
            _program(file, text),
            file.at(line),
            _port_of_line(facts, file, text),
            file,
            graceful=file.kind in {Kind.JAVA, Kind.SCALA},
        )
    built = {file.folder: (file, line, text) for file, line, text in reversed(serving.compiled(facts))}
    listening = {file.folder for file, _, _ in facts.signals("listens")} if built else set()
    for folder, (file, line, text) in built.items():
        literal = folder in listening
        program = f"a server in {_SPOKEN.get(file.name.rpartition('.')[2], 'C++')}"
        graceful = text.startswith("rocket") or "HttpServer::new" in text
        port = Port.LITERAL if literal else Port.ENVIRONMENT if _asks_for_port(facts, folder) else Port.FIXED
        yield Server(program, file.at(line), port, file, graceful=graceful)


def _asks_for_port(facts: Facts, folder: str) -> bool:
    """Whether the program whose server lies in the folder reads a port from its environment or its command line."""
    crates = facts.once(_crates) & with_outer([folder])
    return max(crates - {""}, key=len, default=folder) in facts.once(_asking_for_port)


def _crates(facts: Facts) -> set[str]:
    return {file.folder for file in facts.named(r"(^|/)Cargo\.toml$")}


def _asking_for_port(facts: Facts) -> set[str]:
    """Folders in or below which files do so."""
    told = [(file, text) for file, _, text in languages.read(facts)]
    flagged = {file.path for file, text in told if "clap" in text or text.startswith("#[")}
    asking = {
        file.folder
        for file, text in told
        if re.search(r"\bport\b", text, re.IGNORECASE) and ("u16" not in text or file.path in flagged)
    }
    return with_outer(asking) if asking else asking


IN_R = "plumber or Shiny"
_SPOKEN = {"rs": "Rust", "rb": "Ruby", "jl": "Julia"}


def _program(file: File, text: str) -> str:
    if file.kind is Kind.JAVA and file.name.endswith(".cs"):
        return "ASP.NET Core"
    if file.kind is Kind.JAVA:
        return next((name for word, name in _OF_JVM.items() if word in text), "Spring Boot")
    if file.kind is Kind.SCALA:
        return "Play" if "Play" in text else "Akka HTTP"
    return {Kind.GO: "Go's http server", Kind.R: IN_R}.get(file.kind, "Node")


_STARTS_NEXT = r"\b(?:next|nuxt) start\b|\.output/server/index"


def of_routes(facts: Facts) -> Iterator[Server]:
    """What a task starts to answer routes that are files, where nothing else answers."""
    routes = [file for file, _, _ in facts.signals("route") if file.kind is Kind.SCRIPT]
    if not routes or serving.managed(facts) or any(file.kind is not Kind.SCRIPT for file, _ in serving.servers(facts)):
        return
    for file, leaf in facts.leaves(r"(^|/)package\.json$", "scripts", "*", value=_STARTS_NEXT)[:1]:
        given = re.search(r"(?:-p|--port)[= ]+(\S+)", leaf.text)
        yield Server("Node", file.at(leaf.line), Port.ENVIRONMENT if given and "$" in given[1] else Port.FIXED, file, graceful=False)  # fmt: skip


def of_pages(facts: Facts) -> Iterator[Server]:
    """What serves pages that ask a model in the browser: nginx once they are built, a development server before."""
    tasks = serving.learned_pages(facts)
    for file in facts.dockerfiles if tasks else ():
        for one in file.facts.instructions:
            if one.name == "FROM" and re.search(r"\bnginx\b", one.value):
                start = starts.Start(file, one.line, "", By.IMAGE)
                yield Server("nginx", file.at(one.line), Port.FIXED, file, start, graceful=True)
    for file, line in tasks:
        yield Server("the page's development server", file.at(line), Port.FIXED, file, development=True, graceful=False)


# A flag of Go is a pointer, which is followed where its value is used.
_OF_A_FLAG = expression(r"(?:\bAddr:\s*|\bListen\w*\((?:\"tcp\",\s*)?)\*\w")


def _port_of_line(facts: Facts, file: File, text: str) -> Port:
    if re.search(
        r"process\.env|Getenv|getenv|sys\.env|args(?!\s*\))|flag", text
    ):  # all of them are handed to a framework
        return Port.ENVIRONMENT
    if file.kind is Kind.GO and _OF_A_FLAG.search(text):
        return Port.ENVIRONMENT
    if file.kind is Kind.JAVA:
        settings = facts.leaves(r"application[\w-]*\.(properties|ya?ml)$", value=r"\d{2,5}|\$\{")
        ports = [leaf for _, leaf in settings if ".".join(leaf.keys).endswith(("server.port", "quarkus.http.port"))]
        return Port.ENVIRONMENT if ports and all("${" in leaf.text for leaf in ports) else Port.FIXED
    if re.search(r"\d{4,5}", text) or (
        file.kind is Kind.GO and any(one is file for one, _, _ in facts.signals("listens"))
    ):
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
