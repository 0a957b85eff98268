"""A release joins a version of the image or the model with the deployment that takes it.

## What it does
Looks for versions (images that CI tags by commit, build or release; images with a version in Kubernetes, Helm or
compose; versions of a model in CI, deployment config or deploying code; flags and variables that tell a program which
version to roll out) and for deployments (compose, Kubernetes, Terraform, CDK, pipelines of a platform, commands that
roll out).

- **met**: a deployment takes a named version of the image or the model.
- **partial**: a deployment without a version (untagged, `latest`), or a version (also of the package, when it is kept
  with a change log or by release tooling) without a deployment.
- **unmet**: neither.

## Why it matters
When a model misbehaves, the first questions are which model, which code and which configuration ran. A release with a
version answers them, and going back is deploying the version before.

## How to adopt it
```yaml
# before                          # after
image: registry/scorer:latest     image: registry/scorer:${GIT_SHA}
                                  environment:
                                    MODEL_URI: models:/churn/14
```

## References
- The Twelve-Factor App, V. Build, release, run: https://12factor.net/build-release-run
- MLflow Model Registry: https://mlflow.org/docs/latest/model-registry.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from apps.analysis.deployment import versions
from apps.analysis.findings import Effort, file_names, finding
from apps.analysis.running import rollout, scripted
from apps.catalog import State

if TYPE_CHECKING:
    from apps.analysis.findings import Evidence, Finding
    from apps.analysis.repository import Facts


def check(facts: Facts) -> Finding:
    tagged, models = versions.tagged_in_ci(facts), versions.models_in_roll_outs(facts)
    versioned, floating = versions.own_images(facts)
    roll_outs = rollout.roll_outs(facts)
    resources = [*rollout.workloads(facts), *rollout.platform_pipelines(facts)]
    latest = versions.taking_latest(facts)
    floating += latest
    aside = {*latest, *rollout.local_runs(facts)}
    elsewhere = [place for place in roll_outs if place not in aside]
    together = _in_the_same_file([*tagged, *models], elsewhere)
    if together:
        return _met(together, roll_outs, resources)
    if versioned and not floating:
        return _met(versioned, tagged, roll_outs)
    bundled = versions.bundled(facts)
    if bundled:
        return _met(bundled, roll_outs, resources)
    if (resources or elsewhere) and not floating:
        told = scripted.versions(facts, elsewhere)
        named = [*(tagged if versions.take_images(facts) else ()), *models, *versions.models_in_code(facts), *told]
        if named:
            return _met(named, roll_outs, resources)
    deployed = [*roll_outs, *resources, *rollout.composed(facts)] or rollout.notebook_pipelines(facts)
    named = [*tagged, *models, *versioned]
    if deployed or floating:
        without = "the images or models float" if floating else "no version of an image or a model goes into it"
        summary = f"{file_names([*floating, *deployed])} deploys the system, but {without}."
        return _partial(summary, [*tagged[:2], *floating[:2], *deployed[:4]])
    pushed = [*rollout.pushes(facts), *rollout.stored_images(facts)]
    if pushed and not named:
        return _partial(f"{file_names(pushed)} pushes an image without a version, and no deployment takes it.", pushed)
    named = named or versions.registered(facts) or versions.kept_version(facts)
    if named:
        return _partial(f"{file_names(named)} names a version, but no deployment takes it.", named)
    return finding(
        State.UNMET,
        "No version of an image or a model and no deployment was found in CI, compose, manifests, infrastructure or scripts.",
        remedy="Tag the image by commit in CI, name the model's version, and deploy both from tracked configuration.",
        effort=Effort.DAYS,
    )


def _in_the_same_file(named: list[Evidence], roll_outs: list[Evidence]) -> list[Evidence]:
    rolled = {place.path for place in roll_outs}
    return [place for place in named if place.path in rolled]


def _met(named: list[Evidence], *deployed: list[Evidence]) -> Finding:
    evidence = [*named[:2], *(place for places in deployed for place in places[:2]), *named[2:]]
    return finding(State.MET, f"{file_names(named)} names the version that is deployed.", evidence)


def _partial(summary: str, evidence: list[Evidence]) -> Finding:
    return finding(
        State.PARTIAL,
        summary,
        evidence,
        remedy="Let CI tag the image by commit, name the model's version, and hand both to the deployment.",
        effort=Effort.HOURS,
    )
