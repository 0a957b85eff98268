"""Commands of toolkits that train, measure and ask models, wherever they stand: scripts, notebooks, services, projects."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from apps.analysis.expressions import expression, is_in
from apps.analysis.paths import Kind
from apps.analysis.repository import SHELL_KINDS
from apps.analysis.running import starts

if TYPE_CHECKING:
    from apps.analysis.repository import Facts, File

    Lines = list[tuple[File, int]]

_TRAINS = (
    # language models
    r"\b(?:fairseq-(?:hydra-)?train|onmt[_-]train|onmt-main\s[^|;&]{0,300}\btrain\b|sockeye-train|t2t-trainer|marian\s[^|;&]{0,300}--train-sets|"
    r"spacy train|rasa train|allennlp train|fasttext (?:supervised|skipgram|cbow)|"
    r"autotrain\s[^|;&]{0,100}--train|autotrain (?:--config|train)|llamafactory-cli train|axolotl (?:train\b|\S+\.ya?ml)|tune run\s[^|;&]{0,100}(?:lora|qlora|full|finetune|ppo|dpo|knowledge_distillation)|litgpt (?:finetune\w*|pretrain)|"
    r"swift (?:sft|pt|rlhf)\b|xtuner train|ilab (?:model )?train|trl (?:sft|dpo|kto|grpo|reward)\b|mlx_lm[. ]lora\s[^|;&]{0,200}--train|oumi train|mim train|"
    r"openai (?:api fine_tunes|api fine_tuning\.jobs|tools fine_tunes)\.create|together fine-tuning create|"
    # vision, speech, graphs, games
    r"yolo\s(?:[^|;&]{0,200}\s)?(?:mode=)?train\b|nnUNet(?:v2)?_train|caffe(?:\.bin)?\s+train|darknet\S*\s+(?:detector|classifier|yolo|segmenter)\s+train|"
    r"steps/(?:\w+/){0,3}train_\w+\.sh|(?:asr|tts|st|mt|slu|enh)\.sh\s[^|;&]{0,400}--(?:asr|tts|st|mt|slu|enh)_(?:config|tag)|dglke_train|mlagents-learn|lstmtraining\s|retinanet-train|rllib train|tesstrain\.sh|"
    # tables
    r"vw\s+(?:-d|--data)|vw\s[^|;&]{0,200}(?:--passes|-f\s|--final_regressor)|xgboost \S+\.conf|lightgbm config=|catboost fit|ludwig (?:train|experiment)|"
    # platforms
    r"gcloud (?:beta |alpha )?(?:ai-platform|ml-engine) jobs submit training|gcloud (?:beta |alpha )?ai (?:custom-jobs|hp-tuning-jobs) create|aws sagemaker create-(?:training|hyper-parameter-tuning|auto-ml)-job\w*)"
    r"|(?:^|\s|/)tools/dist_train\.sh\s"
    r"|\s(?:-m|--module)\s+(?:axolotl\.cli\.train|yolox\.tools\.train|fastchat\.train\.\w+|llava\.train\.\w+|verl\.trainer\.\w+|openrlhf\.cli\.train_\w+|torchtitan\.train|baselines\.run|rl_zoo3\.train|scripts\.retrain|object_detection\.(?:model_main\w*|legacy\.train)|"
    r"paddle\.distributed\.launch\s[^|;&]{0,300}train\w*\.py|sockeye\.train|mmf_cli\.run|mlx_lm\s+lora)\b"
)  # fmt: skip
_MEASURES = r"\b(?:spacy evaluate|spacy benchmark accuracy|rasa test|allennlp evaluate|ludwig evaluate|yolo\s(?:[^|;&]{0,200}\s)?(?:mode=)?val\b|darknet\S*\s+detector\s+map|lm[_-]eval(?:uation_harness)?\s|lighteval\s|trec_eval\s|inspect eval|fasttext test|sacrebleu\s|fairseq-validate|catboost eval-metrics|nnUNet(?:v2)?_evaluate_\w+|promptfoo eval|deepeval test|tune run\s[^|;&]{0,80}eleuther_eval|caffe(?:\.bin)?\s+test|rllib evaluate|swift eval)"  # fmt: skip
_ASKS = r"\b(?:fairseq-(?:generate|interactive)|onmt[_-]translate|yolo\s(?:[^|;&]{0,200}\s)?(?:mode=)?predict\b|darknet\S*\s+detector\s+(?:test|demo)|fasttext predict\S*|ludwig predict|catboost calc|allennlp predict|nnUNet(?:v2)?_predict|llamafactory-cli (?:chat|webchat|api)|litgpt (?:chat|generate)|swift infer|mlx_lm[. ](?:generate|server)|sockeye-translate|vw\s[^|;&]{0,200}\s-t\b|rasa (?:run|shell)\b|rllib rollout)"  # fmt: skip
# Files whose values are commands, by the keys that lead to these.
_TABLES = (
    (r"(^|/)(project|weasel)\.ya?ml$", ("commands", "*", "script", "*")),
    (r"(^|/)dvc\.yaml$", ("stages", "*", "cmd")),
    (r"(^|/)dvc\.yaml$", ("stages", "*", "cmd", "*")),
    (r"(^|/)mlproject$", ("entry_points", "*", "command")),
    (r"(^|/)\.github/workflows/[^/]+\.ya?ml$", ("jobs", "*", "steps", "*", "run")),
    (r"(^|/)\.gitlab-ci\.ya?ml$", ("*", "script", "*")),
    (r"\.ya?ml$", ("command",)),  # of a job of Azure ML
    (r"\.ya?ml$", ("run",)),  # of a task of SkyPilot
)
_KINDS = SHELL_KINDS | {Kind.NOTEBOOK}


def training_texts(facts: Facts) -> list[tuple[File, int, str]]:
    """Where commands train, with the commands."""
    return facts.once(_training)


def _training(facts: Facts) -> list[tuple[File, int, str]]:
    return [*_found(facts, _TRAINS), *_of_others(facts)]


def measuring(facts: Facts) -> Lines:
    return [(file, line) for file, line, _ in _found(facts, _MEASURES)]


def asking(facts: Facts) -> Lines:
    return [(file, line) for file, line, _ in _found(facts, _ASKS)]


def _found(facts: Facts, pattern: str) -> list[tuple[File, int, str]]:
    written = [(file, one.line, one.text) for file, one in facts.commands(pattern, kinds=_KINDS)]
    declared = [
        (one.file, one.line, one.command)
        for one in starts.beside_scripts(facts)
        if is_in(pattern, one.command, re.IGNORECASE)
    ]
    tables = [
        (file, leaf.line, leaf.text)
        for path, keys in _TABLES
        for file, leaf in facts.leaves(path, *keys, value=pattern)
    ]
    found = {(file.path, line): (file, line, text) for file, line, text in [*written, *declared, *tables]}
    return [one for one in found.values() if is_in(pattern, _run(one[2]), re.IGNORECASE)]


_SAID = expression(r"\s*(?:echo|printf|#)")
_BRINGS = expression(r"\b(?:install|uninstall|add|clone|cd|conda create)\b[^;&|\n]*", re.IGNORECASE)


def _run(command: str) -> str:
    """What a line runs, without what it only says, installs or fetches."""
    return "" if _SAID.match(command) else _BRINGS.sub("", command)


# Programs for training, as toolkits call them; what starts one stands before, with its own options.
_STARTS = r"\b(?:python[\d.]*\s+(?:-\w\s+){0,3}|(?:torchrun|deepspeed|horovodrun|accelerate launch|python[\d.]*\s+-m\s+torch\.distributed\.\w+)\s+(?:\S{1,80}\s+){0,8}?)"
_PROGRAM = expression(
    _STARTS
    + r"\S{0,120}?\b((?:train(?:_\w+)?|fine_?tune\w*|retrain|sdxl_train_network|model_main(?:_tf2)?|textual_inversion|"
    r"run_(?:clm|mlm|glue|squad|qa|ner|seq2seq|summarization|translation|speech_recognition\w*|image_classification))\.py)\b"
)


def _of_others(facts: Facts) -> list[tuple[File, int, str]]:
    """Commands that run a program for training which lies in a repository fetched beside this one; one that lies here
    is judged by what it does."""
    written = facts.commands(_PROGRAM.pattern, kinds=_KINDS)
    own = {file.name for file in facts.files} if written else set()
    return [
        (file, one.line, one.text)
        for file, one in written
        if (found := _PROGRAM.search(_run(one.text))) and found[1].lower() not in own
    ]
