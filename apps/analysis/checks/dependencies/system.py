"""System-level needs are declared in executable form.

## What it does
Met: a Dockerfile installs packages of the operating system or starts from a base image with a version; or `packages.txt`,
`apt.txt`, an Aptfile, conda packages, nix, or the image of a managed platform does. Partial: the base image floats, only
the version of the language is given (`requires-python`, `.python-version`), or commands stand in prose. Unmet: nothing.

## Why it matters
CUDA, compilers, a JRE or libgomp decide whether a model runs at all and how fast. Left to memory, each new machine
is a search for the missing library.

## How to adopt it
```dockerfile
# before: FROM python
FROM python:3.11-slim
RUN apt-get update && apt-get install -y --no-install-recommends libgomp1
```

## References
- The Twelve-Factor App, II. Dependencies: https://12factor.net/dependencies
- Dockerfile reference: https://docs.docker.com/reference/dockerfile/
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from apps.analysis.deployment import images, run_commands, steps
from apps.analysis.findings import Effort, finding
from apps.analysis.packages import manifests
from apps.analysis.repository import places
from apps.catalog import State

if TYPE_CHECKING:
    from apps.analysis.findings import Evidence, Finding
    from apps.analysis.repository import Facts

_FILES = r"(^|/)(packages\.txt|apt\.txt|aptfile|apt-packages\.txt|shell\.nix|flake\.nix|default\.nix|pixi\.toml|[^/]+\.def|apt_install\.txt)$"
_INSTALLS = r"\b(apt-get|apt|apk|yum|dnf|microdnf|brew|conda)\b[^|;]*?\b(install|add|create)\b"
_MANAGED = (
    "framework_version",
    "image_uri",
    "py_version",
    "base_image",
    "docker_image",
    "container_uri",
    "runtime_version",
)
_LANGUAGE = (
    (r"(^|/)pyproject\.toml$", ("project", "requires-python")),
    (r"(^|/)pyproject\.toml$", ("tool", "poetry", "dependencies", "python")),
    (r"(^|/)pipfile$", ("requires", "python_*version")),
    (r"(^|/)setup\.cfg$", ("options", "python_requires")),
    (r"(^|/)package\.json$", ("engines", "*")),
    (r"(^|/)\.github/workflows/", ("**", "python-version")),
    (r"(^|/)\.github/workflows/", ("**", "java-version")),
    (r"(^|/)app\.ya?ml$", ("runtime",)),
)
_LANGUAGE_FILES = r"(^|/)(\.python-version|runtime\.txt|\.tool-versions|renv\.lock|go\.mod|\.java-version|\.sdkmanrc|\.ruby-version|system\.properties|mise\.toml)$"


def check(facts: Facts) -> Finding:
    installed = [
        image.file.at(line) for image in images(facts) for stage in image.stages for line, _ in stage.system_installs()
    ]
    bases = [(image.file, stage) for image in images(facts) for stage in image.external_stages()]
    versioned = [file.at(stage.line) for file, stage in bases if not stage.is_floating]
    floating = [file.at(stage.line) for file, stage in bases if stage.is_floating]
    declared = [*versioned[:1], *installed, *versioned[1:], *_declared(facts)]
    if declared:
        return finding(State.MET, f"System-level needs are declared in `{declared[0].path}`.", declared)
    remedy = (
        "Declare OS packages and the base image with its version in a Dockerfile, or list them in `apt.txt` or conda."
    )
    if floating:
        return finding(
            State.PARTIAL, f"The base image in `{floating[0].path}` has no version and no system package is declared.", floating,
            remedy=remedy, effort=Effort.HOURS,
        )  # fmt: skip
    version = _language(facts)
    if version:
        return finding(
            State.PARTIAL, f"Only the language's version is declared, in `{version[0].path}`.", version, remedy=remedy, effort=Effort.HOURS,
        )  # fmt: skip
    told = [file.at(line) for file, line, _ in facts.signals("apt")]
    told += [file.at(line) for file, line, text in facts.signals("venv", r"python\s*=")]
    if told:
        return finding(State.PARTIAL, f"System packages are named only in prose, in `{told[0].path}`.", told, remedy=remedy, effort=Effort.HOURS)  # fmt: skip
    return finding(
        State.UNMET, "No Dockerfile, `apt.txt`, conda package, nix file, base image or version of the language is declared.",
        remedy=remedy, effort=Effort.HOURS,
    )  # fmt: skip


def _declared(facts: Facts) -> list[Evidence]:
    conda = [
        one.file.at(one.dependencies[0].line)
        for one in manifests(facts)
        if any(each.ecosystem == "conda" for each in one.dependencies)
    ]
    scripts = [
        start.place
        for start in run_commands(facts)
        if start.by in {"script", "task"} and re.search(_INSTALLS, start.text) and "echo" not in start.text
    ]
    managed = [(file, call) for file, call in facts.calls("*") if any(isinstance(call.kwargs.get(name), str) for name in _MANAGED)] if facts.imports("sagemaker", "kfp", "azureml", "azure.ai.ml", "google.cloud.aiplatform", "zenml") else []  # fmt: skip
    files = [file.at() for file in facts.named(_FILES, everywhere=True)]
    platform = [
        *facts.leaves(r"\.ya?ml$", "debian_packages", "*"),
        *facts.leaves(r"\.ya?ml$", "base_image", value=r"\d"),
        *facts.leaves(r"buildspec[^/]*\.ya?ml$", "**", "runtime-versions", "*"),
        *facts.leaves(r"(^|/)cog\.yaml$", "build", "system_packages", "*"),
        *facts.leaves(r"(^|/)bentofile\.ya?ml$", "docker", "system_packages", "*"),
    ]
    return [*conda, *files, *places(platform), *scripts, *places(managed)]


def _language(facts: Facts) -> list[Evidence]:
    keyed = [pair for path, keys in _LANGUAGE for pair in facts.leaves(path, *keys)]
    setup = [(file, call) for file, call in facts.calls("*.setup", "setup") if "python_requires" in call.kwargs]
    maven = [file.at() for file in facts.named(r"(^|/)(pom\.xml|build\.gradle(\.kts)?|build\.sbt)$")]
    ci = [
        step.place
        for step in steps(facts)
        if re.search(r"apt(-get)? install|setup-(python|java|r)\b|UsePythonVersion", step.text)
    ]
    return [*places(keyed), *(file.at(1) for file in facts.named(_LANGUAGE_FILES)), *places(setup), *maven, *ci]
