"""Training and endpoints that only files of a platform, or infrastructure in code, declare."""

from __future__ import annotations

import pytest

from apps.analysis.checks.codebase import training
from apps.analysis.checks.port_binding import service
from apps.analysis.deployment.starts import all_declared
from apps.analysis.running import starts
from apps.catalog import State
from tests.analysis.making import facts_of

ENDPOINT = "name: flights\ntype: online\nauth_mode: key\ntraffic:\n  blue: 100\n"
DEPLOYMENT = "name: blue\nendpoint_name: flights\nmodel: azureml:flights:1\ninstance_type: Standard_DS3_v2\n"
JOB = "command: python train.py\nenvironment:\n  image: ubuntu\ncompute: cpu-cluster\n"
PIPELINE = "type: pipeline\njobs:\n  train:\n    type: command\ncompute: azureml:cpu\nexperiment_name: flights\n"


@pytest.mark.parametrize("text", [ENDPOINT, DEPLOYMENT])
def test_an_endpoint_of_azure_ml_serves_though_its_file_names_no_schema(text) -> None:
    assert facts_of({"ml/endpoint.yml": text}).profile.serves.holds
    assert service.check(facts_of({"ml/endpoint.yml": text})).state is State.PARTIAL


@pytest.mark.parametrize("text", [JOB, PIPELINE])
def test_a_job_of_azure_ml_is_told_by_its_keys(text) -> None:
    (told,) = [leaf for _, leaf in facts_of({"ml/job.yml": text}).leaves(r"\.yml$", "$schema")]
    assert "Job.schema.json" in told.text


@pytest.mark.parametrize(
    "text",
    [
        "command: make\nenvironment: test\n",
        "name: ci\njobs:\n  a: b\n",
        "name: x\nauth_mode: key\n",
        "model: gpt\n",
        "",
    ],
)
def test_other_files_with_such_keys_are_none(text) -> None:
    assert not facts_of({"a.yml": text}).leaves(r"\.yml$", "$schema")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("infra/stack.ts", "const train = new tasks.SageMakerCreateTrainingJob(this, `Train`, {\n  role: role,\n});\n"),
        ("infra/stack.py", "from aws_cdk import aws_stepfunctions_tasks as tasks\n\ntasks.SageMakerCreateTrainingJob(self, 'Train', role=role)\n"),
        ("infra/flow.tf", 'resource "aws_sfn_state_machine" "ml" {\n  definition = "arn:aws:states:::sagemaker:createTrainingJob.sync"\n}\n'),
        ("src/start.ts", "await client.send(new CreateTrainingJobCommand({ TrainingJobName: name }));\n"),
    ],
)  # fmt: skip
def test_training_that_infrastructure_asks_a_platform_for_is_training(name, text) -> None:
    facts = facts_of({name: text})
    assert facts.profile.trains.holds
    assert training.check(facts).state is State.MET


def test_an_import_alone_trains_nothing() -> None:
    text = "import { CreateTrainingJobCommand } from '@aws-sdk/client-sagemaker';\n"
    assert not facts_of({"src/start.ts": text}).profile.trains.holds


def test_a_class_of_ones_own_that_is_called_a_trainer_is_no_job_of_a_platform() -> None:
    text = "from src.components.model_trainer import ModelTrainer\nModelTrainer(config).start()\n"
    assert not facts_of({"main.py": text}).profile.trains.holds
    assert facts_of(
        {"main.py": "from sagemaker.modules.train import ModelTrainer\nModelTrainer(role=role).train()\n"}
    ).profile.trains.holds


KNATIVE = (
    "apiVersion: serving.knative.dev/v1\nkind: Service\nmetadata: {name: api}\n"
    "spec: {template: {spec: {containers: [{image: a/b, command: [python, serve.py]}]}}}\n"
)


@pytest.mark.parametrize(
    ("path", "text", "told"),
    [
        ("render.yaml", "services:\n- startCommand: gunicorn app:app\n", True),
        ("service.yaml", "run: python serve.py\nresources:\n  ports: 80\n", True),
        ("manifest.yml", "applications:\n- command: python serve.py\n", True),
        ("service.yaml", KNATIVE, True),
        ("service.yaml", "apiVersion: v1\nkind: Service\nspec:\n  selector:\n    run: the api\n", False),
        ("service.yaml", "selector:\n  app: api\n", False),
    ],
)
def test_what_a_file_tells_a_platform_is_told_to_whoever_asks(path: str, text: str, *, told: bool) -> None:
    facts = facts_of({path: text, "app.py": "x = 1\n"})
    assert [start.command for start in starts.deployed(facts)] == [start.command for start in all_declared(facts)]
    assert bool(starts.deployed(facts)) is told
