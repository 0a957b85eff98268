"""What captures the requests of a service and their answers: tracers, platforms that are told to, own tables."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from apps.analysis.code.keywords import given
from apps.analysis.events import answers
from apps.analysis.expressions import expression, literal
from apps.analysis.foreign import languages
from apps.analysis.paths import Kind
from apps.analysis.repository import places

if TYPE_CHECKING:
    from apps.analysis.facts.model import Call, Leaf
    from apps.analysis.findings import Evidence
    from apps.analysis.repository import Facts, File

_TRACERS = (
    "weave.init", "mlflow.langchain.autolog", "mlflow.openai.autolog", "mlflow.llama_index.autolog", "mlflow.dspy.autolog", "mlflow.anthropic.autolog", "mlflow.gemini.autolog", "mlflow.crewai.autolog",
    "openinference.*.instrument", "*.Traceloop.init", "agentops.init", "langwatch.*", "lunary.*", "promptlayer.*", "*.HuggingFaceDatasetSaver", "*.HuggingfaceDatasetSaver", "*.CommitScheduler", "logfire.instrument_openai", "logfire.instrument_anthropic", "logfire.instrument_pydantic_ai",
    "*.set_global_handler",
)  # fmt: skip
_TRACING = r"^LANG(CHAIN|SMITH)_TRACING(_V2)?$"
_ON = r"(?i)^['\"]?(true|1|yes)\b"


def tracers(facts: Facts) -> list[Evidence]:
    """Tracers of language models that are switched on for the whole process."""
    made = [
        pair for pair in facts.calls(*_TRACERS, files=facts.scripts) if not re.search(r"train|eval|bench", pair[0].path)
    ]
    named = [
        (file, one)
        for file, one in facts.assigns(rf"^os\.environ\[{_TRACING[1:-1]}\]$", files=facts.scripts)
        if re.search(_ON, str(one.value))
    ]
    configured = [
        (file, leaf)
        for file, leaf in [
            *facts.leaves("", "**", "LANG*_TRACING*", value=_ON),
            *facts.leaves("", value=rf"{_TRACING[:-1]}(=\W?true\b|$)"),
        ]
        if not re.search(r"example|sample|template|\.dist$", file.name) and leaf.text != "name"
    ]
    images = [
        (file, one) for file in facts.dockerfiles for one in file.facts.instructions
        if one.name == "ENV" and re.search(r"LANG(CHAIN|SMITH)_TRACING(_V2)?[= ]\W?true", one.value)
    ]  # fmt: skip
    return places([*made, *named, *configured, *images])


def declared(facts: Facts) -> list[Evidence]:
    """Capture of requests and answers that a platform is told to make."""
    keys = (
        "*data*apture*",
        "data_collector",
        "dataCollector",
        "auto_capture_config",
        "requestResponseLoggingConfig",
        "predictRequestResponseLoggingConfig",
    )
    leaves = [pair for key in keys for pair in facts.leaves(r"\.(ya?ml|json)$", "**", key, "**")]
    leaves += [
        (file, leaf)
        for file, leaf in facts.leaves(r"\.ya?ml$", "kind", value="^(InferenceService|SeldonDeployment)$")
        if facts.leaves(literal(file.path), "spec", "**", "logger", "**")
    ]
    blocks = [(file, line) for file, line, _ in facts.signals("answer-capture") if file.kind is Kind.TERRAFORM]
    code = [(file, line) for file, line, text in _captured(facts) if not _OWN.search(text) or answers.is_watched(text)]
    return places([*leaves, *blocks, *code])


def _captured(facts: Facts) -> list[tuple[File, int, str]]:
    """Lines of code in other languages that keep an answer or have it captured; not those of what a person keeps."""
    found = languages.lines(facts, "answer-capture")
    return [one for one in found if not _OF_A_PERSON.search(one[0].path)]


_OF_A_PERSON = expression(r"\.(jsx|tsx|vue)$|(^|/)(frontend|client|web|ui|scripts)/")
_OWN = expression(r"\.(?:save|insertOne|insert|create)\s*\(|(?:save|insert)\w{0,40}Prediction")


def owned_elsewhere(facts: Facts) -> list[Evidence]:
    """Where applications in other languages keep answers among their own data."""
    lines = [
        (file, line) for file, line, text in _captured(facts) if file.kind is not Kind.TERRAFORM and _OWN.search(text)
    ]
    return places(lines)


_INSIGHTS = ("enable_app_insights", "app_insights_enabled", "appInsightsEnabled")


def insights(facts: Facts) -> list[tuple[File, Call | Leaf]]:
    """Endpoints of Azure ML whose requests Application Insights counts."""
    told = [pair for pair in given(facts, *_INSIGHTS) if any(pair[1].kwargs.get(name) is True for name in _INSIGHTS)]
    leaves = [pair for name in _INSIGHTS for pair in facts.leaves(r"\.(ya?ml|json)$", "**", name, value=_ON)]
    return [*told, *leaves]
