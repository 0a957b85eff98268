"""Pipelines of Azure DevOps, whose files may have any name and stand in any folder."""

from __future__ import annotations

import pytest

from apps.analysis.checks.build_release_run import release
from apps.analysis.checks.codebase import deployment
from apps.analysis.checks.dev_prod_parity import deployment as parity
from apps.analysis.running import rollout
from apps.catalog import State
from tests.analysis.making import facts_of

Files = dict[str, str | bytes]

APP: Files = {
    "app.py": "from fastapi import FastAPI\napp = FastAPI()\n",
    "Dockerfile": 'FROM python:3.11\nCOPY . .\nCMD ["uvicorn", "app:app"]\n',
}
BY_TASK = """\
stages:
- stage: Deploy
  jobs:
  - job: deploy
    steps:
    - task: AzureCLI@2
      inputs:
        inlineScript: |
          az acr build --image api:$(Build.BuildId) .
          az webapp config container set --name $(appName) --image api:$(Build.BuildId)
"""
BY_SCRIPT = """\
pool:
  vmImage: ubuntu-latest
steps:
- script: az containerapp update --name $(appName) --image api:$(Build.BuildId)
"""


@pytest.mark.parametrize("content", [BY_TASK, BY_SCRIPT])
@pytest.mark.parametrize("path", ["azure-pipelines.yml", "devops/release.yml", "ado/templates/roll-out.yaml"])
def test_pipelines_that_deploy_are_read_wherever_they_stand(path: str, content: str) -> None:
    facts = facts_of({**APP, path: content})
    found = deployment.check(facts)
    assert found.state is State.MET
    assert path in {place.path for place in found.evidence}
    assert release.check(facts).state is State.MET
    assert parity.check(facts).state is not State.UNMET


@pytest.mark.parametrize(
    "content",
    [
        "steps:\n- script: az containerapp update --name api\n",
        "steps:\n- task: train\n  script: az containerapp update\n",
        "pool:\n  size: 4\nsteps:\n- name: az containerapp update\n",
        "model:\n  pool: max\nsteps:\n  download: az containerapp update --name api\n",
    ],
)
def test_steps_of_something_else_are_no_pipeline(content: str) -> None:
    assert deployment.check(facts_of({**APP, "conf/steps.yaml": content})).state is State.PARTIAL


@pytest.mark.parametrize(
    "path", [".github/actions/roll-out/action.yml", ".buildkite/release.yml", ".gitlab/deploy.yml"]
)
def test_steps_beside_the_usual_files_of_continuous_integration_are_read(path: str) -> None:
    step = "runs:\n  steps:\n  - run: kubectl apply -f k8s/\n"
    assert rollout.deploying_jobs(facts_of({**APP, path: step}))
