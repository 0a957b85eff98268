"""What lets serving and batch inference run as several processes or instances."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from apps.analysis.code.importing import imported_by, importing
from apps.analysis.code.keywords import given
from apps.analysis.expressions import expression
from apps.analysis.foreign import languages
from apps.analysis.learning import frameworks
from apps.analysis.paths import Kind
from apps.analysis.running import answering, clusters, rollout, servers, serving, starts
from apps.analysis.scaling.training_scale import JOB_KINDS, more_than_one

if TYPE_CHECKING:
    from apps.analysis.facts.model import Call, Leaf
    from apps.analysis.repository import Facts, File

    Lines = list[tuple[File, int]]
    Calls = list[tuple[File, Call]]

_AUTOSCALED = (
    "*.register_scalable_target", "*.put_scaling_policy", "*.autoscale_instance_count", "*.auto_scale_instance_count", "*.scale_on_metric", "*.auto_scale_task_count", "*.ParallelRunStep", "*.ParallelRunConfig",
    "*.parallel_run_function", "*.CfnScalableTarget", "*.ScalableTarget", "*.auto_scale_on_cpu_utilization",
    "*.ServerlessInferenceConfig", "*.ServedEntityInput", "*.ServedModelInput", "aws_cdk.aws_lambda.*Function", "aws_cdk.aws_lambda_python_alpha.PythonFunction", "*.DockerImageFunction",
)  # fmt: skip
_REPLICA_COUNTS = (
    "initial_instance_count", "min_replica_count", "max_replica_count", "num_replicas", "replicas", "min_replicas", "max_replicas", "autoscale_max_replicas", "starting_replica_count", "instance_count",
    "max_instances", "autoscaling_config", "max_containers", "concurrency_limit", "desired_count", "initialInstanceCount", "min_replicas_count", "max_concurrent_transforms", "scaling_max_replicas", "workers",
)  # fmt: skip
_SERVING_CALLABLE = expression(
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
    several += [(file, call.line) for file, call in facts.calls(*_AUTOSCALED, *rollout.SERVERLESS_OF_PULUMI)]
    several += _task_workers(facts)
    one_only += _unscaled_services(facts)
    several += _functions_of_images(facts)
    several += serving.functions(facts)
    several += [
        (file, line) for file, line, _ in languages.resources(facts, r"Function|ScalableTarget|autoScale|HttpTrigger")
    ]
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
        for one in clusters.own_workloads(facts)
        if not re.match(JOB_KINDS, one.kind)
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
        and not clusters.given_values(facts, leaf.text)
    ]
    values = [
        (file, leaf.line, leaf.value)
        for file, leaf in facts.leaves(r"(^|/)values[^/]*\.ya?ml$")
        if leaf.keys[-1] in {"replicaCount", "replicas", "maxReplicas"}
    ]
    values += [(file, line, _count(text)) for file, line, text in facts.signals("terraform-count") if _count(text)]
    endpoints = [
        (file, leaf.line, leaf.value) for file, leaf in facts.leaves(r"\.(ya?ml|json)$")
        if leaf.keys and leaf.keys[-1] in _ENDPOINT_KEYS and re.search(r"endpoint|deploy|serv|score|scor|prod|staging|infer|template|config|host", f"{file.path} {' '.join(leaf.keys)}", re.IGNORECASE)
        and not re.search(r"train|process|build", f"{file.name} {' '.join(leaf.keys[:-1])}", re.IGNORECASE)
    ]  # fmt: skip
    flows = {file.path for file, _ in facts.leaves(r"\.ya?ml$", "jtype", value=r"^Flow$")}
    parts = [
        (file, leaf.line, leaf.value)
        for file, leaf in facts.leaves(r"\.ya?ml$", "executors", "*", "replicas")
        if file.path in flows
    ]
    return [*composed, *deployed, *values, *endpoints, *parts, *_told_counts(facts)]


# Files of platforms and servers that say how many processes there are -> the keys of the number.
_TOLD = (
    (r"(^|/)render\.ya?ml$", ("services", "*", "numInstances")),
    (r"(^|/)render\.ya?ml$", ("services", "*", "scaling", "maxInstances")),
    (r"(^|/)kustomization\.ya?ml$", ("replicas", "*", "count")),
    (r"(^|/)app\.ya?ml$", ("*_scaling", "*instances")),
    (r"(^|/)manifest[^/]*\.ya?ml$", ("applications", "*", "instances")),
    (r"(^|/)app\.json$", ("formation", "*", "quantity")),
    (r"(^|/)fly\.toml$", ("**", "min_machines_running")),
    (r"(^|/)settings\.json$", ("parallel_workers",)),
    (r"\.ya?ml$", ("api_server", "workers")),  # of BentoML
    (r"(^|/)bento\w*config\w*\.ya?ml$", ("services", "**", "workers")),
    (r"(^|/)config\.properties$", ("**", "default_workers_per_model")),
    (r"(^|/)model-config\.ya?ml$", ("maxWorkers",)),
    (r"(^|/)[\w-]*stack[^/]*\.ya?ml$", ("services", "*", "deploy", "replicas")),
    (r"(^|/)cerebrium\.toml$", ("cerebrium", "scaling", "max_replicas")),
    (r"(^|/)sky\.yaml$", ("service", "replicas")),
    (r"(^|/)sky\.yaml$", ("service", "replica_policy", "max_replicas")),
    (r"(^|/)copilot-manifest\.yml$", ("count",)),
)


# What TorchServe is told of each model, as JSON in a property.
_MOST_WORKERS = expression(r"\"maxWorkers\"\s{0,9}:\s{0,9}(\d{1,4})")


def _told_counts(facts: Facts) -> list[tuple[File, int, Any]]:
    """What platforms and servers are told in files of their own; a lower bound of one, or none at all, fixes nothing."""
    found = [
        (file, leaf.line, leaf.value)
        for path, keys in _TOLD
        for file, leaf in facts.leaves(path, *keys)
        if leaf.text != "0" and not (leaf.text == "1" and leaf.keys[-1].startswith("min"))
    ]
    found += [
        (file, leaf.line, int(most))
        for file, leaf in facts.leaves(r"(^|/)config\.properties$", "models")
        for most in _MOST_WORKERS.findall(leaf.text)
    ]
    return found + [
        (file, one.line, 2)
        for file in starts.system_images(facts)
        for one in file.facts.instructions
        if one.name == "ENV" and re.search(r"\bWEB_CONCURRENCY[= ]\"?([2-9]|1\d)", one.value)
    ]


def _count(text: str) -> int:
    """The number to which a line of Terraform or Bicep sets a count; 0 where a variable does, or a lower bound is one."""
    name, _, value = re.sub(r"[\s\"]", "", text).replace(":", "=").partition("=")
    return int(value) if value.isdigit() and not (value == "1" and name.startswith("min")) else 0


_ENDPOINT_KEYS = frozenset({
    "InitialInstanceCount", "instance_count", "initial_instance_count", "instanceCount", "numReplicas", "num_replicas", "autoscaleMaxReplicas", "maxReplicas", "max_replicas", "max_instances", "minScale", "maxScale",
    "DesiredCount", "max_replica_count", "EndpointInstanceCount", "max_capacity", "maxCapacity",
})  # fmt: skip


def _code_counts(facts: Facts) -> list[tuple[File, int, Any]]:
    found: list[tuple[File, int, Any]] = []
    for file, call in given(facts, *_REPLICA_COUNTS):
        counts = [name for name in _REPLICA_COUNTS if name in call.kwargs]
        if (
            counts
            and _SERVING_CALLABLE.search(call.name)
            and not re.search(r"Estimator|Process|Train|Loader|uvicorn", call.name)
        ):
            found.extend((file, call.line, call.kwargs[name]) for name in counts)
    return found


def serverless(facts: Facts) -> Lines:
    """What a serverless platform runs for each request: declared functions, and images made for it."""
    return [*functions_declared(facts), *_functions_of_images(facts)]


def functions_declared(facts: Facts) -> Lines:
    declared = [
        *facts.leaves(r"\.(ya?ml|json)$", "**", "Type", value=r"^AWS::(Serverless|Lambda)::Function$"),
        *facts.leaves(r"(^|/)serverless[^/]*\.ya?ml$", "functions", "*", "handler"),
        *facts.leaves(r"(^|/)serverless[^/]*\.ya?ml$", "functions", "*", "image", "**"),
    ]
    return [(file, leaf.line) for file, leaf in declared]


def _functions_of_images(facts: Facts) -> Lines:
    """Images of a serverless platform, which starts as many as there are requests."""
    return [
        (file, one.line)
        for file in facts.dockerfiles
        for one in file.facts.instructions
        if one.name == "FROM" and re.search(r"\blambda[/-](python|provided|nodejs|java)|azure-functions/", one.value)
    ]


def _unscaled_services(facts: Facts) -> Lines:
    """Services of KServe that are plain deployments and are given no replicas."""
    plain = facts.leaves(r"\.ya?ml$", "metadata", "annotations", "*", value=r"^(RawDeployment|Standard)$")
    return [
        (file, leaf.line)
        for file, leaf in plain
        if not any(
            one.document == leaf.document
            and one.keys[-1:]
            and one.keys[-1] in {"minReplicas", "maxReplicas", "scaleTarget"}
            for one in file.facts.leaves
        )
    ]


_AUTOSCALING = expression(
    r"^(autoscale_?enabled|autoscaling_config|target_num_ongoing_requests_per_replica|auto_?scaler?)$", re.IGNORECASE
)


def _turns_on_autoscaling(_: File, leaf: Leaf) -> bool:
    return bool(leaf.keys) and bool(_AUTOSCALING.search(leaf.keys[-1])) and leaf.value not in {False, None}


_SCALES = r"gcloud (beta )?(run|functions) deploy|kubectl (autoscale|scale)|--scale \w+=[2-9]|modal deploy|sam deploy|chalice deploy|zappa deploy"


def _autoscalers(facts: Facts) -> Lines:
    kinds = facts.leaves(
        r"\.ya?ml$",
        "kind",
        value=r"^(HorizontalPodAutoscaler|ScaledObject|ScaledJob|InferenceService|VerticalPodAutoscaler)$",
    )
    plain = {file.path for file, _ in _unscaled_services(facts)}
    kinds = [pair for pair in kinds if pair[0].path not in plain]
    knative = list(facts.leaves(r"\.ya?ml$", "apiVersion", value=r"^serving\.knative\.dev"))
    autoscaler = facts.leaves(r"\.(ya?ml|json)$", where=_turns_on_autoscaling)
    functions = [
        *facts.leaves(r"\.ya?ml$", value=r"gcloud (beta )?(run|functions) deploy|sam deploy|deploy-cloudrun|deploy-cloud-functions|functions-action"),
    ] if facts.profile.serves.holds else []  # fmt: skip
    blocks = (
        [
            (file, line)
            for file, line, _ in facts.signals(
                "terraform-block",
                r"^\s*resource\s+\"(?!\w*(?:iam|permission|domain))\w*(autoscaling_(policy|target)|appautoscaling|cloud_run|lambda_function|container_app|apprunner|cloudfunctions)",
            )
        ]
        if facts.profile.serves.holds
        else []
    )
    commands = [(start.file, start.line) for start in starts.commanding(facts, _SCALES)]
    blocks += functions_declared(facts) if facts.profile.serves.holds else []
    return [*((file, leaf.line) for file, leaf in [*kinds, *knative, *autoscaler, *functions]), *blocks, *commands]


def _task_workers(facts: Facts) -> Lines:
    """Workers that take tasks from a queue: Celery, RQ, Airflow on a cluster where its tasks are the inference."""
    airflow = _airflow_infers(facts)
    commands = [
        (start.file, start.line) for start in starts.deployed(facts)
        if (airflow or not re.search(r"\bairflow\b|^(celery )?worker$", start.command)) and re.search(r"\bcelery\b.*\bworker\b|\brq worker\b|\bdramatiq\b|\barq\b|\bairflow celery worker\b|^worker$|\btaskiq worker\b|\bfaststream run\b|\bhuey_consumer\b", start.command)
        and not re.search(r"--concurrency[= ]1\b|(-P|--pool)[= ]solo", start.command)
    ]  # fmt: skip
    executors = [
        (file, leaf.line)
        for file, leaf in facts.leaves(r"\.(ya?ml|cfg|env)$", value=r"^(Celery|Kubernetes|CeleryKubernetes)Executor$")
        if airflow
    ]
    started = [
        (file, call.line)
        for file, call in facts.calls("*.worker_main", files=facts.scripts)
        if not re.search(r"concurrency[=', ]+1\b|solo", str(call.args))
    ]
    return [*commands, *executors, *started, *((file, line) for file, line, _ in facts.signals("instance-group"))]


def _airflow_infers(facts: Facts) -> bool:
    """Whether tasks of Airflow predict, or nothing else could: a service beside them answers by itself."""
    flows = [file for file, _ in facts.imports("airflow", files=facts.scripts)]
    reached = imported_by(facts, flows)
    predicts = any(file.path in reached for file, _ in frameworks.predictions(facts))
    return predicts or not facts.profile.serves.holds


_OF_PAGES = frozenset({"gunicorn", "uvicorn", "hypercorn", "granian", "uwsgi", "FastAPI CLI"})


def is_asked_apart(facts: Facts) -> bool:
    """Whether models are asked in batches alone, and the server only takes the orders for them."""
    asked, served = {file.path for file, _ in frameworks.predictions(facts)}, answering.served(facts)
    return (
        bool(asked and served) and not asked & served.keys() and {one.program for one in servers.of(facts)} <= _OF_PAGES
    )


_BATCHED = (
    "*.map_batches",
    "*.ActorPoolStrategy",
    "*.ActorPool",
    "*.mapInPandas",
    "*.applyInPandas",
    "*.pandas_udf",
    "*.spark_udf",
    "*.PipelineModel.load",
)


def scaled_batches(facts: Facts) -> Lines:
    """Batch inference that runs on several processes: Spark, Ray, Dask, pools of processes."""
    asked = {file.path for file, _ in frameworks.predictions(facts)}
    batched = [(file, call.line) for file, call in facts.calls(*_BATCHED)]
    pools = [
        (file, call.line) for file, call in facts.calls("multiprocessing.Pool", "*.ProcessPoolExecutor", "joblib.Parallel", "accelerate.Accelerator", "*.DaskExecutor", "*.spawn")
        if file.path in asked and not re.search("train", file.path)
    ]  # fmt: skip
    asking = asked | {place.path for place in facts.profile.stages["inference"].evidence}
    flows = [file for file, _ in facts.imports("airflow", files=facts.scripts) if file.path in asking]
    pools += [(file, call.line) for file, call in facts.calls("*.expand", files=flows)]
    spark = [pair for pair in facts.imports("pyspark.ml", "pyspark.sql") if pair[0].path in asked]
    signals = [(file, line) for file, line, _ in facts.signals("spark") if file.kind in {Kind.SCALA, Kind.JAVA}]
    return [*pools, *batched, *spark, *signals, *_fanned_out(facts, asked), *languages.scaled_streams(facts)]


_LEARNS = expression(r"train|fit|tun(?:e|ing)", re.IGNORECASE)


def _fanned_out(facts: Facts, asked: set[str]) -> Lines:
    """Steps of a flow that predict for each part of the input side by side, other than those that train."""
    found = [pair for pair in facts.calls("self.next", files=facts.scripts) if "foreach" in pair[1].kwargs]
    found += facts.calls("flytekit.map_task", files=facts.scripts)
    asking = importing(facts, *asked) if found else ()
    return [
        (file, call.line) for file, call in found if file.path in asking and not _LEARNS.search(str(call.argument(0)))
    ]
