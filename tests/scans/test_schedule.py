"""The schedule asks once per slot, whatever beats and clocks do."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from apps.scans import schedule as scheduling
from apps.scans.models import Phase, ScanCause, ScanRequest, ScanSlot
from apps.scans.schedule import next_slot, schedule
from apps.scans.services import request_scan
from apps.teams.models import Project
from tests.scans.test_services import in_threads

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def of(project):
    return ScanRequest.objects.filter(project=project)


def time_passes(duration):
    """Ends every scan, and moves the past further into the past."""
    ScanRequest.objects.update(phase=Phase.DONE)
    for slot in ScanSlot.objects.all():
        slot.next_at -= duration
        slot.save()


def test_each_project_is_asked_for_once_per_interval(project):
    for _ in range(3):
        schedule()
    assert of(project).get().cause == ScanCause.SCHEDULE
    time_passes(DAY)
    for _ in range(3):
        schedule()
    assert of(project).count() == 2


def test_after_an_outage_each_project_is_asked_for_once(project):
    schedule()
    time_passes(30 * DAY)
    assert [schedule(), schedule()] == [1, 0]
    assert of(project).count() == 2
    assert timezone.now() < ScanSlot.objects.get().next_at <= timezone.now() + DAY


@pytest.mark.django_db(transaction=True)
def test_a_project_that_is_deleted_while_its_slot_comes_holds_nobody_up(make_project):
    """With two connections: whoever deletes holds the project first and then its slot."""
    going, staying = make_project("/going"), make_project("/staying")
    ScanSlot.objects.create(project=going, next_at=timezone.now() - timedelta(hours=1))
    with transaction.atomic():
        held = Project.objects.select_for_update().get(pk=going.pk)
        in_threads(1, schedule)
        held.delete()
    assert of(staying).count() == 1
    assert schedule() == 0


@pytest.mark.django_db(transaction=True)
def test_several_beats_ask_once_per_slot(make_project):
    projects = [make_project(f"/{number}") for number in range(5)]
    in_threads(3, schedule)
    time_passes(DAY)
    in_threads(3, schedule)
    assert [of(project).count() for project in projects] == [2] * 5


def test_a_request_that_waits_is_the_slots_request(project):
    request_scan(project=project, cause=ScanCause.PERSON)
    assert schedule() == 1
    assert of(project).get().cause == ScanCause.PERSON


def test_a_project_has_an_interval_of_its_own_and_none_when_archived(make_project):
    hourly, daily, archived = make_project("/hourly"), make_project("/daily"), make_project("/archived")
    Project.objects.filter(pk=hourly.pk).update(scan_interval=timedelta(hours=1))
    Project.objects.filter(pk=archived.pk).update(archived_at=timezone.now())
    schedule()
    assert [of(project).count() for project in (hourly, daily, archived)] == [1, 1, 0]
    assert ScanSlot.objects.get(project=hourly).next_at <= timezone.now() + timedelta(hours=1)


def test_an_archived_project_keeps_its_slot_and_is_not_asked_for(project):
    schedule()
    time_passes(2 * DAY)
    Project.objects.update(archived_at=timezone.now())
    assert schedule() == 0
    Project.objects.update(archived_at=None)
    assert schedule() == 1


def test_a_shorter_interval_holds_at_once(project):
    schedule()
    ScanSlot.objects.update(next_at=timezone.now() + timedelta(hours=20))
    Project.objects.update(scan_interval=timedelta(hours=2))
    schedule()
    assert ScanSlot.objects.get().next_at <= timezone.now() + timedelta(hours=2)
    assert of(project).count() == 1


def test_a_clock_that_jumped_back_holds_no_slot_back(project):
    schedule()
    ScanSlot.objects.update(next_at=timezone.now() + timedelta(days=40))
    schedule()
    assert ScanSlot.objects.get().next_at <= timezone.now() + DAY


def test_what_was_missed_is_asked_for_a_part_at_a_time(make_project, monkeypatch):
    monkeypatch.setattr(scheduling, "MOST_AT_ONCE", 3)
    for number in range(5):
        make_project(f"/{number}")
    assert [schedule(), schedule(), schedule()] == [3, 2, 0]


def test_slots_are_spread_evenly_and_stay_where_they_are():
    after = datetime(2026, 3, 1, tzinfo=UTC)
    slots = [next_slot(Project(pk=number), after=after) for number in range(2400)]
    hours = [sum(int((slot - after) / timedelta(hours=1)) == hour for slot in slots) for hour in range(24)]
    assert sum(hours) == 2400
    assert min(hours) > 60
    assert max(hours) < 140
    assert next_slot(Project(pk=7), after=slots[7]) == slots[7] + DAY


@pytest.mark.parametrize("interval", [timedelta(minutes=59), timedelta(0), timedelta(hours=-3)])
def test_no_project_is_scanned_more_often_than_hourly(project, interval):
    with pytest.raises(IntegrityError):
        Project.objects.filter(pk=project.pk).update(scan_interval=interval)


def test_the_cost_does_not_grow_with_the_projects_that_are_not_due(make_project, django_assert_max_num_queries):
    for number in range(30):
        make_project(f"/{number}")
    schedule()
    with django_assert_max_num_queries(5):
        schedule()
