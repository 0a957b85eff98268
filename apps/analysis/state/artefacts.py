"""What a trained model leaves behind: weights, and the vocabularies, encoders and indexes it needs; tracked or loaded."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

import msgspec

from apps.analysis import services
from apps.analysis.code.by_line import bindings
from apps.analysis.code.origins import Source, origin_of, origin_of_argument
from apps.analysis.expressions import expression
from apps.analysis.foreign import model_loading
from apps.analysis.learning import frameworks, ready, zoos
from apps.analysis.paths import Kind, Role, with_outer
from apps.analysis.repository import places
from apps.analysis.running import model_servers
from apps.analysis.state import artefact_names as words

if TYPE_CHECKING:
    from collections.abc import Callable

    from apps.analysis.facts.model import Call
    from apps.analysis.findings import Evidence
    from apps.analysis.repository import Facts, File

    Calls = list[tuple[File, Call]]


class Locations(msgspec.Struct):
    """Where something is loaded from, by what locates it."""

    remote: list[Evidence] = []  # registry, bucket, download
    hub: list[Evidence] = []  # models and tokenizers that somebody else published
    given: list[Evidence] = []  # a path by flag, environment or config
    local: list[Evidence] = []  # a path in the code
    untold: list[Evidence] = []

    @property
    def all(self) -> list[Evidence]:
        return [*self.local, *self.given, *self.remote, *self.hub, *self.untold]


class Tracked(msgspec.Struct, frozen=True):
    weights: list[File]
    lookups: list[File]


def tracked(facts: Facts) -> Tracked:
    """Files of trained weights, and of vocabularies, encoders and indexes, that lie in the repository."""
    return facts.once(_tracked)


def _tracked(facts: Facts) -> Tracked:
    stored = [*_of_the_system(facts, _is_stored), *_of_the_system(facts, _is_archive)]
    indexes = _of_the_system(facts, words.is_index)
    stored = [file for file in stored if not words.SPLIT.search(file.name)]
    lookups = [file for file in stored if words.LOOKUP.search(file.name) and not words.NETWORK.search(file.name)]
    lookups = [*lookups, *[file for file in indexes if file not in lookups]]
    weights = [
        file
        for file in stored
        if file not in lookups
        and (words.SURE.search(file.path) or not words.DATA.search(file.path.rsplit("/", 1)[-1]))
        and (not file.name.endswith((".rds", ".rdata")) or words.OF_R.search(file.path))
    ]
    weights = [
        file for file in weights if not file.name.endswith((".index", ".vec", ".npy", ".npz")) or "weight" in file.name
    ]
    weights += _of_the_system(facts, words.is_component)
    if boosted := facts.once(_boosted):
        weights += [file for file in _of_the_system(facts, _is_text) if file.name in boosted]
    texts = _of_the_system(facts, words.is_lookup)
    return Tracked(weights, [*lookups, *[file for file in texts if is_named(facts, file)]])


def _of_the_system(facts: Facts, is_meant: Callable[[File], object]) -> list[File]:
    return [file for file, _ in facts.telling(is_meant, "files") if file.role not in {Role.TEST, Role.VENDORED}]


def _is_stored(file: File) -> bool:
    return file.kind is Kind.MODEL and (file.size is None or file.size > 0)


def _is_text(file: File) -> bool:
    return file.kind in {Kind.TEXT, Kind.JSON}


def _is_archive(file: File) -> bool:
    """Whether a model lies under the suffix that old tutorials give what joblib writes; MATLAB's files are texts."""
    return file.name.endswith(".m") and file.facts.unparsed == "binary content"


_BOOSTERS = ("lightgbm.Booster", "xgboost.Booster", "xgboost.*.load_model", "catboost.*.load_model")
_OF_BOOSTER = expression(
    r"(?:^|[/\\])([\w.-]{0,60}(?:model|booster|lgbm?|xgb|gbdt|gbm|catboost)[\w.-]{0,60}\.(?:txt|json))$", re.IGNORECASE
)
# What lies beside a model: how it is made, how good it is, what it is given.
_BESIDE_BOOSTER = expression(
    r"conf|cfg|param|setting|option|metric|score|report|result|log|meta|info|card|schema|signature|version|feature|column|require|readme|prompt",
    re.IGNORECASE,
)


def _boosted(facts: Facts) -> frozenset[str]:
    """Names of the texts in which libraries of boosted trees keep a model, where code that loads one names it."""
    files = {file.path: file for file, _ in facts.calls(*_BOOSTERS)}
    texts = (one.value for file in files.values() for one in (file.facts.code.texts if file.facts.code else ()))
    named = {found.group(1).lower() for text in texts if (found := _OF_BOOSTER.search(text))}
    return frozenset(name for name in named if not _BESIDE_BOOSTER.search(name))


def loaded_from_git(facts: Facts, found: Locations) -> list[File]:
    """Tracked weights that code names, or all where no model comes from elsewhere."""
    plain = [file for file in tracked(facts).weights if not file.facts.lfs]
    named = [file for file in plain if is_named(facts, file)]
    return named or ([] if found.remote or found.given or found.hub else plain)


def cascades(facts: Facts) -> list[File]:
    """Tracked cascades of OpenCV, small models beside the system's own, that the code names."""
    return [file for file, _ in facts.telling(_is_cascade, "own") if is_named(facts, file)]


def _is_cascade(file: File) -> bool:
    return file.name.endswith(".xml") and _CASCADE.search(file.path) is not None


_CASCADE = expression(r"(^|/)(haar|lbp)cascade_?[\w.]*\.xml$")


def is_named(facts: Facts, file: File) -> bool:
    """Whether code or configuration speaks of the file by its name, or code of the folder that holds it."""
    inner = "/".join(file.folder.lower().split("/")[-2:])
    if file.name in facts.once(_basenames) or ("/" in inner and inner in facts.once(_named_folders)):
        return True
    parts = file.folder.split("/")
    return not facts.once(_loaded_folders).isdisjoint("/".join(parts[n:]) for n in range(len(parts)))


def _loaded_folders(facts: Facts) -> frozenset[str]:
    """Folders from which a tokenizer or a model is loaded whole."""
    loads = facts.calls("*.from_pretrained", files=facts.scripts)
    told = (origin_of_argument(facts, file, call, 0, "pretrained_model_name_or_path").literal for file, call in loads)
    return frozenset(posixpath.normpath(path) for path in told if path and "{" not in path) - {"."}


def _named_folders(facts: Facts) -> frozenset[str]:
    """The last two parts of each path that code names."""
    texts = (one.value for file in facts.code for one in (file.facts.code.texts if file.facts.code else ()))
    assigned = (one.value for _, one in facts.assigns("") if isinstance(one.value, str) and "/" in one.value)
    return frozenset(
        "/".join(text.lower().strip("/").split("/")[-2:]) for text in (*texts, *assigned) if len(text) < 200
    )


def is_fetched(facts: Facts, file: File) -> bool:
    """Whether the code downloads a file of the same name, so that the tracked one is a copy."""
    return any(name == file.name for name, _ in facts.once(downloads))


def are_read(facts: Facts, files: list[File]) -> bool:
    """Whether code that reads stored objects speaks of one of the files."""
    return bool(facts.calls(*words.UNPICKLED[:-2])) and any(is_named(facts, file) for file in files)


# What a command line hands to a program as the model to load.
_HANDED = expression(
    r"(?<![\w-])--?(?!save|out)\w{0,30}(?:model|weights|ckpt|checkpoint|pretrained|resume)[\w-]{0,20}[= ]['\"]?([\w./-]+\.\w{2,12})\b",
    re.IGNORECASE,
)


def _basenames(facts: Facts) -> frozenset[str]:
    texts = [one.value for file in facts.code for one in (file.facts.code.texts if file.facts.code else ())]
    texts += [
        str(arg)
        for file in facts.code
        for call in (file.facts.code.calls if file.facts.code else ())
        for arg in (*call.args, call.kwargs.get("default"))
        if isinstance(arg, str) and "." in arg
    ]
    texts += model_loading.spelled(facts)
    told = [one.text for _, one in facts.commands(_HANDED.pattern)]
    told += [one.text for file in facts.own for one in file.facts.signals if one.name == "run-command"]
    texts += [name for text in told for name in _HANDED.findall(text)]
    texts += [
        word
        for file in facts.dockerfiles
        for one in file.facts.instructions
        if one.name == "ENV"
        for word in re.split(r"[\s=]+", one.value)
        if "." in word
    ]
    texts += [
        leaf.text
        for file in facts.own
        if file.kind in {Kind.YAML, Kind.ENV, Kind.INI, Kind.TOML}
        for leaf in file.facts.leaves
        if "." in leaf.text and len(leaf.text) < 300
    ]
    return frozenset(re.split(r"[/\\]", text)[-1].strip("'\" ").lower() for text in texts)


# --- models ---------------------------------------------------------------------------------------------------------------
def model_locations(facts: Facts) -> Locations:
    """Where models are loaded from; a registry, a bucket or a download that the code fetches from makes local paths copies."""
    found = Locations()
    for file, call in frameworks.loads(facts):
        if not words.LOOKUP.search(f"{call.target} {shown(call)}") or "model" in call.last:
            place_of_load(facts, file, call, found)
    registry = [
        *facts.calls("mlflow.*.load_model", "mlflow.artifacts.download_artifacts", "*.download_artifacts", "*.get_model_path", "*.use_artifact", "*.Model.get_model_path", "*.RegisterModel", "*.model_data", "*.bentoml.*.get", "bentoml.*.get", "bentoml.*.load*", "*.get_model_version*", "google.cloud.aiplatform.Model", "*.ModelPackage", "sagemaker.*.Model", "*.CfnModel"),
    ]  # fmt: skip
    found.remote += [file.at(call.line) for file, call in registry]
    found.remote += places(
        [*facts.calls("gridfs.*", "*.AsyncIOMotorGridFSBucket"), *frameworks.fetched_by_loaders(facts)]
    )
    found.given += places(model_loading.given(facts))
    found.hub += places([*model_loading.public(facts), *ready.bundled(facts)])
    found.local += [file.at(line) for file, line, how in model_loading.located(facts) if how == "literal"]
    found.given += [file.at(one.line) for file, one in frameworks.handed_models(facts)]
    found.remote += places(model_servers.declared(facts))
    named = places(model_servers.language(facts))
    # An image holds its model; a service is given a folder, and a server of language models a name.
    for place in places(model_servers.started(facts)):
        held = facts.by_path[place.path].kind is Kind.DOCKERFILE and place not in named
        (found.untold if held else found.given).append(place)
    found.remote += [
        use.places[0]
        for use in services.uses(facts, services.Kind.STORAGE)
        if use.service not in {"a local path", "a public data set", "a hub of data sets", "a model hub"}
        and not _is_data(use)
    ]
    return found


def catalogued_models(facts: Facts) -> Locations:
    """Models that a catalog of data sets keeps for the pipelines that name them: Kedro loads what no code does."""
    found = Locations()
    if not facts.imports("kedro"):
        return found
    for file, leaf in facts.leaves(
        r"(^|/)conf/[\w-]+/catalog[^/]*\.ya?ml$",
        "*",
        "filepath",
        value=r"models?/.*\.(pkl|pickle|joblib|h5|keras|pt|onnx)\b",
    ):
        (found.remote if re.match(r"\w+://|\$\{", leaf.text.strip()) else found.local).append(file.at(leaf.line))
    return found


def _is_data(use: services.Use) -> bool:
    """Whether what is stored is data by the kind of its file, or an archive that a module of a data set fetches."""
    if re.search(r"\.(csv|parquet|jsonl?|tsv|xlsx?|txt|pdf)(\?|$)", use.value):
        return True
    archive = re.search(r"\.(zip|tar|gz|tgz|bz2|xz|7z)(\?|$)", use.value)
    return bool(archive) and any(_OF_DATA.search(place.path) for place in use.places)


_OF_DATA = expression(r"(^|[/_])(data|datasets?|data_?(set|module|loader)s?)(/|_|\.py$)")


def shown(call: Call) -> str:
    return " ".join(str(one) for one in call.args[:2])


def place_of_load(facts: Facts, file: File, call: Call, found: Locations) -> None:
    here = file.at(call.line)
    of_registry = call.name.startswith("mlflow.") or words.is_of_registry(file, call)
    if of_registry or zoos.is_published(call):
        (found.remote if of_registry else found.hub).append(here)
        return
    if _is_fetched_before(file, call):
        found.hub.append(here)
        return
    origin = origin_of_argument(
        facts,
        file,
        call,
        1 if call.last == "restore" and len(call.args) > 1 else 0,
        "pretrained_model_name_or_path",
        "model",
        "model_path",
        "model_uri",
        "model_name",
        "path",
        "f",
        "model_name_or_path",
        "model_size_or_path",
        "model_id",
        "repo_id",
    )
    text = origin.literal or ""
    if (
        (origin.source is Source.LOCAL_PATH and any(name == basename(text) for name, _ in facts.once(downloads)))
        or words.OF_PLATFORM.search(text)
        or re.match(r"^(?:\w+://|models:)", text)
    ):
        found.remote.append(here)
    elif origin.settable or origin.source is Source.CONFIG_FILE:
        found.given += [here, origin.place]
    elif origin.source is Source.LITERAL or _is_hub(facts, call, text):
        found.hub.append(here)
    elif origin.source is Source.LOCAL_PATH:
        found.local += [here, origin.place]
    elif call.scope == "model_fn":  # what lies beside the model that a platform's container hands over
        found.given.append(here)
    else:
        found.untold.append(here)


# What answers where it has put the file or the folder that it has fetched from a hub.
_FETCHES = expression(r"(?:^|[.$])(?:hf_hub_download|snapshot_download|cached_download|kagglehub\.model_download)\(\)$")


def _is_fetched_before(file: File, call: Call) -> bool:
    """Whether what is loaded is the answer of a call that fetches it: `joblib.load(hf_hub_download(…))`."""
    given = str(call.argument(0, "f"))
    held = file.once(bindings).get((given.removeprefix("$"), call.scope)) if given.startswith("$") else None
    last = held.at(call.line) if held else None
    return bool(_FETCHES.search(str(last.value) if last else given))


def _is_hub(facts: Facts, call: Call, text: str) -> bool:
    named = call.last in {
        "from_pretrained",
        "SentenceTransformer",
        "pipeline",
        "CrossEncoder",
        "create_model",
        "LLM",
        "YOLO",
        "HuggingFaceEmbedding",
        "HuggingFaceEmbeddings",
        "HuggingFaceBgeEmbeddings",
        "HuggingFaceInstructEmbeddings",
        "WhisperModel",
    } or call.last in facts.once(frameworks.derived)
    return (
        named
        and text.count("/") <= 1
        and not text.startswith((".", "/", "~", "__file__", "models/", "model/", "output", "checkpoint"))
    )


_DOWNLOADS = (
    "*.urlretrieve", "wget.download", "gdown.download", "*.download_to_filename", "*.download_file", "*.fget_object", "huggingface_hub.hf_hub_download", "*.blob", "*.get_file", "*.download_blob*", "*.get_object", "*.download_url",
)  # fmt: skip


def downloads(facts: Facts) -> list[tuple[str, Evidence]]:
    """Base names of what the code downloads, with the place."""
    found = []
    for file, call in facts.calls(*_DOWNLOADS):
        for value in [*call.args[:3], *call.kwargs.values()]:
            literal = origin_of(facts, file, value, call.scope, call.line).literal if isinstance(value, str) else None
            if literal and "." in basename(literal):
                found.append((basename(literal), file.at(call.line)))
    return found


def basename(text: str) -> str:
    return text.split("?", maxsplit=1)[0].rsplit("/", 1)[-1].lower()


def pulled_into_images(facts: Facts) -> list[Evidence]:
    """Where an image is built with what DVC pulls, so that a new model needs a new image."""
    kept = _weights_of_dvc(facts)
    return [
        file.at(one.line)
        for file in facts.dockerfiles
        for one in file.facts.instructions
        if (one.name == "RUN" and re.search(r"\bdvc\s+(pull|get|import|fetch|checkout)\b", one.value))
        or (one.name in {"COPY", "ADD"} and kept and "--from" not in one.value and _takes(one.value, kept))
    ]


def _weights_of_dvc(facts: Facts) -> frozenset[str]:
    """Paths of files and folders that DVC keeps in place of git and that hold weights."""
    found = set()
    for file, leaf in facts.leaves(r"\.dvc$", "outs", "*", "path"):
        held = [one.text for one in file.facts.leaves if one.keys[-1] == "relpath"]
        path = posixpath.normpath(posixpath.join(file.folder, leaf.text))
        if any(words.SURE.search(one) for one in (path, *held)) or re.search(r"model|weight|checkpoint", path):
            found.add(path)
    return frozenset(found)


def _takes(copied: str, kept: frozenset[str]) -> bool:
    """Whether one of the copied paths is kept, or lies in a kept folder."""
    sources = [posixpath.normpath(word.strip("[]\"',")) for word in copied.split() if not word.startswith("--")][:-1]
    return not kept.isdisjoint(with_outer(sources))
