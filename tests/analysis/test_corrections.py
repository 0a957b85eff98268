"""What people say of the system decides what applies to it."""

from __future__ import annotations

import pytest

from apps.analysis.claims import CLAIMS
from apps.analysis.corrections import corrected
from apps.analysis.engine import analyse
from apps.analysis.snapshot import MemorySnapshot
from apps.catalog import State
from tests.analysis.making import facts_of

SERVICE = {
    "api/app.py": "import flask\n\napp = flask.Flask(__name__)\n\n\n@app.get('/')\ndef index():\n    return 'x'\n"
}
SAYS_NO = "[profile]\nserves = false\n"


def test_paths_of_the_profile_are_those_of_the_whole_repository() -> None:
    profile = analyse(MemorySnapshot(SERVICE), subfolder="api").profile
    assert {place["path"] for place in profile["serves"]["evidence"]} == {"api/app.py"}


def test_a_member_corrects_a_claim_and_the_evidence_against_it_stays_to_be_seen() -> None:
    report = analyse(MemorySnapshot(SERVICE), corrections={"serves": False})
    serves = report.profile["serves"]
    assert (serves["holds"], serves["found"], serves["corrected_by"]) == (False, True, "member")
    assert serves["evidence"][0]["path"] == "api/app.py"
    assert "corrected_by" not in report.profile["trains"]


def test_a_correction_decides_what_applies() -> None:
    item = "logs.requests"
    assert analyse(MemorySnapshot(SERVICE)).findings[item].state is not State.NA
    assert analyse(MemorySnapshot(SERVICE), corrections={"serves": False}).findings[item].state is State.NA


def test_a_member_counts_more_than_the_settings() -> None:
    files = SERVICE | {".twelvefold.toml": SAYS_NO}
    of_settings = analyse(MemorySnapshot(files)).profile["serves"]
    of_member = analyse(MemorySnapshot(files), corrections={"serves": True}).profile["serves"]
    assert (of_settings["holds"], of_settings["corrected_by"]) == (False, "settings")
    assert (of_member["holds"], of_member["corrected_by"]) == (True, "member")


def test_what_follows_from_a_claim_holds_too_unless_somebody_denies_it() -> None:
    empty = facts_of({}).profile
    trains = corrected(empty, members={"trains": True}, settings={})
    assert (trains.trains.holds, trains.own_model.holds, trains.model.holds) == (True, True, True)
    denied = corrected(empty, members={"trains": True, "own_model": False}, settings={})
    assert (denied.own_model.holds, denied.model.holds) == (False, True)


def test_an_unknown_claim_is_no_correction() -> None:
    profile = facts_of({}).profile
    assert corrected(profile, members={"__class__": True}, settings={"found": False}) == profile


@pytest.mark.parametrize("holds", [True, False])
@pytest.mark.parametrize("files", [{}, SERVICE, {"train.py": "model.fit(x)\n"}], ids=["empty", "service", "training"])
@pytest.mark.parametrize("claim", CLAIMS)
def test_no_check_needs_evidence_for_a_claim_that_a_person_made(claim, files, holds) -> None:
    report = analyse(MemorySnapshot(files), corrections={claim: holds})
    assert {item: one.error for item, one in report.findings.items() if one.error} == {}
