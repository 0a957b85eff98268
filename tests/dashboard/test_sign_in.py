"""Signing in with an account of this deployment, and guarding that account."""

import re
import time
from threading import Event
from types import SimpleNamespace

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as authenticators
from django.contrib.auth.models import User
from django.core import mail
from django.test import Client
from django.urls import reverse

from apps.dashboard import sign_in_urls
from apps.teams.sign_in import accounts
from tests.dashboard.making import plant_session

PASSWORD = "a long pass phrase"
PERIOD_SECONDS = 30  # after which an authenticator shows another code


def sign_in(client, name="bob", password=PASSWORD, **more):
    return client.post("/sign-in/", {"login": name, "password": password, **more})


def confirm(client, address):
    """Goes to a page that asks for the password first."""
    asked = client.get(address)
    assert asked.url.startswith("/account/confirm/")
    return client.post(asked.url, {"password": PASSWORD}, follow=True)


def shown(answer):
    """The page without what is new on every one."""
    return re.sub(rb'value="[^"]*"', b"", answer.content)


def mails():
    """What has been sent, once what waits has left."""
    accounts.CARRIER.submit(lambda: None).result(timeout=10)
    return mail.outbox


def code_for(secret, at=None):
    """What an authenticator with `secret` shows now, or at another moment."""
    counter = int(at or time.time()) // PERIOD_SECONDS
    return authenticators.format_hotp_value(authenticators.hotp_value(secret, counter))


def test_sign_in_leads_to_the_page_one_wanted(client, bob, scorer):
    wanted = scorer.get_absolute_url()
    page = client.get(f"/sign-in/?next={wanted}").content.decode()
    assert f'name="next" value="{wanted}"' in page
    assert page.count('class="input"') == 2
    assert sign_in(client, next=wanted).url == wanted


@pytest.mark.parametrize(
    "elsewhere",
    ["//evil.example", "///evil.example", "https://evil.example/", "/\\evil.example", "javascript:alert(1)"],
)
def test_sign_in_never_leads_elsewhere(client, bob, elsewhere):
    assert sign_in(client, next=elsewhere).url == "/"
    assert client.get("/sign-in/", {"next": elsewhere}).url == "/"


def test_wrong_password_unknown_name_and_closed_account_get_the_same_answer(client, bob, carol):
    User.objects.filter(pk=carol.pk).update(is_active=False)
    pages = {shown(sign_in(client, name, "wrong")) for name in ("bob", "nobody", "carol")}
    assert len(pages) == 1
    assert b'role="alert"' in pages.pop()


def test_a_closed_account_is_told_to_whoever_knows_its_password(client, carol):
    User.objects.filter(pk=carol.pk).update(is_active=False)
    assert sign_in(client, "carol").url == "/sign-in/closed/"
    assert b"This account is closed" in client.get("/sign-in/closed/").content
    assert client.get("/").status_code == 302


def test_guessing_is_stopped_by_name_whoever_it_seems_to_come_from(bob):
    for guess in range(5):
        guesser = Client(headers={"x-forwarded-for": f"198.51.100.{guess}"})
        assert sign_in(guesser, password=f"guess {guess}").status_code == 200
    late = Client(headers={"x-forwarded-for": "198.51.100.99"})
    answer = sign_in(late)
    assert b"Too many attempts" in answer.content
    assert "_auth_user_id" not in late.session


@pytest.mark.parametrize("host", ["localhost:{}", "{}.wiki.example"])
def test_guessing_is_stopped_by_name_whatever_host_is_asked(bob, settings, host):
    settings.ALLOWED_HOSTS = ["localhost", ".wiki.example"]
    for guess in range(5):
        guesser = Client(headers={"host": host.format(8000 + guess)}, REMOTE_ADDR=f"198.51.100.{guess}")
        assert sign_in(guesser, password=f"guess {guess}").status_code == 200
    late = Client(headers={"host": host.format(9000)}, REMOTE_ADDR="198.51.100.99")
    assert b"Too many attempts" in sign_in(late).content


def test_guessing_names_is_stopped_by_address(client, db):
    answers = [sign_in(client, f"name{number}", "wrong") for number in range(12)]
    assert b"do not match" in answers[0].content
    assert b"Too many attempts" in answers[-1].content


def test_behind_a_proxy_one_guesser_does_not_lock_out_the_others(settings, bob):
    settings.TRUSTED_PROXY_COUNT = 1
    guesser = Client(headers={"x-forwarded-for": "198.51.100.1"})
    for number in range(12):
        sign_in(guesser, f"name{number}", "wrong")
    assert sign_in(Client(headers={"x-forwarded-for": "198.51.100.2"})).url == "/"


def test_one_guesser_does_not_lock_out_others_whose_addresses_are_written_as_of_ipv6(bob):
    """As they are where the pages listen on both."""
    for number in range(12):
        sign_in(Client(REMOTE_ADDR="::ffff:198.51.100.1"), f"name{number}", "wrong")
    assert sign_in(Client(REMOTE_ADDR="::ffff:198.51.100.2")).url == "/"


def test_signing_in_makes_a_new_session(client, bob):
    planted = plant_session(client)
    assert sign_in(client).url == "/"
    assert client.session.session_key != planted
    assert Client(headers={"cookie": f"sessionid={planted}"}).get("/").status_code == 302


def test_the_second_step_makes_a_new_session_once_more(client, bob):
    sign_in(client)
    secret = confirm(client, "/account/authenticator/").context["form"].secret
    client.post("/account/authenticator/", {"code": code_for(secret)})
    recovery = re.search(r"<li><code>(\d+)</code>", client.get("/account/recovery-codes/").content.decode())[1]
    second = Client()
    sign_in(second)
    halfway = second.session.session_key
    assert second.post("/sign-in/second-step/", {"code": recovery}).url == "/"
    assert second.session.session_key != halfway
    assert Client(headers={"cookie": f"sessionid={halfway}"}).get("/").status_code == 302


@pytest.mark.parametrize(("ago", "taken"), [(PERIOD_SECONDS, True), (2 * PERIOD_SECONDS, False)])
def test_a_code_that_changed_while_it_was_typed_is_taken_once(client, bob, monkeypatch, ago, taken):
    now = time.time()
    monkeypatch.setattr(authenticators, "time", SimpleNamespace(time=lambda: now))
    sign_in(client)
    secret = confirm(client, "/account/authenticator/").context["form"].secret
    client.post("/account/authenticator/", {"code": code_for(secret, now)})
    for answered in (taken, False):
        second = Client()
        sign_in(second)
        answer = second.post("/sign-in/second-step/", {"code": code_for(secret, now - ago)})
        assert (answer.status_code == 302) is answered


def test_signing_in_over_the_session_of_another_leaves_them_nothing(client, alice, bob):
    """As when somebody plants a session in which they are signed in themselves."""
    theirs = Client()
    theirs.force_login(alice)
    client.cookies["sessionid"] = planted = theirs.session.session_key
    assert client.post("/sign-in/", {"login": "bob", "password": "a long pass phrase"}).status_code == 302
    client.post("/sign-out/")
    assert theirs.get("/").status_code == 302
    assert sign_in(client).url == "/"
    assert client.session.session_key != planted


def test_signing_in_needs_its_csrf_token(bob):
    assert sign_in(Client(enforce_csrf_checks=True)).status_code == 403


@pytest.mark.parametrize("name", ["bob\x00", "b" * 100_000, "\u202ebob", "' OR 1=1 --", ""])
def test_odd_names_are_told_in_place(client, bob, name):
    answer = sign_in(client, name)
    assert answer.status_code == 200
    assert "_auth_user_id" not in client.session


def test_there_is_no_signing_up(client, db):
    for address in ("/sign-up/", "/sign-in/signup/", "/accounts/signup/", "/account/email/"):
        assert client.get(address).status_code == 404


def test_the_password_is_reset_by_a_link_that_works_once(client, bob, settings):
    settings.MAIL = True
    User.objects.filter(pk=bob.pk).update(email="bob@example.org")
    assert b"Forgot the password?" in client.get("/sign-in/").content
    asked = client.post("/sign-in/reset/", {"email": "bob@example.org"}, follow=True)
    assert b"Look into your mail" in asked.content
    link = re.search(r"https?://testserver(\S+)", mails()[0].body)[1]
    page = client.get(link, follow=True)
    chosen = {"password1": "another pass phrase", "password2": "another pass phrase"}
    done = client.post(page.request["PATH_INFO"], chosen, follow=True)
    assert b"The password is changed" in done.content
    assert b"used already" in Client().get(link, follow=True).content
    assert sign_in(Client(), password="another pass phrase").url == "/"


def test_asking_for_a_reset_says_nothing_of_who_has_an_account(client, bob, settings):
    settings.MAIL = True
    User.objects.filter(pk=bob.pk).update(email="bob@example.org")
    answers = [
        client.post("/sign-in/reset/", {"email": to}, follow=True) for to in ("bob@example.org", "no@example.org")
    ]
    assert shown(answers[0]) == shown(answers[1])
    assert [message.to for message in mails()] == [["bob@example.org"]]


def test_an_account_without_a_password_gets_none_by_mail(client, bob, settings):
    settings.MAIL = True
    bob.email = "bob@example.org"
    bob.set_unusable_password()
    bob.save()
    asked = client.post("/sign-in/reset/", {"email": "bob@example.org"}, follow=True)
    assert b"Look into your mail" in asked.content
    assert mails() == []


def test_no_page_of_an_account_without_a_password_breaks(client, bob):
    bob.set_unusable_password()
    bob.save()
    client.force_login(bob)
    own = [route.name for route in sign_in_urls.urlpatterns if str(route.pattern).startswith("account/")]
    pages = [name for name in own if name not in {"mfa_edit_webauthn", "mfa_remove_webauthn"}]
    answers = {name: client.get(reverse(name), follow=True) for name in pages}  # whatever breaks is raised
    assert b"there is no password here" in answers["account_change_password"].content


def test_a_mail_that_takes_long_or_cannot_be_sent_says_nothing_either(client, bob, settings, monkeypatch, caplog):
    settings.MAIL = True
    User.objects.filter(pk=bob.pk).update(email="bob@example.org")
    answered, after = Event(), []

    def send(_mail):
        after.append(answered.wait(timeout=5))
        raise ConnectionRefusedError

    monkeypatch.setattr(accounts.EmailMessage, "send", send)
    answers = [client.post("/sign-in/reset/", {"email": to}) for to in ("bob@example.org", "no@example.org")]
    answered.set()
    assert {(answer.status_code, answer.url) for answer in answers} == {(302, "/sign-in/reset/asked/")}
    assert mails() == []
    assert after == [True]
    assert "A mail could not be sent" in caplog.text


def test_nothing_is_reset_where_no_mail_is_set_up(client, db):
    assert b"Forgot" not in client.get("/sign-in/").content
    for address in (
        "/sign-in/reset/",
        "/sign-in/reset/asked/",
        "/sign-in/reset/done/",
        "/sign-in/reset/1-set-password/",
    ):
        assert client.get(address).status_code == 404


def test_changing_the_password_ends_other_sessions(client, bob):
    elsewhere = Client()
    sign_in(elsewhere)
    sign_in(client)
    new = {"oldpassword": PASSWORD, "password1": "another pass phrase", "password2": "another pass phrase"}
    assert client.post("/account/password/", new).status_code == 302
    assert client.get("/account/").status_code == 200
    assert elsewhere.get("/account/").status_code == 302


def test_an_authenticator_is_asked_for_at_the_next_sign_in(client, bob):
    sign_in(client)
    page = confirm(client, "/account/authenticator/")
    assert b'id="qr-path"' in page.content
    secret = page.context["form"].secret
    codes = client.post("/account/authenticator/", {"code": code_for(secret)}, follow=True)
    assert b"Recovery codes" in codes.content
    recovery = re.search(r"<li><code>(\d+)</code>", codes.content.decode())[1]
    assert b"Take it away" in client.get("/account/").content

    second = Client()
    assert sign_in(second).url == "/sign-in/second-step/"
    assert second.get("/").status_code == 302
    assert b"Second step" in second.get("/sign-in/second-step/").content
    assert second.post("/sign-in/second-step/", {"code": "000000"}).status_code == 200
    assert second.get("/").status_code == 302
    assert second.post("/sign-in/second-step/", {"code": recovery}).url == "/"
    assert second.get("/").status_code == 200

    third = Client()
    sign_in(third)
    assert third.post("/sign-in/second-step/", {"code": recovery}).status_code == 200
    assert third.get("/").status_code == 302

    assert client.post("/account/authenticator/remove/").url == "/account/"
    assert sign_in(Client()).url == "/"


PAGES = [
    "/account/", "/account/password/", "/account/authenticator/", "/account/keys/", "/account/keys/add/",
]  # fmt: skip


@pytest.mark.parametrize("address", PAGES)
def test_pages_of_the_account_stand_in_the_frame(client, bob, address):
    sign_in(client)
    confirm(client, "/account/keys/add/")
    page = client.get(address).content.decode()
    assert 'aria-label="Main"' in page
    assert not re.search(r"<style|\sstyle=|\son\w+=", page)


def test_guarding_the_account_asks_for_the_password_again(client, bob):
    sign_in(client)
    asked = client.get("/account/authenticator/")
    assert asked.url.startswith("/account/confirm/")
    assert client.post(asked.url, {"password": "wrong"}).status_code == 200
    assert client.post(asked.url, {"password": PASSWORD}).url == "/account/authenticator/"
    assert client.get("/account/authenticator/").status_code == 200


def test_the_account_of_a_guest_asks_to_sign_in(client, db):
    for address in PAGES:
        assert client.get(address).url.startswith("/sign-in/")


def test_nobody_names_or_removes_the_key_of_another(client, alice, bob):
    key = Authenticator.objects.create(user=alice, type=Authenticator.Type.WEBAUTHN, data={"name": "Mine"})
    sign_in(client)
    confirm(client, "/account/keys/add/")
    for verb in ("name", "remove"):
        assert client.get(f"/account/keys/{key.pk}/{verb}/").status_code == 404
        assert client.post(f"/account/keys/{key.pk}/{verb}/", {"name": "Yours"}).status_code == 404
    assert Authenticator.objects.get().data == {"name": "Mine"}


def test_people_sign_in_while_the_cache_is_away(client, bob, settings):
    settings.CACHES = {"default": {"BACKEND": "config.cache.PatientRedisCache", "LOCATION": "redis://127.0.0.1:9/0"}}
    assert sign_in(client, password="wrong").status_code == 200
    assert sign_in(client).url == "/"


def test_answers_tell_browsers_what_not_to_do(client, db):
    headers = client.get("/sign-in/").headers
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Cross-Origin-Opener-Policy"] == headers["Referrer-Policy"] == "same-origin"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "camera=()" in headers["Permissions-Policy"]
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy


def test_a_host_that_is_not_ours_is_refused(client, db):
    assert client.get("/sign-in/", headers={"host": "evil.example"}).status_code == 400


def test_a_form_of_more_than_two_megabytes_is_refused(client, bob):
    assert sign_in(client, password="x" * 2_100_000).status_code == 400


def test_form_says_nothing_twice_and_begins_where_one_must_write(client, bob):
    fields = re.findall(r'<input[^>]*class="input"[^>]*>', client.get("/sign-in/").content.decode())
    assert len(fields) == 2
    assert "placeholder" not in "".join(fields)
    assert ["autofocus" in field for field in fields] == [True, False]
    again = re.findall(r'<input[^>]*class="input"[^>]*>', sign_in(client, password="wrong").content.decode())
    assert ["autofocus" in field for field in again] == [False, True]
    assert 'value="bob"' in again[0]


@pytest.mark.parametrize("has_mail", [True, False])
def test_no_page_leads_to_a_new_password_by_mail_where_there_is_no_mail(client, bob, settings, has_mail):
    settings.MAIL = has_mail
    client.force_login(bob)
    pages = [
        client.get("/account/authenticator/", follow=True),
        client.get("/account/password/"),
        Client().get("/sign-in/"),
    ]
    found = [b"/sign-in/reset/" in page.content for page in pages]
    assert [page.status_code for page in pages] == [200] * 3
    assert found == [has_mail, False, has_mail]
