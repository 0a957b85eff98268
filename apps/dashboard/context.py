"""What the frame of every page shows: the theme, who is signed in, and how many scans are open."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from apps.scans.models import ScanRequest
from apps.teams.access import is_admin, may_read

if TYPE_CHECKING:
    from django.http import HttpRequest

THEMES = {"light", "dark"}


def frame(request: HttpRequest) -> dict[str, Any]:
    theme = request.COOKIES.get("theme", "")
    shown = {"theme": theme if theme in THEMES else "", "open_scans": 0, "initials": "", "is_admin": False}
    user = getattr(request, "user", None)
    if user is not None and user.is_authenticated:
        names = user.get_full_name().split() or [user.get_username()]
        shown["initials"] = "".join(name[0] for name in names[:2]).upper()
        shown["is_admin"] = is_admin(user)
    if user is not None and may_read(user):
        shown["open_scans"] = ScanRequest.objects.open().count()
    return shown
