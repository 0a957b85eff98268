"""Probes are answered to whoever asks by address; every other page keeps to the hosts of the settings."""

import pytest
from django.test import Client


@pytest.fixture(autouse=True)
def hosts(settings):
    settings.ALLOWED_HOSTS = ["twelvefold.example"]


def test_a_platform_asks_a_container_by_its_address(client: Client, db: None) -> None:
    assert client.get("/healthz", headers={"Host": "10.1.2.3:8000"}).status_code == 200
    assert client.get("/readyz", headers={"Host": "10.1.2.3:8000"}).json()["database"] == "well"


def test_no_other_page_answers_to_an_unknown_host(client: Client, db: None) -> None:
    for path in ("/", "/metrics", "/sign-in/", "/healthz/", "/no/such/page"):
        assert client.get(path, headers={"Host": "10.1.2.3:8000"}).status_code == 400, path


def test_probes_are_read_and_not_written(client: Client) -> None:
    assert client.post("/healthz", headers={"Host": "10.1.2.3:8000"}).status_code == 405
