import html
from threading import Event

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from apps.dashboard import importing
from apps.dashboard.importing import LOOK_UPS, MOST_ROWS, read_sheet, typed_rows
from apps.scans.models import ScanRequest
from apps.teams.models import Membership, Project, Role
from tests.dashboard.making import person, project, team

ADDRESS = "/projects/import/"


@pytest.fixture
def roots(tmp_path, settings):
    settings.LOCAL_REPOSITORY_ROOTS = [tmp_path]
    return tmp_path


def previewed(client, fraud, text, **more):
    response = client.post(ADDRESS, {"text": text, "team": fraud.pk, **more})
    return html.unescape(response.content.decode())


def test_preview_shows_each_row_with_its_error_and_adds_nothing(client, alice, fraud, roots):
    client.force_login(alice)
    page = previewed(client, fraud, f"{roots}/one\nhttp://example.org/x\n\n{roots}/one\n{roots}/two,Two,-h\n")
    assert "1 to add, 3 with errors" in page
    assert "Only addresses that begin with https:// can be scanned." in page
    assert "This team has that repository already, as one in line 1." in page
    assert "That is not the name of a branch." in page
    assert not Project.objects.exists()


def test_confirmed_list_adds_the_good_rows_and_scans_them(client, alice, fraud, roots):
    client.force_login(alice)
    text = f'url,tags,name\n{roots}/one,"GPU, online",First\nhttp://example.org/x,,\n{roots}/two,,\n'
    response = client.post(ADDRESS, {"text": text, "team": fraud.pk, "confirmed": "yes"})
    assert response.url == "/"
    first, second = Project.objects.order_by("name")
    assert (first.name, first.tags, second.name, second.added_by) == ("First", ["gpu", "online"], "two", alice)
    assert ScanRequest.objects.filter(requested_by=alice).count() == 2
    assert b"2 projects added." in client.get("/").content


def test_file_takes_the_place_of_the_text(client, alice, fraud, roots):
    client.force_login(alice)
    file = SimpleUploadedFile("list.csv", f"\ufeffproject,repository\nOne,{roots}/one\n".encode())
    assert "1 to add" in previewed(client, fraud, "", file=file)


@pytest.mark.parametrize("content", [b"\xff\xfe", b"a\x00b", b"x" * 1_000_001])
def test_file_that_is_no_list_is_refused(client, alice, fraud, content):
    client.force_login(alice)
    response = client.post(ADDRESS, {"team": fraud.pk, "file": SimpleUploadedFile("list.csv", content)})
    assert response.status_code == 422
    assert b'id="id_file_error"' in response.content


def test_nothing_typed_is_told(client, alice, fraud):
    client.force_login(alice)
    assert client.post(ADDRESS, {"text": " ", "team": fraud.pk}).status_code == 422


def test_rows_go_only_to_teams_that_one_maintains(client, alice, fraud, roots):
    search = team("Search")
    client.force_login(alice)
    text = f"url,team\n{roots}/one,Search\n"
    assert "You add no projects to a team called Search." in previewed(client, fraud, text, confirmed="yes")
    assert client.post(ADDRESS, {"text": text, "team": search.pk, "confirmed": "yes"}).status_code == 422
    assert not Project.objects.exists()
    Membership.objects.create(team=search, user=alice, role=Role.MAINTAINER)
    client.post(ADDRESS, {"text": text, "team": fraud.pk, "confirmed": "yes"})
    assert Project.objects.get().team == search


def test_who_adds_nowhere_has_no_such_page(client, bob, carol, fraud, roots):
    for user in (bob, carol, person("Dan", team("Search"))):
        client.force_login(user)
        assert client.get(ADDRESS).status_code == 404
        assert client.post(ADDRESS, {"text": f"{roots}/one", "team": fraud.pk, "confirmed": "yes"}).status_code == 404
    assert not Project.objects.exists()


def test_preview_costs_two_queries_and_one_look_up_however_long_the_list(alice, fraud, django_assert_num_queries):
    asked = []

    def resolver(host):
        asked.append(host)
        return ["140.82.121.4"]

    project(fraud, "known", url="https://forge.example.org/a/0")
    text = "\n".join(f"https://forge.example.org/a/{number}" for number in range(MOST_ROWS + 7))
    with django_assert_num_queries(2):
        sheet = read_sheet(text, team=fraud, user=alice, resolver=resolver)
    assert (len(sheet.good), sheet.bad, sheet.left_out) == (MOST_ROWS - 1, 1, 7)
    assert asked == ["forge.example.org"]


def test_names_that_nobody_answers_for_hold_no_page(alice, fraud, monkeypatch):
    monkeypatch.setattr(importing, "SECONDS_FOR_NAMES", 0.2)
    told, asked = Event(), []

    def resolver(host):
        asked.append(host)
        if host == "quick.example.org":
            return ["140.82.121.4"]
        told.wait(timeout=30)
        raise OSError

    names = ["quick", *(f"slow{number}" for number in range(100))]
    text = "\n".join(f"https://{name}.example.org/a/{number}" for name in names for number in range(2))
    sheet = read_sheet(text, team=fraud, user=alice, resolver=resolver)
    told.set()
    assert [row.number for row in sheet.good] == [1, 2]
    assert "could not be found" in sheet.rows[-1].errors[0]
    assert len(asked) == len(set(asked)) <= 1 + LOOK_UPS


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("", []),
        ("https://a.example/b", [(1, {"url": "https://a.example/b"})]),
        ("Repository, Team\r\nx, y\r\n", [(2, {"url": "x", "team": "y"})]),
        ('"x\ny",z', [(2, {"url": "x\ny", "name": "z"})]),
    ],
)
def test_lists_are_read_with_and_without_a_heading(text, rows):
    read = [(number, {column: cell for column, cell in typed.items() if cell}) for number, typed in typed_rows(text)]
    assert read == rows
