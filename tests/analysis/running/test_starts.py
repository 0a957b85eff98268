"""Which commands start something, and which of them are meant."""

from __future__ import annotations

import re

import pytest

from apps.analysis.deployment import running
from apps.analysis.engine import assemble
from apps.analysis.files import Pack
from apps.analysis.running import starts
from apps.analysis.running.starts import By
from apps.analysis.snapshot import MemorySnapshot
from apps.analysis.worded import MANY
from tests.analysis.making import facts_of

LINES = ["Docker Run x", "docker run x -p 80", "", "podman run y", "docker run X", "\u017ferve", "serve", "echo 'run'"]
FILES = {
    "Dockerfile": "FROM python:3.11\nCMD docker run x\n",
    "Procfile": "web: serve\n",
    "Makefile": "run:\n\tdocker run x\n\tDocker Run x\n",
    "b.sh": "\n".join(LINES),
    "a/b.sh": "\n".join(LINES[::-1]),
}


@pytest.mark.parametrize("more", [0, MANY])
@pytest.mark.parametrize(
    "pattern",
    [
        r"\bdocker run\b",
        r"serve|podman",
        r"docker run (?!X)",
        r"(docker|podman) run\b.*\d$",
        r"run [^x]",
        r"(?i:X)$",
        r"\w",
    ],
)
def test_those_are_found_whose_command_the_expression_finds_in_this_case(pattern: str, more: int) -> None:
    files = {**FILES, "c.sh": "".join(f"run {number}\n" for number in range(more))}
    pack = Pack.unpack(b"")
    first = assemble(MemorySnapshot({**files, "a/b.sh": "serve\n", "d.sh": "docker run x\n"}), pack=pack)
    starts.commanding(first.facts, pattern)
    pack.turn()
    later = assemble(MemorySnapshot(files), pack=pack, neighbour=first)
    for facts in (first.facts, later.facts, facts_of(files)):
        scripts = [file for path, file in sorted(facts.by_path.items()) if path.endswith(".sh")]
        told = [*starts.beside_scripts(facts), *(one for file in scripts for one in starts.lines(file))]
        expected = [one for one in told if re.search(pattern, one.command)]
        assert starts.commanding(facts, pattern) == expected
        assert {one.by for one in told} == {By.IMAGE, By.PROCFILE, By.TASK, By.SCRIPT}


def test_lines_of_scripts_that_run_the_system_come_behind_tasks() -> None:
    scripts = {"z.sh": "cd app\npython train.py\npython -m pytest\n", "setup.sh": "python train.py\n"}
    facts = facts_of({**scripts, "Makefile": "run:\n\tpython app.py\n", "app.py": "x = 1\n"})
    assert [(one.by, one.file.path, one.line, one.command) for one in running.tasks(facts)] == [
        ("task", "Makefile", 2, "python app.py"),
        ("script", "z.sh", 2, "python train.py"),
    ]


def test_a_service_starts_its_entry_point_with_what_that_is_given() -> None:
    composed = "services:\n  api:\n    build: .\n    entrypoint: [python, -m]\n    command: [serve, --port, '80']\n"
    (start,) = starts.beside_scripts(facts_of({"compose.yaml": composed, "serve.py": "x = 1\n"}))
    assert (start.command, start.line, start.by) == ("python -m serve --port 80", 4, By.COMPOSE)


def test_what_a_workflow_runs_is_started_by_no_platform_of_that_name() -> None:
    step = "jobs:\n  roll-out:\n    steps:\n    - run: make serve now\n"
    assert [start.command for start in starts.deployed(facts_of({"serve.yaml": "run: make serve now\n"}))]
    assert starts.deployed(facts_of({".github/workflows/serve.yaml": step})) == []


@pytest.mark.parametrize(
    ("image", "command", "installs"),
    [
        ("ghcr.io/mlflow/mlflow:v2", "sh -c 'pip install psycopg2 && mlflow server'", True),
        ("ghcr.io/mlflow/mlflow:v2", "mlflow server", False),
        ("postgres:16", "postgres -c fsync=off", False),
    ],
)
def test_a_server_beside_the_system_may_install_at_its_start(image: str, command: str, *, installs: bool) -> None:
    service = f'services:\n  tracking:\n    image: {image}\n    command: "{command}"\n'
    image_of_own = {"Dockerfile": "FROM python:3.11\nCMD python app.py\n", "app.py": "x = 1\n"}
    places = running.builds_at_start(facts_of({"compose.yaml": service, **image_of_own}))
    assert [(place.path, place.line) for place in places] == [("compose.yaml", 4)] * installs
