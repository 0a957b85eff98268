"""Metrics of training go to a logger's stream or to a tracker.

## What it does
Looks in the code that trains for trackers (MLflow, W&B, Comet, Neptune, ClearML, Azure ML runs, Lightning
loggers, pipeline metrics), for metrics that a logger writes, and for prints, progress bars, local files and
local TensorBoard.

- **met**: a tracker or a remote TensorBoard records them, a logger writes them to the stream, or a platform captures what is printed.
- **partial**: they are only printed, logged in few of the places that train, shown in a notebook, or written to
  local files (csv, json, local TensorBoard).
- **unmet**: training tells no metric at all.
- **na**: the system does not train.

## Why it matters
A model is chosen by its metrics. If they pass by on a terminal, nobody can compare last month's run with
today's or see a loss diverge in the night.

## How to adopt it
```python
# before
print(epoch, loss)
# after
mlflow.log_metric('loss', loss, step=epoch)
```

## References
- The Twelve-Factor App, XI. Logs: https://12factor.net/logs
- MLflow Tracking: https://mlflow.org/docs/latest/tracking.html
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from apps.analysis.code.importing import imported_by
from apps.analysis.code.origins import origin_of_argument
from apps.analysis.events import file_sinks, telling
from apps.analysis.expressions import expression, literal
from apps.analysis.findings import Effort, Finding, finding
from apps.analysis.learning import foreign_stages, frameworks, measuring
from apps.analysis.paths import Kind
from apps.analysis.repository import places
from apps.analysis.running import answering
from apps.analysis.tasks import retraining
from apps.catalog import State

if TYPE_CHECKING:
    from apps.analysis.facts.model import Call
    from apps.analysis.findings import Evidence
    from apps.analysis.repository import Facts, File


_TRACKED = (
    "mlflow.log_metric*", "mlflow.*autolog", "mlflow.log_dict", "wandb.log", "wandb.init", "*.log_metric", "*.log_metrics", "*.report_scalar", "comet_ml.*Experiment", "comet_ml.init", "neptune.init*", "neptune.new.init*",
    "dvclive.*", "aim.Run", "clearml.Task.init", "trains.Task.init", "*.WandbLogger", "*.MLFlowLogger", "*.CometLogger", "*.NeptuneLogger", "*.WandbCallback", "*.MLflowCallback", "*.MLflowLoggerCallback", "*.WandbLoggerCallback", "*.NeptuneCallback",
    "*.log_confusion_matrix", "*.log_row", "*.log_list", "*.setup_wandb", "*.setup_mlflow", "swanlab.*", "trackio.init", "trackio.log", "*.wandb_callback", "sacred.Experiment", "*.TensorBoardLogger", "*.log_classification_metrics", "*.log_roc_curve", "*.add_run_metrics", "*.ModelMetrics",
    "*.import_evaluated_annotations", "*.log_evaluation", "zenml.log_*metadata", "zenml.*.log_*metadata", "*.import_model_evaluation", "*.start_run", "*.start_trial", "determined.*", "labml.tracker.*", "wandb.integration.*", "wandb.keras.*", "comet_ml.integration.*", "neptune.integrations.*",
)  # fmt: skip
_MEASURE = expression(
    r"loss|acc(?:uracy)?\b|f1|au(?:ro)?c|auprc|ndcg|\bmrr\b|\b[wc]er\b|psnr|ssim|silhouette|rmse|\bmse|\bmae\b|r2|score|metric|precision|recall|perplexity|reward|\beval|iou|mAP\b|bleu|rouge|error rate|report|confusion|mape|history",
    re.IGNORECASE,
)
# Where something was put is no progress.
_SAVED = expression(r"\b(saved|written|stored|exported)\b", re.IGNORECASE)
_REMEDY = (
    "Log each metric through a tracker (`mlflow.log_metric`, `wandb.log`) or at least through a configured logger."
)


def check(facts: Facts) -> Finding:
    if not facts.profile.trains.holds:
        return finding(State.NA, "The system does not train.")
    apart = _only_served(facts)
    fitting = {file for file, _ in frameworks.fits(facts)}
    by_script = any(file.kind is not Kind.NOTEBOOK for file in fitting)  # then notebooks that fit nothing only explore
    calls = [
        pair
        for pair in facts.calls(*_TRACKED)
        if (pair[0] in fitting or not (by_script and pair[0].kind is Kind.NOTEBOOK)) and not _is_own(facts, *pair)
    ]
    tracked = places([pair for pair in calls if pair[0].path not in apart]) + _reporting(facts)
    if tracked:
        return finding(State.MET, f"Metrics go to a tracker (`{tracked[0].path}:{tracked[0].line}`).", tracked)
    found = telling.of(facts)
    logged = [
        (file, call)
        for file, call in found.loggers
        if file.path not in apart and call.last not in _FAILURES and _tells_measure(call)
    ]
    printed = [(file, call) for file, call in found.prints if file.path not in apart and _tells_measure(call)]
    elsewhere = foreign_stages.told_where_trained(facts, _MEASURE)
    if elsewhere.own:
        told = places(elsewhere.own)
        return finding(State.MET, f"Metrics are written by a logger (`{told[0].path}:{told[0].line}`).", told)
    few = len(_paths(logged)) * _MANY <= len(_paths(printed) - _paths(logged))
    if logged and not few and found.configured and file_sinks.only_to_files(facts) and not telling.captured(facts):
        return _weak(f"Metrics only go into log files (`{logged[0][0].path}:{logged[0][1].line}`)", places(logged))
    if logged and not few and (found.configured or telling.captured(facts)):
        first = logged[0]
        return finding(
            State.MET, f"Metrics are written by a logger (`{first[0].path}:{first[1].line}`).", places(logged)
        )
    carried = telling.carried(facts)
    if printed and carried:
        return finding(
            State.MET,
            "Metrics are printed, and the flow's logger carries what its tasks print.",
            [*places(printed)[:3], *places(carried)],
        )
    if logged and few:
        file, call = logged[0]
        return _weak(
            f"A logger tells metrics in few of the places that train (`{file.path}:{call.line}`), the others print them",
            [*places(logged)[:2], *places(printed)],
        )
    shown = [*places(printed), *places(logged), *places(elsewhere.inline)]
    if shown:
        return _weak(f"Metrics are only printed (`{shown[0].path}:{shown[0].line}`)", shown)
    measured = places(measuring.measures(facts))
    files = places(
        facts.calls(
            "*.SummaryWriter",
            "*.TensorBoard",
            "*.CSVLogger",
            "*.create_file_writer",
            "*.FileWriter",
            "*.add_scalar",
            "*.Visdom",
            "ray.*.report",
        )
    )
    if files:
        return _weak(f"Metrics only go into local files (`{files[0].path}:{files[0].line}`)", files)
    bars = places(
        facts.calls(
            "*.set_postfix*",
            "*.fit",
            "*.fit_generator",
            "xgboost.train",
            "lightgbm.train",
            "*.Trainer",
            "*.progress_bar",
            "progress_bar",
            "sys.stdout.write",
        )
    )
    if measured:
        return _weak(
            f"Metrics are computed (`{measured[0].path}:{measured[0].line}`) but reach neither a logger nor a tracker",
            [*measured, *bars],
        )
    signals = [(file, line) for name in ("evaluate", "print") for file, line, _ in facts.signals(name)]
    verbose = places(
        facts.calls(
            "*.fit",
            "*.fit_generator",
            "*.Trainer",
            "lightgbm.train",
            "*.fit_one_cycle",
            files=[
                file
                for file, _ in facts.imports(
                    "keras",
                    "tensorflow",
                    "transformers",
                    "fastai",
                    "catboost",
                    "lightgbm",
                    "pytorch_lightning",
                    "lightning",
                )
            ],
        )
    )
    told = places(
        (file, call) for file, call in found.prints if file.path not in apart and not _SAVED.search(f"{call.args[:1]}")
    )
    if verbose or signals or told:
        where = [*verbose, *places(signals), *told]
        return _weak("The framework shows its progress, nothing records the metrics", where)
    trains = facts.profile.trains.evidence
    return finding(
        State.UNMET,
        "Training tells no metric: no tracker, logger, print or metrics file was found.",
        list(trains),
        remedy=_REMEDY,
        effort=Effort.HOURS,
    )


def _is_own(facts: Facts, file: File, call: Call) -> bool:
    """Whether a function of the repository is called, which tells by itself where metrics go."""
    module = call.name.rpartition(".")[0].replace(".", "/")
    return any(
        f"/{one.path}".removesuffix("/__init__.py").removesuffix(".py").endswith(f"/{module}")
        if module
        else one is file
        for one, define in facts.defines(rf"^{literal(call.last)}$")
        if define.kind == "def" and not define.scope
    )


_FAILURES = frozenset({"error", "exception", "critical", "fatal"})
_MANY = 4  # times as many files that print as such that log


def _paths(calls: list[tuple[File, Call]]) -> set[str]:
    return {file.path for file, _ in calls}


def _only_served(facts: Facts) -> set[str]:
    """Modules that answer requests and neither train nor help to: what they tell is of answers, not of training."""
    fitting = [
        file for file, _ in (*frameworks.fits(facts), *frameworks.managed_training(facts), *measuring.measures(facts))
    ]
    starts = [facts.by_path[place.path] for place in retraining.entries(facts)]
    return set(answering.served(facts)) - imported_by(facts, [*fitting, *starts]).keys()


def _weak(sentence: str, evidence: list[Evidence]) -> Finding:
    return finding(State.PARTIAL, f"{sentence}.", evidence, remedy=_REMEDY, effort=Effort.HOURS)


def _tells_measure(call: Call) -> bool:
    if len(call.args) == 1 and not call.kwargs and _says_no_value(call.args[0]):
        return False
    named = [name for name, value in call.kwargs.items() if str(value).startswith("$")]  # as structured loggers do
    return bool(_MEASURE.search(" ".join(map(str, [*call.args, *named, *call.kwargs.values()]))))


def _says_no_value(text: object) -> bool:
    """Whether a text is all that is told, as of a heading or of what begins: it holds no value."""
    return isinstance(text, str) and not text.startswith("$") and not re.search(r"[{%]", text)


def _reporting(facts: Facts) -> list[Evidence]:
    """Trainers that are told to report to a tracker, in code or by the classes that Hydra's configuration names, and steps
    of managed pipelines that publish metrics."""
    told = [
        (file, call)
        for file, call in facts.calls("*Arguments", "*Config", "*Trainer", "*Accelerator", "*Estimator", "sagemaker.*")
        if (
            call.kwargs.get("report_to", call.kwargs.get("log_with"))
            not in (None, "none", "tensorboard", ["tensorboard"], [])
        )
        or "metric_definitions" in call.kwargs
    ]
    runs = [(file, call) for file, call in facts.calls("*.log") if file.imports("azureml") and len(call.args) == 2]
    loggers = facts.leaves(r"\.ya?ml$", "**", "_target_", value=r"\.(Wandb|MLFlow|Comet|Neptune)\w*(Logger|Callback)$")
    boards = [
        (file, call)
        for file, call in facts.calls("*.SummaryWriter", "*.TensorBoard", "*.create_file_writer")
        if _REMOTE.match(origin_of_argument(facts, file, call, 0, "log_dir", "logdir").literal or "")
    ]
    return [*places(told), *places(runs), *places(loggers), *places(boards)]


_REMOTE = expression(r"(gs|s3a?|hdfs|abfss?|wasbs?)://")
