"""Every example that GitHub publishes is taken when GitHub's own library signed it."""

import json

import pytest

from apps.scans.models import ScanRequest
from apps.webhooks.models import Delivery
from tests.webhooks.octokit import examples, signatures

pytestmark = pytest.mark.django_db


def test_all_examples_are_taken_and_pushes_to_the_default_branch_ask_for_a_scan(client, fraud, system, set_up):
    system.url = "https://github.com/Codertocat/Hello-World"
    system.save()
    endpoint = set_up(fraud)
    events = [(name, json.dumps(payload, ensure_ascii=False).encode()) for name, payload in examples()]
    signed = signatures([(endpoint.secret, body) for _, body in events])
    seen, pushes = set(), 0
    for number, ((name, body), signature) in enumerate(zip(events, signed, strict=True)):
        headers = {"X-GitHub-Event": name, "X-GitHub-Delivery": str(number), "X-Hub-Signature-256": signature}
        response = client.post(f"/hooks/{endpoint.key}/", body, content_type="application/json", headers=headers)
        said = json.loads(body)
        wanted = name == "push" and said["ref"] == "refs/heads/master" and not said["deleted"]
        pushes += wanted and (name, body) not in seen
        assert response.status_code == (202 if wanted and (name, body) not in seen else 200), response.content
        seen.add((name, body))
    assert pushes >= 1
    assert Delivery.objects.filter(outcome="queued").count() == pushes
    assert ScanRequest.objects.get().project == system


def test_a_changed_byte_breaks_the_signature(client, system, set_up):
    endpoint = set_up(system)
    body = json.dumps(dict(examples())["push"]).encode()
    (signature,) = signatures([(endpoint.secret, body)])
    headers = {"X-GitHub-Event": "push", "X-Hub-Signature-256": signature}
    changed = body.replace(b"master", b"mastes", 1)
    for sent, codes in ((changed, {401}), (body + b" ", {401}), (body, {200, 202})):
        response = client.post(f"/hooks/{endpoint.key}/", sent, content_type="application/json", headers=headers)
        assert response.status_code in codes
