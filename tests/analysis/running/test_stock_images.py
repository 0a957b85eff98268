"""Compositions that run the image of an orchestrator or a language with the repository's code mounted into it."""

from __future__ import annotations

import pytest

from apps.analysis.checks.dependencies import isolated, system
from apps.analysis.checks.dev_prod_parity import os
from apps.analysis.checks.disposability import shutdown
from apps.catalog import State
from tests.analysis.making import facts_of

DAG = {"dags/train.py": "from airflow import DAG\nwith DAG('train') as dag:\n    pass\n"}
COMPOSE = "services:\n  scheduler:\n    image: {image}\n    command: scheduler\n    volumes:\n      - {volume}\n"


@pytest.mark.parametrize(
    ("image", "volume", "states"),
    [
        ("apache/airflow:2.9.3", "./dags:/opt/airflow/dags", (State.MET, State.MET, State.PARTIAL)),
        ("apache/airflow:2.9.3", "./logs:/opt/airflow/logs", (State.UNMET, State.MET, State.UNMET)),
        ("postgres:15", "./dags:/data", (State.UNMET, State.UNMET, State.UNMET)),
    ],
)
def test_a_stock_image_with_the_code_in_it_is_the_environment(
    image: str, volume: str, states: tuple[State, ...]
) -> None:
    facts = facts_of({**DAG, "docker-compose.yml": COMPOSE.format(image=image, volume=volume)})
    assert tuple(check.check(facts).state for check in (isolated, system, os)) == states


@pytest.mark.parametrize(
    ("command", "state"),
    [
        ('["dagster", "api", "grpc", "-h", "0.0.0.0", "-p", "4000"]', State.MET),
        ("prefect worker start --pool churn", State.PARTIAL),
        ('["prefect", "deploy", "--all"]', State.NA),
    ],
)
def test_workers_of_orchestrators_run_for_long(command: str, state: State) -> None:
    files = {"flows.py": "x = 1\n", "Dockerfile": f"FROM python:3.12\nCOPY . .\nCMD {command}\n"}
    assert shutdown.check(facts_of(files)).state is state
