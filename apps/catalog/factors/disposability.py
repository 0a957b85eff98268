"""Factor 9, Disposability: its items, their criteria, rulings and remedies."""

from apps.catalog.rulings import MANAGED_ENDPOINTS
from apps.catalog.types import Factor, Item

FACTOR = Factor(
    number=9,
    slug="disposability",
    name="Disposability",
    short="Disposal",
    question="Does it start fast and stop gracefully?",
    principle="Maximize robustness with fast startup and graceful shutdown",
    items=(
        Item(
            id="disposability.startup",
            title="Services and jobs start without heavy work",
            met=(
                "a service or job starts without heavy work: no training, dataset download or package install at "
                "start; the model is loaded once at start (or lazily), not per request."
            ),
            partial=(
                "the model is downloaded from a hub at start without a cache or image layer, or loaded on each request."
            ),
            unmet="trains/installs/downloads data sets at start.",
            na="nothing is started (notebooks only).",
            rulings=("A training script may train; packages installed by pipeline steps are `partial`.",),
            remedy=(
                "Move training, package installs and dataset downloads to the build or to jobs. Load the model "
                "once at start, from an image layer or a cache."
            ),
        ),
        Item(
            id="disposability.shutdown",
            title="SIGTERM leads to a clean stop",
            met=(
                "SIGTERM leads to a clean stop: a production server (gunicorn, uvicorn, Triton…) run as exec-form "
                "CMD or by an init, lifespan/shutdown/signal handlers, Celery/K8s grace settings."
            ),
            partial="such a server but behind a shell-form CMD or a script without `exec`.",
            unmet="nothing.",
            na="nothing long-running (a batch script counts under resume).",
            rulings=(
                MANAGED_ENDPOINTS,
                (
                    "A graceful server (gunicorn, uvicorn, hypercorn, BentoML, Ray Serve, Triton, Airflow/Celery "
                    "images) run directly is `met`."
                ),
            ),
            remedy=(
                "Start a graceful server with an exec-form CMD (or `exec` in the script) so that SIGTERM reaches "
                "it, and finish open work in a shutdown hook."
            ),
        ),
        Item(
            id="disposability.resume",
            title="Training and long jobs resume where they stopped",
            met=(
                "training (or a long job) saves checkpoints and can resume from them, or the orchestrator retries "
                "idempotent steps."
            ),
            partial="saves checkpoints but cannot resume.",
            unmet="neither.",
            na="no training or long job.",
            rulings=("Retries of idempotent steps are `met`, step caching alone is `partial`.",),
            remedy=(
                "Save checkpoints to durable storage and start from the latest one when it exists, or let the "
                "orchestrator retry idempotent steps."
            ),
        ),
        Item(
            id="disposability.health",
            title="Health or readiness is probed",
            met=("health/readiness endpoint or probe (k8s probes, HEALTHCHECK, compose healthcheck, `/health`)."),
            partial="endpoint exists for some services only.",
            unmet="none.",
            na="does not serve.",
            rulings=(
                MANAGED_ENDPOINTS,
                (
                    "Built-in endpoints of a framework (BentoML, TF Serving, Triton, Streamlit, Ray Serve) that "
                    "nothing probes are `partial`; only services that answer users count."
                ),
            ),
            remedy=(
                "Add a health endpoint to each service that answers users, and probe it from HEALTHCHECK, compose "
                "or Kubernetes."
            ),
        ),
    ),
)
