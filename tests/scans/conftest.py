import itertools

import pytest

from apps.scans.models import ScanCause
from apps.scans.services import claim, request_scan
from apps.teams.models import Team
from apps.teams.services import add_project
from tests.repositories.building import make_repository, repository

__all__ = ["make_repository", "repository"]


@pytest.fixture(autouse=True)
def places(settings, tmp_path):
    settings.LOCAL_REPOSITORY_ROOTS = [tmp_path]
    settings.MIRROR_DIR = tmp_path / "mirrors"


@pytest.fixture
def make_project(db):
    numbers = itertools.count()

    def make(url="/nowhere", **more):
        team = more.pop("team", None) or Team.objects.get_or_create(name="Payments", slug="payments")[0]
        return add_project(team=team, name=f"System {next(numbers)}", url=str(url), **more)

    return make


@pytest.fixture
def project(make_project):
    return make_project()


@pytest.fixture
def claimed():
    def claimed(project, **more):
        request_scan(project=project, cause=ScanCause.PERSON, **more)
        return claim(worker="test")

    return claimed
