"""Heavy work that processes do when they start: installing, training, downloading data or models, loading per request."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from apps.analysis import answering, foreign_models, foreign_stages, learning, serving, starts
from apps.analysis.expressions import expression
from apps.analysis.importing import imported_by
from apps.analysis.origins import origin_of_argument
from apps.analysis.paths import Kind
from apps.analysis.repository import places

if TYPE_CHECKING:
    from apps.analysis.facts.model import Call
    from apps.analysis.findings import Evidence
    from apps.analysis.repository import Facts, File


@dataclass(frozen=True, slots=True)
class Heavy:
    """Places by what they do. `light` are the start commands that do nothing of it."""

    installs: list[Evidence] = field(default_factory=list)
    step_installs: list[Evidence] = field(default_factory=list)
    trains: list[Evidence] = field(default_factory=list)
    data: list[Evidence] = field(default_factory=list)
    models: list[Evidence] = field(default_factory=list)
    per_request: list[Evidence] = field(default_factory=list)
    light: list[Evidence] = field(default_factory=list)
    data_of_servers: list[Evidence] = field(default_factory=list)  # of the data, what servers fetch


_INSTALL = expression(
    r"\b(pip3?|pipenv|poetry|conda|mamba|uv|npm|yarn|apt|apt-get|apk)\b( -\S+)* (install|sync|pip install|ci|add|env (create|update))\b|install\.packages\("
)
_TRAIN = expression(r"\btrain(ing|er)?(\.py|_model)?\b|\bdvc repro\b|\bfit\.py\b")
_FETCH = expression(
    r"\b(wget|curl\s.*(-o|-O|--output)|aws s3 (cp|sync)|gsutil (-m )?(cp|rsync)|gcloud storage cp|azcopy|gdown|dvc pull|huggingface-cli download|hf download|ollama pull|kaggle (datasets|competitions) download|"
    r"git lfs pull|spacy download|mlflow artifacts download|nltk\.downloader)\b",
    re.IGNORECASE,
)
_DATA_WORD = expression(r"data(set)?s?\b|corpus|kaggle|\.csv|train\b|imagenet", re.IGNORECASE)


def heavy(facts: Facts) -> Heavy:
    return facts.once(_read)


def _read(facts: Facts) -> Heavy:
    found = Heavy()
    training_servers, fetching_servers = _trained_by_servers(facts), _fetched_by_servers(facts)
    for start in starts.deployed(facts):
        lines = starts.followed(facts, [start])
        installed = [one.place for one in lines if _INSTALL.search(one.command)]
        fetched = [
            one
            for one in lines
            if _FETCH.search(one.command) and not re.search(r"health|localhost|127\.0\.0\.1", one.command)
        ]
        trained = [one.place for one in lines if _TRAIN.search(one.command)] if _serves(start, lines) else []
        found.installs.extend(installed)
        found.trains.extend(trained)
        for one in fetched:
            (found.data if _DATA_WORD.search(one.command) else found.models).append(one.place)
        if not (installed or fetched or trained or ((training_servers or fetching_servers) and _serves(start, lines))):
            found.light.append(start.place)
    extra = facts.leaves(starts.COMPOSE, "**", "_PIP_ADDITIONAL_REQUIREMENTS", value=r"[a-z]{3}")
    found.installs.extend(file.at(leaf.line) for file, leaf in extra if not re.search(r":-\}$", leaf.text))
    found.step_installs.extend(step_installs(facts))
    found.trains.extend([*training_servers, *places(foreign_stages.trained_at_start(facts))])
    found.data.extend([*fetching_servers, *([] if facts.profile.serves.holds else _downloaded_data(facts))])
    found.data_of_servers.extend(fetching_servers)
    found.models.extend(_downloaded_models(facts))
    found.per_request.extend(_loaded_per_request(facts))
    return found


def _serves(start: starts.Start, lines: list[starts.Start]) -> bool:
    return any(
        re.search(r"uvicorn|gunicorn|flask|streamlit|serve|app\.py|server|api|celery", one.command)
        for one in lines
        if one is start or len(lines) > 1
    )


# What a person calls to prepare a checkout.
_SETS_UP = expression(
    r"(^|/)(scripts?|tools?|ci|bin)/[^:]*:|(^|/)\w*(setup|install|bootstrap|deploy|build|package)\w*\.py:|[:.]_?(setup|install|bootstrap)\w*$"
)


def step_installs(facts: Facts) -> list[Evidence]:
    """Packages that steps of pipelines install when they start."""
    given = [
        (file, call)
        for file, define in facts.defines("", files=facts.scripts)
        for call in define.decorators
        if call.kwargs.get("packages_to_install") not in (None, [])
    ]
    given += [
        (file, call)
        for file, call in facts.calls(
            "*.create_component_from_func", "*.func_to_container_op", "*.PythonVirtualenvOperator", "*.component"
        )
        if set(call.kwargs) & {"packages_to_install", "requirements"}
    ]
    called = [
        (file, call)
        for file, call in facts.calls(
            "subprocess.*", "os.system", "pip.main", "pip._internal.main", files=facts.scripts
        )
        if re.search(r"\bpip\W+install|\bpip\b.*\binstall\b", f"{call.name} {call.args}")
        or call.name.startswith("pip.")
        if not _SETS_UP.search(f"{file.path}:{call.scope}")
    ]
    spark = [
        (file, call) for file, call in facts.calls("*.config", "subprocess.*", files=facts.scripts)
        if call.argument(0) == "spark.jars.packages" or ("spark-submit" in _joined(call) and "--packages" in _joined(call))
    ]  # fmt: skip
    return [file.at(call.line) for file, call in [*given, *called, *spark]]


def _server_files(facts: Facts) -> set[str]:
    return {file.path for file, _ in serving.servers(facts) if file.kind is Kind.PYTHON}


_STARTING = expression(
    r"^$|startup|lifespan|(^|\.)(init|__init__|main|load\w*|setup\w*|create_app|initiali[sz]e\w*|home|run|app)$",
    re.IGNORECASE,
)


def _trained_by_servers(facts: Facts) -> list[Evidence]:
    """Fits in servers when they start, calls of the system's own training, and training scripts that they run."""
    within = _server_files(facts)
    files = [file for file in facts.scripts if file.path in within]
    fits = [(file, call) for file, call in learning.fits(facts) if file.path in within and call.last != "minimize"]
    training = learning.training_files(facts)
    own = {
        one.name for file, one in facts.defines(r"^(re)?train(_|$)|^(run|start)_\w*train", files=facts.scripts)
        if file.path in training and one.kind == "def" and not one.scope
    }  # fmt: skip
    called = [(file, call) for file, call in facts.calls("*", files=files) if call.last in own] if own else []
    scripts = [
        (file, call) for file, call in facts.calls("subprocess.*", "os.system", files=files) if _TRAIN.search(_joined(call))
    ]  # fmt: skip
    return [file.at(call.line) for file, call in [*fits, *called, *scripts] if _STARTING.search(call.scope)]


# --- data -------------------------------------------------------------------------------------------------------------------
_DATA_CALLS = (
    "*.datasets.*.load_data", "*.datasets.fetch_*", "tensorflow_datasets.load", "tfds.load", "datasets.load_dataset", "torchtext.datasets.*", "*.read_data_sets", "urllib.request.urlretrieve", "urllib.urlretrieve",
    "*.urllib.request.urlretrieve", "wget.download", "gdown.download", "kaggle.api.*", "kagglehub.dataset_download", "*.utils.get_file", "opendatasets.download", "*.maybe_download*", "openml.datasets.*", "sklearn.datasets.fetch_*",
)  # fmt: skip


def _downloaded_data(facts: Facts) -> list[Evidence]:
    """Data sets that training scripts fetch by themselves; steps of an orchestrator may."""
    training = {file.path for file, _ in learning.fits(facts) if file.kind is Kind.PYTHON}
    downloads = [
        (file, call)
        for file, call in facts.calls("torchvision.datasets.*", "*.datasets.*")
        if call.kwargs.get("download") is True
    ]
    called = [pair for pair in facts.calls(*_DATA_CALLS) if not _is_local(pair[1])]
    return [
        file.at(call.line)
        for file, call in [*downloads, *called]
        if file.path in training
        and not re.search(r"download|extract|ingest|collect|fetch", call.scope, re.IGNORECASE)
        and not re.search(r"model|weights|ckpt|checkpoint", str(call.args), re.IGNORECASE)
    ]


_WEB = ("http://", "https://")
_READ_FROM = ("*.read_csv", "*.read_json", "*.read_file", "*.read_parquet", "*.read_excel", "*.read_html", "*.urlopen")


def _fetched_by_servers(facts: Facts) -> list[Evidence]:
    """Data that the modules of a server fetch over the network when they are loaded."""
    within = _serving_side(facts)
    files = [file for file in facts.scripts if file.path in within]
    asked = [pair for pair in facts.calls("requests.get", "httpx.get", files=files) if not pair[1].scope]
    read = [
        (file, call)
        for file, call in facts.calls(*_READ_FROM, files=files)
        if not call.scope and (origin_of_argument(facts, file, call, 0).literal or "").startswith(_WEB)
    ]
    return [file.at(call.line) for file, call in [*asked, *read]]


def _is_local(call: Call) -> bool:
    first = call.argument(0)
    return (
        call.name == "datasets.load_dataset"
        and isinstance(first, str)
        and first in {"json", "csv", "text", "parquet", "imagefolder"}
    )


# --- models -----------------------------------------------------------------------------------------------------------------
_HUBS = (
    "sentence_transformers.SentenceTransformer", "sentence_transformers.CrossEncoder", "transformers.pipeline", "whisper.load_model", "torch.hub.load", "tensorflow_hub.load", "*.hub.KerasLayer", "*.HuggingFaceEmbeddings",
    "*.SentenceTransformerEmbeddings", "*.HuggingFaceEmbedding", "faster_whisper.WhisperModel", "vllm.LLM", "easyocr.Reader", "huggingface_hub.hf_hub_download", "huggingface_hub.snapshot_download", "*.hf_hub_download", "*.HuggingFaceBgeEmbeddings",
    "gpt4all.GPT4All", "timm.create_model", "nltk.download", "*.HuggingFaceInstructEmbeddings", "flair.models.*.load",
)  # fmt: skip
_FETCHES = (
    "*.download_file", "*.download_fileobj", "*.download_to_filename", "*.download_to_file", "*.download_blob", "urllib.request.urlretrieve", "*.urlretrieve", "urllib.urlretrieve", "wget.download", "gdown.download", "*.download_artifacts",
    "*.download_as_string", "*.download_as_bytes", "*.copy_tree", "*.download_file_from_google_drive", "*.load_state_dict_from_url", "gdown.*", "*.get_object", "*.download", "*.utils.get_file", "*.download_from_*",
    "mlflow.*.load_model", "mlflow.pyfunc.load_model", "*.download_model*", "*.download_weights*", "*.download_object*", "*.download_zip*", "*.download_folder*", "*.download_dir*", "*.fetch_model*", "*.pull_model*",
)  # fmt: skip
_MODEL_WORD = expression(
    r"model|weight|ckpt|checkpoint|artifact|pickle|pkl|joblib|onnx|predictor|label|categor|vocab|embed|startup|load|init",
    re.IGNORECASE,
)


def _downloaded_models(facts: Facts) -> list[Evidence]:
    """Models that servers, workers and tasks of an orchestrator fetch when they start, where no image layer, volume or
    cache keeps them. For a script that a person starts its model is an input, like its data."""
    flows = [file for file, _ in facts.imports(*_ORCHESTRATORS, files=facts.scripts)]
    if not facts.profile.serves.holds and not flows:
        return []
    training = {file.path for file, _ in learning.fits(facts)}
    files = [
        file
        for file in facts.scripts
        if file.path not in training
        and not re.search(r"train|eval|bench|batch|(^|/)(scripts?|tools?|bin)/|download", file.path.lower())
    ]
    served = answering.served(facts) if facts.profile.serves.holds else imported_by(facts, flows)
    within = {
        file.path for file in files if file.path in served or (facts.profile.serves.holds and _serves_by_name(file))
    }
    loading = {file.path for file, _ in learning.loads(facts)} | _server_files(facts)
    hub = [
        (file, call) for file, call in facts.calls("*.from_pretrained")
        if file.path in within and _is_of_hub(facts, file, call)
    ]  # fmt: skip
    hub += [pair for pair in facts.calls(*_HUBS) if pair[0].path in within]
    hub = [pair for pair in hub if not _CACHE_KEYS & set(pair[1].kwargs)]
    fetched = [
        (file, call) for file, call in facts.calls(*_FETCHES)
        if file.path in within and not _asks_first(facts, file, call)
        and ((file.path in loading and _MODEL_WORD.search(f"{call.scope} {call.args} {call.target} {file.name} {call.name}")) or re.search(r"model", f"{call.scope} {call.target}"))
    ]  # fmt: skip
    commands = [
        (file, call) for file, call in facts.calls("subprocess.*", "os.system")
        if file.path in within and _FETCH.search(_joined(call))
    ]  # fmt: skip
    elsewhere = [file.at(line) for file, line, _ in foreign_models.fetched(facts)]
    elsewhere += places(foreign_models.public(facts))
    kept = _is_kept(facts)
    return places([*fetched, *commands] if kept else [*fetched, *commands, *hub]) + elsewhere


_ORCHESTRATORS = ("airflow", "celery", "dagster", "luigi")


def _serves_by_name(file: File) -> bool:
    """Whether a module that no server is seen to import is named for what services and workers do."""
    return bool(re.search(r"serv|infer|predict|app|api|model|embed|rag|chat|worker|task|consum", file.path.lower()))


_CACHE_KEYS = frozenset({"cache_dir", "cache_folder", "download_root", "local_files_only"})


def _is_of_hub(facts: Facts, file: File, call: Call) -> bool:
    """Whether the id of a model stands in the argument, or behind the name of it; else the name tells."""
    given = str(call.argument(0))
    known = origin_of_argument(facts, file, call, 0, "pretrained_model_name_or_path").literal if "$" in given else given
    if known and known != "None":
        return bool(re.fullmatch(r"[\w.-]+(/[\w.-]+)?", known)) and not re.match(
            r"\.|(models?|outputs?|checkpoints?|data|artifacts?|weights)/", known
        )
    return not re.search(r"path|dir\b|_dir|file", given, re.IGNORECASE)


def _asks_first(facts: Facts, file: File, call: Call) -> bool:
    """A model from a tracking server or registry is found by a local path: then nothing is fetched."""
    if call.last != "load_model":
        return False
    known = origin_of_argument(facts, file, call, 0, "model_uri").literal or str(call.argument(0, "model_uri"))
    return bool(re.search(r"^\$\w*(dir|path|folder)$", known)) or not re.search(
        r"[{$]|^(models|runs|s3|gs|mlflow\S*):/", known
    )


def _joined(call: Call) -> str:
    first = call.argument(0)
    return " ".join(str(one) for one in first) if isinstance(first, list) else str(first)


_KEPT = expression(
    r"from_pretrained|snapshot_download|huggingface-cli|hf download|SentenceTransformer|download_model|download.*model|preload|(wget|curl|gsutil|aws s3).*(model|weight|\.onnx|\.pt|\.bin)|nltk\.downloader",
    re.IGNORECASE,
)


def _is_kept(facts: Facts) -> bool:
    """Whether an image layer holds the models of hubs, or a volume the cache of their downloads."""
    layers = any(
        one.name in {"RUN", "ADD"} and _KEPT.search(one.value)
        for file in starts.system_images(facts)
        for one in file.facts.instructions
    )
    volumes = any(
        keys[0] == "volumes"
        and re.search(r"hugging_?face|\.cache|hf[_-]cache|model[_-]?cache|ollama|transformers_cache|torch", leaf.text)
        for service in starts.own_services(facts)
        for keys, leaf in service.leaves
    )
    return layers or volumes


# --- loading per request ------------------------------------------------------------------------------------------------------
_VERBS = frozenset({"get", "post", "put", "route", "api_route", "websocket", "predict"})
_READERS = ("pickle.load", "joblib.load", "dill.load", "torch.load", "*.load_model", "cloudpickle.load")
_CACHED = expression(r"cache|singleton|memo")


# Whoever asks for another model has it loaded.
_EXCHANGES = expression(r"reload|refresh|switch|swap|(change|update|set)_?\w*model", re.IGNORECASE)


def _loaded_per_request(facts: Facts) -> list[Evidence]:
    if not facts.profile.serves.holds:
        return []
    routes, cached = _functions(facts)
    kept = {scope.rpartition(".")[2] for _, scope in cached} | {
        one.scope for _, one in facts.assigns("", files=facts.scripts) if one.how == "global" and one.scope
    }
    pages = {file.path for file, _ in facts.imports("streamlit")}
    forgetful = set() if _remembers(facts) else pages - {path for path, _ in cached}
    within_cached = (
        {call.last for file, call in facts.calls("*") if (file.path, call.scope) in cached} if cached else set()
    )
    loaders = {call.scope for _, call in facts.calls(*_READERS) if re.match(r"(load|read|get)_?\w+$", call.scope)}
    through = (
        [(file, call) for file, call in facts.calls(*(f"*{name}" for name in loaders)) if call.last in loaders]
        if loaders
        else []
    )
    return [
        file.at(call.line)
        for file, call in [*learning.loads(facts), *through]
        if file.kind is Kind.PYTHON
        and (file.path, call.scope) not in cached
        and call.last not in kept
        and (
            (file.path, call.scope) in routes
            or (file.path in pages and not call.scope)
            or (file.path in forgetful and within_cached.isdisjoint(call.scope.split(".")))
            or re.search(
                r"(^|\.)(predict|infer|inference|recommend|classify|predict_\w+|make_prediction|get_prediction|\w+_predict)$",
                call.scope,
            )
        )
        and not re.search(r"train|eval|batch|(^|/)(scripts|tools|notebooks)/", file.path.lower())
        and not _EXCHANGES.search(call.scope)
        and (file.path in _serving_side(facts) or file.path in answering.served(facts))
    ]


def _remembers(facts: Facts) -> bool:
    """Whether a page keeps what it has loaded in the session of its visitor."""
    return bool(facts.assigns(r"session_state.*(model|pipe|predictor|loader|clf)", files=facts.scripts))


def _serving_side(facts: Facts) -> set[str]:
    """Files of servers, and modules that they import."""
    files = _server_files(facts)
    imported = {
        one.module.rsplit(".", 2)[-2] if "." in one.module else one.module
        for file in facts.scripts if file.path in files and file.facts.code
        for one in file.facts.code.imports
    }  # fmt: skip
    imported |= {
        one.module.rsplit(".", 1)[-1]
        for file in facts.scripts
        if file.path in files and file.facts.code
        for one in file.facts.code.imports
    }
    return files | {file.path for file in facts.scripts if file.name.removesuffix(".py") in imported}


def _functions(facts: Facts) -> tuple[set[tuple[str, str]], set[tuple[str, str]]]:
    """(path, scope) of functions that answer a route, and of those whose results are kept."""
    routes, cached = set(), set()
    for file, define in facts.defines(""):
        key = (file.path, f"{define.scope}.{define.name}".lstrip("."))
        for decorator in define.decorators:
            if decorator.last in _VERBS and decorator.args:
                routes.add(key)
            if _CACHED.search(decorator.name):
                cached.add(key)
    return routes, cached
