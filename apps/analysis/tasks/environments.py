"""The environments that tasks run in, and whether they are the application's."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from apps.analysis.code.importing import imported_by, importing
from apps.analysis.expressions import expression
from apps.analysis.paths import Kind
from apps.analysis.repository import places
from apps.analysis.running import clusters, compose, processes, starts
from apps.analysis.running.starts import By, Start

if TYPE_CHECKING:
    from collections.abc import Iterable

    from apps.analysis.facts.model import Leaf
    from apps.analysis.findings import Evidence
    from apps.analysis.repository import Facts, File

_IN_IMAGE = r"\b(docker(-| )compose|docker compose|podman-compose)\b.*\b(run|exec)\b|\bdocker (run|exec)\b|\bkubectl (exec|run|create job)\b|\bheroku run\b|\bfly ssh\b|\baz ml job create\b|\bray job submit\b"
# Containers that hold nothing of the application, are left running, or are only looked into.
_OF_OTHERS = expression(
    r"busybox|curlimages|netshoot|dnsutils|[= ]alpine\b|redis|postgres|mongo|psql|mysql|hadolint|gitleaks|_db\b|\bdb\b|\bdocker run\b.*\s(-d|--detach)\b|(/bin/)?\b(ba)?sh\s*(\|\||$)"
)
_SAID = expression(r"^\s*(echo|printf|\w*(log|info|warn|error|success|print)\w*)\s+(-\w+\s+)?[\"']")
_IN_LOCK = r"\b(poetry run|uv run|pipenv run|pdm run|pixi run|hatch run|conda run|rye run)\b"
_LOCKS = r"(^|/)(poetry\.lock|uv\.lock|Pipfile\.lock|pdm\.lock|pixi\.lock|conda-lock\.ya?ml|renv\.lock|requirements[\w-]*\.lock)$"


def shared_by_tasks(facts: Facts) -> list[Evidence]:
    """What makes tasks run with the application's code and dependencies."""
    locks = [] if _built_without_lock(facts) else [file.at() for file in facts.named(_LOCKS, everywhere=True)]
    in_image = [
        start.place
        for start in starts.commanding(facts, _IN_IMAGE)
        if start.by not in starts.DEPLOYED
        and not _SAID.search(start.command)
        and not _OF_OTHERS.search(start.command)
        and not any(clusters.ATTACHED.search(word) for word in start.command.split())
    ]
    found = starts.commanding(facts, _IN_LOCK) if locks else []
    in_lock = [start.place for start in found if start.by not in starts.DEPLOYED]
    jobs = [
        one.file.at(one.line)
        for one in clusters.own_workloads(facts)
        if one.kind in {"Job", "CronJob", "Workflow", "CronWorkflow", "RayJob"}
    ]
    one_off = [
        service.file.at(service.line) for service in starts.own_services(facts)
        if re.search(r"(^|[-_])(init|migrat\w*|seed|job|task|train\w*|ingest\w*|worker|scheduler|jobs)($|[-_])", service.name, re.IGNORECASE) and not service.name.startswith("worker_")
    ]  # fmt: skip
    steps = [
        place
        for place in processes.pipelines(facts)
        if not place.path.endswith((".dvc", "dvc.yaml", "MLproject", ".ipynb", ".R", "nakefile", ".smk", ".nf"))
        and not _is_local(facts, place)
    ]
    platform = _of_platforms(facts)
    mounted = places(
        [pair for pair in facts.leaves(compose.COMPOSE, "**", "volumes", "*") if re.search(r"dags\b", pair[1].text)]
    )
    built = [start.place for start in _while_building(facts)]
    return [*built, *in_image, *jobs, *steps, *one_off, *in_lock, *places(platform), *mounted, *locks]


_INSTALLS_LOCK = expression(
    r"\b(uv (sync|pip|export)|uv run|poetry|pipenv|pdm|pixi|conda-lock|renv|restore)\b|\.lock\b"
)


def _built_without_lock(facts: Facts) -> bool:
    """Whether the application's images install a list of their own, and leave the lock to whoever works in a checkout."""
    run = [
        one for file in starts.system_images(facts) for one in file.facts.instructions if one.name in {"RUN", "COPY"}
    ]
    listed = any(re.search(r"\bpip3? install\b.*(-r|--requirement)\b", one.value) for one in run)
    return listed and not any(_INSTALLS_LOCK.search(one.value) for one in run)


_LOCAL = ("kedro", "zenml", "prefect", "dagster", "metaflow", "luigi")


def _is_local(facts: Facts, place: Evidence) -> bool:
    """Whether the steps run in the interpreter of whoever starts them: nothing gives their orchestrator an image."""
    file = facts.by_path.get(place.path)
    if file is None or not file.imports(*_LOCAL) or starts.system_images(facts):
        return False
    if facts.named(r"(^|/)(dagster_cloud|prefect)\.ya?ml$") or facts.leaves(r"(^|/)MLproject$", "*_env"):
        return False
    given = facts.calls(
        "*.DockerSettings", "*.DockerContainer", "*.with_options", "*.KubernetesRun", "*.ECSRun", "*.DockerRun"
    )
    return not given and not facts.leaves(r"\.ya?ml$", "**", "settings", "docker", "**")


def _of_platforms(facts: Facts) -> list[tuple[File, Leaf]]:
    """Environments by which a platform runs whatever is submitted to it."""
    return [
        *facts.leaves(r"\.ya?ml$", "cluster_env"), *facts.leaves(r"\.ya?ml$", "runtime_env", "**"),
        *facts.leaves(r"(^|/)MLproject$", "docker_env", "**"),
    ]  # fmt: skip


def _while_building(facts: Facts) -> list[Start]:
    """Scripts that an image runs when it is built."""
    return [
        Start(file, one.line, one.value, By.IMAGE, file.folder)
        for file in starts.system_images(facts) for one in file.facts.instructions
        if one.name == "RUN" and re.search(r"python\S* (?!-m pip|-c|-m venv|setup\.py|get-pip)\S+\.py|python\S* -m (?!pip|venv|spacy|nltk|playwright)\w+\.", one.value)
    ]  # fmt: skip


def outside(facts: Facts, tasks: Iterable[Evidence]) -> list[Evidence]:
    """The scripts among `tasks` that no pipeline, image, job or lock has, where they are more than those that one has."""
    scripts = {file.path: file for file in facts.scripts}
    chosen = {place.path: place for place in tasks if place.path in scripts}
    if not chosen or _of_platforms(facts) or _managed_pipelines(facts):
        return []
    begun = [start for pattern in (_IN_IMAGE, _IN_LOCK) for start in starts.commanding(facts, pattern)]
    begun += starts.deployed(facts)
    run = {file.path for start in [*begun, *_while_building(facts)] for file in starts.modules_run(facts, start)}
    steps = [scripts[place.path] for place in processes.pipelines(facts) if place.path in scripts]
    kept = run | imported_by(facts, steps).keys()
    pipelines = {file.path for file in steps}
    folders = {file.folder for file in facts.named(_LOCKS, everywhere=True)}
    folders |= {file.folder for file in facts.own if file.once(_is_pinned)}
    stepping = importing(facts, *pipelines)
    folders |= _copied(facts)
    alone = [
        path
        for path in chosen
        if path not in kept
        and not any(path.startswith(f"{folder}/".lstrip("/")) for folder in folders)
        and path not in stepping
    ]
    return [chosen[path] for path in alone] if 2 * len(alone) > len(chosen) else []


def _copied(facts: Facts) -> set[str]:
    """Folders that an image holds which starts nothing by itself: a cluster runs their scripts in it."""
    found = set()
    for file in starts.system_images(facts):
        instructions = file.facts.instructions
        if any(one.name in {"CMD", "ENTRYPOINT"} for one in instructions) or not any(
            one.name == "RUN" and re.search(r"\binstall\b|\bsync\b", one.value) for one in instructions
        ):
            continue
        for one in instructions:
            words = [word for word in one.value.split() if not word.startswith("--")]
            if one.name == "COPY" and "--from=" not in one.value:
                found |= {f"{base}/{word}".strip("/.") for base in ("", file.folder) for word in words[:-1]}
    return found - {"", *(file.folder for file in starts.system_images(facts))}


def _managed_pipelines(facts: Facts) -> bool:
    """Whether a platform runs the pipelines: it takes the scripts of their steps by name, into the images of these."""
    steps = [facts.by_path[place.path] for place in processes.pipelines(facts) if place.path in facts.by_path]
    return any(one.path.endswith((".yml", ".yaml", ".json", ".tmpl")) for one in steps) or bool(
        facts.imports("sagemaker", "azureml", "azure.ai.ml", files=steps)
    )


_ELSEWHERE = expression(
    r"\bssh\s+\S+|\bgit clone\b[^;&|]*(;|&&)|\bcd\s+(/(home|Users|srv|opt|root|mnt)/|~/|\.\./\.\./)|(^|\s)(/(home|Users|srv|opt|root)|~)/\S+/(python[\d.]*|\S+\.(py|sh))\b"
)


def of_other_places(facts: Facts, tasks: Iterable[Evidence]) -> list[Evidence]:
    """The `tasks`, if all that start a program do so in another checkout, on another host or by somebody's interpreter."""
    paths = {place.path for place in tasks}
    commands = [start for start in starts.by(facts, By.TASK) if start.file.path in paths]
    commands += [start for file in facts.of_kind(Kind.SHELL) if file.path in paths for start in starts.lines(file)]
    return [start.place for start in commands] if all(_ELSEWHERE.search(start.command) for start in commands) else []


def pinned(facts: Facts) -> list[Evidence]:
    """Manifests of the root whose entries are all pinned, where the tasks' scripts can use them."""
    found = [file.at() for file in facts.own if not file.folder and _is_pinned(file)]
    scripts = [file for file in facts.scripts if file.facts.code and file.facts.code.main]
    return found if scripts else []


def _is_pinned(file: File) -> bool:
    runtime = [one for one in file.facts.dependencies if not one.group]
    named = file.kind in {Kind.REQUIREMENTS, Kind.YAML, Kind.TOML}
    named = named and not re.search(r"dev|test|lint|doc|ci\b", file.name)
    return named and len(runtime) > 1 and all(one.pinned for one in runtime)


_LOCKS_OF_SCRIPTS = r"(^|/)(package-lock\.json|yarn\.lock|pnpm-lock\.yaml|bun\.lockb?)$"


def locked_scripts(facts: Facts, tasks: Iterable[Evidence]) -> list[Evidence]:
    """Locks of the packages whose manifests name tasks, in a system without Python; none where one has no lock."""
    named = {place.path for place in tasks}
    locks = [] if facts.scripts else facts.named(_LOCKS_OF_SCRIPTS, everywhere=True)
    folders = tuple(f"{file.folder}/".lstrip("/") for file in locks)
    is_named = any(path.endswith("package.json") for path in named)
    return [file.at() for file in locks] if is_named and all(path.startswith(folders) for path in named) else []


def lists(facts: Facts) -> list[Evidence]:
    """Manifests of the system."""
    return list(dict.fromkeys(file.at(1) for file, _ in facts.dependencies))
