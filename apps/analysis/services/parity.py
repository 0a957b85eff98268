"""Which backing services every environment uses, in which version, and where environments differ."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec

from apps.analysis import services
from apps.analysis.deployment.images import images, is_floating
from apps.analysis.expressions import expression
from apps.analysis.facts.model import Leaf
from apps.analysis.foreign import languages
from apps.analysis.paths import Kind as FileKind
from apps.analysis.repository import places
from apps.analysis.running import clusters, compose, starts
from apps.analysis.running.programs import RUNS_IMAGE
from apps.analysis.running.rollout import CI
from apps.analysis.services import branches as differing
from apps.analysis.services.clients import IMAGES, RESOURCES, Kind
from apps.analysis.services.use import Located

if TYPE_CHECKING:
    from collections.abc import Iterator

    from apps.analysis.findings import Evidence
    from apps.analysis.repository import Facts, File

# Images of engines that keep data or carry messages, among all that a system attaches to.
_ENGINES = expression(
    r"(^|/)(postgres|postgresql|postgis|timescaledb|pgvector|mysql|mariadb|mongo|mongodb|redis|redis-stack\w*|valkey|keydb|memcached|rabbitmq|kafka|cp-kafka|redpanda|zookeeper|cp-zookeeper|nats|minio|mc|"
    r"localstack|elasticsearch|opensearch|qdrant|chroma|chromadb|weaviate|milvus|etcd|neo4j|cassandra|scylla|clickhouse|clickhouse-server|influxdb|couchdb|mosquitto|emqx|mssql|server|azurite|azure-sql-edge)([:@]|$)",
    re.IGNORECASE,
)
# Servers that somebody must run, by the names that uses go by; services of a cloud and of hubs are not among them.
_RUN_BY_ONESELF = expression(
    r"Postgres|pgvector|MySQL|MariaDB|mongolite|mongoose|MongoDB|^Redis|Redis queue|Elasticsearch|Cassandra|Neo4j|InfluxDB|Milvus|Weaviate|Qdrant|RabbitMQ|Kafka|Celery|Dramatiq|MinIO|NATS|Pulsar|an SQL database|a database|spring\.|jdbc",
    re.IGNORECASE,
)
_HOSTED = expression(
    r"mongodb\+srv|\.cloud\b|supabase|neon\.tech|upstash|amazonaws|azure|googleapis|elephantsql|planetscale|aiven",
    re.IGNORECASE,
)
_PLATFORM = expression(
    r"Azure ML|SageMaker|Vertex|BigQuery|Pub/Sub|Snowflake|Firestore|Databricks|Service Bus|Cosmos|resource \"|AWS::|Microsoft\."
)
_IN_PROCESS = ("sqlite", "memory:", "cache+memory:", "filesystem:", "file:")


class Server(msgspec.Struct, frozen=True):
    """An image of a backing service as some deployment names it."""

    file: File
    leaf: Leaf

    @property
    def place(self) -> Evidence:
        return self.file.at(self.leaf.line)

    @property
    def engine(self) -> str:
        return re.split(r"[:@]", self.leaf.text.rsplit("/", 1)[-1])[0].lower()

    @property
    def is_floating(self) -> bool:
        return is_floating(self.leaf.text)

    def is_like(self, other: Server) -> bool:
        """Whether one names the version of the other, though perhaps less exactly."""
        mine, theirs = (re.findall(r"\d+", one.leaf.text.rsplit("/", 1)[-1].partition(":")[2]) for one in (self, other))
        return all(one == another for one, another in zip(mine, theirs, strict=False))


def servers(facts: Facts) -> list[Server]:
    """Images of backing services in compose files and workloads, charts that they come with, and commands that run them."""
    return facts.once(_servers)


def _servers(facts: Facts) -> list[Server]:
    named = [(one.file, leaf) for one in compose.services(facts) if not one.build for leaf in one.under("image")]
    named += [(one.file, leaf) for one in clusters.workloads(facts) for leaf in one.leaves if leaf.keys[-1] == "image"]
    found = [Server(file, leaf) for file, leaf in named if _is_service(leaf.text)]
    return [*found, *_built(facts), *_charts(facts), *_run_by_hand(facts)]


def _built(facts: Facts) -> Iterator[Server]:
    """Images of a backing service to which a Dockerfile here only adds: by its base, or by the tracker that it installs."""
    commanded = any(
        "mlflow server" in starts.plain(one.text("command")) for one in compose.services(facts) if one.build
    )
    for image in images(facts):
        for stage in image.stages[-1:]:
            tracker = [name for _, name in stage.python_installs() if re.match(r"mlflow\b", name)]
            if _is_service(stage.base):
                yield Server(image.file, Leaf(["image"], stage.base, stage.line))
            elif tracker and (
                commanded or any("mlflow server" in starts.plain(one.value) for one in stage.of("CMD", "ENTRYPOINT"))
            ):
                yield Server(image.file, Leaf(["image"], tracker[0].replace("==", ":"), stage.line))


def _charts(facts: Facts) -> Iterator[Server]:
    """Charts of backing services that a chart depends on, with their versions."""
    for file, leaf in facts.leaves(r"(^|/)(Chart|requirements)\.ya?ml$", "dependencies", "*", "name"):
        versions = facts.leaves(r"(^|/)(Chart|requirements)\.ya?ml$", *leaf.keys[:2], "version")
        version = next((one.text for other, one in versions if other is file), "")
        if _is_service(leaf.text):
            fixed = "" if re.search(r"[~^*<>x]", version) else version
            yield Server(file, Leaf(leaf.keys, f"{leaf.text}:{fixed}", leaf.line))


def _run_by_hand(facts: Facts) -> Iterator[Server]:
    """Containers that tasks and scripts start."""
    for file, one in facts.commands(RUNS_IMAGE):
        images_named = [word for word in one.text.split() if not word.startswith("-") and _is_service(word)]
        if images_named and "=" not in images_named[-1]:
            yield Server(file, Leaf(["image"], images_named[-1], one.line))


def in_ci(facts: Facts) -> list[Server]:
    """Images that jobs of CI test against."""
    keys = (
        ("jobs", "*", "services", "*", "image"),
        ("services", "*"),
        ("services", "*", "name"),
        ("*", "services", "*"),
    )
    named = [pair for one in keys for pair in facts.leaves(CI, *one)]
    return [Server(file, leaf) for file, leaf in named if _is_service(leaf.text)]


def _is_service(image: str) -> bool:
    if _ENGINES.search(image):
        return True
    parts = re.split(r"[:@]", image)[0].split("/")[-2:]
    return any(
        part.startswith(word) or part.endswith(f"-{word}")
        for words in IMAGES.values()
        for word in words
        for part in parts
    )


def branches(facts: Facts) -> list[Evidence]:
    """Where code or a default gives environments services of different types."""
    return differing.of(facts, {one.engine for one in servers(facts)})


_ENGINE = expression(
    r"Kafka|RabbitMQ|MongoDB|Elasticsearch|Cassandra|Neo4j|InfluxDB|Milvus|Weaviate|Qdrant|Pulsar|NATS", re.IGNORECASE
)


def absent(facts: Facts, named: list[Server]) -> list[Evidence]:
    """Uses of engines of which no image is named, though images of others are."""
    images = " ".join(one.leaf.text.lower() for one in named)
    return [
        place
        for place, service in _unversioned(facts)
        if (engine := _ENGINE.search(service)) and engine.group().lower().removesuffix("db") not in images
    ]


def unversioned(facts: Facts) -> list[Evidence]:
    """Servers that code uses while nothing here says which version any environment runs."""
    return [place for place, _ in _unversioned(facts)]


def _unversioned(facts: Facts) -> list[tuple[Evidence, str]]:
    return [
        (use.places[0], use.service)
        for kind in Kind
        for use in services.uses(facts, kind)
        if _RUN_BY_ONESELF.search(use.service)
        and use.located not in {Located.LOCAL, Located.LOCAL_SET}
        and not _HOSTED.search(use.value)
        and not use.value.startswith(_IN_PROCESS)
    ]


def provisioned(facts: Facts) -> tuple[list[Evidence], list[Evidence]]:
    """Services of a cloud platform: those that infrastructure code defines, and those that a client of it uses."""
    resources = [
        file.at(line)
        for pattern in RESOURCES.values()
        for file, line, _ in facts.signals("terraform-block", rf"^\s*resource\s+['\"]?\w*(?:{pattern})")
    ]
    templates = [
        pair
        for pattern in RESOURCES.values()
        for pair in facts.leaves(r"\.(ya?ml|json|template)$", "**", "[Tt]ype", value=rf"^(?:{pattern})")
    ]
    stacks = places(
        facts.calls(
            "aws_cdk.aws_s3.Bucket",
            "aws_cdk.aws_rds.*",
            "aws_cdk.aws_dynamodb.Table",
            "aws_cdk.aws_sqs.Queue",
            "aws_cdk.aws_sagemaker.*",
            "aws_cdk.aws_opensearch*.*",
            "pulumi_*.*",
            files=facts.scripts,
        )
    )
    constructs = [
        file.at(line)
        for file, line, _ in languages.resources(facts, r"\b(Bucket|Table|Queue|Topic|DatabaseInstance)\b")
    ]
    used = [use.places[0] for kind in Kind for use in services.uses(facts, kind) if _PLATFORM.search(use.service)]
    return [*resources, *stacks, *constructs, *places(templates)], used


# Engines that run inside of the process, and the packages that bring their version; Python itself brings SQLite's.
_EMBEDDED = {"SQLite": "", "DuckDB": "duckdb", "Chroma": "chromadb", "an SQL database": ""}


def embedded(facts: Facts) -> tuple[list[Evidence], list[Evidence]]:
    """Databases that run inside of the process, alike everywhere; and those whose version nothing fixes."""
    local = {Located.LOCAL, Located.LOCAL_SET, Located.ATTACHED, Located.CONFIG, Located.HARDCODED, Located.FALLBACK}
    found: list[tuple[str, Evidence]] = []
    for use in services.uses(facts, Kind.DATABASE):
        by_address = use.service == "an SQL database" and not use.value.startswith("sqlite")
        if use.service in _EMBEDDED and use.located in local and not by_address:
            found.append((_EMBEDDED[use.service], use.places[0]))
    fixed = {one.name.lower() for _, one in facts.dependencies if one.pinned}
    locked = any(file.kind is FileKind.LOCK for file in facts.own)
    loose = [place for package, place in found if package and package not in fixed and not locked]
    return [place for _, place in found], loose
