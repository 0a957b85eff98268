"""Parameters of training can be set for a run without editing a tracked file.

## What it does
Looks for learning rates, batch sizes, epochs, settings of optimisers, splits: in arguments of calls, in assignments,
in flags and in configuration files, and follows each value to where it comes from. Where a library trains without such
parameters, those of the model stand in for them.

*Met* when a run can set them without an edit: by flag, environment variable, settings class, override of a
configuration framework, or parameter of a pipeline or request. Presets that a flag chooses are met too. *Partial* when
they stand in a tracked configuration file or module without override, or when some can be set and others are literals.
*Unmet* when they are literals in code or notebooks. *Not applicable* when nothing is trained.

## Why it matters
Every experiment changes these values. When they are literals, each run is an edit, and the commit that produced a model
is lost among them. As flags or variables they can be swept, scheduled and written down by the tracker.

## How to adopt it
```python
# before
model.fit(x, y, epochs=20, batch_size=64)

# after
parser.add_argument("--epochs", type=int, default=20)
parser.add_argument("--batch-size", type=int, default=64)
...
model.fit(x, y, epochs=args.epochs, batch_size=args.batch_size)
```

## References
- The Twelve-Factor App, III. Config: https://12factor.net/config
- Hydra, overriding configuration: https://hydra.cc/docs/intro/
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from apps.analysis.findings import Effort, finding
from apps.analysis.parameters import names, settable, verdict
from apps.catalog import State

if TYPE_CHECKING:
    from apps.analysis.findings import Finding
    from apps.analysis.repository import Facts


def check(facts: Facts) -> Finding:
    if not facts.profile.trains.holds:
        return finding(State.NA, "The system trains no model, so there are no parameters of training.")
    settings = settable.training_settings(facts)
    if not any(one.group not in names.MINOR for one in settings):
        settings = [*settings, *settable.instead(facts)]
    if not settings:
        return finding(
            State.UNMET,
            "Training runs with the defaults of its library; no flag, variable or file sets a parameter of it.",
            list(facts.profile.trains.evidence),
            remedy="Give the training script flags for the parameters that a run may want to change.",
            effort=Effort.HOURS,
        )
    trains = {place.path for place in facts.profile.trains.evidence}
    told = sorted(settings, key=lambda one: one.place.path not in trains)  # what training itself takes tells most
    return verdict.judge(told, "parameters of training")
