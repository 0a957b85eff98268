"""The checks side by side: each is judged once, and a helper that dies costs nothing."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

from apps.analysis.findings import Evidence, Finding
from apps.analysis.judging import judged
from apps.catalog import ITEMS, State
from tests.analysis.making import facts_of

if TYPE_CHECKING:
    from pathlib import Path

    from apps.analysis.repository import Facts

FACTS = {"train.py": "import torch\n"}


def slow(facts: Facts) -> Finding:
    """Says who judged; long enough that neither process can take everything."""
    time.sleep(0.01)
    return Finding(State.MET, str(os.getpid()), (Evidence(facts.files[0].path, 1),))


def test_findings_come_whole_from_both_processes() -> None:
    found = judged(dict.fromkeys(ITEMS, slow), facts_of(FACTS))
    assert list(found) == list(ITEMS)
    assert {one.evidence for one in found.values()} == {(Evidence("train.py", 1),)}
    judges = {one.summary for one in found.values()}
    assert str(os.getpid()) in judges
    assert len(judges) == 2


def test_a_helper_that_dies_costs_no_finding() -> None:
    here = os.getpid()

    def lives_only_here(_facts: Facts) -> Finding:
        if os.getpid() != here:
            os._exit(1)
        return Finding(State.MET, "Judged.")

    found = judged(dict.fromkeys(ITEMS, lives_only_here), facts_of(FACTS))
    assert {one.summary for one in found.values()} == {"Judged."}


def test_progress_is_told_by_one_process_only(tmp_path: Path) -> None:
    told_by = tmp_path / "told"

    def tell(_stage: str, _share: float, _about: str) -> None:
        with told_by.open("a") as file:
            file.write(f"{os.getpid()}\n")

    judged(dict.fromkeys(ITEMS, slow), facts_of(FACTS), tell)
    assert set(told_by.read_text().split()) == {str(os.getpid())}
