import pytest
from django.db import transaction

from apps.teams.models import Role
from tests.dashboard.making import person, project, scanned, team
from tests.dashboard.world import furnish


@pytest.fixture(autouse=True)
def _quick_passwords(settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def _own_cache(settings, request):
    """Limits of attempts begin anew with each test, and tests that run beside each other do not count together."""
    backend = "django.core.cache.backends.locmem.LocMemCache"
    settings.CACHES = {"default": {"BACKEND": backend, "LOCATION": request.node.nodeid}}


@pytest.fixture
def fraud(db):
    return team("Fraud")


@pytest.fixture
def alice(fraud):
    """Maintains the team Fraud."""
    return person("Alice", fraud, Role.MAINTAINER)


@pytest.fixture
def bob(fraud):
    """Is a member of the team Fraud."""
    return person("Bob", fraud)


@pytest.fixture
def carol(fraud):
    """Looks on: belongs to no team."""
    return person("Carol")


@pytest.fixture
def scorer(fraud):
    return scanned(project(fraud, "card-fraud-scorer", tags=["online"]))


@pytest.fixture(scope="module")
def furnished(django_db_setup, django_db_blocker):
    """Furnished once, in a transaction that is taken back at the end."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield furnish()
        transaction.set_rollback(True)


@pytest.fixture
def world(furnished, db):
    return furnished
