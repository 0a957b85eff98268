"""What the frame of every page shows: the theme, who is signed in, and how many scans run or wait."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db.models import Count, Q

from apps.scans.models import Phase, ScanRequest
from apps.teams.access import is_admin, may_read

if TYPE_CHECKING:
    from django.http import HttpRequest

THEMES = {"light", "dark"}


def frame(request: HttpRequest) -> dict[str, Any]:
    theme = request.COOKIES.get("theme", "")
    shown = {
        "theme": theme if theme in THEMES else "",
        "running_scans": 0,
        "waiting_scans": 0,
        "initials": "",
        "is_admin": False,
        "sign_in": {"sso": settings.OIDC_LABEL if settings.OIDC_ISSUER else "", "mail": settings.MAIL},
    }
    user = getattr(request, "user", None)
    if user is not None and user.is_authenticated:
        names = user.get_full_name().split() or [user.get_username()]
        shown["initials"] = "".join(name[0] for name in names[:2]).upper()
        shown["is_admin"] = is_admin(user)
    if user is not None and may_read(user):
        # With OR, each half has its partial index; with IN, the whole past of scans would be read.
        is_open = Q(phase=Phase.RUNNING) | Q(phase=Phase.PENDING)
        counts = dict(ScanRequest.objects.filter(is_open).values_list("phase").annotate(count=Count("pk")))
        shown["running_scans"] = counts.get(Phase.RUNNING, 0)
        shown["waiting_scans"] = counts.get(Phase.PENDING, 0)
    return shown
