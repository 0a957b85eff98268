"""Data preprocessing is in the repository as code that can be run or imported.

## What it does
Looks for functions, modules, pipeline steps, SQL and Spark jobs that clean, split, encode, tokenise or chunk data.

*Met* when there is such code outside notebooks with a function, module or step of its own. *Partial* when it is only or
mostly in notebooks, or only inline in a training script or request handler. *Unmet* when nothing prepares data although
a model of the system's own, trained here or elsewhere, needs it. *Not applicable* when the system consumes a ready
model that others trained, or one that was exported for a program in another language, and prepares no data.

## Why it matters
A model is only as good as the data it is fed. Preprocessing that can be imported is the same in training and in
serving; preprocessing that was typed into a notebook is repeated from memory, and the two drift apart.

## How to adopt it
```python
# before: a cell of explore.ipynb
df["age"] = df["age"].fillna(df["age"].median())

# after: features.py, imported by train.py and serve.py
def prepare(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(age=frame["age"].fillna(frame["age"].median()))
```

## References
- Google, Rules of Machine Learning, rule 32: re-use code between training and serving
- The Twelve-Factor App, I. Codebase: https://12factor.net/codebase
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from apps.analysis.findings import Effort, finding
from apps.analysis.foreign import model_loading
from apps.analysis.learning import stages
from apps.analysis.repository import places
from apps.catalog import State

if TYPE_CHECKING:
    from apps.analysis.findings import Finding
    from apps.analysis.repository import Facts


def check(facts: Facts) -> Finding:
    found = stages.preprocessing(facts)
    if found.own and not found.is_mostly_in_notebooks:
        return finding(
            State.MET, f"Data is prepared by code that can be imported or run, as in `{found.own[0].path}`.", found.own
        )
    remedy = "Move the preparation into a module with functions that training and inference both import."
    if found.notebooks:
        where = "in notebooks" + (" and inline in other scripts" if found.inline else "")
        return finding(
            State.PARTIAL,
            f"Data is prepared {found.share} {where}, as in `{found.notebooks[0].path}`.",
            [*found.notebooks, *found.inline],
            remedy=remedy,
            effort=Effort.DAYS,
        )
    if found.inline:
        return finding(
            State.PARTIAL,
            f"Data is prepared only inline in `{found.inline[0].path}`, with no function of its own.",
            found.inline,
            remedy=remedy,
            effort=Effort.HOURS,
        )
    own = facts.profile.own_model
    if not own.holds or (own.evidence and set(own.evidence) <= set(places(model_loading.loads(facts)))):
        return finding(
            State.NA,
            "The system consumes a ready model, if any, and prepares no data.",
            list(facts.profile.model.evidence),
        )
    return finding(
        State.UNMET,
        "No code that cleans, splits, encodes or otherwise prepares data was found in scripts, notebooks or SQL.",
        list(own.evidence),
        remedy=remedy,
        effort=Effort.DAYS,
    )
