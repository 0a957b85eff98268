"""What systems in C# show: what they print, what they prepare, and what builds them."""

from __future__ import annotations

import pytest

from apps.analysis import checks
from apps.catalog import State
from tests.analysis.making import facts_of

CHECKS = checks.load()

PROJECT = (
    '<Project Sdk="Microsoft.NET.Sdk"><PropertyGroup><TargetFramework>net8.0</TargetFramework></PropertyGroup>'
    '<ItemGroup><PackageReference Include="Microsoft.ML" Version="3.0.1" /></ItemGroup></Project>'
)
TRAINER = """using Microsoft.ML;
var context = new MLContext();
var data = context.Data.LoadFromTextFile<Input>("rows.csv");
var pipeline = context.Transforms.{step}.Append(context.Ranking.Trainers.LightGbm());
var model = pipeline.Fit(data);
{told}
"""
MAPPED = 'Conversion.MapKeyToValue("Label")'
PREPARED = 'Conversion.MapValueToKey("Label")'


def state(item: str, *, step: str = MAPPED, told: str = "", project: str = PROJECT) -> State:
    files = {"src/Trainer.csproj": project, "src/Program.cs": TRAINER.format(step=step, told=told)}
    return CHECKS[item](facts_of(files)).state


@pytest.mark.parametrize("call", ["Console.WriteLine", "Console.Write", "Console.Error.WriteLine", "Console.Out.Write"])
def test_what_the_console_is_told_is_printed(call: str) -> None:
    assert state("logs.system-events", told=f'{call}($"NDCG: {{ndcg}}");') is State.PARTIAL


@pytest.mark.parametrize(
    "line", ["Console.ReadLine();", "var shown = new ConsoleWriter(path);", "using Console.Writers;"]
)
def test_a_console_that_is_only_read_tells_nothing(line: str) -> None:
    assert state("logs.system-events", told=line) is State.UNMET


def test_metrics_on_the_console_are_weaker_than_a_tracker_and_more_than_nothing() -> None:
    assert state("logs.training-metrics", told='Console.WriteLine($"NDCG: {ndcg}");') is State.PARTIAL
    assert state("logs.training-metrics") is State.UNMET


@pytest.mark.parametrize(
    "step",
    [
        PREPARED,
        'Text.FeaturizeText("Features", "Text")',
        'Categorical.OneHotEncoding("Kind")',
        'NormalizeMinMax("Features")',
        'Concatenate("Features", "Width", "Height")',
    ],
)
def test_steps_before_the_trainer_prepare_data_inline(step: str) -> None:
    assert state("codebase.preprocessing", step=step) is State.PARTIAL


def test_naming_what_was_predicted_prepares_no_data() -> None:
    assert state("codebase.preprocessing") is State.UNMET


def test_a_project_file_is_a_package_that_nothing_builds() -> None:
    assert state("build-release-run.build") is State.PARTIAL
    assert CHECKS["build-release-run.build"](facts_of({"src/Program.cs": TRAINER})).state is State.UNMET
