"""Training that no call of Python shows: in other languages, by a command, in SQL, or declared."""

from __future__ import annotations

import re
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
_BY_NAME = r"\bAccord\.|\bweka\.|org\.encog|cdipaolo/goml|jbrukh/bayesian|org\.apache\.mahout\.cf|\.lenskit\.|net\.librec|\.ranksys\."
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
        *facts.signals("weights-updated"),
        *_of_libraries(facts),
    ]
    return [(file, line) for file, line, text in signals if not _NO_CODE.search(text) and not _fits_a_size(text)]


def _of_libraries(facts: Facts) -> list[tuple[File, int, str]]:
    """Calls that train where a library that learns is used, and elsewhere do something else."""
    using = {
        file.path for file, _, _ in languages.compiled(facts, "learning-use") if file.name.endswith(languages.RUST)
    }
    fitted = [one for one in languages.compiled(facts, "fit") if one[0].path in using]
    return fitted + [one for one in languages.compiled(facts, "trainer") if one[0].name.endswith(languages.C)]


_NUMBER = r"(?:(?:final |const )?(?:u?int(?:\d+_t)?|long|short|float|double|bool(?:ean)?|size_t) \w+|\w+ ?: ?(?:Int|Long|Float|Double|Boolean|[iuf]\d+|usize|number))"
_OF_A_SIZE = expression(
    rf"^(?:@?\w+ +)*(?:\w+::)?[fF]it\w*\s*\(\s*(?:&(?:mut )?self,\s*)?({_NUMBER}(?:\s*,\s*{_NUMBER}){{0,5}})\s*\)"
)
_TELLS_TRAINING = expression(
    r"epoch|iter|step|rate|batch|depth|cluster|neighbo|tree|seed|degree|component|sample|feature|target|label|alpha|lambda|epsilon|toleran|momentum|\b(lr|k|n)\b",
    re.IGNORECASE,
)


def _fits_a_size(text: str) -> bool:
    """Whether the line declares a method that is given a few numbers, as what fits a view into a page."""
    found = _OF_A_SIZE.search(text.strip())
    return found is not None and not _TELLS_TRAINING.search(found.group(1))


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
