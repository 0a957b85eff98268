"""What lets training and inference run as several processes or instances, and what only uses several threads."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from apps.analysis import learning, servers, starts
from apps.analysis.paths import Kind

if TYPE_CHECKING:
    from apps.analysis.facts.model import Call
    from apps.analysis.repository import Facts, File

    Lines = list[tuple[File, int]]
    Calls = list[tuple[File, Call]]

# --- training ---------------------------------------------------------------------------------------------------------------
_DISTRIBUTED = (
    "torch.distributed", "torch.nn.parallel.DistributedDataParallel", "torch.multiprocessing.spawn", "deepspeed", "horovod", "ray.train", "ray.tune", "ray.air", "ray.util.sgd",
    "pyspark.ml", "pyspark.mllib", "dask_ml", "dask.distributed", "distributed.Client", "xgboost.dask", "xgboost.spark", "lightgbm.dask", "synapse.ml", "mmlspark", "sparkdl", "elephas", "bigdl",
    "torch_xla.distributed", "fairscale", "colossalai", "apex.parallel.DistributedDataParallel", "smdistributed", "torchelastic", "mpi4py", "pytorch_lightning.strategies.DDPStrategy",
    "tensorflowonspark", "pysparkling", "byteps", "megatron", "spark_tensorflow_distributor", "lightning.fabric", "fsdp", "torchtitan", "kubeflow.training", "petastorm",
)  # fmt: skip
_DISTRIBUTED_CALLS = (
    "*.DistributedDataParallel", "*.init_process_group", "accelerate.Accelerator", "accelerate.*.Accelerator", "*.MultiWorkerMirroredStrategy", "*.MirroredStrategy", "*.TPUStrategy",
    "*.ParameterServerStrategy", "*.ParameterServerStrategyV1", "*.CollectiveAllReduceStrategy", "*.CentralStorageStrategy", "*.experimental_distribute_dataset", "*.FullyShardedDataParallel", "*.ScalingConfig",
    "tensorflow.train.Server", "tensorflow.train.ClusterSpec", "tf.train.ClusterSpec", "*.SyncReplicasOptimizer", "*.train_and_evaluate", "*.xla_multiprocessing.spawn", "*.mp.spawn", "torch.multiprocessing.spawn",
    "*.replica_device_setter", "h2o.init", "*.multi_gpu_model",
)  # fmt: skip
_LAUNCHERS = r"\b(torchrun|torch\.distributed\.(launch|run)|accelerate launch|deepspeed\s|horovodrun|mpirun|mpiexec|spark-submit|srun|python\S* -m torch\.distributed|colossalai run|ray (job )?submit)\b"
_JOB_KINDS = (
    r"^(PyTorchJob|MPIJob|TFJob|RayJob|RayCluster|SparkApplication|ScheduledSparkApplication|XGBoostJob|TrainJob)$"
)
_COUNTS = (
    "instance_count", "train_instance_count", "replica_count", "node_count", "num_nodes", "worker_count", "max_parallel_jobs", "parallel_trial_count", "max_concurrent_trials", "max_concurrent_runs",
    "num_workers_per_node", "num_machines", "max_concurrent_trials", "num_executors", "process_count_per_node", "n_workers", "max_total_runs",
)  # fmt: skip
_TRAINING_CALLABLE = re.compile(
    r"(Estimator|Estimator\w*|PyTorch|TensorFlow|SKLearn|XGBoost|HuggingFace|Tuner|TrainingJob\w*|Trainer|HyperDriveConfig|MpiConfiguration|ScriptRunConfig|PyTorchConfiguration|TensorflowConfiguration|command|"
    r"SlurmCluster|FargateCluster|KubeCluster|LocalCluster|Cluster|Client|CustomTrainingJobOp|run|HyperparameterTuningJob\w*|TrainingStep|ProcessPoolExecutor|create_custom_training_job_from_component|ResourceConfig|sweep|set_limits|TuneConfig)$"
)


def more_than_one(value: Any) -> bool:  # noqa: ANN401
    """Whether a count is above one, or is left to a parameter."""
    if isinstance(value, bool) or value is None:
        return False
    if isinstance(value, int | float):
        return value > 1 or value == -1
    return bool(str(value)) and str(value) not in {"1", "0", "$None"}


def distributed_training(facts: Facts) -> Lines:
    """Places that make training run on several processes or instances."""
    calls = [(file, call.line) for file, call in facts.calls(*_DISTRIBUTED_CALLS)]
    training = _training_files(facts)
    imports = [
        (file, line)
        for file, line in facts.imports(*_DISTRIBUTED)
        if file.path in training or not facts.imports("ray.serve", files=[file])
    ]
    launched = [
        (start.file, start.line)
        for start in starts.of(facts)
        if re.search(_LAUNCHERS, start.command) and not re.search(r"pip install|infer|generate|eval", start.command)
    ]
    jobs = [(one.file, one.line) for one in starts.workloads(facts) if re.match(_JOB_KINDS, one.kind)]
    return [
        *calls,
        *_counted(facts),
        *_lightning(facts),
        *launched,
        *imports,
        *jobs,
        *_parallel_steps(facts, training),
        *_elsewhere(facts),
    ]


def _training_files(facts: Facts) -> set[str]:
    return {file.path for file, _ in (*learning.fits(facts), *learning.managed_training(facts))}


def _counted(facts: Facts) -> Lines:
    """Counts of instances, nodes or parallel jobs that are above one or a parameter; `distribution` of an estimator."""
    found = []
    for file, call in facts.calls("*"):
        if call.kwargs and _TRAINING_CALLABLE.search(call.name):
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
                one.value for _, one in facts.assigns(f"^{re.escape(value[1:])}$", files=[file]) if one.how == "name"
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
    return found


_FAN_OUT = (
    "*.map",
    "*.expand",
    "*.partial().expand",
    "*.ParallelFor",
    "kfp.dsl.ParallelFor",
    "*.map_task",
    "*.starmap",
    "*.submit",
)
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
    foreach = [(file, call.line) for file, call in facts.calls("self.next") if "foreach" in call.kwargs]
    expanded = [
        (file, call.line) for file, call in facts.calls("*.expand", "*.map_task") if facts.imports("airflow", "flytekit", files=[file])
        and (file.path in training or re.search("train", call.name))
    ]  # fmt: skip
    katib = [
        (file, leaf.line)
        for file, leaf in facts.leaves(r"\.ya?ml$", "spec", "parallelTrialCount")
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
    return [*runners, *loops, *foreach, *expanded, *katib, *sweeps, *defaults]


def _elsewhere(facts: Facts) -> Lines:
    """Spark in Scala and Java; clusters of workers in R."""
    trained = {file.path for file, _ in learning.training_elsewhere(facts)}
    spark = [
        (file, line) for file, line, _ in facts.signals("spark") if trained and file.kind in {Kind.SCALA, Kind.JAVA}
    ]
    workers = [
        (file, line)
        for file, line, _ in facts.signals("parallel", r"registerDoParallel|makeCluster|future::")
        if trained
    ]
    slurm = [(file, one.line) for file, one in facts.commands(r"^#SBATCH\s+(--nodes|-N)[= ]([2-9]|\d{2})")]
    return [*spark, *workers, *slurm]


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


_ELSEWHERE = r"eval|rag|retriev|infer|serv|generat|query|etl|crawl|api/|app\.py|bench|predict"


def threaded_training(facts: Facts) -> Lines:
    """What uses the cores of one machine: `n_jobs`, workers of data loaders, `DataParallel`, pools of processes."""
    training = _training_files(facts)
    pools = facts.calls(
        "*.ProcessPoolExecutor", "*.ThreadPoolExecutor", "multiprocessing.Pool", "*.multiprocessing.Pool"
    )
    parallel = facts.calls(
        "*.DataParallel",
        "torch.nn.DataParallel",
        "*.nn.parallel.data_parallel",
        "joblib.Parallel",
        "*.set_num_threads",
        "*.set_intra_op_parallelism_threads",
    )
    found = [(file, call.line) for file, call in (*parallel, *(pair for pair in pools if pair[0].path in training))]
    for file, call in facts.calls("*"):
        if file.path not in training and re.search(_ELSEWHERE, file.path.lower()):
            continue
        values = [call.kwargs[name] for name in _THREADS if name in call.kwargs]
        if any(more_than_one(value) or value is True for value in values) and not re.search(
            r"uvicorn|gunicorn|Option|add_argument|serve", call.name
        ):
            found.append((file, call.line))
    assigned = facts.assigns(r"^(n_jobs|num_workers|nthread|thread_count|num_threads|workers|NUM_WORKERS|N_JOBS)$")
    found += [(file, one.line) for file, one in assigned if more_than_one(one.value)]
    flags = [
        (file, call.line)
        for file, call in facts.calls("*.add_argument")
        if re.search(r"num[_-]workers|n[_-]jobs|threads|workers", str(call.argument(0)))
    ]
    configured = [
        (file, leaf.line) for file, leaf in facts.leaves(r"\.(ya?ml|json|toml|gin)$") if leaf.keys and leaf.keys[-1] in _THREADS and more_than_one(leaf.value)
        and not starts.COMPOSE.endswith(file.name)
    ]  # fmt: skip
    goroutines = [(file, line) for file, line, _ in facts.signals("parallel", r"go func|ExecutorService|mclapply")]
    return [*found, *flags, *configured, *goroutines]


# --- inference ----------------------------------------------------------------------------------------------------------------
_AUTOSCALED = (
    "*.register_scalable_target", "*.put_scaling_policy", "*.autoscale_instance_count", "*.auto_scale_instance_count", "*.scale_on_metric", "*.auto_scale_task_count", "*.ParallelRunStep", "*.ParallelRunConfig",
    "*.parallel_run_function", "*.CfnScalableTarget", "*.ScalableTarget", "*.auto_scale_on_cpu_utilization",
    "*.ServerlessInferenceConfig", "aws_cdk.aws_lambda.*Function", "aws_cdk.aws_lambda_python_alpha.PythonFunction", "*.DockerImageFunction", "mangum.Mangum", "chalice.Chalice",
)  # fmt: skip
_REPLICA_COUNTS = (
    "initial_instance_count", "min_replica_count", "max_replica_count", "num_replicas", "replicas", "min_replicas", "max_replicas", "autoscale_max_replicas", "starting_replica_count", "instance_count",
    "max_instances", "autoscaling_config", "max_containers", "concurrency_limit", "desired_count", "initialInstanceCount", "min_replicas_count", "max_concurrent_transforms", "scaling_max_replicas", "workers",
)  # fmt: skip
_SERVING_CALLABLE = re.compile(
    r"deploy\w*$|Endpoint\w*|Deployment\w*|deploy_configuration$|serve\.|Service\b|service$|ProductionVariant\w*|Transformer$|BatchPredict\w*|batch_predict$|batch_prediction\w*|BatchDeployment|modal|"
    r"BatchPredictionJob\w*|create_batch_prediction_job|Transform\w*|transform$|options$|FargateService|model_batch_predict\w*|on_event|function$|_ScalableTarget|ServerConfig|uvicorn\.run|cls$|Config$",
    re.IGNORECASE,
)


def scaled_serving(facts: Facts) -> tuple[Lines, Lines]:
    """Places that make serving run as several processes or instances, and places that fix it to one."""
    several: Lines = []
    one_only: Lines = []
    for file, line, value in [*_server_counts(facts), *_declared_counts(facts), *_code_counts(facts)]:
        (several if more_than_one(value) or value == 0 else one_only).append((file, line))
    several += _autoscalers(facts)
    several += [(file, call.line) for file, call in facts.calls(*_AUTOSCALED)]
    several += _task_workers(facts)
    return several, one_only


def _server_counts(facts: Facts) -> list[tuple[File, int, Any]]:
    return [
        (server.file, server.place.line, server.workers) for server in servers.of(facts)
        if server.workers is not None and (server.is_deployed or not any(one.is_deployed for one in servers.of(facts)))
    ]  # fmt: skip


def _declared_counts(facts: Facts) -> list[tuple[File, int, Any]]:
    """Replicas of compose services and workloads that serve or infer."""
    composed = [
        (service.file, leaf.line, leaf.value) for service in starts.own_services(facts) for keys, leaf in service.leaves
        if keys in (["deploy", "replicas"], ["scale"]) or (keys[0] == "environment" and keys[-1] in {"WEB_CONCURRENCY", "WORKERS", "GUNICORN_WORKERS"})
    ]  # fmt: skip
    deployed = [
        (one.file, leaf.line, leaf.value)
        for one in starts.own_workloads(facts)
        if not re.match(_JOB_KINDS, one.kind)
        for leaf in one.leaves
        if leaf.keys[-1]
        in {
            "replicas",
            "maxReplicas",
            "minReplicas",
            "num_replicas",
            "parallelism",
            "minReplicaCount",
            "maxReplicaCount",
        }
    ]
    values = [
        (file, leaf.line, leaf.value)
        for file, leaf in facts.leaves(r"(^|/)values[^/]*\.ya?ml$")
        if leaf.keys[-1] in {"replicaCount", "replicas", "maxReplicas"}
    ]
    endpoints = [
        (file, leaf.line, leaf.value) for file, leaf in facts.leaves(r"\.(ya?ml|json)$")
        if leaf.keys and leaf.keys[-1] in _ENDPOINT_KEYS and re.search(r"endpoint|deploy|serv|score|scor|prod|staging|infer|template|config|host", f"{file.path} {' '.join(leaf.keys)}", re.IGNORECASE)
        and not re.search(r"train|process|build", f"{file.name} {' '.join(leaf.keys[:-1])}", re.IGNORECASE)
    ]  # fmt: skip
    return [*composed, *deployed, *values, *endpoints]


_ENDPOINT_KEYS = frozenset({
    "InitialInstanceCount", "instance_count", "initial_instance_count", "instanceCount", "numReplicas", "num_replicas", "autoscaleMaxReplicas", "maxReplicas", "max_replicas", "max_instances", "minScale", "maxScale",
    "DesiredCount", "max_replica_count", "EndpointInstanceCount", "max_capacity", "maxCapacity",
})  # fmt: skip


def _code_counts(facts: Facts) -> list[tuple[File, int, Any]]:
    found: list[tuple[File, int, Any]] = []
    calls = [
        *facts.calls("*"),
        *((file, decorator) for file, define in facts.defines("") for decorator in define.decorators),
    ]
    for file, call in calls:
        given = [name for name in _REPLICA_COUNTS if name in call.kwargs]
        if (
            given
            and _SERVING_CALLABLE.search(call.name)
            and not re.search(r"Estimator|Process|Train|Loader|uvicorn", call.name)
        ):
            found.extend((file, call.line, call.kwargs[name]) for name in given)
    return found


def _autoscalers(facts: Facts) -> Lines:
    kinds = facts.leaves(
        r"\.ya?ml$",
        "kind",
        value=r"^(HorizontalPodAutoscaler|ScaledObject|ScaledJob|InferenceService|VerticalPodAutoscaler)$",
    )
    knative = list(facts.leaves(r"\.ya?ml$", "apiVersion", value=r"^serving\.knative\.dev"))
    autoscaler = [
        (file, leaf) for file, leaf in facts.leaves(r"\.(ya?ml|json)$")
        if leaf.keys and re.search(r"^(autoscale_?enabled|autoscaling_config|target_num_ongoing_requests_per_replica|auto_?scaler?)$", leaf.keys[-1], re.IGNORECASE) and leaf.value not in {False, None}
    ]  # fmt: skip
    functions = [
        *facts.leaves(r"\.(ya?ml|json)$", "**", "Type", value=r"^AWS::(Serverless|Lambda)::Function$"),
        *facts.leaves(r"(^|/)serverless[^/]*\.ya?ml$", "functions", "*", "handler"),
        *facts.leaves(r"\.ya?ml$", value=r"gcloud (beta )?(run|functions) deploy|sam deploy|deploy-cloudrun|deploy-cloud-functions|functions-action"),
    ] if facts.profile.serves.holds else []  # fmt: skip
    blocks = (
        [
            (file, line)
            for file, line, _ in facts.signals(
                "terraform-block",
                r"resource.*(autoscaling_(policy|target)|appautoscaling|cloud_run|lambda_function|container_app|apprunner|cloudfunctions)",
            )
        ]
        if facts.profile.serves.holds
        else []
    )
    commands = [
        (start.file, start.line)
        for start in starts.of(facts)
        if re.search(
            r"gcloud (beta )?(run|functions) deploy|kubectl (autoscale|scale)|--scale \w+=[2-9]|modal deploy|sam deploy|chalice deploy|zappa deploy",
            start.command,
        )
    ]
    return [*((file, leaf.line) for file, leaf in [*kinds, *knative, *autoscaler, *functions]), *blocks, *commands]


def _task_workers(facts: Facts) -> Lines:
    """Workers that take tasks from a queue: Celery, RQ, Airflow on a cluster."""
    commands = [
        (start.file, start.line) for start in starts.deployed(facts)
        if re.search(r"\bcelery\b.*\bworker\b|\brq worker\b|\bdramatiq\b|\barq\b|\bairflow celery worker\b|^worker$", start.command)
        and not re.search(r"--concurrency[= ]1\b|(-P|--pool)[= ]solo", start.command)
    ]  # fmt: skip
    executors = [
        (file, leaf.line)
        for file, leaf in facts.leaves(r"\.(ya?ml|cfg|env)$", value=r"^(Celery|Kubernetes|CeleryKubernetes)Executor$")
    ]
    return [*commands, *executors, *((file, line) for file, line, _ in facts.signals("instance-group"))]


_BATCHED = (
    "*.map_batches",
    "*.ActorPoolStrategy",
    "*.ActorPool",
    "*.mapInPandas",
    "*.pandas_udf",
    "*.spark_udf",
    "*.PipelineModel.load",
)


def scaled_batches(facts: Facts) -> Lines:
    """Batch inference that runs on several processes: Spark, Ray, Dask, pools of processes."""
    asked = {file.path for file, _ in learning.predictions(facts)}
    batched = [(file, call.line) for file, call in facts.calls(*_BATCHED)]
    pools = [
        (file, call.line) for file, call in facts.calls("multiprocessing.Pool", "*.ProcessPoolExecutor", "joblib.Parallel", "accelerate.Accelerator", "*.DaskExecutor", "*.spawn")
        if file.path in asked and not re.search("train", file.path)
    ]  # fmt: skip
    spark = [pair for pair in facts.imports("pyspark.ml", "pyspark.sql") if pair[0].path in asked]
    signals = [(file, line) for file, line, _ in facts.signals("spark") if file.kind in {Kind.SCALA, Kind.JAVA}]
    return [*pools, *batched, *spark, *signals]
