"""Factor 4, Backing services: its items, their criteria, rulings and remedies."""

from apps.catalog.types import Factor, Item

LOCATED_BY_ENVIRONMENT = (
    "located by a URL/connection string/identifier that comes from the environment (or from a "
    "secret/config injected at deploy time)."
)
LOCATED_BY_FILE = "from a tracked config file, or environment with a hard-coded production fallback."
HARD_CODED = "hard-coded in code."
NOT_USED = "the system uses no such service."

FACTOR = Factor(
    number=4,
    slug="backing-services",
    name="Backing services",
    short="Services",
    question="Are stores, queues and registries attached resources?",
    principle="Treat backing services as attached resources",
    items=(
        Item(
            id="backing-services.databases",
            title="Databases are located by the environment",
            subject="databases or feature/vector stores (Postgres, Mongo, Feast, Qdrant, Chroma server…).",
            met=LOCATED_BY_ENVIRONMENT,
            partial=LOCATED_BY_FILE,
            unmet=HARD_CODED + " A local SQLite/Chroma file with a hard-coded path is `unmet`.",
            na=NOT_USED,
            rulings=(),
            remedy=(
                "Read the connection string of each database, feature store or vector store from the environment, "
                "such as `DATABASE_URL`."
            ),
        ),
        Item(
            id="backing-services.storage",
            title="Datasets and models are located by the environment",
            subject="storage of datasets and models (S3/GCS/Azure blobs, HF Hub, HDFS, DVC remote).",
            met=LOCATED_BY_ENVIRONMENT,
            partial=LOCATED_BY_FILE + " Local paths given by flag/env are `partial`.",
            unmet=HARD_CODED + " Datasets or models read only from hard-coded local paths are `unmet`.",
            na=NOT_USED,
            rulings=("A hub id or download URL written into the code is `unmet`, as an overridable default `met`.",),
            remedy=(
                "Read the location of datasets and models (bucket, hub id, remote) from the environment or a "
                "parameter instead of a path in the code."
            ),
        ),
        Item(
            id="backing-services.model-registry",
            title="Registry and tracker are located by the environment",
            subject="model registry or experiment tracker (MLflow, W&B, Comet, SageMaker/Vertex/Azure registry).",
            met=LOCATED_BY_ENVIRONMENT,
            partial=LOCATED_BY_FILE,
            unmet=HARD_CODED,
            na=NOT_USED,
            rulings=(),
            remedy=(
                "Read the address of the model registry or experiment tracker from the environment, such as "
                "`MLFLOW_TRACKING_URI`, and delete the literal."
            ),
        ),
        Item(
            id="backing-services.queues",
            title="Queues and brokers are located by the environment",
            subject="message queues and brokers (Kafka, RabbitMQ, Redis as a broker, SQS, Pub/Sub, Celery).",
            met=LOCATED_BY_ENVIRONMENT,
            partial=LOCATED_BY_FILE,
            unmet=HARD_CODED,
            na=NOT_USED,
            rulings=("Event rules of a cloud (EventBridge, cron triggers) are no queues; topics and queues are.",),
            remedy=(
                "Read the broker's URL, and the topic or queue names that differ between deploys, from the environment."
            ),
        ),
        Item(
            id="backing-services.monitoring",
            title="Monitoring is located by the environment",
            subject=("monitoring and error tracking (Prometheus, Grafana, OTLP, Sentry, Datadog, Evidently service)."),
            met=LOCATED_BY_ENVIRONMENT,
            partial=LOCATED_BY_FILE,
            unmet=HARD_CODED,
            na=NOT_USED,
            rulings=(
                (
                    "A pull endpoint (`/metrics`) whose scraper is deploy config is `met`; alert channels (Slack, "
                    "e-mail, SNS) count as monitoring."
                ),
            ),
            remedy=(
                "Read the address or key of the monitoring and error-tracking service from the environment, such "
                "as `SENTRY_DSN` or `OTEL_EXPORTER_OTLP_ENDPOINT`."
            ),
        ),
    ),
)
