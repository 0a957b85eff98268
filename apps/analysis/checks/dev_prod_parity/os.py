"""Development or CI, and production, use the same image definition.

## What it does
Looks for Dockerfiles of the system and for who uses them: compose services, development containers, CI jobs that test
inside the image or start it, tasks by which a person builds it, runs it or works inside it, tools that build it anew
while the code is written (Skaffold, Tilt, DevSpace, Okteto), and what deploys it; and for images of managed platforms.

- **met**: the image that production runs is also the one of development or CI.
- **partial**: there is an image for production only, a compose file that is the only way to run it, a development
  container only, development in the image for some services only, or pinned images of a managed platform.
- **unmet**: no image and no definition of an operating system.

## Why it matters
Wheels, BLAS, CUDA and libc differ between a laptop and a server; models then train, load or score differently. With
one image, a failure in production can be repeated at a desk.

## How to adopt it
```yaml
# after: compose.yaml, for development, from the Dockerfile that is deployed
services:
  api:
    build: .
    volumes: ["./src:/app/src"]
```

## References
- The Twelve-Factor App, X. Dev/prod parity: https://12factor.net/dev-prod-parity
- Development containers: https://containers.dev/implementors/spec/
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from apps.analysis.deployment import builds, sameness
from apps.analysis.deployment.images import images
from apps.analysis.findings import Effort, file_names, finding, one_of_each
from apps.analysis.running import rollout
from apps.analysis.running.stock import with_code_mounted
from apps.catalog import State

if TYPE_CHECKING:
    from apps.analysis.findings import Evidence, Finding
    from apps.analysis.repository import Facts

_REMEDY = "Add a compose file or a development container that builds the Dockerfile of production, or test inside the image in CI."


def check(facts: Facts) -> Finding:
    own = builds.images_of_system(facts)
    image_files = [image.file.at() for image in own]
    everywhere, managed = sameness.everywhere(facts), sameness.managed(facts)
    if everywhere:
        return _met("All environments run the image that", everywhere, image_files)
    if not own:
        return _without_image(facts, managed)
    if managed and not any(image.holds_code for image in own):
        return _partial(
            f"{file_names(image_files)} is not what production runs, which takes other images: {file_names(managed)}.",
            [*image_files[:2], *sameness.in_ci(facts)[:1], *managed],
        )
    shared = [*sameness.in_development(facts), *sameness.in_ci(facts)]
    left = sameness.left_out(facts, own) if shared else []
    if left:
        return _partial(
            f"{file_names(shared)} uses the image of production for some services only: not {file_names(left)}.",
            [*left, *shared],
        )
    if shared:
        return _met("The image of production is also the one that", shared, image_files)
    by_hand, deployed = sameness.by_hand(facts), sameness.deployed(facts)
    if by_hand and {place.path for place in by_hand} != {place.path for place in deployed} and deployed:
        return _met("The image that CI builds is also the one that", by_hand, [*image_files, *deployed])
    works = sameness.works_inside(facts) if rollout.workloads(facts) else []
    if works:
        return _met("The image that is deployed is also the one that", works, image_files)
    composed = sameness.composed(facts)
    if composed:
        return _partial(
            f"{file_names(image_files)} is run by {file_names(composed)} alone, in which nobody develops or tests.",
            [*image_files[:2], *composed, *image_files[2:], *deployed],
        )
    return _partial(
        f"{file_names(image_files)} is for production only: no compose file, development container or CI job uses it.",
        [*image_files, *deployed],
    )


def _met(what: str, using: list[Evidence], image_files: list[Evidence]) -> Finding:
    evidence = [*image_files[:1], *one_of_each(using), *image_files[1:]]
    return finding(State.MET, f"{what} {file_names(using)} uses.", evidence)


def _without_image(facts: Facts, managed: list[Evidence]) -> Finding:
    development = [image.file.at() for image in images(facts) if image.is_development]
    stock = [service.file.at(service.line) for service in with_code_mounted(facts)]
    if managed or development or stock:
        found = [*managed, *development, *stock]
        return _partial(f"No image of its own is deployed; {file_names(found)} names the one of a platform.", found)
    return finding(
        State.UNMET,
        "No Dockerfile, development container, image of a platform or other definition of an operating system was found.",
        remedy="Add a Dockerfile and use it in development or CI as well as in production.",
        effort=Effort.DAYS,
    )


def _partial(summary: str, evidence: list[Evidence]) -> Finding:
    return finding(State.PARTIAL, summary, one_of_each(evidence), remedy=_REMEDY, effort=Effort.HOURS)
