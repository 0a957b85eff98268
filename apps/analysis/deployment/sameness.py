"""Where an image of the system is used: in development, in CI, in production; and what the managed platforms run."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

from apps.analysis.deployment import ci
from apps.analysis.deployment.images import images, is_floating
from apps.analysis.deployment.running import TOOLS
from apps.analysis.expressions import expression
from apps.analysis.foreign import languages
from apps.analysis.repository import places
from apps.analysis.running import compose, containers, rollout
from apps.analysis.running.programs import RUNS_IMAGE

if TYPE_CHECKING:
    from apps.analysis.deployment.images import Image
    from apps.analysis.facts.model import Leaf
    from apps.analysis.findings import Evidence
    from apps.analysis.repository import Facts, File

_RUN = r"\b(?:docker|podman|nerdctl) run\b|\bdocker[- ]compose\b[^\n;&|]*\b(?:up|run|exec)\b|\bdocker exec\b"
_BUILD = r"\b(?:docker|podman)(?: image| buildx)? build\b|\bdocker[- ]compose\b[^\n;&|]*\bbuild\b|gcloud builds submit|az acr build|kaniko|docker/build-push-action|skaffold"
_TESTS = (
    r"pytest|unittest|tox\b|nox\b|manage\.py test|make (?:\S+ )*test|--target[= ]\S*(?:test|dev|ci)|npm (?:run )?test"
)
# Storages and base images that make every run, a developer's too, use one image.
_EVERYWHERE = ("prefect.storage.Docker", "prefect.environments.storage.Docker")
_ASTRO = r"astronomer|astrocrpublic"
_MANAGED = (
    "sagemaker.image_uris.retrieve", "sagemaker.*.image_uris.retrieve", "sagemaker.*.SKLearn", "sagemaker.*.PyTorch", "sagemaker.*.TensorFlow", "sagemaker.*.HuggingFace*", "sagemaker.*.XGBoost", "sagemaker.*.SKLearnProcessor",
    "sagemaker.xgboost.*", "*.ScriptProcessor", "azureml.core.Environment*", "azureml.core.*.Environment*", "azureml.core.conda_dependencies.*", "azureml.core.runconfig.*", "azure.ai.ml.entities.Environment", "*.CustomContainerTrainingJob", "*.CustomPythonPackageTrainingJob", "*.CustomTrainingJob",
    "zenml.*.DockerSettings", "*.DockerSettings", "modal.Image.*",
)  # fmt: skip


def in_development(facts: Facts) -> list[Evidence]:
    """Development containers and compose services that use an image of the system."""
    containers = [
        pair
        for keys in (
            ("build", "dockerfile"),
            ("build", "dockerFile"),
            ("dockerFile",),
            ("dockerComposeFile",),
            ("dockerComposeFile", "*"),
        )
        for pair in facts.leaves(r"(^|/)\.?devcontainer(/.*)?\.json$", *keys)
        if ".." in pair[1].text or "devcontainer" not in pair[0].folder
    ]
    pushed = _pushed_dockerfiles(facts) | _of_production(facts)
    apart = _is_deployed_apart(facts)
    composed = [
        service.file.at(service.build[0].line)
        for service in compose.services(facts)
        if service.build
        and (apart or _is_of_development(facts, service))
        and not re.search(r"[._-]dev(elopment)?\b", service.text("build", "dockerfile"), re.IGNORECASE)
        and not re.search(r"prod(uction)?\b", service.file.name)
        and ("devcontainer" not in service.file.path or ".." in service.text("build"))
        and (not pushed or _name(service.text("build", "dockerfile") or "Dockerfile") in pushed)
    ]
    loops = [file.at(1) for file in facts.named(_LOOPS)]
    return [*places(containers), *composed, *loops]


# Tools that build the image anew, and start it in a cluster, while somebody works on the code.
_LOOPS = r"(^|/)(skaffold\.ya?ml|Tiltfile|devspace\.ya?ml|okteto\.ya?ml)$"


def composed(facts: Facts) -> list[Evidence]:
    """Compose services that build an image here, whoever runs them."""
    return [
        one.file.at(one.build[0].line)
        for one in compose.services(facts)
        if one.build and "devcontainer" not in one.file.path
    ]


def left_out(facts: Facts, own: list[Image]) -> list[Evidence]:
    """Images with code of the system that no compose file builds, where compose files build those of other folders; nor
    does CI test in them."""
    services = compose.services(facts)
    built = {image.file.folder for image in own if any(service.builds(image.file) for service in services)}
    if not built or in_ci(facts):
        return []
    return [image.file.at() for image in own if image.file.folder not in built and image.holds_code]


_DEVELOPMENT = expression(
    r"(^|[^a-z])(dev|develop|development|test|tests|testing|local|override|ci|debug|notebooks?|jupyter|lab)([^a-z]|$)"
)
_WORKS_INSIDE = expression(
    rf"--reload\b|\bwatch(?:files|dog|medo)\b|\bdebugpy\b|\bjupyter|\brunserver\b|{_TESTS}", re.IGNORECASE
)


def _is_of_development(facts: Facts, service: compose.Service) -> bool:
    """Whether people or tests work inside of the service: by its name, its command, or code that is mounted into it."""
    named = [service.file.name, service.name, service.text("profiles"), service.text("build", "target")]
    works = " ".join(leaf.text for leaf in service.command)
    watched = [*service.under("develop"), *service.under("x-develop")]  # what it was called at first
    if watched or any(_DEVELOPMENT.search(each.lower()) for each in named) or _WORKS_INSIDE.search(works):
        return True
    mounted = [leaf.text.partition(":")[0] for inner, leaf in service.leaves if inner[0] == "volumes"]
    folders = [
        posixpath.normpath(posixpath.join(service.file.folder, path)) for path in mounted if path.startswith(".")
    ]
    return any(folder == "." or file.path.startswith(f"{folder}/") for folder in folders for file in facts.scripts)


def _is_deployed_apart(facts: Facts) -> bool:
    """Whether something else than one compose file puts the system into production, so that compose is for work on it."""
    of_production = [
        one for one in compose.services(facts) if re.search(r"(^|[^a-z])(prod|stag)[a-z]*\b", one.file.name)
    ]
    local = rollout.local_runs(facts)
    return bool(
        of_production
        or rollout.pushes(facts)
        or rollout.workloads(facts)
        or [place for place in rollout.roll_outs(facts) if place not in local]
    )


def _pushed_dockerfiles(facts: Facts) -> set[str]:
    """Names of the Dockerfiles that CI builds for a registry, where it says which."""
    named = facts.leaves(rollout.CI, "jobs", "*", "steps", "*", "with", "file")
    return {_name(leaf.text) for _, leaf in named if "dockerfile" in leaf.text.lower()}


def _of_production(facts: Facts) -> set[str]:
    """Names of the Dockerfiles that a compose file for production builds."""
    return {
        _name(service.text("build", "dockerfile") or "Dockerfile")
        for service in compose.services(facts)
        if service.build and re.search(r"prod(uction)?\b", service.file.name)
    }


def _name(path: str) -> str:
    return path.rsplit("/", 1)[-1].lower()


def everywhere(facts: Facts) -> list[Evidence]:
    """What makes all runs, in every environment, use the same image."""
    astro = [stage for image in images(facts) for stage in image.stages if re.search(_ASTRO, stage.base)]
    found = [image.file.at(stage.line) for image in images(facts) for stage in image.stages if stage in astro]
    return [*places(facts.calls(*_EVERYWHERE, files=facts.scripts)), *found, *_cluster_environments(facts)]


def _cluster_environments(facts: Facts) -> list[Evidence]:
    """One named environment of a platform that several jobs, services or workspaces use."""
    named: dict[str, list[Evidence]] = {}
    for key in ("cluster_env", "environment", "containerfile", "image_uri"):
        for file, leaf in facts.leaves(r"\.ya?ml$", key):
            if isinstance(leaf.value, str) and leaf.text and not rollout.is_ci(file):
                named.setdefault(leaf.text, []).append(file.at(leaf.line))
    several = [found for found in named.values() if len({place.path for place in found}) > 1]
    definitions = places(facts.leaves(r"\.ya?ml$", "base_image"))
    return [*(place for found in several for place in found), *definitions] if several else []


def in_ci(facts: Facts) -> list[Evidence]:
    """Jobs that test, work or start the system within an image that is built here."""
    running = [
        step.place
        for step in ci.steps(facts)
        if re.search(rf"(?:{_RUN}|{_BUILD})[\s\S]*(?:{_TESTS})", step.text)
        or (
            re.search(r"docker[- ]compose\b[^\n;&|]*\b(?:up|run|exec)\b", step.text)
            and not re.search(r"ssh|-d\s*$", step.text)
        )
    ]
    building = [step.text for step in ci.steps(facts) if re.search(_BUILD, step.text)]
    own = {name for text in building for name in re.findall(r"(?:-t|--tag)[= ]\"?([\w./${}-]+)", text)}
    tagged = facts.leaves(rollout.CI, "**", "with", "tags")
    names = {_image(name.strip()) for _, leaf in tagged for name in re.split(r"[\n,]", leaf.text)}
    names |= {_image(name) for name in own}
    elsewhere = {(file.path, leaf.line) for file, leaf in facts.leaves(rollout.CI, "**", "with", "*script*")}
    running += [
        step.place
        for step in ci.steps(facts)
        if (step.file.path, step.line) not in elsewhere and not re.search(r"\bssh\b", step.text)
        for started in re.findall(rf"{RUNS_IMAGE}(.{{0,400}})", step.text, re.DOTALL)
        if re.search(r"\$\{?\w*IMAGE", started) or not names.isdisjoint(_named_images(started))
    ]
    contained = [
        pair
        for keys in (("jobs", "*", "container"), ("jobs", "*", "container", "image"), ("**", "image"), ("image",))
        for pair in facts.leaves(rollout.CI, *keys)
        if _is_run(*pair)
        if re.search(r"\$CI_REGISTRY_IMAGE|\$[{_\s]*(?:env\.)?IMAGE|github\.repository|ghcr\.io", pair[1].text)
        or pair[1].text.split(":")[0] in own
    ]
    return [*running, *places(contained)]


def _is_run(file: File, leaf: Leaf) -> bool:
    """Whether a job works in the image: an action that is handed one looks into it, or rolls it out, unless it runs it."""
    if "with" not in leaf.keys:
        return True
    action = [*leaf.keys[: leaf.keys.index("with")], "uses"]
    return any(one.keys == action and "run" in one.text.partition("@")[0] for one in file.facts.leaves)


def _image(name: str) -> str:
    """Of `registry/owner/scorer:1` the last name: scorer."""
    return name.rpartition("/")[2].partition(":")[0].partition("@")[0]


def _named_images(command: str) -> set[str]:
    """What may name the image among the words of `docker run`: no option, and no folder of the machine or of the image."""
    words = [word for word in re.findall(r"[\w./:${}@-]+", command) if ":/" not in word and word[0] not in "-/."]
    return ({_image(word) for word in words} | set(re.findall(r"\$\{\{[^{}]{1,200}\}\}", command))) - {""}


_SAYS = expression(r"^\W*(?:echo|printf)\b|hello-world")


def by_hand(facts: Facts) -> list[Evidence]:
    """Tasks of Makefiles, scripts and task tables by which a person builds or runs the image."""
    pattern = f"{_RUN}|{_BUILD}"
    tables = facts.leaves(
        r"(^|/)(pyproject\.toml|Taskfile\.ya?ml|package\.json|pipfile|mise\.toml)$", "**", value=pattern
    )
    others = _builders_of_others(facts)
    commands = [
        (file, one)
        for file, one in facts.commands(pattern)
        if file.path not in others
        and not re.search(r"test", file.name)
        and not TOOLS.search(one.text)
        and not _SAYS.search(one.text)
    ]
    tasks = [
        (file, call)
        for file, call in facts.calls("*.run", "*.sudo", "*.run_always", files=facts.scripts)
        if re.search(r"^(tasks|noxfile|dodo)\b|(^|/)tasks/", file.path) and re.search(pattern, str(call.args))
    ]
    return [*places(commands), *places(tables), *places(tasks)]


_MOUNTS_CODE = r"(?:-v|--volume)[ =][\"']?(?:\$\(?\{?(?:PWD|CURDIR|pwd|shell pwd)\)?\}?|\.)/?(?:src|app|code)?:"


def works_inside(facts: Facts) -> list[Evidence]:
    """Tasks by which a person starts the image to work in it: with the code mounted, reloading, or testing."""
    started = facts.commands(RUNS_IMAGE)
    return places(
        (file, one) for file, one in started if re.search(f"{_MOUNTS_CODE}|{_WORKS_INSIDE.pattern}", one.text)
    )


_DOCKERFILE = r"(?:-f|--file)[ =][\"']?(\S*?dockerfile[\w.-]*)"


def _builders_of_others(facts: Facts) -> set[str]:
    """Paths of scripts that build by name only Dockerfiles which CI does not build."""
    in_ci = " ".join(step.text for step in ci.runs(facts, _BUILD))
    built = _pushed_dockerfiles(facts) | {_name(path) for path in re.findall(_DOCKERFILE, in_ci, re.IGNORECASE)}
    named: dict[str, set[str]] = {}
    for file, one in facts.commands(_BUILD):
        found = re.search(_DOCKERFILE, one.text, re.IGNORECASE)
        named.setdefault(file.path, set()).add(_name(found.group(1)) if found else "dockerfile")
    return {path for path, names in named.items() if not names & (built or {"dockerfile"})}


def deployed(facts: Facts) -> list[Evidence]:
    """CI jobs that build or push the image."""
    return [*(step.place for step in ci.runs(facts, _BUILD)), *rollout.pushes(facts)]


def managed(facts: Facts) -> list[Evidence]:
    """Images of a managed platform, named by version in code or in definitions of environments."""
    defined = facts.leaves(r"\.ya?ml$", "base_image") + facts.leaves(r"\.ya?ml$", "$schema", value="environment|[jJ]ob")
    defined += facts.leaves(r"\.(ya?ml|json)$", "**", "spark_version")
    pinned = facts.leaves(r"(^|/)\.?devcontainer\.json$", "image")
    bundled = facts.leaves(r"(^|/)bentofile\.ya?ml$", "docker", "**") + facts.leaves(r"(^|/)cog\.ya?ml$", "build", "**")
    contained = facts.leaves(rollout.CI, "jobs", "*", "container", "**")
    return [
        *places(facts.calls(*_MANAGED, files=facts.scripts) or facts.calls(*_MANAGED)),
        *places([*defined, *bundled, *pinned, *contained, *languages.endpoints(facts)]),
        *places(containers.managed_jobs(facts)),
        *(step.place for step in containers.components(facts) if step.image and not is_floating(step.image)),
        *containers.runtimes(facts),
    ]
