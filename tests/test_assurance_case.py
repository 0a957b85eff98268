"""The assurance case names only tests that exist, and its protections are in the code."""

import importlib.util
import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
CASE = (ROOT / "docs" / "assurance-case.md").read_text(encoding="utf-8")


def protections():
    spec = importlib.util.spec_from_file_location("protections", ROOT / ".ci" / "protections.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.PROTECTIONS


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


def test_there_are_at_least_thirty_protections_that_their_tests_prove():
    listed = protections()
    assert len({one.name for one in listed}) == len(listed) >= 30
    for one in listed:
        assert exists(one.test), one.test
        assert (ROOT / one.file).read_text(encoding="utf-8").count(one.present) == 1, one.name
