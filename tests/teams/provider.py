"""A real OpenID Connect provider in a process of its own, for tests; on request it answers as a hostile one would.

    python tests/teams/provider.py PORT SECONDS

Its tokens are good for SECONDS; below zero they have expired when they come.
"""

from __future__ import annotations

import base64
import json
import sys
import time
from datetime import timedelta

import jwt
import oidc_provider_mock
from cryptography.hazmat.primitives.asymmetric import rsa
from flask import Response, g, redirect, request
from werkzeug.serving import make_server

STRANGERS_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)


def forged(token: str, how: str) -> str:
    """The identity token `token`, changed as `how` says."""
    head, claims = jwt.get_unverified_header(token), jwt.decode(token, options={"verify_signature": False})
    kid = {"kid": head["kid"]} if "kid" in head else None
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
    if how.startswith("{"):
        ours = g.oidc_provider_mock_storage.jwk.as_dict(is_private=True)
        return jwt.encode(claims | json.loads(how), jwt.PyJWK(ours, "RS256").key, "RS256", kid)
    raise LookupError(how)


def harmed(body, how):
    """What a hostile provider puts into the answer `body`; nothing where it leaves that alone."""
    if how == "somebody else":
        return {"sub": "mallory"} if request.path == "/userinfo" else {}
    if how == "another issuer":
        return {"issuer": "https://evil.example"} if "issuer" in body else {}
    return {"id_token": forged(body["id_token"], how)} if "id_token" in body else {}


def answered(response, body, answer):
    """`response` as a provider gives it that is broken or means harm: without end, to elsewhere, or another object."""
    if answer in {"at once without end", "slowly without end"}:
        pause = 0.5 if answer.startswith("slowly") else 0
        piece = b" " if pause else b" " * 1_000_000
        return Response(time.sleep(pause) or piece for _ in range(30 if pause else 100))
    if answer == "elsewhere":
        return redirect("/elsewhere", 307)
    return Response(
        json.dumps(body | json.loads(answer)) if answer.startswith("{") else answer, mimetype="application/json"
    )


def provider(max_age: timedelta):
    app = oidc_provider_mock.app(access_token_max_age=max_age)
    hostile = {"how": "", "told": {}, "done": False}

    @app.put("/hostile")
    def become_hostile():
        hostile.update(how=request.get_data(as_text=True), told={}, done=False)
        return ""

    @app.route("/elsewhere", methods=["GET", "POST"])
    def elsewhere():
        hostile["told"] = request.form.to_dict()
        return {"access_token": "x"}

    @app.get("/hostile")
    def what_came_of_it():
        return hostile

    @app.after_request
    def tamper(response):
        how = hostile["how"]
        if not how or not response.is_json or request.path == "/hostile":
            return response
        body = response.get_json()
        if how.startswith("/"):
            place, _, answer = how.partition(" ")
            if request.path == place:
                response = answered(response, body, answer)
                hostile["done"] = True
        elif changed := harmed(body, how):
            response.set_data(json.dumps(body | changed))
            hostile["done"] = True
        return response

    return app


if __name__ == "__main__":
    port, seconds = int(sys.argv[1]), int(sys.argv[2])
    server = make_server("127.0.0.1", port, provider(timedelta(seconds=seconds)))
    print("ready", flush=True)
    server.serve_forever()
