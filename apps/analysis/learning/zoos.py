"""Networks of model zoos: whether a call brings trained weights or only builds the network, and where the weights are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from apps.analysis.expressions import expression

if TYPE_CHECKING:
    from apps.analysis.facts.model import Call

_ZOO = expression(r"^torchvision\.models\.|^timm\.create_model$|\bkeras\.applications\.|^keras_applications\.")
_WEIGHTS = ("weights", "pretrained", "weights_backbone", "pretrained_backbone", "checkpoint_path")
_FILE = expression(r"[/\\]|\.(h5|hdf5|keras|pth?|ckpt|bin|safetensors)$")


def only_builds(call: Call) -> bool:
    """Whether a network of a zoo is built without weights; what is called beside networks there loads nothing either."""
    if not _ZOO.search(call.name) or "**" in call.kwargs:
        return False
    return not _given(call) or (".applications." in call.name and not call.last[:1].isupper())


def is_published(call: Call) -> bool:
    """Whether the weights are those that the zoo publishes, not a file's."""
    return bool(_ZOO.search(call.name)) and not (isinstance(given := _given(call), str) and _FILE.search(given))


def _given(call: Call) -> Any:  # noqa: ANN401
    """What says which weights; networks of Keras take those of ImageNet if nothing does."""
    if "applications." in call.name:
        return call.kwargs.get("weights", "imagenet")
    first = 1 if call.name == "timm.create_model" else 0
    return next(
        (one for one in (*call.args[first : first + 1], *(call.kwargs.get(name) for name in _WEIGHTS)) if one), None
    )
