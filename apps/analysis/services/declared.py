"""Backing services as configuration, infrastructure and code of other languages tell them."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from msgspec.structs import replace

from apps.analysis import paths
from apps.analysis.expressions import expression
from apps.analysis.foreign import languages
from apps.analysis.kept import kept
from apps.analysis.services.clients import IMAGES, KEYS, MODULES, RESOURCES, SCHEMES, VARIABLES, Kind
from apps.analysis.services.use import Located, Use, is_harmless

if TYPE_CHECKING:
    from collections.abc import Iterator

    from apps.analysis.facts.model import Leaf
    from apps.analysis.repository import Facts, File

MOST_LEAVES = 3000  # of a file of settings
_SETTINGS = frozenset({paths.Kind.YAML, paths.Kind.JSON, paths.Kind.TOML, paths.Kind.INI})
_NO_SETTINGS = expression(
    r"(^|/)(\.github|\.gitlab|\.circleci|\.vscode|\.devcontainer|tests?)/|package(-lock)?\.json$|(^|/)\.(gitlab-ci|travis|pre-commit)|pyproject\.toml$|mkdocs|"
    r"azure-pipelines|buildspec|cloudbuild|tsconfig|manifest\.json$|dashboards?/|openapi|swagger|setup\.cfg$|environment\.ya?ml$|MLproject$|\.dvc$|tokenizer|vocab|log4j|logback|logging\.(ya?ml|json|ini|conf)$|\.(example|sample|template|dist)$",
    re.IGNORECASE,
)
_DEPLOYMENT = expression(
    r"(^|/)(docker-)?compose[^/]*\.ya?ml$|(^|/)(k8s|kubernetes|manifests?|helm|charts?|deploy(ment)?s?|kustomize|infra\w*|terraform|cdk|overlays|base|argocd)/|values[^/]*\.ya?ml$|serverless\.ya?ml$|"
    r"template\.ya?ml$|\.tfvars(\.json)?$|cloudformation|app\.ya?ml$|task-?def|-task\.json$",
    re.IGNORECASE,
)
_FROM_OUTSIDE = expression(r"\$\{|\{\{|^\$[A-Z]|oc\.env|!ENV|^env:|%\(ENV|<%=|__\w+__")
_SIGNALS = (
    (Kind.DATABASE, "database"), (Kind.DATABASE, "database-in-r"), (Kind.QUEUE, "queue"), (Kind.STORAGE, "storage"), (Kind.STORAGE, "storage-in-r"),
)  # fmt: skip
_READS_OUTSIDE = expression(
    r"process\.env|getenv|os\.Getenv|LookupEnv|@Value|sys\.env|viper\.|\$\{|\benv\(|Sys\.getenv|config\.|conf\.|props\.|args\(|cfg\.|settings\.",
    re.IGNORECASE,
)
_LITERAL_ADDRESS = expression(
    r"['\"](?:jdbc:\w+:|(?:mongodb(?:\+srv)?|postgres(?:ql)?|mysql|amqps?|s3[an]?|gs|hdfs|wasbs?|abfss?|redis)://)[^'\"$\s]{3,}['\"]|(?:broker|bootstrap|kafka)\w{0,24}['\"]?\s{0,4}[:=,]{1,2}\s{0,4}['\"][\w.-]+:\d+['\"]",
    re.IGNORECASE,
)

_OPENS = expression(
    r"sql\.Open|DriverManager|createClient|new Pool|mongoose\.connect|MongoClient|NewClient|dbConnect|dbPool|hiredis|mongolite|\bmongo\s*\(|s3(?:readRDS|saveRDS|read_using|write_using|load|save)\(|save_object\(|board_\w+\(|gcs_get_object|gcs_upload|s3_bucket|gs_bucket|getConnection|PrismaClient|KafkaProducer|KafkaConsumer|KafkaUtils|"
    r"new Kafka|KafkaStreams\(|PubsubIO|KafkaIO|amqplib|Dial\(|AmazonS3|S3Client|BlobServiceClient|textFile|\.(?:load|parquet|csv|save)\("
)


def by_configuration(facts: Facts) -> list[Use]:
    """Settings files of the application itself, such as Spring's, Airflow's or a YAML file that code reads."""
    found: list[Use] = []
    overridden = bool(facts.commands(r"AIRFLOW__\w+") or facts.leaves(r"\.ya?ml$", "**", "AIRFLOW__*"))
    overridden = overridden or bool(facts.leaves(r"\.ya?ml$", value=r"^AIRFLOW__\w+="))
    for file in facts.system:
        told = file.once(_told) if file.kind in _SETTINGS else []
        if told and file.name == "airflow.cfg":
            # its section of Celery is read by that executor only
            told = told if _on_celery(facts) else [use for use in told if use.kind is not Kind.QUEUE]
            told = [replace(use, located=Located.ATTACHED, value="") for use in told] if overridden else told
        found += told
    return found


def _told(file: File) -> list[Use]:
    """What a file of settings locates."""
    if (
        _NO_SETTINGS.search(file.path)
        or _DEPLOYMENT.search(file.path)
        or _deploys(file)
        or len(file.facts.leaves) > MOST_LEAVES
    ):
        return []
    return [_setting(kind, file, leaf) for leaf in file.facts.leaves if (kind := _kind_of(leaf))]


def _on_celery(facts: Facts) -> bool:
    configured = facts.leaves(r"airflow[^/]*\.cfg$", "core", "executor", value="Celery")
    return bool(configured or facts.leaves(r"\.(ya?ml|env)$", value=r"Celery(Kubernetes)?Executor$"))


def _deploys(file: File) -> bool:
    """Whether the file is a cloud's template, a manifest or a pipeline of CI, by its first keys."""
    first = {leaf.keys[0] for leaf in file.facts.leaves[:400] if leaf.keys}
    template = any(leaf.keys == ["$schema"] and "deployment" in leaf.text for leaf in file.facts.leaves[:5])
    return template or bool(
        first
        & {
            "AWSTemplateFormatVersion",
            "Resources",
            "stages",
            "jobs",
            "trigger",
            "pool",
            "apiVersion",
            "steps",
            "variables",
        }
    )


def _kind_of(leaf: Leaf) -> Kind | None:
    if not isinstance(leaf.value, str) or not 2 < len(leaf.text) < 300:
        return None
    return _kind_of_path(".".join(key for key in leaf.keys if not key.isdigit())) or _kind_of_text(leaf.text)


@lru_cache(maxsize=16_384)
def _kind_of_path(path: str) -> Kind | None:
    return next((kind for kind, pattern in KEYS.items() if expression(pattern, re.IGNORECASE).search(path)), None)


@lru_cache(maxsize=16_384)
def _kind_of_text(text: str) -> Kind | None:
    return next((kind for kind, pattern in SCHEMES.items() if expression(pattern).search(text)), None)


def _setting(kind: Kind, file: File, leaf: Leaf) -> Use:
    text = leaf.text
    located = Located.CONFIG
    if _FROM_OUTSIDE.search(text):
        default = re.search(r"\$\{[^:}]*:-?([^}]*)\}?", text)
        located = Located.ATTACHED if is_harmless(default.group(1) if default else None) else Located.FALLBACK
    return Use(kind, f"`{leaf.keys[-1]}`", located, (file.at(leaf.line),), text)


@kept
def by_deployment(facts: Facts) -> list[Use]:
    """Services that the deployment itself brings or names: images of compose and Kubernetes, cloud resources."""
    monitors = [
        Use(Kind.MONITORING, f"the values of {file.name}", Located.ATTACHED, (file.at(1),))
        for file in facts.named(_MONITORS)
    ]
    return [*_brokers(facts), *_images(facts), *_given(facts), *_charts(facts), *_resources(facts), *monitors]


# Values of charts that bring monitors.
_MONITORS = r"(^|/)[\w.-]*(prometheus|grafana|loki)[\w.-]*values[\w.-]*\.ya?ml$|(^|/)values[\w.-]*(prometheus|grafana|loki)[\w.-]*\.ya?ml$"


_BROKERS = ("AIRFLOW__CELERY__BROKER_URL", "CELERY_BROKER_URL", "BROKER_URL")


def _brokers(facts: Facts) -> Iterator[Use]:
    """Addresses of brokers that a deployment hands to the workers of an image, whose code is elsewhere."""
    for name in _BROKERS:
        for file, leaf in facts.leaves(r"\.(ya?ml|env)$", "**", name):
            yield Use(Kind.QUEUE, f"`{name}`", Located.ATTACHED, (file.at(leaf.line),), leaf.text)


def _is_chosen(file: File, leaf: Leaf) -> bool:
    """Whether the leaf is a text that a file of settings in YAML holds."""
    return file.kind is paths.Kind.YAML and isinstance(leaf.value, str) and not _NO_SETTINGS.search(file.path)


def _images(facts: Facts) -> Iterator[Use]:
    """Images of services that a deployment runs, or that a Dockerfile here only adds settings to."""
    named = [(file, leaf.line, leaf.text) for file, leaf in facts.leaves("", "**", "image", where=_is_chosen)]
    for file in facts.dockerfiles:
        bases = [one for one in file.facts.instructions if one.name == "FROM"]
        named += [(file, one.line, one.value.split()[0]) for one in bases[-1:] if one.value]
    for file, line, image in named:
        name = image.split("@")[0].rsplit(":", 1)[0].rsplit("/", 2)
        for kind, words in IMAGES.items():
            if any(part.startswith(word) or part.endswith(f"-{word}") for word in words for part in name[-2:]):
                yield Use(kind, f"the image {image}", Located.ATTACHED, (file.at(line),))


def _given(facts: Facts) -> Iterator[Use]:
    """Variables and addresses that a deployment hands to workloads whose code is elsewhere."""
    for kind, pattern in VARIABLES.items():
        for file, leaf in facts.leaves(r"\.ya?ml$", "**", "env", "*", "name", value=pattern):
            yield Use(kind, f"`{leaf.text}`", Located.ATTACHED, (file.at(leaf.line),))
    for kind, pattern in SCHEMES.items():
        for file, leaf in facts.leaves(
            r"\.ya?ml$", "**", "containers", "*", "args", "**", value=rf"(?:^|[\s\"'=])(?:{pattern.replace('^', '')})"
        ):
            how = Located.LOCAL if "sqlite:" in leaf.text else Located.ATTACHED
            yield Use(kind, "a service of a workload", how, (file.at(leaf.line),))


def _charts(facts: Facts) -> Iterator[Use]:
    """Charts of services that a deployment installs, also as parts of another chart."""
    for file, leaf in [*installed_charts(facts), *facts.leaves(r"(^|/)Chart\.ya?ml$", "dependencies", "*", "name")]:
        name = leaf.text.rsplit("/", 1)[-1].removeprefix("kube-")
        for kind, words in IMAGES.items():
            if name.startswith(words):
                yield Use(kind, f"the chart {leaf.text}", Located.ATTACHED, (file.at(leaf.line),))
    for file, leaf in facts.leaves(r"\.ya?ml$", "kind", value=r"^(ServiceMonitor|PodMonitor|PrometheusRule)$"):
        yield Use(Kind.MONITORING, f"the {leaf.text} of Prometheus", Located.ATTACHED, (file.at(leaf.line),))


def installed_charts(facts: Facts) -> list[tuple[File, Leaf]]:
    """Names of charts that a deployment installs beside its own: by tasks of Ansible, Argo CD, Flux, Helmfile."""
    return [pair for keys in _CHARTS for pair in facts.leaves(r"\.ya?ml$", *keys)]


_CHARTS = (
    ("**", "chart_ref"),
    ("**", "source", "chart"),
    ("**", "sources", "*", "chart"),
    ("spec", "chart", "spec", "chart"),
    ("releases", "*", "chart"),
)


def _resources(facts: Facts) -> Iterator[Use]:
    constructs = {Kind.QUEUE: r"\b(Topic|Queue)\b", Kind.MONITORING: r"Alarm|Dashboard|Insights|MonitoringSchedule"}
    for kind, pattern in constructs.items():
        for file, line, text in languages.resources(facts, pattern):
            yield Use(kind, text[:60], Located.ATTACHED, (file.at(line),))
    for kind, pattern in MODULES.items():
        for file, line, text in facts.signals("terraform-source", rf"=\s*\"[\w.-]+/(?:{pattern})/"):
            yield Use(kind, text.split('"')[1], Located.ATTACHED, (file.at(line),))
    for kind, pattern in RESOURCES.items():
        for file, line, text in facts.signals("terraform-block", rf"^\s*resource\s+['\"]?\w*(?:{pattern})"):
            yield Use(kind, text.split("{")[0].strip(), Located.ATTACHED, (file.at(line),))
        for file, leaf in facts.leaves(r"\.(ya?ml|json|template)$", "**", "[Tt]ype", value=rf"^(?:{pattern})"):
            yield Use(kind, leaf.text, Located.ATTACHED, (file.at(leaf.line),))


_HOST_IN_R = expression(r"\bdbConnect\b.{0,800}?\b(?:host|server)\s*=\s*['\"](?!localhost|127\.)[\w.-]+['\"]")
_LONGEST_CALL = 10  # lines


def _whole(file: File, line: int, text: str) -> str:
    """A call in R that connects, with the arguments on the lines that it goes on over."""
    if file.kind is not paths.Kind.R or text.count("(") <= text.count(")"):
        return text
    near = range(line + 1, line + _LONGEST_CALL)
    for one in file.facts.signals:
        if one.name == _GIVEN_IN_R and one.line in near and text.count("(") > text.count(")"):
            text = f"{text} {one.text}"
    return text


_GIVEN_IN_R = "connection-argument"


def in_other_languages(facts: Facts) -> list[Use]:
    """Java, Scala, Go, JavaScript and R: the line that reaches the service says whether its address is outside."""
    found = []
    for kind, name in _SIGNALS:
        for file, line, text in facts.signals(name):
            if file.kind is paths.Kind.TEXT or text.lstrip().startswith(
                ("import ", "//", "*", "#", "package ", "from ")
            ):
                continue
            if _LITERAL_ADDRESS.search(text) and not _READS_OUTSIDE.search(text):
                located = (
                    Located.ATTACHED
                    if kind is not Kind.STORAGE and "localhost" in text and "getenv" in text
                    else Located.HARDCODED
                )
            elif _OPENS.search(text):
                whole = _whole(file, line, text)
                located = Located.HARDCODED if _HOST_IN_R.search(whole) else Located.UNTOLD
                located = Located.ATTACHED if _READS_OUTSIDE.search(whole) and located is Located.UNTOLD else located
            else:
                continue
            found.append(Use(kind, text[:60], located, (file.at(line),)))
    return found


def platform_data(facts: Facts) -> list[Use]:
    """Data that jobs of Azure ML are handed from the workspace: as assets with a name, or from a data store."""
    jobs = {file.path for file, _ in facts.leaves(r"\.ya?ml$", "$schema", value="azureml")}
    found = facts.leaves(r"\.ya?ml$", "**", "path", value=r"^azureml:(?://datastores/|[\w-]+[@:])")
    found = [pair for pair in found if pair[0].path in jobs and {"inputs", "outputs"} & set(pair[1].keys)]
    return [
        Use(Kind.STORAGE, "an Azure ML data store", Located.ATTACHED, (file.at(leaf.line),)) for file, leaf in found[:3]
    ]


def catalogued_data(facts: Facts) -> list[Use]:
    """Data sets that a catalogue of Kedro locates."""
    found = facts.leaves(_CATALOGUES, "*", "filepath") + facts.leaves(_CATALOGUES, "*", "dataset", "filepath")
    return [
        Use(
            Kind.STORAGE,
            f"`{leaf.keys[0]}`",
            _setting(Kind.STORAGE, file, leaf).located,
            (file.at(leaf.line),),
            leaf.text,
        )
        for file, leaf in found
    ]


_CATALOGUES = r"(^|/)conf/[^/]+/(?:[\w/]{1,200}/)?catalog[\w/]{0,200}\.ya?ml$"


def data_files(facts: Facts) -> list[Use]:
    """Data that R, Scala, Java and Go read: a literal path is local, anything else is given."""
    found = []
    for file, line, text in [*facts.signals("data-read"), *facts.signals("data-read-by-library")]:
        literal = re.search(
            r"\(\s*(?:file\s*=\s*|(?:new (?:File|Buffered)(?:Reader|InputStream)?\s*\(\s*){1,2})?['\"]([^'\"]+)['\"]",
            text,
        )
        if literal and re.match(r"https?://", literal.group(1)):
            located = Located.HARDCODED
        else:
            located = Located.LOCAL if literal else Located.UNTOLD
        found.append(Use(Kind.STORAGE, "a local path", located, (file.at(line),), literal.group(1) if literal else ""))
    return found
