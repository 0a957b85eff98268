"""Two people send a form about one thing at the same instant, each over a connection of their own: one wins."""

import re
import threading
from datetime import timedelta

import pytest
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


@pytest.mark.parametrize("form", FORMS)
def test_of_two_people_at_the_same_instant_one_wins_and_the_other_is_told(monkeypatch, form):
    service, address, said, stored = FORMS[form]
    fraud = team("Fraud")
    people = [person(name, fraud, Role.MAINTAINER) for name in ("Alice", "Bob")]
    scorer = scanned(project(fraud, "scorer"), profile=claims(trains="fit.py"))
    seen = {"correct": 0, "edit": scorer.version}.get(form, version(scorer, ITEM))
    both = threading.Barrier(2)
    file, _, name = service.partition(".")
    module = __import__(f"apps.dashboard.views.{file}", fromlist=[name])
    really = getattr(module, name)

    def together(**fields):
        both.wait(20)  # each has been let in and has read what there is
        return really(**fields)

    monkeypatch.setattr(module, name, together)
    answers = {}

    def send(user):
        client = Client()
        client.force_login(user)
        more = {"url": scorer.url, "team": fraud.pk} if form == "edit" else {}
        try:
            answers[user.first_name] = client.post(address, said(user.first_name) | more | {"version": seen})
        finally:
            connection.close()

    threads = [threading.Thread(target=send, args=[user]) for user in people]
    [thread.start() for thread in threads]
    [thread.join(30) for thread in threads]
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
