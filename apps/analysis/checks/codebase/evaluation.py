"""The model, or the application of one, is evaluated by code that can be run on its own.

## What it does
Looks for metrics on held-out data, benchmarks, validation steps, judges of language-model output; in scripts, pipeline
steps and notebooks.

*Met* when an evaluation can be run on its own: a script, a pipeline step, a function of its own, an `--eval` flag.
*Partial* when it is only or mostly in notebooks, or only a loop inside training. *Unmet* when nothing measures the
model; an application of a language model should measure its answers too. *Not applicable* when no behaviour of a model
is the system's own.

## Why it matters
A model that nobody measures decays in silence: data drifts, a prompt or a provider's model changes. An evaluation that
runs on its own can gate a release and can be repeated on last month's model.

## How to adopt it
```python
# before: the last lines of train.py      # after: evaluate.py
print(accuracy_score(y_test, ...))        def evaluate(model_uri: str, data_uri: str) -> dict[str, float]: ...
```

## References
- Breck et al., The ML Test Score: A Rubric for ML Production Readiness
- The Twelve-Factor App, I. Codebase: https://12factor.net/codebase
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from apps.analysis.findings import Effort, finding
from apps.analysis.learning import measuring
from apps.catalog import State

if TYPE_CHECKING:
    from apps.analysis.findings import Evidence, Finding
    from apps.analysis.repository import Facts

_NEAR_EVALUATION = r"eval|judge|bench|answer|chat|quer|predict|retriev|model"


def check(facts: Facts) -> Finding:
    if not facts.profile.model.holds:
        return finding(State.NA, "The repository uses no model, so there is no behaviour of one to measure.")
    found = measuring.evaluation(facts)
    if found.own and not found.is_mostly_in_notebooks:
        return finding(State.MET, f"Evaluation can be run on its own, as in `{found.own[0].path}`.", found.own)
    remedy = "Add an evaluation script or pipeline step that measures a model on held-out data and writes the metrics."
    if found.inline and not found.own:
        return finding(
            State.PARTIAL,
            f"Evaluation exists only inside the training code of `{found.inline[0].path}`.",
            [*found.inline, *found.notebooks],
            remedy=remedy,
            effort=Effort.HOURS,
        )
    if found.notebooks:
        return finding(
            State.PARTIAL,
            f"Evaluation exists {found.share} in notebooks, as in `{found.notebooks[0].path}`.",
            found.notebooks,
            remedy=remedy,
            effort=Effort.DAYS,
        )
    profile = facts.profile
    if profile.own_model.holds or profile.language_model.holds:
        what = (
            "the answers of the language model"
            if profile.language_model.holds and not profile.trains.holds
            else "the model"
        )
        shown = profile.own_model if profile.own_model.holds else profile.language_model
        return finding(
            State.UNMET,
            f"Nothing measures {what}: no metric, benchmark, judge or validation step was found.",
            [*shown.evidence[:3], *_tests(facts), *shown.evidence],
            remedy=remedy,
            effort=Effort.DAYS,
        )
    return finding(
        State.NA,
        "No behaviour of a model is the system's own, so there is none to measure.",
        list(profile.model.evidence),
    )


def _tests(facts: Facts) -> list[Evidence]:
    """Tests that exercise the code and measure no answer, the ones named nearest to an evaluation first; else what the
    repository says of itself."""
    tests = [file for file in facts.own if re.search(r"(^|/)test_\w+\.py$|_test\.py$", file.path)]
    tests.sort(key=lambda file: not re.search(_NEAR_EVALUATION, file.path.lower()))
    return [file.at() for file in tests[:2]] or [file.at() for file in facts.own if file.path.lower() == "readme.md"]
