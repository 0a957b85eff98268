"""Versions and environments of what is deployed: floating roll-outs, packages that images name, bundles of a platform."""

from __future__ import annotations

import pytest

from apps.analysis.checks.build_release_run import build, release, run
from apps.analysis.checks.dev_prod_parity import backing_services, dependencies, os
from apps.catalog import State
from tests.analysis.making import facts_of

Files = dict[str, str | bytes]

IMAGE: Files = {
    "app.py": "from fastapi import FastAPI\napp = FastAPI()\n",
    "requirements.txt": "fastapi==0.110.0\nuvicorn==0.29.0\n",
    "Dockerfile": 'FROM python:3.11\nCOPY . .\nRUN pip install -r requirements.txt\nCMD ["uvicorn", "app:app"]\n',
}
PUSH = (
    "on: push\njobs:\n  cd:\n    steps:\n      - run: docker build -t ghcr.io/team/api:${{ github.sha }} . "
    "&& docker push ghcr.io/team/api:${{ github.sha }}\n      - run: gcloud run deploy api --image ghcr.io/team/api:%s\n"
)


@pytest.mark.parametrize(("tag", "state"), [("${{ github.sha }}", State.MET), ("latest", State.PARTIAL)])
def test_a_release_takes_the_version_that_was_pushed(tag: str, state: State) -> None:
    assert release.check(facts_of({**IMAGE, ".github/workflows/cd.yml": PUSH % tag})).state is state


@pytest.mark.parametrize(("default", "state"), [("latest", State.PARTIAL), ("1.4.0", State.MET)])
def test_an_image_that_is_the_latest_unless_told_floats(default: str, state: State) -> None:
    compose = f"services:\n  api:\n    image: team/api:${{TAG:-{default}}}\n"
    assert release.check(facts_of({**IMAGE, "compose.yaml": compose})).state is state


def test_an_image_that_a_task_tags_and_runs_on_the_spot_is_no_release() -> None:
    makefile = "up:\n\tdocker build -t team/api:$(IMAGE_TAG) .\n\tdocker compose up -d\n"
    assert release.check(facts_of({**IMAGE, "Makefile": makefile})).state is State.PARTIAL


def test_a_bundle_that_builds_its_package_is_a_build() -> None:
    bundle = "bundle:\n  name: churn\nartifacts:\n  default:\n    type: whl\n    build: python setup.py bdist_wheel\n"
    files: Files = {"train.py": "import sklearn\n", "setup.py": "from setuptools import setup\nsetup(name='churn')\n"}
    assert build.check(facts_of({**files, "databricks.yml": bundle})).state is State.MET
    assert build.check(facts_of(files)).state is State.PARTIAL


def test_a_runtime_of_a_data_platform_is_an_image_of_one_side() -> None:
    job = "resources:\n  jobs:\n    train:\n      job_clusters:\n        - new_cluster:\n            spark_version: 15.4.x-cpu-ml-scala2.12\n"
    assert os.check(facts_of({"train.py": "import sklearn\n", "resources/job.yml": job})).state is State.PARTIAL


SETUP = "import subprocess\n\ndef {name}():\n    subprocess.run(['.venv/bin/pip', 'install', '-r', 'requirements.txt'])\n\n{name}()\n"


@pytest.mark.parametrize(("name", "state"), [("setup", State.MET), ("process", State.PARTIAL)])
def test_a_command_that_prepares_a_checkout_is_no_start(name: str, state: State) -> None:
    assert run.check(facts_of({**IMAGE, "steps.py": SETUP.format(name=name)})).state is state


def test_packages_of_an_image_that_a_platform_builds_are_not_installed_at_start() -> None:
    code = "import modal\napp = modal.App('x')\nimage = modal.Image.debian_slim().pip_install('torch==2.2.0')\n"
    assert run.check(facts_of({**IMAGE, "remote.py": code})).state is State.MET


@pytest.mark.parametrize(
    ("install", "state"),
    [("pip install prometheus_client==0.20.0", State.PARTIAL), ("pip install -U pip poetry", State.MET)],
)
def test_an_image_that_names_packages_itself_shares_no_list(install: str, state: State) -> None:
    image = f"FROM python:3.11\nRUN {install}\nCOPY . .\n"
    assert dependencies.check(facts_of({**IMAGE, "exporter/Dockerfile": image})).state is state


@pytest.mark.parametrize(
    ("install", "state"),
    [
        ("pip install pytest fastapi", State.PARTIAL),
        ("pip install pytest", State.MET),
        ("pip install -r requirements.txt && pip install pytest fastapi", State.MET),
    ],
)
def test_tests_with_packages_that_ci_names_itself_share_no_list(install: str, state: State) -> None:
    job = f"jobs:\n  test:\n    steps:\n      - run: {install}\n      - run: pytest\n"
    assert dependencies.check(facts_of({**IMAGE, ".github/workflows/ci.yml": job})).state is state


@pytest.mark.parametrize(("broker", "state"), [("memory://", State.NA), ("redis://localhost:6379/0", State.PARTIAL)])
def test_a_broker_inside_of_the_process_is_no_service(broker: str, state: State) -> None:
    code = f"from celery import Celery\napp = Celery('tasks', broker='{broker}')\n"
    assert backing_services.check(facts_of({"tasks.py": code})).state is state
