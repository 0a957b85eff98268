"""The audit of the locks is never green without an answer."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[1] / ".ci" / "audited.py"
FINE = {"name": "a", "version": "1", "vulns": []}
FAULTY = {"name": "b", "version": "2", "vulns": [{"id": "X-1", "fix_versions": ["3"]}]}
UNKNOWN = {"name": "c", "version": "1", "skip_reason": "could not be audited"}


@pytest.mark.parametrize(
    ("packages", "required", "code", "said"),
    [
        ([FINE], "", 0, "1 packages audited, 0 known faults"),
        ([FINE, FAULTY], "", 1, "b 2: X-1, mended in 3"),
        ([FINE, UNKNOWN], "", 0, "NOT AUDITED: the service of advisories told nothing of 1 of 2 packages"),
        ([FINE, UNKNOWN], "required", 1, "NOT AUDITED"),
        ([FAULTY, UNKNOWN], "", 1, "NOT AUDITED"),
        (None, "", 0, "NOT AUDITED"),
        (None, "required", 1, "NOT AUDITED"),
    ],
)
def test_what_was_not_audited_is_said(tmp_path, packages, required, code, said):
    if packages is not None:
        (tmp_path / "answer.json").write_text(json.dumps({"dependencies": packages}))
    command = [sys.executable, SCRIPT, "requirements.txt", tmp_path / "answer.json"]
    done = subprocess.run(command, env={"AUDIT": required}, capture_output=True, text=True, check=False)
    assert done.returncode == code
    assert said in done.stdout + done.stderr
