"""Two people send a form about one thing at the same instant, each over a connection of their own: one wins."""

import importlib
import re
import threading
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.utils import timezone

from apps.adoption.models import Attestation, ProfileCorrection, Waiver
from apps.teams.models import AuditEntry, Role
from tests.dashboard.making import claims, person, project, scanned, team, version

ITEM = "config.secrets"
PLACE = f"/projects/scorer/items/{ITEM}/"
DAY = (timezone.localdate() + timedelta(days=30)).isoformat()

pytestmark = pytest.mark.django_db(transaction=True)

# Per form: the service that both meet in, where it is posted, what each says, and what is stored of the winner.
FORMS = {
    "tick": (
        "ticks.attest", f"{PLACE}tick/", lambda who: {"state": "unmet", "note": f"{who} was here.", "expires_at": DAY},
        lambda: list(Attestation.objects.values_list("note", flat=True)),
    ),
    "waive": (
        "waivers.grant_waiver", f"{PLACE}waive/", lambda who: {"reason": f"{who} was here.", "until": DAY},
        lambda: list(Waiver.objects.values_list("reason", flat=True)),
    ),
    "correct": (
        "profile.correct_and_scan", "/projects/scorer/profile/serves/correct/", lambda _: {"holds": "yes"},
        lambda: [one.by.first_name for one in ProfileCorrection.objects.select_related("by")],
    ),
    "edit": (
        "settings.edit_and_scan", "/projects/scorer/edit/", lambda who: {"name": f"{who} was here.", "tags": ""},
        lambda: [AuditEntry.objects.get(deed="project.changed").after["name"]],
    ),
}  # fmt: skip


def at_the_same_moment(monkeypatch, service, sent):
    """Both posts of `sent` - who, address, data - meet in the view's `service`; their answers by name."""
    both, answers = threading.Barrier(2), {}
    file, _, name = service.partition(".")
    module = importlib.import_module(f"apps.dashboard.views.{file}")
    really = getattr(module, name)

    def together(**fields):
        both.wait(20)  # each has been let in and has read what there is
        return really(**fields)

    def send(user, address, data):
        client = Client(raise_request_exception=False)
        client.force_login(user)
        try:
            answers[user.first_name] = client.post(address, data)
        finally:
            connection.close()

    monkeypatch.setattr(module, name, together)
    threads = [threading.Thread(target=send, args=one) for one in sent]
    [thread.start() for thread in threads]
    [thread.join(30) for thread in threads]
    return answers


@pytest.mark.parametrize("form", FORMS)
def test_of_two_people_at_the_same_instant_one_wins_and_the_other_is_told(monkeypatch, form):
    service, address, said, stored = FORMS[form]
    fraud = team("Fraud")
    people = [person(name, fraud, Role.MAINTAINER) for name in ("Alice", "Bob")]
    scorer = scanned(project(fraud, "scorer"), profile=claims(trains="fit.py"))
    seen = {"correct": 0, "edit": scorer.version}.get(form, version(scorer, ITEM))
    more = {"url": scorer.url, "team": fraud.pk} if form == "edit" else {}
    answers = at_the_same_moment(
        monkeypatch,
        service,
        [(user, address, said(user.first_name) | more | {"version": seen}) for user in people],
    )
    codes = {name: answer.status_code for name, answer in answers.items()}
    assert sorted(codes.values()) == [302, 409]
    winner, loser = sorted(codes, key=codes.get)
    assert stored() == [winner if form == "correct" else f"{winner} was here."]
    page = re.sub(r"\s+", " ", answers[loser].content.decode())
    assert "meanwhile" in page
    assert f"{winner} says yes." in page if form == "correct" else f"{winner} was here." in page
    assert re.search(r'value="yes"[^>]*checked', page) if form == "correct" else f"{loser} was here." in page
    changes = AuditEntry.objects.exclude(deed="project.added")
    assert [entry.by.first_name for entry in changes] == [winner]


def test_two_admins_who_take_each_other_s_rights_leave_one(monkeypatch):
    people = [person(name) for name in ("Alice", "Bob")]
    User.objects.update(is_superuser=True)
    there = [f"/organisation/people/{user.pk}/" for user in reversed(people)]
    at_the_same_moment(
        monkeypatch, "organisation.change_person", [*zip(people, there, [{"active": "on"}] * 2, strict=True)]
    )
    assert User.objects.filter(is_superuser=True, is_active=True).count() == 1


def test_two_maintainers_who_remove_each_other_leave_one(monkeypatch):
    fraud = team("Fraud")
    people = [person(name, fraud, Role.MAINTAINER) for name in ("Alice", "Bob")]
    there = [f"/teams/fraud/members/{user.memberships.get().pk}/remove/" for user in reversed(people)]
    answers = at_the_same_moment(monkeypatch, "members.remove_member", [*zip(people, there, [{}] * 2, strict=True)])
    assert sorted(answer.status_code for answer in answers.values()) == [302, 409]
    assert fraud.memberships.count() == 1
