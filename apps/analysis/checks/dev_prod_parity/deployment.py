"""One deployment process, parametrised per environment, deploys everywhere.

## What it does
Looks for what deploys (CI jobs, Terraform, CDK, CloudFormation, Kubernetes, Helm, compose, pipelines of a platform,
scripts) and for what parametrises it: folders, value files or sections per environment, an input or a variable for the
environment, stages that promote from one environment to the next, compose overlays.

- **met**: one process serves several environments.
- **partial**: deployment is scripted, for one environment.
- **unmet**: deployment is by hand, or there is none.

## Why it matters
When staging and production are deployed in different ways, what was tested is not what runs. One process with
parameters makes the next environment a value, also for the model, its features and its schedule.

## How to adopt it
```yaml
# before: deploy.sh, edited for each environment
# after: .github/workflows/deploy.yml
on:
  workflow_dispatch:
    inputs: {environment: {type: environment}}
jobs:
  deploy:
    environment: ${{ inputs.environment }}
    steps:
      - run: helm upgrade scorer charts/scorer -f values-${{ inputs.environment }}.yaml
```

## References
- The Twelve-Factor App, X. Dev/prod parity: https://12factor.net/dev-prod-parity
- GitHub Actions, Environments: https://docs.github.com/actions/deployment/targeting-different-environments
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from apps.analysis.deployment import environments, running
from apps.analysis.findings import Effort, file_names, finding
from apps.analysis.running import rollout
from apps.catalog import State

if TYPE_CHECKING:
    from apps.analysis.findings import Finding
    from apps.analysis.repository import Facts


def check(facts: Facts) -> Finding:
    roll_outs, pushes = rollout.roll_outs(facts), rollout.pushes(facts)
    resources = [*rollout.workloads(facts), *rollout.platform_pipelines(facts)]
    deployed = [*roll_outs, *resources, *rollout.composed(facts)]
    parameters = environments.parametrised(facts)
    if deployed and parameters:
        evidence = [*parameters[:3], *deployed[:2], *parameters[3:]]
        return finding(State.MET, f"Deployment is parametrised per environment by {file_names(parameters)}.", evidence)
    if deployed:
        return finding(
            State.PARTIAL,
            f"{file_names(deployed)} deploys the system, but for one environment: no parameter, folder, value file or stage "
            "for another one was found.",
            [*roll_outs[:3], *resources[:2], *pushes[:2], *deployed],
            remedy="Make the environment a parameter of the deployment, and deploy staging and production by it.",
            effort=Effort.DAYS,
        )
    return finding(
        State.UNMET,
        "Nothing deploys the system: no CI job, infrastructure code, manifest, compose file or script was found that does.",
        [*rollout.platform_files(facts), *running.documented(facts)[:1]],
        remedy="Let CI or infrastructure code deploy the system, with the environment as a parameter.",
        effort=Effort.DAYS,
    )
