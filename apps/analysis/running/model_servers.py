"""Servers that load models by themselves: what starts them, and the manifests that name the models."""

from __future__ import annotations

from typing import TYPE_CHECKING

from apps.analysis.expressions import expression
from apps.analysis.kept import kept
from apps.analysis.running import programs, serving

if TYPE_CHECKING:
    from apps.analysis.repository import Facts, File

    Lines = list[tuple[File, int]]

# Those that hold language models, and all of them.
_LANGUAGE = (
    r"vllm/vllm-openai|\bvllm serve\b|vllm\.entrypoints|text-generation-(inference|launcher)|\bollama serve\b|"
    + programs.LANGUAGE_MODELS
)
# MLServer's serves any code.
_IMAGES = "|".join(image for name, image in programs.MODEL_IMAGES.items() if name != "MLServer")
_ANY = (
    rf"{_IMAGES}|tensorflow_model_server|\btorchserve\b|multi-model-server|"
    rf"\bmlserver start\b|\bmlflow models serve\b|{programs.OTHER_MODELS}|{_LANGUAGE}"
)
# Others pull, tag or list images.
_STARTS_ONE = expression(rf"\brun\b|\bserve\b|\bstart\b| --\w|{programs.STARTS}")
_OF_ANSIBLE = expression(r"(^|/)(roles|group_vars|host_vars)/")  # what an operator offers need not run


@kept
def started(facts: Facts) -> Lines:
    """Where a server is started that loads models by itself."""
    return _started(facts, _ANY)


def language(facts: Facts) -> Lines:
    """Where a server of language models is started."""
    return _started(facts, _LANGUAGE)


def _started(facts: Facts, pattern: str) -> Lines:
    images = [
        (file, one.line)
        for file in facts.dockerfiles
        for one in file.facts.instructions
        if one.name in {"CMD", "ENTRYPOINT", "FROM"} and expression(pattern).search(serving.plain(one.value))
    ]
    run = [
        (file, one.line)
        for file, one in facts.commands(pattern)
        if _STARTS_ONE.search(one.text) and not serving.NOT_STARTS.search(one.text)
    ]
    composed = [pair for pair in serving.composed(facts, pattern) if not _OF_ANSIBLE.search(pair[0].path)]
    return [*images, *composed, *run]


def declared(facts: Facts) -> Lines:
    """Where a manifest tells a cluster the place of the model that it shall load: KServe, Seldon."""
    placed = r"^(\w+://|\{\{|\$)"
    named = [pair for key in ("storageUri", "modelUri") for pair in facts.leaves(r"\.ya?ml$", "**", key, value=placed)]
    return [(file, leaf.line) for file, leaf in named]
