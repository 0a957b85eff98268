"""The address that forges deliver to: nobody is signed in there, so the signature decides."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse, UnreadablePostError
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from apps.scans.metrics import observe
from apps.webhooks.models import Outcome
from apps.webhooks.payloads import BadPayload
from apps.webhooks.services import BadSignature, receive

if TYPE_CHECKING:
    from django.http import HttpRequest


@csrf_exempt
@login_not_required
@require_POST
def hook(request: HttpRequest, key: str) -> HttpResponse:
    begun = time.monotonic()
    answer = _answer(request, key)
    observe("twelvefold_webhook_seconds", f'code="{answer.status_code}"', time.monotonic() - begun)
    return answer


def _answer(request: HttpRequest, key: str) -> HttpResponse:
    try:
        body = _body(request)
    except UnreadablePostError:
        return _said(400, "The body did not arrive.")
    if body is None:
        return _said(413, "The body is too large.")
    try:
        delivery = receive(key=key, headers=request.headers, body=body)
    except BadSignature:
        return _said(401, "The signature does not fit.")
    except BadPayload as problem:
        return _said(400, str(problem))
    if delivery is None:
        return _said(200, "This delivery came before.")
    return _said(202 if delivery.outcome == Outcome.QUEUED else 200, f"{delivery.outcome}: {delivery.note}")


def _body(request: HttpRequest) -> bytes | None:
    """The raw body, or None when it is larger than any forge sends; that much is not read."""
    announced = request.headers.get("Content-Length", "")
    if announced.isdigit() and int(announced[:15]) > settings.WEBHOOK_MOST_BYTES:
        return None
    body = request.read(settings.WEBHOOK_MOST_BYTES + 1)
    return body if len(body) <= settings.WEBHOOK_MOST_BYTES else None


def _said(code: int, sentence: str) -> HttpResponse:
    return HttpResponse(f"{sentence}\n", status=code, content_type="text/plain; charset=utf-8")
