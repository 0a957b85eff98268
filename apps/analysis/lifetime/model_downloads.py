"""Models that processes fetch when they start, where no image layer, volume or cache keeps them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from apps.analysis.code.importing import imported_by
from apps.analysis.code.origins import origin_of_argument
from apps.analysis.expressions import expression
from apps.analysis.foreign import model_loading
from apps.analysis.learning import frameworks, trained_elsewhere, zoos
from apps.analysis.paths import Kind
from apps.analysis.repository import places
from apps.analysis.running import answering, serving, starts

if TYPE_CHECKING:
    from apps.analysis.facts.model import Call
    from apps.analysis.findings import Evidence
    from apps.analysis.repository import Facts, File

FETCH = expression(
    r"\b(wget|curl\s.*(-o|-O|--output)|aws s3 (cp|sync)|gsutil (-m )?(cp|rsync)|gcloud storage cp|azcopy|gdown|dvc pull|huggingface-cli download|hf download|ollama pull|kaggle (datasets|competitions) download|"
    r"git lfs pull|spacy download|mlflow artifacts download|nltk\.downloader)\b",
    re.IGNORECASE,
)
_HUBS = (
    "sentence_transformers.SentenceTransformer", "sentence_transformers.CrossEncoder", "transformers.pipeline", "whisper.load_model", "torch.hub.load", "tensorflow_hub.load", "*.hub.KerasLayer", "*.HuggingFaceEmbeddings",
    "*.SentenceTransformerEmbeddings", "*.HuggingFaceEmbedding", "faster_whisper.WhisperModel", "vllm.LLM", "easyocr.Reader", "huggingface_hub.hf_hub_download", "huggingface_hub.snapshot_download", "*.hf_hub_download", "*.HuggingFaceBgeEmbeddings",
    "gpt4all.GPT4All", "nltk.download", "*.HuggingFaceInstructEmbeddings", "flair.models.*.load",
)  # fmt: skip
_FETCHES = (
    "*.download_file", "*.download_fileobj", "*.download_to_filename", "*.download_to_file", "*.download_blob", "urllib.request.urlretrieve", "*.urlretrieve", "urllib.urlretrieve", "wget.download", "gdown.download", "*.download_artifacts",
    "*.download_as_string", "*.download_as_bytes", "*.copy_tree", "*.download_file_from_google_drive", "*.load_state_dict_from_url", "gdown.*", "*.get_object", "*.download", "*.utils.get_file", "*.download_from_*",
    "mlflow.*.load_model", "mlflow.pyfunc.load_model", "*.download_model*", "*.download_weights*", "*.download_object*", "*.download_zip*", "*.download_folder*", "*.download_dir*", "*.fetch_model*", "*.pull_model*",
)  # fmt: skip
_MODEL_WORD = expression(
    r"model|weight|ckpt|checkpoint|artifact|pickle|pkl|joblib|onnx|predictor|label|categor|vocab|embed|startup|(?<!down)(?<!up)load|init",
    re.IGNORECASE,
)


# What is fetched to be worked on.
_OF_DATA = expression(r"(^|_)(texts?|docs?|documents?|csv|df|frame|rows|images?|audio|pdf|pages?)$", re.IGNORECASE)


def downloaded_models(facts: Facts) -> list[Evidence]:
    """Models that servers, workers and tasks of an orchestrator fetch when they start, where no image layer, volume or
    cache keeps them. For a script that a person starts its model is an input, like its data."""
    flows = [file for file, _ in facts.imports(*_ORCHESTRATORS, files=facts.scripts)]
    if not facts.profile.serves.holds and not flows:
        return []
    training = {file.path for file, _ in frameworks.fits(facts)}
    files = [file for file in facts.scripts if file.path not in training and not file.once(_is_for_people)]
    served = answering.served(facts) if facts.profile.serves.holds else imported_by(facts, flows)
    within = {
        file.path for file in files if file.path in served or (facts.profile.serves.holds and _serves_by_name(file))
    }
    loading = {file.path for file, _ in frameworks.loads(facts)} | server_files(facts)
    hub = [
        (file, call) for file, call in facts.calls("*.from_pretrained")
        if file.path in within and not call.name.startswith("vertexai.") and _is_of_hub(facts, file, call)
    ]  # fmt: skip
    hub += [pair for pair in facts.calls(*_HUBS) if pair[0].path in within]
    hub += [pair for pair in frameworks.loads(facts) if pair[0].path in within and zoos.is_published(pair[1])]
    hub = [pair for pair in hub if not _CACHE_KEYS & set(pair[1].kwargs)]
    fetched = [
        (file, call) for file, call in facts.calls(*_FETCHES)
        if file.path in within and not _asks_first(facts, file, call) and not _OF_DATA.search(call.target)
        and ((file.path in loading and _MODEL_WORD.search(f"{call.scope} {call.args} {call.target} {file.name} {call.name}")) or re.search(r"model", f"{call.scope} {call.target}"))
    ]  # fmt: skip
    commands = [
        (file, call) for file, call in facts.calls("subprocess.*", "os.system")
        if file.path in within and FETCH.search(joined(call))
    ]  # fmt: skip
    trained = {file.kind for file, _ in trained_elsewhere.training(facts)}  # there a model is an input
    elsewhere = places([pair for pair in model_loading.brought(facts) if pair[0].kind not in trained])
    if not any(file.kind is Kind.MODEL for file in facts.system):  # else the package is handed the weights
        elsewhere += places(model_loading.public(facts))
    kept = _is_kept(facts)
    return places([*fetched, *commands] if kept else [*fetched, *commands, *hub]) + elsewhere


_ORCHESTRATORS = ("airflow", "celery", "dagster", "luigi")


def _is_for_people(file: File) -> bool:
    return bool(
        re.search(r"train|eval|bench|batch|promot|(^|/)(scripts?|tools?|bin|notebooks?)/|download", file.path.lower())
    )


_OF_SERVICES = expression(r"serv|infer|predict|app|api|model|embed|rag|chat|worker|task|consum")


def _serves_by_name(file: File) -> bool:
    """Whether a module that no server is seen to import is named for what services and workers do."""
    begun = file.facts.code is not None and file.facts.code.main
    return not begun and bool(_OF_SERVICES.search(file.path.lower()))


_CACHE_KEYS = frozenset({"cache_dir", "cache_folder", "download_root", "local_files_only"})


def _is_of_hub(facts: Facts, file: File, call: Call) -> bool:
    """Whether the id of a model stands in the argument, or behind the name of it; else the name tells."""
    given = str(call.argument(0))
    known = origin_of_argument(facts, file, call, 0, "pretrained_model_name_or_path").literal if "$" in given else given
    if known and known != "None":
        return bool(re.fullmatch(r"[\w.-]+(/[\w.-]+)?", known)) and not re.match(
            r"\.|__file__|(models?|outputs?|checkpoints?|data|artifacts?|weights)/", known
        )
    return not re.search(r"path|dir\b|_dir|file", given, re.IGNORECASE)


def _asks_first(facts: Facts, file: File, call: Call) -> bool:
    """A model from a tracking server or registry is found by a local path: then nothing is fetched."""
    if call.last != "load_model":
        return False
    if call.line in file.once(_naming_paths):
        return True
    known = origin_of_argument(facts, file, call, 0, "model_uri").literal or str(call.argument(0, "model_uri"))
    return bool(re.search(r"^\$\w*(dir|path|folder)$", known)) or not re.search(
        r"[{$]|^(models|runs|s3|gs|mlflow\S*):/", known
    )


_FOLDER = expression(r"(^|_)(DIR|FOLDER)$")  # a platform has put the model there
_ASKED = frozenset({"os.getenv", "os.environ.get", "os.environ[]"})


def _naming_paths(file: File) -> set[int]:
    """The lines that make a path, or ask the environment for a folder."""
    return {
        one.line
        for one in (file.facts.code.calls if file.facts.code else ())
        if one.name == "pathlib.Path" or (one.name in _ASKED and _FOLDER.search(str(one.argument(0))))
    }


def joined(call: Call) -> str:
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
    return layers or volumes or _in_layers_of_code(facts)


def _in_layers_of_code(facts: Facts) -> bool:
    """Whether commands, or a function, that code adds to an image of Modal fetch models: what they leave lies in it."""
    for file, call in facts.calls("*.run_function", "*.run_commands"):
        if file.imports("modal"):
            name = str(call.argument(0)).strip("$")
            within = [one.name for one in (file.facts.code.calls if file.facts.code else ()) if one.scope == name]
            if any(_KEPT.search(text) for text in (str(call.args), *within)):
                return True
    return False


def server_files(facts: Facts) -> set[str]:
    return {file.path for file, _ in serving.servers(facts) if file.kind is Kind.PYTHON}
