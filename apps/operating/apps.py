"""Tells Django of the app."""

from django.apps import AppConfig


class OperatingConfig(AppConfig):
    name = "apps.operating"
