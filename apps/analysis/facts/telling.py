"""How much a Python file may tell of how the system runs: decides which files of a large tree are parsed whole."""

from __future__ import annotations

from apps.analysis.facts.search import Search

# Each expression is one subject that checks ask about.
_SUBJECTS = Search(
    (
        rb"__name__\s*==",
        rb"import (?:argparse|click|typer|hydra|docopt|fire)|ArgumentParser|OptionParser|absl",
        rb"os\.environ|getenv|BaseSettings|decouple|dynaconf",
        rb"FastAPI\(|Flask\(|streamlit|gradio|uvicorn|grpc\.(?:aio\.)?server|bentoml|serve\.deployment|\.route\(|"
        rb"tornado\.web|aiohttp\.web|HTTPServer",
        rb"\.backward\(|\.fit\(|Trainer\(|GradientTape|optimizer\.step",
        rb"accuracy_score|evaluate\(|f1_score|mean_squared|roc_auc|\.score\(",
        rb"basicConfig|FileHandler|dictConfig",
        rb"mlflow|wandb|comet_ml|tensorboard|SummaryWriter|neptune",
        rb"sqlalchemy|psycopg|pymongo|redis|sqlite3|pymysql|cassandra|qdrant|chromadb|pinecone|weaviate|elasticsearch|milvus",
        rb"boto3|s3fs|gcsfs|google\.cloud|azure\.storage|s3://|gs://|hf_hub_download|snapshot_download|urlretrieve",
        rb"kafka|pika|celery|rabbit|sqs|pubsub",
        rb"prometheus|sentry_sdk|opentelemetry|datadog|evidently",
        rb"signal\.signal|lifespan|on_event|atexit",
        rb"torch\.(?:save|load)\(|save_pretrained\(|joblib\.(?:dump|load)|pickle\.(?:dump|load)|save_checkpoint|"
        rb"ModelCheckpoint|resume_from",
        rb"DistributedDataParallel|init_process_group|accelerator\.|deepspeed|horovod|ray\.init|pyspark",
        rb"[\x27\"][wa]b?[\x27\"]\)",
        rb"learning_rate\s*=|lr\s*=|batch_size\s*=|n_estimators|num_epochs|epochs\s*=",
        rb"[\x27\"]/(?:home|Users|mnt|data|opt|tmp)/|localhost|127\.0\.0\.1|0\.0\.0\.0|http://",
        rb"/health|/ready",
        rb"airflow|prefect|dagster|kfp|luigi|metaflow|zenml|kedro",
        rb"openai|anthropic|langchain|llama_index",
        rb"create_all\(|declarative_base|alembic|CREATE TABLE",
    )
)


def subjects_of(content: bytes) -> int:
    """How many of the subjects the file touches, 0 to 22."""
    return len({number for number, _ in _SUBJECTS.hits(content)})
