"""Actions of anybody that put a system somewhere, told by their names."""

from __future__ import annotations

import pytest

from apps.analysis.checks.codebase import deployment
from apps.catalog import State
from tests.analysis.making import facts_of

IMAGE = "FROM python:3.11-slim\nCOPY . /app\nCMD gunicorn --bind 0.0.0.0:$PORT app:app\n"
APP = "from flask import Flask\napp = Flask(__name__)\n"


@pytest.mark.parametrize(
    ("action", "state"),
    [
        ("somebody/heroku-docker-deploy@v1.3", State.MET),
        ("somebody/deploy-to-cloud-run@main", State.MET),
        ("some.body/docker-compose-remote-deploy@v2", State.MET),
        ("somebody/heroku-login@v1", State.PARTIAL),  # where it only signs in
        ("somebody/github-pages-deploy-action@v4", State.PARTIAL),  # documentation
        ("somebody/deploy-notification@v1", State.PARTIAL),
        ("somebody/heroku-deploy-and-wait@v1", State.MET),
        ("somebody/wait-for-railway-deploy@v1", State.PARTIAL),
        ("somebody/kubernetes-deployment-linter@v1", State.PARTIAL),
        ("somebody/undeploy-heroku@v1", State.PARTIAL),
        ("somebody/ecs-delete-deployment@v1", State.PARTIAL),
    ],
)
def test_an_action_that_is_named_for_deploying_to_a_platform_deploys(action: str, state: State) -> None:
    workflow = f"on: push\njobs:\n  build:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: actions/checkout@v4\n      - uses: {action}\n"
    files = {"Dockerfile": IMAGE, "app.py": APP, ".github/workflows/main.yaml": workflow}
    found = deployment.check(facts_of(files))
    assert found.state is state, found.summary
