import subprocess

import pytest

from apps.scans.models import ScanRequest
from apps.teams.models import Project
from tests.dashboard.making import team

ADDRESS = "/projects/add/"


@pytest.fixture
def repository(tmp_path, settings):
    settings.LOCAL_REPOSITORY_ROOTS = [tmp_path]
    folder = tmp_path / "churn-model.git"
    subprocess.run(["git", "init", "-q", "--bare", folder], check=True)
    return str(folder)


def asked(fraud, url, **changes):
    return {"team": fraud.pk, "url": url, "name": "", "branch": "", "subfolder": "", "tags": "", **changes}


def test_maintainer_adds_a_project_and_its_first_scan_waits(client, alice, fraud, repository):
    client.force_login(alice)
    response = client.post(ADDRESS, asked(fraud, repository, tags="GPU, online,,", subfolder="/services/ranker/"))
    added = Project.objects.get()
    assert response.url == added.get_absolute_url()
    assert (added.name, added.tags, added.subfolder) == ("churn-model", ["gpu", "online"], "services/ranker")
    assert added.standings.count() == 50
    scan = ScanRequest.objects.get(project=added)
    assert (scan.requested_by, scan.phase) == (alice, "pending")
    assert b"Its first scan has begun" in client.get(response.url).content


@pytest.mark.parametrize(
    "url",
    [
        "",
        "http://example.org/x",
        "file:///etc",
        "/srv/elsewhere",
        "ext::sh -c id",
        "https://u:p@example.org/x",
        "https://127.0.0.1/x",
    ],
)
def test_refused_address_is_told_in_one_sentence_in_its_place(client, alice, fraud, repository, url):
    client.force_login(alice)
    response = client.post(ADDRESS, asked(fraud, url))
    assert response.status_code == 422
    assert b'id="id_url_error"' in response.content
    assert b'aria-invalid="true"' in response.content
    assert not Project.objects.exists()


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("git@forge.example.org:team/ranker.git", "like https://forge.example.org/team/ranker.git."),
        ("ssh://git@forge.example.org/team/ranker", "like https://forge.example.org/team/ranker."),
        ("ssh://git@forge.example.org:2222/team/ranker", "like https://forge.example.org/team/ranker."),
        ("git@forge.example.org:2222/ranker", "like https://forge.example.org/2222/ranker."),
        ("/home/alice/ranker", "This folder is not among those that LOCAL_REPOSITORY_ROOTS opens."),
    ],
)
def test_what_people_paste_instead_is_answered_with_what_would_do(client, alice, fraud, repository, url, said):
    client.force_login(alice)
    assert said in client.post(ADDRESS, asked(fraud, url)).content.decode()


def test_a_folder_is_offered_only_where_one_is_open(client, alice, fraud, settings, tmp_path):
    client.force_login(alice)
    for roots, offered in (([], False), ([tmp_path], True)):
        settings.LOCAL_REPOSITORY_ROOTS = roots
        assert ("LOCAL_REPOSITORY_ROOTS" in client.get(ADDRESS).content.decode()) is offered
    settings.LOCAL_REPOSITORY_ROOTS = []
    refusal = client.post(ADDRESS, asked(fraud, "/home/alice/ranker")).content.decode()
    assert "unless LOCAL_REPOSITORY_ROOTS opens a folder" in refusal


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("branch", "-h"),
        ("branch", "a..b"),
        ("branch", "a b"),
        ("subfolder", "../x"),
        ("tags", "<b>"),
        ("tags", "x" * 31),
        ("name", "x" * 101),
    ],
)
def test_other_wrong_fields_are_refused(client, alice, fraud, repository, field, value):
    client.force_login(alice)
    response = client.post(ADDRESS, asked(fraud, repository, **{field: value}))
    assert response.status_code == 422
    assert f'id="id_{field}_error"'.encode() in response.content
    assert not Project.objects.exists()


def test_same_tree_twice_in_a_team_is_refused_by_name(client, alice, fraud, repository):
    client.force_login(alice)
    client.post(ADDRESS, asked(fraud, repository))
    response = client.post(ADDRESS, asked(fraud, repository))
    assert b"This team has that repository already, as churn-model." in response.content
    assert Project.objects.count() == 1


def test_only_teams_that_one_maintains_are_offered(client, alice, bob, fraud, repository):
    other = team("Search")
    client.force_login(alice)
    assert b"Search" not in client.get(ADDRESS).content
    assert client.post(ADDRESS, asked(other, repository)).status_code == 422
    client.force_login(bob)
    assert client.get(ADDRESS).status_code == 404
    assert client.post(ADDRESS, asked(fraud, repository)).status_code == 404
    assert not Project.objects.exists()
