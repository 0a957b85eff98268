"""Verdicts on what tasks run in, task by task."""

from __future__ import annotations

import pytest

from apps.analysis.checks.admin_processes import same_environment
from apps.catalog import State
from tests.analysis.making import facts_of

MAIN = "if __name__ == '__main__':\n    main()\n"
FLOW = "from prefect import flow\nfrom steps import load\n@flow\ndef nightly():\n    load()\n"
TASK = "import store\ndef main():\n    store.load()\n" + MAIN
PINNED = "pandas==2.0\nnumpy==1.26\n"


@pytest.mark.parametrize(
    ("files", "state"),
    [
        ({"scripts/export.py": TASK, "scripts/reset.py": TASK}, State.PARTIAL),
        ({"scripts/export.py": TASK, "scripts/submit.py": "from flows.nightly import nightly\n" + TASK}, State.MET),
        ({"scripts/export.py": TASK, "flows/poetry.lock": "[[package]]\nname = 'x'\n"}, State.PARTIAL),
        ({"scripts/export.py": TASK, "scripts/poetry.lock": "[[package]]\nname = 'x'\n"}, State.MET),
        ({"scripts/export.py": TASK, "scripts/requirements.txt": PINNED}, State.MET),
        ({"scripts/export.py": TASK, "compose.yaml": "services:\n  init:\n    build: .\n    command: python scripts/export.py\n"}, State.MET),
        ({"scripts/download.py": TASK, "Dockerfile": "FROM python:3.11\nRUN python scripts/download.py\nCMD python app.py\n"}, State.MET),
        ({"scripts/export.py": TASK, "jobs/export.yaml": "cluster_env: app:1\nentrypoint: python run.py\n"}, State.MET),
    ],
    ids=["most by hand", "half start the flow", "another folder's lock", "their lock", "their pinned list", "a service", "while an image is built", "a cluster's"],
)  # fmt: skip
def test_most_tasks_run_where_the_application_does(files, state):
    flow = {"flows/nightly.py": FLOW, "flows/steps.py": "def load():\n    pass\n"}
    assert same_environment.check(facts_of(files | flow)).state is state


def test_what_rebuilds_derived_data_is_a_task_too():
    code = (
        "import argparse\nparser = argparse.ArgumentParser()\nparser.add_argument('--input')\nx.to_parquet(parser.parse_args().input + 'features.parquet')\n"
        + MAIN
    )
    assert same_environment.check(facts_of({"batch.py": code, "requirements.txt": PINNED})).state is State.MET
    assert same_environment.check(facts_of({"batch.py": code, "requirements.txt": "pandas\n"})).state is State.PARTIAL


def test_a_pinned_list_is_no_environment_of_shell_scripts():
    files = {"app.py": "print(1)\n" + MAIN, "reset.sh": "docker volume rm data\n", "requirements.txt": PINNED}
    assert same_environment.check(facts_of(files)).state is State.PARTIAL
