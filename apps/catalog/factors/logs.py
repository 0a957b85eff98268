"""Factor 11, Logs: its items, their criteria, rulings and remedies."""

from apps.catalog.types import Factor, Item

FACTOR = Factor(
    number=11,
    slug="logs",
    name="Logs",
    short="Logs",
    question="Are logs treated as event streams?",
    principle="Treat logs as event streams",
    items=(
        Item(
            id="logs.training-metrics",
            title="Training metrics go to a logger or tracker",
            met=(
                "metrics go to stdout through a logger or to a tracker (MLflow, W&B, TensorBoard with a remote "
                "dir, Lightning loggers…)."
            ),
            partial="`print` only, or files only (csv, local TensorBoard).",
            unmet="none.",
            na="does not train.",
            rulings=(),
            remedy=(
                "Send training metrics to stdout through a logger or to a tracker such as MLflow or W&B, rather "
                "than through `print` or to files."
            ),
        ),
        Item(
            id="logs.requests",
            title="Requests and predictions are logged",
            met="inference requests and responses/predictions are logged to a stream or monitoring store.",
            partial="requests only (access log configured) or prediction `print`s.",
            unmet="none.",
            na="does not serve.",
            rulings=(
                (
                    "A server's default access log is `partial` (uvicorn, Streamlit), nothing is `unmet` (gunicorn "
                    "without `--access-logfile`); request metrics or tracing are `partial`; logged predictions are "
                    "`met`."
                ),
            ),
            remedy=(
                "Log each inference request together with its prediction, model version and request id to stdout "
                "or a monitoring store."
            ),
        ),
        Item(
            id="logs.system-events",
            title="A logging framework writes events to stdout",
            met="a logging framework writes events to stdout/stderr.",
            partial="`print` only, or a logger in parts.",
            unmet="neither.",
            na="",
            rulings=(
                (
                    "Loggers that nothing configures, or one main stage that only prints, make `partial`; prints that "
                    "an orchestrator captures as logs are `met`."
                ),
            ),
            remedy=(
                "Replace `print` by the language's logging framework and configure it once, at the entry point, "
                "to write to stdout or stderr."
            ),
        ),
        Item(
            id="logs.no-local-files",
            title="No log is written to a local file",
            met="no log is written to a local file by the app.",
            partial="optional or in addition to stdout.",
            unmet="logs go to local files only.",
            na="",
            rulings=("Files written by bundled nginx, supervisord or Airflow count (`partial`).",),
            remedy=("Remove file handlers and log paths and write to stdout, so that the platform routes the stream."),
        ),
        Item(
            id="logs.centralised",
            title="Log streams reach a central system",
            subject="the streams reach a centralised logging system.",
            met=(
                "deploy config or a managed platform routes them (a logging driver, Fluent "
                "Bit/Vector/Promtail/Loki/ELK collectors, an OTLP log exporter, a platform that captures stdout "
                "such as Cloud Run, Lambda, SageMaker, Vertex, ECS with `awslogs`)."
            ),
            partial="for some services only, or the app itself ships its logs through a handler.",
            unmet="logs go to local files only.",
            na="nothing is deployed.",
            unknown="otherwise (the usual case: a person ticks it).",
            rulings=(),
            remedy=(
                "Route the streams to a central system in the deployment configuration: a logging driver, a "
                "collector, or a platform that captures stdout. If the platform does so already, tick this item "
                "and name it."
            ),
        ),
    ),
)
