"""Deliveries as each forge sends them: its payloads' shapes, its headers, its signature."""

from __future__ import annotations

import json
import time
from itertools import count

from apps.webhooks.signatures import Provider, sign

ADDRESS = "https://github.com/example/card-fraud-scorer"
COMMIT = "3c4c463aa0f1c2d3e4f5a6b7c8d9e0f1a2b3c4d5"
NUMBERS = count(1)

EVENTS = {
    Provider.GITHUB: {"X-GitHub-Event": "push"},
    Provider.GITLAB: {"X-Gitlab-Event": "Push Hook"},
    Provider.GITEA: {"X-Gitea-Event": "push"},
    Provider.BITBUCKET: {"X-Event-Key": "repo:push"},
}


def push(provider, branch="main", commit=COMMIT, *, address=ADDRESS, default="main", ref=""):
    """The body of a push, with what the forges' documentation shows around what matters."""
    ref = ref or f"refs/heads/{branch}"
    noise = {
        "number": next(NUMBERS),
        "commits": [{"id": commit, "message": "Rank by margin \u2026", "modified": ["a.py"]}],
    }
    match provider:
        case Provider.GITLAB:
            project = {"id": 15, "web_url": address, "git_http_url": f"{address}.git", "default_branch": default}
            return {
                "object_kind": "push",
                "ref": ref,
                "after": commit,
                "checkout_sha": commit,
                "project": project,
                **noise,
            }
        case Provider.BITBUCKET:
            new = {"type": "branch", "name": branch, "target": {"type": "commit", "hash": commit}}
            links = {"html": {"href": address}, "self": {"href": "https://api.example/x"}}
            repository = {"type": "repository", "full_name": "example/card-fraud-scorer", "links": links}
            return {
                "push": {"changes": [{"new": new, "old": None, "forced": False}]},
                "repository": repository,
                **noise,
            }
    repository = {
        "id": 1,
        "default_branch": default,
        "clone_url": f"{address}.git",
        "html_url": address,
        "private": False,
    }
    return {"ref": ref, "before": "0" * 40, "after": commit, "deleted": False, "repository": repository, **noise}


def deliver(client, endpoint, secret, said=None, *, raw=None, headers=None, now=None, delivery="", **changes):
    """Sends `said` (else a push) signed as the endpoint's forge would."""
    provider = Provider(endpoint.provider)
    body = raw if raw is not None else json.dumps(said if said is not None else push(provider, **changes)).encode()
    delivery = delivery or f"delivery-{next(NUMBERS)}"
    signed = sign(provider, secret, body, delivery=delivery, now=now or time.time())
    sent = EVENTS[provider] | signed | (headers or {})
    sent = {name: value for name, value in sent.items() if value is not None}
    content = sent.pop("Content-Type", "application/json")
    return client.post(f"/hooks/{endpoint.key}/", body, content_type=content, headers=sent)
