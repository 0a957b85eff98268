"""Reading without signing in, where the deployment wants it: pages and files, and nothing else."""

import pytest

READABLE = ["/", "/projects/card-fraud-scorer/", "/scores/", "/catalog/config.secrets/", "/export.csv",
            "/projects/card-fraud-scorer/export.csv", "/projects/card-fraud-scorer/scan/"]  # fmt: skip


@pytest.mark.parametrize("address", READABLE)
def test_pages_ask_to_sign_in_unless_the_settings_say_otherwise(client, scorer, settings, address):
    assert client.get(address).url.startswith("/sign-in/?next=")
    settings.PUBLIC_READ = True
    answer = client.get(address)
    assert answer.status_code == (302 if address.endswith("/scan/") else 200)
    assert not answer.has_header("Location") or answer.url == scorer.get_absolute_url()


def test_readers_are_offered_to_sign_in_and_nothing_to_change(client, scorer, settings):
    settings.PUBLIC_READ = True
    page = client.get(scorer.get_absolute_url()).content.decode()
    assert 'href="/sign-in/?next=/projects/card-fraud-scorer/"' in page
    assert "<form" not in page
    assert "Tick by hand" not in page


def test_readers_can_change_nothing(client, scorer, settings):
    settings.PUBLIC_READ = True
    assert client.post("/projects/card-fraud-scorer/scan/").status_code == 302
    assert client.get("/projects/add/").url.startswith("/sign-in/")
    assert client.post("/projects/card-fraud-scorer/items/config.secrets/tick/").url.startswith("/sign-in/")
    assert not scorer.scans.exists()


def test_the_session_of_a_deactivated_person_ends_at_once(client, bob, scorer):
    client.force_login(bob)
    assert client.get("/").status_code == 200
    bob.is_active = False
    bob.save()
    assert client.get("/").url == "/sign-in/?next=/"
