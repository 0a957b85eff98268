"""An isolated environment is defined in the repository.

## What it does
Met: a Dockerfile or development container, a conda environment, a tool that makes one (Poetry, uv, Pipenv, PDM, hatch,
pixi, renv, tox, nox, nix) or the environment definition of a managed platform. Partial: only instructions, or a script
that creates a virtual environment. Unmet: nothing.

## Why it matters
What leaks in from a machine makes results that nobody can repeat. A model trained beside somebody's global packages
carries dependencies that no manifest knows.

## How to adopt it
```dockerfile
FROM python:3.11-slim
COPY requirements.txt .
RUN pip install --no-cache-dir -r requirements.txt
```

## References
- The Twelve-Factor App, II. Dependencies: https://12factor.net/dependencies
- Python virtual environments: https://docs.python.org/3/library/venv.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from apps.analysis.deployment import images, run_commands
from apps.analysis.findings import Effort, finding
from apps.analysis.packages import manifests
from apps.analysis.repository import places
from apps.catalog import State

if TYPE_CHECKING:
    from apps.analysis.findings import Evidence, Finding
    from apps.analysis.repository import Facts

_FILES = (
    r"(^|/)((poetry|uv|pdm|pixi|pipfile|renv)\.lock|pipfile|pixi\.toml|tox\.ini|noxfile\.py|shell\.nix|flake\.nix|default\.nix|environment\.nix|devcontainer\.json|python_env\.ya?ml|vagrantfile|"
    r"conda-lock\.ya?ml|[^/]*\.def|singularity[^/]*|activate\.R|dockerrun\.aws\.json|cog\.yaml|repo2docker|apt\.txt|bentofile\.ya?ml)$"
)
_PLATFORM = (
    "azureml.core.Environment*", "azureml.core.environment.Environment*", "azure.ai.ml.entities.Environment", "*.Environment.from_*", "zenml.*.DockerSettings", "zenml.config.DockerSettings", "*.DockerSettings",
    "modal.Image.*", "kfp.components.create_component_from_func", "*.CondaDependencies.create", "*.CondaDependencies",
)  # fmt: skip


def check(facts: Facts) -> Finding:
    defined = _defined(facts)
    if defined:
        return finding(State.MET, f"An isolated environment is defined in `{defined[0].path}`.", defined)
    made = [start.place for start in run_commands(facts) if any(word in start.text for word in ("-m venv", "virtualenv ", "conda create", "uv venv", "pipenv "))]  # fmt: skip
    told = [file.at(line) for file, line, _ in facts.signals("venv")]
    remedy = "Add a Dockerfile, a conda environment or a project of a tool that makes an environment (uv, Poetry)."
    if made or told:
        return finding(
            State.PARTIAL, f"Only {'a script' if made else 'an instruction'} in `{(made or told)[0].path}` creates an environment.",
            [*made, *told], remedy=remedy, effort=Effort.HOURS,
        )  # fmt: skip
    return finding(
        State.UNMET, "No Dockerfile, development container, conda environment, Poetry, uv, Pipenv, renv, tox or nox file was found.",
        remedy=remedy, effort=Effort.HOURS,
    )  # fmt: skip


def _defined(facts: Facts) -> list[Evidence]:
    built = [image.file.at(image.stages[0].line) for image in images(facts)]
    conda = [one.file.at() for one in manifests(facts) if any(each.ecosystem == "conda" for each in one.dependencies)]
    tools = [
        file.at(leaf.line)
        for file, leaf in facts.leaves(r"(^|/)pyproject\.toml$", "tool", "**", everywhere=True)
        if leaf.keys[1] in {"poetry", "uv", "pdm", "pixi", "rye"} or leaf.keys[1:3] == ["hatch", "envs"]
    ]  # fmt: skip
    platform = [
        *facts.leaves(r"\.ya?ml$", "base_image"),
        *facts.leaves(r"\.ya?ml$", "docker", "**"),
        *facts.leaves(r"\.ya?ml$", "conda_file"),
        *facts.leaves(r"\.ya?ml$", "settings", "docker", "**"),
    ]
    files = [file.at() for file in facts.named(_FILES, everywhere=True)]
    return [*built, *conda, *tools, *files, *places(facts.calls(*_PLATFORM)), *places(platform)]
