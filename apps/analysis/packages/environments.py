"""Where the repository defines the environment that its code runs in, and what of the system below it declares."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from apps.analysis.deployment import images as built_images
from apps.analysis.deployment import is_floating
from apps.analysis.expressions import expression
from apps.analysis.foreign import languages
from apps.analysis.packages import manifests, own_files
from apps.analysis.paths import Kind, Role
from apps.analysis.repository import places
from apps.analysis.running import platform_files
from apps.analysis.running.compose import services
from apps.analysis.running.containers import components, managed_jobs, runtimes
from apps.analysis.running.rollout import CI
from apps.analysis.running.stock import RUNTIME_IMAGE, with_code_mounted

if TYPE_CHECKING:
    from apps.analysis.facts.model import Define, Leaf
    from apps.analysis.findings import Evidence
    from apps.analysis.repository import Facts, File

# --- isolation --------------------------------------------------------------------------------------------------------------
_TOOL_LOCKS = frozenset(
    "poetry.lock uv.lock pdm.lock pipfile pipfile.lock pixi.toml pixi.lock conda-lock.yml renv.lock packrat.lock flake.nix shell.nix default.nix devenv.nix devbox.json spack.yaml manifest.scm guix.scm hatch.toml environment.r".split()
)
_RUNNERS = frozenset({"noxfile.py", "tox.toml", "tox.ini"})
_TOOL_TABLES = ("poetry", "uv", "pdm", "pixi", "rye", "tox")
_MANAGED = (
    "azureml.core.Environment*", "azureml.core.environment.*", "azureml.core.conda_dependencies.*", "azureml.core.runconfig.*", "azure.ai.ml.entities.Environment", "azure.ai.ml.entities.BuildContext",
    "*.DockerSettings", "*.CondaDependencies.*", "modal.Image.*", "flytekit.ImageSpec", "flytekit.image_spec.ImageSpec", "union.ImageSpec", "flyte.Image.*", "beam.Image", "metaflow.conda*", "metaflow.pypi*", "*.PythonVirtualenvOperator", "*.ExternalPythonOperator",
)  # fmt: skip
_DECORATED = expression(r"(^|\.)(conda|conda_base|pypi|pypi_base|virtualenv|task\.virtualenv|task\.docker)$")


_DEVCONTAINER = expression(r"(^|/)\.?devcontainer[^/]*\.json$")


def images(facts: Facts) -> list[Evidence]:
    """Dockerfiles and devcontainers."""
    containers = [file.at(1) for file in _devcontainers(facts)]
    stock = [one.file.at(one.line) for one in with_code_mounted(facts)]
    return [*(image.file.at(image.stages[0].line) for image in built_images(facts)), *containers, *stock[:1]]


def _devcontainers(facts: Facts) -> list[File]:
    return [file for file in facts.named(_DEVCONTAINER.pattern, everywhere=True) if _DEVCONTAINER.search(file.path)]


def tools(facts: Facts) -> list[Evidence]:
    """Files of tools that make an environment per project: Poetry, uv, Pipenv, conda, renv, tox, nox, nix…"""
    found = [file.at(1) for file in own_files.named(facts, _TOOL_LOCKS)]
    conda = [
        one.at
        for one in manifests.of(facts)
        if one.form is manifests.Form.LIST and any(entry.ecosystem in {"conda", "julia"} for entry in one.entries)
    ]
    tables = [
        file.at(leaf.line)
        for file in own_files.named(facts, ["pyproject.toml"])
        for leaf in file.facts.leaves
        if leaf.keys[:1] == ["tool"] and (leaf.keys[1] in _TOOL_TABLES or leaf.keys[1:3] == ["hatch", "envs"])
    ]
    runs = [
        file.at(1)
        for file in facts.files
        if file.name in _RUNNERS
        and file.role is not Role.VENDORED
        and (file.name != "tox.ini" or any(leaf.keys[0].startswith(("testenv", "tox")) for leaf in file.facts.leaves))
    ]
    called = places([*facts.commands(_MAKES), *facts.leaves(CI, "**", value=_MAKES)])
    return _one_each([*found, *conda, *tables, *runs, *called])


# Commands of tools that make the project's environment before they do anything in it.
_MAKES = r"(^|[\s;&|(])(uv (sync|run)\b(?! --no-project)|poetry (install|run)\b|pipenv (install|sync|run)\b|pdm (install|run)\b|pixi (install|run)\b|hatch run\b|rye sync\b)"


def managed(facts: Facts) -> list[Evidence]:
    """Environments that a platform builds from what the repository says."""
    decorated = facts.defines("", where=_is_decorated)
    functions = languages.endpoints(facts)
    steps = [one.place for one in components(facts) if one.image or one.installs]
    called = [*facts.calls(*_MANAGED), *managed_jobs(facts), *decorated]
    given = [pair for path, keys in platform_files.ENVIRONMENTS for pair in facts.leaves(path, *keys)]
    return _one_each([*places([*_platform_files(facts), *given, *called, *functions]), *steps, *runtimes(facts)])


def _is_decorated(_: File, one: Define) -> bool:
    return any(_DECORATED.search(call.name) for call in one.decorators)


def _platform_files(facts: Facts) -> list[tuple[File, Leaf]]:
    """Leaves that describe an environment of a cluster, a job or a bundle."""
    return facts.leaves("", where=_describes_environment)


def _describes_environment(file: File, leaf: Leaf) -> bool:
    if file.kind not in {Kind.YAML, Kind.JSON} or not leaf.keys:
        return False
    name = file.name
    first, second = leaf.keys[0], leaf.keys[1] if len(leaf.keys) > 1 else ""
    return (
        (first, second) in {("python", "pip_packages"), ("settings", "docker")}
        or (first == "base_image" and not second)
        or "runtime_env" in leaf.keys[:-1]
        or (first == "$schema" and "environment.schema.json" in leaf.text)
        or (name == "mlproject" and first in {"conda_env", "docker_env", "python_env"})
        or (name.startswith(("cog.y", "bentofile.y")) and first in {"build", "python", "docker"})
        or (name.startswith("python_env.y") and first == "dependencies")
        or (name == "langgraph.json" and first == "dependencies")
    )


_VENV = r"-m venv|virtualenv\s|\bvenv\s|conda (env )?create|mamba create|conda env update|pipenv (install|shell)|uv venv|poetry install|mkvirtualenv|pyenv virtualenv|make venv"


def instructed(facts: Facts) -> list[Evidence]:
    """Scripts, Makefiles, CI jobs and prose that make an environment."""
    scripts = facts.commands(_VENV)
    jobs = facts.leaves(CI, "**", value=_VENV)
    prose = own_files.told_at(facts, "venv")
    return _one_each([*places(scripts), *places(jobs), *prose])


def built(facts: Facts) -> list[Evidence]:
    """Build tools that keep the packages of each project apart: Maven, Gradle, sbt, npm, NuGet, Go modules."""
    return [
        one.at
        for one in manifests.run_time(facts)
        if one.ecosystem in {"maven", "npm", "go", "nuget", "cargo"} and one.form is manifests.Form.LIST
    ]


# --- the system below ---------------------------------------------------------------------------------------------------------
_PACKAGES = r"\b(apt-get|apt|apk|yum|dnf|microdnf|zypper|brew|pacman|tdnf)\s+(-\S+\s+)*(install|add|-S)\b|cuda-toolkit|conda install|mamba install"

# What a cluster's module system is told to bring, by its version.
_MODULES = r"\b(module|ml) (-\S+ )?(load|add) .{0,300}\b(cuda|python|anaconda|miniconda|gcc|cudnn|openmpi|r)\w*/v?\d"
_RUNTIMES = (
    (r"buildspec[^/]*\.ya?ml$", ("**", "runtime-versions", "*")), (r"serverless\.ya?ml$", ("**", "runtime")), (r"\.(ya?ml|json)$", ("**", "Runtime")), (r"app(runner)?\.ya?ml$", ("runtime",)), (r"zappa_settings\.\w+$", ("*", "runtime")), (r"cerebrium\.toml$", ("**", "apt", "*")),
    *platform_files.ENVIRONMENTS,
    (r"\.ya?ml$", ("base_image",)), (r"\.ya?ml$", ("debian_packages", "*")), (r"cog\.ya?ml$", ("build", "*")), (r"\.(ya?ml|json)$", ("**", "spark_version")),
    (r"nixpacks\.toml$", ("**", "aptPkgs", "*")), (r"nixpacks\.toml$", ("**", "nixPkgs", "*")),
    # bundlers that write the image themselves
    (r"\.ya?ml$", ("**", "system_packages", "*")), (r"\.ya?ml$", ("**", "apt_packages", "*")), (r"bentofile\.ya?ml$", ("docker", "python_version")), (r"bentofile\.ya?ml$", ("docker", "cuda_version")),
)  # fmt: skip
_MANAGED_IMAGES = ("sagemaker.image_uris.retrieve", "*.image_uris.retrieve", "*.get_image_uri")


def base_images(facts: Facts) -> tuple[list[Evidence], list[Evidence]]:
    """Base images with a version, and those without, of Dockerfiles and development containers."""
    found = [
        (image.file.at(stage.line), stage.base) for image in built_images(facts) for stage in image.external_stages()
    ]
    found += [
        (file.at(leaf.line), leaf.text)
        for file in _devcontainers(facts)
        for leaf in file.facts.leaves
        if leaf.keys == ["image"]
    ]
    found += [(one.file.at(one.line), one.image) for one in services(facts) if RUNTIME_IMAGE.match(one.image)]
    found += [(one.place, one.image) for one in components(facts) if one.image and is_floating(one.image)]
    fixed = [place for place, base in found if not is_floating(base)]
    return fixed, [place for place, base in found if is_floating(base)]


def system_packages(facts: Facts) -> list[Evidence]:
    """Packages of the operating system in executable form."""
    runs = [
        image.file.at(line)
        for image in built_images(facts)
        for stage in image.stages
        for line, _ in stage.system_installs()
    ]
    lists = [
        file.at(1)
        for file in facts.named(
            r"(^|/)(packages\.txt|apt\.txt|Aptfile|apt-packages[^/]*|flake\.nix|shell\.nix|default\.nix|devenv\.nix|devbox\.json|spack\.yaml|manifest\.scm|guix\.scm)$"
        )
    ]
    conda = [
        file.at(entry.line)
        for one in manifests.of(facts)
        for file, entry in ((one.file, entry) for entry in one.entries)
        if entry.ecosystem == "conda" and one.form in {manifests.Form.LIST, manifests.Form.PROJECT}
    ]
    scripts = facts.commands(rf"{_PACKAGES}|{_MODULES}", kinds=(Kind.SHELL,))
    modules = [f"{prefix}{name}" for prefix in ("", "ansible.builtin.") for name in ("apt", "yum", "dnf", "package")]
    provisioned = [
        pair for module in modules for pair in facts.leaves(r"\.ya?ml$", "**", "[0-9]*", module, "name", "**")
    ]
    called = [
        (file, call)
        for file, call in facts.calls("*.apt_install", "*.with_apt_packages", "*.ImageSpec", "beam.Image")
        if call.last not in {"ImageSpec", "Image"} or {"apt_packages", "commands"} & call.kwargs.keys()
    ]
    return [*runs, *lists, *_one_each(conda), *places(scripts), *places(provisioned), *places(called)]


def containers(facts: Facts) -> list[Evidence]:
    """Where code chooses the containers of its jobs, one place per file first."""
    found = places(managed_jobs(facts))
    return list(dict.fromkeys([*_one_each(found), *found]))


def managed_runtimes(facts: Facts) -> list[Evidence]:
    """Versions of runtimes and images that a platform starts: build specs, functions, SageMaker and pipeline images."""
    declared = [pair for path, keys in _RUNTIMES for pair in facts.leaves(path, *keys, value=r"\d|^[\w-]+$")]
    code = facts.calls(*_MANAGED_IMAGES)
    code += [
        (file, call)
        for file, call in facts.calls("modal.Image.*", "*.ImageSpec", "beam.Image", "flyte.Image.*")
        if {"python_version", "base_image", "cuda"} & call.kwargs.keys() or call.last in {"from_registry", "from_base"}
    ]
    steps = [one.place for one in components(facts) if _is_fixed(one.image)]
    terraform = [(file, line) for file, line, text in facts.signals("terraform-runtime")]
    functions = languages.endpoints(facts)  # their runtime is a part of the construct
    found = places([*declared, *code, *managed_jobs(facts), *terraform, *functions])
    return _one_each([*found, *steps, *runtimes(facts)])


def _is_fixed(image: str) -> bool:
    """Whether an image is named with a version; what the code puts together has one."""
    return bool(image) and not is_floating(image)


def language_versions(facts: Facts) -> list[Evidence]:
    """A version of the language alone."""
    files = facts.named(
        r"(^|/)(\.python-version|runtime\.txt|renv\.lock|\.tool-versions|\.nvmrc|\.node-version|\.java-version|\.ruby-version)$"
    )
    fields = [
        *facts.leaves(r"pyproject\.toml$", "project", "requires-python"), *facts.leaves(r"pyproject\.toml$", "tool", "poetry", "dependencies", "python"), *facts.leaves(r"Pipfile$", "requires", "*"),
        *facts.leaves(r"package\.json$", "engines", "*"), *facts.leaves(r"package\.json$", "packageManager"), *facts.leaves(r"setup\.cfg$", "options", "python_requires"), *facts.leaves(r"python_env\.ya?ml$", "python"),
        *(pair for pair in facts.leaves(r"(^|/)manifest\.json$", "platform", value=r"^\d") if _is_published(pair[0])),
        *(pair for language in ("java", "node", "go", "dotnet", "r") for pair in facts.leaves(CI, "**", f"{language}-version")),
        *facts.leaves(r"(^|/)\.?mise(\.\w+)?\.toml$", "tools", "*"), *facts.leaves(CI, "**", "python-version"), *facts.leaves(CI, "**", "versionSpec"), *facts.leaves(CI, "image", value=r"\w:\d"), *facts.leaves(CI, "**", "python-version", "*"),
    ]  # fmt: skip
    setups = [(file, call) for file, call in facts.calls("*.setup", "setup") if "python_requires" in call.kwargs]
    builds = [one.at for one in manifests.run_time(facts) if one.ecosystem in {"maven", "go", "nuget"}]
    fields += [
        *facts.leaves(r"(^|/)Project\.toml$", "compat", "julia"),
        *facts.leaves(r"(^|/)Cargo\.toml$", "package", "rust-version"),
    ]
    listed = [(file, one) for file, one in facts.dependencies if one.name == "python"]
    spaces = platform_files.told_to_hub(facts, "space-version")
    builds += own_files.needs_of_r(facts)
    return _one_each(
        [*(file.at(1) for file in files), *spaces, *places(fields), *places(setups), *places(listed), *builds]
    )


def _is_published(file: File) -> bool:
    """Whether the manifest is one that a publishing platform restores R content from; `platform` is R's version."""
    return any(leaf.keys == ["metadata", "appmode"] for leaf in file.facts.leaves)


def system_prose(facts: Facts) -> list[Evidence]:
    """Commands in prose or CI jobs that install packages of the system or a Python of a version."""
    told = [
        file.at(one.line)
        for file in facts.own
        for one in file.facts.signals
        if one.name == "apt"
        or (one.name == "venv" and re.search(r"python\s*[=]|python3\.\d|\bpy -3|\b3\.\d", one.text))
    ]
    jobs = facts.leaves(CI, "**", value=_PACKAGES)
    tasks = facts.commands(_PACKAGES, kinds=(Kind.MAKE, Kind.NOTEBOOK))
    return _one_each([*places(jobs), *places(tasks), *told])


def readme(facts: Facts) -> list[Evidence]:
    """The document at the top, where needs are told that nothing declares."""
    return [file.at() for file in facts.own if not file.folder and file.name.startswith("readme")][:1]


def _one_each(found: list[Evidence]) -> list[Evidence]:
    first: dict[str, Evidence] = {}
    for place in found:
        first.setdefault(place.path, place)
    return list(first.values())
