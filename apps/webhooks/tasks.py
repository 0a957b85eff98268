"""The message of webhooks: it may be lost or doubled without harm."""

from celery import shared_task

from apps.webhooks import services


@shared_task(name="webhooks.prune", expires=3000)
def prune() -> None:
    services.prune()
