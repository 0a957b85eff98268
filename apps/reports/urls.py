"""The addresses of files to take away."""

from django.urls import path

from apps.reports import views

urlpatterns = [
    path("export.csv", views.board, name="board-csv"),
    path("projects/<slug:slug>/export.csv", views.project, name="project-csv"),
]
