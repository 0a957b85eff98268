from datetime import timedelta

import pytest
from django.utils import timezone

from apps.adoption.models import ScoreSnapshot, Trail, Transition
from apps.adoption.trails import DAYS, keep_trails, write_trails
from apps.catalog import ITEMS, State
from apps.teams.models import Project
from tests.dashboard.making import found, project, scanned, team

pytestmark = pytest.mark.django_db

HALF = {item: found(State.UNMET) for place, item in enumerate(ITEMS) if place % 2}


def kept(**of):
    return Trail.objects.get(**(of or {"project": None, "team": None}))


def test_trail_holds_the_score_that_each_past_day_ended_with():
    one = project(team("Fraud"))
    scanned(one, rest=State.UNMET, days_ago=3)
    scanned(one, days_ago=2)
    scanned(one, rest=State.PARTIAL)
    assert keep_trails(at=timezone.now())
    trail = kept(project=one)
    assert trail.until == timezone.localdate() - timedelta(days=1)
    assert (len(trail.scores), trail.scores[-4:]) == (DAYS, [None, 0, 100, 100])


def test_teams_and_all_hold_the_means_of_projects_that_had_a_score():
    fraud, search = team("Fraud"), team("Search")
    scanned(project(fraud), days_ago=3)
    scanned(project(fraud), rest=State.UNMET, days_ago=2)
    scanned(project(search), rest=State.UNMET, days_ago=1)
    keep_trails(at=timezone.now())
    assert kept(team=fraud).scores[-3:] == [100, 50, 50]
    assert kept().scores[-3:] == [100, 50, 33]
    assert [factor[-1] for factor in kept().factors] == [33] * 12
    assert not kept(team=search).breaks


def test_score_from_before_the_first_day_still_holds_on_it():
    one = project(team("Fraud"))
    scanned(one, days_ago=DAYS + 50)
    keep_trails(at=timezone.now())
    assert kept(project=one).scores == [100] * DAYS


def test_archived_project_is_out_of_the_means():
    fraud = team("Fraud")
    scanned(project(fraud), days_ago=3)
    archived = scanned(project(fraud), rest=State.UNMET, days_ago=3)
    Project.objects.filter(pk=archived.pk).update(archived_at=timezone.now())
    keep_trails(at=timezone.now())
    assert kept().scores[-1] == 100


def test_trails_are_written_again_when_a_day_ends_or_the_past_changes_and_only_then():
    now = timezone.now()
    one = scanned(project(team("Fraud")), days_ago=3)
    assert keep_trails(at=now)
    assert not keep_trails(at=now)
    scanned(one, rest=State.UNMET)
    assert not keep_trails(at=now)
    assert keep_trails(at=now + timedelta(days=1))
    ScoreSnapshot.objects.create(
        project=one, at=now - timedelta(days=9), commit="", score=10, coverage=1, factors={},
        catalogue_version="", engine_version="",
    )  # fmt: skip
    assert keep_trails(at=now + timedelta(days=1))
    assert kept(project=one).scores[-10] == 10


def test_day_on_which_rules_changed_states_is_a_break():
    fraud = team("Fraud")
    one = scanned(project(fraud), days_ago=9)
    at = timezone.now() - timedelta(days=4)
    Transition.objects.create(project=one, item="config.secrets", before="met", after="unmet", cause="rules", at=at)
    write_trails(until=timezone.localdate() - timedelta(days=1))
    assert kept(team=fraud).breaks == kept().breaks == [timezone.localdate(at)]


def test_trail_knows_since_when_somebody_watched():
    fraud = team("Fraud")
    one, other = scanned(project(fraud), days_ago=9), scanned(project(fraud), days_ago=4)
    ScoreSnapshot.objects.create(
        project=one, at=timezone.now() - timedelta(days=30), commit="", score=10, coverage=1, factors={},
        origin="reconstructed", catalogue_version="", engine_version="",
    )  # fmt: skip
    keep_trails(at=timezone.now())
    days = [(timezone.localdate() - trail.observed_since).days for trail in (kept(project=one), kept(project=other))]
    assert days == [9, 4]
    assert kept(team=fraud).observed_since == kept().observed_since == kept(project=one).observed_since


def test_organisation_without_a_scan_has_an_empty_trail_and_is_left_alone():
    assert keep_trails(at=timezone.now())
    assert set(kept().scores) == {None}
    assert not keep_trails(at=timezone.now())
