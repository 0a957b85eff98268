"""The Celery application: it carries wake-ups, never the truth (that is in PostgreSQL)."""

import os

import structlog
from celery import Celery
from celery.signals import beat_init, setup_logging, task_postrun, task_prerun, worker_process_init

from config import telemetry

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("twelvefold")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@setup_logging.connect
def _leave_logging_alone(**_: object) -> None:
    """Whoever answers this signal keeps Celery from setting up handlers of its own: the settings have done it."""


@worker_process_init.connect
def _start_telemetry_in_worker(**_: object) -> None:
    telemetry.start("worker")


@beat_init.connect
def _start_telemetry_in_beat(**_: object) -> None:
    telemetry.start("beat")


@task_prerun.connect
def _bind_task(task_id: str, **_: object) -> None:
    structlog.contextvars.bind_contextvars(task_id=task_id)


@task_postrun.connect
def _unbind_task(**_: object) -> None:
    structlog.contextvars.unbind_contextvars("task_id")
