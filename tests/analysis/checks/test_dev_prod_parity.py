"""Factor 10: images, packages and deployment, alike in all environments."""

from __future__ import annotations

import json

import pytest

from apps.analysis.checks.dev_prod_parity import dependencies, deployment, os
from apps.catalog import State
from tests.analysis.making import facts_of

Files = dict[str, str | bytes]

IMAGE: Files = {
    "app.py": "from flask import Flask\napp = Flask(__name__)\n",
    "requirements.txt": "flask==3.0.0\n",
    "Dockerfile": 'FROM python:3.11\nCOPY . .\nRUN pip install -r requirements.txt\nCMD ["gunicorn", "app:app"]\n',
}
COMPOSE = "services:\n  api:\n    build: .\n"
DEPLOY = "jobs:\n  %s:\n    environment: %s\n    steps:\n      - run: helm upgrade api charts/api\n"


class TestOs:
    @pytest.mark.parametrize(
        ("path", "text"),
        [
            ("compose.yaml", f"{COMPOSE}    volumes: ['.:/app']\n"),
            ("compose.yaml", f"{COMPOSE}    command: flask run --reload\n"),
            ("compose.yaml", f"{COMPOSE}    x-develop:\n      watch:\n        - action: rebuild\n          path: .\n"),
            (
                ".github/workflows/ci.yml",
                "jobs:\n  smoke:\n    steps:\n      - run: docker build -t scorer:test .\n      - run: docker run -d scorer:test && curl localhost/health\n",
            ),
            (
                ".github/workflows/ci.yml",
                "jobs:\n  smoke:\n    steps:\n      - uses: docker/build-push-action@v6\n        with:\n          tags: ghcr.io/me/scorer:ci\n      - run: docker run --rm ghcr.io/me/scorer:ci python --version\n",
            ),
            ("docker-compose.dev.yaml", COMPOSE),
            ("compose.yaml", COMPOSE.replace("api", "test")),
            (".devcontainer/devcontainer.json", '{"build": {"dockerfile": "../Dockerfile"}}'),
            (".devcontainer/devcontainer.json", '{"dockerComposeFile": "../compose.yaml"}'),
            (
                ".github/workflows/ci.yml",
                "jobs:\n  test:\n    steps:\n      - run: docker build -t x . && docker run x pytest\n",
            ),
            (
                ".github/workflows/ci.yml",
                "jobs:\n  test:\n    container: ghcr.io/${{ github.repository }}:latest\n    steps:\n      - run: pytest\n",
            ),
        ],
    )
    def test_the_image_of_production_in_development_or_ci_is_met(self, path: str, text: str) -> None:
        assert os.check(facts_of({**IMAGE, path: text})).state is State.MET

    @pytest.mark.parametrize(
        ("action", "state"), [("acme/scan-action@v6", State.PARTIAL), ("acme/docker-run-action@v3", State.MET)]
    )
    def test_an_action_that_looks_into_the_image_does_not_work_in_it(self, action: str, state: State) -> None:
        step = f"uses: {action}\n        with:\n          image: ghcr.io/${{{{ github.repository }}}}:1\n"
        ci = f"on: push\njobs:\n  check:\n    steps:\n      - {step}"
        assert os.check(facts_of({**IMAGE, ".github/workflows/ci.yml": ci})).state is state

    def test_a_compose_file_beside_what_deploys_the_image_is_for_development(self) -> None:
        chart = {"chart/templates/api.yaml": "kind: Deployment\nspec: {replicas: 2}\n"}
        assert os.check(facts_of({**IMAGE, "compose.yaml": COMPOSE, **chart})).state is State.MET

    def test_development_in_the_image_of_one_of_two_services_is_partial(self) -> None:
        files: Files = {
            **IMAGE,
            "compose.yaml": f"{COMPOSE}    volumes: ['.:/app']\n",
            "trainer/train.py": "x = 1\n",
            "trainer/Dockerfile": 'FROM python:3.11\nCOPY . .\nCMD ["python", "train.py"]\n',
        }
        found = os.check(facts_of(files))
        assert found.state is State.PARTIAL
        assert "trainer/Dockerfile" in found.summary

    def test_a_task_for_developers_and_a_job_that_pushes_is_met(self) -> None:
        files: Files = {
            **IMAGE,
            "Makefile": "up:\n\tdocker run -p 80:80 api\n",
            ".github/workflows/cd.yml": "jobs:\n  image:\n    steps:\n      - uses: docker/build-push-action@v5\n",
        }
        assert os.check(facts_of(files)).state is State.MET

    def test_one_environment_of_a_platform_for_jobs_and_services_is_met(self) -> None:
        files: Files = {
            "app.py": "x = 1\n",
            "deploy/jobs/train.yaml": "name: a\ncluster_env: ml\n",
            "deploy/services/api.yaml": "name: b\ncluster_env: ml\n",
        }
        assert os.check(facts_of(files)).state is State.MET

    @pytest.mark.parametrize(
        "files",
        [
            IMAGE,
            {**IMAGE, "compose.yaml": COMPOSE},
            {**IMAGE, "compose.yaml": f"{COMPOSE}    volumes: ['./models:/models:ro']\n", "models/a.json": "{}"},
            {**IMAGE, "docker-compose.prod.yml": COMPOSE},
            {
                **IMAGE,
                ".devcontainer/Dockerfile": "FROM debian:12\n",
                ".devcontainer/devcontainer.json": '{"dockerComposeFile": "docker-compose.yaml"}',
                ".devcontainer/docker-compose.yaml": COMPOSE,
            },
            {
                **IMAGE,
                "compose.yaml": COMPOSE,
                ".github/workflows/cd.yml": "jobs:\n  image:\n    steps:\n      - uses: docker/build-push-action@v5\n        with: {file: Dockerfile.external, push: true}\n",
            },
            {
                **IMAGE,
                ".github/workflows/cd.yml": "jobs:\n  image:\n    steps:\n      - uses: docker/build-push-action@v5\n",
            },
            {"app.py": "x = 1\n", ".devcontainer.json": '{"image": "python:3.11"}'},
            {
                "train.py": "from sagemaker.sklearn.estimator import SKLearn\nestimator = SKLearn(entry_point='a.py', framework_version='1.2-1')\n"
            },
            {"service.py": "import bentoml\n", "bentofile.yaml": "service: service.py\ndocker:\n  distro: debian\n"},
        ],
    )
    def test_an_image_of_one_side_only_is_partial(self, files: Files) -> None:
        assert os.check(facts_of(files)).state is State.PARTIAL

    def test_an_image_that_ci_starts_on_the_machine_of_production_is_no_test(self) -> None:
        job = "jobs:\n  deploy:\n    steps:\n      - run: docker build -t scorer:1 .\n      - uses: appleboy/ssh-action@v1\n        with:\n          script: docker run -d scorer:1\n"
        assert os.check(facts_of({**IMAGE, ".github/workflows/cd.yml": job})).state is State.PARTIAL
        tried = job.replace("      - uses", "      - run: docker run scorer:1 python -V\n      - uses")
        assert os.check(facts_of({**IMAGE, ".github/workflows/cd.yml": tried})).state is State.MET

    @pytest.mark.parametrize(
        "started", ["docker run -v $PWD:/app postgres", "docker run --rm -t python:3.12 python setup.py"]
    )
    def test_an_image_of_others_that_ci_starts_is_no_test(self, started: str) -> None:
        job = f"jobs:\n  a:\n    steps:\n      - run: docker build -t me/app .\n      - run: {started}\n"
        assert os.check(facts_of({**IMAGE, ".github/workflows/cd.yml": job})).state is State.PARTIAL

    def test_an_image_of_ci_beside_a_managed_one_of_production_is_partial(self) -> None:
        files: Files = {
            "ci/requirements.txt": "pytest\n",
            "build/Dockerfile": "FROM python:3.7\nCOPY ci/requirements.txt .\nRUN pip install -r requirements.txt\n",
            "deploy.py": "from azureml.core import Environment\nenvironment = Environment.from_conda_specification('a', 'conda.yml')\n",
            "azure-pipelines.yml": "jobs:\n- job: test\n  steps:\n  - script: docker build -t x . && docker run x pytest\n",
        }
        assert os.check(facts_of(files)).state is State.PARTIAL

    def test_no_image_is_unmet(self) -> None:
        assert (
            os.check(facts_of({"train.py": "x = 1\n", "environment.yml": "dependencies: [python=3.11]\n"})).state
            is State.UNMET
        )


class TestDependencies:
    @pytest.mark.parametrize(
        "files",
        [
            IMAGE,
            {
                "pyproject.toml": '[tool.poetry]\nname = "x"\n[tool.poetry.dependencies]\nflask = "^3"\n',
                "poetry.lock": "x",
            },
            {
                "requirements.in": "flask\nnumpy\npandas\n",
                "requirements.txt": "flask==3.0.0\nnumpy==1.26.0\npandas==2.2.0\n",
            },
            {"requirements.txt": "flask==3.0.0\n", "requirements-dev.txt": "pytest\nruff\n"},
        ],
    )
    def test_one_list_of_exact_versions_is_met(self, files: Files) -> None:
        assert dependencies.check(facts_of({"app.py": "import flask\n", **files})).state is State.MET

    @pytest.mark.parametrize(
        ("files", "place"),
        [
            ({"requirements.txt": "flask\nnumpy>=1\n"}, "requirements.txt"),
            ({"requirements.txt": "flask==3.0.0\n", "Dockerfile": "FROM python:3.11\nRUN pip install flask==2.0.0\n"}, "Dockerfile"),
            ({"requirements.txt": "a==1.0\nb==1.0\nc==1.0\n", "app/requirements.txt": "a==2.0\nb==1.0\nc==1.0\n"}, "app/requirements.txt"),
            ({"conda.yml": "dependencies:\n  - numpy\n  - pandas\n", "ci_conda.yml": "dependencies:\n  - numpy=1.18.1\n  - pytest\n"}, "ci_conda.yml"),
            ({"requirements.txt": "flask==3.0.0\n", "step.py": "import subprocess\nsubprocess.check_call(['pip', 'install', 'shap==0.4'])\n"}, "step.py"),
        ],
    )  # fmt: skip
    def test_lists_that_disagree_or_drift_are_partial(self, files: Files, place: str) -> None:
        found = dependencies.check(facts_of({"app.py": "import flask\n", **files}))
        assert found.state is State.PARTIAL
        assert place in {one.path for one in found.evidence}

    def test_the_list_of_a_job_below_a_locked_project_is_no_difference(self) -> None:
        files: Files = {
            "pyproject.toml": '[project]\nname = "x"\ndependencies = ["torch>=2", "numpy>=1", "pandas>=2"]\n',
            "uv.lock": "x",
            "jobs/train/requirements.txt": "torch==2.1.0\nnumpy==1.26.0\npandas==2.2.0\n",
        }
        assert dependencies.check(facts_of({"app.py": "import torch\n", **files})).state is State.MET

    def test_an_exact_version_within_the_range_of_another_list_agrees(self) -> None:
        files: Files = {"pyproject.toml": "[project]\ndependencies = ['a>=1.0']\n", "requirements.txt": "a==1.4\n"}
        assert dependencies.check(facts_of(files)).state is State.MET

    def test_an_image_that_installs_a_package_of_the_list_without_its_version_is_partial(self) -> None:
        image = "FROM python:3.11\nRUN pip install -r requirements.txt && pip install a\n"
        assert (
            dependencies.check(facts_of({"requirements.txt": "a==1.0\n", "Dockerfile": image})).state is State.PARTIAL
        )

    @pytest.mark.parametrize(
        "install",
        ["pip install .", "uv pip install --system --no-cache-dir .", "pip install '.[serve]'"],
    )
    def test_an_image_that_passes_over_the_lock_is_partial(self, install: str) -> None:
        files: Files = {
            "pyproject.toml": '[project]\nname = "a"\ndependencies = ["flask>=3"]\n',
            "uv.lock": 'version = 1\n[[package]]\nname = "flask"\nversion = "3.0.0"\n',
            "Dockerfile": f"FROM python:3.12\nCOPY . .\nRUN {install}\n",
        }
        found = dependencies.check(facts_of(files))
        assert found.state is State.PARTIAL
        assert found.evidence[0].path == "Dockerfile"
        synced: Files = {**files, "Dockerfile": "FROM python:3.12\nCOPY . .\nRUN uv sync --locked\n"}
        assert dependencies.check(facts_of(synced)).state is State.MET

    @pytest.mark.parametrize(
        ("taken", "state"), [("requirements.txt", State.PARTIAL), ("requirements.lock", State.MET)]
    )
    def test_an_image_that_passes_over_the_lock_of_its_list_is_partial(self, taken: str, state: State) -> None:
        files: Files = {
            "requirements.txt": "flask>=3\n",
            "requirements.lock": "flask==3.0.0\nwerkzeug==3.0.1\n",
            "Dockerfile": f"FROM python:3.12\nCOPY . .\nRUN pip install -r {taken}\n",
        }
        assert dependencies.check(facts_of(files)).state is state

    def test_loose_packages_that_an_image_installs_beside_a_lock_are_partial(self) -> None:
        files: Files = {
            "Pipfile": '[packages]\nflask = "*"\n',
            "Pipfile.lock": json.dumps({"default": {"flask": {"version": "==3.0.0"}}}),
            "requirements.txt": "flask\n",
            "Dockerfile": "FROM python:3.12\nRUN pip install -r requirements.txt\n",
        }
        assert dependencies.check(facts_of(files)).state is State.PARTIAL

    def test_versions_of_development_that_differ_are_partial(self) -> None:
        files: Files = {
            "requirements.txt": "numpy==1.26.1\npandas==1.4.4\nmlflow==2.18.0\n",
            "requirements-dev.txt": "numpy==1.22.3\npandas==1.4.4\nmlflow==2.18.0\njupyter==1.0.0\n",
        }
        found = dependencies.check(facts_of(files))
        assert found.state is State.PARTIAL
        assert "numpy" in found.summary

    def test_a_list_that_no_commit_holds_is_unmet_where_it_is_installed(self) -> None:
        found = dependencies.check(facts_of({path: text for path, text in IMAGE.items() if path != "requirements.txt"}))
        assert found.state is State.UNMET
        assert (found.evidence[0].path, found.evidence[0].line) == ("Dockerfile", 3)

    def test_no_list_is_unmet(self) -> None:
        assert dependencies.check(facts_of({"train.py": "import torch\n"})).state is State.UNMET


class TestDeployment:
    @pytest.mark.parametrize(
        "files",
        [
            {"envs/dev/main.tf": 'resource "aws_ecs_service" "a" {}\n', "envs/prod/main.tf": 'resource "aws_ecs_service" "a" {}\n'},
            {"main.tf": 'resource "aws_ecs_service" "a" {}\n', "dev.tfvars": "x = 1\n", "prod.tfvars": "x = 2\n"},
            {"main.tf": 'variable "environment" {}\nresource "aws_ecs_service" "a" {}\n'},
            {"charts/Chart.yaml": "name: api\n", "charts/values-staging.yaml": "a: 1\n", "charts/values-prod.yaml": "a: 2\n"},
            {
                "k8s/base/kustomization.yaml": "resources: [api.yaml]\n",
                "k8s/overlays/dev/kustomization.yaml": "resources: [../../base]\n",
                "k8s/overlays/prod/kustomization.yaml": "resources: [../../base]\n",
            },
            {".github/workflows/cd.yml": DEPLOY % ("deploy", "${{ inputs.environment }}")},
            {".github/workflows/cd.yml": DEPLOY % ("staging", "staging") + "  production:\n    environment: production\n    steps:\n      - run: helm upgrade api charts/api\n"},
            {"ci/deploy.sh": "databricks bundle deploy -t staging\n./check\ndatabricks bundle deploy -t prod\n"},
            {".github/workflows/cd.yml": "jobs:\n  a:\n    steps:\n      - run: cdk deploy --stage=staging\n      - run: cdk deploy --stage=prod\n"},
            {".github/workflows/cd.yml": "jobs:\n  a:\n    strategy:\n      matrix: {stage: [one, two]}\n    steps:\n      - run: aws ecs update-service --service api-${{ matrix.stage }}\n"},
            {
                "cd.sh": "az ml job create --file jobs/$1\n",
                "jobs/dev-train.yaml": "type: command\ncommand: python train.py\n",
                "jobs/prod-train.yaml": "type: command\ncommand: python train.py\n",
            },
            {"serverless.yml": "service: api\nprovider:\n  stage: ${opt:stage, 'dev'}\n"},
            {"deploy.sh": "#!/bin/sh\nhelm upgrade api charts/api -f values-${ENVIRONMENT}.yaml\n"},
            {
                "docker-compose.yml": COMPOSE,
                "docker-compose.prod.yml": "services:\n  api:\n    deploy: {replicas: 3}\n",
                "deploy.sh": "docker compose -f docker-compose.yml -f docker-compose.prod.yml up -d\n",
            },
        ],
    )  # fmt: skip
    def test_one_process_for_several_environments_is_met(self, files: Files) -> None:
        found = deployment.check(facts_of({**IMAGE, **files}))
        assert found.state is State.MET, found.summary

    @pytest.mark.parametrize(
        "files",
        [
            {"compose.yaml": COMPOSE},
            {"deploy.sh": "git push hf release:main --force\n"},
            {"deploy.sh": "aws ec2 run-instances --user-data file://user_data.sh\n"},
            {"Makefile": "deploy:\n\tbeam deploy ./bot.py:run\n"},
            {"main.tf": 'resource "aws_ecs_service" "a" {}\n'},
            {".github/workflows/cd.yml": DEPLOY % ("deploy", "production")},
            {".github/workflows/cd.yml": "jobs:\n  a:\n    steps:\n      - run: cdk deploy --stage=prod\n"},
            {"docker-compose.yml": COMPOSE, "docker-compose.dev.yml": COMPOSE},
            {
                "cd.sh": "az ml job create --file jobs/$1\n",
                "jobs/dev-train.yaml": "type: command\ncommand: python train.py\n",
                "jobs/prod-score.yaml": "type: command\ncommand: python train.py\n",
                "jobs/test-train.yaml": "type: command\ncommand: python train.py\n",
            },
            {
                "k8s/kustomization.yaml": "resources: [api.yaml]\n",
                "k8s/experiment_1/kustomization.yaml": "resources: [..]\n",
                "k8s/experiment_2/kustomization.yaml": "resources: [..]\n",
            },
        ],
    )
    def test_a_process_for_one_environment_is_partial(self, files: Files) -> None:
        found = deployment.check(facts_of({**IMAGE, **files}))
        assert found.state is State.PARTIAL, found.summary

    @pytest.mark.parametrize(
        "files",
        [
            {},
            {"Procfile": "web: gunicorn app:app\n"},
            {
                ".github/workflows/ci.yml": "jobs:\n  test:\n    steps:\n      - run: pytest\n        env:\n          KEY: ${{ secrets.KEY }}\n"
            },
            {".github/workflows/ci.yml": "jobs:\n  image:\n    steps:\n      - run: docker build .\n"},
            {"explore.ipynb": json.dumps({"cells": [{"cell_type": "code", "source": "x = 1"}]})},
        ],
    )
    def test_nothing_that_deploys_is_unmet(self, files: Files) -> None:
        assert deployment.check(facts_of({**IMAGE, **files})).state is State.UNMET


@pytest.mark.parametrize(("value", "state"), [("${AZURE_ENV_NAME}", State.MET), ("shop", State.PARTIAL)])
def test_parameters_of_the_developer_cli_of_azure_name_its_environment(value: str, state: State) -> None:
    files = {
        "app.py": "from fastapi import FastAPI\napp = FastAPI()\n",
        "azure.yaml": "name: shop\nservices:\n  web:\n    project: .\n    host: appservice\n",
        "infra/main.bicep": "param name string\nresource plan 'Microsoft.Web/serverfarms@2022-03-01' = {\n  name: name\n}\n",
        "infra/main.parameters.json": json.dumps({"parameters": {"name": {"value": value}}}),
    }
    assert deployment.check(facts_of(files)).state is state
