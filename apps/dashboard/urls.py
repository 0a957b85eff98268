"""The addresses of pages and fragments."""

from django.contrib.auth.views import LoginView, LogoutView
from django.urls import path

from apps.dashboard.forms.sign_in import SignInForm
from apps.dashboard.views import (
    catalog,
    frame,
    imports,
    items,
    overview,
    past,
    profile,
    projects,
    settings,
    ticks,
    verdicts,
    waivers,
)

urlpatterns = [
    path("", overview.overview, name="overview"),
    path("projects/add/", projects.add, name="add-project"),
    path("projects/import/", imports.bulk, name="import-projects"),
    path("projects/archived/", settings.archived, name="archived"),
    path("projects/<slug:slug>/", projects.project, name="project"),
    path("projects/<slug:slug>/scan/", projects.scan, name="scan"),
    path("projects/<slug:slug>/history/", past.timeline, name="project-history"),
    path("projects/<slug:slug>/compare/", past.comparison, name="compare-scans"),
    path("projects/<slug:slug>/edit/", settings.edit, name="edit-project"),
    path("projects/<slug:slug>/archive/", settings.archive, name="archive-project"),
    path("projects/<slug:slug>/restore/", settings.restore, name="restore-project"),
    path("projects/<slug:slug>/delete/", settings.delete, name="delete-project"),
    path("projects/<slug:slug>/items/<str:item>/", items.item, name="project-item"),
    path("projects/<slug:slug>/items/<str:item>/tick/", ticks.tick, name="tick"),
    path("projects/<slug:slug>/items/<str:item>/clear/", ticks.clear, name="clear-tick"),
    path("projects/<slug:slug>/items/<str:item>/undo-tick/<int:version>/", ticks.undo, name="undo-tick"),
    path("projects/<slug:slug>/items/<str:item>/waive/", waivers.waive, name="waive"),
    path("projects/<slug:slug>/items/<str:item>/revoke/", waivers.revoke, name="revoke-waiver"),
    path("projects/<slug:slug>/items/<str:item>/undo-waiver/<int:version>/", waivers.undo, name="undo-waiver"),
    path("projects/<slug:slug>/items/<str:item>/report/", verdicts.report, name="report-verdict"),
    path("projects/<slug:slug>/items/<str:item>/accept/", waivers.accept, name="accept-exception"),
    path("projects/<slug:slug>/profile/<str:claim>/", profile.claim, name="claim"),
    path("projects/<slug:slug>/profile/<str:claim>/correct/", profile.correct, name="correct-claim"),
    path("projects/<slug:slug>/profile/<str:claim>/clear/", profile.clear, name="clear-claim"),
    path("verdicts/", verdicts.verdicts, name="verdicts"),
    path("verdicts/<int:report>/close/", verdicts.close, name="close-report"),
    path("catalog/<str:item>/", catalog.item, name="item"),
    path("scores/", catalog.scoring, name="scoring"),
    path("sign-in/", LoginView.as_view(authentication_form=SignInForm, redirect_authenticated_user=True), name="login"),
    path("sign-out/", LogoutView.as_view(), name="logout"),
    path("healthz", frame.healthz, name="healthz"),
]
