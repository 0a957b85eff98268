"""Verdicts on what tasks run in, task by task."""

from __future__ import annotations

import pytest

from apps.analysis.checks.admin_processes import same_environment
from apps.catalog import State
from tests.analysis.making import facts_of

MAIN = "if __name__ == '__main__':\n    main()\n"
FLOW = "from kfp import dsl\nfrom steps import load\n@dsl.pipeline\ndef nightly():\n    load()\n"
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


RUNS = {"scripts/export.py": "import pandas\n" + MAIN}


@pytest.mark.parametrize(
    ("files", "state"),
    [
        ({"requirements.txt": PINNED}, State.MET),
        ({"requirements.txt": "numpy==1.26\nrequests==2.31\n"}, State.PARTIAL),
        ({"requirements-dev.txt": PINNED}, State.PARTIAL),
        ({"poetry.lock": "[[package]]\nname = 'pandas'\n"}, State.MET),
        ({"poetry.lock": "", "requirements.txt": "pandas\n", "Dockerfile": "FROM python:3.11\nRUN pip install -r requirements.txt\n"}, State.PARTIAL),
        ({"poetry.lock": "", "Dockerfile": "FROM python:3.11\nCOPY pyproject.toml poetry.lock ./\nRUN poetry install\n"}, State.MET),
    ],
    ids=["complete", "incomplete", "of developers", "lock", "lock that the image leaves out", "lock in the image"],
)  # fmt: skip
def test_a_list_is_an_environment_if_it_is_complete_and_the_application_has_it(files, state):
    assert same_environment.check(facts_of(RUNS | files)).state is state


@pytest.mark.parametrize(
    ("command", "state"),
    [
        ("docker compose run --rm api python export.py", State.MET),
        ("docker run --rm minio/mc ls data", State.PARTIAL),
        ("docker exec -it api /bin/bash", State.PARTIAL),
        ("docker run -d -p 80:80 app", State.PARTIAL),
    ],
)
def test_containers_of_others_and_shells_are_no_environment_of_tasks(command, state):
    assert same_environment.check(facts_of({"Makefile": f"export:\n\t{command}\n"})).state is state


@pytest.mark.parametrize("module", ["zenml", "prefect", "dagster"])
def test_steps_of_an_orchestrator_without_an_image_run_by_whatever_interpreter_starts_them(module):
    code = f"from {module} import pipeline, flow, asset\n@pipeline\ndef a():\n    pass\n@flow\ndef b():\n    pass\n@asset\ndef c():\n    pass\n"
    bare = {"pipelines/nightly.py": code, "scripts/export.py": TASK}
    assert same_environment.check(facts_of(bare)).state is State.PARTIAL
    image = {
        "Dockerfile": "FROM python:3.11\nCOPY . .\n",
        "scripts/export.py": "from pipelines.nightly import a\n" + TASK,
    }
    assert same_environment.check(facts_of(bare | image)).state is State.MET


def test_a_platform_takes_the_scripts_of_its_steps_by_name():
    steps = "from azureml.pipeline.steps import PythonScriptStep\nPythonScriptStep(script_name='export.py')\n"
    files = {"scripts/export.py": TASK, "scripts/reset.py": TASK, "pipelines/nightly.py": steps}
    assert same_environment.check(facts_of(files)).state is State.MET


def test_an_orchestrators_deployment_brings_an_environment():
    files = {
        "pipelines/nightly.py": "from dagster import asset\n\n@asset\ndef rows():\n    pass\n",
        "scripts/export.py": "import pipelines.nightly\n" + TASK,
    }
    assert same_environment.check(facts_of(files)).state is State.PARTIAL
    assert same_environment.check(facts_of(files | {"dagster_cloud.yaml": "locations: []\n"})).state is State.MET


def test_training_in_an_environment_that_is_pinned_is_a_task_in_that_of_the_application() -> None:
    train = "import torch, numpy\nif __name__ == '__main__':\n    model.fit(x, y)\n"
    pinned = {"train.py": train, "requirements.txt": "torch==2.1.0\nnumpy==1.26.0\n"}
    assert same_environment.check(facts_of(pinned)).state is State.MET
    loose = {"train.py": train, "requirements.txt": "torch\nnumpy\n"}
    assert same_environment.check(facts_of(loose)).state is State.PARTIAL


def test_tasks_of_a_manifest_run_by_its_lock() -> None:
    tasks = {"package.json": '{"scripts": {"ingest": "tsx scripts/ingest.ts"}, "dependencies": {"openai": "^4.0.0"}}'}
    assert same_environment.check(facts_of(tasks)).state is State.PARTIAL
    assert same_environment.check(facts_of({**tasks, "pnpm-lock.yaml": "lockfileVersion: 9\n"})).state is State.MET


@pytest.mark.parametrize(
    ("command", "state"),
    [
        ("kubectl run check --image=busybox --rm -it -- nc -z db 3306", State.PARTIAL),
        ("kubectl run rebuild --image=team/app:3 --rm -- python rebuild.py", State.MET),
    ],
)
def test_a_container_that_holds_nothing_of_the_application_is_another_environment(command, state):
    assert same_environment.check(facts_of({"scripts/check.sh": f"{command}\n"})).state is state
