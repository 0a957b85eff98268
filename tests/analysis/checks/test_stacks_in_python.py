"""Systems whose jobs a platform runs, laid out as infrastructure in Python."""

from __future__ import annotations

import pytest

from apps.analysis.checks.backing_services import monitoring, storage
from apps.analysis.checks.build_release_run import run
from apps.analysis.checks.codebase import inference
from apps.analysis.checks.disposability import resume
from apps.analysis.checks.port_binding import service
from apps.catalog import State
from tests.analysis.making import facts_of

STACK = """from aws_cdk import Stack, aws_cloudwatch as cw, aws_s3 as s3, aws_stepfunctions as sfn, aws_stepfunctions_tasks as tasks

class Scoring(Stack):
    def __init__(self, scope, name):
        super().__init__(scope, name)
        self.rows = s3.Bucket(self, "Rows")
        step = tasks.{task}(self, "Score", model_name=scope.model_name)
        {more}
        self.machine = sfn.StateMachine(self, "Flow", definition=step)
"""


def _stack(task: str = "SageMakerCreateTransformJob", more: str = "pass") -> dict[str, str | bytes]:
    return {"stack.py": STACK.format(task=task, more=more)}


def test_a_step_that_transforms_batches_is_inference() -> None:
    assert inference.check(facts_of(_stack())).state is State.MET
    assert inference.check(facts_of(_stack("LambdaInvoke"))).state is State.NA


@pytest.mark.parametrize(
    ("task", "state"),
    [
        ("SageMakerCreateEndpoint", State.PARTIAL),
        ("SageMakerUpdateEndpoint", State.PARTIAL),
        ("SageMakerCreateTransformJob", State.NA),
    ],
)
def test_a_step_that_makes_an_endpoint_serves(task: str, state: State) -> None:
    assert service.check(facts_of(_stack(task))).state is state


@pytest.mark.parametrize(
    ("more", "state"), [("step.add_retry(max_attempts=3)", State.MET), ("step.add_catch(scope)", State.UNMET)]
)
def test_steps_of_a_machine_are_retried_where_it_is_told(more: str, state: State) -> None:
    assert resume.check(facts_of(_stack(more=more))).state is state


def test_a_bucket_of_the_stack_is_attached() -> None:
    by_name = storage.check(facts_of(_stack(more='rows = f"s3://{self.rows.bucket_name}/in/"')))
    assert by_name.state is State.MET, by_name.summary
    elsewhere = {
        "score.py": 'import pandas as pd\n\ndef score(rows):\n    pd.read_csv(f"s3://{rows.bucket_name}/in/")\n'
    }
    assert storage.check(facts_of(elsewhere)).state is not State.MET


def test_alarms_are_of_cloudwatch() -> None:
    found = monitoring.check(facts_of(_stack(more='cw.Alarm(self, "Failed", threshold=1)')))
    assert found.state is State.MET
    assert "CloudWatch" in found.summary


def test_a_report_of_drift_in_the_process_is_no_service() -> None:
    code = "from evidently.model_monitoring import ModelMonitoring\n\nmonitor = ModelMonitoring(monitors=[])\n"
    assert monitoring.check(facts_of({"watch.py": code})).state is State.NA


@pytest.mark.parametrize(
    ("line", "state"), [("python -m venv .venv", State.UNMET), ("python -m scoring.daily", State.PARTIAL)]
)
def test_making_an_environment_runs_nothing(line: str, state: State) -> None:
    files = {"scoring/daily.py": "import pandas\n", "README.md": f"# Scores\n\n    {line}\n"}
    assert run.check(facts_of(files)).state is state


def test_a_machine_of_a_stack_declares_what_runs() -> None:
    assert run.check(facts_of(_stack())).state is State.MET
