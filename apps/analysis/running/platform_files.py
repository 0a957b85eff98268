"""Files by which a platform or a supervisor runs the system: its processes, their commands, and what they run in."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from apps.analysis.expressions import expression
from apps.analysis.facts.commands import is_crontab
from apps.analysis.kept import kept
from apps.analysis.paths import Kind
from apps.analysis.repository import places
from apps.analysis.running.named_tasks import LONGEST

if TYPE_CHECKING:
    from apps.analysis.facts.model import Leaf
    from apps.analysis.findings import Evidence
    from apps.analysis.repository import Facts, File

    Named = list[tuple[str, Evidence]]

_TOO_SHORT = 2  # characters, which are no command

# What rolls the system out when a platform's command is given the file.
ROLLED_OUT = (
    r"(^|/)(cerebrium\.toml|heroku\.yml|sky\.yaml|\.dstack\.yml|ray-cluster\.yaml|kamal-deploy\.yml|copilot-manifest\.yml|dbx-deployment\.yml|zappa_settings\.(json|ya?ml|toml)|\.chalice/config\.json|"
    r"skaffold\.ya?ml|okteto\.ya?ml|devspace\.ya?ml|werf\.ya?ml|helmfile\.ya?ml|Pulumi\.ya?ml|(?!Docker|Container|requirements|env)[\w-]+\.container)$|(^|/)\.do/[^/]*\.ya?ml$"
)
# What tells a platform to run the repository as it is, and leaves the rest to it.
TOLD = r"(^|/)(apprunner\.ya?ml|truss-config\.yaml|netlify\.toml|[\w@.-]+\.service)$"
# What tells a platform, by a key, what it shall start.
_TELLING = (
    r"(^|/)(render\.ya?ml|fly\.toml|app\.ya?ml|railway\.(toml|json)|nixpacks\.toml|cog\.yaml|app\.json|koyeb\.yaml|apprunner\.ya?ml|manifest\.ya?ml|anyscale[^/]*\.ya?ml|MLproject|dvc\.yaml|"
    r"task-?def[^/]*\.json|[^/]*-task\.json|langgraph\.json|bentofile\.ya?ml|service[^/]*\.ya?ml|serve[^/]*\.ya?ml|jobs?[^/]*\.ya?ml|workloads?\.ya?ml|inference_config\.ya?ml)$"
)
_TELLING_KEYS = frozenset({
    "startCommand", "entrypoint", "entryPoint", "entryScript", "run_command", "command", "cmd", "ExecStart", "import_path", "service", "predict", "run", "start",
})  # fmt: skip
_NAMES_OF_PROCESSES = frozenset({"app", "web"})  # and of labels, whose values are one word
_SUPERVISOR = r"supervisor[^/]*(/.*)?\.(conf|ini)$"
_SERVICE = r"(^|/)[\w@.-]+\.service$"
_VALOHAI = r"(^|/)valohai\.ya?ml$"
# Where a file names processes by a key, at this position: (path, keys, position).
_BY_KEY: tuple[tuple[str, tuple[str, ...], int], ...] = (
    (r"(^|/)fly\.toml$", ("processes", "*"), 1),
    (r"(^|/)heroku\.yml$", ("run", "*"), 1),
    (r"(^|/)heroku\.yml$", ("run", "*", "command", "*"), 1),
    (_SUPERVISOR, ("program:*", "command"), 0),
    (r"(^|/)circus[^/]*\.ini$", ("watcher:*", "cmd"), 0),
    (r"(^|/)kamal-deploy\.yml$", ("servers", "[a-z]*", "**"), 1),
)
# Where it names them by a value.
_BY_VALUE: tuple[tuple[str, tuple[str, ...]], ...] = (
    (r"(^|/)\.do/[^/]*\.ya?ml$", ("[swj]*", "*", "name")),
    (r"(^|/)copilot-manifest\.yml$", ("name",)),
    (r"(^|/)cerebrium\.toml$", ("cerebrium", "deployment", "name")),
    (r"(^|/)truss-config\.yaml$", ("model_name",)),
    (r"\.json$", ("family",)),  # of a task's definition
)
# Commands of files that stand for one process each.
_ALONE: tuple[tuple[str, tuple[str, ...]], ...] = (
    (_SERVICE, ("Service", "ExecStart")),
    (r"(^|/)railway\.(toml|json)$", ("deploy", "startCommand")),
    (r"(^|/)apprunner\.ya?ml$", ("run", "command")),
    (r"(^|/)sky\.yaml$", ("run",)),
    (r"(^|/)\.dstack\.yml$", ("commands", "*")),
    (r"(^|/)polyaxonfile\.yaml$", ("run", "container", "command", "**")),
    (r"(^|/)determined\.yaml$", ("entrypoint",)),
    (_VALOHAI, ("*", "step", "command", "**")),
)
_MORE_COMMANDS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (r"(^|/)cerebrium\.toml$", ("cerebrium", "runtime", "custom", "entrypoint", "**")),
    (r"(^|/)copilot-manifest\.yml$", ("command",)),
    (r"(^|/)kestra-flow\.yaml$", ("tasks", "*", "commands", "*")),
)
# Images and versions that a platform takes from such a file.
ENVIRONMENTS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (r"(^|/)cerebrium\.toml$", ("cerebrium", "deployment", "[pd][yo]*")),
    (r"(^|/)ray-cluster\.yaml$", ("docker", "*image")),
    (r"(^|/)\.dstack\.yml$", ("image",)),
    (r"(^|/)\.dstack\.yml$", ("python",)),
    (r"(^|/)sky\.yaml$", ("resources", "image_id")),
    (r"(^|/)polyaxonfile\.yaml$", ("run", "container", "image")),
    (r"(^|/)determined\.yaml$", ("environment", "image")),
    (r"(^|/)kestra-flow\.yaml$", ("tasks", "*", "containerImage")),
    (r"(^|/)truss-config\.yaml$", ("python_version",)),
    (_VALOHAI, ("*", "step", "image")),
)
# What trains by one command of a platform, or by a step of its pipeline.
_TRAINERS = r"(^|/)(polyaxonfile\.yaml|determined\.yaml|sweep\.yaml|valohai\.ya?ml)$"
_STARTS_TRAINING = expression(
    r"(?<![a-z])(?:re)?(?:train(?:ing|er)?|fit|fine_?tun(?:e|ing))(?:[_-]\w{1,40})?(?:\.(?:py|sh|r)\b|\s|$)|-m \S{0,80}\b(?:re)?train",
    re.IGNORECASE,
)


@kept
def told(facts: Facts) -> list[tuple[File, Leaf, str]]:
    """What keys of a platform's files tell it to start, with the keys above them; manifests of Kubernetes are none."""
    manifests = {file.path for file, _ in facts.leaves(_TELLING, "apiVersion")}
    found = []
    for file, leaf in facts.leaves(_TELLING):
        named = [key for key in leaf.keys if not key.isdigit()]
        if not named or file.path in manifests or len(leaf.text) <= _TOO_SHORT:
            continue
        if named[-1] in _TELLING_KEYS or (named[-1] in _NAMES_OF_PROCESSES and " " in leaf.text):
            found.append((file, leaf, ".".join(named[:-1])))
    return found


def commands(facts: Facts) -> list[tuple[File, int, str, str]]:
    """(file, line, command, name of the process)."""
    return facts.once(_commands)


def _commands(facts: Facts) -> list[tuple[File, int, str, str]]:
    found = [
        (file, leaf.line, leaf.text, leaf.keys[position])
        for path, keys, position in _BY_KEY
        for file, leaf in facts.leaves(path, *keys)
        if leaf.keys[-1] != "hosts" and " " in leaf.text
    ]
    for path, keys in (*_ALONE, *_MORE_COMMANDS):
        grouped: dict[tuple[str, ...], list[tuple[File, Leaf]]] = {}
        for file, leaf in facts.leaves(path, *keys):
            one_by_one = leaf.keys[-1].isdigit() and "commands" not in leaf.keys
            key = (file.path, *(leaf.keys[:-1] if one_by_one else leaf.keys))
            grouped.setdefault(key, []).append((file, leaf))
        found += [
            (pairs[0][0], pairs[0][1].line, " ".join(leaf.text for _, leaf in pairs)[:LONGEST], _stem(pairs[0][0]))
            for pairs in grouped.values()
        ]
    return [*(one for one in found if one[2].strip()), *_clocked(facts), *_on_app_service(facts)]


_QUOTED = expression(r"[:=]\s*(['\"])([^'\"]{3,300})\1")


def _on_app_service(facts: Facts) -> list[tuple[File, int, str, str]]:
    """What infrastructure and workflows tell Azure's App Service to start in the image that it gives."""
    declared = [
        (file, line, told.group(2), "web")
        for file, line, text in facts.signals("terraform-command")
        if (told := _QUOTED.search(text))
    ]
    given = facts.leaves(r"(^|/)\.github/workflows/[^/]*\.ya?ml$", "**", "with", "startup-command")
    return [*declared, *((file, leaf.line, leaf.text, "web") for file, leaf in given if leaf.text.strip())]


def _clocked(facts: Facts) -> list[tuple[File, int, str, str]]:
    return [
        (file, one.line, one.text, "cron")
        for file in facts.of_kind(Kind.TEXT)
        if is_crontab(file.name)
        for one in file.facts.commands
    ]


@kept
def process_types(facts: Facts) -> Named:
    named = [
        (leaf.keys[position].rpartition(":")[2], file.at(leaf.line))
        for path, keys, position in _BY_KEY
        for file, leaf in facts.leaves(path, *keys)
    ]
    for path, keys in _BY_VALUE:
        pairs = facts.leaves(path, *keys)
        if keys == ("family",):
            tasks = {file.path for file, _ in facts.leaves(path, "containerDefinitions", "*", "image")}
            pairs = [pair for pair in pairs if pair[0].path in tasks]
        named += [(leaf.text, file.at(leaf.line)) for file, leaf in pairs]
    for path, keys in _ALONE:
        named += [(_stem(file), file.at(leaf.line)) for file, leaf in facts.leaves(path, *keys)]
    named += [(name, file.at(line)) for file, line, _, name in _clocked(facts)]
    return [*named, *_functions(facts)]


def _stem(file: File) -> str:
    """What tells a file from others of its kind: its name, or that of its folder where all are called alike."""
    stem = file.name.rsplit(".", 1)[0]
    return file.folder.rsplit("/", 1)[-1] or stem if stem in {"", "config", "manifest"} else stem


# Decorators by which Modal and Beam run a function as a process of its own, once its file makes an application.
_OF_MODAL = frozenset({"function", "cls"})
_OF_BEAM = ("beam.endpoint", "beam.task_queue", "beam.asgi", "beam.realtime", "beam.schedule", "beam.function")


def _functions(facts: Facts) -> Named:
    apps = {file.path for file, _ in facts.calls("modal.App", "modal.Stub", files=facts.scripts)}
    return [
        (define.name, file.at(define.line))
        for file, define in facts.decorated(facts.scripts)
        if any(
            (file.path in apps and one.last in _OF_MODAL and "." in one.name) or one.name in _OF_BEAM
            for one in define.decorators
        )
    ]


def steps(facts: Facts) -> list[Evidence]:
    """Steps of pipelines that files declare in a language of their own: Snakemake, Nextflow, targets, Kestra, Valohai."""
    texts = [file for file in facts.of_kind(Kind.TEXT) if not is_crontab(file.name)]
    rules = [(file, one) for file in texts for one in file.facts.commands]
    files = [
        *_first_of_each(facts.leaves(r"(^|/)kestra-flow\.yaml$", "tasks", "*", "type"), 1),
        *_first_of_each(facts.leaves(r"(^|/)ploomber-pipeline\.yaml$", "tasks", "*", "source"), 1),
        *_first_of_each(facts.leaves(_VALOHAI, "*", "step", "name"), 0),
    ]
    targets = [file.at(line) for file, line, _ in facts.signals("pipeline-step")]
    found = [*places(rules), *places(files), *targets]
    return found if len(found) > 1 else []


def _first_of_each(leaves: list[tuple[File, Leaf]], position: int) -> list[tuple[File, Leaf]]:
    return list({(file.path, leaf.keys[position]): (file, leaf) for file, leaf in reversed(leaves)}.values())[::-1]


def trainings(facts: Facts) -> list[Evidence]:
    """Files by which a platform trains, whoever hands them over."""
    jobs = [
        file.at(line) for file, line, command, _ in commands(facts) if _STARTS_TRAINING.search(f"{command} {file.name}")
    ]
    return [*(file.at(1) for file in facts.named(_TRAINERS)), *jobs]


def spaces(facts: Facts) -> list[Evidence]:
    """Descriptions by which a hub runs the repository as an application: an SDK, and the file to start."""
    return told_to_hub(facts, "space")


def told_to_hub(facts: Facts, name: str) -> list[Evidence]:
    return [file.at(line) for file, line, _ in facts.signals(name) if file.name.startswith("readme")]
