"""The code that trains the model is in the repository as a script, module or pipeline.

## What it does
Looks for calls that fit a model (any usual framework, trainers and managed training jobs included), in scripts and in
notebooks (documents of R Markdown and Quarto are some too), and for training in other languages or in SQL.

*Met* when a script, module or pipeline step trains. *Partial* when only notebooks do, or ten and more of them beside a
module or two. *Unmet* when a model of the system's own is loaded, but nothing here trained it. *Not applicable* when
only third-party models or APIs are used.

## Why it matters
A model whose training code is elsewhere cannot be reproduced, reviewed or retrained when the data changes. With the
code here, every set of weights traces back to a commit.

## How to adopt it
```python
# before: cells of train.ipynb      # after: train.py
model.fit(x, y)                     def train(path: str, depth: int) -> Model: ...

                                    if __name__ == "__main__":
                                        main()
```

## References
- The Twelve-Factor App, I. Codebase: https://12factor.net/codebase
- Google, MLOps: Continuous delivery and automation pipelines in machine learning
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from apps.analysis.findings import Effort, finding
from apps.analysis.learning import stages
from apps.analysis.repository import places
from apps.catalog import State

if TYPE_CHECKING:
    from apps.analysis.findings import Evidence, Finding
    from apps.analysis.repository import Facts


def check(facts: Facts) -> Finding:
    found = stages.training(facts)
    if found.own and not found.is_mostly_in_notebooks:
        return finding(State.MET, f"Training is code, as in `{found.own[0].path}`.", found.own)
    if found.notebooks:
        return finding(
            State.PARTIAL,
            f"Models are trained {found.share} in notebooks, as in `{found.notebooks[0].path}`.",
            found.notebooks,
            remedy="Move the training cells into a script with parameters.",
            effort=Effort.DAYS,
        )
    if facts.profile.own_model.holds:
        shown = facts.profile.own_model.evidence  # none where a person said it
        loads = f"`{shown[0].path}` loads" if shown else "The system uses"
        return finding(
            State.UNMET,
            f"{loads} a model of the system's own, but no code here trained it.",
            [*shown[:3], *_definitions(facts), *_weights(facts)],
            remedy="Add the code that trains the model to this repository.",
            effort=Effort.DAYS,
        )
    return finding(
        State.NA,
        "Nothing is trained: only third-party models or APIs are used."
        if facts.profile.model.holds
        else "Nothing is trained and no model is used.",
        list(facts.profile.model.evidence),
    )


def _weights(facts: Facts) -> list[Evidence]:
    return [file.at() for file in facts.named(r"\.(pkl|joblib|h5|keras|pt|pth|onnx|sav|safetensors)$")]


def _definitions(facts: Facts) -> list[Evidence]:
    """Where the untrained model is built, and what the repository says of itself."""
    built = facts.defines(r"^(model|(build|make|create|get)_model)$|(Model|Net|Network)$", files=facts.scripts)
    return [*places(built)[:1], *(file.at() for file in facts.named(r"^(?i:readme\.md)$", everywhere=True))]
