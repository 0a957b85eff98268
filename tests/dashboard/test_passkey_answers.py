"""What claims to come from a passkey and does not: told in place, whoever sends it."""

import base64
import json

import pytest

from tests.dashboard.test_sign_in import confirm, sign_in


def coded(raw):
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def answer(**response):
    return json.dumps({"id": "YQ", "rawId": "YQ", "type": "public-key", "response": response})


NOTHING = coded(b"{}")
JUNK = [
    "",
    "{",
    "null",
    "5",
    '{"id": 1}',
    '{"response": 5}',
    "[" * 100_000,
    answer(clientDataJSON=NOTHING, authenticatorData=coded(bytes(37)), signature="AA", userHandle="MQ"),
    answer(clientDataJSON=NOTHING, attestationObject=coded(b"\xa0")),
    answer(clientDataJSON=NOTHING, attestationObject=coded(b"\xa3cfmtdnone")),
]


@pytest.mark.parametrize("junk", JUNK, ids=lambda junk: junk[:30])
def test_junk_signs_nobody_in_and_breaks_nothing(client, bob, junk):
    client.get("/sign-in/passkey/", headers={"X-Requested-With": "XMLHttpRequest"})
    assert client.post("/sign-in/passkey/", {"credential": junk}).url == "/sign-in/"
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize("junk", JUNK, ids=lambda junk: junk[:30])
def test_junk_is_no_key_to_add(client, bob, junk):
    sign_in(client)
    confirm(client, "/account/keys/add/")
    assert client.post("/account/keys/add/", {"name": "Mine", "credential": junk}).status_code == 200
    assert not bob.authenticator_set.exists()
