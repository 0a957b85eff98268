"""Training that no call of Python shows: in other languages, by a command, in SQL, or declared for an operator."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from apps.analysis.paths import Kind
from apps.analysis.repository import SHELL_KINDS

if TYPE_CHECKING:
    from apps.analysis.facts.model import Command
    from apps.analysis.repository import Facts, File

    Lines = list[tuple[File, int]]

_WITH_COMMANDS = SHELL_KINDS | {Kind.NOTEBOOK}
_COMMANDS = (
    r"\b(fairseq-train|onmt_train|spacy train|rasa train|yolo (\S{1,60} ){0,6}(mode=)?train\b|autotrain|llamafactory-cli train|axolotl|allennlp train|"
    r"sockeye-train|t2t-trainer|fasttext supervised|vw\s+(-d|--data)|xgboost \S+\.conf|lightgbm config=|tune run|darknet (detector|classifier) train|"
    r"gcloud (beta )?ai custom-jobs create|gcloud ai-platform jobs submit training|aws sagemaker create-(training|auto-ml)-job|"
    r"accelerate launch (\S{1,80} ){0,8}\S{0,80}(train|fine_?tune)\w*\.py)"
)
_PROGRAM = r"\bpython[\d.]*\s+(-\w\s+){0,3}\S{0,120}?\b(train(_\w+)?\.py)\b"
_LEARNING_SCRIPTS = r"['\"](@tensorflow/tfjs|brain\.js|ml5|synaptic|natural|@?ml-|@mljs/|danfojs|xgboost)"
_MODELLED = frozenset({Kind.R, Kind.JAVA, Kind.SCALA, Kind.GO})


def training(facts: Facts) -> Lines:
    """Training in other languages, by a command, in SQL, or declared for an operator of a cluster."""
    in_scripts = {file.path for file, _, _ in facts.signals("import", _LEARNING_SCRIPTS) if file.kind is Kind.SCRIPT}
    signals = [
        (file, line)
        for file, line, text in [*facts.signals("train"), *facts.signals("train-in-r")]
        if (file.kind in _MODELLED or file.path in in_scripts)
        and not re.search(r"^\s*(//|#|\*|import\b)|\bfunc\s", text)
    ]
    commands = [
        (file, command.line)
        for file, command in [*facts.commands(_COMMANDS, kinds=_WITH_COMMANDS), *_programs_of_others(facts)]
    ]
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
    queries = [(file, line) for file, line, _ in facts.signals("model-query")]
    queries += [(file, text.line) for file, text in facts.texts(r"\bCREATE\s+(OR\s+REPLACE\s+)?MODEL\b")]
    asked = [(file, line) for file, line, _ in facts.signals("train-job")]
    return [*signals, *asked, *declared, *resources, *queries, *commands]


def _programs_of_others(facts: Facts) -> list[tuple[File, Command]]:
    """Commands that run a program for training which lies in a repository fetched beside this one."""
    own = {file.name for file in facts.files}
    started = (
        (file, one, re.search(_PROGRAM, one.text)) for file, one in facts.commands(_PROGRAM, kinds=_WITH_COMMANDS)
    )
    return [(file, one) for file, one, found in started if found and found[2].lower() not in own]
