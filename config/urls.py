"""Every address of Twelvefold."""

from django.urls import include, path

urlpatterns = [
    path("", include("apps.dashboard.urls")),
]
