"""Names that a module gives to parts of a library: `layers = tf.keras.layers`, `load_model = keras.models.load_model`.

Editors do not find the lazy modules of TensorFlow by an import, so that many people assign what others import.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec

from apps.analysis.expressions import expression

if TYPE_CHECKING:
    from apps.analysis.facts.model import Assign, Call

_LIBRARIES = frozenset(
    {
        "tensorflow", "keras", "tf_keras", "tensorflow_probability", "tensorflow_addons", "torch", "torchvision", "sklearn", "transformers",
        "jax", "flax", "haiku", "mxnet", "paddle", "theano", "lasagne", "chainer", "xgboost", "lightgbm", "catboost", "statsmodels",
    }
)  # fmt: skip
# Flags, modes and types of numbers are values, no parts.
_VALUES = expression(
    r"(^|\.)([A-Z][A-Z0-9_]+|b?float\d*|u?int\d*|bool|string|double|half|long|short|complex\d+|__\w+__)$"
)


# Own modules that import a library for others: when it is first used, in one of its versions, or if it is there.
LONGEST_NAME = 80  # characters
_HANDS_ON = expression(r"(^|_)(lazy\w*|compat\w*|optional\w*|imports?|third_?party)$", re.IGNORECASE)


def handed_on(module: str, name: str) -> str:
    """The library that an own module of such a name hands on; "" where it hands on none."""
    last = module.rpartition(".")[2]
    return name if name in _LIBRARIES and len(last) <= LONGEST_NAME and _HANDS_ON.search(last) else ""


def given(name: str, dotted: str) -> dict[str, str]:
    """The name with what it stands for, where that is a part of a library that learns."""
    is_part = dotted.partition(".")[0] in _LIBRARIES and "(" not in dotted and "[" not in dotted
    return {name: dotted} if is_part and not _VALUES.search(dotted) else {}


_METHOD = ".add_argument"


def called_by_name(calls: list[Call], assigns: list[Assign]) -> list[Call]:
    """The calls, those of a method that adds flags under its own name where a function calls it by a shorter one:
    `arg = parser.add_argument`."""
    short = {
        (one.scope, one.name): one.value[1:]
        for one in assigns
        if isinstance(one.value, str) and one.value.startswith("$") and one.value.endswith(_METHOD)
    }
    if not short:
        return calls
    return [
        msgspec.structs.replace(call, name=name, last=_METHOD[1:])
        if (name := short.get((call.scope, call.name)))
        else call
        for call in calls
    ]
