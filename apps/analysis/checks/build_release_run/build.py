"""One command, or CI, builds an artefact of the system from a commit.

## What it does
Looks for Dockerfiles of the system and whether a commit holds what they copy, for build commands in CI, Makefiles and
task files, for builds that registering a pipeline triggers, and for package definitions.

- **met**: an image or a package is built by one command or by CI.
- **partial**: the Dockerfile copies files that are not tracked, cannot be built, or holds nothing of the commit; a
  package is defined and nobody builds it; only a shell script builds; only what a buildpack or a platform needs is
  there (a Procfile and a manifest, a command that hands it the source).
- **unmet**: nothing builds anything.

## Why it matters
A model that is trained or served from somebody's checkout cannot be rebuilt. An artefact that is built from a commit
is the same in every environment, can be tested once, and can be rolled back.

## How to adopt it
```dockerfile
# after: Dockerfile, built by `docker build -t scorer:$(git rev-parse --short HEAD) .`
FROM python:3.11-slim
COPY requirements.txt .
RUN pip install -r requirements.txt
COPY src/ src/
CMD ["python", "-m", "src.serve"]
```

## References
- The Twelve-Factor App, V. Build, release, run: https://12factor.net/build-release-run
- Docker, Building best practices: https://docs.docker.com/build/building/best-practices/
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from apps.analysis.deployment import builds
from apps.analysis.findings import Effort, file_names, finding
from apps.catalog import State

if TYPE_CHECKING:
    from apps.analysis.findings import Evidence, Finding
    from apps.analysis.repository import Facts

_REMEDY = "Add a Dockerfile that copies tracked files only, and let CI build it from each commit."


def check(facts: Facts) -> Finding:
    found = builds.images_of_system(facts)
    images = [image.file.at() for image in found]
    building, scripted = builds.commands(facts)
    if problem := _problem(facts, images, building):
        return problem
    packages, inputs = builds.packages(facts), builds.platform_inputs(facts)
    if found and not (packages or building) and not any(image.holds_code for image in found):
        return _partial(f"Only an environment is built, without the code: {file_names(images)}.", images)
    if images or building:
        telling = [*images[:2], *building, *images[2:]]
        return finding(State.MET, f"A commit is built by {file_names(telling)}.", telling)
    if scripted:
        return _partial(f"Only a shell script builds: {file_names(scripted)}.", scripted)
    if packages:
        return _partial(f"{file_names(packages)} defines a package that nothing builds.", [*packages, *inputs])
    if inputs:
        return _partial(f"There are only inputs for a platform's own build: {file_names(inputs)}.", inputs)
    return finding(
        State.UNMET,
        "No Dockerfile, package definition or build command was found in CI, Makefiles, task files or scripts.",
        remedy=_REMEDY,
        effort=Effort.HOURS,
    )


def _problem(facts: Facts, images: list[Evidence], building: list[Evidence]) -> Finding | None:
    """That no image can be built from a commit, and why."""
    missing = builds.untracked_copies(facts)
    if missing:
        return _partial(
            f"The image cannot be built from a commit: it copies {_first(missing)}, which is not tracked.",
            [*(place for place, _ in missing), *building],
        )
    broken = builds.broken(facts)
    if not broken or len({place.path for place, _ in broken}) < len(images):
        return None
    return _partial(
        f"The image cannot be built: {_first(broken)} is no instruction or not there yet.", [broken[0][0], *images]
    )


def _first(found: list[tuple[Evidence, str]]) -> str:
    """The first three names, for a sentence."""
    return ", ".join(f"`{name}`" for name in list(dict.fromkeys(name for _, name in found))[:3])


def _partial(summary: str, evidence: list[Evidence]) -> Finding:
    return finding(State.PARTIAL, summary, evidence, remedy=_REMEDY, effort=Effort.HOURS)
