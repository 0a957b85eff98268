"""Parameters of the model can be set for a run without editing a tracked file.

## What it does
Looks for the size and shape of models, their regularisation and thresholds, and in applications of language models for
the model's name, temperature, number of results and size of chunks; and follows each value to where it comes from.

*Met* when a run can set them without an edit: by flag, environment variable, settings class, override of a
configuration framework, or parameter of a pipeline or request. Presets that a flag chooses are met too. *Partial* when
they stand in a tracked configuration file or module without override, or when some can be set and others are literals.
*Unmet* when they are literals in code or notebooks. *Not applicable* when there is
no parameter of a model to choose, as in a service of a ready model. Where a run can set parameters of a network, what
its code hands to single layers is structure. A threshold alone sets nothing of a model that is trained.

## Why it matters
The best values are found by search, and differ between environments: a small model in a test, a large one in
production. When they are literals, a search is a series of edits and a provider's new model is a release.

## How to adopt it
```python
# before
llm = ChatOpenAI(model="gpt-4o", temperature=0.2)

# after
class Settings(BaseSettings):
    llm_model: str = "gpt-4o"
    temperature: float = 0.2

llm = ChatOpenAI(model=settings.llm_model, temperature=settings.temperature)
```

## References
- The Twelve-Factor App, III. Config: https://12factor.net/config
- pydantic-settings: https://docs.pydantic.dev/latest/concepts/pydantic_settings/
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from apps.analysis.findings import Effort, finding
from apps.analysis.parameters import settable, verdict
from apps.catalog import State

if TYPE_CHECKING:
    from apps.analysis.findings import Finding
    from apps.analysis.repository import Facts


def check(facts: Facts) -> Finding:
    profile = facts.profile
    has_model = profile.trains.holds or profile.model.holds or profile.language_model.holds
    settings = settable.model_settings(facts) if has_model else []
    if settings:
        return verdict.judge(settings, "parameters of the model")
    if not profile.trains.holds:
        return finding(State.NA, "There is no parameter of a model to choose.", list(profile.model.evidence))
    return finding(
        State.UNMET,
        "The model is built with the defaults of its library; no flag, variable or file sets a parameter of it.",
        list(profile.trains.evidence),
        remedy="Give the training script flags for the parameters of the model.",
        effort=Effort.HOURS,
    )
