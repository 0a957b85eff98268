"""Registers the app with Django."""

from django.apps import AppConfig


class TeamsConfig(AppConfig):
    name = "apps.teams"
