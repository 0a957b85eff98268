"""What lets training run on several processes or instances, and what only uses the cores of one machine."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from apps.analysis.code.keywords import given
from apps.analysis.expressions import expression, literal
from apps.analysis.learning import frameworks, trained_elsewhere
from apps.analysis.paths import Kind
from apps.analysis.running import clusters, compose, starts

if TYPE_CHECKING:
    from apps.analysis.facts.model import Call, Define
    from apps.analysis.repository import Facts, File

    Lines = list[tuple[File, int]]
    Calls = list[tuple[File, Call]]

_DISTRIBUTED = (
    "torch.distributed", "torch.nn.parallel.DistributedDataParallel", "torch.multiprocessing.spawn", "deepspeed", "horovod", "ray.train", "ray.tune", "ray.rllib", "xgboost_ray", "lightgbm_ray", "ray.air", "ray.util.sgd",
    "pyspark.ml", "pyspark.mllib", "dask_ml", "dask.distributed", "distributed.Client", "xgboost.dask", "xgboost.spark", "lightgbm.dask", "synapse.ml", "mmlspark", "sparkdl", "elephas", "bigdl",
    "torch_xla.distributed", "fairscale", "colossalai", "apex.parallel.DistributedDataParallel", "smdistributed", "torchelastic", "mpi4py", "pytorch_lightning.strategies.DDPStrategy",
    "tensorflowonspark", "pysparkling", "byteps", "megatron", "spark_tensorflow_distributor", "lightning.fabric", "fsdp", "torchtitan", "kubeflow.training", "petastorm", "mesh_tensorflow", "paddle.distributed", "chainermn", "mindspore.communication", "oneflow.distributed",
    "jax.distributed", "jax.experimental.pjit", "jax.experimental.maps", "jax.experimental.multihost_utils", "jax.experimental.shard_map",
)  # fmt: skip
_DISTRIBUTED_CALLS = (
    "*.DistributedDataParallel", "*.init_process_group", "accelerate.Accelerator", "accelerate.*.Accelerator", "*.MultiWorkerMirroredStrategy", "*.MirroredStrategy", "*.TPUStrategy",
    "*.ParameterServerStrategy", "*.ParameterServerStrategyV1", "*.CollectiveAllReduceStrategy", "*.CentralStorageStrategy", "*.experimental_distribute_dataset", "*.FullyShardedDataParallel", "*.ScalingConfig",
    "tensorflow.train.Server", "tensorflow.train.ClusterSpec", "tf.train.ClusterSpec", "*.SyncReplicasOptimizer", "*.estimator.train_and_evaluate", "*.xla_multiprocessing.spawn", "*.mp.spawn", "torch.multiprocessing.spawn",
    "*.replica_device_setter", "h2o.init", "*.multi_gpu_model", "*.TPUEstimator", "*.CrossShardOptimizer",
)  # fmt: skip
# What a launcher tells each of its processes.
_RANKS = expression(
    r"^(?:WORLD_SIZE|LOCAL_RANK|RANK|SLURM_PROCID|SLURM_NTASKS|OMPI_COMM_WORLD_\w+|--?local[_-]rank|--?world[_-]size)$"
)
# What spreads an array or a function over devices and hosts, for training as for inference.
_SPREAD = (
    "jax.pmap", "jax.*.pmap", "jax.lax.pmean", "jax.lax.psum", "jax.distributed.initialize", "jax.make_mesh", "jax.sharding.Mesh", "jax.shard_map", "jax.device_put_replicated", "flax.jax_utils.replicate",
    "*.jax_utils.replicate",
)  # fmt: skip
_LAUNCHERS = r"\b(torchrun|torch\.distributed\.(launch|run)|accelerate launch|deepspeed\s|horovodrun|mpirun|mpiexec|spark-submit|srun|python\S* -m torch\.distributed|colossalai run|ray (job )?submit)\b"
JOB_KINDS = (
    r"^(PyTorchJob|MPIJob|TFJob|RayJob|RayCluster|SparkApplication|ScheduledSparkApplication|XGBoostJob|TrainJob)$"
)
_COUNTS = (
    "instance_count", "train_instance_count", "replica_count", "node_count", "num_nodes", "worker_count", "max_parallel_jobs", "parallel_trial_count", "max_concurrent_trials", "max_concurrent_runs",
    "num_workers_per_node", "num_machines", "max_concurrent_trials", "num_executors", "process_count_per_node", "n_workers", "max_total_runs",
)  # fmt: skip
_TRAINING_CALLABLE = expression(
    r"(Estimator|Estimator\w*|PyTorch|TensorFlow|SKLearn|XGBoost|HuggingFace|Tuner|TrainingJob\w*|Trainer|HyperDriveConfig|MpiConfiguration|ScriptRunConfig|PyTorchConfiguration|TensorflowConfiguration|command|"
    r"SlurmCluster|FargateCluster|KubeCluster|LocalCluster|Cluster|Client|CustomTrainingJobOp|run|HyperparameterTuningJob\w*|TrainingStep|ProcessPoolExecutor|create_custom_training_job_from_component|ResourceConfig|Compute|sweep|set_limits|TuneConfig)$"
)


def more_than_one(value: Any) -> bool:  # noqa: ANN401
    """Whether a count is above one, or is left to a parameter."""
    if isinstance(value, bool) or value is None:
        return False
    if isinstance(value, list):
        return len(value) > 1
    if isinstance(value, int | float):
        return value > 1 or value == -1
    return bool(str(value)) and str(value) not in {"1", "0", "$None"} and not _AT_MOST_ONE.match(str(value))


_AT_MOST_ONE = expression(r"^\$?(?:None|[01])(?: (?:Else|Or) (?:None|[01]))+$")


def distributed_training(facts: Facts) -> Lines:
    """Places that make training run on several processes or instances."""
    calls = [(file, call.line) for file, call in facts.calls(*_DISTRIBUTED_CALLS)]
    training = _training_files(facts)
    imports = [(file, line) for file, line in facts.imports(*_DISTRIBUTED) if _is_of_training(file, training)]
    spread = [(file, call.line) for file, call in facts.calls(*_SPREAD) if _is_of_training(file, training)]
    ranked = [
        (file, call.line)
        for file, call in facts.calls("os.environ[]", "os.environ.get", "os.getenv", "*.add_argument")
        if any(isinstance(one, str) and _RANKS.match(one) for one in call.args[:2]) and file.path in training
    ]
    launched = [
        (start.file, start.line)
        for start in starts.commanding(facts, _LAUNCHERS)
        if not re.search(r"pip install|infer|generate|eval", start.command)
    ]
    jobs = [(one.file, one.line) for one in clusters.workloads(facts) if re.match(JOB_KINDS, one.kind)]
    return [
        *calls,
        *spread,
        *ranked,
        *_counted(facts),
        *_lightning(facts),
        *launched,
        *imports,
        *jobs,
        *_parallel_steps(facts, training),
        *_spread_tasks(facts, training),
        *_elsewhere(facts),
    ]


def _is_of_training(file: File, training: set[str]) -> bool:
    """Whether the module trains, or may be part of it: one that only servers import is none."""
    if file.path in training:
        return True
    return not (file.imports("ray.serve") or re.search(r"infer|serv|deploy|endpoint|predict", file.folder.lower()))


def _training_files(facts: Facts) -> set[str]:
    return {file.path for file, _ in (*frameworks.fits(facts), *frameworks.managed_training(facts))}


def _counted(facts: Facts) -> Lines:
    """Counts of instances, nodes or parallel jobs that are above one or a parameter; `distribution` of an estimator."""
    found = []
    for file, call in given(facts, *_COUNTS, "distribution", decorators=False):
        if _TRAINING_CALLABLE.search(call.name):
            counted = any(more_than_one(call.kwargs[name]) for name in _COUNTS if name in call.kwargs)
            counted = counted or bool(call.kwargs.get("distribution") and "sagemaker" in call.name)
            if counted and not _is_processing(call) and _parameters_exceed_one(facts, file, call):
                found.append((file, call.line))
    return found


def _is_processing(call: Call) -> bool:
    return bool(re.search(r"Process|Transform|subprocess", call.name))


def _parameters_exceed_one(facts: Facts, file: File, call: Call) -> bool:
    """A count that the same file fixes to one under a name is one."""
    for name in _COUNTS:
        value = call.kwargs.get(name)
        if isinstance(value, str) and value.startswith("$") and value[1:].isidentifier():
            fixed = [
                one.value for _, one in facts.assigns(f"^{literal(value[1:])}$", files=[file]) if one.how == "name"
            ]
            if fixed and all(one == 1 for one in fixed):
                continue
        if more_than_one(value):
            return True
    return bool(call.kwargs.get("distribution"))


_LIGHTNING = (
    "pytorch_lightning",
    "lightning",
    "lightning.pytorch",
    "lightning_fabric",
    "fastai",
    "catalyst",
    "composer",
    "ignite",
)


def _lightning(facts: Facts) -> Lines:
    found = []
    for file, call in facts.calls(
        "*.Trainer",
        "*.Trainer.from_argparse_args",
        "*.LightningCLI",
        "*.Fabric",
        "*.to_distributed",
        "*.distrib_ctx",
        "*.add_argparse_args",
    ):
        if not call.name.startswith(_LIGHTNING) and call.last not in {"to_distributed", "distrib_ctx"}:
            continue
        devices = any(
            more_than_one(call.kwargs.get(name)) and call.kwargs.get(name) != "auto"
            for name in ("devices", "gpus", "num_nodes", "tpu_cores", "num_processes")
        )
        strategy = str(
            call.kwargs.get("strategy")
            or call.kwargs.get("accelerator")
            or call.kwargs.get("distributed_backend")
            or ""
        )
        if (
            devices
            or re.search(r"ddp|fsdp|deepspeed|horovod|^\$", strategy)
            or call.last in {"from_argparse_args", "LightningCLI", "to_distributed", "distrib_ctx", "add_argparse_args"}
        ):
            found.append((file, call.line))
    return [*found, *_configured_trainers(facts)]


def _configured_trainers(facts: Facts) -> Lines:
    """Configuration of Lightning's trainer that Hydra hands on: a strategy for many processes, or more than one device."""
    if not facts.imports("pytorch_lightning", "lightning", "lightning_fabric"):
        return []
    leaves = facts.leaves(r"\.ya?ml$", "**", "strategy", value=r"^(ddp|fsdp|deepspeed)")
    counts = [pair for name in ("devices", "gpus", "num_nodes") for pair in facts.leaves(r"\.ya?ml$", "**", name)]
    leaves += [(file, leaf) for file, leaf in counts if leaf.text != "auto" and more_than_one(leaf.value)]
    return [(file, leaf.line) for file, leaf in leaves if "trainer" in f"{file.path} {' '.join(leaf.keys)}".lower()]


_CLUSTER_RUNNERS = (
    "*.DaskExecutor",
    "*.DaskTaskRunner",
    "*.RayTaskRunner",
    "*.FargateCluster",
    "*.KubeCluster",
    "*.CeleryExecutor",
    "*.celery_executor",
    "*.ParallelRunner",
    "*.multiprocess_executor",
)


def _parallel_steps(facts: Facts, training: set[str]) -> Lines:
    """Steps of a pipeline that run side by side: on a cluster of workers, by a fan-out, by a parallel loop."""
    runners = [(file, call.line) for file, call in facts.calls(*_CLUSTER_RUNNERS)]
    loops = [(file, call.line) for file, call in facts.calls("*.ParallelFor")]
    branches = facts.calls("self.next", where=_goes_several_ways)
    foreach = [(file, call.line) for file, call in branches]
    expanded = [
        (file, call.line) for file, call in facts.calls("*.expand", "*.map_task") if file.imports("airflow", "flytekit")
        and (file.path in training or re.search("train", call.name))
    ]  # fmt: skip
    trials = [
        (file, leaf.line)
        for keys in (("spec", "parallelTrialCount"), ("**", "limits", "max_concurrent_trials"))
        for file, leaf in facts.leaves(r"\.ya?ml$", *keys)
        if more_than_one(leaf.value)
    ]
    sweeps = [
        (file, leaf.line)
        for file, leaf in facts.leaves(r"\.ya?ml$", "hydra", "launcher", "**")
        if re.search(r"submitit|ray|joblib", leaf.text)
    ]
    defaults = [
        (file, leaf.line) for file, leaf in facts.leaves(r"\.ya?ml$", "defaults", "**", value=r"^(submitit_\w+|ray)$")
    ]
    copies = [
        (one.file, leaf.line)
        for one in clusters.own_workloads(facts)
        if one.kind == "Job" and re.search(r"train|tun(e|ing)", f"{one.name} {[leaf.text for leaf in one.leaves]}")
        for leaf in one.leaves
        if leaf.keys[-1] == "parallelism" and more_than_one(leaf.value)
    ]
    trainers = [
        (file, call.line)
        for file, call in facts.calls("*TrainingArguments")
        if call.kwargs.get("deepspeed") or call.kwargs.get("fsdp")
    ]
    return [*runners, *loops, *foreach, *expanded, *trials, *sweeps, *defaults, *copies, *trainers]


def _goes_several_ways(file: File, call: Call) -> bool:
    """Whether a step of Metaflow is followed by several at once; readers of other texts have a next sign as well."""
    return "foreach" in call.kwargs or (len(call.args) > 1 and file.imports("metaflow"))


def _spread_tasks(facts: Facts, training: set[str]) -> Lines:
    """Functions that Ray runs on its workers, and such that Spark hands the rows of a group each, as for a model per group."""
    ray = [(file, one.line) for file, one in facts.decorated(where=_is_remote)]
    ray += [(file, call.line) for file, call in facts.calls("ray.remote", "ray.remote()")]
    groups = [(file, call.line) for file, call in facts.calls("*.applyInPandas")]
    if facts.profile.loads_model.holds:  # then it may be what predicts
        groups = [(file, line) for file, line in groups if file.path in training]
    return [(file, line) for file, line in (*ray, *groups) if _is_of_training(file, training)]


def _is_remote(_: File, one: Define) -> bool:
    return one.is_decorated_by("ray.remote")


def _elsewhere(facts: Facts) -> Lines:
    """Spark in Scala and Java; clusters of workers in R."""
    trained = {file.path for file, _ in trained_elsewhere.training(facts)}
    spark = [
        (file, line) for file, line, _ in facts.signals("spark") if trained and file.kind in {Kind.SCALA, Kind.JAVA}
    ]
    spark = [] if _on_one_machine(facts) else spark
    workers = [
        (file, line)
        for file, line, _ in facts.signals("parallel", r"registerDoParallel|makeCluster|future::")
        if trained
    ]
    slurm = [(file, one.line) for file, one in facts.commands(_SEVERAL_TASKS)]
    return [*spark, *workers, *slurm]


# Nodes, tasks, or the jobs of an array.
_SEVERAL_TASKS = (
    r"^#SBATCH\s+(?:(?:--nodes|-N|--ntasks|-n|--ntasks-per-node)[= ](?:[2-9]|\d{2})|(?:--array|-a)[= ]\d+[-,])"
)
_LOCAL_MASTER = expression(r"['\"]local(?:\[|['\"])")


def _on_one_machine(facts: Facts) -> Lines:
    """Where code makes Spark use the cores of its own machine, if it names no other master anywhere."""
    masters = facts.signals("spark-master")
    return (
        [(file, line) for file, line, text in masters]
        if all(_LOCAL_MASTER.search(text) for _, _, text in masters)
        else []
    )


_THREADS = (
    "n_jobs",
    "num_workers",
    "workers",
    "nthread",
    "num_threads",
    "thread_count",
    "num_proc",
    "dataloader_num_workers",
    "n_threads",
    "num_parallel_calls",
    "use_multiprocessing",
    "n_cores",
)


_ELSEWHERE = r"eval|rag|retriev|infer|serv|generat|query|etl|crawl|api/|app\.py|bench|predict|gunicorn"


def threaded_training(facts: Facts) -> Lines:
    """What uses the cores of one machine: `n_jobs`, workers of data loaders, `DataParallel`, pools of processes."""
    training = _training_files(facts)
    pools = facts.calls(
        "*.ProcessPoolExecutor", "*.ThreadPoolExecutor", "multiprocessing.Pool", "*.multiprocessing.Pool"
    )
    parallel = facts.calls(
        "*.DataParallel",
        "*.ParallelUpdater",
        "torch.nn.DataParallel",
        "*.nn.parallel.data_parallel",
        "joblib.Parallel",
        "*.set_num_threads",
        "*.set_intra_op_parallelism_threads",
    )
    found = [(file, call.line) for file, call in (*parallel, *(pair for pair in pools if pair[0].path in training))]
    for file, call in given(facts, *_THREADS, decorators=False):
        if file.path not in training and re.search(_ELSEWHERE, file.path.lower()):
            continue
        values = [call.kwargs[name] for name in _THREADS if name in call.kwargs]
        values = [value for value in values if not _is_configured_to_one(facts, value)]
        if any(more_than_one(value) or value is True for value in values) and not re.search(
            r"uvicorn|gunicorn|Option|add_argument|serve", call.name
        ):
            found.append((file, call.line))
    assigned = facts.assigns(r"^(n_jobs|num_workers|nthread|thread_count|num_threads|workers|NUM_WORKERS|N_JOBS)$")
    found += [
        (file, one.line)
        for file, one in assigned
        if more_than_one(one.value)
        and (file.path in training or not re.search(_ELSEWHERE, f"{file.path} {one.scope}".lower()))
    ]
    flags = [
        (file, call.line)
        for file, call in facts.calls("*.add_argument")
        if re.search(r"num[_-]workers|n[_-]jobs|threads|workers", str(call.argument(0)))
    ]
    configured = [
        (file, leaf.line) for file, leaf in facts.leaves(r"\.(ya?ml|json|toml|gin)$") if leaf.keys and leaf.keys[-1] in _THREADS and more_than_one(leaf.value)
        and not re.search(compose.COMPOSE, file.path) and leaf.keys[0] != "api_server"  # of BentoML
    ]  # fmt: skip
    elsewhere = {file.path for file, _ in trained_elsewhere.training(facts)}
    goroutines = [
        (file, line)
        for file, line, _ in facts.signals("parallel", r"go func|ExecutorService|mclapply")
        if file.path in elsewhere
    ]
    found = [*found, *flags, *configured, *goroutines, *(_on_one_machine(facts) if elsewhere else [])]
    by_script = any(file.path in training for file in facts.scripts)  # then notebooks only explore
    return [pair for pair in found if pair[0].kind is not Kind.NOTEBOOK] if by_script else found


_SETTING = expression(r"^\$\w+(?:\.\w+)*\.(\w+)$")


def _is_configured_to_one(facts: Facts, value: Any) -> bool:  # noqa: ANN401
    """Whether configuration files give the setting that a call takes, and none of them more than one."""
    found = _SETTING.match(value) if isinstance(value, str) else None
    settings = facts.leaves(_CONFIGURES, "**", found.group(1)) if found else []
    return bool(settings) and all(leaf.text in {"0", "1"} for _, leaf in settings)


_CONFIGURES = r"\.(ya?ml|json|toml)$"
