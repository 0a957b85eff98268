"""Which scripts and pipelines are told, when they start, what to work on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from apps.analysis.code.importing import imported_by
from apps.analysis.expressions import expression
from apps.analysis.tasks import retraining
from apps.analysis.tasks.inputs import INPUTS, by_environment

if TYPE_CHECKING:
    from apps.analysis.facts.model import Define
    from apps.analysis.repository import Facts, File

_RUNS = expression(r"(^|\.)(flow|pipeline|dag|job)$")
# What an orchestrator tells a run: its parameters, its date, its variables.
_TOLD = (
    "*.ParameterString", "*.ParameterInteger", "*.PipelineParameter", "airflow.*.Param", "*.Variable.get", "*.RuntimeParameter", "metaflow.Parameter", "metaflow.Config", "metaflow.IncludeFile", "luigi.*Parameter", "*.widgets.get", "*.DataPath",
    "*.get_current_context",
)  # fmt: skip
_DATED = frozenset({"execution_date", "logical_date", "data_interval_start", "data_interval_end", "dag_run"})
_DATED_IN_AIRFLOW = _DATED | {"ds", "ts", "params"}  # which mean something else elsewhere
_TEMPLATE = expression(
    r"\{\{-?\s{0,9}(ds|ts|execution_date|logical_date|data_interval_\w+|dag_run|params|prev_\w+|macros|var)\b"
)
_BY_NAME = ("kedro", "dagster")  # any part of them can be asked for alone


def told(facts: Facts) -> set[str]:
    """Paths of Python files in which a run of a pipeline can be told what to work on."""
    return facts.once(_told)


def _told(facts: Facts) -> set[str]:
    flagged = retraining.takes_flags(facts)
    found = {
        file.path
        for file, _ in (*facts.calls(*_TOLD, files=facts.scripts), *facts.imports(*_BY_NAME, files=facts.scripts))
    }
    found |= {
        file.path
        for file, call in facts.calls("*.DAG", "*.dag", files=facts.scripts)
        if call.kwargs.get("catchup") is True
    }
    airflow = {file.path: file for file, _ in facts.imports("airflow", files=facts.scripts)}
    found |= {path for path, file in airflow.items() if file.once(_fills_templates)}
    found |= {file.path for file, _ in facts.defines("", facts.scripts, where=_is_told)}
    begun = [file for file in facts.scripts if file.path in flagged or file.once(by_environment)]
    # What starts a pipeline hands on to it what it was told.
    return found | {file.path for file in begun} | imported_by(facts, begun).keys()


def _is_told(file: File, define: Define) -> bool:
    """Whether a function takes the date of a run, or is a pipeline that takes its inputs."""
    if not define.parameters:
        return False
    dated = _DATED_IN_AIRFLOW if file.imports("airflow") else _DATED
    # parameters of ZenML's first pipelines are their steps
    runs = any(_RUNS.search(one.name) and not one.name.startswith("zenml.pipelines") for one in define.decorators)
    return not dated.isdisjoint(define.parameters) or (runs and any(map(INPUTS.search, define.parameters)))


def _fills_templates(file: File) -> bool:
    """Whether texts of a file take what Airflow tells a run: `{{ ds }}`, `{{ params.since }}`."""
    code = file.facts.code
    if code is None:
        return False
    values = [value for call in code.calls for value in (*call.args, *call.kwargs.values())]
    values += [one.value for one in code.assigns]
    return any(isinstance(value, str) and _TEMPLATE.search(value) for value in values)
