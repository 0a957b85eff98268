"""Which backing services every environment uses, in which version, and where environments differ."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from apps.analysis import services
from apps.analysis.deployment.compose import ATTACHED
from apps.analysis.deployment.compose import services as composed
from apps.analysis.deployment.images import is_floating
from apps.analysis.deployment.workloads import workloads
from apps.analysis.expressions import expression
from apps.analysis.repository import places
from apps.analysis.services.clients import IMAGES, RESOURCES, Kind
from apps.analysis.services.use import Located

if TYPE_CHECKING:
    from collections.abc import Iterator

    from apps.analysis.facts.model import Leaf
    from apps.analysis.findings import Evidence
    from apps.analysis.repository import Facts, File

# Servers that somebody must run, by the names that uses go by; services of a cloud and of hubs are not among them.
_RUN_BY_ONESELF = expression(
    r"PostgreSQL|pgvector|MySQL|MongoDB|^Redis|Redis queue|Elasticsearch|Cassandra|Neo4j|InfluxDB|Milvus|Weaviate|Qdrant|RabbitMQ|Kafka|Celery|Dramatiq|MinIO|NATS|Pulsar|an SQL database|a database|spring\.|jdbc",
    re.IGNORECASE,
)
_HOSTED = expression(
    r"mongodb\+srv|\.cloud\b|supabase|neon\.tech|upstash|amazonaws|azure|googleapis|elephantsql|planetscale|aiven",
    re.IGNORECASE,
)
_PLATFORM = expression(
    r"Azure ML|SageMaker|Vertex|BigQuery|Pub/Sub|Snowflake|Firestore|Databricks|Service Bus|Cosmos|resource \"|AWS::|Microsoft\."
)
_SERVER_DRIVERS = frozenset(
    {
        "psycopg2",
        "psycopg2-binary",
        "psycopg",
        "asyncpg",
        "mysqlclient",
        "pymysql",
        "mysql-connector-python",
        "aiomysql",
        "pymssql",
    }
)
_BRANCH = expression(
    r"^(?:self\.|settings\.|config\.)?(?:USE_(?:S3|GCS|LOCAL|LOCAL_STORAGE|AZURE|AZURE_STORAGE|SQLITE|MINIO|CLOUD_STORAGE)|(?:STORAGE|SAVE|DB|DATABASE)_(?:TYPE|BACKEND|PROVIDER|MODE)|LOCAL_MODE|RUN_LOCAL(?:LY)?)$",
    re.IGNORECASE,
)
_SHARED = expression(
    r"^(?:s3[an]?|gs|wasbs?|abfss?|hdfs|dbfs|postgres\w*|mysql\w*|mongodb\w*|redis)://|^/(?:efs|mnt|nfs|shared|gcs|dbfs)/"
)
_HERE = expression(r"^\.{1,2}/|^\$\w*(?:ROOT|BASE|HERE|PROJECT|HOME|CWD|cwd)\w*\b|^[\w-]+(?:/[\w.-]+)*/?$")
_IN_PROCESS = ("sqlite", "memory:", "cache+memory:", "filesystem:", "file:")
_STORE_NAMES = r"(?:dir|path|uri|url|store|storage|root|database|bucket|backend|location)$"


@dataclass(frozen=True, slots=True)
class Server:
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


def servers(facts: Facts) -> list[Server]:
    """Images of backing services in compose files and Kubernetes workloads."""
    named = [(one.file, leaf) for one in composed(facts) if not one.build for leaf in one.under("image")]
    named += [(one.file, leaf) for one in workloads(facts) for leaf in one.leaves if leaf.keys[-1] == "image"]
    return [Server(file, leaf) for file, leaf in named if _is_service(leaf.text)]


def _is_service(image: str) -> bool:
    if ATTACHED.search(image):
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
    return [*_fallbacks_to_sqlite(facts), *_switches(facts), *_two_stores(facts), *_two_engines(facts)]


def _two_engines(facts: Facts) -> list[Evidence]:
    """A module that connects to SQLite in one branch and to a server in another."""
    used = services.uses(facts, Kind.DATABASE)
    local = {use.places[0].path: use.places[0] for use in used if use.value.startswith("sqlite")}
    servers_too = [use.places[0] for use in used if _RUN_BY_ONESELF.search(use.service) and use.places[0].path in local]
    servers_too += [
        file.at(one.line) for file, one in facts.texts(r"^(postgres(ql)?|mysql)(\+\w+)?://") if file.path in local
    ]
    return [place for server in servers_too[:1] for place in (local[server.path], server)]


def _fallbacks_to_sqlite(facts: Facts) -> list[Evidence]:
    """SQLite unless the environment names a server."""
    engines = any(re.search(r"postgres|postgis|mysql|mariadb|timescale", one.engine) for one in servers(facts))
    drivers = any(one.name in _SERVER_DRIVERS for _, one in facts.dependencies)
    if not engines and not drivers:
        return []
    return [
        use.places[0]
        for use in services.uses(facts, Kind.DATABASE)
        if use.value.startswith("sqlite") and use.located in {Located.ATTACHED, Located.FALLBACK, Located.LOCAL_SET}
    ]


def _switches(facts: Facts) -> list[Evidence]:
    """Settings that choose between a service and local files."""
    return places(
        (file, one) for file, one in facts.assigns(_BRANCH.pattern, files=facts.scripts) if one.how != "default"
    )


def _two_stores(facts: Facts) -> Iterator[Evidence]:
    """A location that code sets once to something shared and once to something local."""
    seen: dict[tuple[str, str, str], list[tuple[int, str]]] = {}
    for file, one in facts.assigns(_STORE_NAMES, files=facts.scripts):
        if one.how == "name" and isinstance(one.value, str):
            seen.setdefault((file.path, one.scope, one.name), []).append((one.line, one.value))
    for file, call in facts.calls("pathlib.Path", "os.path.join", "upath.UPath", files=facts.scripts):
        seen.setdefault((file.path, call.scope, call.target), []).append((call.line, "/".join(map(str, call.args))))
    for (path, _, name), values in seen.items():
        shared = [line for line, value in values if _SHARED.search(value)]
        local = [
            line for line, value in values if not _SHARED.search(value) and _HERE.search(value) and name not in value
        ]
        if shared and local and re.search(_STORE_NAMES, name, re.IGNORECASE):
            yield from (facts.by_path[path].at(line) for line in (*shared[:1], *local[:1]))


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


def provisioned(facts: Facts) -> list[Evidence]:
    """Services of a cloud platform: in infrastructure code, or used through the platform's own client."""
    resources = [
        file.at(line)
        for pattern in RESOURCES.values()
        for file, line, _ in facts.signals("terraform-block", rf"^\s*resource\s+['\"]?\w*(?:{pattern})")
    ]
    stacks = places(
        facts.calls(
            "aws_cdk.aws_s3.Bucket",
            "aws_cdk.aws_rds.*",
            "aws_cdk.aws_dynamodb.Table",
            "aws_cdk.aws_sqs.Queue",
            "aws_cdk.aws_sagemaker.*",
            "pulumi_*.*",
            files=facts.scripts,
        )
    )
    used = [use.places[0] for kind in Kind for use in services.uses(facts, kind) if _PLATFORM.search(use.service)]
    return [*resources, *stacks, *used]
