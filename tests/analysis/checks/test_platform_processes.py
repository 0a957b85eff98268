"""Processes, steps and images that files of platforms, supervisors and workflow languages declare."""

from __future__ import annotations

import pytest

from apps.analysis.checks.admin_processes import retraining, same_environment
from apps.analysis.checks.build_release_run import build, run
from apps.analysis.checks.codebase import deployment
from apps.analysis.checks.concurrency import process_types
from apps.analysis.checks.dependencies import isolated, system
from apps.analysis.checks.disposability import startup
from apps.analysis.running import platform_files, rollout
from apps.catalog import State
from tests.analysis.making import facts_of

TRAIN = {"train.py": "from sklearn.svm import SVC\nSVC().fit(x, y)\n"}
CODE = {**TRAIN, "app.py": "from fastapi import FastAPI\napp = FastAPI()\n"}
SKY = "resources: {{accelerators: A100}}\n{}\nrun: {}\n"
SUPERVISOR = "[program:web]\ncommand=uvicorn app:app\n[program:trainer]\ncommand=python train.py\n"
TWO: dict[str, dict[str, str]] = {
    "fly": {"fly.toml": '[processes]\napp = "uvicorn app:app"\nworker = "python train.py"\n'},
    "heroku": {"heroku.yml": "run:\n  web: uvicorn app:app\n  worker: python train.py\n"},
    "honcho": {"Procfile.prod": "web: uvicorn app:app\nworker: python train.py\n"},
    "supervisor": {"deploy/supervisord.conf": SUPERVISOR},
    "supervisor in parts": {"supervisor/conf.d/all.conf": SUPERVISOR},
    "circus": {"circus.ini": "[watcher:web]\ncmd = uvicorn app:app\n[watcher:t]\ncmd = python train.py\n"},
    "systemd": {
        "deploy/web.service": "[Service]\nExecStart=/srv/venv/bin/uvicorn app:app\n",
        "deploy/retrain.service": "[Service]\nExecStart=/srv/venv/bin/python train.py\n",
    },
    "SkyPilot": {
        "a.yaml": SKY.format("num_nodes: 2", "torchrun train.py"),
        "b.yaml": SKY.format("service: {replicas: 2}", "uvicorn app:app"),
    },
    "dstack": {
        ".dstack.yml": "type: service\nname: api\npython: '3.11'\ncommands: [uvicorn app:app]\nport: 8000\n",
        "train.dstack.yml": "type: task\nname: train\nimage: a/b:1\ncommands: [python train.py]\n",
    },
    "cron": {"Procfile": "web: uvicorn app:app\n", "deploy/crontab": "# daily\nTZ=UTC\n0 3 * * * python train.py\n"},
    "Kamal": {
        "config/deploy.yml": "service: a\nimage: me/a\nservers:\n  web: [10.0.0.1]\n  job:\n    hosts: [10.0.0.2]\n    cmd: python train.py\n"
    },
}


@pytest.mark.parametrize("name", TWO)
def test_two_processes_of_a_platform_are_two_types(name: str) -> None:
    facts = facts_of({**CODE, **TWO[name]})
    assert process_types.check(facts).state is State.MET
    assert run.check(facts).state is State.MET


def test_one_process_of_a_platform_is_one_type() -> None:
    told = 'startCommand = "uvicorn app:app"\n'
    assert process_types.check(facts_of({**CODE, "railway.toml": f"[deploy]\n{told}"})).state is State.PARTIAL
    assert process_types.check(facts_of({**CODE, "web.service": "[Unit]\nDescription=x\n"})).state is State.UNMET


ROLLED_OUT = {
    "cerebrium.toml": '[cerebrium.deployment]\nname = "a"\npython_version = "3.11"\n',
    "zappa_settings.json": '{"dev": {"app_function": "app.app", "runtime": "python3.11"}}',
    ".chalice/config.json": '{"app_name": "a"}',
    ".do/app.yaml": "services:\n- name: api\n  run_command: uvicorn app:app\n",
    "cluster.yaml": "cluster_name: a\ndocker: {image: 'rayproject/ray:2.9.0'}\nhead_node_type: x\n",
    "copilot/api/manifest.yml": "name: api\ntype: Load Balanced Web Service\n",
    "argo.yaml": "kind: Application\nspec:\n  source: {repoURL: 'https://example.com/a', path: k8s/prod}\n",
    "knative.yaml": "apiVersion: serving.knative.dev/v1\nkind: Service\nspec: {template: {spec: {containers: [{image: a/b}]}}}\n",
    "taskdef.json": '{"family": "api", "containerDefinitions": [{"image": "1.dkr.ecr.x.amazonaws.com/a"}]}',
    "infra/main.bicep": "resource a 'Microsoft.App/containerApps@2023-05-01' = {\n",
    "azure.yaml": "services:\n  api: {project: ., host: containerapp}\n",
    "play.yml": "- hosts: web\n  tasks:\n  - community.docker.docker_container: {name: api, image: 'me/api'}\n",
    "stack.yml": "services:\n  api: {build: .}\n",
    "okteto.yml": "deploy: [kubectl apply -f k8s]\n",
    "api.nomad.hcl": 'job "api" {\n}\n',
}


@pytest.mark.parametrize("path", ROLLED_OUT)
def test_a_file_that_a_platform_is_given_deploys(path: str) -> None:
    facts = facts_of({**CODE, path: ROLLED_OUT[path]})
    assert rollout.workloads(facts) or rollout.composed(facts)


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("conf/train.yaml", "run: baseline\nmodel: {setup: x}\n"),
        ("conf/task.yaml", "type: task\nname: squad\n"),
        ("conf/data.yaml", "service: a\nimage: b.png\n"),
        ("argo.yaml", "kind: Application\nspec:\n  source: {repoURL: 'https://charts.example.com', chart: redis}\n"),
        ("service.yaml", "apiVersion: v1\nkind: Service\nspec: {ports: [{port: 80}]}\n"),
        ("development.yml", "services:\n  api: {build: .}\n"),
        ("registry.yaml", "services:\n  api: {url: x}\n"),
        ("play.yml", "- tasks:\n  - docker_container: {name: db, image: 'postgres:16'}\n"),
        (".github/workflows/a.yml", "jobs:\n  a:\n    services:\n      db: {image: 'postgres:16'}\n"),
    ],
)
def test_other_files_deploy_nothing(path: str, content: str) -> None:
    facts = facts_of({**CODE, path: content})
    assert not rollout.workloads(facts)
    assert not rollout.composed(facts)


STEPS = {
    "Snakefile": "rule all:\n  input: 'm'\nrule prep:\n  shell: 'python prep.py'\nrule fit:\n  shell:\n    '''\n    python train.py\n    '''\n",
    "main.nf": 'process PREP {\n  script:\n  """\n  python prep.py\n  """\n}\nprocess FIT {\n  script:\n  """\n  python train.py\n  """\n}\n',
    "flows/a.yml": "id: a\nnamespace: b\ntasks:\n- {id: x, type: io.kestra.plugin.scripts.python.Commands, commands: [python prep.py]}\n- {id: y, type: io.kestra.plugin.scripts.python.Script}\n",
    "pipeline.yaml": "tasks:\n- {source: prep.py, product: a}\n- {source: train.py, product: b}\n",
    "_targets.R": "library(targets)\nlist(tar_target(a, f()),\n  tar_target(b, g(a)))\n",
}


@pytest.mark.parametrize("path", STEPS)
def test_steps_of_a_workflow_language_are_process_types_and_train(path: str) -> None:
    facts = facts_of({**TRAIN, path: STEPS[path]})
    assert len(platform_files.steps(facts)) == 2
    assert process_types.check(facts).state is State.MET
    assert run.check(facts).state is State.MET
    assert retraining.check(facts).state is State.MET


def test_a_single_rule_is_no_pipeline() -> None:
    assert not platform_files.steps(facts_of({**CODE, "Snakefile": "rule fit:\n  shell: 'python train.py'\n"}))


@pytest.mark.parametrize(
    ("path", "content"),
    [
        (
            "polyaxonfile.yaml",
            "kind: component\nrun: {kind: job, container: {image: 'a/b:1', command: [python, x.py]}}\n",
        ),
        ("const.yaml", "entrypoint: python x.py\nsearcher: {name: single}\nenvironment: {image: 'a/b:1'}\n"),
        ("valohai.yaml", "- step: {name: fit, image: 'a/b:1', command: python x.py}\n"),
    ],
)
def test_a_job_of_a_training_platform_retrains_in_its_image(path: str, content: str) -> None:
    facts = facts_of({**CODE, path: content})
    assert [one.check(facts).state for one in (retraining, run, isolated, system)] == [State.MET] * 4


PIPELINES = {
    "union": "import union\n@union.task(retries=1)\ndef a(): ...\n@union.workflow\ndef w(): a()\n",
    "flyte": "import flyte\nenv = flyte.TaskEnvironment(name='a', image=flyte.Image.from_debian_base())\n@env.task\ndef a(): ...\n",
    "hera": "from hera.workflows import Workflow, script\n@script(image='a/b:1')\ndef a(): ...\nwith Workflow(name='w') as w:\n    a()\n",
    "temporal": "from temporalio import activity, workflow\n@activity.defn\ndef a(): ...\n@workflow.defn\nclass W: ...\n",
    "clearml": "from clearml import PipelineDecorator\n@PipelineDecorator.component()\ndef a(): ...\n@PipelineDecorator.pipeline(name='p')\ndef p(): a()\n",
    "airflow": "from airflow.sdk import dag, task\n@dag\ndef d():\n    @task\n    def t(): ...\n    t()\n",
}


@pytest.mark.parametrize("name", PIPELINES)
def test_pipelines_of_more_orchestrators_are_known(name: str) -> None:
    facts = facts_of({**TRAIN, "flow.py": PIPELINES[name]})
    assert process_types.check(facts).state is State.MET
    assert run.check(facts).state is State.MET


def test_functions_of_modal_are_processes_in_images_that_it_builds() -> None:
    code = "import modal\nimage = modal.Image.debian_slim(python_version='3.11').apt_install('ffmpeg')\napp = modal.App('a', image=image)\n@app.function()\ndef fit(): ...\n@app.function()\n@modal.asgi_app()\ndef web(): ...\n"
    facts = facts_of({"serve.py": code})
    assert [one.check(facts).state for one in (deployment, run, process_types, system, build)] == [State.MET] * 5
    assert not platform_files.process_types(facts_of({"a.py": code.replace("modal.App('a', image=image)", "App()")}))


def test_a_hub_runs_a_repository_that_names_its_sdk() -> None:
    page = "---\ntitle: Demo\nsdk: gradio\nsdk_version: 4.19.2\napp_file: app.py\n---\n"
    app = {"app.py": "import gradio as gr\ngr.Interface(f, 'text', 'text').launch()\n"}
    facts = facts_of({**app, "README.md": page})
    assert [one.check(facts).state for one in (deployment, run, system)] == [State.PARTIAL] * 3
    other = facts_of({**app, "README.md": "# Demo\n\nThe sdk: gradio is used.\n"})
    assert [one.check(other).state for one in (deployment, run, system)] == [State.UNMET] * 3


def test_a_proxy_under_the_same_supervisor_is_no_process_of_the_system() -> None:
    told = "[program:nginx]\ncommand=nginx -g 'daemon off;'\n[program:web]\ncommand=uvicorn app:app\n"
    assert process_types.check(facts_of({**CODE, "supervisord.conf": told})).state is State.PARTIAL


@pytest.mark.parametrize("path", ["Snakefile", "_targets.R"])
def test_steps_on_somebodys_machine_have_no_environment_of_the_system(path: str) -> None:
    assert same_environment.check(facts_of({**TRAIN, path: STEPS[path]})).state is not State.MET


_TASKS = {
    "conf/deployment.yml": "environments:\n  default:\n    workflows:\n      - name: train\n        tasks:\n          - task_key: prepare\n          - task_key: train\n",
    "jobs/train.json": '{"name": "train", "new_cluster": {"spark_version": "10.4"}, "notebook_task": {"notebook_path": "/Repos/p/train"}}',
    "jobs/score.json": '{"name": "score", "tasks": [{"task_key": "prepare"}, {"task_key": "score"}]}',
}


@pytest.mark.parametrize("path", _TASKS)
def test_jobs_of_databricks_are_processes_wherever_they_are_written(path: str) -> None:
    facts = facts_of({path: _TASKS[path], "src/train.py": "from sklearn.svm import SVC\n\nSVC().fit(x, y)\n"})
    assert run.check(facts).state is State.MET
    assert process_types.check(facts).state is not State.UNMET


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("infra/main.bicep", "module web 'site.bicep' = {\n  params: {\n    appCommandLine: 'entry.sh'\n  }\n}\n"),
        (
            "main.tf",
            'resource "azurerm_linux_web_app" "a" {\n  site_config {\n    app_command_line = "sh entry.sh"\n  }\n}\n',
        ),
        (
            ".github/workflows/deploy.yml",
            "jobs:\n  a:\n    steps:\n      - uses: azure/webapps-deploy@v3\n        with: {startup-command: entry.sh}\n",
        ),
    ],
)
def test_what_infrastructure_tells_a_site_to_start_is_followed(path: str, text: str) -> None:
    code = "from fastapi import FastAPI\napp = FastAPI()\n"
    files = {"app.py": code, "entry.sh": "uv sync\nuv run uvicorn app:app\n", path: text}
    assert startup.check(facts_of(files)).state is State.UNMET
    assert startup.check(facts_of({**files, path: text.replace("entry.sh", "uvicorn app:app")})).state is State.MET
    unset = {**files, path: "module web 'site.bicep' = {\n  params: {\n    appCommandLine: given\n  }\n}\n"}
    assert startup.check(facts_of(unset)).state is State.MET
