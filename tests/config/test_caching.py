"""What caches between people and pages may keep: nothing but static files."""

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

PRIVATE = {"private", "no-cache"}


def said(client: Client, address: str, **headers: str) -> set[str]:
    return set(client.get(address, headers=headers).headers["Cache-Control"].split(", "))


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["overview", "teams", "board-csv", "history-csv", "audit", "audit-csv", "people"])
def test_a_page_and_a_file_are_for_who_asked_alone(client: Client, name: str) -> None:
    assert said(client, reverse(name)) >= PRIVATE  # the way to sign in
    client.force_login(User.objects.create_superuser("root"))
    assert said(client, reverse(name)) >= PRIVATE
    assert said(client, reverse(name), **{"HX-Request": "true"}) >= PRIVATE


@pytest.mark.django_db
def test_so_is_what_does_not_exist(client: Client) -> None:
    assert said(client, "/projects/none/export.csv") >= PRIVATE


@pytest.mark.django_db
def test_what_must_not_even_be_written_down_stays_so(client: Client) -> None:
    assert "no-store" in said(client, reverse("account_login"))
