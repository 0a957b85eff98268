"""The process types that the system declares, and the pipelines that declare their steps."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from apps.analysis.expressions import expression
from apps.analysis.foreign import languages
from apps.analysis.repository import places
from apps.analysis.running import clusters, platform_files, scripted, serving, starts
from apps.analysis.running.starts import By

if TYPE_CHECKING:
    from collections.abc import Iterable

    from apps.analysis.facts.model import Define, Leaf
    from apps.analysis.findings import Evidence
    from apps.analysis.repository import Facts, File

    Leaves = list[tuple[File, Leaf]]

_ONE_OFF = expression(
    r"(^|[-_])(init|setup|migrat\w*|test\w*|release|base|common|build|dev|lint)($|[-_])", re.IGNORECASE
)


_JOB = expression(
    r"train|job|batch|worker|sched|beat|cron|etl|ingest|task|flow|process|export|consum|stream|index|trigger|endpoint",
    re.IGNORECASE,
)

Types = dict[str, list["Evidence"]]


def declared(facts: Facts) -> Types:
    """Process types by name: of Procfiles, compose services, workloads, platform jobs, else of images."""
    ways = [
        way
        for way in (
            _composed(facts),
            _cluster(facts),
            _processes(facts),
            _grouped([*_platforms(facts), *_of_platform_files(facts)]),
            _scheduled(facts),
        )
        if way
    ]
    found = _grouped((name, place) for way in ways for name, places_of in way.items() for place in places_of)
    if len(ways) > 1 and all(len(way) == 1 for way in ways) and not any(_JOB.search(name) for name in found):
        found = {next(iter(found)): [place for places_of in found.values() for place in places_of]}  # one, told thrice
    found = {name: places_of for name, places_of in found.items() if not _OF_OTHERS.match(name)}
    clocked = _scheduled(facts)
    started = [one for one in starts.by(facts, By.IMAGE) if not _TESTS.search(one.command)]
    images = _grouped((_program(one.command), one.place) for one in started)
    if len(images) > len(found) or not (found.keys() - clocked.keys() or starts.own_services(facts)):
        found = {**images, **found}
    return found


# Which a stage of an image is there for.
_TESTS = expression(
    r"^(\S+ -\w+ )?(pytest|tox|nox|unittest|coverage run (-(?!m )\S+ )*-m (pytest|unittest)|coverage (?!run\b))\b"
)


def _of_platform_files(facts: Facts) -> list[tuple[str, Evidence]]:
    return [one for one in platform_files.process_types(facts) if not _OF_OTHERS.match(one[0])]


# Databases, trackers and monitors keep their usual names, also where their image is a rare one.
_OF_OTHERS = expression(
    r"^(postgres\w*|mysql|mongo\w*|redis|mlflow([-_]?(server|tracking\w*))?|minio|prometheus|grafana|jaeger|loki|otel\S*|jupyter\w*|pgadmin\d?|adminer|flower|azurite|zookeeper|kafka|cloud[-_]sql[-_]proxy|envoy|istio-proxy|jenkins|sonarqube|registry|nginx|traefik)$",
    re.IGNORECASE,
)


def _grouped(named: Iterable[tuple[str, Evidence]]) -> Types:
    found: Types = {}
    for name, place in named:
        found.setdefault(name, []).append(place)
    return found


def _composed(facts: Facts) -> Types:
    services = [one for one in starts.own_services(facts) if not _ONE_OFF.search(one.name)]
    return _grouped((one.name, one.file.at(one.line)) for one in services)


def _cluster(facts: Facts) -> Types:
    named = []
    for one in clusters.own_workloads(facts):
        container = one.find("spec", "template", "spec", "containers", "0", "name")
        named.append((_family(container.text if container else one.name), one.file.at(one.line)))
    return _grouped(named)


def _processes(facts: Facts) -> Types:
    return _grouped((one.name, one.place) for one in starts.by(facts, By.PROCFILE) if one.name != "release")


JOB = r"^#(SBATCH|PBS|BSUB|\$) -"  # what a script tells a scheduler that it needs
_WORKFLOWS = r"(^|/)\.github/workflows/[^/]+\.ya?ml$"
_RUNS = r"\b(python[\d.]*|uv run|poetry run|Rscript|dvc repro)\s+(?!-m (pip|pytest|venv|build|unittest)\b)(?!setup\.py|--version)\S"


def scheduled(facts: Facts) -> Leaves:
    """Steps by which CI runs the system by the clock."""
    clocked = {file.path for file, _ in facts.leaves(_WORKFLOWS, "on", "schedule", "*", "cron")}
    steps = facts.leaves(_WORKFLOWS, "jobs", "*", "steps", "*", "run", value=_RUNS) if clocked else []
    return [
        (file, leaf)
        for file, leaf in steps
        if file.path in clocked and (not _CHORES.search(file.name) or _WORKS.search(leaf.text))
    ]


# Workflows that see after the repository itself.
_CHORES = expression(
    r"(^|[-_.])(checks?|ci|tests?|testing|lint\w*|docs?|document\w*|pkgdown|audit|security|codeql|stale|links?|compat\w*|dependenc\w*|vendor\w*|release|publish)([-_.]|$)"
)
# Programs of a learning system, which the name of a workflow makes no chores.
_WORKS = expression(
    r"\b(?:dvc repro\b|(?:python[\d.]*|uv run|poetry run)\s+(?:(?:-\w+|python[\d.]*)\s+){0,3}(?:[\w-]+[./]){0,6}(?:run_|re)?(?:train|fit|predict|infer|forecast|score|recommend|embed|ingest|etl|preprocess|features?)[\w-]*(?:\.py)?(?:\s|$))"
)


def _scheduled(facts: Facts) -> Types:
    return _grouped(
        (f"{file.name.partition('.')[0]} {leaf.keys[1]}", file.at(leaf.line)) for file, leaf in scheduled(facts)
    )


LONGEST_NAME = 253  # characters that Kubernetes allows
# What a chart writes around the name: `{{ include "api.name" . }}`.
_TEMPLATED = expression(r"^[{_\s-]*include[_\s\"'-]+|[._\s\"']+(full)?name[._\s\"'}-]*$")


def _family(name: str) -> str:
    """`api-canary` and `api-prod` are one process type."""
    name = _TEMPLATED.sub("", name[:LONGEST_NAME])
    return re.sub(r"([-_.](canary|stable|prod\w*|dev\w*|staging|test|v\d+|blue|green|a|b))+$", "", name)


_HANDS_OVER = expression(r"(^|[/_-])entrypoint\.sh$|(^|/)(tini|dumb-init)$")


def _program(command: str) -> str:
    """The part of a command that tells one process from another."""
    words = [word for word in command.split() if not word.startswith("-")]
    if len(words) > 1 and _HANDS_OVER.search(words[0]):
        words = words[1:]
    if re.search(r"\b(gunicorn|uvicorn|hypercorn|waitress-serve|flask|daphne|uwsgi)\b", command):
        return "web"
    return " ".join(words[:3]) or command


def _platforms(facts: Facts) -> list[tuple[str, Evidence]]:
    """Jobs, functions and services of platforms: serverless, Terraform, CloudFormation, CDK, Slurm, Anyscale, managed endpoints."""
    functions = [
        *facts.leaves(r"(^|/)serverless[^/]*\.ya?ml$", "functions", "*", "handler"),
        *facts.leaves(
            r"\.(ya?ml|json)$",
            "Resources",
            "*",
            "Type",
            value=r"^AWS::(Serverless::Function|Lambda::Function|ECS::Service|ECS::TaskDefinition|SageMaker::Endpoint|Batch::JobDefinition|StepFunctions::StateMachine)$",
        ),
        *facts.leaves(r"(^|/)render\.ya?ml$", "services", "*", "name"),
        *facts.leaves(r"(^|/)azure\.ya?ml$", "services", "*", "host"),
    ]
    found = [(leaf.keys[1] if len(leaf.keys) > 2 else leaf.text, file.at(leaf.line)) for file, leaf in functions]
    for file, line, text in facts.signals(
        "terraform-block",
        r"^\s*resource\s+\"(?!\w*(?:iam|policy|permission|domain))\w*?(ecs_service|ecs_task_definition|lambda_function\"|cloud_run|cloudfunctions|cloud_scheduler_job|sagemaker_endpoint\"|batch_job_definition|container_app(_job)?\"|app_service\"|kubernetes_deployment|linux_web_app|linux_function_app\"|container_group\")",
    ):
        found.append((" ".join(re.findall(r'"([\w-]+)"', text)[:2]), file.at(line)))
    single = facts.leaves(r"(^|/)MLproject$", "entry_points", "*", "command")
    bentos = facts.leaves(r"(^|/)bentofile\.ya?ml$", "service")
    found += [(f"{file.folder}/{leaf.text}".lstrip("/"), file.at(leaf.line)) for file, leaf in bentos]
    found += [
        (f"{file.name} {leaf.keys[1] if len(leaf.keys) > 1 else ''}".strip(), file.at(leaf.line))
        for file, leaf in single
    ]
    anyscale = facts.leaves(r"\.ya?ml$", "ray_serve_config", "import_path")
    found += [
        ("application", file.at(leaf.line))
        for file, leaf in facts.leaves(r"\.ya?ml$", "applications", "*", "import_path")[:1]
    ]
    anyscale += facts.leaves(r"\.ya?ml$", "entrypoint")
    found += [(file.name.rsplit(".", 1)[0], file.at(leaf.line)) for file, leaf in anyscale]
    found += [(file.name, file.at(one.line)) for file, one in facts.commands(rf"^sbatch\b|\bsrun\b|{JOB}")]
    constructs = facts.calls(
        "*.PythonFunction",
        "*.DockerImageFunction",
        "aws_cdk.*.Function",
        "*.aws_lambda.Function",
        "*.FargateService",
        "*.FargateTaskDefinition",
        "*.StateMachine",
        "*.create_namespaced_job",
        "*.create_namespaced_cron_job",
    )
    found += [(f"{call.last} {call.argument(1) or ''}".strip(), file.at(call.line)) for file, call in constructs]
    found += [(name, file.at(line)) for name, file, line in languages.process_types(facts)]
    found += [("job", file.at(call.line)) for file, call in scripted.jobs(facts, facts.scripts)[:1]]
    if any("service" in name.lower() for name, _ in found):  # what a service runs is no process of its own
        found = [one for one in found if not _DEFINITION.search(one[0])]
    written = places(languages.endpoints(facts))
    found += [
        ("endpoint", place)
        for place in [
            one for one in places(serving.endpoints(facts)) if one not in written and not one.path.endswith(".ipynb")
        ][:1]
    ]
    told = {place.path for _, place in platform_files.process_types(facts)}
    unnamed = [place for place in places(serving.functions(facts)) if place.path not in told]
    answering = [("function", place) for place in unnamed[:1]]
    return found or answering or [("web", place) for place in serving.web_platforms(facts)[:1]]


_DEFINITION = expression(r"task_?definition", re.IGNORECASE)


# Orchestrators and the calls or decorators by which their steps are declared.
_STEP_CALLS = (
    "airflow.DAG", "airflow.models.DAG", "airflow.models.dag.DAG", "airflow.sdk.DAG", "sagemaker.*workflow.pipeline.Pipeline", "sagemaker.*workflow.*Step", "azureml.pipeline.*", "*.PythonScriptStep", "*.ParallelRunStep",
    "kfp.components.*", "kfp.compiler.*", "*.compiler.Compiler", "prefect.Flow", "dagster.Definitions", "kedro.pipeline.node", "kedro.pipeline.Pipeline", "kedro.pipeline.*.node", "kedro.pipeline.*.pipeline", "luigi.build", "luigi.run",
    "tfx.*.Pipeline", "tfx.orchestration.*", "ploomber.*.DAG", "*.PipelineController", "*.LocalPipeline", "flytekit.workflow", "stepfunctions.*.Workflow", "stepfunctions.steps.*", "*.add_function_step",
    "kedro.pipeline.pipeline", "azure.ai.ml.load_component", "hamilton.driver.*", "*.PipelineDecorator.*", "beam.Pipeline", "apache_beam.Pipeline",
    "kedro.pipeline.Node", "flyte.TaskEnvironment", "union.workflow", "hera.workflows.Workflow", "hera.workflows.CronWorkflow", "hera.workflows.WorkflowTemplate",
)  # fmt: skip
_STEP_DECORATORS = (
    "kfp.dsl.", "kfp.v2.dsl.", "zenml.step", "zenml.pipeline", "zenml.steps", "zenml.pipelines", "prefect.flow", "prefect.task", "dagster.asset", "dagster.op", "dagster.job", "dagster.multi_asset", "airflow.decorators.", "airflow.sdk.", "metaflow.step",
    "flytekit.task", "flytekit.workflow", "flytekit.dynamic", "union.task", "union.workflow", "hera.workflows.", "temporalio.", "clearml.PipelineDecorator.", "clearml.automation.controller.PipelineDecorator.", "dagster.graph", "sagemaker.workflow.function_step.step", "sagemaker.mlops.workflow.function_step.step", "azure.ai.ml.dsl.pipeline", "mldesigner.", "dsl.pipeline", "celery.task", "steps.", "mage_ai.",
)  # fmt: skip
_STEP_BASES = ("luigi.Task", "metaflow.FlowSpec", "FlowSpec", "luigi.contrib.")


def pipelines(facts: Facts) -> list[Evidence]:
    """Places that declare the steps of a pipeline, in code or in files; in notebooks where scripts declare none."""
    return list(facts.once(_all_pipelines))


def _all_pipelines(facts: Facts) -> list[Evidence]:
    return _pipelines(facts, facts.scripts) or _pipelines(facts, facts.notebooks)


def _is_decorated_step(_: File, one: Define) -> bool:
    return one.is_decorated_by(_STEP_DECORATORS)


def _is_step_class(_: File, one: Define) -> bool:
    return any(base.startswith(_STEP_BASES) for base in one.bases)


def _pipelines(facts: Facts, files: list[File]) -> list[Evidence]:
    called = facts.calls(*_STEP_CALLS, files=files)
    decorated = [
        (file, decorator)
        for file, one in facts.decorated(files, _is_decorated_step)
        for decorator in one.decorators
        if decorator.name.startswith(_STEP_DECORATORS)
    ]
    classes = facts.deriving(files, _is_step_class)
    stages = _named(facts.leaves(r"(^|/)dvc\.yaml$", "stages", "*", "**"), 1)
    entries = _named(facts.leaves(r"(^|/)MLproject$", "entry_points", "*", "command"), 1)
    argo = facts.leaves(r"\.ya?ml$", "kind", value=r"^(Workflow|CronWorkflow|WorkflowTemplate|PipelineRun|Pipeline)$")
    azure = facts.leaves(r"\.ya?ml$", "jobs", "*", "component") + facts.leaves(r"\.ya?ml$", "jobs", "*", "command")
    azure = [pair for pair in azure if not re.search(r"\.github|gitlab|circleci", pair[0].path)]
    states = facts.leaves(r"\.json$", "States", "*", "Type")
    states += databricks_jobs(facts)
    return [
        *places(called),
        *places(decorated),
        *places(classes),
        *places(stages),
        *places(entries),
        *places(argo),
        *places(azure),
        *places(states),
        *(platform_files.steps(facts) if files is facts.scripts else ()),
    ]


# What a job of one task, as the API takes it, says of what it runs.
_ONE_TASK = (
    ("notebook_task", "notebook_path"),
    ("spark_python_task", "python_file"),
    ("python_wheel_task", "entry_point"),
    ("spark_jar_task", "main_class_name"),
)


def databricks_jobs(facts: Facts) -> Leaves:
    """Tasks of jobs that Databricks runs: of bundles, of `dbx`, and of files that its command line is given."""
    return [
        *facts.leaves(r"\.ya?ml(\.tmpl)?$", "resources", "jobs", "*", "tasks", "*", "task_key"),
        *facts.leaves(r"\.(ya?ml|json)$", "environments", "*", "workflows", "*", "tasks", "*", "task_key"),
        *facts.leaves(r"\.json$", "tasks", "*", "task_key"),
        *(found for keys in _ONE_TASK for found in facts.leaves(r"\.json$", *keys)),
    ]


def _named(leaves: Leaves, position: int) -> Leaves:
    """The first leaf of each name, when there are several names."""
    first = {leaf.keys[position]: (file, leaf) for file, leaf in reversed(leaves)}
    return list(reversed(first.values())) if len(first) > 1 else []
