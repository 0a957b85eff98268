"""The assurance case names only tests that exist, and its protections are in the code."""

import importlib
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
CASE = (ROOT / "docs" / "assurance-case.md").read_text(encoding="utf-8")


@pytest.fixture
def listed(monkeypatch):
    """What `make protections` takes away, and how."""
    monkeypatch.syspath_prepend(str(ROOT / ".ci"))
    return importlib.import_module("protections")


def exists(test):
    file, _, name = test.partition("::")
    path = ROOT / file
    name = name.partition("[")[0]
    return path.is_file() and re.search(rf"^def {name}\(", path.read_text(encoding="utf-8"), re.MULTILINE) is not None


def test_every_claim_names_a_test_that_exists():
    rows = [
        line for line in CASE.splitlines() if line.startswith("| ") and "---" not in line and "| test |" not in line
    ]
    assert len(rows) >= 40
    for row in rows:
        (test,) = re.findall(r"`(tests/[^`]+)`", row)
        assert exists(test), test


@pytest.mark.parametrize(("kind", "least"), [("PROTECTIONS", 30), ("PERMISSIONS", 80)])
def test_each_protection_stands_in_the_code_and_has_a_test(listed, kind, least):
    protections = getattr(listed, kind)
    assert len({one.name for one in protections}) == len(protections) >= least
    for one in protections:
        assert exists(one.test), one.test
        source = (ROOT / one.file).read_text(encoding="utf-8")
        mutant, found = listed.without(one, source)
        assert (found, mutant != source) == (1, True), one.name
