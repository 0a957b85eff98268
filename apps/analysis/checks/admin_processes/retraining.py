"""Retraining is one command or one pipeline run.

## What it does
Looks for what starts training: pipelines of orchestrators and platforms, jobs of CI, named tasks, jobs of Kubernetes,
entry points, API calls, and scripts that take flags.

*Met* when training can be started by hand as one command or run whose inputs can be chosen. *Partial* when only a script
with inputs written into it trains. *Unmet* when training means running cells of notebooks. *Not applicable* when the
system does not train.

## Why it matters
Models age. When drift is found, a new model must not wait for the one person who remembers which cells to run in which
order.

## How to adopt it
```python
# before: DATA = "data/2023.csv" at the top of train.py
# after
parser = argparse.ArgumentParser()
parser.add_argument("--data", required=True)
```

## References
- The Twelve-Factor App, XII. Admin processes: https://12factor.net/admin-processes
- GitHub Actions, workflow_dispatch: https://docs.github.com/en/actions/reference/events-that-trigger-workflows#workflow_dispatch
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from apps.analysis.findings import Effort, finding, spread
from apps.analysis.learning import frameworks, trained_elsewhere
from apps.analysis.learning.stage import scripted
from apps.analysis.repository import places
from apps.analysis.tasks import retraining
from apps.catalog import State

if TYPE_CHECKING:
    from apps.analysis.findings import Finding
    from apps.analysis.repository import Facts

_REMEDY = "Make training one command with its inputs as flags, and let a pipeline, CI job or make target start it."


def check(facts: Facts) -> Finding:
    if not facts.profile.trains.holds:
        return finding(State.NA, "The system does not train.")
    commands = retraining.commands(facts)
    fits = [*frameworks.fits(facts), *frameworks.managed_training(facts)] or frameworks.saved_similarities(facts)
    scripts = [*places(scripted(fits)), *places(scripted(trained_elsewhere.training(facts)))]
    if commands and (scripts or not facts.profile.notebooks_only):
        return finding(State.MET, f"Retraining is one command or run: `{commands[0].path}`.", commands)
    if scripts:
        return finding(
            State.PARTIAL,
            f"A script trains, but its inputs are written into it: `{scripts[0].path}:{scripts[0].line}`.",
            spread(retraining.entries(facts)[:3], scripts),
            remedy=_REMEDY,
            effort=Effort.HOURS,
        )
    return finding(
        State.UNMET,
        "Retraining means running the cells of notebooks by hand.",
        facts.profile.trains.evidence,
        remedy=_REMEDY,
        effort=Effort.DAYS,
    )
