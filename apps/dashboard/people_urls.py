"""The addresses of teams' settings and of what the organisation's admins see."""

from django.urls import path

from apps.dashboard.views import members, organisation

urlpatterns = [
    path("teams/new/", members.new, name="new-team"),
    path("teams/<slug:slug>/settings/", members.settings, name="team-settings"),
    path("teams/<slug:slug>/settings/rename/", members.rename, name="rename-team"),
    path("teams/<slug:slug>/settings/delete/", members.delete, name="delete-team"),
    path("teams/<slug:slug>/members/add/", members.add, name="add-member"),
    path("teams/<slug:slug>/members/<int:member>/role/", members.role, name="change-role"),
    path("teams/<slug:slug>/members/<int:member>/remove/", members.remove, name="remove-member"),
    path("organisation/people/", organisation.people, name="people"),
    path("organisation/people/add/", organisation.add, name="add-person"),
    path("organisation/people/<int:person>/", organisation.change, name="change-person"),
    path("organisation/teams/", organisation.teams, name="organisation-teams"),
    path("organisation/audit/", organisation.audit, name="audit"),
]
