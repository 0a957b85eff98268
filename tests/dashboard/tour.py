"""Every page of an organisation that has lived a little, for tests that look at all of them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.utils import timezone

from apps.adoption.corrections import correct_profile
from apps.adoption.trails import keep_trails
from apps.catalog import State
from apps.scans.models import Phase
from tests.dashboard.making import claims, found, project, proposing, scan_request, scanned, tick

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from apps.teams.models import Team

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


def live_a_little(fraud: Team, alice: User) -> None:
    """A project with a past, a gap, a tick and a failed scan; one whose first scan runs."""
    many = [f"pii-{'online' * 3}-{number}" for number in range(5)]
    leaky = project(fraud, "leaky", tags=["online", "pii", *many], subfolder="online/" * 12)
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
