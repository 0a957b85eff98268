"""What prepares a model's input, kept inside of the model's own bundle or fitted anew where the model is served."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from apps.analysis.expressions import expression
from apps.analysis.learning import frameworks, objects
from apps.analysis.paths import Kind
from apps.analysis.repository import places
from apps.analysis.running import answering
from apps.analysis.state import artefact_names as words

if TYPE_CHECKING:
    from apps.analysis.facts.model import Call
    from apps.analysis.findings import Evidence
    from apps.analysis.repository import Facts, File


def in_bundle(facts: Facts) -> list[Evidence]:
    """Preparers that are part of the model's own bundle: of its pipeline, or beside it in one object."""
    detectors = facts.calls("ultralytics.YOLO")  # the names of their classes are in the weights
    layers = facts.calls(
        "*.TextVectorization",
        "*.StringLookup",
        "*.IntegerLookup",
        "*.layers.Normalization",
        "*.preprocessing.Normalization",
        files=facts.scripts,
    )
    return [*_in_pipeline(facts), *_beside_model(facts), *_in_object(facts), *places([*detectors, *layers])]


def _in_object(facts: Facts) -> list[Evidence]:
    """Preparers that an object of a class of the repository keeps, where whole objects are saved or logged: one that
    predicts, or that is saved itself. Data sets keep them too, and nobody saves those."""
    saves = facts.calls(*words.SAVES, files=facts.scripts)
    whole = {call.scope.rpartition(".")[0] for _, call in saves if "$self" in call.args[:2]}
    whole |= {one.scope for _, one in facts.defines(r"^predict(_proba)?$", files=facts.scripts)}
    whole |= {
        str(one).strip("$()").rpartition(".")[2] for _, call in saves for one in (*call.args, *call.kwargs.values())
    }
    kept = [pair for pair in facts.calls(*words.PREPARERS, files=facts.scripts) if pair[1].target.startswith("self.")]
    held = (pair for pair in kept if "." in (scope := pair[1].scope) and scope.rpartition(".")[0] in whole)
    return places(held) if saves else []


_PART = expression(
    r"scaler|encod|vectori[sz]er|tokeni[sz]er|preprocess|vocab|label_?map|imputer|transformer|(^|_)enc$|(^|_)ohe$",
    re.IGNORECASE,
)


def _beside_model(facts: Facts) -> list[Evidence]:
    """Preparers that lie with the model in one stored object, a dictionary or a tuple."""
    found = []
    for file, call in facts.calls(*words.UNPICKLED[:-1], *words.SAVES[:6]):
        code = file.facts.code
        if code is None:
            continue
        if call.last == "dump":
            parts = [one for one in code.assigns if one.how == "key" and call.line <= one.line <= call.line + 8]
            parts = parts if call.args[:1] == ["$?"] else []
        else:
            held = [f"${call.target}[]", f"${call.target}.get()"] if call.target else []
            parts = [one for one in code.assigns if one.value in held]
        found += [file.at(one.line) for one in parts if _PART.search(one.name)]
    return found


def _in_pipeline(facts: Facts) -> list[Evidence]:
    """Preparers that are saved inside of the model's own pipeline."""
    pipelines = facts.calls("sklearn.pipeline.*", "*.make_pipeline", "imblearn.pipeline.*", "pyspark.ml.Pipeline")
    if not pipelines or not facts.calls(*words.PREPARERS) or not facts.calls(*words.SAVES):
        return []
    saving = {file.path for file, _ in facts.calls(*words.SAVES, files=facts.notebooks)}  # models of their own
    return [file.at(call.line) for file, call in pipelines if file.kind is not Kind.NOTEBOOK or file.path in saving]


def fitted_where_served(facts: Facts) -> list[Evidence]:
    """Preparers that a serving module fits anew at its start, because nothing kept the one that training fitted."""
    served = {path: place for place, path in enumerate(answering.served(facts))}
    trains = {one.path for one, _ in frameworks.fits(facts)}
    fits = [
        (file, call)
        for file, call in facts.calls("*.fit", "*.fit_transform", "*.fit_on_texts", where=_prepares_at_once)
        if file.path in served and file.path not in trains
    ]
    return [file.at(call.line) for file, call in sorted(fits, key=lambda pair: served[pair[0].path])]


def _prepares_at_once(file: File, call: Call) -> bool:
    made = file.once(objects.receivers)
    return not call.scope and words.prepares(made.get(call.name.rpartition(".")[0], ""))
