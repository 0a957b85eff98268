"""The addresses of files to take away."""

from django.urls import path

from apps.reports import views

urlpatterns = [
    path("export.csv", views.board, name="board-csv"),
    path("teams/<slug:slug>/export.csv", views.team, name="team-csv"),
    path("history/export.csv", views.history, name="history-csv"),
    path("factors/<slug:slug>/export.csv", views.factor, name="factor-csv"),
    path("organisation/audit.csv", views.audit, name="audit-csv"),
    path("projects/<slug:slug>/export.csv", views.project, name="project-csv"),
]
