"""What stands for one stage of a learning system, and what tells a stage's functions and files."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeVar

import msgspec

from apps.analysis.expressions import expression
from apps.analysis.kept import kept
from apps.analysis.learning import frameworks

if TYPE_CHECKING:
    from collections.abc import Iterable

    from apps.analysis.facts.model import Call, Define
    from apps.analysis.findings import Evidence
    from apps.analysis.repository import Facts, File

T = TypeVar("T")


MANY_NOTEBOOKS, FEW_MODULES = 10, 2  # each notebook does the work for itself


class Stage(msgspec.Struct, frozen=True):
    """Where a stage's code is: `own` in a function, module or step of its own; `inline` within another stage's script,
    or in the hands of a platform."""

    own: list[Evidence] = []
    inline: list[Evidence] = []
    notebooks: list[Evidence] = []

    @property
    def is_mostly_in_notebooks(self) -> bool:
        """Whether many notebooks do what a module or two do as well: work of its own in each of them."""
        notebooks, own = ({place.path for place in found} for found in (self.notebooks, self.own))
        return len(notebooks) >= MANY_NOTEBOOKS and len(own) <= FEW_MODULES

    @property
    def share(self) -> str:
        """How much of the stage lies in notebooks, as a word."""
        return "mostly" if self.own else "only"

    @property
    def evidence(self) -> list[Evidence]:
        return [*self.own, *self.inline, *self.notebooks]


def scripted(pairs: Iterable[tuple[File, T]]) -> list[tuple[File, T]]:
    """Those of the pairs that stand in code which runs without a person."""
    return [pair for pair in pairs if not pair[0].is_notebook]


def in_notebooks(pairs: Iterable[tuple[File, T]]) -> list[tuple[File, T]]:
    return [pair for pair in pairs if pair[0].is_notebook]


def is_step(one: Define) -> bool:
    """Whether an orchestrator runs the function as a step of its own."""
    return any(
        re.search(r"(^|\.)(step|task|component|asset|op|node|flow)$", decorator.name) for decorator in one.decorators
    )


_ORCHESTRATORS = ("airflow", "kfp", "kedro", "prefect", "dagster", "flytekit", "zenml", "sagemaker")
_STEP_OF = ("func", "python_callable", "fn", "function")
_MAKES_STEP = ("node", "Node", "create_component_from_func", "func_to_container_op", "PythonOperator", "task")


@kept
def handed_as_steps(facts: Facts) -> set[str]:
    """Names of functions that a pipeline is given as its steps, where it is put together: `node(evaluate, …)`."""
    files = {file.path: file for file, _ in facts.imports(*_ORCHESTRATORS)}
    calls = facts.calls("*", files=files.values(), where=_makes_step)
    given = [one for _, call in calls for one in (*call.args[:1], *(call.kwargs.get(name) for name in _STEP_OF))]
    return {one.rpartition(".")[2].removeprefix("$") for one in given if isinstance(one, str) and _FUNCTION.match(one)}


_FUNCTION = expression(r"^\$[\w.]{1,120}$")


def _makes_step(_: File, call: Call) -> bool:
    return call.last in _MAKES_STEP or any(name in call.kwargs for name in _STEP_OF)


_MEASURING = ("mlflow", "evaluate", "ragas", "deepeval", "evidently", "giskard", "deepchecks")


def is_ml(file: File) -> bool:
    return file.once(_is_ml)


def _is_ml(file: File) -> bool:
    return file.imports(*frameworks.LEARNING, *_MEASURING)


def networks_of(facts: Facts) -> frozenset[tuple[str, str]]:
    """(path, name) of classes that are networks: a method of theirs is a part of the model, no program that uses one."""
    return frozenset(
        (file.path, one.name)
        for file, one in facts.deriving(facts.scripts)
        if one.kind == "class" and any(base.endswith(_NETWORK_BASES) for base in one.bases)
    )


_NETWORK_BASES = ("nn.Module", "torch.nn.modules.module.Module", "keras.Model", "keras.models.Model", "layers.Layer")
