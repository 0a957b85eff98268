"""How the system tells what happens: loggers, prints, where their output goes, and who captures it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from apps.analysis.code.names import scope_of
from apps.analysis.expressions import expression, literal
from apps.analysis.facts.model import last_of

if TYPE_CHECKING:
    from apps.analysis.facts.model import Call, Define
    from apps.analysis.findings import Evidence
    from apps.analysis.repository import Facts, File

    Lines = list[tuple[File, int]]
    Calls = list[tuple[File, Call]]

LEVELS = frozenset(
    {"debug", "info", "warning", "warn", "error", "exception", "critical", "success", "fatal", "log", "msg"}
)
_LOGGER = expression(
    r"^(?:logging|_logging|picologging|logfire|loguru\.logger|absl\.logging|structlog|tensorflow\.(?:compat\.v1\.)?logging|tf\.logging|ray\.logger)\b|"
    r"(?:^|[._])(?:log|logs|logger|logging|_logger|_log|LOG|LOGGER|Logger|LoggingMixin|getLogger|get_logger|get_run_logger|get_dagster_logger|get_task_logger|lgr|rank_zero_info)\b|logger(?:\(\))?$",
    re.IGNORECASE,
)
_NO_LOGGER = expression(
    r"^(?:math|numpy|np|torch|tf|tensorflow|jnp|jax|wandb|mlflow|plt|scipy|run|comet|cmath|tracker|writer|F)\b(?!\.(?:compat\.v1\.)?logging)|\.functional|console\b|catalog|dialog|blog|backlog|changelog"
)
CONFIGURES = (
    "logging.basicConfig", "picologging.basicConfig", "logfire.configure", "logging.config.dictConfig", "logging.config.fileConfig", "*.dictConfig", "*.fileConfig", "logging.StreamHandler", "*.StreamHandler", "*.addHandler", "structlog.configure", "coloredlogs.install",
    "*.setup_logging", "*.set_verbosity*", "absl.app.run", "rich.logging.RichHandler", "*.RichHandler", "daiquiri.setup", "verboselogs.install", "logzero.*", "*.configure_logging", "*.init_logging", "*.configure_logger",
    "*.JsonFormatter", "google.cloud.logging.Client().setup_logging", "*.setup_logger", "multiprocessing.log_to_stderr",
)  # fmt: skip
# Modules that bring a configured logger with them.
CONFIGURED_BY = (
    "loguru", "absl.logging", "airflow", "prefect", "dagster", "kedro", "zenml", "metaflow", "luigi", "scrapy", "logzero", "hydra", "aws_lambda_powertools", "flytekit", "bentoml", "ray.serve", "structlog", "icecream",
    "pytorch_lightning", "lightning", "azure.functions", "chalice", "mmengine", "mmcv", "detectron2", "fire_logger", "dagster_aws", "apache_beam", "pyspark.logger", "kfp",
)  # fmt: skip


class Events(msgspec.Struct):
    loggers: Calls = []
    prints: Calls = []
    configured: Lines = []


def deciding_first(facts: Facts, found: list[Evidence]) -> list[Evidence]:
    """`found` with the places in files that serve or train before those of the rest."""
    profile = facts.profile
    deciding = {place.path for claim in (profile.serves, profile.trains) for place in claim.evidence}
    return sorted(found, key=lambda place: place.path not in deciding)


def of(facts: Facts) -> Events:
    return facts.once(_events)


def _events(facts: Facts) -> Events:
    found = Events()
    wrappers = _wrappers(facts)
    for file in facts.code:
        told = file.once(_told)
        found.prints += told.prints
        found.loggers += [pair for pair, is_sure in told.loggers if is_sure or pair[1].last in wrappers]
    found.configured = [(file, call.line) for file, call in facts.calls(*CONFIGURES) if not _is_missing(facts, call)]
    found.configured += facts.imports(*CONFIGURED_BY, *(() if facts.profile.serves.holds else ("celery",)))
    found.configured += [
        (file, call.line)
        for file, call in found.loggers
        if re.match(
            r"^(?:logging\.(?:info|warning|error|debug|exception)|(?:flask\.)?(?:current_)?app\.logger|loguru)",
            call.name,
        )
    ]
    found.configured += [(file, one.line) for file, one in facts.assigns(r"^LOGGING$|^LOGGING_CONFIG$|^log_config$")]
    found.configured += [
        (file, 0)
        for file in facts.named(r"(^|/)log(ging|back|4j2?)[^/]*\.(ya?ml|json|conf|ini|cfg|toml|xml|properties)$")
    ]
    return found


_PRINTS = frozenset({
    "print", "pprint.pprint", "rich.print", "click.echo", "typer.echo", "sys.stdout.write", "sys.stderr.write", "typer.secho", "click.secho",
})  # fmt: skip


_PRINTS_LAST = frozenset(last_of(name) for name in _PRINTS)


class _Told(NamedTuple):
    """What a file tells. Loggers stand before False where they log if the repository's own function of their name does."""

    prints: Calls
    loggers: list[tuple[tuple[File, Call], bool]]


def _told(file: File) -> _Told:
    told = _Told([], [])
    for call in file.facts.code.calls if file.facts.code else ():
        if call.last in _PRINTS_LAST and _prints(call):
            told.prints.append((file, call))
        elif is_logging(call):
            told.loggers.append(((file, call), True))
        elif "log" in call.last.lower() and _WRAPPER.search(call.last) and not _NO_LOGGER.search(call.name):
            told.loggers.append(((file, call), False))
    return told


def _prints(call: Call) -> bool:
    return call.name in _PRINTS or call.name.endswith("onsole.print")


_WRAPPER = expression(r"^_?(log|write_log|log_(message|msg|event|info|debug|warning|error))$", re.IGNORECASE)


def _wrappers(facts: Facts) -> set[str]:
    """Names of the repository's own functions that log what they are given."""
    named = facts.defines(_WRAPPER.pattern, files=facts.scripts)
    return {
        one.name
        for file, one in named
        for call in (file.facts.code.calls if file.facts.code else ())
        if call.scope == scope_of(one) and is_logging(call)
    }


def _is_missing(facts: Facts, call: Call) -> bool:
    """Whether the set-up is a function of a module that the repository's own package should hold and does not."""
    if not re.search(r"\.(setup|configure|init)_\w*log\w*$", call.name) or facts.defines(rf"^{literal(call.last)}$"):
        return False
    package = call.name.split(".", 1)[0]
    return any(f"/{package}/" in f"/{file.path}" for file in facts.scripts)


_NAMED = expression(r"^(?![A-Z]+$)[\w./-]+$")


def _keeps_numbers(call: Call) -> bool:
    """Whether a value is kept under a name, as in a table of a run's metrics; a logger is told a level and a message."""
    first = call.argument(0)
    return len(call.args) > 1 and isinstance(first, str) and bool(_NAMED.match(first))


def is_logging(call: Call) -> bool:
    if call.last not in LEVELS or (call.last == "log" and _keeps_numbers(call)):
        return False
    receiver = call.name.rpartition(".")[0]
    return bool(_LOGGER.search(receiver)) and not _NO_LOGGER.search(receiver)


def _sends_prints(_: File, one: Define) -> bool:
    return any(each.kwargs.get(name) is True for each in one.decorators for name in ("log_prints", "log_stdout"))


def carried(facts: Facts) -> Lines:
    """Tasks that are told to send what they print through their logger."""
    prefect = [(file, one.line) for file, one in facts.decorated(where=_sends_prints)]
    return [*prefect, *((file, call.line) for file, call in facts.calls("*", where=_logs_prints))]


def _logs_prints(_: File, call: Call) -> bool:
    return call.kwargs.get("log_stdout") is True or call.kwargs.get("log_prints") is True


def captured(facts: Facts) -> Lines:
    """Platforms that keep what a task prints as its log."""
    platforms = facts.imports(
        "azureml", "azure.ai.ml", "kfp", "dagster", "airflow", "databricks", "awsglue", "sagemaker_training", "sagemaker.workflow", "sagemaker.mlops", "metaflow", "flytekit", "valohai", "polyaxon", "clearml",
    )  # fmt: skip
    sagemaker = [(file, one.line) for file, one in facts.texts(r"^/opt/ml/|SM_MODEL_DIR|SM_CHANNEL")]
    lambdas = [(file, one.line) for file, one in facts.defines(r"^lambda_handler$")]
    jobs = facts.leaves(r"\.ya?ml$", "$schema", value=r"azureml\S*(job|pipeline|component)\S*\.json")
    return [*carried(facts), *platforms, *sagemaker, *lambdas, *((file, leaf.line) for file, leaf in jobs)]
