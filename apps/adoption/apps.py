"""Registers the app with Django."""

from django.apps import AppConfig


class AdoptionConfig(AppConfig):
    name = "apps.adoption"
