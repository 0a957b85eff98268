"""Registers the app with Django."""

from django.apps import AppConfig


class EmbeddedConfig(AppConfig):
    name = "apps.embedded"
