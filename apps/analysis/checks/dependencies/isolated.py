"""An isolated environment for the system's packages is defined in the repository.

## What it does
Looks for what makes an environment of its own: Dockerfile, Apptainer or Earthly definition, devcontainer, conda
environment, Poetry, uv, PDM, Pipenv, pixi, Hatch, renv, tox, nox, nix, and environments that a managed platform builds
from the repository (Azure ML, Anyscale, ZenML, Flyte, Modal, Kubeflow components, Cog, BentoML, MLflow projects).

*Met* when one is defined. *Partial* when a script, a Makefile, a CI job or the documentation only tells how to create
one, or when only the build tool of another language (Maven, npm) keeps the packages apart. *Unmet* when there is nothing of this.

## Why it matters
What is installed into the machine's own Python mixes the needs of all projects. CUDA, NumPy and framework versions
exclude each other: the second model that is set up breaks the first.

## How to adopt it
```dockerfile
# after: Dockerfile
FROM python:3.12-slim
COPY pyproject.toml uv.lock ./
RUN pip install uv==0.9.0 && uv sync --locked --no-dev
```

## References
- The Twelve-Factor App, II. Dependencies: https://12factor.net/dependencies
- Dockerfile reference: https://docs.docker.com/reference/dockerfile/
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from apps.analysis.findings import Effort, file_names, finding
from apps.analysis.packages import environments
from apps.catalog import State

if TYPE_CHECKING:
    from apps.analysis.findings import Finding
    from apps.analysis.repository import Facts

_REMEDY = "Define the environment: a Dockerfile, a conda environment, or a project of uv or Poetry with its lock."


def check(facts: Facts) -> Finding:
    images, tools, managed = environments.images(facts), environments.tools(facts), environments.managed(facts)
    found = [*images[:2], *tools[:2], *managed[:2], *images[2:], *tools[2:], *managed[2:]]
    if found:
        return finding(State.MET, f"An isolated environment is defined by {file_names(found)}.", found)
    built = environments.built(facts)
    if built and not facts.code:
        return finding(
            State.PARTIAL,
            f"Only the build tool keeps the packages of the project apart: {file_names(built)}; no environment is defined.",
            built,
            remedy=_REMEDY,
            effort=Effort.HOURS,
        )
    told = environments.instructed(facts)
    if told:
        return finding(
            State.PARTIAL,
            f"`{told[0].path}` only tells how an environment is made; none is defined.",
            told,
            remedy=_REMEDY,
            effort=Effort.HOURS,
        )
    return finding(
        State.UNMET,
        "No Dockerfile, devcontainer, conda, Poetry, uv, Pipenv, tox, nox or platform environment was found.",
        environments.readme(facts),
        remedy=_REMEDY,
        effort=Effort.HOURS,
    )
