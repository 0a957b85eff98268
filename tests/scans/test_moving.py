"""A project that moves to another team while its scans are asked for, wait or end."""

import threading

import pytest
from django.contrib.auth import get_user_model
from django.db import connection, transaction

from apps.adoption.models import Scorecard
from apps.analysis.engine import analyse
from apps.analysis.snapshot import MemorySnapshot
from apps.scans.models import Phase, ScanCause, ScanRequest
from apps.scans.services import finish, follow, request_scan
from apps.teams.models import Project, Team
from apps.teams.services import edit_project


def moved(project, to, **more):
    alice = get_user_model().objects.create_user("alice")
    kept = {name: getattr(project, name) for name in ("name", "url", "branch", "subfolder", "tags", "scan_interval")}
    return edit_project(project=project, by=alice, version=project.version, **kept | {"team": to} | more)


@pytest.mark.django_db
def test_a_scan_is_asked_for_where_the_project_is_now_not_where_it_was_read(project):
    read_before = Project.objects.get(pk=project.pk)
    moved(project, Team.objects.create(name="Search", slug="search"), url="https://busy.example/x/y")
    request_scan(project=read_before, cause=ScanCause.PERSON)
    request = ScanRequest.objects.get()
    assert (request.team.slug, request.host) == ("search", "busy.example")


@pytest.mark.django_db(transaction=True)
def test_a_scan_that_ends_while_its_project_moves_loses_nothing(project, claimed):
    """With two connections: the end of the scan waits for the move."""
    request, ended = claimed(project), []
    report = analyse(MemorySnapshot({"train.py": "import torch\n"}, commit="a" * 40))

    def end():
        try:
            ended.append(finish(request=request, report=report, repository="key"))
        finally:
            connection.close()

    with transaction.atomic():
        edited = moved(project, Team.objects.create(name="Search", slug="search"))
        thread = threading.Thread(target=end)
        thread.start()
        thread.join(0.5)
        follow(project=edited)
    thread.join(10)
    assert ended == [True]
    assert Scorecard.objects.get().commit == "a" * 40
    assert [*ScanRequest.objects.values_list("team__slug", "phase")] == [("search", Phase.DONE)]
