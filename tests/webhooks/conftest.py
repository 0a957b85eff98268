# ruff: noqa: F811 - fixtures take the names of other fixtures
import pytest

from apps.webhooks.services import create_endpoint
from apps.webhooks.signatures import Provider
from tests.dashboard.conftest import _quick_passwords, alice, bob, carol, fraud  # noqa: F401
from tests.dashboard.making import project
from tests.webhooks.sending import ADDRESS


@pytest.fixture(params=list(Provider), ids=str)
def provider(request):
    return request.param


@pytest.fixture
def system(fraud):
    return project(fraud, "card-fraud-scorer", url=ADDRESS)


@pytest.fixture
def set_up(alice):
    """Makes an endpoint; the secret hangs on it for the test."""

    def set_up(owner, provider=Provider.GITHUB):
        endpoint, endpoint.secret = create_endpoint(owner=owner, provider=provider, by=alice)
        return endpoint

    return set_up
