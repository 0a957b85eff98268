"""The trail of what people changed: written with the change, and never again."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from apps.adoption.corrections import clear_correction, correct_profile
from apps.adoption.services import attest, begin, clear_attestation, grant_waiver, revoke_waiver
from apps.catalog import State
from apps.teams.audit import Deed, record
from apps.teams.models import AuditEntry, Project, Team
from apps.teams.services import add_project

ITEM = "config.secrets"

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice():
    return User.objects.create_user("alice")


@pytest.fixture
def fraud():
    return Team.objects.create(name="Fraud", slug="fraud")


@pytest.fixture
def scorer(fraud):
    scorer = Project.objects.create(team=fraud, name="scorer", slug="scorer", url="https://git.example.org/scorer")
    begin(scorer)
    return scorer


def version(project):
    return project.standings.get(item=ITEM).version


def words():
    return list(AuditEntry.objects.order_by("pk").values_list("deed", "subject", "before", "after"))


def test_ticks_are_kept_with_what_was_said_before(alice, scorer):
    until = timezone.now() + timedelta(days=9)
    said = {"project": scorer, "item": ITEM, "by": alice, "expires_at": until}
    attest(**said, state=State.MET, note="Looked.", version=1)
    attest(**said, state=State.UNMET, note="Looked again.", version=2)
    clear_attestation(project=scorer, item=ITEM, by=alice, version=3)
    first = {"state": "met", "note": "Looked.", "evidence_url": "", "until": until.isoformat()}
    second = first | {"state": "unmet", "note": "Looked again."}
    assert words() == [
        ("item.ticked", ITEM, None, first),
        ("item.ticked", ITEM, first, second),
        ("item.cleared", ITEM, second, None),
    ]
    entry = AuditEntry.objects.first()
    assert (entry.by, entry.by_name, entry.team, entry.project) == (alice, "alice", "fraud", "scorer")


def test_clearing_what_nobody_ticked_leaves_no_trace(alice, scorer):
    clear_attestation(project=scorer, item=ITEM, by=alice, version=1)
    assert words() == []


def test_waivers_are_kept(alice, scorer):
    day = timezone.localdate() + timedelta(days=30)
    grant_waiver(project=scorer, item=ITEM, reason="Moves.", until=day, by=alice, version=version(scorer))
    revoke_waiver(project=scorer, item=ITEM, by=alice, version=version(scorer))
    said = {"reason": "Moves.", "until": day.isoformat()}
    assert words() == [("waiver.granted", ITEM, None, said), ("waiver.revoked", ITEM, said, None)]


def test_corrections_of_the_profile_are_kept(alice, scorer):
    correct_profile(project=scorer, claim="trains", holds=True, by=alice)
    correct_profile(project=scorer, claim="trains", holds=False, by=alice)
    assert clear_correction(project=scorer, claim="trains", by=alice)
    assert not clear_correction(project=scorer, claim="trains", by=alice)
    assert words() == [
        ("profile.corrected", "trains", None, {"holds": True}),
        ("profile.corrected", "trains", {"holds": True}, {"holds": False}),
        ("profile.cleared", "trains", {"holds": False}, None),
    ]


def test_a_new_project_is_kept(alice, fraud):
    add_project(team=fraud, name="ranker", url="https://git.example.org/ranker", tags=["gpu"], by=alice)
    entry = AuditEntry.objects.get()
    assert (entry.deed, entry.team, entry.project) == ("project.added", "fraud", "ranker")
    assert entry.after["url"] == "https://git.example.org/ranker"


def test_the_entry_is_stored_with_the_change_or_not_at_all(alice, scorer):
    def change_and_fail():
        with transaction.atomic():
            correct_profile(project=scorer, claim="trains", holds=True, by=alice)
            raise LookupError

    with pytest.raises(LookupError):
        change_and_fail()
    assert words() == []


@pytest.mark.django_db(transaction=True)
def test_nothing_is_noted_outside_the_transaction_of_its_change(alice):
    with pytest.raises(RuntimeError, match=r"team\.created"):
        record(Deed.TEAM_CREATED, by=alice)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE teams_auditentry SET by_name = 'bob'",
        "DELETE FROM teams_auditentry",
        "TRUNCATE teams_auditentry",
        "TRUNCATE auth_user CASCADE",  # takes along what refers to it
    ],
)
def test_the_database_refuses_to_change_what_was_noted(alice, fraud, statement):
    record(Deed.TEAM_CREATED, by=alice, team=fraud)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # as if each row had been stored in an earlier transaction
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert AuditEntry.objects.get().by_name == "alice"


def test_the_entry_outlives_what_it_is_about(alice, scorer):
    correct_profile(project=scorer, claim="trains", holds=True, by=alice)
    scorer.delete()
    scorer.team.delete()
    assert AuditEntry.objects.get().project == "scorer"
