"""What a trained model leaves behind: weights, and the vocabularies, encoders and indexes it needs; tracked or loaded."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from apps.analysis import foreign, learning, services
from apps.analysis.expressions import expression
from apps.analysis.names import scope_of
from apps.analysis.origins import Source, origin_of, origin_of_argument
from apps.analysis.paths import Kind, Role
from apps.analysis.services import Located

if TYPE_CHECKING:
    from apps.analysis.facts.model import Call
    from apps.analysis.findings import Evidence
    from apps.analysis.repository import Facts, File

    Calls = list[tuple[File, Call]]

_LOOKUP = expression(
    r"scaler|encod|vectori[sz]|tf-?idf|vocab|token|label|word_?(2|to_?)?_?(idx|index|id)|char_?(2|to)|id_?2_?|2_?id|index_?to|transform(er)?\.|preprocess|imput|(^|[/_-])(ohe|pca|le|sc|cv|ct|tfidf|mlb)\d?[.-]|"
    r"columns|features?_?(names|list|cols)|class(es|_names|_ind)|mapping|lookup|_dict\.|_list\.|merges|spiece|sentencepiece|\.(index|faiss|ann|vec)$|indices|embeddings?\.|normali[sz]|stopwords|(^|/)meta\.(pkl|json)$|categories",
    re.IGNORECASE,
)
_DATA = expression(
    r"data(set|frame)?s?[._/-]|(^|[/_-])(train|test|valid|val|x|y|df|raw|samples?|preds?|predictions?|results?|history|stats|cache)([._-]|$)|\.(npz|rdata|mat|dat|tfrecord)$|similarity|shap",
    re.IGNORECASE,
)
_SURE = expression(
    r"\.(pth?|onnx|safetensors|ckpt|caffemodel|tflite|gguf|ggml|keras|t7|cbm|mar|pmml|mlmodel|xgb|ubj)$", re.IGNORECASE
)
_LOOKUP_TEXT = expression(
    r"(vocab|merges|tokenizer|labels?|label_?map|class(es|_names|_index|_indices)|imagenet_class\w*|word_?index|char2idx|id2label|index_to_name|columns|synset|feature_names|word2idx|lexicon|gazetteer)[\w.-]*\.(txt|json|names|tsv)$",
    re.IGNORECASE,
)
_PREPARERS = (
    "*.StandardScaler", "*.MinMaxScaler", "*.RobustScaler", "*.LabelEncoder", "*.OneHotEncoder", "*.OrdinalEncoder", "*.TfidfVectorizer", "*.CountVectorizer", "*.DictVectorizer", "*.ColumnTransformer", "*.make_column_transformer",
    "*.SimpleImputer", "*.TargetEncoder", "*.PowerTransformer", "*.StringIndexer", "*.VectorAssembler",
)  # fmt: skip
_TOKENIZERS = (
    "*Tokenizer.from_pretrained", "*TokenizerFast.from_pretrained", "*Processor.from_pretrained", "*FeatureExtractor.from_pretrained", "*ImageProcessor.from_pretrained", "tiktoken.get_encoding", "tiktoken.encoding_for_model",
    "*.Tokenizer.from_file", "*.tokenizer_from_json", "*.load_vocab*", "*.Dictionary.load", "*.SentencePieceProcessor", "*.Vocab.load", "*.load_vocabulary", "*.FullTokenizer", "*.BertWordPieceTokenizer",
)  # fmt: skip
_BUNDLED = (
    "sentence_transformers.SentenceTransformer", "*.HuggingFaceEmbeddings", "*.HuggingFaceEmbedding", "*.HuggingFaceBgeEmbeddings", "*.HuggingFaceInstructEmbeddings", "transformers.pipeline", "vllm.LLM", "spacy.load", "whisper.load_model",
    "*.CrossEncoder", "*.HuggingFacePipeline.from_model_id",
)  # fmt: skip
_UNPICKLED = (
    "joblib.load",
    "pickle.load",
    "cPickle.load",
    "_pickle.load",
    "dill.load",
    "cloudpickle.load",
    "sklearn.externals.joblib.load",
    "torch.load",
    "numpy.load",
    "json.load",
)
# An encoder that is a network is weights; so is the index of a checkpoint's shards.
_NETWORK = expression(r"(net|network|model|weights)\d*\.(h5|hdf5|keras|pth?|onnx)$|\.ckpt\.", re.IGNORECASE)
_TARGETS = expression(r"vocab|dictionary|encoder|tokeni|word_?(2|to|index)|label_?map|id2|2id|itos|stoi", re.IGNORECASE)
_SAVES = (
    "joblib.dump",
    "pickle.dump",
    "cPickle.dump",
    "dill.dump",
    "cloudpickle.dump",
    "sklearn.externals.joblib.dump",
    "mlflow.sklearn.*",
    "*.save_model",
    "*.log_model",
    "torch.save",
    "*.save",
    "*.save_pretrained",
)
_INDEXES = expression(r"FAISS|Chroma|index on disk|Qdrant|Pinecone|Weaviate|Milvus|pgvector|AI Search")
_OF_PLATFORM = expression(r"^/opt/ml|AZUREML_MODEL_DIR|SM_MODEL_DIR|AIP_STORAGE")


@dataclass(slots=True)
class Locations:
    """Where something is loaded from, by what locates it."""

    remote: list[Evidence] = field(default_factory=list)  # registry, bucket, download
    hub: list[Evidence] = field(default_factory=list)  # models and tokenizers that somebody else published
    given: list[Evidence] = field(default_factory=list)  # a path by flag, environment or config
    local: list[Evidence] = field(default_factory=list)  # a path in the code
    untold: list[Evidence] = field(default_factory=list)

    @property
    def all(self) -> list[Evidence]:
        return [*self.local, *self.given, *self.remote, *self.hub, *self.untold]


@dataclass(frozen=True, slots=True)
class Tracked:
    weights: list[File]
    lookups: list[File]


def tracked(facts: Facts) -> Tracked:
    """Files of trained weights, and of vocabularies, encoders and indexes, that lie in the repository."""
    return facts.once(_tracked)


def _tracked(facts: Facts) -> Tracked:
    own = [file for file in facts.files if file.role not in {Role.TEST, Role.VENDORED}]
    stored = [file for file in own if file.kind is Kind.MODEL and (file.size is None or file.size > 0)]
    lookups = [file for file in stored if _LOOKUP.search(file.name) and not _NETWORK.search(file.name)]
    weights = [
        file
        for file in stored
        if file not in lookups and (_SURE.search(file.path) or not _DATA.search(file.path.rsplit("/", 1)[-1]))
    ]
    weights = [
        file for file in weights if not file.name.endswith((".index", ".vec", ".npy", ".npz")) or "weight" in file.name
    ]
    texts = [
        file
        for file in own
        if _LOOKUP_TEXT.search(file.path) and file.kind in {Kind.TEXT, Kind.JSON, Kind.YAML, Kind.OPAQUE}
    ]
    return Tracked(weights, [*lookups, *[file for file in texts if is_named(facts, file)]])


def is_named(facts: Facts, file: File) -> bool:
    """Whether code or configuration speaks of the file by its name."""
    return file.path.rsplit("/", 1)[-1].lower() in facts.once(_basenames)


def are_read(facts: Facts, files: list[File]) -> bool:
    """Whether code that reads stored objects speaks of one of the files."""
    return bool(facts.calls(*_UNPICKLED[:-2])) and any(is_named(facts, file) for file in files)


def _basenames(facts: Facts) -> frozenset[str]:
    texts = [one.value for file in facts.code for one in (file.facts.code.texts if file.facts.code else ())]
    texts += [
        str(arg)
        for file in facts.code
        for call in (file.facts.code.calls if file.facts.code else ())
        for arg in call.args
        if isinstance(arg, str) and "." in arg
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
    for file, call in learning.loads(facts):
        if not _LOOKUP.search(f"{call.target} {_shown(call)}") or "model" in call.last:
            _place(facts, file, call, found)
    registry = [
        *facts.calls("mlflow.*.load_model", "mlflow.artifacts.download_artifacts", "*.download_artifacts", "*.get_model_path", "*.use_artifact", "*.Model.get_model_path", "*.RegisterModel", "*.model_data", "*.bentoml.*.get", "bentoml.*.get", "bentoml.*.load*", "*.get_model_version*", "google.cloud.aiplatform.Model", "*.ModelPackage", "sagemaker.*.Model", "*.CfnModel"),
    ]  # fmt: skip
    found.remote += [file.at(call.line) for file, call in registry]
    found.given += [file.at(line) for file, line in foreign.given_models(facts)]
    found.given += [file.at(one.line) for file, one in learning.handed_models(facts)]
    found.remote += [
        use.places[0]
        for use in services.uses(facts, services.Kind.STORAGE)
        if use.service not in {"a local path", "a public data set", "a hub of data sets", "a model hub"}
        and not _is_data(use.value)
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


def _is_data(value: str) -> bool:
    return bool(re.search(r"\.(csv|parquet|jsonl?|tsv|xlsx?|txt|pdf)(\?|$)", value))


def _shown(call: Call) -> str:
    return " ".join(str(one) for one in call.args[:2])


def _place(facts: Facts, file: File, call: Call, found: Locations) -> None:
    here = file.at(call.line)
    if call.name.startswith("mlflow."):
        found.remote.append(here)
        return
    origin = origin_of_argument(
        facts,
        file,
        call,
        1 if call.last == "restore" and len(call.args) > 1 else 0,
        "pretrained_model_name_or_path",
        "model",
        "model_path",
        "model_name",
        "path",
        "f",
        "model_name_or_path",
    )
    text = origin.literal or ""
    if (
        (origin.source is Source.LOCAL_PATH and any(name == _basename(text) for name, _ in facts.once(_downloads)))
        or _OF_PLATFORM.search(text)
        or re.match(r"^(?:\w+://|models:)", text)
    ):
        found.remote.append(here)
    elif origin.settable or origin.source is Source.CONFIG_FILE:
        found.given += [here, origin.place]
    elif origin.source is Source.LITERAL or _is_hub(call, text):
        found.hub.append(here)
    elif origin.source is Source.LOCAL_PATH:
        found.local += [here, origin.place]
    elif call.scope == "model_fn":  # what lies beside the model that a platform's container hands over
        found.given.append(here)
    else:
        found.untold.append(here)


def _is_hub(call: Call, text: str) -> bool:
    named = call.last in {
        "from_pretrained",
        "SentenceTransformer",
        "pipeline",
        "CrossEncoder",
        "create_model",
        "LLM",
        "YOLO",
        "HuggingFaceEmbeddings",
    }
    return (
        named
        and text.count("/") <= 1
        and not text.startswith((".", "/", "~", "models/", "model/", "output", "checkpoint"))
    )


_DOWNLOADS = (
    "*.urlretrieve", "wget.download", "gdown.download", "*.download_to_filename", "*.download_file", "*.fget_object", "huggingface_hub.hf_hub_download", "*.blob", "*.get_file", "*.download_blob*", "*.get_object", "*.download_url",
)  # fmt: skip


def _downloads(facts: Facts) -> list[tuple[str, Evidence]]:
    """Base names of what the code downloads, with the place."""
    found = []
    for file, call in facts.calls(*_DOWNLOADS):
        for value in [*call.args[:3], *call.kwargs.values()]:
            literal = origin_of(facts, file, value, call.scope, call.line).literal if isinstance(value, str) else None
            if literal and "." in _basename(literal):
                found.append((_basename(literal), file.at(call.line)))
    return found


def _basename(text: str) -> str:
    return text.split("?", maxsplit=1)[0].rsplit("/", 1)[-1].lower()


# --- vocabularies ---------------------------------------------------------------------------------------------------------
def lookup_locations(facts: Facts) -> Locations:
    """Where vocabularies, tokenizers, encoders, scalers, label maps and vector indexes are loaded from or kept."""
    found = Locations()
    scripts = facts.scripts or facts.notebooks
    for file, call in facts.calls(*_TOKENIZERS, files=scripts):
        if call.name.startswith("tiktoken."):
            found.remote.append(file.at(call.line))
        else:
            _place(facts, file, call, found)
    for file, call in facts.calls(*_UNPICKLED, files=scripts):
        pattern = _TARGETS if call.name == "json.load" or _TARGETS.search(call.target) else _LOOKUP
        literal = origin_of_argument(facts, file, call, 0).literal or ""
        if pattern.search(f"{call.target} {_shown(call)}") or _LOOKUP.search(_basename(literal)):
            _place(facts, file, call, found)
    for file, call in facts.calls(*_BUNDLED):
        (found.local if _is_of_this_disk(call) else found.remote).append(file.at(call.line))
    for file, call in _wrapped(facts, _UNPICKLED[:-1]):
        if _LOOKUP.search(f"{call.target} {_shown(call)} {list(call.kwargs.values())}"):
            _place(facts, file, call, found)
    found.remote += [
        place for name, place in facts.once(_downloads) if _LOOKUP_TEXT.search(name) or _LOOKUP.search(name)
    ]
    for use in services.uses(facts, services.Kind.DATABASE):
        if _INDEXES.search(use.service):
            kept = found.local if use.located in {Located.LOCAL, Located.LOCAL_SET} else found.given
            kept += use.places
    return found


_THIS_DISK = expression(r"^(\.{0,2}/|~|models?/|output|checkpoints?/|artifacts?/)")


def _is_of_this_disk(call: Call) -> bool:
    """Whether a bundle that usually comes from a hub is named by a path."""
    named = [
        *call.args[:2],
        *(call.kwargs.get(name) for name in ("model", "model_name", "model_name_or_path", "model_id")),
    ]
    return any(isinstance(one, str) and _THIS_DISK.search(one) for one in named)


def _wrapped(facts: Facts, patterns: tuple[str, ...]) -> Calls:
    """Calls of the repository's own small functions that do nothing but read, or write, an object at a path."""
    around = facts.calls(*patterns, files=facts.scripts)
    scopes = {(file.path, call.scope) for file, call in around if call.scope}
    names = {
        define.name
        for file, _ in around
        for define in (file.facts.code.defines if file.facts.code else ())
        if (file.path, scope_of(define)) in scopes and 1 <= len(define.parameters) <= 3 and define.kind == "def"
    }
    names -= {"__init__", "predict", "main", "run", "load_model", "save_model"}
    return facts.calls(*names, *(f"*.{name}" for name in names), files=facts.scripts) if names else []


def in_bundle(facts: Facts) -> list[Evidence]:
    """Preparers that are part of the model's own bundle: of its pipeline, or beside it in one object."""
    detectors = facts.calls("ultralytics.YOLO")  # the names of their classes are in the weights
    return [*_in_pipeline(facts), *_beside_model(facts), *(file.at(call.line) for file, call in detectors)]


_PART = expression(
    r"scaler|encod|vectori[sz]er|tokeni[sz]er|preprocess|vocab|label_?map|imputer|transformer|(^|_)enc$|(^|_)ohe$",
    re.IGNORECASE,
)


def _beside_model(facts: Facts) -> list[Evidence]:
    """Preparers that lie with the model in one stored object, a dictionary or a tuple."""
    found = []
    for file, call in facts.calls(*_UNPICKLED[:-1], *_SAVES[:6]):
        code = file.facts.code
        if code is None:
            continue
        if call.last == "dump":
            parts = [one for one in code.assigns if one.how == "key" and call.line <= one.line <= call.line + 8]
            parts = parts if call.args[:1] == ["$?"] else []
        else:
            held = [f"${call.target}[]", f"${call.target}.get()"] if call.target else []
            parts = [one for one in code.assigns if one.value in held]
        found += [file.at(one.line) for one in parts if _PART.search(one.name)]
    return found


def _in_pipeline(facts: Facts) -> list[Evidence]:
    """Preparers that are saved inside of the model's own pipeline."""
    pipelines = facts.calls("sklearn.pipeline.*", "*.make_pipeline", "imblearn.pipeline.*", "pyspark.ml.Pipeline")
    if not pipelines or not facts.calls(*_PREPARERS) or not facts.calls(*_SAVES):
        return []
    return [file.at(call.line) for file, call in pipelines]


def saved_lookups(facts: Facts) -> list[Evidence]:
    """Where the code itself writes an encoder, scaler or vocabulary to a file."""
    direct = [pair for pair in facts.calls(*_SAVES) if pair[1].last in {"dump", "save"}]
    return [
        file.at(call.line)
        for file, call in [*direct, *_wrapped(facts, _SAVES[:6])]
        if _LOOKUP.search(told := " ".join(str(one) for one in [*call.args[:2], *call.kwargs.values()]))
        and not re.search(r"model|state_dict", told.split(" ")[0])
    ]
