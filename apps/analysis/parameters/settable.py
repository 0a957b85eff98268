"""The parameters of training and of models: which there are, and whether a run can set them without an edit."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec.structs import replace

from apps.analysis.code import outside, overrides
from apps.analysis.code.constants import holds_settings
from apps.analysis.code.importing import imported_by, importing
from apps.analysis.code.origins import SETTABLE, Source, origin_of
from apps.analysis.expressions import expression
from apps.analysis.learning import frameworks, launches
from apps.analysis.parameters import code, commanded, foreign, presets
from apps.analysis.parameters import names as words
from apps.analysis.parameters.places import FIELD, Matcher, last_word
from apps.analysis.paths import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from apps.analysis.facts.model import Assign, Call
    from apps.analysis.findings import Evidence
    from apps.analysis.parameters.places import Assigned, Given
    from apps.analysis.repository import Facts, File

MOST = 400  # settings that are followed to where they come from
MOST_TRAINING = 50  # modules that train, whose callers are looked for
_DEFAULTS = frozenset({"default", "key", "preset", "field", "attribute"})


class Setting(msgspec.Struct, frozen=True):
    """One place that sets a parameter. `group` is its kind ("batch size"), `name` what the code calls it."""

    group: str
    name: str
    source: Source
    place: Evidence
    how: str = "call"  # or "flag", "file", or as in `Assign.how`

    @property
    def settable(self) -> bool:
        return self.source in SETTABLE


def training_settings(facts: Facts) -> list[Setting]:
    return facts.once(_training)


def model_settings(facts: Facts) -> list[Setting]:
    return facts.once(_model)


def _training(facts: Facts) -> list[Setting]:
    launched = [
        Setting(group, one.name, Source.LITERAL, file.at(one.line), "launch")
        for file, one in launches.literals(facts)
        if (group := _TRAINING.group_of(one.name)) not in {"", *words.MINOR}
    ]
    near, all_found = facts.once(_near_training), _settings(facts, _TRAINING, language=False)
    found = [one for one in all_found if one.group != "batch size" or _may_train(facts, near, one)]
    return [*_apart(facts, found), *_by_library(facts), *launched]


def _by_library(facts: Facts) -> list[Setting]:
    """The parameters of which a library makes flags, where its own class of them is handed to a parser."""
    return [
        Setting(group, name, Source.FLAG, file.at(call.line), "flag")
        for file, call in overrides.parses_training(facts)
        for group, name in words.OF_LIBRARIES
    ]


def _apart(facts: Facts, found: list[Setting]) -> list[Setting]:
    """Marks what stands in a script that trains by literals alone, whatever flags another training takes."""
    trains = {file.path for file, _ in frameworks.fits(facts) if file.kind is Kind.PYTHON}
    written: dict[str, set[str]] = {}
    for one in found:
        if one.place.path in trains and one.source is Source.LITERAL and one.how == "call":
            written.setdefault(one.place.path, set()).add(one.group)
    settable = {one.place.path for one in found if one.settable}
    alone = {path for path, groups in written.items() if len(groups - words.MINOR) > 1} - settable
    apart = [one.place.path in alone and one.source is Source.LITERAL for one in found]
    return [replace(one, how="apart") if is_apart else one for one, is_apart in zip(found, apart, strict=True)]


def _may_train(facts: Facts, near: set[str], one: Setting) -> bool:
    """Whether a batch there may be one that is learnt from, not one that is answered, embedded or sent."""
    if re.search(r"train|per_(device|gpu)", one.name, re.IGNORECASE):
        return True
    return not near or one.place.path in near or facts.by_path[one.place.path].kind is not Kind.PYTHON


def _near_training(facts: Facts) -> set[str]:
    """Modules that train, what they import, and what imports them."""
    trains = frameworks.training_files(facts) | {file.path for file, _ in frameworks.managed_training(facts)}
    files = [facts.by_path[path] for path in sorted(trains)]
    callers = {path for one in files[:MOST_TRAINING] for path in importing(facts, one.path)}
    return set(imported_by(facts, files)) | callers


def instead(facts: Facts) -> list[Setting]:
    """The parameters of what is trained, where a library knows no others."""
    return _settings(facts, _MODEL, language=False)


def _model(facts: Facts) -> list[Setting]:
    found = [*_settings(facts, _MODEL, language=False), *_given_to_networks(facts)]
    if facts.profile.trains.holds:
        found = _without_thresholds(found)
    if facts.profile.language_model.holds or facts.imports("sentence_transformers", "whisper", "faster_whisper"):
        found += _settings(facts, _LANGUAGE, language=True)
    if not found:
        layers = facts.calls(*words.LAYERS, files=code.files(facts))
        found = [_of_layer(facts, file, call) for file, call in layers[:MOST]]
    return [one for one in found if one.source is not Source.UNKNOWN]


def _of_layer(facts: Facts, file: File, call: Call) -> Setting:
    """What a layer is given by position: from outside, else a number in the code."""
    given = [_source(facts, file, one, call.scope, call.line) for one in call.args[:3]]
    written = Source.LITERAL if isinstance(call.argument(0), int | float) else Source.UNKNOWN
    source = next((one for one in given if one in SETTABLE), written)
    return Setting("layers", call.last, source, file.at(call.line))


def _without_thresholds(found: list[Setting]) -> list[Setting]:
    """A threshold of what is done with scores sets nothing of a model that is trained."""
    if any(one.settable and one.group != "threshold" for one in found):
        return found
    return [one for one in found if one.group != "threshold"] or found


_TRAINING, _MODEL, _LANGUAGE = Matcher(words.TRAINING), Matcher(words.MODEL), Matcher(words.LANGUAGE)


def _settings(facts: Facts, matcher: Matcher, *, language: bool) -> list[Setting]:
    found: list[Setting] = []
    drawn = {} if language else _by_path(facts.calls(*words.DRAWS, files=facts.scripts))
    named = _by_path(facts.calls(*words.NAMED_FIRST)) if language else {}
    for file in code.files(facts):
        if len(found) > MOST:
            break
        told = file.once(matcher.places)
        flags = told.flags if told else ()
        found.extend(Setting(group, name, Source.FLAG, file.at(call.line), "flag") for group, name, call in flags)
        found.extend(_of_names(facts, file, named.get(file.path, ())))
        found.extend(_of_calls(facts, file, matcher, told.calls, language=language) if told else ())
        found.extend(_of_searches(file, matcher, drawn.get(file.path, ())))
        found.extend(_of_assigns(facts, file, matcher, told.assigns, language=language) if told else ())
    entries = overrides.entries(facts)
    found = [replace(one, source=Source.FLAG) if _is_entry(one, entries) else one for one in found]
    chosen = facts.once(presets.in_modules)
    found = [
        replace(one, source=Source.FLAG, how="flag") if one.place.path in chosen and _is_written(one) else one
        for one in found
    ]
    overridable = bool(facts.imports("hydra", "kedro")) or overrides.commanded(facts) or facts.once(presets.are_chosen)
    if overridable:  # what a chosen file fills in, or is, is chosen with it
        found = [replace(one, source=Source.FLAG) if _is_chosen(one) else one for one in found]
    elif facts.leaves(r"(^|/)dvc\.yaml$", "stages", "*", "params", "**"):  # `dvc exp run --set-param` sets these
        overridable = True
        found = [replace(one, source=Source.FLAG) if one.source is Source.CONFIG_FILE else one for one in found]
    found.extend(_of_files(facts, matcher, overridable=overridable))
    others = [*commanded.flags(facts, matcher), *foreign.found(facts, matcher, language=language)]
    found.extend(Setting(group, name, source, file.at(line), how) for group, name, source, file, line, how in others)
    return _without_defaults(found)


def _is_written(one: Setting) -> bool:
    return one.source in {Source.LITERAL, Source.CONFIG_FILE}


def _is_entry(one: Setting, entries: set[tuple[str, int]]) -> bool:
    return not one.settable and (one.place.path, one.place.line) in entries


def _is_chosen(one: Setting) -> bool:
    in_presets = re.search(r"(^|/)(configs?|conf|presets?|experiments?|recipes)/", one.place.path)
    return one.source is Source.CONFIG_FILE and (one.how not in {"file", "search"} or in_presets is not None)


def _by_path(found: list[tuple[File, Call]]) -> dict[str, list[Call]]:
    by_path: dict[str, list[Call]] = {}
    for file, call in found:
        by_path.setdefault(file.path, []).append(call)
    return by_path


def _of_names(facts: Facts, file: File, calls: Iterable[Call]) -> Iterator[Setting]:
    """Language models that a call takes by their name alone."""
    for call in calls:
        if call.args and "model" not in call.kwargs:
            name = "embedding_model" if call.name.startswith("sentence_transformers") else "model"
            yield Setting("model", name, _source(facts, file, call.args[0], call.scope, call.line), file.at(call.line))


def _of_calls(facts: Facts, file: File, matcher: Matcher, calls: Given, *, language: bool) -> Iterator[Setting]:
    everyday, entries = language or _learns(facts, file), overrides.entries(facts)
    for call, given in calls:
        if language and not words.LANGUAGE_CALL.search(call.name):
            continue
        if call.last == "HParams" and facts.calls("*.override_from_dict", "*.parse_json", "*.override_from_json"):
            continue  # what is loaded with the model takes the place of these
        how = "preset" if call.name == "dict" else "call"
        for group, name, value in given:
            if everyday or group not in words.ALSO_EVERYDAY or (file.path, call.line) in entries:
                source = _source(facts, file, value, call.scope, call.line)
                preset = group == "layers" and bool(call.scope) and "**" in call.kwargs  # of a network, with the rest
                structure = preset or code.is_structure(facts, call.scope, call.name)
                inside = matcher is _MODEL and source is Source.LITERAL and structure
                yield Setting(group, name, source, file.at(call.line), "layer" if inside else how)


def _of_searches(file: File, matcher: Matcher, calls: Iterable[Call]) -> Iterator[Setting]:
    """What a search chooses for each trial, within bounds that the code writes."""
    for call in calls:
        name = str(call.argument(0, "name"))
        group = matcher.group_of(name)
        if group:
            yield Setting(group, name, Source.CONFIG_FILE, file.at(call.line), "search")


def _learns(facts: Facts, file: File) -> bool:
    """Whether everyday names are parameters here: elsewhere `units` may be those of a forecast of the weather, and
    `kernel` the one of an operating system."""
    return facts.profile.language_model.holds or file.once(_imports_learning)


def _imports_learning(file: File) -> bool:
    return file.imports(*frameworks.LEARNING, "whisper", "faster_whisper")


def _of_assigns(facts: Facts, file: File, matcher: Matcher, assigns: Assigned, *, language: bool) -> Iterator[Setting]:
    if not assigns:
        return
    is_config = file.once(_is_config)
    everyday = language or _learns(facts, file) or file.path in facts.once(_fed) or bool(file.once(overrides.filled))
    bases = {
        define.name: define.bases
        for define in (file.facts.code.defines if file.facts.code else ())
        if define.kind == "class"
    }
    for group, one in assigns:
        if (group in words.ALSO_EVERYDAY and not everyday) or (language and last_word(one) in {"k", "model", "engine"}):
            continue
        if one.how == "field":
            source = Source.FLAG if _is_parsed(facts, one) else _of_field(one, bases.get(_class_of(one), []))
            yield Setting(group, one.name, source, file.at(one.line), one.how)
            continue
        if one.how == "default" and _is_of_lightning(facts, one, bases):
            yield Setting(group, one.name, Source.FLAG, file.at(one.line), "flag")
            continue
        value = f"${one.name}" if one.how in {"name", "default"} else one.value
        source = _source(facts, file, value, one.scope, one.line + (one.how == "name"))
        if source is Source.LITERAL and str(one.value).startswith("{"):
            continue  # computed
        chosen = is_config and source is Source.UNKNOWN and re.match(r"^\$[A-Z][A-Z_]+\[\]$", str(one.value))
        # An entry of a table in a module of parameters stands there, whatever it is made of.
        if (
            not chosen
            and source not in SETTABLE
            and one.how in {"name", "attribute"}
            and str(one.value).startswith("$")
        ):
            continue  # what it is made of is judged where that is written
        is_file = chosen or (source is Source.LITERAL and is_config)
        inside = matcher is _MODEL and source is Source.LITERAL and one.how == "default"
        how = "file" if is_file else "layer" if inside and code.is_structure(facts, one.scope) else one.how
        yield Setting(group, one.name, Source.CONFIG_FILE if is_file else source, file.at(one.line), how)


def _is_of_lightning(facts: Facts, one: Assign, bases: dict[str, list[str]]) -> bool:
    """Whether the command line of Lightning makes a flag of what the model, or its data, is made with."""
    made, _, method = one.scope.rpartition(".")
    told = method == "__init__" and any(
        base.endswith(("LightningModule", "DataModule")) for base in bases.get(made, [])
    )
    return told and overrides.by_lightning(facts)


def _class_of(one: Assign) -> str:
    return one.scope.rpartition(".")[2]


def _is_parsed(facts: Facts, one: Assign) -> bool:
    """Whether a parser of the command line makes a flag of the field."""
    classes = overrides.parsed_classes(facts)
    return bool(words.CONFIG_CLASS.search(one.scope)) if classes is None else _class_of(one) in classes


def _fed(facts: Facts) -> dict[str, File]:
    """Modules that code which learns imports, step by step: their values may be its parameters."""
    return imported_by(facts, list(dict.fromkeys(file for file, _ in frameworks.fits(facts))))


def _is_config(file: File) -> bool:
    """A module of nothing but values is a configuration file, and so is what is named for one."""
    found = file.facts.code
    if words.CONFIG_NAME.search(file.path):
        return True
    return found is not None and not found.defines and (not found.calls or holds_settings(file))


def _of_field(one: Assign, bases: list[str]) -> Source:
    """A field of settings is read from the environment, one of a request comes with it, others are configuration."""
    if any(outside.SETTINGS_BASES.search(base) for base in bases):
        return Source.ENVIRONMENT
    if any(base.endswith("BaseModel") for base in bases) and not words.CONFIG_CLASS.search(one.scope):
        return Source.PARAMETER
    written = isinstance(one.value, int | float) or not str(one.value).startswith("$") or FIELD.match(one.value)
    return Source.CONFIG_FILE if written else Source.UNKNOWN


def _given_to_networks(facts: Facts) -> list[Setting]:
    """What flags and the environment give to networks that the repository defines, whatever the parameter is called."""
    networks = sorted(code.networks(facts))
    made = facts.calls(*networks, *(f"*.{name}" for name in networks), files=facts.scripts) if networks else []
    found = []
    for file, call in made[:MOST]:
        given = [
            Setting("layers", name, _source(facts, file, value, call.scope, call.line), file.at(call.line), "network")
            for name, value in call.kwargs.items()
            if isinstance(value, int | float | str) and not isinstance(value, bool)
        ]
        if any(one.source in {Source.FLAG, Source.ENVIRONMENT} for one in given):
            inside = code.is_structure(facts, call.scope)
            found += [one for one in given if not (inside and one.source is Source.LITERAL)]
    return found


def _source(facts: Facts, file: File, value: Any, scope: str, line: int) -> Source:  # noqa: ANN401
    if isinstance(value, list):  # of a pair, what is not written here decides
        value = [one for one in value if str(one).startswith("$")] or value
    source = origin_of(facts, file, value, scope, line).source
    if source is Source.CONFIG_FILE and overrides.is_of_parser(facts, str(value)):
        return Source.FLAG
    if source is Source.LITERAL and " Else " in str(value):
        return Source.UNKNOWN  # one branch is written here, the other comes from elsewhere
    return Source.LITERAL if source is Source.LOCAL_PATH else source


_OF_LEARNING = expression(r"param|train|model|hyp|exp")  # elsewhere a depth or a threshold may be one of anything


def _of_files(facts: Facts, matcher: Matcher, *, overridable: bool) -> Iterator[Setting]:
    """Parameters in configuration files; of frameworks that let a run override them, they count as flags."""
    read = {one.value.rsplit("/", 1)[-1].lower() for _, one in facts.texts(r"\.(ya?ml|json|toml|ini|cfg|gin|conf)$")}
    read |= commanded.files(facts)
    read |= {"params.yaml"} if facts.named(r"(^|/)dvc\.yaml$") else set()
    for file, _ in facts.telling(_may_set):
        is_project = file.name == "mlproject"
        if not (is_project or overridable or file.name in read):
            continue
        for leaf in file.facts.leaves[:2000]:
            if is_project and "parameters" not in leaf.keys:
                continue
            key = next(
                (key for key in reversed(leaf.keys) if not key.isdigit() and key not in {"default", "type", "value"}),
                "",
            )
            group = matcher.group_of(key)
            named = _OF_LEARNING.search("/".join((file.path, *leaf.keys[:-1])).lower())
            if (
                group
                and leaf.value is not None
                and not isinstance(leaf.value, bool)
                and (named or group not in {"threshold", "trees"})
                and key not in {"k", "threshold"}
            ):
                source = Source.FLAG if overridable or is_project else Source.CONFIG_FILE
                yield Setting(group, key, source, file.at(leaf.line), "file")


def _may_set(file: File) -> bool:
    """Whether it is a file of configuration, which may be one of parameters."""
    is_config = file.name == "mlproject" or bool(words.CONFIG_FILES.search(file.path))
    return is_config and bool(file.facts.leaves) and not words.NO_CONFIG.search(file.path)


def _without_defaults(found: list[Setting]) -> list[Setting]:
    """A name that a flag or the environment sets has its default, or its presets, somewhere; those decide nothing."""
    settable = {bare(one.name) for one in found if one.settable}

    def decides(one: Setting) -> bool:
        if one.source is Source.UNKNOWN:
            return False
        is_default = one.source is Source.CONFIG_FILE or (one.source is Source.LITERAL and one.how in _DEFAULTS)
        return not (is_default and bare(one.name) in settable)

    return [one for one in found if decides(one)]


def bare(name: str) -> str:
    return re.sub(r"^.*\[|\]$", "", name.strip("-").replace("-", "_")).rsplit(".", 1)[-1].lower()
