"""A real OpenID Connect provider in a process of its own, for tests; on request it answers as a hostile one would.

    python tests/teams/provider.py PORT SECONDS

Its tokens are good for SECONDS; below zero they have expired when they come.
"""

from __future__ import annotations

import base64
import json
import sys
from datetime import timedelta

import jwt
import oidc_provider_mock
from cryptography.hazmat.primitives.asymmetric import rsa
from flask import request
from werkzeug.serving import make_server

STRANGERS_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)


def forged(token: str, how: str) -> str:
    """The identity token `token`, changed as `how` says."""
    head, claims = jwt.get_unverified_header(token), jwt.decode(token, options={"verify_signature": False})
    kid = {"kid": head.get("kid")}
    if how == "stranger's key":
        return jwt.encode(claims, STRANGERS_KEY, "RS256", kid)
    if how == "no signature":
        return jwt.encode(claims, None, "none", kid)
    if how == "shared secret":
        return jwt.encode(claims, "the client's secret, which many know", "HS256", kid)
    if how == "changed claims":
        start, _, signature = token.split(".")
        body = base64.urlsafe_b64encode(json.dumps(claims | {"groups": ["admins"]}).encode()).rstrip(b"=").decode()
        return f"{start}.{body}.{signature}"
    if how == "no token":
        return ""
    raise LookupError(how)


def provider(max_age: timedelta):
    app = oidc_provider_mock.app(access_token_max_age=max_age)
    hostile = {"how": ""}

    @app.put("/hostile")
    def become_hostile():
        hostile["how"] = request.get_data(as_text=True)
        return ""

    @app.after_request
    def tamper(response):
        if not hostile["how"] or not response.is_json:
            return response
        body = response.get_json()
        if hostile["how"] == "somebody else" and request.path == "/userinfo":
            response.set_data(json.dumps(body | {"sub": "mallory"}))
        elif hostile["how"] == "another issuer" and "issuer" in body:
            response.set_data(json.dumps(body | {"issuer": "https://evil.example"}))
        elif "id_token" in body and hostile["how"] not in {"somebody else", "another issuer"}:
            response.set_data(json.dumps(body | {"id_token": forged(body["id_token"], hostile["how"])}))
        return response

    return app


if __name__ == "__main__":
    port, seconds = int(sys.argv[1]), int(sys.argv[2])
    server = make_server("127.0.0.1", port, provider(timedelta(seconds=seconds)))
    print("ready", flush=True)
    server.serve_forever()
