"""Registers the app with Django."""

from django.apps import AppConfig


class TeamsConfig(AppConfig):
    name = "apps.teams"

    def ready(self) -> None:
        from apps.teams import checks  # noqa: F401 - it registers itself
