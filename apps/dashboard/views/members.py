"""A team's settings: its name, who is in it, and what they may do there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.db import IntegrityError
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.dashboard.forms.people import AddMemberForm, RoleForm, TeamForm
from apps.teams.access import RULES, Action, is_admin, require, require_admin
from apps.teams.members import LastMaintainer, add_member, change_role, remove_member
from apps.teams.models import Membership, Role, Team
from apps.teams.organisation import TeamNotEmpty, create_team, delete_team, rename_team

if TYPE_CHECKING:
    from django import forms
    from django.http import HttpResponse
    from django_stubs_ext import StrOrPromise

    from apps.dashboard.requests import SignedIn

NOBODY_LEFT = gettext_lazy("A team keeps a maintainer. Make somebody else one first.")


@require_safe
def settings(request: SignedIn, slug: str) -> HttpResponse:
    return _show(request, _team(request, slug, Action.MANAGE_MEMBERS))


@require_POST
def add(request: SignedIn, slug: str) -> HttpResponse:
    team = _team(request, slug, Action.MANAGE_MEMBERS)
    form = AddMemberForm(request.POST)
    if form.is_valid():
        person = form.cleaned_data["person"]
        try:
            add_member(team=team, user=person, role=Role(form.cleaned_data["role"]), by=request.user)
        except IntegrityError:
            form.add_error("person", _("That person is in the team already."))
        else:
            messages.success(request, _("%(name)s is in the team.") % {"name": person.get_username()})
            return redirect("team-settings", slug)
    return _show(request, team, adding=form, code=422)


@require_POST
def role(request: SignedIn, slug: str, member: int) -> HttpResponse:
    team = _team(request, slug, Action.MANAGE_MEMBERS)
    form = RoleForm(request.POST)
    if not form.is_valid():
        return _show(request, team, code=422)
    try:
        changed = change_role(team=team, member=member, role=Role(form.cleaned_data["role"]), by=request.user)
    except LastMaintainer:
        return _refused(request, team, NOBODY_LEFT)
    except Membership.DoesNotExist as missing:
        raise Http404 from missing
    said = {"name": changed.user.get_username(), "role": changed.get_role_display().lower()}
    messages.success(request, _("%(name)s is in the role of %(role)s now.") % said)
    return _after_change(request, slug, changed)


@require_POST
def remove(request: SignedIn, slug: str, member: int) -> HttpResponse:
    team = _team(request, slug, Action.MANAGE_MEMBERS)
    try:
        removed = remove_member(team=team, member=member, by=request.user)
    except LastMaintainer:
        return _refused(request, team, NOBODY_LEFT)
    except Membership.DoesNotExist as missing:
        raise Http404 from missing
    messages.success(request, _("%(name)s is no longer in the team.") % {"name": removed.user.get_username()})
    return _after_change(request, slug, removed)


@require_POST
def rename(request: SignedIn, slug: str) -> HttpResponse:
    team = _team(request, slug, Action.ADMIN)
    form = TeamForm(request.POST, team=team)
    if not form.is_valid():
        return _show(request, team, naming=form, code=422)
    rename_team(team=team, name=form.cleaned_data["name"], by=request.user)
    messages.success(request, _("The team has a new name."))
    return redirect("team-settings", slug)


@require_POST
def delete(request: SignedIn, slug: str) -> HttpResponse:
    """Only for who typed the team's name, and only without projects."""
    team = _team(request, slug, Action.ADMIN)
    if request.POST.get("confirmation", "").strip() != team.name:
        return _show(request, team, undeleted=_("That is not its name. Nothing was deleted."), code=409)
    try:
        delete_team(team=team, by=request.user)
    except TeamNotEmpty:
        why = _("The team has projects. Move or delete them first, those in the archive too.")
        return _show(request, team, undeleted=why, code=409)
    messages.success(request, _("%(name)s is deleted.") % {"name": team.name})
    return redirect("organisation-teams")


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: SignedIn) -> HttpResponse:
    require_admin(request.user)
    form = TeamForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        team = create_team(name=form.cleaned_data["name"], by=request.user)
        messages.success(request, _("%(name)s is there. Now say who is in it.") % {"name": team.name})
        return redirect("team-settings", team.slug)
    return render(request, "organisation/new_team.html", {"form": form}, status=422 if form.errors else 200)


def _team(request: SignedIn, slug: str, action: Action) -> Team:
    team = get_object_or_404(Team, slug=slug)
    require(request.user, action, team)
    return team


def _show(
    request: SignedIn,
    team: Team,
    *,
    adding: forms.Form | None = None,
    naming: forms.Form | None = None,
    undeleted: str = "",
    code: int = 200,
) -> HttpResponse:
    memberships = team.memberships.select_related("user").order_by("user__first_name", "user__username")
    context = {
        "team": team,
        "members": [(membership, RoleForm.of(membership)) for membership in memberships],
        "adding": adding or AddMemberForm(),
        "naming": naming or TeamForm(initial={"name": team.name}, team=team),
        "undeleted": undeleted,
        "is_admin": is_admin(request.user),
        "roles": [(role.label, [rule.meaning for rule in RULES.values() if role in rule.roles]) for role in Role],
    }
    return render(request, "team/settings.html", context, status=code)


def _refused(request: SignedIn, team: Team, why: StrOrPromise) -> HttpResponse:
    messages.error(request, why)
    return _show(request, team, code=409)


def _after_change(request: SignedIn, slug: str, changed: Membership) -> HttpResponse:
    """Whoever gave up the right to this page goes to the overview, others to the row they changed, if it is there."""
    now = Membership.objects.filter(pk=changed.pk).first()
    is_own = changed.user == request.user and not is_admin(request.user)
    if is_own and (now is None or now.role != Role.MAINTAINER):
        return redirect("overview")
    settings = reverse("team-settings", args=[slug])
    return redirect(f"{settings}#member-{now.pk}" if now else settings)  # the keyboard goes on there
