"""Factor 12, Admin processes: its items, their criteria, rulings and remedies."""

from apps.catalog.types import Factor, Item

ENTRY_POINTS = (
    "The main training or serving entry point is no maintenance task; retraining is one for `same-environment`."
)
NOTEBOOKS_ONLY = "Notebooks only: `tasks` and `same-environment` `partial`, `retraining` and `backfill` `unmet`."

FACTOR = Factor(
    number=12,
    slug="admin-processes",
    name="Admin processes",
    short="Admin",
    question="Do one-off tasks run as one-off processes of the same release?",
    principle="Run admin/management tasks as one-off processes",
    items=(
        Item(
            id="admin-processes.tasks",
            title="Maintenance tasks are one-off commands",
            met=(
                "maintenance tasks are one-off commands in the repo (CLI sub-commands, scripts/, "
                "Makefile/justfile/invoke tasks, management commands)."
            ),
            partial="loose scripts without entry points or only notebooks.",
            unmet="none.",
            na="",
            rulings=(
                ENTRY_POINTS,
                NOTEBOOKS_ONLY,
            ),
            remedy=(
                "Give each maintenance task an entry point of its own: a CLI sub-command, a Makefile target or a "
                "management command."
            ),
        ),
        Item(
            id="admin-processes.migrations",
            title="Schema changes are versioned migrations",
            subject="data migrations and schema updates.",
            met="a versioned migration tool (Alembic, Django, Flyway, Liquibase, dbt…).",
            partial="hand-run SQL scripts or `create_all()` at start.",
            unmet="a schema exists, nothing manages it.",
            na="no schema of its own.",
            rulings=(),
            remedy=(
                "Manage the schema with a versioned migration tool (Alembic, Django, Flyway, dbt) and delete "
                "`create_all()` and hand-run SQL."
            ),
        ),
        Item(
            id="admin-processes.retraining",
            title="One command or pipeline run triggers retraining",
            met=(
                "retraining can be triggered by hand as one command or pipeline run (CLI, `workflow_dispatch`, "
                "`dvc repro`, pipeline trigger, Airflow DAG)."
            ),
            partial="a script with hard-coded inputs.",
            unmet="notebooks only.",
            na="does not train.",
            rulings=(NOTEBOOKS_ONLY,),
            remedy="Make retraining one command or pipeline run that takes its inputs as parameters.",
        ),
        Item(
            id="admin-processes.backfill",
            title="One command backfills derived data",
            subject="backfilling of features, embeddings, predictions or indexes as a one-off process.",
            met="a command/job takes a range or rebuilds.",
            partial="a script that always rebuilds everything by side effect.",
            unmet="derived data exists, no such command.",
            na="nothing derived is stored.",
            rulings=(
                NOTEBOOKS_ONLY,
                (
                    "A named command that rebuilds all is `met`, with hard-coded inputs `partial`, an API endpoint "
                    "alone `unmet`."
                ),
            ),
            remedy=(
                "Add a command or job that rebuilds features, embeddings, predictions or indexes for a given range."
            ),
        ),
        Item(
            id="admin-processes.same-environment",
            title="Tasks run in the application's own environment",
            met=(
                "such tasks run with the same code and dependencies as the app (same image/environment: `docker "
                "compose run`, k8s Job/CronJob with the app's image, CI job using the lock, pipeline step using "
                "the package)."
            ),
            partial="same repo, but own unpinned environment.",
            unmet="other place.",
            na="no tasks exist.",
            rulings=(
                ENTRY_POINTS,
                NOTEBOOKS_ONLY,
            ),
            remedy=(
                "Run maintenance tasks in the application's image or from its lock file: `docker compose run`, a "
                "Kubernetes Job with the same image, or a CI job that installs the lock."
            ),
        ),
    ),
)
