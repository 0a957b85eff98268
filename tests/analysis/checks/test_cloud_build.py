"""Google Cloud Build, whose files may have any name and whose steps are given their arguments one by one."""

from __future__ import annotations

import pytest

from apps.analysis.checks.admin_processes import tasks
from apps.analysis.checks.codebase import deployment
from apps.analysis.checks.concurrency import inference
from apps.analysis.checks.dev_prod_parity import deployment as parity
from apps.catalog import State
from tests.analysis.making import facts_of

Files = dict[str, str | bytes]

APP: Files = {
    "app.py": "from fastapi import FastAPI\napp = FastAPI()\n",
    "requirements.txt": "fastapi==0.110.0\nuvicorn==0.29.0\n",
    "Dockerfile": 'FROM python:3.11\nCOPY . .\nRUN pip install -r requirements.txt\nCMD ["uvicorn", "app:app"]\n',
}
STEPS = """\
steps:
- name: gcr.io/cloud-builders/docker
  args: [build, -t, "gcr.io/$PROJECT_ID/api:$COMMIT_SHA", .]
- name: gcr.io/google.com/cloudsdktool/cloud-sdk
  entrypoint: gcloud
  args: [run, deploy, api, --image, "gcr.io/$PROJECT_ID/api:$COMMIT_SHA", --region, {region}]
"""


@pytest.mark.parametrize("path", ["cloudbuild.yaml", "ci/release.yaml", "build/deploy-model.yml"])
def test_steps_that_deploy_are_read_whatever_the_file_is_called(path: str) -> None:
    facts = facts_of({**APP, path: STEPS.format(region="europe-west1")})
    found = deployment.check(facts)
    assert found.state is State.MET
    assert path in {place.path for place in found.evidence}
    assert inference.check(facts).state is State.MET


def test_steps_of_something_else_are_no_build_of_the_cloud() -> None:
    steps = "steps:\n- name: train\n  args: [run, deploy, api]\n"
    assert deployment.check(facts_of({**APP, "ci/release.yaml": steps})).state is State.PARTIAL


@pytest.mark.parametrize(("region", "state"), [("$_REGION", State.MET), ("europe-west1", State.PARTIAL)])
def test_substitutions_give_one_process_its_environments(region: str, state: State) -> None:
    assert parity.check(facts_of({**APP, "ci/release.yaml": STEPS.format(region=region)})).state is state


@pytest.mark.parametrize(("path", "state"), [("build/admin.py", State.MET), ("build/lib/admin.py", State.UNMET)])
def test_what_somebody_wrote_into_a_build_folder_counts_and_what_a_build_made_does_not(path: str, state: State) -> None:
    script = (
        "import argparse\nif __name__ == '__main__':\n    argparse.ArgumentParser().parse_args()\n    print(delete())\n"
    )
    assert tasks.check(facts_of({**APP, path: script})).state is state


def test_images_of_containers_are_no_pictures() -> None:
    container = {**APP, "images/api/Dockerfile": APP["Dockerfile"]}
    del container["Dockerfile"]
    assert deployment.check(facts_of(container)).state is State.PARTIAL
