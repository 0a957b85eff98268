"""Registers the app with Django, and what it asks of this machine."""

from django.apps import AppConfig
from django.core.checks import register


class RepositoriesConfig(AppConfig):
    name = "apps.repositories"

    def ready(self) -> None:
        from apps.repositories.checks import check_certificates, check_confinement, check_git

        register(check_git)
        register(check_certificates)
        register(check_confinement)
