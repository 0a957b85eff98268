"""Vocabularies, tokenizers, encoders, scalers, label maps and indexes live outside of the code.

## What it does
Looks for tracked lookup files that code names, for calls that load tokenizers, encoders, scalers and vector
indexes, and for preparers that are saved inside of the model's own pipeline, which follow the model. Lists in
source code are code.

- **met**: they come from a hub, a registry, a store or a configured path, or inside of the model's bundle.
- **partial**: they are read from or written to a fixed local path, downloaded over a tracked copy, or pulled
  into the image by DVC.
- **unmet**: lookup files that the model needs are tracked, or the serving code fits them anew.
- **na**: the model needs none, or they are fitted in memory only.

## Why it matters
A model with last month's vocabulary answers nonsense without an error. What belongs to the weights must be
versioned and delivered together with them.

## How to adopt it
```python
# before
scaler = joblib.load('scaler.pkl')          # tracked in git
# after: one artefact
model = make_pipeline(StandardScaler(), Ridge())
mlflow.sklearn.log_model(model, 'model')
```

## References
- The Twelve-Factor App, VI. Processes: https://12factor.net/processes
- scikit-learn, Pipelines: https://scikit-learn.org/stable/modules/compose.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from apps.analysis.findings import Effort, Finding, finding
from apps.analysis.state import artefacts, lookups, preparers
from apps.catalog import State

if TYPE_CHECKING:
    from apps.analysis.findings import Evidence
    from apps.analysis.repository import Facts


_REMEDY = "Store encoders, tokenizers and label maps with the model (one pipeline artefact, or the same registry entry) and load them from there."


def check(facts: Facts) -> Finding:
    held = artefacts.tracked(facts).lookups
    found = lookups.locations(facts)
    tracked = [file.at() for file in held]
    if held and all(artefacts.is_fetched(facts, file) for file in held):
        return _partial(
            f"A copy is tracked (`{held[0].path}`) beside what is fetched from outside",
            [*tracked[:3], *found.remote, *found.hub],
        )
    if held:
        return finding(
            State.UNMET, f"Lookup files that the model needs are tracked (`{held[0].path}`).", [*tracked[:4], *found.all],
            remedy=_REMEDY, effort=Effort.DAYS,
        )  # fmt: skip
    anew = preparers.fitted_where_served(facts)
    if anew:
        return finding(
            State.UNMET, f"An encoder or tokenizer is fitted anew where the model is served (`{anew[0].path}:{anew[0].line}`).", anew,
            remedy=_REMEDY, effort=Effort.DAYS,
        )  # fmt: skip
    if found.local:
        first = found.local[0]
        return _partial(f"They lie at a local path in the code (`{first.path}:{first.line}`)", found.all)
    if found.remote or found.given or found.hub:
        first = [*found.remote, *found.given, *found.hub][0]
        return finding(
            State.MET,
            f"They are loaded from outside of the code (`{first.path}:{first.line}`).",
            [*found.remote, *found.given, *found.hub],
        )
    saved = lookups.saved(facts)
    if saved:
        return _partial(
            f"An encoder, scaler or vocabulary is written to a local file (`{saved[0].path}:{saved[0].line}`)", saved
        )
    bundle = preparers.in_bundle(facts)
    if bundle and facts.profile.loads_model.holds:
        return _like_the_model(facts, bundle)
    if found.untold:
        return _partial(
            f"They are loaded from a path that the code does not tell (`{found.untold[0].path}:{found.untold[0].line}`)",
            found.untold,
        )
    return finding(State.NA, "No vocabulary, tokenizer, encoder, scaler, label map or index is stored or loaded.")


def _partial(sentence: str, evidence: list[Evidence]) -> Finding:
    return finding(State.PARTIAL, f"{sentence}.", evidence, remedy=_REMEDY, effort=Effort.HOURS)


def _like_the_model(facts: Facts, bundle: list[Evidence]) -> Finding:
    """Preparers in the model's own pipeline are where the model is."""
    weights = artefacts.tracked(facts).weights
    where = artefacts.model_locations(facts)
    loaded = artefacts.loaded_from_git(facts, where)
    if loaded:
        return finding(
            State.UNMET, f"Encoders and scalers are inside of the tracked model (`{loaded[0].path}`).", [loaded[0].at(), *bundle],
            remedy=_REMEDY, effort=Effort.DAYS,
        )  # fmt: skip
    if weights:
        return _partial(
            f"Encoders and scalers are inside of models, of which one is tracked (`{weights[0].path}`)",
            [weights[0].at(), *bundle],
        )
    pulled = artefacts.pulled_into_images(facts)
    if pulled:
        return _partial(f"DVC pulls them into the image (`{pulled[0].path}:{pulled[0].line}`)", [*pulled, *bundle])
    if where.remote or where.given or where.hub:
        return finding(
            State.MET,
            f"Encoders and scalers are inside of the model's own pipeline (`{bundle[0].path}:{bundle[0].line}`).",
            [*bundle, *where.remote],
        )
    return _partial(
        f"Encoders and scalers are inside of a model that lies at a local path (`{bundle[0].path}:{bundle[0].line}`)",
        [*bundle, *where.local],
    )
