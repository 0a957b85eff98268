"""What machines ask: is this process alive, is this deployment fit, and what are its figures."""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from apps.scans.metrics import exposition
from apps.scans.vitals import is_ready, look

if TYPE_CHECKING:
    from django.http import HttpRequest


@login_not_required
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 - every view takes one
    """The process answers; nothing behind it is asked."""
    return HttpResponse("ok\n", content_type="text/plain")


@login_not_required
@require_safe
@never_cache
def readyz(request: HttpRequest) -> HttpResponse:
    """503 when no page can be served; with `?all`, also when scans would wait."""
    vitals = look()
    ready = all(vital.well for vital in vitals) if "all" in request.GET else is_ready(vitals)
    rows = {vital.name: vital.said for vital in vitals}
    return JsonResponse(
        {"ready": ready, "degraded": not all(vital.well for vital in vitals), **rows}, status=200 if ready else 503
    )


@login_not_required
@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """Prometheus' text form, for who shows `METRICS_TOKEN`; without that setting the page does not exist."""
    wanted = f"Bearer {settings.METRICS_TOKEN}"
    given = request.headers.get("Authorization", "")
    if not settings.METRICS_TOKEN or not hmac.compare_digest(given.encode(), wanted.encode()):
        raise Http404
    return HttpResponse(exposition(), content_type="text/plain; version=0.0.4; charset=utf-8")
