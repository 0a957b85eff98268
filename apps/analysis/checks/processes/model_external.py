"""Weights live outside of the code and are loaded from a place that configuration names.

## What it does
Looks for tracked files of trained weights, for every call that loads a model, and for where its argument
comes from: a hub, a registry, a bucket, a download, a flag, the environment, or a path in the code. Whether a
hub's id is written into the code is judged under `backing-services.storage`.

- **met**: models come from a hub, a registry, object storage, a download, or a path that a flag, the
  environment or a config file gives, and no weights are tracked.
- **partial**: weights are tracked through Git LFS or pulled into the image by DVC, or tracked beside others
  that come from outside, or the model is read from a path in the code or in a catalog of data sets, where
  training left it, or a small auxiliary model is tracked.
- **unmet**: trained weights are tracked in git and loaded from there.
- **na**: no model is loaded.

## Why it matters
Weights in git make every clone heavy and tie each new model to a commit and a deployment of code. A model
that is fetched by version can be rolled back, audited and shared between replicas.

## How to adopt it
```python
# before
model = joblib.load('model.pkl')          # tracked in git
# after
model = mlflow.pyfunc.load_model(os.environ['MODEL_URI'])
```

## References
- The Twelve-Factor App, VI. Processes: https://12factor.net/processes
- MLflow Model Registry: https://mlflow.org/docs/latest/model-registry.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from apps.analysis.findings import Effort, Finding, finding
from apps.analysis.state import artefacts
from apps.catalog import State

if TYPE_CHECKING:
    from apps.analysis.repository import Facts


_REMEDY = "Put the weights into a registry or object store, load them by a URI from the environment, and remove them from git."


def check(facts: Facts) -> Finding:
    weights = artefacts.tracked(facts).weights
    catalogued = artefacts.catalogued_models(facts)
    if not facts.profile.loads_model.holds and not artefacts.are_read(facts, weights) and not catalogued.all:
        return finding(State.NA, "No stored model is loaded.")
    found = artefacts.model_locations(facts) if facts.profile.loads_model.holds else catalogued
    plain = [file for file in weights if not file.facts.lfs]
    shown = artefacts.loaded_from_git(facts, found)
    loads = [*found.local, *facts.profile.loads_model.evidence]
    if shown:
        return finding(
            State.UNMET, f"Trained weights are tracked in git and loaded from there (`{shown[0].path}`).",
            [*(file.at() for file in shown[:3]), *loads], remedy=_REMEDY, effort=Effort.DAYS,
        )  # fmt: skip
    if weights:
        how = "through Git LFS" if not plain else "in git, though other models come from outside"
        return finding(
            State.PARTIAL, f"Weights are tracked {how} (`{weights[0].path}`).", [*(file.at() for file in weights[:3]), *loads],
            remedy=_REMEDY, effort=Effort.DAYS,
        )  # fmt: skip
    pulled = artefacts.pulled_into_images(facts)
    if pulled:
        return finding(
            State.PARTIAL, f"DVC pulls the weights into the image (`{pulled[0].path}:{pulled[0].line}`).", [*pulled, *loads],
            remedy="Fetch the weights when the service starts, by a version from the environment.", effort=Effort.HOURS,
        )  # fmt: skip
    cascades = artefacts.cascades(facts)
    if cascades:
        return finding(
            State.PARTIAL, f"A small auxiliary model is tracked (`{cascades[0].path}`).", [*(file.at() for file in cascades[:3]), *loads],
            remedy=_REMEDY, effort=Effort.HOURS,
        )  # fmt: skip
    if found.remote or found.given or (found.hub and not found.local):
        loading = set(facts.profile.loads_model.evidence)
        first = sorted((*found.remote, *found.given, *found.hub), key=lambda one: one not in loading)
        return finding(
            State.MET,
            f"Models are loaded from outside of the code (`{first[0].path}:{first[0].line}`), and no weights are tracked.",
            first,
        )
    evidence = [*found.local, *found.untold] or list(facts.profile.loads_model.evidence)
    if not evidence:  # a person said it
        return finding(State.UNKNOWN, "The system loads a model, people say, but no code that loads one was found.")
    return finding(
        State.PARTIAL, f"No weights are tracked, but the model is read from a fixed path (`{evidence[0].path}:{evidence[0].line}`).", evidence,
        remedy="Take the model's path or URI from the environment or a flag.", effort=Effort.HOURS,
    )  # fmt: skip
