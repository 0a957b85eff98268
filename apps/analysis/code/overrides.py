"""Configuration objects that code fills with values and the command line overrides, as research code has them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from apps.analysis.code import outside
from apps.analysis.expressions import expression

if TYPE_CHECKING:
    from apps.analysis.facts.model import Call, Define
    from apps.analysis.repository import Facts, File

# What hands the command line, or what it names, to a configuration object: absl with ml_collections, yacs, sacred, gin.
_BY_FLAG = (
    "*.DEFINE_config_file", "*.DEFINE_config_dict", "*.define_flags_with_default", "*.automain", "sacred.Experiment",
    "gin.parse_config_files_and_bindings", "*.OmegaConf.from_cli",
)  # fmt: skip
_GIVEN = (
    "*.merge_from_list", "*.merge_from_file", "*.merge_from_dict", "gin.parse_config_file", "gin.bind_parameter",
    "*.override_from_dict", "*.override_from_str", "*.update_from_flattened_dict", "*.Config.fromfile",
    "*.cfg_from_list", "*.cfg_from_file",
)  # fmt: skip
_OF_COMMAND_LINE = expression(
    r"^\$(?:self\.|vars\()?_?(?:args?|opts?|options|flags|overrides|FLAGS|unknown\w*|remaining\w*|rest|extra\w*|sys\.argv|[a-z]+_args|args_\w+|arguments)\b",
    re.IGNORECASE,
)
_PARSED_PARAMS = expression(r"(?:^|\.)(?:h(?:yper)?_?params?|hps)\.parse$", re.IGNORECASE)
# What makes such an object, also by the repository's own function for it.
_OBJECT = expression(
    r"(?:^|[.$])(?:ConfigDict|FrozenConfigDict|config_dict|CfgNode|CN|get_cfg\w*|get_(?:default_|base_)?configs?|(?:create|get|default)_hparams|edict|EasyDict)\(\)$"
)
_TAKE_CLASSES = (*outside.TAKE_CLASSES, "*.add_arguments", "*.OmegaConf.structured")


def commanded(facts: Facts) -> bool:
    """Whether the command line overrides the values of configuration objects."""
    return facts.once(_commanded)


def _commanded(facts: Facts) -> bool:
    files = facts.scripts
    given = facts.calls(*_GIVEN, files=files)
    parsed = [call for _, call in facts.calls("*.parse", files=files) if _PARSED_PARAMS.search(call.name)]
    return bool(
        facts.calls(*_BY_FLAG, files=files)
        or any(_OF_COMMAND_LINE.search(str(one)) for _, call in given for one in call.args[:2])
        or any(isinstance(one, str) and one.startswith("$") for call in parsed for one in call.args[:1])
    )


def entries(facts: Facts) -> set[tuple[str, int]]:
    """(path, line) of values that such objects are filled with, where the command line overrides them."""
    return facts.once(_all_entries)


def _all_entries(facts: Facts) -> set[tuple[str, int]]:
    found = (facts.once(_entries) if commanded(facts) else set()) | facts.once(_flags_of_tables)
    return found | facts.once(_swept)


def _swept(facts: Facts) -> set[tuple[str, int]]:
    """Lines of what a run of Weights & Biases begins with, where a sweep sets these anew."""
    if not (facts.named(r"(^|/)sweep\.yaml$") or facts.calls("wandb.sweep", files=facts.scripts)):
        return set()
    begun = [pair for pair in facts.calls("wandb.init", files=facts.scripts) if "config" in pair[1].kwargs]
    return {(file.path, call.line + n) for file, call in begun for n in range(min(call.span, MOST_LINES) + 1)}


MOST_LINES = 60  # of one call


_TABLE = expression(r"default|arg_?parse|(^|_)(args|arguments|flags|options|hparams)(_|$)", re.IGNORECASE)


def _flags_of_tables(facts: Facts) -> set[tuple[str, int]]:
    """Entries of tables of defaults, where a parser is given a flag for each: `add_argument(f"--{name}", …)`."""
    made = [
        call
        for _, call in facts.calls("*.add_argument", files=facts.scripts)
        if re.match(r"^--?\{\w+\}$|^\$'--?' Add ", str(call.argument(0)))
    ]
    if not made:
        return set()
    tables = [(file.path, one.line, one.scope) for file, one in facts.calls("dict", files=facts.scripts)]
    keys = [
        (file.path, one.line, one.scope) for file, one in facts.assigns("", files=facts.scripts) if one.how == "key"
    ]
    return {(path, line) for path, line, scope in [*tables, *keys] if _TABLE.search(scope.rsplit(".", 1)[-1])}


def _entries(facts: Facts) -> set[tuple[str, int]]:
    found = {(file.path, line) for file in facts.scripts for line in file.once(filled)}
    made = facts.calls("*.HParams", "HParams", "*.define_flags_with_default", files=facts.scripts)
    return found | {(file.path, call.line) for file, call in made}


def filled(file: File) -> set[int]:
    """Lines of `config.lr = 0.1` behind `config = ConfigDict()`, of tables that such a class is given, and of what a
    function of sacred's configuration sets."""
    code = file.facts.code
    if code is None:
        return set()
    made = [one for one in code.assigns if _OBJECT.search(str(one.value))]
    names = {one.name for one in made}
    scopes = {one.scope for one in made}
    of_sacred = {
        define.name
        for define in code.defines
        if any(re.search(r"\.(named_)?config$", one.name) for one in define.decorators)
    }
    found = {
        one.line
        for one in code.assigns
        if (one.how == "attribute" and _roots(one.name) & names)
        or (one.how == "key" and one.scope and one.scope in scopes)
        or (one.how in {"name", "key"} and one.scope in of_sacred)
    }
    calls = {call.line for call in code.calls if call.name == "dict" and call.scope and call.scope in scopes}
    return found | calls | {call.line for call in code.calls if _OBJECT.search(f"{call.name}()")}


def _roots(name: str) -> set[str]:
    parts = name.split(".")
    return {".".join(parts[:n]) for n in range(1, len(parts))}


def parsed_classes(facts: Facts) -> set[str] | None:
    """Names of the classes whose fields a parser makes flags of; None where it takes any that is meant for it."""
    return facts.once(_parsed_classes)


def _parsed_classes(facts: Facts) -> set[str] | None:
    if facts.decorated(facts.scripts, outside.is_parsed) or by_lightning(facts):
        return None
    taken = facts.calls(*_TAKE_CLASSES, files=facts.scripts)
    return {name.rsplit(".", 1)[-1] for _, call in taken for name in _names(call)}


def by_lightning(facts: Facts) -> bool:
    """Whether Lightning makes the command line."""
    return facts.once(_by_lightning)


def _by_lightning(facts: Facts) -> bool:
    return bool(facts.calls("*.LightningCLI", files=facts.scripts))


# Classes by which libraries take the parameters of training, and a trainer that adds its own to a parser.
_OF_TRAINING = expression(r"(?:TrainingArguments|(?:SFT|DPO|GRPO|PPO|ORPO|KTO|CPO|RLOO|Reward)Config)$")
_ADDS_FLAGS = ("*.Trainer.add_argparse_args", "*.LightningCLI")


def _holds_training(_: File, one: Define) -> bool:
    return any(_OF_TRAINING.search(base) for base in one.bases)


def parses_training(facts: Facts) -> list[tuple[File, Call]]:
    """Calls by which a parser makes flags of the parameters of training that a library names."""
    given = facts.calls(*_TAKE_CLASSES, files=facts.scripts)
    if not given:
        return facts.calls(*_ADDS_FLAGS, files=facts.scripts)
    derived = {one.name for _, one in facts.deriving(where=_holds_training)}
    handed = [
        (file, call)
        for file, call in given
        if any(_OF_TRAINING.search(name) or name.rpartition(".")[2] in derived for name in _names(call))
    ]
    return [*handed, *facts.calls(*_ADDS_FLAGS, files=facts.scripts)]


def is_of_parser(facts: Facts, value: str) -> bool:
    """Whether an attribute, as of a `config` that is handed from function to function, has the name of a parser's flag."""
    held = _ATTRIBUTE.match(value)
    return held is not None and held.group(1) in facts.once(_flags_of_parsers)


_ATTRIBUTE = expression(r"^\$(?:\w{1,60}\.){1,3}(\w{2,60})$")


def _flags_of_parsers(facts: Facts) -> frozenset[str]:
    flags = [one for _, call in facts.calls("*.add_argument", files=facts.scripts) for one in call.args[:3]]
    return frozenset(
        one.lstrip("-").replace("-", "_") for one in flags if isinstance(one, str) and one.startswith("--")
    )


def _names(call: Call) -> list[str]:
    return [name.removeprefix("$") for name in _flat([*call.args[:2], *call.kwargs.values()])]


def _flat(values: list[Any]) -> list[str]:
    return [
        text
        for one in values
        for text in (one if isinstance(one, list) else [one])
        if isinstance(text, str) and text.startswith("$")
    ]
