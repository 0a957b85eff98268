"""What made the objects on which code calls methods: a name like `load` or `step` tells nothing without it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from apps.analysis.expressions import expression, literal

if TYPE_CHECKING:
    from apps.analysis.facts.model import Call
    from apps.analysis.repository import Facts, File

    Calls = list[tuple[File, Call]]
    # What made the object, and the names of those of its methods.
    Methods = tuple[tuple[re.Pattern[str], tuple[str, ...]], ...]


def receivers(file: File) -> dict[str, str]:
    """What each variable of `file` was made by: `trainer` -> `trl.SFTTrainer`."""
    code = file.facts.code
    made: dict[str, str] = {}
    for call in code.calls if code else ():
        if call.target:
            made[call.target] = call.name
            made.setdefault(call.target.rsplit(".", 1)[-1], call.name)
    return made


def origin(call: Call, made: dict[str, str]) -> str:
    """The dotted name of what made the object whose method is called, as far as the file shows it; "" otherwise."""
    receiver = call.name.rpartition(".")[0]
    if receiver.endswith("()"):
        return receiver
    return made.get(receiver) or made.get(receiver.rsplit(".", 1)[-1]) or ""


def maker(call: Call, made: dict[str, str]) -> str:
    """The class of that object: also where a method of the class, or one of an object of it, makes the object."""
    parts = origin(call, made).replace("()", "").split(".")
    return next((one for one in reversed(parts) if one[:1].isupper()), parts[-1])


def methods(facts: Facts, table: Methods) -> Calls:
    """Calls of methods whose object was made by what the table says."""
    return [
        (file, call)
        for makers, names in table
        for file, call in facts.calls(*(f"*.{name}" for name in names))
        if makers.search(origin(call, file.once(receivers)))
    ]


def called(facts: Facts, *makers: str) -> Calls:
    """Calls of the objects themselves that one of `makers` made: `predictor(image)`."""
    names = {(file.path, call.target): file for file, call in facts.calls(*makers) if call.target}
    files = {file.path: file for file in names.values()}
    return [
        (file, call)
        for file in files.values()
        for call in (file.facts.code.calls if file.facts.code else ())
        if (file.path, call.name) in names
    ]


def starred(facts: Facts, module: str, *names: str) -> Calls:
    """Calls of these functions of a module, also where `from module import *` brings them."""
    found = facts.calls(*(f"{module}.{name}" for name in names), *(f"{module}.*.{name}" for name in names))
    below = expression(rf"^{literal(module)}(\.\w+)*\.\*$")
    files = {file.path: file for file, _ in facts.imports(module)}
    brought = [
        file for file in files.values() if any(below.match(one.module) for one in (file.facts.code.imports if file.facts.code else ()))
    ]  # fmt: skip
    return [*found, *(facts.calls(*names, files=brought) if brought else ())]


def transforming(file: File) -> set[str]:
    """The names of what transforms and predicts nothing: a scaler or an encoder, however it is called."""
    asked: dict[str, set[str]] = {}
    for one in file.facts.code.calls if file.facts.code else ():
        receiver, _, method = one.name.rpartition(".")
        if receiver:
            asked.setdefault(receiver, set()).add(method)
    return {name for name, methods in asked.items() if "transform" in methods and not _PREDICTS & methods}


_PREDICTS = frozenset({"predict", "predict_proba", "fit_predict", "decision_function", "score"})


_INPUTS = expression(r"^\$(\w{1,40}\.)?(x|features?|inputs?)_?tr(ain(ing)?)?(_\w{1,20})?$", re.IGNORECASE)
_ANSWERS = expression(r"^\$(\w{1,40}\.)?(y|labels?|targets?)_?tr(ain(ing)?)?(_\w{1,20})?$", re.IGNORECASE)


def is_given_both(call: Call) -> bool:
    """Whether something is fitted to inputs and answers that are named for training, whoever made it and wherever."""
    first, second = str(call.argument(0, "X")), str(call.argument(1, "y"))
    return bool(_INPUTS.match(first) and _ANSWERS.match(second))
