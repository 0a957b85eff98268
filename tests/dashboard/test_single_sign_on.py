"""Signing in through the organisation: against a real provider in a process of its own, honest and hostile."""

import json
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from allauth.socialaccount.models import SocialAccount
from django.contrib.auth.models import User
from django.test import Client

from apps.teams.models import AuditEntry, Membership
from apps.teams.sign_in import answers
from tests.dashboard.making import plant_session, team

PROVIDER = Path(__file__).parents[1] / "teams" / "provider.py"
RULES = ["ml-fraud=fraud:member", "ml-leads=fraud:maintainer", "search=search:viewer", "admins=admin"]


def started(seconds):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-W", "ignore", str(PROVIDER), str(port), str(seconds)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert process.stdout.readline() == "ready\n"
    return process, f"http://127.0.0.1:{port}"


@pytest.fixture(scope="module")
def running():
    process, url = started(3600)
    yield url
    process.terminate()
    process.wait(timeout=10)
    process.stdout.close()


@pytest.fixture
def attached(settings):
    """Makes a provider the one of this deployment."""

    def attach(url):
        app = {"provider_id": "sso", "name": "Sign in", "client_id": "twelvefold", "secret": "s", "settings": {}}
        app["settings"]["server_url"] = settings.OIDC_ISSUER = url
        settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": [app]}}
        settings.OIDC_GROUPS = RULES
        return url

    return attach


@pytest.fixture
def provider(running, attached, db):
    become(running, "")
    return attached(running)


@pytest.fixture
def search(db):
    return team("Search")


def known(provider, sub, **claims):
    answer = requests.put(f"{provider}/users/{sub}", json={"sub": sub, **claims}, timeout=5)
    assert answer.status_code == 204, answer.text


def become(provider, how):
    """Makes the provider hostile."""
    requests.put(f"{provider}/hostile", data=how.encode(), timeout=5)


def came_of_it(provider):
    return requests.get(f"{provider}/hostile", timeout=5).json()


def come_back(client, provider, sub, **changes):
    """Goes to the provider as `sub` and returns to us; `changes` are made to the address of the return."""
    away = client.post("/sign-in/with/sso/", {"next": "/scores/"})
    assert away.url.startswith(f"{provider}/oauth2/authorize?")
    allowed = requests.post(away.url, data={"sub": sub}, allow_redirects=False, timeout=5)
    back = urlsplit(allowed.headers["location"])
    query = back.query
    for old, new in changes.items():
        query = query.replace(f"{old}=", f"{new}=")
    return client.get(f"{back.path}?{query}")


def roles(name):
    return dict(Membership.objects.filter(user__username=name).values_list("team__slug", "role"))


def test_the_provider_lets_people_in_with_the_roles_of_their_groups(client, provider, fraud, search):
    known(provider, "ana", preferred_username="ana", name="Ana Ruiz", given_name="Ana", family_name="Ruiz",
          groups=["ml-fraud", "ml-leads", "search", "canteen"])  # fmt: skip
    assert b"Sign in with your organisation" in client.get("/sign-in/").content
    assert come_back(client, provider, "ana").url == "/scores/"
    ana = User.objects.get()
    assert (ana.username, ana.get_full_name(), ana.is_superuser) == ("ana", "Ana Ruiz", False)
    assert not ana.has_usable_password()
    assert roles("ana") == {"fraud": "maintainer", "search": "viewer"}
    assert client.get("/").status_code == 200
    notes = AuditEntry.objects.filter(deed="member.added", by=None, subject="ana")
    assert sorted(notes.values_list("team", flat=True)) == ["fraud", "search"]


def test_coming_back_makes_a_new_session(client, provider, fraud):
    known(provider, "mia", preferred_username="mia", groups=["ml-fraud"])
    planted = plant_session(client)
    assert come_back(client, provider, "mia").url == "/scores/"
    assert client.session["_auth_user_id"] == str(User.objects.get().pk)
    assert client.session.session_key != planted
    assert Client(headers={"cookie": f"sessionid={planted}"}).get("/").status_code == 302


def test_groups_decide_anew_at_every_sign_in(client, provider, fraud, search):
    known(provider, "leo", preferred_username="leo", groups=["ml-leads", "admins"])
    come_back(client, provider, "leo")
    assert (roles("leo"), User.objects.get().is_superuser) == ({"fraud": "maintainer"}, True)
    known(provider, "leo", preferred_username="leo", groups=["ml-fraud"])
    come_back(Client(), provider, "leo")
    assert (roles("leo"), User.objects.get().is_superuser) == ({"fraud": "member"}, False)
    known(provider, "leo", preferred_username="leo")
    come_back(Client(), provider, "leo")
    assert roles("leo") == {}
    changes = AuditEntry.objects.filter(subject="leo", team="fraud").order_by("pk").values_list("deed", flat=True)
    assert list(changes) == ["member.added", "member.changed", "member.removed"]


def test_roles_in_teams_that_no_rule_names_stay(client, provider, fraud):
    vision = team("Vision")
    known(provider, "mei", preferred_username="mei", groups=["ml-fraud"])
    come_back(client, provider, "mei")
    Membership.objects.create(team=vision, user=User.objects.get(), role="maintainer")
    come_back(Client(), provider, "mei")
    assert roles("mei") == {"fraud": "member", "vision": "maintainer"}


def test_an_account_of_the_same_name_or_address_is_not_taken_over(client, provider, bob):
    User.objects.filter(pk=bob.pk).update(email="bob@example.org")
    known(provider, "other", preferred_username="bob", email="bob@example.org", email_verified=True)
    come_back(client, provider, "other")
    assert int(client.session["_auth_user_id"]) != bob.pk
    assert User.objects.count() == 2


def test_a_verified_address_joins_an_account_where_the_settings_say_so(client, provider, bob, settings):
    settings.SOCIALACCOUNT_EMAIL_AUTHENTICATION = settings.SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = True
    User.objects.filter(pk=bob.pk).update(email="bob@example.org")
    known(provider, "unproven", email="bob@example.org", email_verified=False)
    stranger = Client()
    come_back(stranger, provider, "unproven")
    newcomer = User.objects.get(pk=stranger.session["_auth_user_id"])
    assert (newcomer.pk != bob.pk, newcomer.email) == (True, "")
    known(provider, "proven", email="bob@example.org", email_verified=True)
    come_back(client, provider, "proven")
    assert int(client.session["_auth_user_id"]) == bob.pk
    bob.refresh_from_db()
    assert not bob.has_usable_password()


def test_an_address_that_several_accounts_have_joins_none_of_them(client, provider, alice, bob, settings):
    settings.SOCIALACCOUNT_EMAIL_AUTHENTICATION = settings.SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = True
    User.objects.update(email="both@example.org")
    known(provider, "both", preferred_username="both", email="both@example.org", email_verified=True)
    come_back(client, provider, "both")
    assert User.objects.get(pk=client.session["_auth_user_id"]).username == "both"
    assert {one.has_usable_password() for one in User.objects.filter(pk__in=[alice.pk, bob.pk])} == {True}


def test_who_was_let_out_is_not_let_in_again(client, provider, fraud):
    known(provider, "sofia", preferred_username="sofia", groups=["ml-leads"])
    come_back(Client(), provider, "sofia")
    User.objects.update(is_active=False)
    assert come_back(client, provider, "sofia").url == "/sign-in/closed/"
    assert client.get("/").status_code == 302


HOSTILE = [
    "stranger's key", "no signature", "shared secret", "changed claims", "no token", "somebody else", "another issuer",
]  # fmt: skip


OTHER_PARTIES = [{"azp": "another client"}, {"aud": ["twelvefold", "another client"]}, {"aud": "another client"}]


@pytest.mark.parametrize("how", HOSTILE + [json.dumps(claims) for claims in OTHER_PARTIES])
def test_a_forged_answer_lets_nobody_in(client, provider, fraud, how):
    known(provider, "eve", preferred_username="eve", groups=["ml-leads"])
    become(provider, how)
    assert b"did not work" in come_back(client, provider, "eve").content
    assert came_of_it(provider)["done"]
    assert "_auth_user_id" not in client.session
    assert not User.objects.exists()


def test_a_token_for_us_may_name_others_beside_us(client, provider):
    known(provider, "ana", preferred_username="ana")
    become(provider, json.dumps({"aud": ["twelvefold", "another client"], "azp": "twelvefold"}))
    assert come_back(client, provider, "ana").url == "/scores/"


@pytest.mark.parametrize("place", ["/jwks", "/userinfo"])
@pytest.mark.parametrize("pace", ["at once", "slowly"])
def test_an_answer_without_end_is_not_awaited(client, provider, monkeypatch, place, pace):
    monkeypatch.setattr(answers, "SECONDS_FOR_AN_ANSWER", 2)
    known(provider, "eve", preferred_username="eve")
    become(provider, f"{place} {pace} without end")
    begun = time.monotonic()
    assert b"did not work" in come_back(client, provider, "eve").content
    assert time.monotonic() - begun < 6
    assert not User.objects.exists()


@pytest.mark.parametrize("place", ["/oauth2/token", "/userinfo", "/.well-known/openid-configuration"])
def test_no_redirect_of_the_provider_is_followed(client, provider, place):
    known(provider, "eve", preferred_username="eve")
    away = client.post("/sign-in/with/sso/")
    allowed = requests.post(away.url, data={"sub": "eve"}, allow_redirects=False, timeout=5)
    back = urlsplit(allowed.headers["location"])
    become(provider, f"{place} elsewhere")
    assert b"did not work" in client.get(f"{back.path}?{back.query}").content
    assert came_of_it(provider) == {"how": f"{place} elsewhere", "told": {}, "done": True}


NO_OBJECTS = ["[1]", "null", "<h1>Sorry</h1>", "[" * 20_000, '{"zz": "\\u0000"}', '{"zz": "\\ud800"}']
NO_ADDRESSES = [
    '{"authorization_endpoint": null}',
    '{"jwks_uri": null}',
    '{"issuer": 5}',
    '{"token_endpoint_auth_methods_supported": 5}',
]
CONFIGURATION = "/.well-known/openid-configuration"
BROKEN = [
    *(f"{place} {one}" for one in NO_OBJECTS for place in (CONFIGURATION, "/jwks", "/oauth2/token", "/userinfo")),
    *(f"{CONFIGURATION} {one}" for one in NO_ADDRESSES),
    '/oauth2/token {"access_token": ["x"]}',
    '{"sub": ""}', json.dumps({"sub": "x" * 300}), '{"zz": "\\u0000"}', '{"zz": "\\ud800"}',
]  # fmt: skip


@pytest.mark.parametrize("how", BROKEN, ids=lambda how: how[:50])
def test_a_broken_answer_lets_nobody_in_and_breaks_nothing(client, provider, how):
    known(provider, "eve", preferred_username="eve")
    away = client.post("/sign-in/with/sso/")
    allowed = requests.post(away.url, data={"sub": "eve"}, allow_redirects=False, timeout=5)
    back = urlsplit(allowed.headers["location"])
    become(provider, how)
    assert b"did not work" in client.get(f"{back.path}?{back.query}").content
    assert came_of_it(provider)["done"]
    assert not User.objects.exists()


@pytest.mark.parametrize("said", [*NO_OBJECTS, *NO_ADDRESSES, "elsewhere"], ids=lambda said: said[:50])
def test_nobody_is_sent_to_a_provider_that_does_not_say_where(client, provider, said):
    become(provider, f"{CONFIGURATION} {said}")
    answer = client.post("/sign-in/with/sso/")
    assert answer.status_code == 502
    assert b"did not work" in answer.content


@pytest.mark.parametrize("where", ["userinfo", "token"])
@pytest.mark.parametrize("odd", [None, 5, {"admins": 1}, [5, None, ["admins"]]])
def test_what_is_no_group_and_no_name_gives_neither(client, provider, fraud, odd, where):
    known(provider, "ana", preferred_username="ana", groups=["ml-fraud"])
    told = json.dumps({"groups": odd, "name": odd, "preferred_username": odd, "email": odd, "expires_in": odd})
    become(provider, f"/userinfo {told}" if where == "userinfo" else f"/oauth2/token {told}")
    assert come_back(client, provider, "ana").url == "/scores/"
    user = User.objects.get()
    assert dict(Membership.objects.values_list("team__slug", "role")) == (
        {"fraud": "member"} if where == "token" else {}
    )
    assert not user.is_superuser


def test_an_expired_token_lets_nobody_in(client, attached, db):
    process, url = started(-300)
    try:
        attached(url)
        known(url, "eve", preferred_username="eve")
        answer = come_back(client, url, "eve")
    finally:
        process.terminate()
        process.wait(timeout=10)
        process.stdout.close()
    assert b"did not work" in answer.content
    assert not User.objects.exists()


@pytest.mark.parametrize("lost", ["state", "code"])
def test_an_answer_that_nobody_asked_for_lets_nobody_in(client, provider, lost):
    known(provider, "eve", preferred_username="eve")
    answer = come_back(client, provider, "eve", **{lost: "x"})
    assert b"did not work" in answer.content
    assert not User.objects.exists()


def test_an_answer_is_good_for_one_browser_and_once(client, provider):
    known(provider, "tim", preferred_username="tim")
    away = client.post("/sign-in/with/sso/")
    allowed = requests.post(away.url, data={"sub": "tim"}, allow_redirects=False, timeout=5)
    back = urlsplit(allowed.headers["location"])
    stolen = Client()
    assert b"did not work" in stolen.get(f"{back.path}?{back.query}").content
    assert client.get(f"{back.path}?{back.query}").url == "/"
    assert b"did not work" in Client().get(f"{back.path}?{back.query}").content
    assert "_auth_user_id" not in stolen.session


@pytest.mark.parametrize(
    "more", ["auth_params=redirect_uri%3Dhttps%253A%252F%252Fevil.example", "scope=offline_access", "process=connect"]
)
def test_an_address_adds_nothing_to_what_the_settings_ask_of_the_provider(client, provider, more):
    assert client.post(f"/sign-in/with/sso/?{more}").status_code == 404
    assert client.post("/sign-in/with/sso/", {"next": "/", **dict([more.split("=")])}).status_code == 404
    asked = parse_qs(urlsplit(client.post("/sign-in/with/sso/?next=/scores/").url).query)
    assert asked["redirect_uri"] == ["http://testserver/sign-in/with/sso/back/"]
    assert asked["code_challenge_method"] == ["S256"]


def test_whoever_sits_at_a_session_joins_no_other_account_to_it(client, provider, bob):
    """It would open the account long after the session: and nobody would have typed its password."""
    known(provider, "mallory", preferred_username="mallory")
    client.force_login(bob)
    away = client.post("/sign-in/with/sso/?process=connect")
    assert away.status_code == 404
    come_back(client, provider, "mallory")
    assert client.session["_auth_user_id"] != str(bob.pk)
    assert not SocialAccount.objects.filter(user=bob).exists()


def test_going_to_the_provider_is_a_post_with_a_token(provider):
    strict = Client(enforce_csrf_checks=True)
    assert strict.post("/sign-in/with/sso/").status_code == 403
    assert strict.get("/sign-in/with/sso/").status_code == 200
    assert strict.get("/sign-in/with/other/").status_code == 404


def test_without_a_provider_there_is_no_such_way(client, db):
    assert b"organisation" not in client.get("/sign-in/").content
    assert client.post("/sign-in/with/sso/").status_code == 404
