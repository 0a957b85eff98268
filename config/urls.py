"""Every address of Twelvefold."""

from django.urls import include, path

urlpatterns = [
    path("", include("apps.webhooks.urls")),
    path("", include("apps.reports.urls")),
    path("", include("apps.dashboard.sign_in_urls")),
    path("", include("apps.dashboard.people_urls")),
    path("", include("apps.dashboard.urls")),
]

handler500 = "apps.dashboard.views.errors.broken"
