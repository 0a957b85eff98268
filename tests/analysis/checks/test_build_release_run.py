"""Build, release and run are apart."""

from __future__ import annotations

from apps.analysis.checks.build_release_run import build, release, run
from apps.catalog import State
from tests.analysis.making import facts_of

IMAGE = 'FROM python:3.11\nCOPY requirements.txt .\nRUN pip install -r requirements.txt\nCOPY . .\nCMD ["python", "app.py"]\n'
DEPLOYMENT = """kind: Deployment
metadata: {name: api}
spec: {template: {spec: {containers: [{name: api, image: "%s"}]}}}
"""


# --- build ------------------------------------------------------------------------------------------------------------
def test_an_image_of_tracked_files_is_a_build() -> None:
    found = build.check(facts_of({"Dockerfile": IMAGE, "requirements.txt": "flask\n", "app.py": ""}))
    assert (found.state, found.evidence[0].path) == (State.MET, "Dockerfile")


def test_an_image_that_copies_what_is_not_tracked_cannot_be_built() -> None:
    found = build.check(facts_of({"Dockerfile": IMAGE, "app.py": ""}))
    assert (found.state, found.evidence[0].line) == (State.PARTIAL, 2)


def test_an_image_that_installs_a_list_that_no_commit_holds_cannot_be_built() -> None:
    image = "FROM python:3.11\nCOPY . src/\nRUN cd src && pip install -r requirements.txt\n"
    found = build.check(facts_of({"Dockerfile": image, "app.py": ""}))
    assert (found.state, found.evidence[0].line) == (State.PARTIAL, 3)
    assert build.check(facts_of({"Dockerfile": image, "requirements.txt": "flask\n"})).state is State.MET


def test_a_list_that_the_image_writes_itself_need_not_be_tracked() -> None:
    image = "FROM python:3.11\nCOPY . .\nRUN poetry export -o req.txt && pip install -r req.txt\n"
    assert build.check(facts_of({"Dockerfile": image, "app.py": ""})).state is State.MET


def test_what_an_earlier_build_step_makes_need_not_be_tracked() -> None:
    files = {"Dockerfile": "FROM eclipse-temurin:17\nCOPY target/app.jar /app.jar\n", "pom.xml": "<project/>"}
    assert build.check(facts_of(files)).state is State.MET


def test_sources_are_looked_for_in_the_context_that_compose_names() -> None:
    files = {
        "docker/Dockerfile": "FROM python:3.11\nCOPY main.py .\n",
        "docker/compose.yml": "services:\n  api:\n    build: {context: ../api, dockerfile: ../docker/Dockerfile}\n",
        "api/main.py": "",
    }
    assert build.check(facts_of(files)).state is State.MET


def test_a_package_that_ci_builds_is_met() -> None:
    package = {"pyproject.toml": "[build-system]\nrequires = ['hatchling']\n", "x.py": ""}
    job = {".github/workflows/ci.yml": "jobs: {b: {steps: [{run: python -m build}]}}\n"}
    assert build.check(facts_of(package | job)).state is State.MET


def test_a_procfile_is_half_a_build_and_code_alone_is_none() -> None:
    assert build.check(facts_of({"Procfile": "web: gunicorn app:app\n", "app.py": ""})).state is State.PARTIAL
    assert build.check(facts_of({"train.py": ""})).state is State.UNMET


# --- release ----------------------------------------------------------------------------------------------------------
def test_an_image_of_the_commit_that_is_rolled_out_is_a_release() -> None:
    job = "jobs: {d: {steps: [{run: 'docker push ghcr.io/x/api:${{ github.sha }}'}, {run: 'kubectl set image deployment/api api=ghcr.io/x/api:${{ github.sha }}'}]}}\n"
    found = release.check(facts_of({".github/workflows/cd.yml": job, "app.py": "", "Dockerfile": IMAGE}))
    assert found.state is State.MET


def test_a_deployment_that_takes_latest_is_partial() -> None:
    found = release.check(facts_of({"k8s/api.yaml": DEPLOYMENT % "ghcr.io/x/api:latest", "app.py": ""}))
    assert (found.state, found.evidence[0].path) == (State.PARTIAL, "k8s/api.yaml")


def test_an_image_definition_alone_releases_nothing() -> None:
    assert release.check(facts_of({"Dockerfile": IMAGE, "app.py": ""})).state is State.UNMET


# --- run --------------------------------------------------------------------------------------------------------------
def test_a_command_of_an_image_or_a_procfile_only_runs() -> None:
    assert run.check(facts_of({"Dockerfile": IMAGE})).state is State.MET
    assert run.check(facts_of({"Procfile": "web: gunicorn app:app\n"})).state is State.MET


def test_a_command_that_installs_migrates_or_trains_first_is_partial() -> None:
    for command in (
        "pip install -r r.txt && python app.py",
        "alembic upgrade head && uvicorn a:b",
        "python train.py && python app.py",
    ):
        assert run.check(facts_of({"Procfile": f"web: {command}\n"})).state is State.PARTIAL, command


def test_a_script_that_the_image_calls_is_followed() -> None:
    files = {
        "Dockerfile": 'FROM x:1\nENTRYPOINT ["./entrypoint.sh"]\n',
        "entrypoint.sh": "airflow db init\nexec airflow webserver\n",
    }
    found = run.check(facts_of(files))
    assert (found.state, found.evidence[0].path) == (State.PARTIAL, "entrypoint.sh")


def test_steps_that_install_their_packages_are_partial() -> None:
    code = "from kfp import dsl\n\n@dsl.component(packages_to_install=['pandas==2.2'])\ndef clean(): ...\n\n@dsl.pipeline\ndef p(): ...\n"
    assert run.check(facts_of({"pipeline.py": code})).state is State.PARTIAL


def test_a_ci_job_called_serve_is_no_run_command() -> None:
    files = {".github/workflows/serve.yaml": "jobs: {s: {steps: [{run: pip install x}]}}\n", "app.py": ""}
    assert run.check(facts_of(files)).state is State.UNMET


def test_a_documented_command_is_partial_and_a_notebook_has_none() -> None:
    assert (
        run.check(facts_of({"train.py": "", "README.md": "```\npython train.py --lr 0.1\n```\n"})).state
        is State.PARTIAL
    )
    assert run.check(facts_of({"README.md": "A study of churn.\n", "a.py": ""})).state is State.UNMET
