"""What the leavings of a trained model are called: names of files, and of the calls that load and save them."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from apps.analysis.expressions import expression
from apps.analysis.paths import SHARD, Kind

if TYPE_CHECKING:
    from apps.analysis.facts.model import Call
    from apps.analysis.file import File

LOOKUP = expression(
    r"scaler|encod|vectori[sz]|tf-?idf|vocab|tokeni[sz]|tokens?\.(json|txt|pkl|pickle)|token_?(2|to|index|ids?|map)|label|word_?(2|to_?)?_?(idx|index|id)|char_?(2|to)|id_?2_?|2_?id|index_?to|transform(er)?\.|preprocess|imput|(^|[/_-])(ohe|pca|le|sc|cv|ct|tfidf|mlb)\d?[.-]|"
    r"columns|features?_?(names|list|cols)|class(es|_names|_ind)|mapping|lookup|_dict\.|_list\.|merges|spiece|bins?\.|sentencepiece|\.(index|faiss|ann|vec)$|bm25|poly(nomial)?_?features?|(^|[/_-])index\.(pkl|pickle|joblib|bin|np[yz])$|indices|embeddings?\.|normali[sz]|stopwords|(^|[/_.-])(fe|features?|feature_engineering|prep)_pipeline|(^|/)meta\.(pkl|json)$|categories",
    re.IGNORECASE,
)
DATA = expression(
    r"data(set|frame)?s?[._/-]|(^|[/_-])(train|test|valid|val|x|y|df|raw|samples?|preds?|predictions?|results?|history|stats|cache|metadata|meta(?=\.)|splits?|annotations?)([._-]|$)|\.(npz|rdata|mat|dat|tfrecord)$|similarity|shap",
    re.IGNORECASE,
)
SURE = expression(
    rf"\.(pth?|onnx|safetensors|ckpt|caffemodel|tflite|gguf|ggml|keras|t7|cbm|mar|pmml|mlmodel|xgb|ubj)$|(^|/){SHARD}$",
    re.IGNORECASE,
)
# R keeps all objects alike, tables most often.
OF_R = expression(
    r"model|(^|[/_.-])(fit|fits|rf|lm|glm|gbm|svm|lgb)([_.-]|\d|$)|fitted|forest|xgb|classif|regress|learner",
    re.IGNORECASE,
)
# Where prepared data lies, which is no preprocessor, and files of the answers that a model is fitted to.
DATA_FOLDER = expression(r"preprocess(ed|ing)?(_data)?_?(dir(ectory)?|folder|root)\b", re.IGNORECASE)
ANSWERS = expression(
    r"(^|[\s/_-])(y|train|test|valid|val|dev)[_-](\w{1,40}_)?labels?\.|(^|[\s/_-])labels?[_-](train|test|valid|val|dev)\.",
    re.IGNORECASE,
)
LOOKUP_TEXT = expression(
    r"(vocab|merges|tokenizer|labels?|label_?map|class(es|_names|_index|_indices)|imagenet_class|word_?index|char2idx|id2label|index_to_name|columns|synset|feature_names|word2idx|lexicon|gazetteer|mappings?|stop_?words|synonyms)[\w.-]*\.(txt|json|names|tsv)$|\.names$",
    re.IGNORECASE,
)
PREPARERS = (
    "*.StandardScaler", "*.MinMaxScaler", "*.RobustScaler", "*.LabelEncoder", "*.OneHotEncoder", "*.OrdinalEncoder", "*.TfidfVectorizer", "*.CountVectorizer", "*.DictVectorizer", "*.ColumnTransformer", "*.make_column_transformer",
    "*.SimpleImputer", "*.TargetEncoder", "*.PowerTransformer", "*.StringIndexer", "*.VectorAssembler",
)  # fmt: skip
TOKENIZERS = (
    "*Tokenizer.from_pretrained", "*TokenizerFast.from_pretrained", "*Processor.from_pretrained", "*FeatureExtractor.from_pretrained", "*ImageProcessor.from_pretrained", "tiktoken.get_encoding", "tiktoken.encoding_for_model",
    "*.Tokenizer.from_file", "*.tokenizer_from_json", "*.load_vocab*", "*.Dictionary.load", "*.SentencePieceProcessor", "*.Vocab.load", "*.load_vocabulary", "*.FullTokenizer", "*.BertWordPieceTokenizer",
)  # fmt: skip
BUNDLED = (
    "sentence_transformers.SentenceTransformer", "*.HuggingFaceEmbeddings", "*.HuggingFaceEmbedding", "*.HuggingFaceBgeEmbeddings", "*.HuggingFaceInstructEmbeddings", "transformers.pipeline", "vllm.LLM", "spacy.load", "whisper.load_model", "faster_whisper.WhisperModel",
    "*.CrossEncoder", "*.HuggingFacePipeline.from_model_id",
)  # fmt: skip
UNPICKLED = (
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
NETWORK = expression(r"(net|network|model|weights)\d*\.(h5|hdf5|keras|pth?|onnx)$|\.ckpt\.", re.IGNORECASE)
TARGETS = expression(r"vocab|dictionary|encoder|tokeni|word_?(2|to|index)|label_?map|id2|2id|itos|stoi", re.IGNORECASE)
SAVES = (
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
INDEXES = expression(r"FAISS|Chroma|vector store|index on disk|Qdrant|Pinecone|Weaviate|Milvus|pgvector|AI Search")
OF_PLATFORM = expression(r"^/opt/ml|AZUREML_MODEL_DIR|SM_MODEL_DIR|AIP_STORAGE")
# How vector stores keep an index in a folder; none of it is a model.
INDEX_FILE = expression(
    r"(^|/)((data_level0|header|length|link_lists)\.bin|index_metadata\.pickle|chroma\.sqlite3|chroma-(collections|embeddings)\.parquet|[\w-]+\.faiss)$",
    re.IGNORECASE,
)
# How spaCy keeps the weights of each component of a pipeline, and Spark what the steps of one have learned.
COMPONENT = expression(
    r"(^|/)(ner|tok2vec|tagger|parser|textcat\w*|transformer|senter|spancat|morphologizer)/model$"
    r"|(^|/)stages/\d{1,3}_\w{1,80}_[0-9a-f]{6,40}/(data|treesMetadata|itemFactors|userFactors)/part-[\w.-]{1,200}\.parquet$"
)
# Which rows of a data set belong to a part of it.
SPLIT = expression(r"[._-](train|test|valid|val|dev)\.index$")


def prepares(maker: str) -> bool:
    """Whether a class prepares the input of a model: an encoder, a scaler, a tokenizer that is fitted."""
    return maker.endswith(".Tokenizer") or any(fnmatchcase(maker, pattern) for pattern in PREPARERS)


# What answers in which folder it has put a version of a model that it has fetched from a registry.
_FETCHED = expression(
    r"^\$[\w.()]{0,200}(?:model|version|artifact)\w{0,40}(?:\(\))?\.download\(\)$|\.(?:download_artifacts|get_local_copy|get_weights)\(\)$",
    re.IGNORECASE,
)


def is_of_registry(file: File, call: Call) -> bool:
    """Whether what is loaded lies in a folder into which the code has fetched a version of a model."""
    folders = file.once(_fetched_folders).get(call.scope)
    if not folders or file.facts.code is None:
        return False
    joins = (
        one.args
        for one in file.facts.code.calls
        if 0 <= one.line - call.line <= call.span and one.last in {"join", "Path"}
    )
    given = [str(value) for values in (call.args[:1], *joins) for value in values[:1]]
    return any(
        one in {f"${name}", f"{{{name}}}"} or one.startswith(f"{{{name}}}/") for one in given for name in folders
    )


def _fetched_folders(file: File) -> dict[str, set[str]]:
    """The names of such folders, by the function that names them."""
    found: dict[str, set[str]] = {}
    for one in file.facts.code.assigns if file.facts.code else ():
        if isinstance(one.value, str) and _FETCHED.search(one.value):
            found.setdefault(one.scope, set()).add(one.name)
    return found


def is_index(file: File) -> bool:
    return INDEX_FILE.search(file.path) is not None


def is_component(file: File) -> bool:
    return COMPONENT.search(file.path) is not None


def is_lookup(file: File) -> bool:
    of_text = file.kind in {Kind.TEXT, Kind.JSON, Kind.YAML, Kind.OPAQUE}
    return of_text and LOOKUP_TEXT.search(file.path) is not None
