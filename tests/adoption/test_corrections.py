"""Who says what the system is: signed, one at a time, kept when it ends."""

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.utils import timezone

from apps.adoption.corrections import clear_correction, correct_profile, corrected_since, open_corrections
from apps.adoption.models import Cause, ProfileCorrection, Transition
from apps.adoption.services import record_scan
from apps.analysis.engine import Report
from apps.analysis.findings import Finding
from apps.catalog import ITEMS, State
from apps.teams.models import Team
from apps.teams.services import add_project

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice():
    return User.objects.create_user("alice")


@pytest.fixture
def bob():
    return User.objects.create_user("bob")


@pytest.fixture
def project():
    team = Team.objects.create(name="Fraud", slug="fraud")
    return add_project(team=team, name="Card scorer", url="https://git.example.org/card")


def test_a_correction_is_signed_and_holds(project, alice):
    correct_profile(project=project, claim="serves", holds=True, by=alice)
    correction = open_corrections(project)["serves"]
    assert (correction.holds, correction.by) == (True, alice)


def test_a_later_correction_ends_the_earlier_one_and_both_stay(project, alice, bob):
    correct_profile(project=project, claim="serves", holds=True, by=alice)
    correct_profile(project=project, claim="serves", holds=False, by=bob)
    first, second = ProfileCorrection.objects.order_by("pk")
    assert (first.ended_by, second.ended_by) == (bob, None)
    assert not open_corrections(project)["serves"].holds


def test_clearing_is_signed_and_happens_once(project, alice, bob):
    correct_profile(project=project, claim="serves", holds=True, by=alice)
    assert clear_correction(project=project, claim="serves", by=bob)
    assert not clear_correction(project=project, claim="serves", by=bob)
    assert open_corrections(project) == {}
    assert ProfileCorrection.objects.get().ended_by == bob


def test_what_is_no_claim_cannot_be_corrected(project, alice):
    with pytest.raises(ValueError, match="flies is no claim"):
        correct_profile(project=project, claim="flies", holds=True, by=alice)


def test_changes_since_a_moment_are_known(project, alice):
    before = timezone.now()
    correct_profile(project=project, claim="serves", holds=True, by=alice)
    between = timezone.now()
    assert corrected_since(project, before)
    assert not corrected_since(project, between)
    clear_correction(project=project, claim="serves", by=alice)
    assert corrected_since(project, between)


def test_the_database_holds_one_open_correction_per_claim(project, alice):
    correct_profile(project=project, claim="serves", holds=True, by=alice)
    with pytest.raises(IntegrityError), transaction.atomic():
        ProfileCorrection.objects.create(project=project, claim="serves", holds=True, by=alice, at=timezone.now())


def report(state, profile, commit="a" * 40):
    return Report(commit, {item: Finding(state, "Seen.") for item in ITEMS}, profile, [], "1")


def test_what_changes_with_a_correction_is_not_laid_to_the_code(project):
    plain = {"serves": {"holds": True, "evidence": []}, "stages": {}, "notebooks_only": False}
    corrected = plain | {"serves": {"holds": False, "found": True, "corrected_by": "member", "evidence": []}}
    for state, profile, commit in (
        (State.MET, plain, "a" * 40),
        (State.NA, corrected, "a" * 40),
        (State.MET, plain, "a" * 40),
        (State.NA, corrected, "b" * 40),
    ):
        record_scan(project=project, report=report(state, profile, commit), at=timezone.now())
    causes = Transition.objects.filter(item="logs.requests").order_by("pk").values_list("cause", flat=True)
    assert list(causes) == [Cause.CODE, Cause.PROFILE, Cause.PROFILE, Cause.CODE]
