"""The soak in short: real servers, real kills, and nothing lost, doubled or left behind."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
def test_kills_of_worker_broker_and_database_lose_and_double_nothing():
    command = [sys.executable, ROOT / "benchmarks" / "soak.py", "--seed", "7", "--requests", "12", "--workers", "2"]
    environment = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "REDIS_URL"}}
    ran = subprocess.run(
        [*command, "--kills", "2", "--broker", "2", "--database", "1"],
        capture_output=True, text=True, check=False, timeout=400, env=environment,
    )  # fmt: skip
    report = json.loads(ran.stdout[ran.stdout.index("{\n") :] if "{\n" in ran.stdout else "null")
    assert report is not None, ran.stderr[-2000:]
    assert report["broken"] == {}
    assert report["results"] >= 1
    assert (report["worker_kills"], ran.returncode) == (2, 0)
