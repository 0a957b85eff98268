"""Programs and tasks that roll the system out, and what they are told."""

from __future__ import annotations

import pytest

from apps.analysis.checks.build_release_run import release
from apps.analysis.checks.codebase import deployment
from apps.analysis.checks.concurrency import inference
from apps.analysis.checks.dev_prod_parity import deployment as parity
from apps.analysis.checks.logs import centralised
from apps.analysis.deployment import builds
from apps.analysis.running import rollout
from apps.catalog import State
from tests.analysis.making import facts_of

IMAGE = {"Dockerfile": 'FROM python:3.12\nCOPY . .\nCMD ["python", "app.py"]\n'}
FLAGS = "import argparse\np = argparse.ArgumentParser()\np.add_argument('--image', required=True)\np.add_argument('--env')\nargs = p.parse_args()\n"
PROGRAMS = {
    "a command": "import subprocess\nsubprocess.run(['kubectl', 'set', 'image', 'deployment/a', f'a={args.image}'], check=True)\n",
    "a shell": "import os\nos.system(f'gcloud run deploy a --image {args.image} --region x')\n",
    "a client of AWS": "import boto3\nboto3.client('ecs').update_service(service='a', taskDefinition=args.image)\n",
    "a client of Google": "from google.cloud import run_v2\nclient = run_v2.ServicesClient()\nclient.update_service(service=s)\n",
    "a client of Kubernetes": "from kubernetes import client\napi = client.AppsV1Api()\napi.patch_namespaced_deployment('a', 'b', {})\n",
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_program_that_is_told_the_image_releases_it(name: str) -> None:
    facts = facts_of({**IMAGE, "deploy.py": FLAGS + PROGRAMS[name]})
    assert [one.check(facts).state for one in (deployment, release, parity)] == [State.MET] * 3


def test_a_program_that_takes_what_was_pushed_last_names_no_version() -> None:
    code = FLAGS.replace("required=True", "default='me/a:latest'").replace("--env", "--x") + PROGRAMS["a shell"]
    facts = facts_of({**IMAGE, "deploy.py": code})
    assert deployment.check(facts).state is State.MET
    assert release.check(facts).state is State.PARTIAL
    assert parity.check(facts).state is State.PARTIAL


@pytest.mark.parametrize(
    "code",
    [
        "from kubernetes import client\ndef start_job(user):\n    client.BatchV1Api().create_namespaced_job('jobs', user)\n",
        "import boto3\ndef save(x):\n    boto3.client('ecs').update_service(x)\n",
        "import subprocess\nsubprocess.run(['kubectl', 'get', 'pods'])\n",
    ],
)
def test_what_a_service_starts_for_its_users_is_no_roll_out(code: str) -> None:
    assert not rollout.roll_outs(facts_of({**IMAGE, "app/jobs.py": code}))


TASKS = {
    "tasks.py": "from invoke import task\n@task\ndef ship(c, tag):\n    c.run(f'kubectl set image deployment/a a=me/a:{tag}')\n",
    "Taskfile.yml": "tasks:\n  ship:\n    cmds: ['helm upgrade --install a chart']\n",
    "package.json": '{"scripts": {"ship": "serverless deploy"}}',
}


@pytest.mark.parametrize("path", TASKS)
def test_a_task_of_a_table_rolls_out(path: str) -> None:
    facts = facts_of({**IMAGE, path: TASKS[path]})
    assert deployment.check(facts).state is State.MET
    assert not rollout.roll_outs(facts_of({**IMAGE, path: TASKS[path].replace("set image", "get").replace("upgrade --install", "lint").replace("deploy", "info")}))  # fmt: skip


def test_a_kustomization_says_which_version_of_an_image_runs() -> None:
    manifest = "kind: Deployment\nspec: {template: {spec: {containers: [{name: a, image: me/a}]}}}\n"
    given = "images:\n- name: me/a\n  newTag: '1.4.2'\n"
    files = {**IMAGE, "k8s/a.yaml": manifest}
    assert release.check(facts_of({**files, "k8s/kustomization.yaml": given})).state is State.MET
    assert release.check(facts_of({**files, "k8s/kustomization.yaml": "resources: [a.yaml]\n"})).state is State.PARTIAL


CI = {
    ".github/workflows/a.yml": "jobs:\n  a:\n    steps:\n    - run: flyctl deploy --image registry.fly.io/a:${{ github.sha }}\n",
    ".circleci/config.yml": "workflows:\n  a:\n    jobs:\n    - aws-ecs/deploy_service_update:\n        container_image_name_updates: container=a,tag=${CIRCLE_SHA1}\n",
    "bitbucket-pipelines.yml": "pipelines:\n  default:\n  - step:\n      script:\n      - docker push me/a:$BITBUCKET_COMMIT\n      - pipe: atlassian/aws-ecs-deploy:1.6.2\n",
    ".buildkite/pipeline.yml": "steps:\n- command: docker push me/a:$BUILDKITE_COMMIT\n- command: helm upgrade a chart --set image.tag=$BUILDKITE_COMMIT\n",
}


@pytest.mark.parametrize("path", CI)
def test_jobs_that_others_wrote_roll_out_what_ci_tagged(path: str) -> None:
    facts = facts_of({**IMAGE, path: CI[path]})
    assert deployment.check(facts).state is State.MET
    assert release.check(facts).state is State.MET


@pytest.mark.parametrize(
    ("command", "rolls"),
    [
        ("kubectl -n churn --context=prod apply -f k8s/", True),
        ("kubectl -n churn get pods", False),
        ("helm --kube-context prod upgrade --install churn charts/churn", True),
        ("terraform -chdir=infra apply -auto-approve", True),
        ("terraform -chdir=infra plan", False),
        ("tofu apply", True),
        ("aws --region $REGION ecs register-task-definition --cli-input-json file://task.json", True),
        ("aws ecs describe-services --services churn", False),
        ("aws emr-serverless start-job-run --application-id $APP", True),
        ("aws glue get-job --job-name fit", False),
        ("gcloud dataproc batches submit pyspark fit.py", True),
    ],
)
def test_options_may_stand_before_the_word_that_rolls_out(command: str, *, rolls: bool) -> None:
    facts = facts_of({"app.py": "print(1)\n", "deploy.sh": f"{command}\n"})
    assert bool(rollout.roll_outs(facts)) is rolls


@pytest.mark.parametrize(
    ("command", "rolls"),
    [
        ("git push heroku main", True),
        ("git subtree push --prefix api heroku main", True),
        ("git subtree push --prefix=api https://git.heroku.com/acme-api.git main", True),
        ("git push https://heroku:$KEY@git.heroku.com/acme-api.git HEAD:main", True),
        ("git subtree push --prefix docs origin gh-pages", False),
        ("git subtree pull --prefix api https://git.heroku.com/acme-api.git main", False),
        ("git push --prefix-x origin heroku", False),
    ],
)
def test_a_push_to_a_platform_rolls_out_also_of_one_folder(command: str, *, rolls: bool) -> None:
    facts = facts_of({"app.py": "print(1)\n", "deploy.sh": f"{command}\n"})
    assert bool(rollout.roll_outs(facts)) is rolls
    assert bool(builds.platform_inputs(facts)) is rolls


@pytest.mark.parametrize(
    "made",
    [
        "import pulumi_gcp as gcp\n\nlabels = gcp.cloudrunv2.Service('a', template=template)\n",
        "import pulumi_aws as aws\n\nlabels = aws.apprunner.Service('a', source_configuration=source)\n",
        "import pulumi_azure_native as azure\n\nlabels = azure.app.ContainerApp('a', template=template)\n",
    ],
)
def test_what_pulumi_puts_on_a_serverless_platform_scales_and_has_its_logs_kept(made: str) -> None:
    app = "import joblib\nfrom fastapi import FastAPI\n\napp = FastAPI()\nmodel = joblib.load('model.pkl')\n\n@app.post('/ask')\ndef ask(x: float):\n    return model.predict([[x]])\n"
    facts = facts_of({**IMAGE, "app.py": app, "iac/__main__.py": made})
    assert [one.check(facts).state for one in (inference, centralised, deployment)] == [State.MET] * 3


@pytest.mark.parametrize(
    ("recipe", "deploys"),
    [
        ("pyflyte register flows --project churn --domain $(DOMAIN) --image $(IMAGE)", True),
        ("pyflyte --config f.yaml register flows", True),
        ("pyflyte run --remote flows/train.py train", True),
        ("python flow.py --with batch argo-workflows create", True),
        ("python flow.py step-functions create --max-workers 4", True),
        ("kubectl -n churn rollout restart deployment/api", True),
        ("kubectl create -f job.yaml", True),
        ("pyflyte register flows --project churn --dry-run", False),
        ("pyflyte run flows/train.py train", False),
        ("python flow.py run", False),
        ("kubectl rollout status deploy/of-others", False),
        ("kubectl create namespace churn", False),
        ("kubectl create -n churn secret generic keys --from-file=keys", False),
        ("kubectl create --namespace churn -f namespace.yaml", True),
        ('@echo "  kubectl apply -f $(DIR)/all.yaml"', False),
        ('@echo "applying" && kubectl apply -f all.yaml', True),
    ],
)
def test_what_is_handed_to_a_cluster_is_rolled_out(recipe: str, deploys: bool) -> None:
    assert bool(rollout.roll_outs(facts_of({**IMAGE, "Makefile": f"deploy:\n\t{recipe}\n"}))) is deploys


def test_a_stage_of_jenkins_tells_what_it_does_and_does_it() -> None:
    stage = "stage('deploy') { steps { sh '''\necho deploying\nkubectl apply -f k8s/\n''' } }\n"
    assert rollout.roll_outs(facts_of({**IMAGE, "Jenkinsfile": stage}))


def test_a_step_of_ci_that_only_tries_to_register_tasks_deploys_none() -> None:
    run = "build:\n  script: |\n    pyflyte register flows \\\n      --project churn \\\n      {}--version 3\n"
    assert rollout.roll_outs(facts_of({".gitlab-ci.yml": run.format("")}))
    assert not rollout.roll_outs(facts_of({".gitlab-ci.yml": run.format("--dry-run ")}))


FLOW = "from metaflow import FlowSpec, batch, kubernetes, step\n\nclass Train(FlowSpec):\n{}    @step\n    def start(self):\n        self.next(self.end)\n"


@pytest.mark.parametrize(
    ("decorator", "state"),
    [("    @kubernetes(image='team/churn:3')\n", State.MET), ("    @batch\n", State.MET), ("", State.UNMET)],
)
def test_steps_of_metaflow_run_on_the_platform_that_they_name(decorator: str, state: State) -> None:
    assert deployment.check(facts_of({"flow.py": FLOW.format(decorator)})).state is state
