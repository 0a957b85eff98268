"""Versions and environments of what is deployed: floating roll-outs, packages that images name, bundles of a platform."""

from __future__ import annotations

import json

import pytest

from apps.analysis.checks.build_release_run import build, release, run
from apps.analysis.checks.concurrency import inference, process_types
from apps.analysis.checks.dev_prod_parity import backing_services, dependencies, deployment, os
from apps.analysis.checks.port_binding import declared, service
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


def test_an_image_that_another_project_publishes_is_none_of_the_systems_own() -> None:
    search = "  search:\n    image: opensearchproject/opensearch-dashboards:latest\n"
    compose = f"services:\n  api:\n    image: team/api:1.4.0\n{search}"
    assert release.check(facts_of({**IMAGE, "compose.yaml": compose})).state is State.MET


@pytest.mark.parametrize(
    "image",
    ["gcr.io/cadvisor/cadvisor:v0.47.0", "oliver006/redis_exporter:v1.53.0", "cr.jaegertracing.io/jaegertracing/jaeger:2.14.0", "nacos/nacos-server:v3.1.1", "bladex/sentinel-dashboard:1.8.9", "treeverse/lakefs:1.34.0"],
)  # fmt: skip
def test_the_version_of_a_monitor_or_a_registry_of_services_is_none_of_the_systems(image: str) -> None:
    compose = f"services:\n  api:\n    build: .\n  other:\n    image: {image}\n"
    assert release.check(facts_of({**IMAGE, "compose.yaml": compose})).state is State.PARTIAL
    ours = f"services:\n  api:\n    image: team/api:1.4.0\n  other:\n    image: {image}\n"
    assert release.check(facts_of({**IMAGE, "compose.yaml": ours})).state is State.MET


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


JENKINS = "pipeline {\n  stages {\n    stage('Deploy') {\n      steps {\n        sh 'kubectl set image deployment/api api=team/api:%s'\n      }\n    }\n  }\n}\n"


@pytest.mark.parametrize(("variable", "state"), [("${env.GIT_COMMIT}", State.PARTIAL), ("${DEPLOY_ENV}", State.MET)])
def test_variables_of_a_job_are_no_environment_that_it_deploys_to(variable: str, state: State) -> None:
    assert deployment.check(facts_of({**IMAGE, "Jenkinsfile": JENKINS % variable})).state is state


@pytest.mark.parametrize(
    ("command", "state"),
    [
        ("docker build -t api .", State.MET),
        ("echo 'start docker: docker run hello-world'", State.PARTIAL),
        ("docker build -f jobs/Dockerfile.batch -t batch .\ndocker run batch", State.PARTIAL),
    ],
)
def test_a_task_shares_the_image_that_ci_pushes_only_where_it_builds_that_one(command: str, state: State) -> None:
    files: Files = {**IMAGE, ".github/workflows/cd.yml": PUSH % "1", "build.sh": f"#!/bin/sh\n{command}\n"}
    assert os.check(facts_of(files)).state is state


def test_images_that_notebooks_take_of_a_platform_are_of_one_side() -> None:
    source = "from sagemaker import image_uris\nimage_uris.retrieve('xgboost', region, version='1.7-1')"
    notebook = json.dumps({"cells": [{"cell_type": "code", "source": source}]})
    assert os.check(facts_of({"pipeline.ipynb": notebook})).state is State.PARTIAL


def test_a_tag_by_commit_is_no_release_where_no_deployment_takes_an_image() -> None:
    push = "jobs:\n  image:\n    steps:\n      - run: docker build -t team/api:${{ github.sha }} . && docker push team/api:${{ github.sha }}\n"
    function = "functions:\n  score:\n    handler: app.handler\n"
    files: Files = {**IMAGE, ".github/workflows/cd.yml": push, "serverless.yml": function}
    assert release.check(facts_of(files)).state is State.PARTIAL
    taking: Files = {"variables.tf": 'variable "image_tag" {}\n', "main.tf": 'resource "aws_ecs_service" "api" {}\n'}
    assert release.check(facts_of({**files, **taking})).state is State.MET


def test_a_script_that_puts_the_system_on_a_host_is_no_start() -> None:
    scripts: Files = {
        "scripts/deploy.sh": "ssh host pip install -r requirements.txt\nssh host nohup python app.py\n",
        "scripts/run.sh": "uvicorn app:app\n",
    }
    files = {path: text for path, text in IMAGE.items() if path != "Dockerfile"}
    found = run.check(facts_of({**files, **scripts}))
    assert found.state is State.PARTIAL
    assert "also builds" not in found.summary


SERVE = "http_options:\n  port: 8000\napplications:\n  - name: churn\n    import_path: app:deployment\n"


def test_the_config_of_a_serving_cluster_deploys_one_process_and_declares_its_port() -> None:
    code = "from ray import serve\n\n@serve.deployment\nclass Model:\n    def __call__(self, x):\n        return x\n\ndeployment = Model.bind()\n"
    facts = facts_of({"app.py": code, "serve.yaml": SERVE})
    assert declared.check(facts).state is State.MET
    assert process_types.check(facts).state is State.PARTIAL
    assert deployment.check(facts).state is State.PARTIAL
    assert release.check(facts).state is State.PARTIAL


def test_a_project_of_scripts_that_can_be_built_is_a_package() -> None:
    package = '{"name": "stack", "scripts": {"build": "tsc", "test": "jest"}}'
    assert build.check(facts_of({"app.ts": "export const x = 1\n", "package.json": package})).state is State.PARTIAL


def test_an_application_beside_a_page_could_take_workers() -> None:
    files: Files = {
        "page.py": "import streamlit as st\nst.title('x')\n",
        "main.py": "from fastapi import FastAPI\napp = FastAPI()\n@app.post('/predict')\ndef predict(x: int):\n    return x\n",
        "requirements.txt": "fastapi==0.110.0\nuvicorn==0.29.0\nstreamlit==1.30.0\n",
    }
    assert inference.check(facts_of(files)).state is State.PARTIAL


def test_the_program_beside_an_image_is_the_one_that_it_starts() -> None:
    flask = "from flask import Flask\napp = Flask(__name__)\nif __name__ == '__main__':\n    app.run(port=5000)\n"
    files: Files = {
        "api/app.py": flask,
        "api/Dockerfile": 'FROM python:3.11\nCMD ["gunicorn", "app:app"]\n',
        "page/app.py": "import streamlit as st\nst.title('x')\n",
        "page/Dockerfile": 'FROM python:3.11\nCMD ["python", "app.py"]\n',
    }
    assert service.check(facts_of(files)).state is State.MET


def test_triggers_of_one_function_application_are_one_process_type() -> None:
    stack = (
        'using Pulumi;\nusing Pulumi.Azure.AppService;\nvar app = new FunctionApp("scorer", new FunctionAppArgs());\n'
    )
    triggers = (
        '[HttpTrigger(AuthorizationLevel.Anonymous, "post")]\n[HttpTrigger(AuthorizationLevel.Anonymous, "get")]\n'
    )
    facts = facts_of({"infra/Stack.cs": stack, "app/Functions.cs": f"using Microsoft.Azure.WebJobs;\n{triggers}"})
    assert process_types.check(facts).state is State.PARTIAL


@pytest.mark.parametrize(("tag", "state"), [("1.4.0", State.MET), ("latest", State.PARTIAL), ("stable", State.PARTIAL)])
@pytest.mark.parametrize("named", ["chart", "kustomization"])
def test_a_tag_by_itself_is_a_version_or_floats(named: str, tag: str, state: State) -> None:
    workload = (
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: api}\nspec:\n  template:\n    spec:\n"
        "      containers:\n        - name: api\n          image: %s\n"
    )
    chart: Files = {
        "chart/Chart.yaml": "name: api\nversion: 1.0.0\n",
        "chart/values.yaml": f"image:\n  repository: registry.example.org/team/api\n  tag: '{tag}'\n",
        "chart/templates/api.yaml": workload % "'{{ .Values.image.repository }}:{{ .Values.image.tag }}'",
    }
    kustomization: Files = {
        "k8s/kustomization.yaml": f"images:\n- {{name: api, newName: registry.example.org/team/api, newTag: '{tag}'}}\n",
        "k8s/api.yaml": workload % "api",
    }
    assert release.check(facts_of({**IMAGE, **(chart if named == "chart" else kustomization)})).state is state


@pytest.mark.parametrize(("image", "state"), [("apache/kafka:4.1.0", State.MET), ("redis:7.2", State.PARTIAL)])
def test_an_engine_of_which_no_image_is_named_is_not_the_same_everywhere(image: str, state: State) -> None:
    code = "import os\nfrom confluent_kafka import Consumer\nconsumer = Consumer({'bootstrap.servers': os.environ['BROKERS']})\n"
    compose = f"services:\n  broker:\n    image: {image}\n"
    assert backing_services.check(facts_of({"consumer.py": code, "compose.yaml": compose})).state is state


@pytest.mark.parametrize(("dockerfile", "state"), [("Dockerfile", State.MET), ("Dockerfile.prod", State.PARTIAL)])
def test_composing_for_production_from_another_image_shares_none(dockerfile: str, state: State) -> None:
    compose = "services:\n  api:\n    build:\n      context: .\n      dockerfile: {}\n"
    files: Files = {
        **IMAGE,
        "Dockerfile.prod": 'FROM python:3.12\nCOPY . .\nCMD ["uvicorn", "app:app"]\n',
        "docker-compose.yml": compose.format("Dockerfile"),
        "docker-compose.prod.yml": compose.format(dockerfile),
    }
    assert os.check(facts_of(files)).state is state


def test_a_task_of_python_builds_the_image_for_developers() -> None:
    task = "from invoke import task\n\n@task\ndef build(ctx):\n    ctx.run('docker build -t api .')\n"
    files: Files = {**IMAGE, ".github/workflows/cd.yml": PUSH % "1", "tasks/containers.py": task}
    assert os.check(facts_of(files)).state is State.MET


HELM = "helm upgrade api charts/api --set image.tag=${{IMAGE_TAG}}"
TAGGING = (
    "pipeline {{ environment {{ IMAGE_TAG = {tag} }}\n stages {{ stage('Go') {{ steps {{ sh '"
    + HELM
    + "' }} }} }} }}\n"
)
TERRAFORM = 'resource "aws_ecs_service" "api" {}\n'


@pytest.mark.parametrize(("tag", "state"), [('"latest"', State.PARTIAL), ("env.BUILD_NUMBER", State.MET)])
def test_a_tag_that_holds_latest_is_no_version(tag: str, state: State) -> None:
    assert release.check(facts_of({**IMAGE, "Jenkinsfile": TAGGING.format(tag=tag)})).state is state


@pytest.mark.parametrize(("version", "state"), [("@latest", State.PARTIAL), (":3", State.MET)])
def test_a_managed_deployment_of_the_latest_model_floats(version: str, state: State) -> None:
    job = "on: push\njobs:\n  cd:\n    steps:\n      - run: az ml online-deployment create --file deploy.yml\n"
    pinned = "      - run: az ml model show --name azureml:churn:3\n" if version == ":3" else ""
    deployment = f"$schema: https://azuremlschemas.azureedge.net/x.schema.json\nmodel: azureml:churn{version}\n"
    assert (
        release.check(facts_of({**IMAGE, ".github/workflows/cd.yml": job + pinned, "deploy.yml": deployment})).state
        is state
    )


@pytest.mark.parametrize(
    ("files", "state"),
    [
        ({"pyproject.toml": '[project]\nname = "a"\nversion = "1.8.0"\n'}, State.PARTIAL),
        ({"pyproject.toml": '[project]\nname = "a"\nversion = "0.1.0"\n'}, State.UNMET),
        ({"package.json": '{"version": "1.0.0"}', "CHANGELOG.md": "# 1.0.0\n"}, State.PARTIAL),
        ({"package.json": '{"version": "1.0.0", "private": true}', "CHANGELOG.md": ""}, State.PARTIAL),
        ({"package.json": '{"version": "1.0.0"}', "src/pages/History.tsx": ""}, State.UNMET),
        ({"train.py": "import sklearn\n", "databricks.yml": "bundle:\n  name: a\nartifacts:\n  w:\n    build: uv build\n"}, State.MET),
        ({"Dockerfile": "FROM python:3.11\nCOPY . .\n", "compose.yaml": "services:\n  a:\n    build: .\n  b:\n    image: bde2020/hadoop-namenode:2.0.0\n"}, State.PARTIAL),
    ],
)  # fmt: skip
def test_versions_that_nobody_raises_or_that_others_made_are_none(files: Files, state: State) -> None:
    assert release.check(facts_of(files)).state is state


CI_BUILD = "on: push\njobs:\n  b:\n    steps:\n      - uses: docker/build-push-action@v6\n"
BROKEN = "FROM python:3.11\nCOPY data/current.csv .\n"


@pytest.mark.parametrize(
    ("files", "state"),
    [
        ({**IMAGE, "drift/Dockerfile": BROKEN, ".github/workflows/b.yml": CI_BUILD}, State.MET),
        ({**IMAGE, "drift/Dockerfile": BROKEN}, State.PARTIAL),
        ({"Dockerfile": BROKEN, ".github/workflows/b.yml": CI_BUILD}, State.PARTIAL),
        ({"cog.yaml": "build:\n  gpu: true\npredict: app.py:Predictor\n"}, State.MET),
        ({"pipe.py": "from zenml.integrations.bentoml.steps import bento_builder_step\nbento_builder_step(model=model)\n"}, State.MET),
        ({"pipe.py": "from zenml.config import DockerSettings\nsettings = {'docker': DockerSettings()}\n"}, State.MET),
        ({"env.yml": "$schema: x/environment.schema.json\n", ".github/workflows/a.yml": "jobs:\n  a:\n    steps:\n      - run: az ml environment create --file env.yml\n"}, State.MET),
        ({"env.yml": "$schema: x/environment.schema.json\n"}, State.PARTIAL),
    ],
)  # fmt: skip
def test_images_that_ci_or_a_platform_builds(files: Files, state: State) -> None:
    assert build.check(facts_of(files)).state is state


@pytest.mark.parametrize(("tag", "state"), [("latest", State.PARTIAL), ("$(shell git rev-parse HEAD)", State.MET)])
def test_a_task_that_rolls_out_its_own_latest_names_no_version(tag: str, state: State) -> None:
    makefile = f"IMAGE_TAG := {tag}\n\ndeploy:\n\thelm upgrade api charts/api --set image.tag=$(IMAGE_TAG)\n"
    assert release.check(facts_of({**IMAGE, "Makefile": makefile})).state is state


HELM_RELEASE = "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nspec:\n  values:\n    image:\n      repository: team/api\n      tag: {tag}\n"


@pytest.mark.parametrize(
    ("tag", "state"), [("docker_image_tag", State.MET), ("1.4.0", State.MET), ("latest", State.PARTIAL)]
)
def test_a_release_of_a_chart_names_a_version_or_a_place_for_one(tag: str, state: State) -> None:
    assert release.check(facts_of({**IMAGE, "releases/api.yaml": HELM_RELEASE.format(tag=tag)})).state is state


def test_a_bundle_that_ci_deploys_is_a_release() -> None:
    job = "on: push\njobs:\n  cd:\n    steps:\n      - run: databricks bundle deploy -t prod\n"
    files: Files = {"train.py": "import sklearn\n", "databricks.yml": "bundle:\n  name: a\n"}
    assert release.check(facts_of({**files, ".github/workflows/cd.yml": job})).state is State.MET
    assert release.check(facts_of(files)).state is State.PARTIAL


def test_a_template_of_a_job_declares_its_steps() -> None:
    job = "resources:\n  jobs:\n    train:\n      tasks:\n        - task_key: Train\n        - task_key: Deploy\n"
    files: Files = {"train.py": "import sklearn\n", "template/resources/train.yml.tmpl": job}
    assert process_types.check(facts_of(files)).state is State.MET


@pytest.mark.parametrize("name", ["(a+)+tag", "image tag ("])
def test_names_of_variables_are_texts_and_no_expressions(name: str) -> None:
    tag = "${{ github.sha }}"
    job = f'env: {{"{name}": latest}}\njobs:\n  cd:\n    steps:\n      - run: docker push acme/app:{tag} {"a" * 60}\n'
    assert not release.check(facts_of({**IMAGE, ".github/workflows/ci.yml": job})).error


@pytest.mark.parametrize(
    ("image", "state"),
    [
        ("asia-docker.pkg.dev/shop-1/back/api:1.0.0", State.MET),
        ("asia-docker.pkg.dev/shop-1/back/api:v2.1", State.MET),
        ("asia-docker.pkg.dev/shop-1/back/api", State.PARTIAL),
        ("asia-docker.pkg.dev/shop-1/back/api:latest", State.PARTIAL),
        ("mcr.microsoft.com/azuredocs/hello:1.0", State.PARTIAL),
    ],
)
def test_a_roll_out_names_a_version_by_its_number(image: str, state: State) -> None:
    steps = f"steps:\n  - name: gcr.io/google.com/cloudsdktool/cloud-sdk\n    args: ['gcloud', 'run', 'deploy', 'api', '--image', '{image}', '--region', 'asia-1']\n"
    assert release.check(facts_of({**IMAGE, "cloudbuild.yaml": steps})).state is state
    script = f"gcloud run deploy api --image {image} --region asia-1\n"
    assert release.check(facts_of({**IMAGE, "deploy.sh": script})).state is state
