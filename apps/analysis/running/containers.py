"""Containers and runtimes that code and commands choose for what a platform runs: steps of pipelines, jobs, functions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from apps.analysis.code.keywords import given
from apps.analysis.repository import places

if TYPE_CHECKING:
    from apps.analysis.facts.model import Call
    from apps.analysis.findings import Evidence
    from apps.analysis.repository import Facts, File

_FUNCTION = (
    r"\b(aws lambda create-function|functions? (?:deploy|create)|az functionapp create)\b[\s\S]{0,1000}?"
    r"--runtime[= ]+\w+\d"
)
_JOBS = (
    "sagemaker.*", "*.SKLearnProcessor", "*.PySparkProcessor", "*.FrameworkProcessor", "*.ScriptProcessor", "*Estimator", "*.SKLearn", "*.PyTorch", "*.TensorFlow", "*.HuggingFace", "*.XGBoost",
    "*.CustomTrainingJob", "*.CustomContainerTrainingJob", "*.CustomPythonPackageTrainingJob", "*.Model.upload", "*PyTorchModel", "*SKLearnModel", "*TensorFlowModel", "*XGBoostModel", "*HuggingFaceModel",
)  # fmt: skip
_JOB_IMAGES = frozenset({"framework_version", "py_version", "image_uri", "image", "container_uri", "serving_container_image_uri", "transformers_version", "pytorch_version"})  # fmt: skip
_PACKAGES = "packages_to_install"
_SDK = ("kfp", "google_cloud_pipeline_components")


class Component(msgspec.Struct, frozen=True):
    """What one step asks for. `image` is empty where the SDK chooses it, and begins with `$` where code does;
    `installs` says whether packages are installed when the step starts."""

    place: Evidence
    image: str
    installs: bool


def components(facts: Facts) -> list[Component]:
    """By decorators, and by calls that make components, also those of the repository's own functions around them."""
    return facts.once(_components)


def _components(facts: Facts) -> list[Component]:
    making = {file.path: file for file, _ in [*facts.imports(*_SDK), *given(facts, _PACKAGES)]}
    around = {one.name for _, one in facts.defines("", files=making.values()) if one.kind == "def"}
    return [
        Component(file.at(call.line), _image(call), call.kwargs.get(_PACKAGES) not in (None, []))
        for file, call in given(facts, "base_image", _PACKAGES)
        if file.path in making or call.last in around  # other things have base images, too
    ]


def _image(call: Call) -> str:
    image = call.kwargs.get("base_image")
    return image if isinstance(image, str) else ""


def managed_jobs(facts: Facts) -> list[tuple[File, Call]]:
    """Jobs and models that a platform runs in a container which the code chooses by image or version."""
    if not facts.imports("sagemaker", "google.cloud.aiplatform", "vertexai", "azureml"):
        return []
    return facts.calls(*_JOBS, where=_names_image)


def _names_image(_: File, call: Call) -> bool:
    return not _JOB_IMAGES.isdisjoint(call.kwargs)


def runtimes(facts: Facts) -> list[Evidence]:
    """Commands that roll out a function of a cloud and say which version of a language runs it."""
    return places([*facts.commands(_FUNCTION), *facts.leaves(r"\.ya?ml$", "**", value=_FUNCTION)])
