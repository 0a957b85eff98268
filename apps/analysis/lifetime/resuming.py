"""How long jobs get over an interruption: checkpoints that are restored, retries of steps, cached steps."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from apps.analysis.code.importing import importing
from apps.analysis.code.keywords import given
from apps.analysis.code.names import left_out
from apps.analysis.expressions import expression
from apps.analysis.learning import commands, frameworks, objects
from apps.analysis.paths import Kind
from apps.analysis.repository import places
from apps.analysis.running import clusters

if TYPE_CHECKING:
    from apps.analysis.facts.model import Call, Define, Leaf
    from apps.analysis.findings import Evidence
    from apps.analysis.repository import Facts, File

# --- retries ------------------------------------------------------------------------------------------------------------------
_RETRY_KEYS = (
    "retries",
    "max_retries",
    "retry",
    "retry_policy",
    "retry_policies",
    "autoretry_for",
    "num_retries",
    "retry_config",
    "max_retry_attempts",
    "execution_retry",
    "max_failures",
    "retry_strategy",
    "job_retry",
    "retry_settings",
    "run_max_try",
)
_TASKS = expression(
    r"Operator$|(^|\.)DAG$|[tT]ask$|[sS]tep$|(^|\.)(flow|step|op|asset|dag|job|pipeline|multi_asset|component|RunConfig|FailureConfig|CfnJobDefinition|function|activity|PipelineJob|StepOperator|Job)$|shared_task|\.task\b|execute_activity|parallel_run_function|ParallelRunConfig|with_retry"
)


def mostly_once(facts: Facts) -> bool:
    """Whether most tasks of a queue or flow, or jobs of a cluster, have no retries, though some have."""
    tasks = [
        call for _, define in facts.decorated(facts.scripts) for call in define.decorators
        if re.search(r"(^|\.)(task|shared_task|flow|step)$", call.name)
    ]  # fmt: skip
    again = [call for call in tasks if any(_is_set(call.kwargs.get(name)) for name in _RETRY_KEYS)]
    jobs, repeated = _jobs(facts), {(place.path, document) for place, document in _repeated_jobs(facts)}
    return 0 < 2 * (len(again) + len(repeated)) < len(tasks) + len(jobs)


def retries(facts: Facts) -> list[Evidence]:
    """Retries of tasks and steps that an orchestrator or a queue makes."""
    asked = [
        (file, call)
        for file, call in given(facts, *_RETRY_KEYS)
        if _TASKS.search(call.name) and any(_is_set(call.kwargs.get(name)) for name in _RETRY_KEYS)
    ]
    calls = [
        (file, call)
        for file, define in facts.defines("", where=_is_retried)
        for call in define.decorators
        if _retries(call)
    ]
    calls += facts.calls("metaflow.retry", "*.set_retry", "*StepRetryConfig", "*RetryPolicy", "*.apply_retry")
    named = [pair for pair in calls if _retries(pair[1])]
    named += [pair for pair in facts.calls("*.add_retry") if pair[0].imports("aws_cdk", "stepfunctions")]
    named += [
        (file, call) for file, call in facts.calls("self.retry", "*.retry") if call.name in {"self.retry", "task.retry"}
    ]
    defaults = [
        (file, one) for file, one in facts.assigns(r"^(retries|max_retries|task_retries|retry_count)$", files=facts.scripts)
        if one.how == "key" and _is_set(one.value) and file.imports("airflow", "prefect", "luigi", "celery", "dagster")
    ]  # fmt: skip
    luigi = [(file, one) for file, one in facts.assigns(r"^retry_count$", files=facts.scripts) if _is_set(one.value)]
    queued = places(_of_queues(facts))
    return [*places(defaults), *places(asked), *places(named), *places(luigi), *queued, *_declared(facts)]


_QUEUES = r"['\"](inngest|bull(mq)?|@nestjs/bull(mq)?|@trigger\.dev/|@temporalio/|pg-boss|bee-queue)"

_BULL = r"['\"](@nestjs/)?bull(mq)?\b"  # whose jobs have attempts


def _of_queues(facts: Facts) -> list[tuple[File, int]]:
    """Jobs in JavaScript that a queue tries again; Inngest does, unless it is told otherwise."""
    lines = facts.signals("job-retry")
    queueing = {file.path for file, _, _ in facts.signals("import", _QUEUES)} if lines else set()
    of_bull = {file.path for file, _, _ in facts.signals("import", _BULL)} if lines else set()
    return [
        (file, line)
        for file, line, text in lines
        if "createFunction" in text or (file.path in queueing and ("ttempts" in text or file.path not in of_bull))
    ]


def _retries(call: Call) -> bool:
    return call.name == "metaflow.retry" or call.last in {"set_retry", "StepRetryConfig", "RetryPolicy", "apply_retry"}


def _is_retried(_: File, define: Define) -> bool:
    return any(map(_retries, define.decorators))


def _is_set(value: Any) -> bool:  # noqa: ANN401
    return bool(value) and value not in ("$None", "0")


_JOBS = (
    r"^(Job|CronJob|Workflow|CronWorkflow|WorkflowTemplate|PyTorchJob|TFJob|MPIJob|RayJob|SparkApplication|TrainJob)$"
)


def _jobs(facts: Facts) -> set[tuple[str, int]]:
    """(path, number of the document) of jobs of a cluster, without those that set up a service of others."""
    attached = {
        (file.path, leaf.document)
        for file, leaf in facts.leaves(r"\.ya?ml$", "**", "image", value=clusters.ATTACHED.pattern)
    }
    return {(file.path, leaf.document) for file, leaf in facts.leaves(r"\.ya?ml$", "kind", value=_JOBS)} - attached


def _repeated_jobs(facts: Facts) -> list[tuple[Evidence, int]]:
    """Where jobs of a cluster say that they are tried again, with the number of the document."""
    jobs = _jobs(facts)
    return [
        (file.at(leaf.line), leaf.document) for file, leaf in (facts.leaves(r"\.ya?ml$") if jobs else ())
        if leaf.keys and (file.path, leaf.document) in jobs
        and ((leaf.keys[-1] in {"backoffLimit", "onFailureRetries", "retries"} and _is_set(leaf.value)) or "retryStrategy" in leaf.keys or (leaf.keys[-1] == "restartPolicy" and leaf.text == "OnFailure"))
    ]  # fmt: skip


def _repeats(_: File, leaf: Leaf) -> bool:
    return (
        bool(leaf.keys) and leaf.keys[-1] in {"max_retries", "maxRetries", "max_task_retries"} and _is_set(leaf.value)
    )


def _declared(facts: Facts) -> list[Evidence]:
    cluster = [place for place, _ in _repeated_jobs(facts)]
    platform = [
        (file, leaf) for file, leaf in facts.leaves(r"\.(ya?ml|json)$", where=_repeats)
        if re.search(r"job|workload|task|databricks|bundle|retry_settings", f"{file.path} {' '.join(leaf.keys)}", re.IGNORECASE)
    ]  # fmt: skip
    states = [
        (file, leaf)
        for file, leaf in facts.leaves(r"\.(json|ya?ml)$", "**", "Retry", "*", "MaxAttempts")
        if _is_set(leaf.value)
    ]
    airflow = [
        (file, leaf)
        for file, leaf in facts.leaves(r"(^|/)airflow\.cfg$", "core", "default_task_retries")
        if _is_set(leaf.value) and leaf.text != "0"
    ]
    kestra = facts.leaves(r"(^|/)kestra-flow\.yaml$", "tasks", "*", "retry", "maxAttempt*")
    return [*cluster, *places(platform), *places(states), *places(airflow), *places(kestra)]


# --- checkpoints ----------------------------------------------------------------------------------------------------------------
_RESUME_NAME = r"^-{0,2}(resume\w*|resume[-_]from[-_]?\w*|\w+_resume|auto[-_]?resume|continue[-_](train\w*|from\w*)|restore(_\w+|_from)?|start[-_]from[-_]checkpoint|load[-_]checkpoint|ckpt_path|last_(ckpt|checkpoint)|init[-_]from|warm[-_]start[-_]from|from[-_]checkpoint)$"
_RESTARTS = r"^-{0,2}(restart([-_](from|dir|path|file|ckpt|checkpoint|epoch|iter|step))*|(load|initial)[-_](epoch|iter(ation)?|step))$"  # flags only
_RESTORES = (
    "*.BackupAndRestore", "*.get_last_checkpoint", "*.latest_checkpoint", "*.load_state", "*.load_checkpoint", "*.resume_checkpoint", "*.Tuner.restore", "*.MonitoredTrainingSession", "*.Supervisor", "*estimator*.train_and_evaluate", "tensorflow.estimator.*", "tf.estimator.*", "tensorflow.contrib.learn.*",
    "*.slim.learning.train", "*.restore_or_initialize", "*.resume_training", "*.restore_checkpoint", "*.load_training_state", "*.auto_resume", "*.resume_or_load", "*.LightningCLI", "*.load_*_checkpoint", "*.restore_*_checkpoint",
)  # fmt: skip
_SAVES = (
    "*ModelCheckpoint", "*.save_checkpoint", "*.CheckpointConfig", "*.CheckpointManager", "*.TrainingArguments", "*.SFTConfig", "*.DPOConfig", "*.Seq2SeqTrainingArguments", "*.save_state", "*.CheckpointHook", "*.TrainingCheckPoint",
    "*.Checkpoint.from_*", "*.train.Checkpoint", "*.ModelSaver", "*.save_ckpt", "*.CheckpointCallback", "*.SaveModelCallback", "*.CheckpointSaverHook", "*.extensions.snapshot*", "*.DefaultTrainer", "mmengine.runner.Runner.from_cfg", "*.Checkpointer",
)  # fmt: skip


# Trainers that write a checkpoint after each epoch unless they are told not to.
_SAVES_UNASKED = ("pytorch_lightning.Trainer", "lightning.Trainer", "lightning.pytorch.Trainer")
_UNSAVED = ("enable_checkpointing", "checkpoint_callback")
# Trainers that write checkpoints by themselves, or by a method whose name tells nothing without them.
_SAVES_BY = ((expression(r"^ultralytics\."), ("train",)), (expression(r"^ray\.rllib\."), ("save",)))


def _training_files(facts: Facts) -> set[str]:
    """Files that train, and scripts named for training, whose loop may stand in another module."""
    named = {file.path for file, _ in facts.telling(_is_named_for_training, "scripts")}
    return named | {file.path for file, _ in frameworks.fits(facts) if file.kind is not Kind.NOTEBOOK}


def _is_named_for_training(file: File) -> bool:
    return bool(re.search(r"(^|_)train|train(er|ing)?\.py$", file.name))


def restored(facts: Facts) -> list[Evidence]:
    """Places by which training goes on from a checkpoint."""
    training = _training_files(facts)
    flags = [
        (file, call) for file, call in facts.calls("*.add_argument", "click.option", "typer.Option", "*.DEFINE_*")
        if any(isinstance(one, str) and re.search(rf"{_RESUME_NAME}|{_RESTARTS}", one) for one in call.args[:3])
    ]  # fmt: skip
    passed = [
        (file, call) for file, call in facts.calls("*.train", "*.fit", "*.Trainer", "*.learn", "*.TrainingArguments", "*.fit_loop", "ray.tune.run")
        if any(_is_set(call.kwargs.get(name)) for name in ("resume_from_checkpoint", "ckpt_path", "resume", "resume_from", "autoresume"))
        or any(_is_set(call.kwargs.get(name)) and not _is_left_out(file, call, name) for name in ("xgb_model", "init_model"))
        or str(call.kwargs.get("initial_epoch", "")).startswith("$") or call.kwargs.get("reset_num_timesteps") is False
    ]  # fmt: skip
    optimizers = [
        (file, call)
        for file, call in facts.calls("*.load_state_dict")
        if re.search(r"optim|sched|scaler|(^|[._])opt(_?[a-z]{1,2})?\.", call.name, re.IGNORECASE)
    ]
    weights = [
        (file, call)
        for file, call in facts.calls("torch.load")
        if file.path in training
        and re.search(r"^\$\w*(args|opt|opts|flags)\.(load|ckpt|checkpoint)$", str(call.argument(0)))
    ]
    studies = [
        (file, call)
        for file, call in facts.calls("optuna.create_study", "*.create_study")
        if call.kwargs.get("load_if_exists") is True and call.kwargs.get("storage") is not None
    ]
    tensorflow = [
        (file, call) for file, call in facts.calls("*.restore") if file.path in training and re.search(r"saver|ckpt|checkpoint|manager|mngr|mgr", call.name, re.IGNORECASE)
    ]  # fmt: skip
    automatic = [
        pair
        for pair in facts.calls(*_RESTORES)
        if pair[0].path in training
        or not re.search(r"^(load|restore)_(\w+_)?checkpoint$|^(latest_checkpoint|load_state)$", pair[1].last)
    ]
    snapshots = [
        (file, call)
        for file, call in given(facts, "save_snapshot", "snapshot_file")
        if call.kwargs.get("save_snapshot") is True or "snapshot_file" in call.kwargs
    ]
    commanded = [(file, line) for file, line, text in commands.training_texts(facts) if _RESUMES.search(text)]
    recovering = given(facts, "checkpointer") if facts.imports("speechbrain") else []
    names = [
        (file, one)
        for file, one in facts.assigns(_RESUME_NAME, files=[file for file in facts.scripts if file.path in training])
        if one.how != "attribute"
    ]
    going_on = training | {file.path for file in facts.scripts if "resum" in file.name}
    counted = [
        (file, one) for file, one in facts.assigns(_COUNT, files=facts.scripts)
        if file.path in going_on and _is_kept(one.name, one.value)
    ]  # fmt: skip
    fetched = [
        (file, call) for file, call in facts.calls("*.get")
        if file.path in going_on and re.search(_COUNT, call.target) and _is_kept(call.target, f"${call.name.removesuffix('.get')}[]")
    ]  # fmt: skip
    configured = [
        (file, leaf)
        for file, leaf in facts.leaves(r"\.(ya?ml|json|toml)$", "**", "*resume*")
        if re.search(r"^(resume|resume_from\w*|auto_resume)$", leaf.keys[-1])
        and not re.search(r"wandb|tracking|logger", f"{file.path} {' '.join(leaf.keys)}")  # of what is recorded
        and _is_training_config(file, leaf.keys)
    ]
    return [
        *places(optimizers),
        *places(weights),
        *places(studies),
        *places(passed),
        *places(flags),
        *places(automatic),
        *places(tensorflow),
        *places(snapshots),
        *places(names),
        *places(counted),
        *places(fetched),
        *places(configured),
        *places(commanded),
        *places(recovering),
    ]


# How far training had come, which it takes from what an earlier run has kept.
_COUNT = r"(?i)(^|[._])(epochs?|steps?|iter(ation)?s?|i_?ter|it)(_?(start|offset|done|num(ber)?))?$"
_KEPT = expression(
    r"^\$+(self\.)?\w{0,40}(checkpoint|ckpt|chkpt|snapshot|resumed?|restored)\w{0,40}(\[\])+( Add \d+)?$", re.IGNORECASE
)
_STATE = expression(r"^\$+(self\.)?(\w+_)?state(_dict)?(\[\])+( Add \d+)?$")  # of a game it has steps, and no epochs


def _is_kept(name: str, value: object) -> bool:
    return isinstance(value, str) and bool(_KEPT.match(value) or ("epoch" in name.lower() and _STATE.match(value)))


# What a job is told that leaves out what it has done, and what it keeps of how far it came.
_GOES_ON = expression(rf"{_RESUME_NAME}|^-{{0,2}}(skip[-_](existing|done|processed|completed)|only[-_]missing)$")
_PROGRESS = ("*.load_progress", "load_progress", "*.load_checkpoint", "load_checkpoint")


def of_jobs(facts: Facts) -> list[Evidence]:
    """Places by which long jobs that train nothing go on where they stopped."""
    flags = [
        (file, call)
        for file, call in facts.calls("*.add_argument", "click.option", "typer.Option", files=facts.scripts)
        if any(isinstance(one, str) and _GOES_ON.search(one) for one in call.args[:3])
    ]
    saving = {file.path for file, _ in facts.calls("*save_progress", "*save_checkpoint", files=facts.scripts)}
    loaded = [pair for pair in facts.calls(*_PROGRESS, files=facts.scripts) if pair[0].path in saving]
    return places([*flags, *loaded])


_RESUMES = expression(
    r"\bfairseq-(hydra-)?train\b|"  # goes on from its last checkpoint unasked
    r"\s(--?(auto[-_])?resume\b|--?resume[-_]from|--?continue[-_]from|resume=True|resume\s+model=)",
    re.IGNORECASE,
)


def _is_left_out(file: File, call: Call, name: str) -> bool:
    """Whether a function only hands on what its callers may leave out."""
    return (call.scope, str(call.kwargs[name])) in file.once(left_out)


def starting_over(facts: Facts, places_restored: list[Evidence]) -> list[Evidence]:
    """Places where scripts fit models that go on from no checkpoint, where those are most of the scripts that fit and
    whatever goes on does so in such a script itself."""
    going_on = {place.path for place in places_restored}
    fits = [(file, call) for file, call in frameworks.fits(facts) if file.kind is Kind.PYTHON]
    fitting = {file.path for file, _ in fits}
    if not going_on <= fitting:
        return []
    over = fitting - importing(facts, *going_on)
    most = len(over) > len(fitting) - len(over)
    return [file.at(call.line) for file, call in fits if file.path in over] if most else []


def _is_training_config(file: File, keys: list[str]) -> bool:
    return bool(
        re.search(r"train|conf|param|model|exp", f"{file.path} {' '.join(keys)}", re.IGNORECASE)
    ) and not re.search(r"compose|\.github", file.path)


def saved(facts: Facts) -> list[Evidence]:
    """Places where training writes checkpoints before it ends."""
    training = _training_files(facts) | {file.path for file, _ in frameworks.fits(facts)}
    within_loop = [
        (file, call) for file, call in facts.calls("torch.save", "*.save_weights", "*.saver.save", "saver.save", "*.Saver().save", "self.saver.save", "*.save")
        if file.path in training and (call.loop or _is_checkpoint(call)) and (call.name == "torch.save" or call.last == "save_weights" or "saver" in call.name.lower() or _is_checkpoint(call))
    ]  # fmt: skip
    called = [*facts.calls(*_SAVES), *objects.methods(facts, _SAVES_BY)]
    called += [
        pair for pair in facts.calls(*_SAVES_UNASKED) if not any(pair[1].kwargs.get(name) is False for name in _UNSAVED)
    ]
    managed = given(facts, "checkpoint_s3_uri")
    elsewhere = [file.at(line) for file, line, _ in facts.signals("checkpoint") if file.kind in {Kind.SCALA, Kind.JAVA}]
    at_epochs = {file.path for file, _, _ in facts.signals("epoch-end")}
    elsewhere += [file.at(line) for file, line, _ in facts.signals("model-save") if file.path in at_epochs]
    return [*places(called), *places(within_loop), *places(managed), *elsewhere]


def _is_checkpoint(call: Call) -> bool:
    return bool(re.search(r"ckpt|checkpoint|snapshot", f"{call.args} {call.scope} {call.kwargs}", re.IGNORECASE))


# --- cached steps -----------------------------------------------------------------------------------------------------------------
_CACHED_KEYS = frozenset({
    "enable_caching", "allow_reuse", "cache_config", "enable_cache", "cache_key_fn", "cache", "cache_policy", "cache_steps", "cache_result_in_memory", "cache_expiration",
})  # fmt: skip


def cached(facts: Facts) -> list[Evidence]:
    """Steps whose outputs a second run takes over."""
    calls = [(file, call) for file, define in facts.decorated() for call in define.decorators]
    asked = [
        (file, call)
        for file, call in [
            *calls,
            *facts.calls("*.*Step", "*.PipelineJob", "*.CacheConfig", "*.set_caching_options", "tfx.*.Pipeline"),
        ]
        if call.last == "CacheConfig" or any(_is_set(call.kwargs[name]) for name in _CACHED_KEYS & call.kwargs.keys())
    ]
    jobs = [
        pair
        for pair in facts.calls("google.cloud.aiplatform.PipelineJob", "*.aiplatform.PipelineJob")
        if pair[1].kwargs.get("enable_caching") is not False
    ]
    zenml = [
        pair
        for pair in calls
        if pair[1].name.startswith(("zenml.pipeline", "zenml.pipelines"))
        and pair[1].kwargs.get("enable_cache") is not False
    ]
    stages = facts.leaves(r"(^|/)dvc\.yaml$", "stages", "*", "cmd")
    targets = [(file, one) for file, one in facts.defines(r"^output$") if file.imports("luigi")]
    return [*places(asked), *places(jobs), *places(stages), *places(targets), *places(zenml)]
