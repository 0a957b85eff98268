"""Notebooks that people work in, and engines, that compose starts beside the system or in place of it."""

from __future__ import annotations

import pytest

from apps.analysis.checks.concurrency import process_types
from apps.analysis.checks.dev_prod_parity import deployment
from apps.analysis.checks.logs import centralised
from apps.catalog import State
from tests.analysis.making import facts_of

TRAIN = {"train.py": "from sklearn.svm import SVC\nSVC().fit(x, y)\n", "Dockerfile": "FROM python:3.11\n"}
COMPOSE = "services:\n  lab:\n    build: .\n    command: {}\n    volumes: ['.:/work']\n"


@pytest.mark.parametrize(
    ("command", "types", "state", "logs"),
    [
        ("jupyter lab --port 8888", State.UNMET, State.UNMET, State.NA),
        ("python -m jupyter notebook", State.UNMET, State.UNMET, State.NA),
        ("python train.py", State.PARTIAL, State.PARTIAL, State.UNKNOWN),
        ("jupyter nbconvert --execute train.ipynb", State.PARTIAL, State.PARTIAL, State.UNKNOWN),
    ],
)
def test_a_notebook_server_is_no_process_of_the_system_and_no_deployment(
    command: str, types: State, state: State, logs: State
) -> None:
    facts = facts_of({**TRAIN, "docker-compose.yml": COMPOSE.format(command)})
    assert process_types.check(facts).state is types
    assert deployment.check(facts).state is state
    assert centralised.check(facts).state is logs


def test_masters_and_workers_of_an_engine_are_no_process_types_of_the_system() -> None:
    engine = (
        "services:\n  score:\n    build: .\n    command: python score.py\n"
        "  master:\n    image: acme/spark\n    command: start-spark master\n"
        "  worker:\n    image: acme/spark\n    command: start-spark worker master\n  store:\n    image: acme/hbase\n"
    )
    facts = facts_of({"score.py": "model.predict(x)\n", "docker-compose.yml": engine, "Dockerfile": "FROM python:3\n"})
    assert process_types.check(facts).state is State.PARTIAL


@pytest.mark.parametrize(
    ("overlay", "state"),
    [
        ("deploy:\n      resources:\n        reservations:\n          devices:\n            - driver: nvidia\n", State.PARTIAL),
        ("runtime: nvidia\n", State.PARTIAL),
        ("environment: [LEVEL=warning]\n", State.MET),
    ],
)  # fmt: skip
def test_an_overlay_for_a_graphics_card_is_for_no_environment(overlay: str, state: State) -> None:
    base = "services:\n  api:\n    build: .\n    command: uvicorn main:app\n"
    files = {"docker-compose.yml": base, "docker-compose.more.yml": f"services:\n  api:\n    {overlay}"}
    code = {"main.py": "from fastapi import FastAPI\napp = FastAPI()\n", "Dockerfile": "FROM python:3.11\n"}
    assert deployment.check(facts_of({**code, **files})).state is state


@pytest.mark.parametrize(("name", "state"), [("prod", State.MET), ("more", State.PARTIAL)])
def test_more_of_a_machine_for_an_environment_is_an_overlay(name: str, state: State) -> None:
    base = "services:\n  api:\n    build: .\n    command: uvicorn main:app\n"
    more = "services:\n  api:\n    deploy:\n      resources:\n        limits:\n          memory: 8G\n"
    code = {"main.py": "from fastapi import FastAPI\napp = FastAPI()\n", "Dockerfile": "FROM python:3.11\n"}
    files = {"docker-compose.yml": base, f"docker-compose.{name}.yml": more}
    assert deployment.check(facts_of({**code, **files})).state is state
