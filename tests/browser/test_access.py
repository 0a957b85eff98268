"""Every page, in light and dark, wide and on a phone: nothing for axe-core to find, nothing to scroll sideways."""

from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.auth.models import User
from django.template.loader import render_to_string
from django.utils import timezone

from apps.adoption.corrections import correct_profile
from apps.adoption.trails import keep_trails
from apps.catalog import State
from apps.scans.models import Phase
from apps.teams.models import Project
from tests.dashboard.making import claims, found, project, proposing, scan_request, scanned, tick

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PATHS = [
    # what everybody sees who has signed in
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
    "/projects/leaky/connections/",
    "/teams/fraud/connections/",
    "/teams/fraud/settings/",
    "/account/",
    "/account/password/",
    "/account/confirm/",
    "/account/keys/",
]
ADMIN_PATHS = [
    "/organisation/people/",
    "/organisation/people/add/",
    "/organisation/teams/",
    "/organisation/audit/",
    "/teams/new/",
    "/verdicts/",
    "/queue/",
]
SIGNED_OUT = ["/sign-in/", "/sign-in/closed/", "/sign-in/cancelled/"]


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
    problems = []

    def look_at(paths):
        for path in paths:
            page.goto(f"{live_server.url}{path}")
            assert page.locator("h1").count() == 1, path
            problems.extend(problems_of(page, width))

    look_at(SIGNED_OUT)
    sign_in(page, "alice")
    look_at(PATHS)
    User.objects.filter(username="alice").update(is_superuser=True)
    look_at(ADMIN_PATHS)
    assert problems == []


def test_error_pages_are_open_to_everybody(open_page, rf):
    """What the views of errors answer, shown in a page of its own, so that the browser notes no error of a request."""
    page = open_page(width=390)
    problems = []
    lost = {"message": "Alice was first.", "view": {"project": Project(slug="leaky")}, "item": {"anchor": "item"}}
    for template in ("400", "403", "404", "409", "429", "500", "503"):
        page.set_content(render_to_string(f"{template}.html", lost, rf.get("/")))
        assert page.locator("h1").count() == 1
        problems += problems_of(page, 390)
    assert problems == []


def problems_of(page, width):
    found_by_axe = Axe().run(page).response["violations"]
    problems = [f"{page.url}: {one['id']}: {one['nodes'][0]['html']}" for one in found_by_axe]
    wide = page.evaluate("document.documentElement.scrollWidth")
    return problems + ([f"{page.url}: {wide} pixels wide"] if wide > width else [])
