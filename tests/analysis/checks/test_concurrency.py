"""Verdicts on processes: how training and inference scale, and how process types are declared."""

from __future__ import annotations

import json

import pytest

from apps.analysis.checks.codebase import deployment
from apps.analysis.checks.concurrency import inference, process_types, training
from apps.catalog import State
from tests.analysis.making import facts_of

TORCH = (
    "import torch\nmodel = Net()\noptimizer = torch.optim.SGD(model.parameters(), lr=0.1)\nfor batch in batches:\n"
    "    loss = model(batch)\n    loss.backward()\n    optimizer.step()\n"
)
FASTAPI = "from fastapi import FastAPI\napp = FastAPI()\n@app.post('/predict')\ndef predict(x: int):\n    return x\n"
SKLEARN = "from sklearn.ensemble import RandomForestClassifier\nmodel = RandomForestClassifier({})\nmodel.fit(x, y)\n"


@pytest.mark.parametrize(
    "more",
    [
        "from torch.nn.parallel import DistributedDataParallel\nmodel = DistributedDataParallel(model)\n",
        "from accelerate import Accelerator\naccelerator = Accelerator()\n",
        "import deepspeed\n",
        "import horovod.torch as hvd\n",
        "import pytorch_lightning as pl\ntrainer = pl.Trainer(gpus=4, strategy='ddp')\ntrainer.fit(model)\n",
    ],
)
def test_distributed_training_is_met(more):
    assert training.check(facts_of({"train.py": TORCH + more})).state is State.MET


@pytest.mark.parametrize(
    "more",
    [
        "import ray\n@ray.remote(num_cpus=1)\ndef fit_one(rows):\n    return run(rows)\n",
        "import ray\nworkers = [ray.remote(Worker).remote() for _ in range(count)]\n",
        "from pyspark.sql import SparkSession\nfits = rows.groupBy('shop').applyInPandas(fit_one, schema=schema)\n",
    ],
)
def test_tasks_that_a_cluster_spreads_are_met(more):
    assert training.check(facts_of({"train.py": TORCH, "spread.py": more})).state is State.MET


def test_groups_that_only_ask_a_stored_model_are_none_of_the_training():
    asks = "import torch\nmodel = torch.load(path)\nout = rows.groupBy('shop').applyInPandas(model.predict, schema=schema)\n"
    assert training.check(facts_of({"train.py": TORCH, "score.py": asks})).state is State.UNMET


@pytest.mark.parametrize(
    "more",
    [
        "class Search:\n    def run(self):\n        return self.train_and_evaluate(1)\n",
        "def start(plan):\n    workers: list[str] = []\n    return workers\n",
    ],
)
def test_what_only_sounds_like_several_processes_is_unmet(more):
    assert training.check(facts_of({"train.py": TORCH + more})).state is State.UNMET


def test_a_launcher_of_several_processes_is_met():
    facts = facts_of({"train.py": TORCH, "run.sh": "torchrun --nproc-per-node 4 train.py\n"})
    assert training.check(facts).state is State.MET


def test_python_2_that_only_patterns_can_read_is_judged_too():
    code = "import torch\nfrom torch.nn.parallel import DistributedDataParallel\nprint 'start'\nmodel = DistributedDataParallel(model)\nloss.backward()\noptimizer.step()\n"
    assert training.check(facts_of({"train.py": code})).state is State.MET


def test_an_instance_count_that_is_a_parameter_is_met():
    code = "from sagemaker.estimator import Estimator\nestimator = Estimator(image, instance_count=count)\nestimator.fit(data)\n"
    assert training.check(facts_of({"pipeline.py": code})).state is State.MET


def test_an_instance_count_of_one_is_unmet():
    code = "from sagemaker.estimator import Estimator\nestimator = Estimator(image, instance_count=1)\nestimator.fit(data)\n"
    assert training.check(facts_of({"pipeline.py": code})).state is State.UNMET


def test_jobs_on_one_machine_are_partial():
    assert training.check(facts_of({"train.py": SKLEARN.format("n_jobs=-1")})).state is State.PARTIAL


def test_one_job_is_a_single_process():
    assert training.check(facts_of({"train.py": SKLEARN.format("n_jobs=1")})).state is State.UNMET


def test_workers_of_a_server_are_none_of_the_training():
    command = "import typer\n\ndef {}(workers: int = typer.Option(2, envvar='WORKERS')):\n    pass\n"
    files = {"train.py": SKLEARN.format("max_depth=3")}
    assert training.check(facts_of(files | {"cli.py": command.format("serve")})).state is State.UNMET
    assert training.check(facts_of(files | {"cli.py": command.format("fit")})).state is State.PARTIAL


def test_training_that_does_not_exist_is_not_judged():
    assert training.check(facts_of({"main.py": FASTAPI})).state is State.NA


def test_workers_of_the_deployed_server_are_met():
    image = 'FROM python:3.11\nCMD ["uvicorn", "main:app", "--workers", "4"]\n'
    assert inference.check(facts_of({"main.py": FASTAPI, "Dockerfile": image})).state is State.MET


def test_one_replica_is_partial():
    workload = (
        "kind: Deployment\nspec:\n  replicas: 1\n  template:\n    spec:\n      containers:\n        - image: api:1\n"
    )
    found = inference.check(facts_of({"main.py": FASTAPI, "api.yaml": workload}))
    assert found.state is State.PARTIAL
    assert found.evidence[0].path == "api.yaml"


def test_an_autoscaler_is_met():
    scaler = "kind: HorizontalPodAutoscaler\nspec:\n  minReplicas: 1\n  maxReplicas: 9\n"
    assert inference.check(facts_of({"main.py": FASTAPI, "hpa.yaml": scaler})).state is State.MET


def test_a_server_that_could_take_workers_is_partial():
    facts = facts_of({"main.py": FASTAPI, "Procfile": "web: gunicorn main:app\n"})
    assert inference.check(facts).state is State.PARTIAL


def test_celery_workers_are_met_and_one_solo_worker_is_not():
    compose = "services:\n  worker:\n    build: .\n    command: celery -A app worker {}\n"
    several = facts_of({"main.py": FASTAPI, "compose.yaml": compose.format("")})
    alone = facts_of({"main.py": FASTAPI, "compose.yaml": compose.format("--concurrency=1")})
    assert inference.check(several).state is State.MET
    assert inference.check(alone).state is not State.MET


def test_a_development_server_is_a_single_process():
    code = "from flask import Flask\napp = Flask(__name__)\napp.run()\n"
    assert inference.check(facts_of({"app.py": code})).state is State.UNMET


def test_no_inference_is_not_judged():
    assert inference.check(facts_of({"train.py": TORCH})).state is State.NA


def test_several_services_of_the_system_are_met():
    compose = "services:\n  api:\n    build: .\n  worker:\n    build: .\n  db:\n    image: postgres:16\n"
    assert process_types.check(facts_of({"compose.yaml": compose})).state is State.MET


def test_a_database_is_no_process_type_of_the_system():
    compose = "services:\n  api:\n    build: .\n  db:\n    image: postgres:16\n"
    assert process_types.check(facts_of({"compose.yaml": compose})).state is State.PARTIAL


def test_two_images_that_start_the_same_program_are_one_process_type():
    image = 'FROM python:3.11\nCMD ["uvicorn", "main:app", "--workers", "{}"]\n'
    facts = facts_of({"a/Dockerfile": image.replace("{}", "1"), "b/Dockerfile": image.replace("{}", "2")})
    assert process_types.check(facts).state is State.PARTIAL


@pytest.mark.parametrize(
    ("code", "state"),
    [
        (
            "from sagemaker.mlops.workflow.pipeline import Pipeline\n"
            "from sagemaker.mlops.workflow.steps import TrainingStep\n"
            "pipeline = Pipeline(name='churn', steps=[TrainingStep(name='train', step_args=given)])\n",
            State.MET,
        ),
        (
            "import boto3\nclass Jobs:\n    def __init__(self):\n        self.client = boto3.client('emr-serverless')\n"
            "    def run(self):\n        self.client.start_job_run(jobDriver=driver)\n",
            State.PARTIAL,
        ),
        (
            "from google.cloud import dataproc_v1\nclient = dataproc_v1.BatchControllerClient()\n"
            "client.create_batch(parent=parent, batch=batch)\n",
            State.PARTIAL,
        ),
    ],
)
def test_steps_and_jobs_that_code_hands_to_a_cloud_are_told(code, state):
    facts = facts_of({"train.py": TORCH, "run.py": code})
    assert process_types.check(facts).state is state
    assert deployment.check(facts).state is State.MET


def test_steps_of_a_pipeline_are_met():
    stages = "stages:\n  prepare:\n    cmd: python prepare.py\n  train:\n    cmd: python train.py\n"
    assert process_types.check(facts_of({"dvc.yaml": stages})).state is State.MET


def test_nothing_declared_is_unmet():
    assert process_types.check(facts_of({"train.py": TORCH})).state is State.UNMET


def test_steps_that_only_a_notebook_declares_are_met_also_beside_scripts():
    notebook = '{"cells": [{"cell_type": "code", "source": ["from sagemaker.workflow.pipeline import Pipeline\\n", "Pipeline(name=n, steps=s)"]}], "metadata": {}}'
    assert process_types.check(facts_of({"train.py": TORCH, "pipeline.ipynb": notebook})).state is State.MET


def test_a_web_platform_declares_one_process():
    files = {"app.py": "from flask import Flask\napp = Flask(__name__)\n", ".ebextensions/python.config": "x: y\n"}
    assert process_types.check(facts_of(files)).state is State.PARTIAL


COMPOSED = "services:\n  api:\n    build: .\n"


@pytest.mark.parametrize(
    ("blocks", "state"),
    [
        ('resource "azurerm_container_app" "main" {}\n', State.PARTIAL),
        ('resource "azurerm_key_vault_access_policy" "container_app" {}\n', State.PARTIAL),
        ('resource "google_cloud_run_v2_service_iam_member" "public" {}\n', State.PARTIAL),
        ('resource "aws_ecs_task_definition" "api" {}\nresource "aws_ecs_service" "api" {}\n', State.PARTIAL),
        ('resource "aws_ecs_service" "api" {}\nresource "aws_lambda_function" "ingest" {}\n', State.MET),
        ('resource "azurerm_container_group" "fit" {}\nresource "azurerm_linux_function_app" "api" {}\n', State.MET),
    ],
)
def test_one_service_that_compose_and_terraform_declare_is_one_process_type(blocks: str, state: State) -> None:
    assert process_types.check(facts_of({"compose.yaml": COMPOSED, "main.tf": blocks})).state is state


def test_a_job_beside_the_service_of_compose_is_a_process_type_of_its_own() -> None:
    job = "kind: CronJob\nmetadata:\n  name: retrain\nspec:\n  schedule: '0 4 * * *'\n"
    assert process_types.check(facts_of({"compose.yaml": COMPOSED, "k8s/job.yaml": job})).state is State.MET


@pytest.mark.parametrize(("pool", "state"), [("'--concurrency=2'", State.MET), ("'--pool=solo'", State.PARTIAL)])
def test_workers_that_code_starts_are_counted(pool: str, state: State) -> None:
    code = f"from celery import Celery\ncelery = Celery('tasks')\ncelery.worker_main(['worker', {pool}])\n"
    server = f"{FASTAPI}import uvicorn\nuvicorn.run(app)\n"
    assert inference.check(facts_of({"main.py": server, "tasks.py": code})).state is state


def test_a_serverless_endpoint_of_a_data_platform_is_met() -> None:
    code = (
        "from databricks.sdk import WorkspaceClient\nfrom databricks.sdk.service.serving import ServedEntityInput\n"
        "w = WorkspaceClient()\nentity = ServedEntityInput(entity_name=name, scale_to_zero_enabled=True)\n"
        "w.serving_endpoints.create(name=name, config=entity)\n"
    )
    assert inference.check(facts_of({"deploy.py": code})).state is State.MET


def test_the_number_of_replicas_in_a_chart_is_the_one_of_its_values() -> None:
    chart = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: api}\nspec:\n  replicas: {{ .Values.replicaCount }}\n  template:\n    spec:\n      containers:\n        - name: api\n          image: team/api:1\n"
    files = {"main.py": "from fastapi import FastAPI\napp = FastAPI()\n", "helm/templates/deployment.yaml": chart}
    assert inference.check(facts_of({**files, "helm/values.yaml": "replicaCount: 1\n"})).state is State.PARTIAL
    assert inference.check(facts_of({**files, "helm/values.yaml": "replicaCount: 3\n"})).state is State.MET


def test_processes_that_only_tasks_tell_apart_are_partial() -> None:
    files = {"main.py": "from fastapi import FastAPI\napp = FastAPI()\n", "Makefile": "api:\n\tuvicorn main:app\n"}
    assert process_types.check(facts_of(files)).state is State.PARTIAL


def test_functions_of_a_cloud_that_are_named_by_a_variable_are_told_apart() -> None:
    begun = "import * as lambda from 'aws-cdk-lib/aws-lambda';\nnew lambda.Function(this, scorer, {});\n"
    assert process_types.check(facts_of({"infra/stack.ts": begun})).state is State.PARTIAL
    files = {"infra/stack.ts": f"{begun}new lambda.Function(this, trainer, {{}});\n"}
    found = process_types.check(facts_of(files))
    assert found.state is State.MET
    assert "Function scorer, Function trainer" in found.summary


FIT = "from sklearn.ensemble import RandomForestClassifier\nRandomForestClassifier({}).fit(x, y)\n"


def test_cores_that_a_notebook_asks_for_are_none_of_the_training_that_a_script_does() -> None:
    cells = {"cells": [{"cell_type": "code", "source": FIT.format("n_jobs=-1")}]}
    alone = {"look.ipynb": json.dumps(cells)}
    assert training.check(facts_of(alone)).state is State.PARTIAL
    assert training.check(facts_of({**alone, "train.py": FIT.format("")})).state is State.UNMET
    assert training.check(facts_of({**alone, "train.py": FIT.format("n_jobs=4")})).state is State.PARTIAL


@pytest.mark.parametrize(("count", "state"), [(0, State.UNMET), (1, State.UNMET), (4, State.PARTIAL)])
def test_workers_that_a_setting_fixes_to_none_or_one_are_no_others(count: int, state: State) -> None:
    code = (
        "from transformers import Trainer, TrainingArguments\n"
        "told = TrainingArguments(output_dir='out', dataloader_num_workers=cfg.fit.dataloader_num_workers)\n"
        "Trainer(args=told).train()\n"
    )
    files = {"train.py": code, "config.yaml": f"fit:\n  dataloader_num_workers: {count}\n"}
    assert training.check(facts_of(files)).state is state


def test_a_stage_of_an_image_that_tests_is_no_process_type() -> None:
    stages = (
        'FROM python:3.12 AS base\nFROM base AS test\nCMD ["pytest", "-v"]\nFROM base\nCMD ["uvicorn", "app:app"]\n'
    )
    assert process_types.check(facts_of({"app.py": FASTAPI, "Dockerfile": stages})).state is State.PARTIAL
    for command, state in (
        ('"python", "work.py"', State.MET),
        ('"coverage", "run", "work.py"', State.MET),
        ('"coverage", "run", "--branch", "-m", "pytest"', State.PARTIAL),
    ):
        worker = stages.replace('"pytest", "-v"', command)
        assert process_types.check(facts_of({"app.py": FASTAPI, "Dockerfile": worker})).state is state


def test_a_script_that_hands_over_to_a_program_makes_no_process_type_of_its_own() -> None:
    plain = 'FROM python:3.12\nCOPY . .\nENTRYPOINT ["docker-entrypoint.sh"]\nCMD ["python", "serve.py"]\n'
    beside = plain.replace('"docker-', '"./docker-')
    files = {"app.py": FASTAPI, "Dockerfile": plain, "Dockerfile.slim": beside}
    assert process_types.check(facts_of(files)).state is State.PARTIAL
    other = beside.replace("serve.py", "work.py")
    assert process_types.check(facts_of({**files, "Dockerfile.slim": other})).state is State.MET


def test_a_container_to_develop_in_and_a_monitor_of_workers_are_no_process_types() -> None:
    inside = {
        ".devcontainer/docker-compose.yml": "services:\n  workspace:\n    build: .\n    command: sleep infinity\n"
    }
    assert process_types.check(facts_of({"app.py": FASTAPI, **inside})).state is State.UNMET
    compose = "services:\n  api:\n    build: .\n  flower:\n    build: .\n    command: celery -A jobs flower\n"
    assert process_types.check(facts_of({"app.py": FASTAPI, "compose.yaml": compose})).state is State.PARTIAL


def test_an_image_that_collects_traces_is_no_process_type() -> None:
    app = 'FROM python:3.12\nCOPY . .\nCMD ["uvicorn", "app:app"]\n'
    collector = (
        'FROM otel/opentelemetry-collector-contrib:0.121.0\nCMD ["/otelcol-contrib", "--config", "/etc/c.yaml"]\n'
    )
    files = {"app.py": FASTAPI, "Dockerfile": app, "collector/Dockerfile": collector}
    assert process_types.check(facts_of(files)).state is State.PARTIAL


def test_a_job_that_code_gives_to_a_cluster_is_a_process_type() -> None:
    code = "from kubernetes import client\n\nclient.BatchV1Api().create_namespaced_job(namespace='a', body=job)\n"
    assert process_types.check(facts_of({"train.py": TORCH})).state is State.UNMET
    assert process_types.check(facts_of({"train.py": TORCH, "submit.py": code})).state is State.PARTIAL


def test_what_installs_a_platform_in_a_cluster_is_none_of_the_system() -> None:
    installs = (
        "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: pools.disks.io}\n---\n"
        "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: disks}\n---\n"
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: disks}\nspec:\n  replicas: 3\n  template:\n    spec:\n"
        "      containers: [{name: disks, image: 'disks/operator:1.2'}]\n"
    )
    facts = facts_of({"train.py": TORCH, "app.py": FASTAPI, "k8s/disks.yaml": installs})
    assert process_types.check(facts).state is not State.MET
    assert inference.check(facts).state is not State.MET
    assert deployment.check(facts).state is State.UNMET
    kinds, rights, own = installs.split("---\n")
    for documents in ([own], [kinds, own], [own, kinds, rights]):
        manifest = "---\n".join(documents)
        found = facts_of({"train.py": TORCH, "app.py": FASTAPI, "k8s/api.yaml": manifest})
        assert inference.check(found).state is State.MET
        assert deployment.check(found).state is not State.UNMET


FANNED_OUT = "from metaflow import FlowSpec, step\nimport model\n\nclass Score(FlowSpec):\n    @step\n    def start(self):\n        self.next(self.{step}, {how})\n\n    @step\n    def {step}(self):\n        self.rows = model.answers(self.input)\n"
ASKED = "import joblib\nnet = joblib.load(path)\n\ndef answers(x):\n    return net.predict(x)\n"


@pytest.mark.parametrize(
    ("step", "how", "state"),
    [
        ("score", "foreach='parts'", State.MET),
        ("score", "n=1", State.UNMET),
        ("train_model", "foreach='parts'", State.UNMET),
    ],
)
def test_steps_that_predict_for_each_part_run_side_by_side(step: str, how: str, state: State) -> None:
    facts = facts_of({"flow.py": FANNED_OUT.format(step=step, how=how), "model.py": ASKED})
    assert inference.check(facts).state is state


@pytest.mark.parametrize(("count", "state"), [(4, State.MET), (1, State.UNMET)])
def test_trials_of_a_sweep_of_azure_ml_run_side_by_side(count: int, state: State) -> None:
    sweep = f"jobs:\n  sweep:\n    type: sweep\n    limits:\n      max_total_trials: 8\n      max_concurrent_trials: {count}\n"
    assert training.check(facts_of({"train.py": SKLEARN.format(""), "pipeline.yml": sweep})).state is state


@pytest.mark.parametrize(("steps", "state"), [("self.boost, self.forest", State.MET), ("self.boost", State.UNMET)])
def test_branches_of_a_flow_run_side_by_side(steps: str, state: State) -> None:
    flow = f"from metaflow import FlowSpec, step\nfrom sklearn.svm import SVC\n\nclass Train(FlowSpec):\n    @step\n    def start(self):\n        self.next({steps})\n\n    @step\n    def boost(self):\n        SVC().fit(x, y)\n"
    assert training.check(facts_of({"flow.py": flow})).state is state
    signs = flow.replace("from metaflow import FlowSpec, step", "from signs import FlowSpec, step")
    assert training.check(facts_of({"flow.py": signs})).state is State.UNMET
