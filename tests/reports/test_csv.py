import csv
import io
from itertools import chain

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from apps.adoption.trails import keep_trails
from apps.catalog import State
from apps.reports.csv_cells import BOM, STARTERS, csv_lines, harmless
from apps.teams.models import Project
from tests.dashboard.making import found, project, scanned, team, tick

HOSTILE = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "\uff1d1",
    " =1",
    '"=1',
    "'=1",
    "  \t=1",
    "\u00a0=1",
    "\u3000\uff1d1",
]


def table(response):
    text = b"".join(response.streaming_content).decode()
    assert text.startswith(BOM)
    return list(csv.DictReader(io.StringIO(text[1:], newline="")))


@pytest.mark.parametrize("cell", HOSTILE)
def test_cell_that_a_spreadsheet_would_run_is_made_text(cell):
    assert harmless(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["", "a=1", "train.py:3", "1+1", "'quoted'", " text"])
def test_other_cells_stay_as_they_are(cell):
    assert harmless(cell) == cell


@given(st.lists(st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=2, max_size=2)))
def test_every_text_comes_back_and_no_cell_can_run(rows):
    text = "".join(csv_lines(["a", "b"], rows))
    read = list(csv.reader(io.StringIO(text.removeprefix(BOM), newline="")))[1:]
    assert len(read) == len(rows)
    for cell, original in zip(chain(*read), chain(*rows), strict=True):
        assert cell in {original, f"'{original}"}
        assert cell[:1] not in STARTERS


def test_lines_end_as_the_rfc_wants():
    assert list(csv_lines(["a"], [['say "x"'], ["b,c"], [1], [None]])) == [
        f"{BOM}a\r\n",
        '"say ""x"""\r\n',
        '"b,c"\r\n',
        "1\r\n",
        '""\r\n',
    ]


def test_board_file_holds_what_the_page_shows_in_its_order(client, alice, fraud):
    scanned(project(fraud, "good", tags=["gpu"]))
    scanned(project(fraud, "bad", tags=["gpu"]), {"config.secrets": found(State.UNMET)})
    project(fraud, "other")
    client.force_login(alice)
    answer = client.get("/export.csv?tag=gpu&sort=score")
    assert answer.streaming
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert "attachment" in answer.headers["Content-Disposition"]
    rows = table(answer)
    assert [row["project"] for row in rows] == ["bad", "good"]
    assert (rows[1]["score"], rows[1]["config_state"], rows[1]["config_score"]) == ("100", "met", "100")
    assert rows[0]["config_state"] == "partial"


def test_project_without_a_scan_has_empty_scores(client, alice, fraud):
    project(fraud, "fresh")
    client.force_login(alice)
    [row] = table(client.get("/export.csv"))
    assert (row["score"], row["codebase_state"], row["codebase_score"]) == ("", "unknown", "")


def test_board_file_costs_four_queries_however_many_projects(client, alice, fraud, django_assert_num_queries):
    for _ in range(12):
        scanned(project(fraud))
    client.force_login(alice)
    with django_assert_num_queries(4):
        assert len(table(client.get("/export.csv"))) == 12


def test_board_file_holds_all_pages_and_what_changed(client, alice, fraud):
    for number in range(70):
        project(fraud, f"p-{number:02}")
    moved = Project.objects.get(slug="p-00")
    scanned(moved, rest=State.UNMET, days_ago=40)
    scanned(moved)
    keep_trails(at=timezone.now())
    client.force_login(alice)
    rows = table(client.get("/export.csv"))
    assert [row["project"] for row in rows] == [f"p-{number:02}" for number in range(70)]
    assert (rows[0]["change_30_days"], rows[0]["change_90_days"], rows[1]["change_30_days"]) == ("100", "", "")


def test_team_file_holds_the_projects_of_that_team(client, alice, scorer):
    scanned(project(team("Search"), "ranker"))
    client.force_login(alice)
    assert [row["project"] for row in table(client.get("/teams/search/export.csv"))] == ["ranker"]
    assert client.get("/teams/nobody/export.csv").status_code == 404


def test_history_file_holds_each_day_of_the_period(client, alice, fraud):
    one = project(fraud)
    scanned(one, rest=State.UNMET, days_ago=40)
    scanned(one, days_ago=1)
    keep_trails(at=timezone.now())
    client.force_login(alice)
    rows = table(client.get("/history/export.csv?days=30"))
    assert [row["team"] for row in rows] == ["All teams"] * 31 + ["Fraud"] * 31
    assert [(row["score"], row["config"], row["origin"]) for row in rows[-3:]] == [
        ("0", "0", "observed"), ("100", "100", "observed"), ("100", "100", "observed"),
    ]  # fmt: skip
    assert rows[-1]["day"] == timezone.localdate().isoformat()
    assert len(table(client.get("/history/export.csv"))) == 2 * 41
    assert {row["team"] for row in table(client.get("/history/export.csv?team=fraud&days=odd"))} == {"Fraud"}


def test_factor_file_holds_its_items_of_all_projects(client, alice, fraud):
    scanned(project(fraud, "ranker"), {"config.secrets": found(State.UNMET, "=1", "a.py", 3)})
    client.force_login(alice)
    rows = table(client.get("/factors/config/export.csv"))
    assert {row["item"].partition(".")[0] for row in rows} == {"config"}
    [secrets] = [row for row in rows if row["item"] == "config.secrets"]
    assert (secrets["project"], secrets["state"], secrets["summary"], secrets["evidence"]) == (
        "ranker", "unmet", "'=1", "a.py:3",
    )  # fmt: skip
    assert client.get("/factors/nothing/export.csv").status_code == 404


def test_project_file_holds_the_items_that_the_page_shows(client, bob, fraud):
    finding = found(State.UNMET, "=HYPERLINK(1)", "a.py", 3, remedy="Mend it.")
    scorer = scanned(project(fraud), {"config.secrets": finding})
    client.force_login(bob)
    assert len(table(client.get(f"/projects/{scorer.slug}/export.csv"))) == 50
    [row] = table(client.get(f"/projects/{scorer.slug}/export.csv?show=gaps"))
    assert (row["item"], row["state"], row["evidence"]) == ("config.secrets", "unmet", "a.py:3")
    assert row["summary"] == "'=HYPERLINK(1)"


def test_project_file_names_who_ticked(client, bob, scorer):
    tick(scorer, "config.secrets", State.UNMET, "Seen.", bob)
    client.force_login(bob)
    [row] = table(client.get(f"/projects/{scorer.slug}/export.csv?show=by-hand"))
    assert (row["ticked_by"], row["note"], row["contested"], row["automatic"]) == ("bob", "Seen.", "yes", "met")


def test_files_are_for_those_who_are_signed_in(client, scorer):
    for address in ("/export.csv", f"/projects/{scorer.slug}/export.csv"):
        assert client.get(address).status_code == 302


def test_hostile_names_are_text_in_the_file(client, alice, scorer):
    Project.objects.update(name='=cmd|"/c calc"!A1')
    client.force_login(alice)
    [row] = table(client.get("/export.csv"))
    assert row["project"] == '\'=cmd|"/c calc"!A1'
