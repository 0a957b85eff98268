"""Factor 5: what builds, what is released, how the system is run."""

from __future__ import annotations

import json

import pytest

from apps.analysis.checks.build_release_run import build, release, run
from apps.catalog import State
from tests.analysis.making import facts_of

Files = dict[str, str | bytes]

SERVICE: Files = {
    "app.py": "from flask import Flask\napp = Flask(__name__)\nif __name__ == '__main__':\n    app.run()\n"
}
IMAGE: Files = {
    **SERVICE,
    "requirements.txt": "flask==3.0.0\n",
    "Dockerfile": 'FROM python:3.11\nCOPY requirements.txt app.py ./\nRUN pip install -r requirements.txt\nCMD ["gunicorn", "app:app"]\n',
}
WORKLOAD = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: api}\nspec:\n  template:\n    spec:\n      containers:\n        - name: api\n          image: registry.example.org/team/api:%s\n"
PUSH = "on: push\njobs:\n  image:\n    steps:\n      - run: |\n          docker build -t ghcr.io/team/api:${{ github.sha }} .\n          docker push ghcr.io/team/api:${{ github.sha }}\n"


class TestBuild:
    def test_a_dockerfile_of_tracked_files_is_met(self) -> None:
        found = build.check(facts_of(IMAGE))
        assert found.state is State.MET
        assert found.evidence[0].path == "Dockerfile"

    @pytest.mark.parametrize(
        ("path", "text"),
        [
            ("Makefile", "build:\n\tpoetry build\n"),
            (".github/workflows/ci.yml", "jobs:\n  package:\n    steps:\n      - run: python -m build\n"),
            (".gitlab-ci.yml", "package:\n  script:\n    - mvn -B package\n"),
            ("buildspec.yml", "phases:\n  build:\n    commands:\n      - cdk synth\n"),
            ("cloudbuild.yaml", "steps:\n- name: gcr.io/cloud-builders/docker\n  args: [build, -t, x, .]\n"),
        ],
    )
    def test_a_build_command_of_ci_or_of_a_task_is_met(self, path: str, text: str) -> None:
        assert build.check(facts_of({**SERVICE, path: text})).state is State.MET

    def test_a_flow_that_builds_its_image_is_met(self) -> None:
        flow = "from prefect.storage import Docker\nstorage = Docker(dockerfile='Dockerfile')\n"
        assert build.check(facts_of({"flow.py": flow})).state is State.MET

    def test_an_image_that_copies_what_is_not_tracked_is_partial(self) -> None:
        files = {path: text for path, text in IMAGE.items() if path != "requirements.txt"}
        found = build.check(facts_of(files))
        assert found.state is State.PARTIAL
        assert "`requirements.txt`" in found.summary
        assert found.evidence[0].line == 2

    def test_an_image_that_installs_a_list_that_no_commit_holds_is_partial(self) -> None:
        image = "FROM python:3.11\nCOPY . src/\nRUN cd src && pip install -r requirements.txt\n"
        found = build.check(facts_of({**SERVICE, "Dockerfile": image}))
        assert (found.state, found.evidence[0].line) == (State.PARTIAL, 3)
        assert build.check(facts_of({"Dockerfile": image, "requirements.txt": "flask\n"})).state is State.MET

    def test_a_binary_that_the_release_tool_compiles_first_is_not_missed(self) -> None:
        files: Files = {
            "main.go": "package main\n",
            "Dockerfile": 'FROM scratch\nCOPY scorer /scorer\nENTRYPOINT ["/scorer"]\n',
            ".goreleaser.yaml": "builds:\n  - goos: [linux]\ndockers:\n  - image_templates: ['ghcr.io/team/scorer:{{ .Version }}']\n",
        }
        assert build.check(facts_of(files)).state is State.MET
        assert release.check(facts_of(files)).state is State.PARTIAL

    def test_a_list_that_is_copied_under_another_name_is_tracked(self) -> None:
        image = "FROM python:3.11\nCOPY pins /app/requirements.txt\nRUN pip install -r /app/requirements.txt\n"
        assert build.check(facts_of({**SERVICE, "pins": "flask==3.0.0\n", "Dockerfile": image})).state is State.MET

    def test_a_list_that_the_image_writes_itself_need_not_be_tracked(self) -> None:
        image = "FROM python:3.11\nCOPY . .\nRUN poetry export -o req.txt && pip install -r req.txt\n"
        assert build.check(facts_of({**SERVICE, "Dockerfile": image})).state is State.MET

    @pytest.mark.parametrize("source", ["target/app.jar", "dist/*.whl", "$SOURCE", "."])
    def test_what_a_build_makes_before_or_a_variable_names_is_not_missed(self, source: str) -> None:
        files = {**IMAGE, "Dockerfile": f"FROM python:3.11\nCOPY {source} /app\nCMD python app.py\n"}
        assert build.check(facts_of(files)).state is State.MET

    def test_a_context_that_compose_names_is_where_files_are_looked_for(self) -> None:
        files: Files = {
            "docker/Dockerfile": "FROM python:3.11\nCOPY app.py /app.py\nCMD python /app.py\n",
            "compose.yaml": "services:\n  api:\n    build: {context: src, dockerfile: ../docker/Dockerfile}\n",
            "src/app.py": "print(1)\n",
        }
        assert build.check(facts_of(files)).state is State.MET

    @pytest.mark.parametrize(
        "files",
        [
            {"setup.py": "from setuptools import setup\nsetup(name='x')\n"},
            {
                "pyproject.toml": '[build-system]\nbuild-backend = "poetry.core.masonry.api"\n[tool.poetry]\nname = "x"\n'
            },
            {"Procfile": "web: gunicorn app:app\n", "requirements.txt": "flask\n"},
            {
                "deploy/env.yaml": "base_image: anyscale/ray:2.7\npost_build_cmds:\n  - pip install -r requirements.txt\n"
            },
        ],
    )
    def test_definitions_that_nothing_builds_are_partial(self, files: Files) -> None:
        assert build.check(facts_of({**SERVICE, **files})).state is State.PARTIAL

    def test_settings_of_tools_and_a_job_called_build_are_unmet(self) -> None:
        files: Files = {
            **SERVICE,
            "pyproject.toml": "[tool.black]\nline-length = 100\n",
            ".github/workflows/ci.yml": "jobs:\n  build:\n    runs-on: ubuntu-latest\n    steps:\n      - run: pytest\n  test:\n    needs: build\n",
        }
        assert build.check(facts_of(files)).state is State.UNMET

    def test_a_development_container_is_no_build(self) -> None:
        assert build.check(facts_of({**SERVICE, ".devcontainer/Dockerfile": "FROM python:3.11\n"})).state is State.UNMET


class TestRelease:
    def test_a_job_that_tags_by_commit_and_rolls_out_is_met(self) -> None:
        job = f"{PUSH}      - run: kubectl set image deployment/api api=ghcr.io/team/api:${{{{ github.sha }}}}\n"
        found = release.check(facts_of({**IMAGE, ".github/workflows/cd.yml": job}))
        assert found.state is State.MET
        assert found.evidence[0].path == ".github/workflows/cd.yml"

    def test_a_workload_with_a_version_of_the_own_image_is_met(self) -> None:
        assert release.check(facts_of({**IMAGE, "k8s/api.yaml": WORKLOAD % "1.4.2"})).state is State.MET

    def test_a_job_that_deploys_a_version_of_the_model_is_met(self) -> None:
        job = "stages:\n- stage: deploy\n  jobs:\n  - job: aks\n    steps:\n    - bash: az ml model deploy --model '$(MODEL_NAME):$(MODEL_VERSION)' --name api\n"
        assert release.check(facts_of({**SERVICE, "azure-pipelines.yml": job})).state is State.MET

    @pytest.mark.parametrize("tag", ["latest", "stable"])
    def test_a_floating_image_is_partial_though_ci_tags(self, tag: str) -> None:
        found = release.check(facts_of({**IMAGE, ".github/workflows/cd.yml": PUSH, "k8s/api.yaml": WORKLOAD % tag}))
        assert found.state is State.PARTIAL
        assert "float" in found.summary

    @pytest.mark.parametrize(
        "files",
        [
            {**IMAGE, "compose.yaml": "services:\n  api:\n    build: .\n"},
            {**IMAGE, ".github/workflows/cd.yml": PUSH},
            {**SERVICE, "train.py": "import mlflow\nmlflow.register_model('runs:/1/model', 'churn')\n"},
            {**SERVICE, "pyproject.toml": '[project]\nname = "x"\nversion = "1.4.0"\n', "CHANGELOG.md": "# 1.4.0\n"},
        ],
    )
    def test_a_deployment_without_a_version_or_a_version_without_one_is_partial(self, files: Files) -> None:
        assert release.check(facts_of(files)).state is State.PARTIAL

    def test_a_deployment_in_a_notebook_without_a_version_is_partial(self) -> None:
        source = "from sagemaker.workflow.pipeline import Pipeline\n\npipeline = Pipeline(name='churn', steps=steps)\npipeline.upsert(role_arn=role)\n"
        notebook = json.dumps({"cells": [{"cell_type": "code", "source": source}]})
        assert release.check(facts_of({"pipeline.ipynb": notebook})).state is State.PARTIAL

    def test_versions_of_other_peoples_images_are_none_of_the_system(self) -> None:
        files: Files = {**IMAGE, "agent-task.json": '{"containerDefinitions": [{"image": "prefecthq/prefect:1.2.0"}]}'}
        assert release.check(facts_of(files)).state is State.UNMET

    def test_a_version_that_nobody_keeps_and_a_procfile_are_unmet(self) -> None:
        files: Files = {
            **SERVICE,
            "pyproject.toml": '[project]\nname = "x"\nversion = "0.1.0"\n',
            "Procfile": "web: gunicorn app:app\n",
        }
        assert release.check(facts_of(files)).state is State.UNMET


class TestRun:
    @pytest.mark.parametrize(
        "files",
        [
            IMAGE,
            {"Procfile": "web: gunicorn app:app\n"},
            {"compose.yaml": "services:\n  api:\n    image: team/api:1\n    command: uvicorn app:app\n"},
            {
                "k8s/job.yaml": "kind: Job\nspec:\n  template:\n    spec:\n      containers:\n        - name: x\n          command: [python, score.py]\n"
            },
            {"dvc.yaml": "stages:\n  train:\n    cmd: python train.py\n"},
            {"Makefile": "serve:\n\tuvicorn app:app\n"},
            {"pyproject.toml": '[project]\nname = "x"\n[project.scripts]\nscore = "x.cli:main"\n'},
        ],
    )
    def test_a_declared_command_that_only_runs_is_met(self, files: Files) -> None:
        found = run.check(facts_of({**SERVICE, **files}))
        assert found.state is State.MET, found.summary

    @pytest.mark.parametrize(
        "command",
        [
            "pip install -r requirements.txt && python app.py",
            "alembic upgrade head && uvicorn app:app",
            "python train.py && uvicorn app:app",
            "kaggle datasets download x && python app.py",
        ],
    )
    def test_a_start_that_also_builds_is_partial(self, command: str) -> None:
        found = run.check(facts_of({**IMAGE, "Dockerfile": f"FROM python:3.11\nCMD {command}\n"}))
        assert found.state is State.PARTIAL
        assert (found.evidence[0].path, found.evidence[0].line) == ("Dockerfile", 2)

    def test_a_script_that_the_image_calls_is_followed(self) -> None:
        files: Files = {
            **IMAGE,
            "Dockerfile": 'FROM python:3.11\nCOPY start.sh .\nENTRYPOINT ["./start.sh"]\n',
            "start.sh": "#!/bin/sh\npython manage.py migrate\nexec gunicorn app:app\n",
        }
        found = run.check(facts_of(files))
        assert found.state is State.PARTIAL
        assert (found.evidence[0].path, found.evidence[0].line) == ("start.sh", 2)

    def test_a_step_that_installs_packages_at_start_is_partial(self) -> None:
        step = "from kfp.dsl import component, pipeline\n\n@component(packages_to_install=['pandas==2.0.0'])\ndef load():\n    pass\n\n@pipeline\ndef train():\n    load()\n"
        assert run.check(facts_of({"pipeline.py": step})).state is State.PARTIAL

    def test_a_service_that_migrates_once_is_no_start(self) -> None:
        compose = "services:\n  migrate:\n    build: .\n    command: alembic upgrade head\n  api:\n    build: .\n    command: uvicorn app:app\n"
        assert run.check(facts_of({**IMAGE, "compose.yaml": compose})).state is State.MET

    def test_a_command_of_the_readme_is_partial(self) -> None:
        found = run.check(
            facts_of({**SERVICE, "README.md": "# App\n\n```\npip install -r requirements.txt\npython app.py\n```\n"})
        )
        assert found.state is State.PARTIAL
        assert (found.evidence[0].path, found.evidence[0].line) == ("README.md", 5)

    def test_a_download_script_declares_no_run(self) -> None:
        files: Files = {**SERVICE, "download.sh": "wget https://example.org/data.zip\npython convert.py\n"}
        assert run.check(facts_of(files)).state is State.UNMET

    @pytest.mark.parametrize("recipe", ["docker run --rm -i hadolint/hadolint < Dockerfile", "pytest tests"])
    def test_tools_that_a_task_runs_are_none_of_the_system(self, recipe: str) -> None:
        assert run.check(facts_of({**SERVICE, "Makefile": f"quality:\n\t{recipe}\n"})).state is State.UNMET

    def test_notebooks_are_unmet_and_so_is_an_image_that_opens_them(self) -> None:
        notebook = '{"cells": [{"cell_type": "code", "source": "model.fit(x, y)"}], "metadata": {}}'
        files: Files = {"churn.ipynb": notebook, "Dockerfile": 'FROM python:3.11\nCMD ["jupyter", "lab"]\n'}
        assert run.check(facts_of({"churn.ipynb": notebook})).state is State.UNMET
        assert run.check(facts_of(files)).state is State.UNMET

    def test_a_platform_that_is_told_the_application_only_is_partial(self) -> None:
        files: Files = {**SERVICE, ".ebextensions/python.config": "option_settings:\n  WSGIPath: app:app\n"}
        assert run.check(facts_of(files)).state is State.PARTIAL

    def test_a_study_without_any_command_is_unmet(self) -> None:
        assert run.check(facts_of({"README.md": "A study of churn.\n", "a.py": ""})).state is State.UNMET

    @pytest.mark.parametrize(("path", "state"), [("LICENSE", State.UNMET), ("README.md", State.PARTIAL)])
    def test_what_a_licence_says_is_no_command(self, path: str, state: State) -> None:
        told = "Patents could\nmake it proprietary, which is avoided.\n"
        assert run.check(facts_of({path: told, "a.py": "print(1)\n"})).state is state

    def test_a_platforms_file_is_not_mistaken_in_ci(self) -> None:
        job = "jobs:\n  serve:\n    steps:\n      - run: pip install anyscale\n"
        files: Files = {**IMAGE, ".github/workflows/serve.yaml": job}
        assert run.check(facts_of(files)).state is State.MET


def test_a_job_of_its_own_that_only_migrates_is_no_building_start() -> None:
    job = (
        "kind: Job\nmetadata: {name: upgrade}\nspec:\n  template:\n    spec:\n      containers:\n"
        "      - {name: upgrade, image: app:1.0, command: [alembic, upgrade, head]}\n"
    )
    dockerfile = 'FROM python:3.11\nCOPY . .\nCMD ["uvicorn", "app:app"]\n'
    app = "import fastapi\napp = fastapi.FastAPI()\n"
    apart = facts_of({"Dockerfile": dockerfile, "k8s/upgrade.yaml": job, "app.py": app})
    within = facts_of(
        {
            "Dockerfile": dockerfile.replace('["uvicorn", "app:app"]', "alembic upgrade head && uvicorn app:app"),
            "app.py": app,
        }
    )
    assert run.check(apart).state is State.MET
    assert run.check(within).state is State.PARTIAL


def test_a_package_that_ci_zips_is_a_build() -> None:
    spec = "version: 0.2\nphases:\n  build:\n    commands:\n      - cd src && zip -r ../out/package.zip .\n"
    assert build.check(facts_of({"buildspec.yml": spec, "src/app.py": "import os\n"})).state is State.MET


def test_a_job_that_syncs_the_deployment_to_a_tagged_image_is_a_release() -> None:
    job = 'pipeline {\n  stage("deploy") {\n    sh """\ndocker build -t registry/app:${GIT_COMMIT} .\nargocd --grpc-web app sync app\n"""\n  }\n}\n'
    files = {"Jenkinsfile": job, "Dockerfile": 'FROM python:3.11\nCMD ["python", "app.py"]\n', "app.py": "import os\n"}
    assert release.check(facts_of(files)).state is State.MET


def test_an_image_that_is_pushed_without_a_version_is_half_a_release() -> None:
    spec = "steps:\n- name: gcr.io/cloud-builders/docker\n  args: ['build', '-t', 'gcr.io/acme/app', '.']\n- name: gcr.io/cloud-builders/docker\n  entrypoint: bash\n  args: ['-c', 'docker push gcr.io/acme/app']\n"
    files = {
        "cloudbuild.yaml": spec,
        "Dockerfile": 'FROM python:3.11\nCMD ["python", "app.py"]\n',
        "app.py": "import os\n",
    }
    assert release.check(facts_of(files)).state is State.PARTIAL


def test_an_image_that_a_build_of_the_cloud_keeps_is_half_a_release() -> None:
    spec = "steps:\n- name: gcr.io/cloud-builders/docker\n  args: ['build', '-t', 'gcr.io/acme/app', '.']\n"
    files = {"cloudbuild.yaml": spec, "Dockerfile": "FROM python:3.11\n", "app.py": "import os\n"}
    assert release.check(facts_of(files)).state is State.UNMET
    kept = {**files, "cloudbuild.yaml": f"{spec}images:\n- gcr.io/acme/app\n"}
    assert release.check(facts_of(kept)).state is State.PARTIAL


def test_a_start_script_that_installs_does_not_only_run() -> None:
    script = "#!/bin/bash\npip install -r requirements.txt\npython -m uvicorn app:app &\npython worker.py\n"
    assert run.check(facts_of({"run_all.sh": script, "app.py": "import os\n"})).state is State.PARTIAL


@pytest.mark.parametrize(("command", "state"), [("migrate", State.PARTIAL), ("migrate --check", State.MET)])
def test_to_wait_for_migrations_is_not_to_migrate(command: str, state: State) -> None:
    image = f'FROM python:3.11\nCOPY . .\nCMD ["sh", "-c", "python manage.py {command} && exec gunicorn app:app"]\n'
    assert run.check(facts_of({**IMAGE, "Dockerfile": image})).state is state


def test_a_command_that_only_a_shell_script_holds_is_partial() -> None:
    assert (
        run.check(facts_of({"train.py": "x = 1\n", "train.sh": "python train.py --epochs 3\n"})).state is State.PARTIAL
    )
    task = facts_of({"train.py": "x = 1\n", "Makefile": "train:\n\tpython train.py\n"})
    assert run.check(task).state is State.MET


def test_a_server_that_trains_before_it_answers_does_not_only_run() -> None:
    code = "from fastapi import FastAPI\nfrom sklearn.svm import SVC\nmodel = SVC()\nmodel.fit(x, y)\napp = FastAPI()\n"
    assert run.check(facts_of({**IMAGE, "app.py": code})).state is State.PARTIAL


def test_a_pipeline_that_runs_does_not_start_the_service_beside_it() -> None:
    flow: Files = {"flow.py": "from prefect import flow\n\n@flow\ndef train():\n    pass\n"}
    assert run.check(facts_of(flow)).state is State.MET
    assert run.check(facts_of({**flow, **SERVICE})).state is State.PARTIAL


def test_an_image_is_built_from_its_own_folder_when_that_holds_code() -> None:
    other = {"b/requirements.txt": "flask\n", "a/app.py": SERVICE["app.py"]}
    image = "FROM python:3.11\nCOPY requirements.txt app.py ./\n"
    assert build.check(facts_of({**other, "a/Dockerfile": image})).state is State.PARTIAL
    assert build.check(facts_of({**other, "docker/Dockerfile": image})).state is State.MET


def test_a_platform_that_is_handed_the_source_builds_from_it() -> None:
    job = "deploy:\n  script:\n    - gcloud functions deploy run-train --runtime=python37 --source=.\n"
    found = build.check(
        facts_of({"main.py": "import pandas\n", "requirements.txt": "pandas==2.1\n", "ci/base.yaml": job})
    )
    assert found.state is State.PARTIAL


@pytest.mark.parametrize(
    ("script", "state"),
    [("next build && next start -p 80", State.PARTIAL), ("next start -p 80", State.MET), ("next build", State.MET)],
)
def test_an_image_that_starts_a_script_of_its_package_does_what_that_script_says(script: str, state: State) -> None:
    files: Files = {
        "web/package.json": json.dumps({"scripts": {"deploy": script, "start": "next start"}}),
        "web/app/api/ask/route.ts": "export async function POST(request) {}\n",
        "web.Dockerfile": 'FROM node:22\nCOPY web /web\nRUN npm ci\nCMD [ "npm", "run", "deploy" ]\n',
    }
    assert run.check(facts_of(files)).state is state


@pytest.mark.parametrize(
    ("built", "state"),
    [("build: .", State.MET), ("build: ./store", State.PARTIAL), ("image: postgres:16", State.PARTIAL)],
)
def test_an_image_that_compose_leaves_out_breaks_no_build(built: str, state: State) -> None:
    left_over = {
        "store/Dockerfile": "FROM postgres:16\nADD gone.sql /docker-entrypoint-initdb.d/\n",
        "store/init.sql": "",
    }
    compose = {"docker-compose.yml": f"services:\n  api:\n    {built}\n"}
    assert build.check(facts_of({**IMAGE, **left_over, **compose})).state is state
    own = {
        "store/Dockerfile": "FROM python:3.11\nCOPY gone.txt train.py ./\nCMD python train.py\n",
        "store/train.py": "",
    }
    assert build.check(facts_of({**IMAGE, **own, **compose})).state is State.PARTIAL
