"""Storage of data sets and models as Python code reaches it: buckets, hubs, downloads and local files."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from apps.analysis.code.origins import SETTABLE, Origin, Source, origin_of
from apps.analysis.expressions import expression
from apps.analysis.foreign import model_loading
from apps.analysis.learning import frameworks
from apps.analysis.services.clients import Kind
from apps.analysis.services.use import Located, Use, is_harmless, located_by

if TYPE_CHECKING:
    from collections.abc import Iterator

    from apps.analysis.facts.model import Call
    from apps.analysis.repository import Facts, File

# (service, calls, position, names) of what names a bucket, container, repository of a hub, or an address.
_REMOTE = (
    ("S3", ("*.Bucket", "s3fs.S3FileSystem().*", "*.default_bucket_override"), 0, ("name", "bucket_name")),
    ("S3", ("*.upload_file", "*.upload_fileobj"), 1, ("Bucket", "bucket", "bucket_name")),
    ("S3", ("*.download_file", "*.download_fileobj", "*.get_object", "*.put_object", "*.list_objects*", "*.head_object", "*.fget_object",
            "*.fput_object", "*.bucket_exists", "*.make_bucket", "*.copy_object"), 0, ("Bucket", "bucket", "bucket_name")),
    ("S3", ("awswrangler.s3.read_*", "awswrangler.s3.download", "awswrangler.s3.list_*"), 0, ("path",)),
    ("SageMaker's storage", ("sagemaker.*S3Downloader.*", "sagemaker.*S3Uploader.*"), 0, ("s3_uri",)),
    ("MinIO", ("minio.Minio", "minio.api.Minio"), 0, ("endpoint",)),
    ("Google Cloud Storage", ("*.bucket", "*.get_bucket", "google.cloud.storage.Bucket"), 0, ("bucket_name", "name")),
    ("Azure Blob Storage", ("*.BlobServiceClient", "*.BlobServiceClient.from_connection_string", "*.ContainerClient*", "*.BlobClient*", "*.DataLakeServiceClient*",
                            "*.BlockBlobService"), 0, ("account_url", "conn_str", "account_name", "container_name")),
    ("an Azure ML data store", ("azureml.*.Datastore.get", "azureml.*.Dataset.get_by_name", "*.Datastore.register_azure_blob_container"), 1, ("name", "datastore_name", "container_name")),
    ("Google Cloud Storage", ("gcsfs.GCSFileSystem().*",), 0, ("path",)),
    ("a bucket", ("cloudpathlib.*Path", "obstore.store.from_url", "obstore.store.*Store*", "pyarrow.fs.FileSystem.from_uri"), 0, ("cloud_path", "url", "bucket", "container_name", "uri")),
    ("Alibaba OSS", ("oss2.Bucket",), 2, ("bucket_name",)),
    ("Supabase Storage", ("*.storage.from_",), 0, ("id",)),
    ("lakeFS", ("lakefs.repository", "lakefs.Repository"), 0, ("repository_id",)),
    ("HDFS", ("hdfs.InsecureClient", "hdfs3.HDFileSystem", "pyarrow.hdfs.connect", "pyarrow.fs.HadoopFileSystem"), 0, ("host", "url")),
    ("SageMaker's storage", ("sagemaker.inputs.TrainingInput", "sagemaker.TrainingInput", "*.ProcessingInput"), 0, ("s3_data", "source")),
    ("a DVC remote", ("dvc.api.*",), 1, ("repo",)),
    ("a model hub", ("*.from_pretrained",), 0, ("pretrained_model_name_or_path", "model_name", "repo_id")),
    ("a model hub", ("huggingface_hub.hf_hub_download", "huggingface_hub.snapshot_download", "huggingface_hub.cached_download", "*.HfApi().*", "*.HfFileSystem().*", "*.push_to_hub",
                     "sentence_transformers.SentenceTransformer", "sentence_transformers.CrossEncoder", "*.HuggingFaceEmbeddings", "*.HuggingFaceInstructEmbeddings",
                     "*.HuggingFaceBgeEmbeddings", "*.HuggingFaceEmbedding", "timm.create_model", "open_clip.create_model*", "whisper.load_model", "faster_whisper.WhisperModel", "ultralytics.YOLO", "vllm.LLM"), 0,
     ("repo_id", "model_name", "model_name_or_path", "model_size_or_path", "model", "filename_or_url")),
    ("a model hub", ("transformers.pipeline", "transformers.*.pipeline"), 1, ("model",)),
    ("a model hub", ("torch.hub.load", "tensorflow_hub.load", "tensorflow_hub.KerasLayer", "tensorflow_hub.Module", "torch.hub.load_state_dict_from_url", "*.load_url", "*.load_file_from_url"), 0, ("handle", "url", "repo_or_dir")),
    ("a hub of data sets", ("datasets.load_dataset", "datasets.load.load_dataset", "datasets.load_dataset_builder", "tensorflow_datasets.load", "*.fetch_openml",
                            "openml.datasets.get_dataset", "kagglehub.*", "kaggle.api.dataset_download_files", "ucimlrepo.fetch_ucirepo"), 0, ("path", "name", "id", "data_id", "handle")),
    ("a download", ("urllib.request.urlretrieve", "urllib.urlretrieve", "*.urlretrieve", "wget.download", "gdown.download", "gdown.cached_download", "*.download_url", "*.download_and_extract_archive",
                    "*.download_file_from_google_drive", "*.utils.data_utils.get_file", "requests.get", "urllib.request.urlopen", "httpx.get"), 0, ("url", "id", "origin")),
    ("a download", ("*.utils.get_file", "pooch.retrieve"), 1, ("origin", "url")),
)  # fmt: skip
# Learning libraries that fetch a public data set by the name of a function.
_PUBLIC_DATA = (
    "keras.datasets.*.load_data", "tensorflow.keras.datasets.*.load_data", "tensorflow.*.datasets.*.load_data", "sklearn.datasets.fetch_*", "*.input_data.read_data_sets", "seaborn.load_dataset",
)  # fmt: skip
_READS = (
    "pandas.read_csv", "pandas.read_parquet", "pandas.read_json", "pandas.read_excel", "pandas.read_pickle", "pandas.read_table", "pandas.read_feather", "pandas.read_hdf", "pandas.io.*.read_csv",
    "polars.read_*", "polars.scan_*", "dask.dataframe.read_*", "modin.pandas.read_*", "cudf.read_*", "geopandas.read_file", "vaex.open", "numpy.load", "numpy.loadtxt", "numpy.genfromtxt", "numpy.fromfile", "numpy.memmap",
    "joblib.load", "sklearn.externals.joblib.load", "torch.load", "torch.jit.load", "*.load_model", "*.load_weights", "*.load_from_checkpoint", "onnxruntime.InferenceSession", "*.InferenceSession",
    "tensorflow.saved_model.load", "*.read.csv", "*.read.parquet", "*.read.json", "*.read.load", "*.read.format().load", "*.read.format().option().load", "*.ImageFolder", "*.DatasetFolder", "*.flow_from_directory", "*.image_dataset_from_directory", "*.dataset_from_directory",
    "*.PyPDFLoader", "*.DirectoryLoader", "*.PyPDFDirectoryLoader", "*.TextLoader", "*.CSVLoader", "*.UnstructuredFileLoader", "*.SimpleDirectoryReader", "scipy.io.loadmat", "scipy.sparse.load_npz", "h5py.File",
    "tensorflow.data.TFRecordDataset", "tensorflow.data.experimental.make_csv_dataset", "librosa.load", "torchaudio.load", "*.KeyedVectors.load*", "gensim.*.load", "fasttext.load_model", "torchvision.datasets.*", "torchtext.datasets.*", "*.readNetFrom*", "csv.reader", "*.load_svmlight_file",
    "spacy.load", "*.from_csv", "*.ImageDataBunch.from_*", "*.restore", "catboost.CatBoostClassifier().load_model", "xgboost.Booster", "lightgbm.Booster", "llama_cpp.Llama", "*.load_learner", "*.load_data",
    "ray.data.read_*", "daft.read_*", "pyarrow.parquet.read_table", "pyarrow.dataset.dataset", "deltalake.DeltaTable", "smart_open.open", "fsspec.open", "datasets.load_from_disk",
)  # fmt: skip
_NAMES = (
    "filepath_or_buffer", "path", "io", "root", "file", "filename", "fname", "f", "directory", "data_dir", "model_path", "model_file", "path_or_bytes", "filepath", "input_dir", "train", "train_folder", "paths", "uri", "urlpath", "table_uri", "source", "dataset_path",
)  # fmt: skip
_IN_MEMORY = expression(r"^\$(io\.)?(StringIO|BytesIO)\(\)")
# What a person hands to a page or in a request is stored nowhere.
_UPLOADED = expression(r"^\$.*(?:upload|request\.files|\bfile\.file\b)", re.IGNORECASE)
# No path: a model that a registry finds by its name, and a module's attribute.
_NO_PATH = expression(r"^(?:models|runs):/|^\w+:\w+$")
_OWNED = expression(r"^(?!\{).*[-_./\d]")  # a bucket that is called `models` is nobody's in particular
# An address that is yet to be filled in, and a pattern of addresses.
_TO_FILL = expression(r"^\w+://(?:\{\}|%s|$|[(\[.])")
_STORED = expression(
    r"\.(csv|tsv|parquet|feather|pkl|pickle|joblib|sav|h5|hdf5|keras|pth?|onnx|bin|safetensors|ckpt|npy|npz|jsonl|xlsx?|zip|tar|gz|tgz|data|arff|mat|tfrecord|pb|model|txt|pdf|gguf|t7|caffemodel|db|vec|model)(\?.*)?$",
    re.IGNORECASE,
)
_BUCKET_ADDRESS = (
    r"^(s3[an]?|gs|gcs|wasbs?|abfss?|hdfs|az|azureml)://|^/Volumes(/[\w{}.-]{1,80}){3}/"  # volumes are of Databricks
)
_OF_PLATFORM = expression(
    r"^azureml://datastores/workspace(blob|artifact|file)store\b|^gs://google-cloud-aiplatform/|^/(opt/ml|tmp|mnt/batch|gcs/|kaggle/input)|^(/dev/|s3://sagemaker-)|^\{?tempfile|^https?://(localhost|127)"
)
# The name of a bucket that the same code makes in a cloud.
_OF_RESOURCE = expression(r"^\w+://\{(?:\w+\.){1,4}(?:bucket_name|bucket|id|name)\}")
_INFRASTRUCTURE = ("aws_cdk", "cdktf", "pulumi_aws", "pulumi_gcp")
_STAND_IN = expression(r"https?://(localhost|127)\b")  # for a store that a run is given
_NAMES_BUCKETS = (
    "boto3",
    "google.cloud.storage",
    "google.cloud",
    "minio",
    "s3fs",
    "gcsfs",
    "botocore",
    "aioboto3",
    "oss2",
    "sagemaker",
    "awswrangler",
)


def uses(facts: Facts) -> list[Use]:
    fetched = [
        Use(Kind.STORAGE, "a model", Located.HARDCODED if is_spelt else Located.ATTACHED, (file.at(line),))
        for file, line, is_spelt in model_loading.fetched(facts)
    ]
    fetched += [
        Use(Kind.STORAGE, "a model hub", Located.HARDCODED, (file.at(line),))
        for file, line in model_loading.public(facts)[:3]
    ]
    loaded = [
        Use(Kind.STORAGE, "a model" if how == "address" else "a local path", _ELSEWHERE[how], (file.at(line),))
        for file, line, how in model_loading.located(facts)
    ]
    found = [*_remote(facts), *_addresses(facts), *_public(facts), *_local(facts), *fetched, *loaded]
    return found or list(_listed(facts))


def _listed(facts: Facts) -> Iterator[Use]:
    """Folders whose files code goes through that learns from them, where nothing else tells what it reads."""
    learning = {file.path: file for file, _ in frameworks.fits(facts)}
    calls = facts.calls("os.listdir", "os.walk", "os.scandir", "glob.glob", "glob.iglob", files=list(learning.values()))
    for file, call in calls:
        yield from _local_read(facts, file, call, call.argument(0))


# How a model lies that code in another language loads.
_ELSEWHERE = {
    "address": Located.ATTACHED,
    "given": Located.LOCAL_SET,
    "literal": Located.LOCAL,
    "untold": Located.UNTOLD,
}


def _remote(facts: Facts) -> Iterator[Use]:
    with_buckets = {file.path for file, _ in facts.imports(*_NAMES_BUCKETS)}
    derived = facts.once(_derived)
    for service, patterns, position, names in _REMOTE:
        bucket = service in {"S3", "Google Cloud Storage"}
        for file, call in facts.calls(*patterns, *(name for base, name in derived if base in patterns)):
            if bucket and file.path not in with_buckets:
                continue
            value = next((call.kwargs[name] for name in names if name in call.kwargs), call.argument(position))
            if value is None or _is_request(service, call, value) or _is_of_bucket(service, call):
                continue
            origin = origin_of(facts, file, value, call.scope, call.line)
            use = _judged(service, origin, file, call)
            if use:
                yield use


def _derived(facts: Facts) -> list[tuple[str, str]]:
    """(pattern, calls) of the repository's own classes that derive from one which a pattern names."""
    patterns = [pattern for _, many, _, _ in _REMOTE for pattern in many if pattern.rsplit(".", 1)[-1][:1].isupper()]
    named = {pattern.rsplit(".", 1)[-1]: pattern for pattern in patterns}
    return [
        (pattern, call)
        for _, one in facts.deriving(facts.scripts)
        for base in one.bases
        if (pattern := named.get(base.rsplit(".", 1)[-1])) and fnmatchcase(base, pattern)
        for call in (one.name, f"*.{one.name}")
    ]


def _is_request(service: str, call: Call, value: object) -> bool:
    """A plain HTTP request is a download of data only when its address says so."""
    if service != "a download" or call.last not in {"get", "urlopen"}:
        return False
    return not (isinstance(value, str) and _STORED.search(value))


def _is_of_bucket(service: str, call: Call) -> bool:
    """Whether a bucket itself is asked, which another call has named: then the arguments are a key and a file. Or
    whether it is one of another cloud."""
    moves = {"download_file", "upload_file", "download_fileobj", "upload_fileobj"}
    if call.name == "oss2.Bucket":
        return service == "S3"
    return service == "S3" and call.last in moves and len(call.args) + len(call.kwargs) < 3


def _judged(service: str, origin: Origin, file: File, call: Call) -> Use | None:
    text = origin.literal or ""
    places = (origin.place, file.at(call.line))
    if _OF_PLATFORM.search(text):
        return None
    if service.startswith("a model hub") or service == "a hub of data sets":
        if origin.source is Source.LITERAL:
            return Use(Kind.STORAGE, service, Located.HARDCODED, places, text)
        if (
            origin.source is Source.LOCAL_PATH
            and text.count("/") == 1
            and not text.startswith((".", "/", "~"))
            and not _STORED.search(text)
        ):
            return Use(Kind.STORAGE, service, Located.HARDCODED, places, text)  # owner/name of a hub
        if origin.source in SETTABLE:
            return Use(Kind.STORAGE, service, Located.ATTACHED, places, text)
    if origin.source is Source.LOCAL_PATH:
        return Use(Kind.STORAGE, "a local path", Located.LOCAL, places, text)
    located = located_by(origin)
    if located is Located.ATTACHED and service in {"S3", "Google Cloud Storage"} and _OWNED.search(text):
        located = Located.FALLBACK
    return Use(Kind.STORAGE, service, located, places, text)


def _addresses(facts: Facts) -> Iterator[Use]:
    """Addresses of buckets, wherever they stand in code."""
    for file, one in facts.texts(_BUCKET_ADDRESS):
        overridden = _overridable(file, one.line)
        if _TO_FILL.match(one.value) or _OF_PLATFORM.search(one.value):
            continue
        if one.value.startswith("/") and not facts.once(_is_of_databricks):
            continue
        origin = origin_of(facts, file, one.value, one.scope, one.line)
        default = Located.ATTACHED if is_harmless(one.value) else Located.FALLBACK
        located = default if overridden and origin.source is Source.LITERAL else located_by(origin)
        located = Located.HARDCODED if located is Located.LOCAL else located
        if _OF_RESOURCE.match(one.value) and file.imports(*_INFRASTRUCTURE):
            located = Located.ATTACHED
        yield Use(Kind.STORAGE, "an object store", located, (file.at(one.line), origin.place), one.value)


def _is_of_databricks(facts: Facts) -> bool:
    """Whether the code runs where `/Volumes` are storage; a Mac's disks lie there as well."""
    return bool(facts.imports("pyspark", "databricks", "delta", "dlt") or facts.named(r"(^|/)databricks\.ya?ml$"))


def _overridable(file: File, line: int) -> bool:
    code = file.facts.code
    names = {"add_argument", "Option", "option", "getenv", "get", "Argument", "config", "Field", "ParameterString"}
    defaults = any(one.line == line and one.how == "default" for one in (code.assigns if code else ()))
    return defaults or any(
        call.last in names and line - 3 <= call.line <= line for call in (code.calls if code else ())
    )


def _public(facts: Facts) -> Iterator[Use]:
    for file, call in facts.calls(*_PUBLIC_DATA):
        yield Use(Kind.STORAGE, "a public data set", Located.HARDCODED, (file.at(call.line),), call.name)


def _local(facts: Facts) -> Iterator[Use]:
    for file, call in facts.calls(*_READS):
        if call.name.startswith("bentoml."):  # whose own store finds a model by its tag
            continue
        yield from _local_read(
            facts, file, call, next((call.kwargs[n] for n in _NAMES if n in call.kwargs), call.argument(0))
        )
    loaders = {
        file.path
        for file, _ in facts.calls(
            "pickle.load",
            "cPickle.load",
            "_pickle.load",
            "dill.load",
            "cloudpickle.load",
            "csv.reader",
            "csv.DictReader",
            "numpy.*",
            "*.fit",
            "*.train",
            "*.predict",
        )
    }
    for file, call in facts.calls("open"):
        if file.path in loaders and "w" not in call.mode and "a" not in call.mode:
            origin = origin_of(facts, file, call.argument(0), call.scope, call.line)
            if _STORED.search(origin.literal or "") and not (origin.literal or "").endswith(("requirements.txt",)):
                yield from _local_read(facts, file, call, call.argument(0))


def _uploads(file: File) -> set[str]:
    """Variables that hold what somebody hands to the process, as expressions of the code."""
    assigns = file.facts.code.assigns if file.facts.code else []
    return {f"${one.name}" for one in assigns if re.search(r"file_uploader\(|request\.files", str(one.value))}


def _local_read(facts: Facts, file: File, call: Call, value: object) -> Iterator[Use]:
    if (
        value is None
        or _IN_MEMORY.match(str(value))
        or _UPLOADED.search(str(value))
        or str(value) in file.once(_uploads)
    ):
        return
    origin = origin_of(facts, file, value, call.scope, call.line)
    text = origin.literal or ""
    if origin.settable and _STAND_IN.match(text):
        yield Use(Kind.STORAGE, "a download", Located.ATTACHED, (file.at(call.line), origin.place), text)
    if _OF_PLATFORM.search(text) or _NO_PATH.match(text) or re.match(r"^\d+$", text):
        return
    places = (file.at(call.line), origin.place)
    if re.match(r"^(https?|ftp)://", text):
        located = Located.ATTACHED if origin.settable else Located.HARDCODED
        yield Use(Kind.STORAGE, "a download", located, places, text)
    elif re.match(_BUCKET_ADDRESS, text):
        return  # told by its address
    elif origin.source in {Source.LITERAL, Source.LOCAL_PATH}:
        yield Use(Kind.STORAGE, "a local path", Located.LOCAL, places, text)
    elif origin.settable or origin.source is Source.CONFIG_FILE:
        yield Use(Kind.STORAGE, "a local path", Located.LOCAL_SET, places, text)
    else:
        yield Use(Kind.STORAGE, "a local path", Located.UNTOLD, places)
