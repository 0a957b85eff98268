"""Whether a delivery comes from who holds the endpoint's secret: decided over the raw body, before it is parsed."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
from typing import TYPE_CHECKING

from django.db.models import TextChoices

if TYPE_CHECKING:
    from collections.abc import Mapping

MOST_SECONDS_OFF = 300
SIGNED_FORM = "whsec_"


class Provider(TextChoices):
    GITHUB = "github", "GitHub"
    GITLAB = "gitlab", "GitLab"
    GITEA = "gitea", "Gitea or Forgejo"
    BITBUCKET = "bitbucket", "Bitbucket"


def new_secret(provider: str) -> str:
    """GitLab takes this form both as its token and as its signing token."""
    if provider == Provider.GITLAB:
        return SIGNED_FORM + base64.b64encode(secrets.token_bytes(32)).decode()
    return secrets.token_urlsafe(32)


def is_genuine(provider: str, secret: str, headers: Mapping[str, str], body: bytes, *, now: float) -> bool:
    """`headers` are looked up without regard to case. An empty secret signs nothing."""
    if not secret:
        return False
    if provider == Provider.GITLAB:
        if "webhook-signature" in headers:
            return _gitlab_signed(secret, headers, body, now)
        return _same(headers.get("X-Gitlab-Token", ""), secret)
    wanted = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    if provider == Provider.GITEA:
        return _same(headers.get("X-Gitea-Signature") or headers.get("X-Forgejo-Signature", ""), wanted)
    name = "X-Hub-Signature-256" if provider == Provider.GITHUB else "X-Hub-Signature"
    return _same(headers.get(name, ""), f"sha256={wanted}")


def sign(provider: str, secret: str, body: bytes, *, delivery: str, now: float) -> dict[str, str]:
    """The headers with which the provider would deliver `body`."""
    digest = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    match provider:
        case Provider.GITHUB:
            return {"X-Hub-Signature-256": f"sha256={digest}", "X-GitHub-Delivery": delivery}
        case Provider.GITEA:
            return {"X-Gitea-Signature": digest, "X-Gitea-Delivery": delivery}
        case Provider.BITBUCKET:
            return {"X-Hub-Signature": f"sha256={digest}", "X-Request-UUID": delivery}
    moment = str(int(now))
    signature = base64.b64encode(_gitlab_digest(secret, delivery, moment, body)).decode()
    return {"webhook-id": delivery, "webhook-timestamp": moment, "webhook-signature": f"v1,{signature}"}


def _gitlab_signed(secret: str, headers: Mapping[str, str], body: bytes, now: float) -> bool:
    """The form of standardwebhooks.com: identity, moment and body are signed, so an old delivery is no new one."""
    moment = headers.get("webhook-timestamp", "")
    if not (moment.isascii() and moment.isdigit() and len(moment) <= 12 and abs(now - int(moment)) <= MOST_SECONDS_OFF):
        return False
    try:
        digest = _gitlab_digest(secret, headers.get("webhook-id", ""), moment, body)
    except binascii.Error:
        return False
    wanted = f"v1,{base64.b64encode(digest).decode()}"
    return any(_same(given, wanted) for given in headers["webhook-signature"].split()[:10])


def _gitlab_digest(secret: str, delivery: str, moment: str, body: bytes) -> bytes:
    key = base64.b64decode(secret.removeprefix(SIGNED_FORM), validate=True)
    return hmac.digest(key, b"%s.%s.%s" % (delivery.encode(errors="replace"), moment.encode(), body), "sha256")


def _same(given: str, wanted: str) -> bool:
    return hmac.compare_digest(given.encode(errors="replace"), wanted.encode())
