"""What only admins of the organisation see: people, teams, and the audit trail."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.contrib.auth.models import User
from django.db import IntegrityError
from django.db.models import Count, Q
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.dashboard.forms.people import AddPersonForm
from apps.teams.access import require_admin
from apps.teams.audit import Deed
from apps.teams.models import AuditEntry, Team
from apps.teams.organisation import LastAdmin, add_person, change_person

if TYPE_CHECKING:
    from django.http import HttpResponse

    from apps.dashboard.requests import SignedIn

ROWS = 50


@require_safe
def people(request: SignedIn) -> HttpResponse:
    require_admin(request.user)
    q = request.GET.get("q", "").replace("\x00", "").strip()
    named = Q(username__icontains=q) | Q(first_name__icontains=q) | Q(last_name__icontains=q) | Q(email__icontains=q)
    after = request.GET.get("after", "").replace("\x00", "")
    found = User.objects.filter(named, username__gt=after).annotate(team_count=Count("memberships"))
    rows = list(found.order_by("username")[: ROWS + 1])
    context = {"tab": "people", "q": q, "people": rows[:ROWS], "more": rows[ROWS - 1] if len(rows) > ROWS else None}
    return render(request, "organisation/people.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def add(request: SignedIn) -> HttpResponse:
    """The new person's password is on this one page and nowhere else."""
    require_admin(request.user)
    form = AddPersonForm(request.POST or None)
    context: dict[str, object] = {"tab": "people", "form": form, "added": None}
    if request.method == "POST" and form.is_valid():
        try:
            context["added"], context["password"] = add_person(by=request.user, **form.cleaned_data)
        except IntegrityError:
            form.add_error("username", _("Somebody took that user name a moment ago."))
    response = render(request, "organisation/add_person.html", context, status=422 if form.errors else 200)
    response["Cache-Control"] = "no-store"
    return response


@require_POST
def change(request: SignedIn, person: int) -> HttpResponse:
    require_admin(request.user)
    if person == request.user.pk:
        messages.error(request, _("Somebody else must change your own account."))
        return redirect("people")
    said = request.POST
    asked = {word: request.GET[word] for word in ("q", "after") if request.GET.get(word)}
    try:
        changed = change_person(person=person, active="active" in said, admin="admin" in said, by=request.user)
    except User.DoesNotExist as missing:
        raise Http404 from missing
    except LastAdmin:
        messages.error(request, _("The organisation keeps an admin. Make somebody else one first."))
    else:
        messages.success(request, _("The account of %(name)s is changed.") % {"name": changed.get_username()})
    # Back to where one was, so that the keyboard goes on there.
    return redirect(f"{reverse('people', query=asked)}#person-{person}")


@require_safe
def teams(request: SignedIn) -> HttpResponse:
    require_admin(request.user)
    found = Team.objects.annotate(
        member_count=Count("memberships", distinct=True), project_count=Count("projects", distinct=True)
    )
    return render(request, "organisation/teams.html", {"tab": "teams", "teams": found})


@require_safe
def audit(request: SignedIn) -> HttpResponse:
    require_admin(request.user)
    rows = list(AuditEntry.objects.asked_for(request.GET)[: ROWS + 1])
    context = {
        "tab": "audit",
        "q": request.GET.get("q", ""),
        "deed": request.GET.get("deed", ""),
        "deeds": list(Deed),
        "entries": rows[:ROWS],
        "more": rows[ROWS - 1] if len(rows) > ROWS else None,
    }
    return render(request, "organisation/audit.html", context)
