"""The Celery application: it carries wake-ups, never the truth (that is in PostgreSQL)."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("twelvefold")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
