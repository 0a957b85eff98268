"""Who works in the image that is deployed, what a deployment is told, and what code asks its environment."""

from __future__ import annotations

import pytest

from apps.analysis.checks.dev_prod_parity import backing_services, dependencies, deployment, os
from apps.catalog import State
from tests.analysis.making import facts_of

IMAGE = 'FROM python:3.12\nCOPY . .\nCMD ["uvicorn", "app:app"]\n'
WORKLOAD = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: app}\nspec:\n  template:\n    spec:\n      containers:\n      - {name: app, image: 'ghcr.io/a/app:1.2'}\n"
BASE = {"app.py": "import fastapi\n\napp = fastapi.FastAPI()\n", "Dockerfile": IMAGE, "k8s/app.yaml": WORKLOAD}


@pytest.mark.parametrize(
    ("command", "state"),
    [
        ("docker run -v $(PWD):/app app uvicorn app:app", State.MET),
        ("docker run app pytest", State.MET),
        ("docker run -v ./data:/data app", State.PARTIAL),
        ("docker run -p 8000:8000 app", State.PARTIAL),
        ("docker push ghcr.io/a/app:1.2", State.PARTIAL),
    ],
)
def test_tasks_by_which_people_work_in_the_deployed_image_share_it(command: str, state: State) -> None:
    assert os.check(facts_of({**BASE, "Makefile": f"dev:\n\t{command}\n"})).state is state


def test_loops_of_development_build_the_deployed_image() -> None:
    assert (
        os.check(facts_of({**BASE, "skaffold.yaml": "kind: Config\nbuild:\n  artifacts:\n  - image: app\n"})).state
        is State.MET
    )
    assert os.check(facts_of(BASE)).state is State.PARTIAL


def test_applications_of_a_list_of_environments_are_one_process() -> None:
    listed = "kind: ApplicationSet\nspec:\n  generators:\n  - list:\n      elements:\n      - {{env: {}}}\n      - {{env: {}}}\n"
    assert deployment.check(facts_of({**BASE, "argo.yaml": listed.format("staging", "prod")})).state is State.MET
    assert deployment.check(facts_of({**BASE, "argo.yaml": listed.format("api", "worker")})).state is State.PARTIAL


def test_code_that_deploys_is_told_the_environment() -> None:
    stack = "import aws_cdk as cdk\nfrom aws_cdk import aws_ecs\n\napp = cdk.App()\nname = app.node.try_get_context('{}')\naws_ecs.FargateService(app, name)\n"
    assert deployment.check(facts_of({**BASE, "infra/app.py": stack.format("env")})).state is State.MET
    assert deployment.check(facts_of({**BASE, "infra/app.py": stack.format("owner")})).state is State.PARTIAL
    script = (
        "import argparse\nfrom sagemaker.sklearn import SKLearnModel\n\np = argparse.ArgumentParser()\np.add_argument('--{}')\nargs = p.parse_args()\n"
        "SKLearnModel(model_data='s3://b/m').deploy(1, 'ml.m5.large', endpoint_name='m')\n"
    )
    assert deployment.check(facts_of({"deploy.py": script.format("env")})).state is State.MET
    assert deployment.check(facts_of({"deploy.py": script.format("count")})).state is State.PARTIAL


def test_a_function_that_asks_where_it_runs_takes_files_or_objects() -> None:
    load = (
        "import os, boto3\n\ndef load(key):\n    if os.environ['{}'] == 'local':\n        return open(f'data/{{key}}').read()\n"
        "    return boto3.client('s3').get_object(Bucket=os.environ['BUCKET'], Key=key)\n"
    )
    assert backing_services.check(facts_of({"store.py": load.format("ENV")})).state is State.UNMET
    assert backing_services.check(facts_of({"store.py": load.format("CACHED")})).state is State.NA


@pytest.mark.parametrize(("extra", "state"), [("docs", State.MET), ("dev", State.MET), ("gpu", State.PARTIAL)])
def test_extras_of_development_beside_a_pinned_list_let_nothing_drift(extra: str, state: State) -> None:
    project = f'[project]\nname = "churn"\ndynamic = ["dependencies"]\n[project.optional-dependencies]\n{extra} = ["sphinx~=3.4", "ipykernel>=5.3"]\n'
    files = {"pyproject.toml": project, "requirements.txt": "pandas==2.2.0\nkedro==0.19.2\n", "a.py": "import pandas\n"}
    assert dependencies.check(facts_of(files)).state is state
