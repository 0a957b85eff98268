"""The model registry or experiment tracker is attached by configuration.

## What it does
Looks for MLflow, Weights & Biases, Comet, Neptune, ClearML, and the registries of Azure ML, SageMaker and
Vertex AI, and follows tracking addresses, workspaces and projects to where they come from.

- **met**: the address comes from the environment, a flag or the platform's own login; W&B and MLflow clients
  that are given no address read it from the environment by themselves.
- **partial**: the address or the project's name stands in a tracked file.
- **unmet**: the tracking address is written into the code.
- **na**: no registry and no tracker is used.

## Why it matters
A tracker that is bound in code sends the experiments of every developer, CI run and fork to the same place,
or to a folder that nobody else sees. As an attached resource it can be swapped for each environment.

## How to adopt it
```python
# before
mlflow.set_tracking_uri("http://10.1.4.9:5000")
# after: nothing in the code, and in the deployment
# MLFLOW_TRACKING_URI=https://mlflow.example.org
```

## References
- MLflow, Tracking server: https://mlflow.org/docs/latest/tracking.html
- Weights & Biases, Environment variables: https://docs.wandb.ai/guides/track/environment-variables
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from apps.analysis import services
from apps.analysis.services import Kind
from apps.analysis.services.verdict import judged

if TYPE_CHECKING:
    from apps.analysis.findings import Finding
    from apps.analysis.repository import Facts


def check(facts: Facts) -> Finding:
    return judged(
        services.uses(facts, Kind.REGISTRY),
        absence="No model registry and no experiment tracker (MLflow, W&B, Comet, Neptune, Azure ML, "
        "SageMaker, Vertex AI…) was found.",
        remedy="Leave the tracking address to the environment (`MLFLOW_TRACKING_URI`, `WANDB_PROJECT`) "
        "instead of writing it into the code.",
    )
