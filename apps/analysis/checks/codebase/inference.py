"""Inference, online or batch, is in the repository as a script, module or service.

## What it does
Looks for code that asks a model outside training and evaluation: services, batch scoring, samplers, chains of language
models, clients of services that answer for a model; and for endpoints that a platform keeps, and servers of models.

*Met* when a script, module or service infers. *Partial* when only notebooks do, or ten and more of them beside a module
or two, or only a managed deployment without code. *Unmet* when a model is trained or loaded, but nothing predicts with
it. *Not applicable* when there is no model.

## Why it matters
Predictions are what the system is for. When the code that makes them lies in the same repository as training, a
change of features reaches both, and a release can be tested as a whole.

## How to adopt it
```python
# before: a cell                 # after: predict.py, used by the service and by the batch job
model.predict(df.head())         def predict(model: Model, rows: pd.DataFrame) -> pd.Series: ...
```

## References
- Google, Rules of Machine Learning
- The Twelve-Factor App, I. Codebase: https://12factor.net/codebase
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from apps.analysis.findings import Effort, finding
from apps.analysis.learning import stages
from apps.catalog import State

if TYPE_CHECKING:
    from apps.analysis.findings import Finding
    from apps.analysis.repository import Facts


def check(facts: Facts) -> Finding:
    found = stages.inference(facts)
    if found.own and not found.is_mostly_in_notebooks:
        return finding(State.MET, f"Inference is code, as in `{found.own[0].path}`.", found.own)
    remedy = "Add a module or script that loads a model by its version and predicts on new data."
    if found.notebooks:
        return finding(
            State.PARTIAL,
            f"Inference exists {found.share} in notebooks, as in `{found.notebooks[0].path}`.",
            found.notebooks,
            remedy=remedy,
            effort=Effort.DAYS,
        )
    if found.inline:
        return finding(
            State.PARTIAL,
            f"A managed deployment in `{found.inline[0].path}` infers; no code of the system does.",
            found.inline,
            remedy=remedy,
            effort=Effort.DAYS,
        )
    profile = facts.profile
    if profile.serves.holds and profile.language_model.holds and not profile.trains.holds:
        evidence = [*profile.serves.evidence, *profile.language_model.evidence]
        told = f", as at `{evidence[0].path}:{evidence[0].line}`" if evidence else ""
        return finding(State.MET, f"A service of the system hands its requests to a language model{told}.", evidence)
    if not facts.profile.model.holds:
        return finding(State.NA, "The repository uses no model.")
    return finding(
        State.UNMET,
        "Nothing predicts outside training and evaluation: no service, batch job, script or notebook.",
        list(facts.profile.model.evidence),
        remedy=remedy,
        effort=Effort.DAYS,
    )
