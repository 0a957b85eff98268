"""Steps of CI that do nothing: switched off by their condition, told instead of run, built and never pushed."""

from __future__ import annotations

import pytest

from apps.analysis.checks.build_release_run import release
from apps.analysis.checks.dev_prod_parity import deployment as parity
from apps.analysis.running import rollout
from apps.catalog import State
from tests.analysis.making import facts_of

Files = dict[str, str | bytes]

APP: Files = {
    "app.py": "from fastapi import FastAPI\napp = FastAPI()\n",
    "Dockerfile": 'FROM python:3.11\nCOPY . .\nCMD ["uvicorn", "app:app"]\n',
}
JOB = "on: push\njobs:\n  release:\n    runs-on: ubuntu-latest\n{job}    steps:\n    - run: {run}\n{step}"


@pytest.mark.parametrize(
    ("job", "step", "deploys"),
    [
        ("", "", True),
        ("", "      if: false\n", False),
        ("", "      if: ${{ false }}\n", False),
        ("    if: false\n", "", False),
        ("", "      if: github.ref == 'refs/heads/main'\n", True),
    ],
)
def test_what_never_runs_deploys_nothing(job: str, step: str, deploys: bool) -> None:
    files = {**APP, ".github/workflows/cd.yml": JOB.format(job=job, step=step, run="kubectl apply -k k8s/")}
    assert bool(rollout.roll_outs(facts_of(files))) is deploys


@pytest.mark.parametrize(
    ("run", "deploys"),
    [
        ('echo "then terraform apply"', False),
        ('|\n        echo "then terraform apply"\n        echo "done"', False),
        ('|\n        echo "deploying"\n        terraform apply', True),
        ('echo "$KEY" | terraform apply -', True),
        ('echo "deploying" && terraform apply', True),
        ("printf 'now'; terraform apply", True),
        ('echo "$(terraform apply)"', True),
        ('echo "the plan > terraform apply; then wait"', False),
    ],
)
def test_what_a_step_only_tells_deploys_nothing(run: str, deploys: bool) -> None:
    files = {**APP, ".github/workflows/cd.yml": JOB.format(job="", step="", run=run)}
    assert bool(rollout.roll_outs(facts_of(files))) is deploys


def test_workflows_for_environments_that_deploy_nothing_give_the_deployment_no_environments() -> None:
    told = JOB.format(job="", step="", run='echo "Deploying"')
    files: Files = {
        **APP,
        "compose.yaml": "services:\n  api:\n    build: .\n",
        ".github/workflows/deploy_to_staging.yaml": told,
        ".github/workflows/deploy_to_production.yaml": told,
    }
    assert parity.check(facts_of(files)).state is State.PARTIAL
    real = {
        path: text.replace('echo "Deploying"', "kubectl apply -k k8s/")
        for path, text in files.items()
        if isinstance(text, str)
    }
    assert parity.check(facts_of({**real})).state is State.MET


@pytest.mark.parametrize(("push", "state"), [("true", State.MET), ("false", State.PARTIAL)])
def test_an_image_that_is_built_and_not_pushed_names_no_version_of_a_release(push: str, state: State) -> None:
    step = f"    - uses: docker/build-push-action@v5\n      with:\n        push: {push}\n        tags: acme/api:${{{{ github.sha }}}}\n"
    files: Files = {
        **APP,
        ".github/workflows/image.yml": JOB.format(job="", step=step, run="docker version"),
        "k8s/api.yaml": "kind: Deployment\nmetadata:\n  name: api\nspec:\n  template:\n    spec:\n      containers:\n      - name: api\n        image: $IMAGE\n",
    }
    facts = facts_of(files)
    assert bool(rollout.pushes(facts)) is (push == "true")
    assert release.check(facts).state is state
