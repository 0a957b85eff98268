"""Parts of pages: no cache takes one for the page, and none is filled with a page to sign in."""

import pytest
from django.test import Client

from tests.dashboard.routes import PARTS, ROUTES, Who

HTMX = {"HX-Request": "true"}
RESTORED = HTMX | {"HX-History-Restore-Request": "true"}


def is_page(answer):
    return b"<html" in b"".join(answer) or answer.status_code == 302


def test_an_answer_that_is_a_page_or_a_part_of_it_says_on_what_that_depends(world):
    client = Client(raise_request_exception=False)
    client.force_login(world.users["admin"])
    parts = set()
    for pattern, _, address in world.asked:
        if ROUTES[pattern.name][0] is None:
            continue
        part = client.get(address, headers=HTMX)
        if is_page(client.get(address)) and not is_page(part):
            parts.add(pattern.name)
            assert is_page(client.get(address, headers=RESTORED)), address
            vary = {name.strip() for name in part["Vary"].split(",")}
            assert vary >= {"HX-Request", "HX-History-Restore-Request"}, address
    assert parts == PARTS


def test_when_the_session_has_ended_the_whole_page_goes_to_sign_in_and_comes_back(world):
    page = "/projects/fraud-scorer/?show=gaps"
    wrong = []
    for pattern, _, address in world.asked:
        for method, who in zip(("get", "post"), ROUTES[pattern.name], strict=True):
            if who in {Who.ANYBODY, Who.NOBODY, None}:
                continue
            ask = getattr(Client(), method)
            answer = ask(address, headers=HTMX | {"HX-Current-URL": f"http://testserver{page}"})
            to = answer.headers.get("HX-Redirect"), answer.status_code, answer.content, "HX-Request" in answer["Vary"]
            if to != ("/sign-in/?next=/projects/fraud-scorer/%3Fshow%3Dgaps", 200, b"", True):
                wrong.append((method, address, *to))
    assert wrong == []


ELSEWHERE = [
    "https://evil.example/x", "http://testserver.evil.example/", "http://[", "http://testserver@evil.example/",
    "nonsense",
    "//evil.example", "javascript:alert(1)", "",
]  # fmt: skip


@pytest.mark.parametrize("elsewhere", ELSEWHERE)
def test_nobody_is_led_elsewhere_after_signing_in(client, db, elsewhere):
    answer = client.get("/teams/", headers=HTMX | {"HX-Current-URL": elsewhere})
    assert answer["HX-Redirect"] == "/sign-in/?next=/"
    assert client.post("/queue/1/retry/", headers={"Referer": elsewhere}).url == "/sign-in/?next=/"


def test_a_browser_without_htmx_comes_back_to_the_page_or_to_that_of_the_form(client, db):
    assert client.get("/teams/?sort=name").url == "/sign-in/?next=/teams/%3Fsort%3Dname"
    answer = client.post("/queue/1/retry/", headers={"Referer": "http://testserver/queue/?page=2"})
    assert answer.url == "/sign-in/?next=/queue/%3Fpage%3D2"
