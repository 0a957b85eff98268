import pytest
from django.db import OperationalError
from django.urls import reverse

from apps.dashboard.views import overview


@pytest.fixture
def broken(client, bob, monkeypatch):
    """Asks for the overview while the board raises what it is given."""

    def asked(error):
        def raises(*_args):
            raise error

        monkeypatch.setattr(overview, "Board", raises)
        client.force_login(bob)
        client.raise_request_exception = False
        return client.get("/")

    return asked


def test_database_that_is_away_is_a_503_that_says_when_to_come_back(broken):
    answer = broken(OperationalError("server closed the connection unexpectedly"))
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "10")
    assert b"Out of service for a moment" in answer.content
    assert b"server closed" not in answer.content


def test_fault_of_ours_is_a_500_in_the_same_style_that_tells_nothing(broken):
    answer = broken(ValueError("a secret"))
    assert answer.status_code == 500
    assert b"Something went wrong" in answer.content
    assert b"a secret" not in answer.content


def test_request_that_makes_no_sense_is_a_400_in_the_same_style(client, settings):
    settings.ALLOWED_HOSTS = ["twelvefold.example"]
    answer = client.get("/", headers={"Host": "elsewhere.example"})
    assert answer.status_code == 400
    assert b"That request made no sense" in answer.content


@pytest.mark.parametrize("name", ["overview", "board-csv", "history", "history-csv"])
def test_a_question_with_a_character_that_a_database_refuses_finds_nothing(client, alice, scorer, name):
    client.force_login(alice)
    asked = dict.fromkeys(["q", "team", "tag", "state", "sort", "days", "order", "page", "factor", "kind"], "\0")
    answer = client.get(reverse(name), asked)
    assert answer.status_code == 200
    assert answer.getvalue() if answer.streaming else answer.content
