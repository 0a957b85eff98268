"""Deployment files read as images, services, workloads, steps and start commands."""

from __future__ import annotations

from apps.analysis.deployment import images, is_floating, steps
from apps.analysis.deployment.images import named_packages
from apps.analysis.deployment.starts import all_declared
from apps.analysis.running.compose import services
from tests.analysis.making import facts_of

DOCKERFILE = """ARG TAG=3.11-slim
FROM python:${TAG} AS base
RUN apt-get update && apt-get install -y libgomp1 && pip install -r requirements.txt numpy==1.26.0
FROM base
COPY --chown=app src/ requirements.txt /app/
COPY --from=base /x /y
EXPOSE 80
ENTRYPOINT ["python", "-m"]
CMD ["serve"]
"""


def test_an_image_tells_its_bases_installs_and_sources() -> None:
    (image,) = images(facts_of({"Dockerfile": DOCKERFILE}))
    first, final = image.stages
    assert (first.base, first.is_floating) == ("python:3.11-slim", False)
    assert first.system_installs()[0][1].split() == ["-y", "libgomp1"]
    assert first.python_installs() == [(3, "numpy==1.26.0")]
    assert final.copies() == [(5, ["src/", "requirements.txt"])]
    assert image.external_stages() == [first]


def test_a_tag_without_a_number_floats() -> None:
    assert is_floating("redis")
    assert is_floating("localhost:5000/redis:latest")
    assert not is_floating("redis:7-alpine")
    assert not is_floating("api@sha256:0f")
    assert not is_floating("api:${VERSION}")


def test_options_of_an_installer_are_no_packages() -> None:
    assert named_packages("pip install --no-cache-dir -r req.txt 'a==1' b && pip install ./wheel.whl") == ["a==1", "b"]


def test_a_compose_service_knows_whether_it_is_a_server_of_somebody_else() -> None:
    text = (
        "services:\n  api:\n    build:\n      context: api\n    command: [uvicorn, x]\n  db: {image: 'postgres:16'}\n"
    )
    api, database = services(facts_of({"compose.yaml": text}))
    assert (api.context, api.is_own, api.line) == ("api", True, 4)
    assert (database.image, database.context, database.is_own) == ("postgres:16", None, False)


def test_steps_are_read_alike_from_every_forge() -> None:
    found = steps(
        facts_of(
            {
                ".github/workflows/ci.yml": "jobs: {t: {steps: [{uses: actions/checkout@v4}, {run: make test}]}}\n",
                ".gitlab-ci.yml": "test:\n  image: python:3.11\n  script:\n    - pytest\n",
                "Jenkinsfile": "stage('x') { sh 'docker build .' }",
                "cloudbuild.yaml": "steps:\n  - name: gcr.io/cloud-builders/docker\n    args: [build, .]\n",
            }
        )
    )
    assert {"actions/checkout@v4", "make test", "python:3.11", "pytest", "docker build .", "build"} <= {
        step.text for step in found
    }
    assert {step.text for step in found if step.uses} >= {"actions/checkout@v4", "python:3.11"}


def test_start_commands_come_from_images_procfiles_and_tasks() -> None:
    found = all_declared(
        facts_of(
            {
                "Dockerfile": DOCKERFILE,
                "Procfile": "web: gunicorn app:app\n",
                "Makefile": "run:\n\tpython app.py\n",
            }
        )
    )
    assert [(start.by, start.command) for start in found] == [
        ("image", "python -m serve"),
        ("procfile", "gunicorn app:app"),
        ("task", "python app.py"),
    ]
