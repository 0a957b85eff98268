"""Old requests and scores go; the last of each project and every transition stay."""

from datetime import timedelta

import pytest
from django.utils import timezone

from apps.adoption.models import ScoreSnapshot
from apps.adoption.retention import thin
from apps.scans import upkeep
from apps.scans.models import FactPack, Phase, ScanRequest
from apps.scans.upkeep import prune

pytestmark = pytest.mark.django_db
NOW = timezone.now()


def ended(project, days_ago, phase=Phase.DONE):
    at = NOW - timedelta(days=days_ago)
    return ScanRequest.objects.create(
        project=project, team=project.team, cause="person", priority=10, phase=phase, requested_at=at, finished_at=at
    )


def test_old_requests_go_and_the_last_of_each_project_stays(make_project, monkeypatch):
    monkeypatch.setattr(upkeep, "AT_ONCE", 2)
    busy, forgotten = make_project("/busy"), make_project("/forgotten")
    for days in (300, 200, 120, 100, 10):
        ended(busy, days, Phase.FAILED if days == 200 else Phase.DONE)
    last = ended(forgotten, 400)
    assert prune() == 4
    assert list(ScanRequest.objects.filter(project=busy).values_list("finished_at", flat=True)) == [
        NOW - timedelta(days=10)
    ]
    assert ScanRequest.objects.get(project=forgotten) == last
    assert prune() == 0


def test_facts_that_no_scan_renewed_go():
    for name, days in (("old", 200), ("new", 20)):
        FactPack.objects.create(repository=name, engine_version="1", packed=b"")
        FactPack.objects.filter(repository=name).update(updated_at=NOW - timedelta(days=days))
    prune()
    assert FactPack.objects.get().repository == "new"


def test_scores_are_kept_more_thinly_the_older_they_are(project):
    evening = NOW.replace(
        hour=18, minute=0, second=0, microsecond=0
    )  # how many days lie whole in a month depends on it
    start = (evening - timedelta(days=1)).replace(hour=12)
    moments = [start - timedelta(days=day, hours=hours) for day in range(1000) for hours in (0, 6)]
    ScoreSnapshot.objects.bulk_create(
        [ScoreSnapshot(project=project, at=at, coverage=1, factors=[], score=50) for at in moments]
    )
    thin(at=evening)

    def kept(young, old):
        return ScoreSnapshot.objects.filter(
            at__lt=evening - timedelta(days=young), at__gte=evening - timedelta(days=old)
        ).count()

    assert kept(0, 29) == 2 * 28
    assert 145 <= kept(31, 179) <= 149
    assert 76 <= kept(181, 729) <= 80
    assert 8 <= kept(731, 1001) <= 10
    assert thin(at=evening) == 0
