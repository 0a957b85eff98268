"""Backing services that code in JavaScript, TypeScript, Java, Scala, Go, C#, Rust and Julia reaches, by its libraries."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from apps.analysis.expressions import expression
from apps.analysis.foreign import languages
from apps.analysis.services import declared
from apps.analysis.services.clients import VARIABLES, Kind
from apps.analysis.services.use import Located, Use, is_harmless

if TYPE_CHECKING:
    from collections.abc import Iterator

    from apps.analysis.repository import Facts, File

_D, _S, _Q, _M = Kind.DATABASE, Kind.STORAGE, Kind.QUEUE, Kind.MONITORING
# (kind, service, what JavaScript requires, what other languages import)
_LIBRARIES = (
    (_D, "PostgreSQL", r"pg|pg-promise|postgres|@vercel/postgres|@neondatabase/\w+|@prisma/adapter-pg", r"lib/pq\b|jackc/pgx|gorm\.io/driver/postgres|\bNpgsql\b|org\.postgresql"),
    (_D, "MySQL", r"mysql2?(?:/promise)?", r"go-sql-driver/mysql|MySqlConnector|com\.mysql"),
    (_D, "an SQL database", r"sequelize(?:-typescript)?|typeorm|knex|drizzle-orm[\w/-]*|@prisma/client|[\w./@-]*/prisma/client(?:\.js)?", r"springframework\.data\.jpa|(?:jakarta|javax)\.persistence|EntityFrameworkCore|gorm\.io/gorm|jmoiron/sqlx"),
    (_D, "MongoDB", r"mongoose|mongodb", r"springframework\.data\.mongodb|com\.mongodb|mongo-driver|MongoDB\.Driver|reactivemongo"),
    (_D, "Redis", r"redis|ioredis|@redis/client|@upstash/redis|@vercel/kv", r"springframework\.data\.redis|redis\.clients|io\.lettuce|go-redis|redigo|StackExchange\.Redis"),
    (_D, "Elasticsearch", r"@elastic/elasticsearch|@opensearch-project/opensearch", r"co\.elastic\.|org\.elasticsearch|go-elasticsearch"),
    (_D, "Supabase", r"@supabase/[\w-]+", r"io\.supabase|supabase-go"),
    (_D, "Pinecone", r"@pinecone-database/pinecone|@langchain/pinecone", r"io\.pinecone"),
    (_D, "Qdrant", r"@qdrant/[\w-]+|@langchain/qdrant", r"io\.qdrant|qdrant/go-client"),
    (_D, "Weaviate", r"weaviate-(?:ts-)?client|@langchain/weaviate", r"io\.weaviate|weaviate-go-client"),
    (_D, "Chroma", r"chromadb", r"(?!)"),
    (_D, "Milvus", r"@zilliz/[\w-]+", r"io\.milvus|milvus-sdk-go"),
    (_D, "Upstash's vector store", r"@upstash/vector", r"(?!)"),
    (_D, "libSQL", r"@libsql/client(?:/\w+)?|@tursodatabase/\w+", r"tursodatabase/"),
    (_D, "Neo4j", r"neo4j-driver", r"org\.neo4j\.driver|neo4j-go-driver"),
    (_D, "Firestore", r"@google-cloud/firestore|firebase-admin(?:/[\w-]+)?|firebase/firestore", r"google\.cloud\.firestore|go/firestore"),
    (_D, "DynamoDB", r"@aws-sdk/(?:client|lib)-dynamodb", r"services\.dynamodb|service/dynamodb|Amazon\.DynamoDB"),
    (_D, "Cosmos DB", r"@azure/cosmos", r"azure\.cosmos|azcosmos"),
    (_D, "BigQuery", r"@google-cloud/bigquery", r"google\.cloud\.bigquery|go/bigquery"),
    (_D, "Snowflake", r"snowflake-sdk", r"gosnowflake|snowflake\.client"),
    (_D, "ClickHouse", r"@clickhouse/client", r"clickhouse-go|com\.clickhouse"),
    (_D, "Cassandra", r"cassandra-driver", r"com\.datastax|gocql"),
    (_D, "LanceDB", r"@lancedb/lancedb", r"(?!)"),
    (_S, "S3", r"@aws-sdk/client-s3", r"amazonaws\.services\.s3|awssdk\.services\.s3|aws-sdk-go\S*/s3\b|Amazon\.S3"),
    (_S, "MinIO", r"minio", r"io\.minio|minio-go"),
    (_S, "Google Cloud Storage", r"@google-cloud/storage", r"google\.cloud\.storage|go/storage\b"),
    (_S, "Azure Blob Storage", r"@azure/storage-blob", r"azure\.storage\.blob|Azure\.Storage\.Blobs|storage/azblob"),
    (_Q, "Kafka", r"kafkajs|node-rdkafka", r"apache\.kafka\.clients|springframework\.kafka|kafka-go|sarama|Confluent\.Kafka"),
    (_Q, "RabbitMQ", r"amqplib(?:/\w+)?", r"com\.rabbitmq|springframework\.amqp|rabbitmq/amqp091|RabbitMQ\.Client"),
    (_Q, "a Redis queue", r"bull|bullmq|@nestjs/bull(?:mq)?", r"hibiken/asynq"),
    (_Q, "a queue of jobs", r"inngest(?:/\w+)?|@trigger\.dev/sdk(?:/\w+)?|@upstash/(?:qstash|workflow)(?:/\w+)?|pg-boss|bee-queue", r"(?!)"),
    (_Q, "SQS", r"@aws-sdk/client-sqs", r"amazonaws\.services\.sqs|awssdk\.services\.sqs|service/sqs|Amazon\.SQS|awspring\.cloud\.sqs"),
    (_Q, "Pub/Sub", r"@google-cloud/pubsub", r"google\.cloud\.pubsub|go/pubsub"),
    (_Q, "Kinesis", r"@aws-sdk/client-kinesis", r"services\.kinesis|service/kinesis"),
    (_Q, "Azure Service Bus", r"@azure/(?:service-bus|event-hubs)", r"azure\.messaging|azservicebus|azeventhubs"),
    (_Q, "NATS", r"nats|@nats-io/[\w-]+", r"nats-io/nats\.go|io\.nats\.client|NATS\.Client"),
    (_Q, "Pulsar", r"pulsar-client", r"apache\.pulsar|pulsar-client-go"),
    (_Q, "MQTT", r"mqtt", r"eclipse\.paho|paho\.mqtt\.golang|MQTTnet"),
    (_Q, "Temporal", r"@temporalio/[\w-]+", r"io\.temporal|go\.temporal\.io"),
    (_M, "Sentry", r"@sentry/[\w-]+", r"io\.sentry|sentry-go"),
    (_M, "OpenTelemetry", r"@opentelemetry/(?:exporter|sdk|auto-instrumentations)-[\w-]+|@vercel/otel", r"opentelemetry\.exporter|otel/exporters|OpenTelemetry\.Exporter"),
    (_M, "Application Insights", r"applicationinsights|@azure/monitor-opentelemetry", r"microsoft\.applicationinsights"),
    (_M, "a tracer of language models", r"langsmith(?:/[\w-]+)?|langfuse(?:-[\w-]+)?|@langfuse/[\w-]+", r"(?!)"),
    (_M, "New Relic", r"newrelic", r"com\.newrelic|newrelic/go-agent"),
    (_M, "Datadog", r"dd-trace|hot-shots", r"com\.datadog|dd-trace-go"),
)  # fmt: skip
# service -> the packages of Rust and Julia that reach it
_PACKAGES = {
    "PostgreSQL": r"(?:tokio-|deadpool-|bb8-)?postgres|LibPQ",
    "an SQL database": r"sqlx|diesel(?:-async)?|sea-orm",
    "MongoDB": r"mongodb|Mongoc",
    "Redis": r"(?:deadpool-|bb8-)?redis|fred",
    "Elasticsearch": r"elasticsearch|opensearch",
    "Qdrant": r"qdrant-client",
    "Neo4j": r"neo4rs",
    "DynamoDB": r"aws-sdk-dynamodb",
    "S3": r"aws-sdk-s3|rust-s3|rusoto_s3|AWSS3",
    "Google Cloud Storage": r"google-cloud-storage",
    "Azure Blob Storage": r"azure_storage_blobs?",
    "Kafka": r"rdkafka|RDKafka",
    "RabbitMQ": r"lapin|amqprs",
    "SQS": r"aws-sdk-sqs",
    "Sentry": r"sentry",
    "OpenTelemetry": r"opentelemetry-otlp",
}
_OF_JULIA = expression(r"^\s*import\s+([\w, ]+)")
# Clients that are handed nothing: their framework, their platform or they themselves read the environment.
_BY_ITSELF = expression(
    r"springframework|persistence|awspring|EntityFrameworkCore|@prisma|prisma/client|firebase|inngest|@trigger|@upstash|@vercel|@google-cloud|google\.cloud|@aws-sdk|amazonaws|awssdk|Amazon\.|aws-sdk-go|dd-trace|newrelic|langsmith|langfuse|"
    r"opentelemetry|otel|applicationinsights"
)
_NO_USE = expression(r"^import\s+type\b|\.d\.ts$")
_QUOTE = expression(r"['\"]")
# What stands behind the keyword, up to the second quote.
_NAMED = expression(r"^\s*(?:import|using|_|\"|\w+ \")([^'\"]*\"?[^'\"]*)", re.IGNORECASE)
_DEFAULT = expression(r"(?:\|\||\?\?|,)\s{0,9}['\"`]([^'\"`]{2,120})['\"`]|\$\{[\w.-]{1,80}:([^}]{2,120})\}")


def uses(facts: Facts) -> list[Use]:
    """What a line of code tells by itself; for kinds of which none does, what the imported libraries tell."""
    lines = declared.in_other_languages(facts)
    told = {use.kind for use in lines if use.located is not Located.UNTOLD}
    imported = [use for use in _imported(facts) if use.kind not in told]
    named = {use.kind for use in imported}
    return [*(use for use in lines if use.kind not in named), *imported]


def _imported(facts: Facts) -> Iterator[Use]:
    imports: dict[int, list[tuple[File, int, str]]] = {}
    for file in facts.system:
        for number, line, text in file.once(_imports) if file.kind in languages.CODE else ():
            imports.setdefault(number, []).append((file, line, text))
    modules = [(file, one.line, one.name) for file, one in facts.dependencies if one.ecosystem == "go"]
    packages = [*_taken(facts), *_of_julia(facts)]
    for number, (kind, service, _, _) in enumerate(_LIBRARIES):
        pattern = expression(_PACKAGES.get(service, r"(?!)"), re.IGNORECASE)
        found = [*imports.get(number, []), *(one for one in packages if pattern.fullmatch(one[2]))]
        if kind is not Kind.MONITORING:
            found = [*found, *(one for one in modules if number in _imported_as(one[2]))]
        if found:
            yield _use(facts, kind, service, found)


def _taken(facts: Facts) -> list[tuple[File, int, str]]:
    """Packages that every build of a program in Rust or Julia takes."""
    optional = {
        (file.path, leaf.keys[1])
        for file, leaf in facts.leaves(r"(^|/)Cargo\.toml$", "dependencies", "*", "optional", value="(?i)true")
    }
    return [
        (file, one.line, one.name)
        for file, one in facts.dependencies
        if one.ecosystem in {"cargo", "julia"} and not one.group and (file.path, one.name) not in optional
    ]


def _of_julia(facts: Facts) -> list[tuple[File, int, str]]:
    """Packages that code in Julia imports."""
    lines = [one for one in facts.signals("import") if one[0].name.endswith(".jl")]
    found = [(file, line, _OF_JULIA.search(text)) for file, line, text in lines]
    return [(file, line, name.strip()) for file, line, one in found if one for name in one.group(1).split(",")]


def _imports(file: File) -> list[tuple[int, int, str]]:
    """The libraries that code imports, each with the line and its text."""
    named = (one for one in file.facts.signals if one.name == "import" and not _NO_USE.search(one.text))
    return [(number, one.line, one.text) for one in named for number in _libraries_of(one.text)]


def _libraries_of(text: str) -> set[int]:
    """Which of the libraries an import names."""
    quoted, named = _QUOTE.split(text)[1:-1], _NAMED.findall(text)
    return set().union(*map(_required_as, quoted), *map(_imported_as, named))


@lru_cache(maxsize=16_384)  # a large tree imports the same few libraries again and again
def _required_as(name: str) -> list[int]:
    required = (expression(pattern, re.IGNORECASE) for _, _, pattern, _ in _LIBRARIES)
    return [number for number, pattern in enumerate(required) if pattern.fullmatch(name)]


@lru_cache(maxsize=16_384)
def _imported_as(name: str) -> list[int]:
    imported = (expression(pattern, re.IGNORECASE) for _, _, _, pattern in _LIBRARIES)  # `Google.Cloud.Storage`
    return [number for number, pattern in enumerate(imported) if pattern.search(name)]


def _use(facts: Facts, kind: Kind, service: str, found: list[tuple[File, int, str]]) -> Use:
    here = found[0][0].at(found[0][1])
    importing = {file.path for file, _, _ in found}
    buckets = languages.cloud_places(facts, "bucket") if kind is Kind.STORAGE else []
    written = [one for one in buckets if one[0].path in importing]
    if written:
        file, line, text = written[0]
        return Use(kind, service, Located.HARDCODED, (file.at(line), here), text)
    reads = _reads(facts, kind, importing)
    if reads:
        file, line, text = reads[0]
        default = _DEFAULT.search(text)
        value = (default.group(1) or default.group(2)) if default else ""
        located = Located.ATTACHED if is_harmless(value or None) else Located.FALLBACK
        return Use(kind, service, located, (file.at(line), here), value)
    by_itself = any(_BY_ITSELF.search(text) for _, _, text in found)
    return Use(kind, service, Located.ATTACHED if by_itself else Located.UNTOLD, (here,))


def _reads(facts: Facts, kind: Kind, importing: set[str]) -> list[tuple[File, int, str]]:
    """Lines that read the environment: of a variable that names the kind, else any beside the import."""
    lines = languages.lines(facts, "environment")
    named = [one for one in lines if _names(kind, one[2])]
    own = [one for one in named if one[0].path in importing]
    return own or named or [one for one in lines if one[0].path in importing]


@lru_cache(maxsize=16_384)
def _names(kind: Kind, text: str) -> bool:
    """Whether a line names a variable of the kind."""
    return any(map(expression(VARIABLES[kind], re.IGNORECASE).search, re.findall(r"[\w-]+", text)))
