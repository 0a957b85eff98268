"""The services that a system consists of: its applications that answer requests, what starts and what deploys each.

A system of several services is judged as a whole: what holds for some of them only is partial. Where the code does not
tell which services a command or a deployment is for, it counts for all of them.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec

from apps.analysis.expressions import expression
from apps.analysis.paths import Kind
from apps.analysis.running import clusters, rollout, servers, serving, starts
from apps.analysis.running.platform_files import ROLLED_OUT
from apps.analysis.running.starts import By

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from apps.analysis.findings import Evidence
    from apps.analysis.repository import Facts, File
    from apps.analysis.running.compose import Service
    from apps.analysis.running.starts import Start

_CODE = frozenset({Kind.PYTHON, Kind.R, Kind.JAVA, Kind.SCALA, Kind.GO, Kind.SCRIPT})
_PAGES = ("streamlit", "chainlit", "gradio", "dash", "panel", "solara", "nicegui", "shiny", "mesop", "reflex", "taipy", "pywebio")  # fmt: skip
_MANIFEST = expression(
    r"(^|/)(requirements\.txt|pyproject\.toml|pipfile|setup\.py|package\.json|pom\.xml|build\.(sbt|gradle(\.kts)?)"
    r"|go\.mod|description|renv\.lock)$",
    re.IGNORECASE,
)
# Folders of definitions, which hold no code of a service.
_DEFINITIONS = expression(
    r"(^|/)(\.?docker\w*|deploy\w*|infra\w*|build|ci|containers?|images?|ops|k8s|compose|env\w*|"
    r"helm\w*|charts?|flux\w*|argo\w*|gitops|manifests|overlays)$",
    re.IGNORECASE,
)


class Unit(msgspec.Struct, frozen=True):
    """`root` is the folder with an image or a manifest of its own, "" for the repository itself."""

    root: str
    is_page: bool
    files: tuple[File, ...]
    place: Evidence

    @property
    def name(self) -> str:
        return self.root or self.files[0].path


def of(facts: Facts) -> list[Unit]:
    """The services, by their folders; pages (Streamlit, Gradio…) apart from the services beside them."""
    return facts.once(_read)


def _read(facts: Facts) -> list[Unit]:
    known = {file.path for file in facts.system}
    grouped: dict[tuple[str, bool], list[tuple[File, int]]] = {}
    pages = {file.path for file, _ in facts.imports(*_PAGES)}
    for file, line in serving.servers(facts):
        if file.kind in _CODE and file.path in known:
            root = _of_library(facts, file, root_of(facts, file))
            grouped.setdefault((root, file.path in pages), []).append((file, line))
    return [
        Unit(root, is_page, tuple(dict.fromkeys(file for file, _ in found)), found[0][0].at(found[0][1]))
        for (root, is_page), found in grouped.items()
    ]


_BEGINS = (
    r"SpringApplication|@SpringBootApplication|runApplication|@QuarkusMain|Micronaut\.run|Javalin\.create|WebServer\.|"
    r"embeddedServer"
)


def _of_library(facts: Facts, file: File, root: str) -> str:
    """The folder of the application that is built with a part of the JVM which begins none itself."""
    if file.kind is not Kind.JAVA:
        return root
    begun = facts.once(_begun)
    return root if not begun or root in begun else next(iter(begun))


def _begun(facts: Facts) -> dict[str, None]:
    """The folders of applications of the JVM, in the order of their paths."""
    found = facts.signals("server", _BEGINS)
    return dict.fromkeys(root_of(facts, file) for file, _, _ in found if file.kind is Kind.JAVA)


def root_of(facts: Facts, file: File) -> str:
    """The nearest folder with an image or a manifest of its own."""
    roots = facts.once(_roots)
    folder = file.folder
    while folder and folder not in roots:
        folder = folder.rpartition("/")[0]
    return folder


def _roots(facts: Facts) -> set[str]:
    images = {file.folder for file in starts.system_images(facts) if not _DEFINITIONS.search(file.folder)}
    contexts = {context for service in starts.own_services(facts) if (context := service.context) is not None}
    return images | contexts | {file.folder for file in facts.system if _MANIFEST.search(file.path)}


# --- what starts a service ------------------------------------------------------------------------------------------
_MODULE = expression(
    r"\b(?:uvicorn|gunicorn|hypercorn|daphne|granian|waitress-serve|uwsgi)\b[^&;|]*?\s([A-Za-z_][\w.]*):(\w+)"
    r"|\bflask\b[^&;|]*--app[= ]([\w./]+)"
    r"|\b(?:chainlit|streamlit|fastapi|panel|solara|mesop|shiny)\s(?:run|serve|dev)\s+(?:-\S+\s+)*([\w./-]+\.py)"
)


def unstarted(facts: Facts) -> list[Unit]:
    """Services that no image, compose service, workload, Procfile or platform file starts."""
    declared = starts.followed(facts, starts.deployed(facts))
    brought = {file.folder for file in starts.system_images(facts) if not _commands(file)}
    handed = {place.path for place in rollout.platform_pipelines(facts)}
    return _without(
        facts,
        lambda unit: (
            unit.root in brought
            or all(file.path in handed for file in unit.files)
            or any(_is_started(facts, unit, one) for one in declared)
        ),
    )


def _commands(file: File) -> bool:
    return any(one.name in {"CMD", "ENTRYPOINT"} for one in file.facts.instructions)


def _is_started(facts: Facts, unit: Unit, start: Start) -> bool:
    units, folders = facts.once(_Started).by(facts, start)
    return unit in units or any(_holds(folder, unit.root) for folder in folders)


class _Started:
    """What each command starts, found once: many services ask of all commands."""

    def __init__(self, _: Facts) -> None:
        self._by: dict[Start, tuple[set[Unit], list[str]]] = {}

    def by(self, facts: Facts, start: Start) -> tuple[set[Unit], list[str]]:
        """The services, or, where the command does not tell, the folders."""
        if start not in self._by:
            targets = _targets(facts, start)
            folders = _folders(facts, start) if targets is None else []
            self._by[start] = {unit for file in targets or () for unit in _owners(facts, file)}, folders
        return self._by[start]


def _targets(facts: Facts, start: Start) -> list[File] | None:
    """The files of the system that the command runs: None where it does not tell, none where they are not there."""
    found = starts.modules_run(facts, start)
    named = False
    for module, application, *others in _MODULE.findall(start.command):
        path = next(name for name in (module, *others) if name)
        ending = path.removesuffix(".py").lstrip("./").replace(".", "/")
        alike = facts.once(_modules_by_name).get(ending.rpartition("/")[2], ())
        modules = [file for named_so, file in alike if named_so.endswith(f"/{ending}")]
        near = [file for file in modules if file.path.startswith(start.file.folder)] or modules
        named |= bool(near)
        found.extend(file for file in near if not application or _has(file, application))
    return found if found or named else None


def _modules_by_name(facts: Facts) -> dict[str, list[tuple[str, File]]]:
    found: dict[str, list[tuple[str, File]]] = {}
    for file in facts.scripts:
        path = f"/{file.path.removesuffix('.py').removesuffix('/__init__')}"
        found.setdefault(path.rpartition("/")[2], []).append((path, file))
    return found


def _has(file: File, name: str) -> bool:
    """Whether the module holds the name: assigned, defined or imported."""
    code = file.facts.code
    return code is not None and (
        any(one.name == name for one in code.assigns)
        or any(one.name == name for one in code.defines)
        or any(one.module.endswith((f".{name}", ".*")) for one in code.imports)
        or any(one.target == name for one in code.calls)
    )


def _belongs(facts: Facts, unit: Unit, file: File) -> bool:
    """Whether the file is of the service: defines its application, or lies in its folder and defines no other."""
    return unit in _owners(facts, file)


def _owners(facts: Facts, file: File) -> list[Unit]:
    by_file, by_root = facts.once(_by_place)
    return by_file.get(file.path) or by_root.get(root_of(facts, file), [])


def _by_place(facts: Facts) -> tuple[dict[str, list[Unit]], dict[str, list[Unit]]]:
    by_file: dict[str, list[Unit]] = {}
    by_root: dict[str, list[Unit]] = {}
    for unit in of(facts):
        by_root.setdefault(unit.root, []).append(unit)
        for file in unit.files:
            by_file.setdefault(file.path, []).append(unit)
    return by_file, by_root


def _folders(facts: Facts, start: Start) -> list[str]:
    """Folders whose code the command may run."""
    if start.by is By.COMPOSE:
        service = next(
            (one for one in starts.own_services(facts) if one.name == start.name and one.file is start.file), None
        )
        return [(service.context or "") if service else ""]
    if start.by is By.WORKLOAD:
        return [""]
    if start.by is By.IMAGE:
        built = [
            folder
            for service in starts.own_services(facts)
            if (folder := service.context) is not None and service.builds(start.file)
        ]
        return built or [start.file.folder]
    return [start.file.folder]


def _holds(folder: str, root: str) -> bool:
    """Whether the root lies in the folder; folders of definitions tell nothing of what they build."""
    return not folder or bool(_DEFINITIONS.search(folder)) or root == folder or root.startswith(f"{folder}/")


# --- what deploys a service -----------------------------------------------------------------------------------------
def undeployed(facts: Facts) -> list[Unit]:
    """Services that nothing composes, rolls out or hands to a platform, where something deploys others."""
    if rollout.deploying_jobs(facts) or rollout.roll_outs(facts) or rollout.platform_pipelines(facts):
        return []  # what a command rolls out is not told
    defined = [place.path for place in rollout.workloads(facts)]
    rolled = {file.path for file in facts.named(ROLLED_OUT)}
    if any(
        path.endswith((".tf", ".bicep", "Chart.yaml")) or path in rolled or _IN_CODE.search(path) for path in defined
    ):
        return []  # nor what these are for
    composed, orders = starts.own_services(facts), clusters.own_workloads(facts)
    manifests = {one.file.path for one in orders}
    platforms = [path.rpartition("/")[0] for path in defined if path not in manifests]

    def deployed(unit: Unit) -> bool:
        return (
            any(_is_composed(facts, unit, service) for service in composed)
            or any(_is_for(facts, unit, f"{one.name} {one.image}") for one in orders)
            or any(_holds(folder, unit.root) for folder in platforms)
        )

    return _without(facts, deployed)


_IN_CODE = expression(r"(^|/)(infra\w*|iac|cdk|pulumi)/\S+\.(ts|py|js)$", re.IGNORECASE)


def _is_composed(facts: Facts, unit: Unit, service: Service) -> bool:
    context = service.context
    if context is None:
        return bool(service.leaf("build", "**")) or _is_for(facts, unit, f"{service.name} {service.image}")
    if not _holds(context, unit.root):
        return False
    own = [
        start
        for start in starts.deployed(facts)
        if (start.by is By.COMPOSE and start.name == service.name and start.file is service.file)
        or (start.by is By.IMAGE and service.builds(start.file))
    ]
    targets = [file for start in starts.followed(facts, own) for file in _targets(facts, start) or ()]
    return not targets or any(_belongs(facts, unit, file) for file in targets)


_STOCK = expression(r"\b(apache/airflow|jupyter|prefecthq|mageai|dagster|astro-runtime)", re.IGNORECASE)


def _is_for(facts: Facts, unit: Unit, name: str) -> bool:
    """Whether a name and an image may stand for the service: they name it, or none of the services."""
    told = _words(name)
    if told & _words(unit.name):
        return True
    return not _STOCK.search(name) and not any(told & _words(one.name) for one in of(facts))


def _words(name: str) -> frozenset[str]:
    return frozenset(word for word in re.split(r"[^a-z]+", name.lower()) if len(word) > 2) - _COMMON


_COMMON = frozenset({
    "service", "services", "server", "app", "apps", "src", "the", "main", "latest", "com", "ghcr", "docker", "image",
})  # fmt: skip


def _without(facts: Facts, holds: Callable[[Unit], bool]) -> list[Unit]:
    return [unit for unit in of(facts) if not holds(unit)]


def names(found: Iterable[Unit]) -> str:
    return ", ".join(f"`{unit.name}`" for unit in list(found)[:3])


def with_only_development_servers(facts: Facts) -> list[Unit]:
    """Services for which nothing but a framework's development server was found."""
    by_unit: dict[Unit, list[bool]] = {}
    for server in servers.of(facts):
        targets = [server.file] if server.file.kind in _CODE else []
        if server.start is not None and not targets:
            targets = _targets(facts, server.start) or []
        for unit in dict.fromkeys(unit for file in targets for unit in _owners(facts, file)):
            by_unit.setdefault(unit, []).append(server.development)
    return [unit for unit, kinds in by_unit.items() if all(kinds)]
