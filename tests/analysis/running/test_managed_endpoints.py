"""Endpoints that a platform keeps, where no client of it makes them: by addresses, and by states of a machine."""

from __future__ import annotations

import json

import pytest

from apps.analysis.checks.port_binding import service
from apps.catalog import State
from tests.analysis.making import facts_of


@pytest.mark.parametrize(
    ("call", "address", "state"),
    [
        ("post", "'/api/2.0/mlflow/endpoints-v2/enable'", State.PARTIAL),
        ("post", "f'{host}/api/2.0/serving-endpoints'", State.PARTIAL),
        ("get", "f'{host}/api/2.0/serving-endpoints'", State.NA),
        ("post", "f'{host}/serving-endpoints/churn/invocations'", State.NA),
        ("post", "f'{host}/api/2.0/jobs/run-now'", State.NA),
    ],
)
def test_databricks_is_asked_for_an_endpoint_by_its_address(call: str, address: str, state: State) -> None:
    code = f"import requests\n\ndef deploy(host):\n    place = {address}\n    requests.{call}(url=place)\n"
    assert service.check(facts_of({"deploy.py": code})).state is state


@pytest.mark.parametrize(
    ("resource", "state"),
    [
        ("arn:aws:states:::sagemaker:createEndpoint", State.PARTIAL),
        ("arn:aws:states:::sagemaker:updateEndpoint", State.PARTIAL),
        ("arn:aws:states:::sagemaker:createEndpointConfig", State.NA),
        ("arn:aws:states:::sagemaker:createTrainingJob.sync", State.NA),
    ],
)
def test_a_state_of_a_machine_makes_an_endpoint(resource: str, state: State) -> None:
    machine = {"StartAt": "Go", "States": {"Go": {"Type": "Task", "Resource": resource, "End": True}}}
    assert service.check(facts_of({"flow.json": json.dumps(machine)})).state is state
    assert service.check(facts_of({"flow.py": f"def flow():\n    return {machine!r}\n"})).state is state
