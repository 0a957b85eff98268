"""Training that no call of Python shows: in other languages, by a command, in SQL, or declared."""

from __future__ import annotations

from typing import TYPE_CHECKING

from apps.analysis.expressions import expression
from apps.analysis.foreign import languages
from apps.analysis.kept import kept
from apps.analysis.learning import commands
from apps.analysis.paths import Kind

if TYPE_CHECKING:
    from apps.analysis.repository import Facts, File

    Lines = list[tuple[File, int]]

_MODELLED = frozenset({Kind.R, Kind.JAVA, Kind.SCALA, Kind.GO})
_SCRIPTS = r"['\"](@tensorflow/tfjs|@tensorflow-models/knn-classifier|brain\.js|ml5|synaptic|natural|node-nlp|@nlpjs/|@?ml-|@mljs/|danfojs|xgboost)"  # fmt: skip
_BY_NAME = r"\bAccord\.|\bweka\.|org\.encog|cdipaolo/goml|jbrukh/bayesian"
# A method without parameters is told by who calls it.
_NO_CODE = expression(
    r"^\s*(//|#|\*|--|%|import\b)|\bfunc\s|\b(void|fun|def|boolean|int)\s+(fit|train)\w*\s*\(\s*\)[^={};]*[\s{=:;]*$"
)


@kept
def training(facts: Facts) -> Lines:
    declared = [
        (file, leaf.line)
        for file, leaf in facts.leaves(
            r"\.ya?ml$", "kind", value=r"^(TFJob|PyTorchJob|MPIJob|XGBoostJob|TrainJob|RayJob)$"
        )
    ]
    resources = [
        (file, leaf.line)
        for file, leaf in facts.leaves(r"\.(ya?ml|json)$", "**", "Resource", value=r"createTrainingJob")
    ]
    asked = [(file, line) for file, line, _ in facts.signals("train-job")]
    commanded = [(file, line) for file, line, _ in commands.training_texts(facts)]
    return [
        *_in_other_languages(facts), *asked, *declared, *resources, *_queries(facts), *commanded, *_assistants(facts),
    ]  # fmt: skip


def _in_other_languages(facts: Facts) -> Lines:
    """Lines of code that train a model."""
    learning = {file.path for file, _, _ in facts.signals("import", _SCRIPTS) if file.kind is Kind.SCRIPT}
    named = learning | {file.path for file, _, _ in facts.signals("import", _BY_NAME)}
    signals = [
        *(one for one in facts.signals("train") if one[0].kind in _MODELLED or one[0].path in learning),
        *facts.signals("train-in-r"),
        *(one for one in facts.signals("train-by-name") if one[0].path in named),
        *(one for one in facts.signals("train-in-text") if languages.is_compiled(one[0])),
        *_by_hand_compiled(facts),
    ]
    return [(file, line) for file, line, text in signals if not _NO_CODE.search(text)]


def _by_hand_compiled(facts: Facts) -> list[tuple[File, int, str]]:
    """Functions that are named for training, beside such as predict."""
    predicting = {file.path for file, _, _ in languages.compiled(facts, "predict-by-hand")}
    return [one for one in languages.compiled(facts, "train-by-hand") if one[0].path in predicting]


def _queries(facts: Facts) -> Lines:
    """Statements of SQL that make a database train a model."""
    written = [(file, line) for file, line, _ in facts.signals("model-query")]
    return [*written, *((file, text.line) for file, text in facts.texts(_TRAINING_QUERY))]


_TRAINING_QUERY = r"\bCREATE\s+(OR\s+REPLACE\s+)?(MODEL|(SNOWFLAKE\.)?ML\.\w+)\b|\bpgml\.train\s*\("


def _assistants(facts: Facts) -> Lines:
    """Pipelines of Rasa, which trains what its files declare."""
    declared = facts.named(r"(^|/)(domain\.ya?ml|domain/[^/]+\.ya?ml|nlu\.(ya?ml|md))$")
    if not declared:
        return []
    return [
        (file, leaf.line)
        for file, leaf in facts.leaves(r"(^|/)config[^/]*\.ya?ml$", "pipeline", "*", "name", value=r"(Classifier|Featurizer|Extractor)$")
    ]  # fmt: skip
