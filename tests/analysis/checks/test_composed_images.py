"""Compose files that run published images: what is the system's own, and what it attaches to."""

from __future__ import annotations

import pytest

from apps.analysis.checks.codebase import deployment
from apps.catalog import State
from tests.analysis.making import facts_of

SYSTEM = {
    "serving/scoring/api.py": "from sanic import Sanic\napp = Sanic('scoring')\n",
    "serving/Dockerfile": "FROM python:3.11\nCOPY . /app\n",
}


@pytest.mark.parametrize(
    ("command", "state"),
    [
        ("sanic scoring.api:app --port=8000", State.MET),
        ("[python, scoring/api.py]", State.MET),
        ("redis-server --save 60", State.PARTIAL),
        ("uvicorn other.api:app", State.PARTIAL),
    ],
)
def test_a_published_image_that_runs_the_repository_s_code_is_its_own(command: str, state: State) -> None:
    compose = f"services:\n  api:\n    image: docker.io/someone/scoring:0.1.0\n    command: {command}\n"
    assert deployment.check(facts_of({**SYSTEM, "serving/docker-compose.yml": compose})).state is state


PUSHING = "on: push\njobs:\n  image:\n    steps:\n      - uses: docker/build-push-action@v5\n        with:\n          push: true\n          tags: {tags}\n"


@pytest.mark.parametrize(
    ("tags", "image", "state"),
    [
        ("someone/scoring:1.0", "someone/scoring-worker:1.0", State.MET),
        ("ghcr.io/someone/scoring:1.0", "ghcr.io/someone/scoring", State.MET),
        ("someone/scoring:1.0", "others/scoring:1.0", State.PARTIAL),
        ("someone/scoring:1.0", "redis", State.PARTIAL),
    ],
)
def test_an_image_that_stands_where_ci_pushes_is_the_system_s_own(tags: str, image: str, state: State) -> None:
    files = {
        **SYSTEM,
        "serving/docker-compose.yml": f"services:\n  api:\n    image: {image}\n",
        ".github/workflows/image.yml": PUSHING.format(tags=tags),
    }
    assert deployment.check(facts_of(files)).state is state
