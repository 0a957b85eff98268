"""Every page, in light and dark, wide and on a phone: nothing for axe-core to find, nothing to scroll sideways."""

from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone

from apps.adoption.corrections import correct_profile
from apps.adoption.trails import keep_trails
from apps.catalog import State
from apps.scans.models import Phase
from tests.dashboard.making import claims, found, project, proposing, scan_request, scanned, tick

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PATHS = [
    "/",
    "/?q=nothing",
    "/?group=none&sort=-score&factor=config&state=unmet",
    "/teams/",
    "/teams/fraud/?days=90",
    "/history/",
    "/history/?days=365&team=fraud",
    "/factors/config/",
    "/projects/leaky/",
    "/projects/leaky/?show=by-hand",
    "/projects/fresh/",
    "/projects/leaky/items/config.secrets/tick/",
    "/projects/leaky/items/config.secrets/waive/",
    "/projects/leaky/items/config.secrets/report/",
    "/projects/leaky/history/",
    "/projects/leaky/compare/",
    "/projects/leaky/edit/",
    "/projects/import/",
    "/projects/archived/",
    "/projects/leaky/profile/serves/correct/",
    "/projects/add/",
    "/scores/",
    "/catalog/config.secrets/",
]


@pytest.fixture
def lived_in(fraud, alice):
    """A project with a past, a gap, a tick and a failed scan; one that waits for its first scan."""
    leaky = project(fraud, "leaky", tags=["online", "pii"])
    gap = found(State.UNMET, "A key is in `a.py`.", "a.py", 18, excerpt="KEY = '****'", remedy="Revoke it.")
    scanned(leaky, rest=State.PARTIAL, days_ago=50)
    asks = proposing("config.secrets", "Moves in spring.", timezone.localdate() + timedelta(days=60))
    settings = asks | {"root": "services/leaky", "exclude": ["legacy/**"]}
    scanned(
        leaky, {"config.secrets": gap}, profile=claims(serves="serving/a/rather/long/path/app.py"), settings=settings
    )
    correct_profile(project=leaky, claim="trains", holds=True, by=alice)
    tick(leaky, "config.hyperparameters", State.UNMET, "Seen.", alice)
    scan_request(leaky, Phase.FAILED, reason="The host answered 403.")
    keep_trails(at=timezone.now())
    scan_request(project(fraud, "fresh"), Phase.RUNNING, stage="check", percent=58, detail="Concurrency")


@pytest.mark.parametrize("width", [1400, 390])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_pages_are_open_to_everybody(open_page, sign_in, live_server, lived_in, theme, width):
    page = open_page(width=width, theme=theme)
    page.goto(f"{live_server.url}/sign-in/")
    problems = problems_of(page, width)
    sign_in(page, "alice")
    for path in PATHS:
        page.goto(f"{live_server.url}{path}")
        problems += problems_of(page, width)
    assert problems == []


def problems_of(page, width):
    found_by_axe = Axe().run(page).response["violations"]
    problems = [f"{page.url}: {one['id']}: {one['nodes'][0]['html']}" for one in found_by_axe]
    wide = page.evaluate("document.documentElement.scrollWidth")
    return problems + ([f"{page.url}: {wide} pixels wide"] if wide > width else [])
