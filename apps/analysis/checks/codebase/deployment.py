"""The configuration that deploys the system is in the repository.

## What it does
Looks for an image that runs the system and for what composes, provisions or rolls it out: compose, Kubernetes, Helm,
Terraform, CDK, serverless, pipelines of a managed platform, CI jobs that deploy.

*Met* when something deploys or composes the system. *Partial* when there is only a Dockerfile, only a Procfile or
another platform file, an image that CI pushes and nobody deploys, a deployment of a part of the system, or cells of a
notebook that hand it to a platform. *Unmet* when there is none.

## Why it matters
What is deployed by hand differs from place to place, and nobody can say which model ran with which code. Deployment
that is reviewed and versioned with the code can be repeated, rolled back and torn down.

## How to adopt it
```yaml
# after: compose.yaml
services:
  api:
    build: .
    environment:
      MODEL_URI: ${MODEL_URI}
    ports: ["8000:8000"]
```

## References
- The Twelve-Factor App, I. Codebase: https://12factor.net/codebase
- Compose specification: https://docs.docker.com/reference/compose-file/
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from apps.analysis.findings import Effort, file_names, finding
from apps.analysis.running import rollout, serving, units
from apps.catalog import State

if TYPE_CHECKING:
    from apps.analysis.findings import Finding
    from apps.analysis.repository import Facts


def check(facts: Facts) -> Finding:
    images, dockerfiles = rollout.images(facts), rollout.dockerfiles(facts)
    composed, workloads = rollout.composed(facts, tests=False), rollout.workloads(facts)
    pipelines, roll_outs = rollout.platform_pipelines(facts), rollout.roll_outs(facts, tests=False)
    kinds = (dockerfiles, composed, workloads, roll_outs, pipelines)
    evidence = [place for found in kinds for place in found[:1]] + [place for found in kinds[1:] for place in found]
    remedy = "Add what runs the image somewhere: compose, Kubernetes manifests, Terraform, or a CI job that deploys."
    jobs = rollout.deploying_jobs(facts)
    if composed or workloads or jobs or (roll_outs and (dockerfiles or not serving.servers(facts))):
        missing = units.undeployed(facts)
        if missing and (composed or workloads):
            return finding(
                State.PARTIAL,
                f"{file_names(evidence)} deploys a part of the system, "
                f"but nothing the service in {units.names(missing)}.",
                [*evidence[:3], *(unit.place for unit in missing[:3])],
                remedy=remedy,
                effort=Effort.HOURS,
            )
        return finding(State.MET, f"Deployment is in the repository: {file_names(evidence)}.", evidence)
    handed = {place.path for place in pipelines}
    if pipelines and all(file.path in handed for file, _ in serving.servers(facts)):
        return finding(
            State.MET, f"A managed platform runs the system from definitions here: {file_names(pipelines)}.", evidence
        )
    if pipelines:
        return finding(
            State.PARTIAL,
            f"A part of the system has a deployment ({file_names(pipelines)}), but nothing deploys the service itself.",
            evidence,
            remedy=remedy,
            effort=Effort.DAYS,
        )
    if dockerfiles:
        pushed = rollout.pushes(facts)
        what = (
            "CI pushes an image, but nothing deploys it"
            if pushed
            else "There is a Dockerfile, but nothing that deploys or composes it"
        )
        return finding(State.PARTIAL, f"{what}.", [*images, *dockerfiles, *pushed], remedy=remedy, effort=Effort.HOURS)
    platform = [*rollout.platform_files(facts), *roll_outs]
    if platform:
        return finding(
            State.PARTIAL,
            f"Only a platform file deploys the system: {file_names(platform)}.",
            platform,
            remedy="Add a Dockerfile and what composes or deploys it.",
            effort=Effort.HOURS,
        )
    cells = rollout.notebook_pipelines(facts)
    if cells:
        return finding(
            State.PARTIAL,
            f"A managed platform runs the system, but only cells of notebooks hand it over: {file_names(cells)}.",
            cells,
            remedy="Move the definition of the pipeline and the endpoint into a script that CI can run.",
            effort=Effort.DAYS,
        )
    return finding(
        State.UNMET,
        "No Dockerfile, compose file, Kubernetes manifest, Terraform, platform file or deploying CI job was found.",
        rollout.undeploying(facts),
        remedy="Add a Dockerfile that runs the system and a compose file or CI job that deploys it.",
        effort=Effort.DAYS,
    )
