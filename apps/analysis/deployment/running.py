"""Which commands are declared to run the system, and which of them build as well."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from apps.analysis.code.keywords import given
from apps.analysis.deployment.images import images
from apps.analysis.deployment.starts import all_declared
from apps.analysis.expressions import expression
from apps.analysis.kept import kept
from apps.analysis.learning import frameworks
from apps.analysis.lifetime import startup
from apps.analysis.paths import Kind
from apps.analysis.repository import places
from apps.analysis.running import compose, platform_files, processes, programs, rollout, starts
from apps.analysis.running.starts import DEPLOYED, By
from apps.analysis.worded import in_this_case

if TYPE_CHECKING:
    from apps.analysis.facts.model import Call, Define, Leaf
    from apps.analysis.findings import Evidence
    from apps.analysis.repository import Facts, File
    from apps.analysis.running.starts import Start

# A shell, a wait or a notebook server is nothing that runs the system.
_IDLE = expression(
    r"^(/usr)?(/local)?(/bin/)?(ba|z)?sh$|^(/bin/)?(ba)?sh -l?$|^tail -f|^sleep\b|^(while )?true\b|jupyter|^python[\d.]*$|^bash -c$|^/bin/bash\b\s*$|^run$|^null$|^None$"
)
_RUNS = expression(
    r"\b(python[\d.]*\s+(-\w+\s+)*(?!-m (pip|venv|pytest|build|black|ruff|isort|mypy|flake8|pylint|unittest|coverage|ipykernel|twine)|setup\.py|-c\b|--version)[\w./${}-]+|uvicorn|gunicorn|hypercorn|waitress-serve|streamlit run|chainlit run|flask (\S+ )?run|"
    r"fastapi (run|dev)|bentoml serve|mlflow (run|server|models serve)|torchrun|accelerate launch|deepspeed|dvc (repro|exp run)|kedro run|zenml \S+|prefect \S+|dagster \S+|airflow \S+|celery\b.*\bworker|java -jar|spark-submit|Rscript|"
    r"(docker[- ]compose|docker compose)\b.*\b(up|run)\b|docker run|npm (run )?start|node \S+\.js|deno (?:run|serve)|bun (?:run )?\S+\.[jt]s|rasa run|ray (serve|job)|serve run|go run|sbt run|spring-boot:run|sky launch|modal (run|serve|deploy)|langgraph (up|dev)|gradio \S+|scrapy crawl|snakemake|nextflow run)"
)
_NO_RUN = expression(
    r"-m\s+(?:venv|virtualenv|ipykernel|build|twine)\b|\b(pytest|pip[\d.]* install|black|ruff|isort|flake8|mypy|pylint|pre-commit|coverage|unittest|sphinx|mkdocs|jupyter|install|manage\.py (test|migrate|makemigrations|collectstatic|shell)|setup\.py|lint|clean\w*)\b"
)
_PREPARES = expression(
    r"download|install|set_?up|build|lint|test|format|clean|push|release|publish|fetch|get_?data|convert|env\b|check|verify|docs?\b|help|stop|down\b"
)
# Tools that come as an image; running them runs nothing of the system.
TOOLS = expression(r"hadolint|shellcheck|super-linter|markdownlint|sonar|trivy|openapi-generator|plantuml")
_ENTRY_POINT = expression(r"^[\w.]+:[\w.]+$")
_BUILDS = expression(
    r"\b(?:pip[\d.]*|uv pip|conda|mamba|poetry|pipenv|pdm) (?:install|sync)\b|command -v pip\) install|\buv sync\b|\bnpm (?:install|ci)\b|\byarn install\b|apt(?:-get)? (?:-\w+ )*install|apk add|alembic (?:\S+ )*upgrade|manage\.py migrate(?! --check)|airflow (?:db (?:init|upgrade|migrate)|initdb|upgradedb)|"
    r"superset db upgrade|flask db upgrade|prisma migrate|(?:mlflow|prefect) (?:db|server database) upgrade|kaggle (?:datasets|competitions) download|\bdvc pull\b(?![^&;|]{0,200}model)|(?:wget|curl|gdown|gsutil|aws s3)\b.*\b(?:data|datasets?)\b|docker(?:-| )compose .*--build|docker build|mvn \S*package|\b(?:mvnw?|gradlew?)\b[^&;|]*(?:spring-boot:run|bootRun)|\b(?:npm|yarn|pnpm) (?:run )?dev\b|\bpython[\d.]* \S*migrat\w*\.py|make (?:install|data|migrate)|"
    r"\b(?:next|nuxt|vite|astro|remix|ng|react-scripts|npm run|yarn|pnpm) build\b[^|;&]{0,80}&&[^|;]{0,80}\b(?:start|preview|serve)\b"
)
_TRAINS = expression(
    r"\b(?:python[\d.]*|Rscript)\s+\S*(?:train|ingest|(?:build|create)_(?:index|vector|db)|data_loader)\w*\b"
)
_SERVES = expression(
    r"\b(?:uvicorn|gunicorn|flask|streamlit|waitress|hypercorn|serve|app\.py|application\.py|api\.py|server\.py|main\.py)\b"
)
# A process of its own that migrates and ends is an admin task, no start of the system.
_ONLY_MIGRATES = expression(
    r"(?:\S*/)?(?:alembic (?:\S+ )*upgrade|flask db upgrade|(?:python3? )?manage\.py migrate|airflow db|prisma migrate)\b[^&;|]*$"
)
_PROVISIONS = expression(r"deploy|provision|teardown", re.IGNORECASE)
_ONE_OFF = expression(r"init|migrat|setup|bootstrap|seed|create", re.IGNORECASE)
_ORCHESTRATED = (
    "airflow.DAG", "airflow.models.DAG", "airflow.models.dag.DAG", "airflow.sdk.DAG", "prefect.Flow", "*.serve", "dagster.Definitions", "luigi.build", "luigi.run", "metaflow.FlowSpec", "*.PythonOperator", "sagemaker.*workflow.pipeline.Pipeline",
    "hera.workflows.*Workflow*", "flyte.TaskEnvironment", "*.PipelineController", "aws_cdk.aws_stepfunctions.StateMachine", "stepfunctions.workflow.Workflow",
)  # fmt: skip
_FLOWS = expression(
    r"^(prefect\.(flow|flows\.flow)|zenml(\.\w+)*\.pipeline|dagster\.(job|asset|schedule)|airflow\.(decorators|sdk)\.dag|metaflow\.|(flytekit|union)\.workflow|temporalio\.workflow\.|mage_ai\.|clearml\.(\w+\.)*PipelineDecorator\.pipeline|kfp\.|kfp\.v2\.|azure\.ai\.ml\.dsl\.pipeline)"
)


@kept
def declared(facts: Facts) -> list[Start]:
    """Commands of deployments, images and platforms that run the system."""
    return [
        start
        for start in all_declared(facts)
        if start.by in DEPLOYED and start.command and not _IDLE.search(start.command)
    ]


def brought(facts: Facts) -> list[Evidence]:
    """Images whose base brings the command: orchestrators, model servers, functions."""
    return [image.file.at(image.final.line) for image in images(facts) if _BRING.search(image.final.base)]


_BRING = expression(
    rf"apache/airflow|astro-runtime|tiangolo/|{programs.MODEL_SERVERS}|/vllm\b|rocker/shiny|lambda/|azure-functions|sagemaker|nginx|prefecthq|dagster"
)


@kept
def orchestrated(facts: Facts) -> list[Evidence]:
    """Entry points of pipelines: DAGs, flows, stages of DVC, and what a managed platform runs."""
    flows = facts.defines("", facts.scripts, where=_is_flow)
    stages = [
        *facts.leaves(r"(^|/)dvc\.yaml$", "stages", "*", "cmd"),
        *facts.leaves(r"(^|/)dvc\.yaml$", "stages", "*", "cmd", "*"),
        *facts.leaves(r"(^|/)MLproject$", "entry_points", "**"),
        *processes.databricks_jobs(facts),
        *_azure_steps(facts),
        *facts.leaves(r"\.json$", "States", "*", "Type"),
    ]
    kedro = (
        places(facts.calls("kedro.pipeline.*ipeline", "*.create_pipeline", files=facts.scripts))
        if facts.imports("kedro")
        else []
    )
    called = facts.calls(*_ORCHESTRATED, files=facts.scripts)
    steps = platform_files.steps(facts)
    clocked = [pair for pair in processes.scheduled(facts) if any(map(_runs, pair[1].text.splitlines()))]
    jobs = [*frameworks.managed_training(facts), *_estimators(facts)]
    jobs = [pair for pair in jobs if not pair[0].is_notebook]
    pipelines = rollout.platform_pipelines(facts)
    return [*places([*called, *flows, *stages, *jobs]), *steps, *kedro, *pipelines, *places(clocked)]


def _is_flow(_: File, one: Define) -> bool:
    return any(_FLOWS.match(decorator.name) for decorator in one.decorators) or any(
        base.endswith("FlowSpec") for base in one.bases
    )


def _estimators(facts: Facts) -> list[tuple[File, Call]]:
    """Jobs that SageMaker runs by the script that an estimator names."""
    return [pair for pair in given(facts, "entry_point") if pair[0].imports("sagemaker")]


def _runs(command: str) -> bool:
    return bool(_RUNS.search(command)) and not _NO_RUN.search(command)


def _azure_steps(facts: Facts) -> list[tuple[File, Leaf]]:
    """Commands of the steps and jobs that Azure ML reads."""
    known = {file.path for file, _ in facts.leaves(r"\.ya?ml$", "$schema", value=r"azuremlschemas")}
    steps = [*facts.leaves(r"\.ya?ml$", "jobs", "*", "command"), *facts.leaves(r"\.ya?ml$", "command")] if known else []
    return [pair for pair in steps if pair[0].path in known]


@kept
def tasks(facts: Facts) -> list[Start]:
    """Tasks and scripts whose command runs the system, console scripts of the package."""
    named = [start for start in all_declared(facts) if start.by is By.TASK]
    running = facts.commands(in_this_case(f"{_ENTRY_POINT.pattern}|{_RUNS.pattern}"), kinds=(Kind.SHELL,))
    return [
        start
        for start in (*named, *(starts.line_of(*pair) for pair in running))
        if not _PREPARES.search(start.name)
        and not TOOLS.search(start.command)
        and (_ENTRY_POINT.match(start.command) or _runs(start.command))
    ]


def builds_at_start(facts: Facts) -> list[Evidence]:
    """Where a start also installs, migrates, fetches data or trains before it serves."""
    found: list[Evidence] = []
    scripts = [
        start
        for start in tasks(facts)
        if start.by is By.SCRIPT and not _PROVISIONS.search(start.name) and not _ONLY_MIGRATES.match(start.command)
    ]
    # Each script is looked at as a whole, however many of its lines start something.
    for start in declared(facts) or {start.file.path: start for start in scripts}.values():
        if (start.by is By.COMPOSE and _ONE_OFF.search(start.name)) or _ONLY_MIGRATES.match(start.command):
            continue
        if compose.is_for_developers(facts, start.file, start.command):
            continue
        called = [start, *_scripts_of(facts, start), *_tasks_of(facts, start)]
        if start.by is By.SCRIPT:
            called = starts.lines(start.file)
        found.extend(line.place for line in called if _BUILDS.search(line.command))
        if any(_SERVES.search(line.command) for line in called):
            found.extend(line.place for line in called if _TRAINS.search(line.command))
    if not (declared(facts) or scripts or orchestrated(facts)):
        found.extend(_first_installed(facts))
    return [*found, *startup.step_installs(facts), *_installs_by_setting(facts), *_installs_of_others(facts)]


_INSTALLS = expression(
    r"^make\b.*\b(?:install|requirements|deps|dependencies|venv|setup|migrate)\b|\b(?:pip[\d.]*|poetry|uv|conda) (?:install|sync)\b"
)


def _first_installed(facts: Facts) -> list[Evidence]:
    """Where each task that runs the system installs its packages before it does, itself or through another one."""
    named = {(start.file.path, start.name) for start in tasks(facts) if start.by is By.TASK}
    called = [start for start in all_declared(facts) if start.by is By.TASK and (start.file.path, start.name) in named]
    found = {(start.file.path, start.name): start.place for start in called if _INSTALLS.search(start.command)}
    return list(found.values()) if found.keys() == named else []


def _scripts_of(facts: Facts, start: Start) -> list[Start]:
    """The lines of the shell scripts that a start calls."""
    names = {name.rsplit("/", 1)[-1].lower() for name in re.findall(r"[\w./-]+\.(?:sh|bash)\b", start.command)}
    scripts = facts.of_kind(Kind.SHELL) if names else []
    return [line for file in scripts if file.name in names for line in starts.lines(file)]


_OF_PACKAGE = expression(r"\b(?:npm run|yarn(?: run)?|pnpm(?: run)?) ([\w:.-]+)")


def _tasks_of(facts: Facts, start: Start) -> list[Start]:
    """The scripts of a package that a start runs by their names: those beside it, or of the only package that has them."""
    names = set(_OF_PACKAGE.findall(start.command))
    if start.by not in DEPLOYED or not names:
        return []
    named = [
        one
        for one in all_declared(facts)
        if one.by is By.TASK and one.name in names and one.file.name == "package.json"
    ]
    beside = [one for one in named if one.file.folder == start.file.folder]
    return beside or (named if len({one.file.path for one in named}) == 1 else [])


def _installs_by_setting(facts: Facts) -> list[Evidence]:
    """Airflow's images install what this variable names, at each start."""
    return places(
        (file, leaf)
        for file, leaf in facts.leaves(r"\.ya?ml$", "**", "_PIP_ADDITIONAL_REQUIREMENTS")
        if leaf.text and not re.search(r":-\s*\}$", leaf.text)
    )


def _installs_of_others(facts: Facts) -> list[Evidence]:
    """Services beside the system, as a server that tracks runs, whose command installs packages before it starts."""
    return [
        service.file.at(service.command[0].line)
        for service in compose.services(facts)
        if not service.is_own and _BUILDS.search(starts.command_of(service))
    ]


def documented(facts: Facts) -> list[Evidence]:
    """Run commands of the README."""
    return [file.at(line) for file, lines in facts.telling(_run_lines, "own") for line in lines]


def _run_lines(file: File) -> list[int]:
    if file.name.startswith("license"):  # whose lines begin with "make it free"
        return []
    return [one.line for one in file.facts.signals if one.name == "run-command" and not _NO_RUN.search(one.text)]
