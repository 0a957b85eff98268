"""Models by whose they are: those that somebody else trained, and those of the system's own."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from apps.analysis.expressions import expression
from apps.analysis.kept import kept
from apps.analysis.learning import frameworks, objects
from apps.analysis.learning import names as words
from apps.analysis.paths import Kind

if TYPE_CHECKING:
    from apps.analysis.facts.model import Call
    from apps.analysis.learning.frameworks import Calls, Lines
    from apps.analysis.repository import Facts


def public_models(facts: Facts) -> Calls:
    """Calls that use a model that somebody else trained: from a hub, a model zoo, a framework."""
    hub = [
        (file, call)
        for file, call in facts.calls("*.from_pretrained")
        if isinstance(call.argument(0), str) and not re.search(r"^\$|^[./]|/.*/", str(call.argument(0)))
    ]
    return [pair for pair in [*hub, *facts.calls(*words.PUBLIC)] if not _is_named_own(pair[1])]


# What training tools call the weights that they write, below a folder or with the suffix of weights.
_OWN = expression(
    r"(^|/)(best|last)[\w.-]{0,40}\.(pt|pth|onnx|torchscript|engine|tflite)$|(^|/)model-(best|last)/?$|^custom$|"
    r"^(\.{0,2}/|[\w-]{1,40}/[\w-]{1,40}/)(.{1,120}[/_-])?(checkpoint-\d+|fine-?_?tuned?|custom|my[_-]?model)([/._-]|$)",
    re.IGNORECASE,
)
_OF_ULTRALYTICS = expression(
    r"^(.*/)?(yolo(v|_?nas|-?world|e)?[\w.-]{0,12}|(mobile_?|fast)?sam\w{0,8}|rtdetr[\w-]{0,6}|\{.*)(\.\w{2,10})?$",
    re.IGNORECASE,
)
_LANGUAGES = expression(r"^[a-z]{2,3}_(core|dep|ent)_\w+$|^en$")
_PUBLIC_WORDS = expression(r"google ?news|glove|wiki|lid\.176|cc\.[a-z]{2}\.|crawl|pretrained", re.IGNORECASE)


def _is_named_own(call: Call) -> bool:
    """Whether what a call loads is named as weights that the system's makers trained."""
    texts = [one for one in [*call.args, *call.kwargs.values()] if isinstance(one, str) and not one.startswith("$")]
    first = call.argument(0)
    if call.name in {"ultralytics.YOLO", "ultralytics.RTDETR"} and isinstance(first, str) and not first.startswith("$"):
        return first.endswith((".pt", ".onnx", ".engine", ".tflite")) and not _OF_ULTRALYTICS.match(first)
    if call.name == "spacy.load" and isinstance(first, str) and not first.startswith("$"):
        return "/" in first and not _LANGUAGES.match(first.rsplit("/", 1)[-1])
    return any(_OWN.search(one) for one in texts)


# What ranks and embeds texts for a search, and hears whether somebody speaks, is taken from a hub.
_OF_SEARCH = expression(r"re_?rank|cross_?encoder|embedd(er|ing)|(^|[/_.])(vad|silero)", re.IGNORECASE)


@kept
def own_models(facts: Facts) -> Lines:
    """Where a model of the system's own is loaded, though nothing here need have trained it. What is loaded from a file
    beside a public model may well be that one, exported or cached."""
    stored = [
        *frameworks.unpickled(facts),
        *facts.calls(
            "*.models.load_model",
            "*.load_learner",
            "*.PipelineModel.load",
            "*.Booster",
            "mlflow.*.load_model",
            *words.OWN,
        ),
        *(pair for pair in facts.calls("*.from_pretrained", *words.PUBLIC) if _is_named_own(pair[1])),
        *(
            pair
            for pair in facts.calls(*words.OF_VECTORS)
            if isinstance(path := pair[1].argument(0), str) and not _PUBLIC_WORDS.search(path)
        ),
        *objects.methods(facts, words.LOADING),
    ]
    ambiguous = facts.calls("torch.load", "torch.jit.load", "*.load_weights", "*.saved_model.load", "*.load_from_checkpoint", "*.restore",
                            "*.load_model", "onnxruntime.InferenceSession", *words.OWN_OR_PUBLIC)  # fmt: skip
    if not public_models(facts):
        stored += [
            pair
            for pair in ambiguous
            if not pair[1].name.startswith(("whisper.", "spacy.", "easyocr", "fasttext."))
            and not _OF_SEARCH.search(f"{pair[0].path} {pair[1].scope}")
        ]
    return [(file, call.line) for file, call in stored]


@kept
def unread_notebooks(facts: Facts) -> Lines:
    """Notebooks named for a model that could not be read (too large, or absent from the clone), where a model of the
    system's own is used that nothing else here makes."""
    if not own_models(facts):
        return []
    return [
        (file, 0)
        for file in facts.system
        if file.kind is Kind.NOTEBOOK and not file.facts.code and re.search(_MODELLING, file.path, re.IGNORECASE)
    ]


_MODELLING = r"train|model|predict|classif|regress|(^|[/_ -])ml([/_ .-]|$)|fine_?tun"
