"""Commands that start the system's processes, wherever they are declared: images, compose, Kubernetes, Procfiles, scripts…"""

from __future__ import annotations

import re
from enum import StrEnum
from itertools import islice, takewhile
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from apps.analysis import worded
from apps.analysis.expressions import expression, is_in
from apps.analysis.kept import kept
from apps.analysis.paths import Kind
from apps.analysis.running import compose, named_tasks, platform_files, rollout
from apps.analysis.running.clusters import own_workloads

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from apps.analysis.facts.model import Command, Instruction
    from apps.analysis.findings import Evidence
    from apps.analysis.repository import Facts, File


class By(StrEnum):
    """What declares the command."""

    IMAGE = "image"
    COMPOSE = "compose"
    WORKLOAD = "workload"  # Kubernetes, or a chart
    PROCFILE = "procfile"
    PLATFORM = "platform"  # a platform's own file: render.yaml, fly.toml, systemd…
    TASK = "task"  # Makefile targets, tasks of pyproject.toml and package.json
    SCRIPT = "script"


DEPLOYED = frozenset({By.IMAGE, By.COMPOSE, By.WORKLOAD, By.PROCFILE, By.PLATFORM})


class Start(msgspec.Struct, frozen=True):
    """`command` is one line, also of an exec form. `name` is the service, process, target or workload."""

    file: File
    line: int
    command: str
    by: By
    name: str = ""
    shell: bool = False  # a shell stands between the platform and the process

    @property
    def place(self) -> Evidence:
        return self.file.at(self.line)


# Programs of attached services, of engines and of notebooks that people work in, whoever builds the image that starts them.
_ATTACHED_PROGRAM = expression(
    r"^(?:python[\d.]* -m )?(jupyter(?:[- ](?:lab|notebook|server)|(?=\s+-|\s*$))|start-notebook\.sh|start-spark|\S{0,99}spark-class org\.apache\.spark\.deploy\.\S+|jobmanager|taskmanager|mlflow (server|ui)|redis-server|postgres|mongod|nginx|prometheus|/?otelcol[\w-]*|minio|prefect server|zenml (up|login)|ollama serve)\b"
)


@kept
def beside_scripts(facts: Facts) -> list[Start]:
    """All start commands of the system's own processes but the lines of scripts, each of which may start something;
    those of deployments first."""
    found = [
        *_images(facts), *_composed(facts), *_workloads(facts), *_processes(facts), *_platforms(facts), *_tasks(facts),
    ]  # fmt: skip
    return [start for start in found if not (start.by in DEPLOYED and _ATTACHED_PROGRAM.match(start.command))]


def commanding(facts: Facts, pattern: str) -> list[Start]:
    """Those whose command the expression finds, minding the case, and then such lines of scripts."""
    declared = [one for one in beside_scripts(facts) if is_in(pattern, one.command)]
    return [*declared, *commanding_lines(facts, pattern)]


def commanding_lines(facts: Facts, pattern: str) -> list[Start]:
    return [line_of(*pair) for pair in facts.commands(worded.in_this_case(pattern), kinds=(Kind.SHELL,))]


@kept
def deployed(facts: Facts) -> list[Start]:
    return [start for start in beside_scripts(facts) if start.by in DEPLOYED]


def by(facts: Facts, way: By) -> list[Start]:
    """Those that are declared in this way; of lines of scripts, see `commanding`."""
    return [start for start in beside_scripts(facts) if start.by is way]


def plain(command: str) -> str:
    """An exec-form command as one line."""
    return re.sub(r"\s+", " ", re.sub(r"""^\[|\]$|["']\s*,\s*["']|["']""", " ", command.strip())).strip()


_WRAPPED = expression(r"^(/bin/|/usr/bin/)?(env )?(ba|z|da)?sh( -\w+)* -\w*c\w*\b")
_INIT = expression(r"\b(tini|dumb-init|s6-|supervisord)\b")


def is_shell(command: str, *, exec_form: bool) -> bool:
    """Whether a shell receives the signals that are meant for the process."""
    if re.search(r"\bexec\s+\S", command) or _INIT.search(command):
        return False
    return not exec_form or bool(_WRAPPED.search(plain(command)))


# --- images ---------------------------------------------------------------------------------------------------------------
@kept
def system_images(facts: Facts) -> list[File]:
    """Dockerfiles that are no development containers, those nearest to the root first."""
    system = {file.path for file in facts.system}
    return [
        file
        for file in sorted(facts.dockerfiles, key=lambda file: (file.path.count("/"), file.path))
        if file.path in system and not re.search(r"(^|/)\.devcontainer/|(^|/)(ci|test)/|[./-](dev|test|ci)$", file.path)
    ]


def _images(facts: Facts) -> Iterator[Start]:
    for file in system_images(facts):
        last: dict[int, dict[str, Instruction]] = {}
        for one in file.facts.instructions:
            if one.name in {"CMD", "ENTRYPOINT"}:
                last.setdefault(one.stage, {})[one.name] = one
        for found in last.values():
            entry, command = found.get("ENTRYPOINT"), found.get("CMD")
            first = command or entry
            if first:
                both = f"{plain(entry.value) if entry else ''} {plain(command.value) if command else ''}".strip()
                deciding = (entry or first).value
                shell = is_shell(
                    deciding if not command else f"{deciding} {command.value}", exec_form=deciding.startswith("[")
                )
                yield Start(file, first.line, both, By.IMAGE, file.folder, shell)


# --- compose --------------------------------------------------------------------------------------------------------------
def own_services(facts: Facts) -> list[compose.Service]:
    return facts.once(_own_services)


def _own_services(facts: Facts) -> list[compose.Service]:
    attached = [
        file for file in system_images(facts)
        if any(one.name in {"CMD", "ENTRYPOINT"} and _ATTACHED_PROGRAM.match(plain(one.value)) for one in file.facts.instructions)
    ]  # fmt: skip
    return [
        service
        for service in compose.services(facts)
        if service.is_own
        and ".devcontainer/" not in service.file.path
        and not _ATTACHED_PROGRAM.match(command_of(service))
        and not (any(service.builds(file) for file in attached) and not command_of(service))
    ]


def command_of(service: compose.Service) -> str:
    """What the service starts, in one line; "" where its image says that."""
    return plain(" ".join(leaf.text for leaf in service.command))


def _composed(facts: Facts) -> Iterator[Start]:
    for service in own_services(facts):
        if command := command_of(service):
            shell = is_shell(command, exec_form=True)  # compose runs a plain string without a shell
            yield Start(service.file, service.command[0].line, command, By.COMPOSE, service.name, shell)


# --- Kubernetes -------------------------------------------------------------------------------------------------------------
def _workloads(facts: Facts) -> Iterator[Start]:
    for one in own_workloads(facts):
        parts = [leaf for leaf in one.leaves if _is_command(leaf.keys)]
        if parts:
            command = plain(" ".join(leaf.text for leaf in sorted(parts, key=lambda leaf: "args" in leaf.keys)))
            yield Start(one.file, parts[0].line, command, By.WORKLOAD, one.name, is_shell(command, exec_form=True))


def _is_command(keys: list[str]) -> bool:
    """Whether the value belongs to what a container starts, not to what a probe or a hook runs beside it."""
    if "containers" not in keys:
        return False
    return keys[keys.index("containers") + 2 :][:1] in (["command"], ["args"])


# --- platforms, tasks, scripts ----------------------------------------------------------------------------------------------
def _processes(facts: Facts) -> Iterator[Start]:
    for file in facts.of_kind(Kind.PROCFILE):
        for one in file.facts.commands:
            yield Start(file, one.line, one.text, By.PROCFILE, one.target)


def _platforms(facts: Facts) -> Iterator[Start]:
    for file, leaf, name in platform_files.told(facts):
        if " " in leaf.text and not rollout.is_ci(file):
            yield Start(file, leaf.line, leaf.text, By.PLATFORM, name)
    for file, line, command, name in platform_files.commands(facts):
        yield Start(file, line, command, By.PLATFORM, name)


def _tasks(facts: Facts) -> Iterator[Start]:
    for one in named_tasks.of(facts):
        yield Start(one.file, one.line, one.command, By.TASK, one.name)


def lines(script: File) -> list[Start]:
    return [line_of(script, one) for one in script.facts.commands]


def line_of(script: File, one: Command) -> Start:
    return Start(script, one.line, one.text, By.SCRIPT, script.name)


# --- what a command runs ------------------------------------------------------------------------------------------------------
_SCRIPT_PATH = expression(r"(?:^|[\s/.;&|])([\w.-]+\.(?:sh|bash))\b")
_PYTHON_PATH = expression(r"\bpython[\d.]*(?:\s+-[a-zA-Z]\b)*\s+(?:-m\s+([\w.]+)|\"?((?:[\w.$(){}-]*/)*[\w-]+\.py))")


def scripts_run(facts: Facts, start: Start) -> list[Start]:
    """The commands of the shell scripts that `start` calls; of scripts of one name, those that lie nearest to it."""
    names = {match.lower() for match in _SCRIPT_PATH.findall(start.command)}
    if not names:
        return []
    by_name = facts.once(_scripts_by_name)
    nearest: list[File] = []
    for name in names:
        shared = {file: _shared(file, start.file) for file in by_name.get(name, ()) if file is not start.file}
        nearest += [file for file, depth in shared.items() if depth == max(shared.values())]
    return [one for file in sorted(nearest, key=lambda file: file.path) for one in lines(file)]


def _scripts_by_name(facts: Facts) -> dict[str, list[File]]:
    index: dict[str, list[File]] = {}
    for file in facts.of_kind(Kind.SHELL):
        if file.facts.commands:
            index.setdefault(file.name, []).append(file)
    return index


def _shared(script: File, other: File) -> int:
    """How many folders lead to both files."""
    pairs = zip(script.path.split("/")[:-1], other.path.split("/")[:-1], strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))


_PASSED_ON = expression(r"(?:^|\s)\"?\$(?:@|\*|\{@\})\"?\s+(\S.*)")


def with_options_of_script(facts: Facts, start: Start) -> Start:
    """The start with what its entry script adds to the command that it passes on: `exec "$@" --port "$PORT"`."""
    added = [match.group(1) for one in scripts_run(facts, start) if (match := _PASSED_ON.search(one.command))]
    return replace(start, command=f"{start.command} {added[0]}") if added else start


def followed(facts: Facts, starts: Iterable[Start]) -> list[Start]:
    """The starts, and right after each the commands of the scripts that it calls."""
    return [one for start in starts for one in (start, *scripts_run(facts, start))]


def modules_run(facts: Facts, start: Start) -> list[File]:
    """The Python files of the system that `start` runs by `python x.py` or `python -m x`."""
    found: list[File] = []
    known = facts.by_path
    for module, path in _PYTHON_PATH.findall(start.command):
        beside = f"{start.file.folder}/{path or module.replace('.', '/') + '.py'}".lstrip("/")
        if beside in known:
            found.append(known[beside])
            continue
        dotted = module.replace(".", "/")
        name = path.removesuffix(".py").lstrip("./").rsplit("/", 1)[-1]
        endings = (f"/{dotted}", f"/{dotted}/__main__") if module else (f"/{name}",)
        named = facts.once(_by_module).get((dotted if module else name).rsplit("/", 1)[-1], ())
        alike = (file for file in named if f"/{file.path.removesuffix('.py')}".endswith(endings))
        found.extend(islice(alike, MOST_ALIKE))
    return found


MOST_ALIKE = 50  # modules of one name that a command may mean


def _by_module(facts: Facts) -> dict[str, list[File]]:
    """The Python files of the system by their names, those of packages that are run by the names of these."""
    named: dict[str, list[File]] = {}
    for file in facts.scripts:
        stem = f"/{file.path.removesuffix('.py')}".removesuffix("/__main__")
        named.setdefault(stem.rsplit("/", 1)[-1], []).append(file)
    return named
