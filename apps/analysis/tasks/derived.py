"""Derived data that the system stores, and the commands that rebuild it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec

from apps.analysis.code import writers
from apps.analysis.expressions import expression
from apps.analysis.learning import frameworks
from apps.analysis.paths import Kind
from apps.analysis.repository import places
from apps.analysis.tasks import rebuilding, steering

if TYPE_CHECKING:
    from apps.analysis.facts.model import Call, Define
    from apps.analysis.findings import Evidence
    from apps.analysis.repository import Facts, File

    Lines = list[tuple[File, int]]


_INDEXED = (
    "*.from_documents", "*.add_documents", "*.add_texts", "*.from_texts", "*.upsert", "*.upsert_*", "*.upload_points", "*.add_embeddings", "faiss.write_index", "*.persist", "*.bulk", "*.helpers.bulk", "*.VectorStoreIndex.from_*", "*.insert_nodes", "*.save_local", "*.apply_materializations",
    "*.materialize", "*.materialize_incremental", "*.write_to_offline_store", "*.ingest", "*.bulk_insert*", "*.push", "*.build_index", "*.add_items", "lancedb.connect().create_table",
    "*.aadd_documents", "*.aadd_texts", "*.afrom_documents", "*.afrom_texts", "*.batch.add_object", "*.data.insert_many", "*.batch.add_data_object", "*.data_object.create",
    "*.upload_documents", "*.merge_or_upload_documents", "*.create_or_update_index*", "*.run_indexer", "*.SearchIndexingBufferedSender",
)  # fmt: skip
_WRITTEN = (
    "*.to_csv", "*.to_parquet", "*.to_feather", "*.to_sql", "*.to_gbq", "*.tofile", "numpy.save", "numpy.savez*", "*.to_hdf", "*.save_to_disk", "*.saveAsTable", "*.write.parquet", "*.to_pickle", "*.to_json", "*.write().parquet", "*.batch_predict", "*.BatchPredictionJob.create", "sagemaker.*Transformer",
    "*.write_parquet", "*.write_csv", "*.load_table_from_dataframe", "*.writeto", "*.insertInto", "*.write.csv", "*.write.save", "*.put_record", "*.ParallelRunStep", "*.TransformStep", "*.batch_scoring", "*.writerows", "*.write.mode().parquet", "*.save_dataset", "*.to_delta", "*.write_to_online_store", "*.write.*.save", "*.write.*.parquet", "*.write.*.csv", "*.TFRecordWriter", "pyarrow.parquet.write_table", "*.to_zarr", "*.to_excel", "*.toPandas().to_*",
)  # fmt: skip
# What a stored object or a file is called that holds derived data, and not a model or an encoder.
_OBJECTS = (
    "pickle.dump",
    "joblib.dump",
    "dill.dump",
    "torch.save",
    "json.dump",
    "open",
    "*.insert_many",
    "*.insert_one",
    "*.bulk_write",
)
_DERIVED_NAME = expression(
    r"embedd?ing|(^|[^a-z])feature(s|_(vectors?|matrix|store))?([^a-z]|$)|predictions?([^a-z]|$)|(^|[^a-z])preds([^a-z]|$)|(pre)?processed|cleaned|vector_?(store|index)|chunks|recommendations|(^|[^a-z])labels\.(csv|jsonl?)",
    re.IGNORECASE,
)
_NO_DERIVED_NAME = expression(
    r"model|encoder|scaler|tokeni|vectori[sz]er|state_dict|columns|names|importance|config|preprocessor", re.IGNORECASE
)
_ASKED_IN_BATCHES = expression(
    r"(^|[ _.])(batch_?(predict|infer|scor|embed)|batch\.py|predict_(batch|all|file|folder|dir)|(predict|infer|score)\w*_(batch|file)s?)",
    re.IGNORECASE,
)
# Scripts that ask a model, and the file for its answers that whoever starts them names.
_ASKING = expression(
    r"(^|_)(translate|predict|infer|detect|generat|score|summari|transcrib|caption|recommend|classify)"
)
_EMBEDS = expression(r"(^|_)embed(s|ding|dings)?(_\w+)?\.py$")
# Functions and scripts that prepare data.
_PREPARES = expression(
    r"(^|[._])(pre_?process|prepare_(data|dataset|features)|make_dataset|build_(dataset|features)|extract_features|clean_data|featuri[sz]e)\w*(\.py)?$"
)
_GIVEN_OUTPUT = expression(r"^\$(args|opt|opts|options|FLAGS)\.(out|pred|result)\w*")
_DERIVED_FILE = expression(
    r"(^|/)(data[-_/]?)?((pre)?processed|cleaned|derived|features?|interim|embeddings?|predictions?|index(es)?|data[-_]processed|chroma(_?db)?|faiss\w*|"
    r"vector_?(db|store))/(.*/)?[^/]+\.(csv|tsv|parquet|feather|npy|npz|faiss|index|bin|sqlite3?|jsonl|pkl|pickle|arrow|h5)$|"
    r"(^|/)((\w+_)?(features?|embeddings?|predictions?)|(cleaned|(pre)?processed)_\w+|\w+_(cleaned|(pre)?processed))\.(csv|tsv|parquet|feather|npy|npz|jsonl?|pkl|arrow)$",
    re.IGNORECASE,
)


_ENDINGS = (
    ".csv", ".tsv", ".parquet", ".feather", ".npy", ".npz", ".faiss", ".index", ".bin", ".sqlite", ".sqlite3", ".json", ".jsonl", ".pkl", ".pickle", ".arrow", ".h5",
)  # fmt: skip


# What lies beside a model: the transformer that makes its features, and their names.
_OF_A_MODEL = expression(
    r"(^|/)(\w{1,40}_)?(poly(nomial)?|model|selected|expected)_?features?\.(pkl|pickle)$", re.IGNORECASE
)


class Derived(msgspec.Struct, frozen=True):
    """`written`: where derived data is stored. `ranged` commands take what to rebuild; `fixed` rebuild with inputs written
    into the code."""

    written: list[Evidence] = []
    ranged: list[Evidence] = []
    fixed: list[Evidence] = []


def of(facts: Facts) -> Derived:
    return facts.once(_derived)


def _is_derived(file: File) -> bool:
    return (
        file.path.lower().endswith(_ENDINGS)
        and _DERIVED_FILE.search(file.path) is not None
        and not _OF_A_MODEL.search(file.path)
    )


def _derived(facts: Facts) -> Derived:
    batches = [pair for pair in frameworks.batch_predictions(facts) if _is_meant(*pair)]
    called = [*facts.calls(*_INDEXED, where=_is_meant), *facts.calls(*_WRITTEN, where=_is_meant), *batches]
    called = [pair for pair in called if not _in_memory(facts, *pair)]
    called += [*facts.calls(*_OBJECTS, where=_is_named), *_collections(facts), *_assets(facts)]
    inserted = facts.texts(
        r"\bINSERT\s+(OR\s+\w+\s+)?INTO\s+\W?\w*(predict|feature|embedding|score|recommend|chunks\b)|\bINSERT\s+INTO\s[^)]{0,200}\bembedding\b|\bUPDATE\s+\w+\s+SET\s[^;]{0,200}\bembedding\s*="
    )
    elsewhere = _in_other_languages(facts)
    queries = (
        [(file, line) for file, line, _ in facts.signals("schema", r"TABLE|VIEW")]
        if facts.imports("kfp", "airflow", "dagster", "prefect", "google.cloud.bigquery")
        else []
    )
    catalog, stages = _catalog(facts), _stages(facts)
    declared = [file.at() for file in facts.named(r"(^|/)(dbt_project\.ya?ml|_targets\.R)$")]
    views = facts.calls("feast.FeatureView", "feast.*.FeatureView", files=facts.scripts)
    data = [file.at() for file, _ in facts.telling(_is_derived, "own")]
    written = [
        *places(called), *places(inserted), *_tables(facts), *_kept_by_services(facts), *catalog, *data, *stages, *places(queries), *places(elsewhere), *declared, *places(views),
    ]  # fmt: skip
    if not written:
        return Derived()
    targets = {file.path for file, _ in (*called, *inserted) if file.kind is Kind.PYTHON}
    leading = writers.leading_to(facts, called) | targets
    ranged, fixed = rebuilding.scripts(facts, targets, leading)
    more, less = rebuilding.in_other_languages(facts, elsewhere)
    platform = [pair for pair in called if pair[1].last in {"Transformer", "BatchPredictionJob", "TransformStep"}]
    batch = places([pair for pair in (*frameworks.batch_predictions(facts), *platform) if pair[0].kind is Kind.PYTHON])
    steered, unsteered = rebuilding.pipelines(facts, targets, everything=bool(queries or catalog))
    told = steering.told(facts)
    ways = [
        *(place for place in batch if place.path in told),
        *stages,
        *declared,
        *rebuilding.named(facts, targets),
        *ranged,
        *more,
        *steered,
    ]
    return Derived(written, ways, [*fixed, *less, *unsteered, *(place for place in batch if place.path not in told)])


def _stages(facts: Facts) -> list[Evidence]:
    return places(
        facts.leaves(r"(^|/)dvc\.yaml$", "stages", "*", "cmd", value=r"prep|feat|process|predict|embed|split|clean")
    )


def _tables(facts: Facts) -> list[Evidence]:
    """Tables in which predictions, features or embeddings are kept."""
    return places(
        (file, one)
        for file, one in facts.defines(r"prediction|feature|embedding", files=facts.scripts)
        if one.kind == "class" and any(base.endswith(("Base", ".Model", "SQLModel", "Document")) for base in one.bases)
        and not any(base.endswith("BaseModel") for base in one.bases)
    )  # fmt: skip


_MAKES_DATA = expression(r"data|feature|embed|predict|clean|process|index", re.IGNORECASE)


def _assets(facts: Facts) -> list[tuple[File, Call]]:
    """Assets of Dagster that hold data: what they return is stored."""
    return [
        (file, one)
        for file, define in facts.defines("", facts.scripts, where=_is_asset)
        for one in define.decorators
        if _makes_asset(one)
    ]


def _is_asset(_: File, one: Define) -> bool:
    return any(map(_makes_asset, one.decorators)) and bool(_MAKES_DATA.search(one.name))


def _makes_asset(one: Call) -> bool:
    return one.name.startswith("dagster.") and one.last in {"asset", "multi_asset"}


_KEPT = expression(r"predict|embedding|recommendation|(^|[^a-z])features?([^a-z]|$)", re.IGNORECASE)


def _kept_by_services(facts: Facts) -> list[Evidence]:
    """Tables and collections of other languages in which predictions, features or embeddings are kept."""
    entities = [(file, line) for file, line, _ in facts.signals("entity") if _KEPT.search(file.name)]
    schemas = [(file, line) for file, line, text in facts.signals("schema", "TABLE") if _KEPT.search(text)]
    kept = [(file, line) for file, line, _ in facts.signals("derived-kept")]
    return places([*kept, *entities, *schemas])


def _catalog(facts: Facts) -> list[Evidence]:
    """Data sets of a catalog that pipelines write, by the layer that their path names."""
    layers = r"interim|intermediate|primary|feature|model_input|processed|model_output|predict"
    return places(facts.leaves(r"(^|/)conf/[\w-]+/catalog[^/]*\.ya?ml$", "*", "*path", value=layers))


def _is_named(file: File, call: Call) -> bool:
    """Whether an object or a file is written under the name of something derived."""
    if call.name == "open" and call.mode[:1] not in {"w", "a"}:
        return False
    told = " ".join(str(one) for one in call.args[:2])
    begun = file.facts.code is not None and file.facts.code.main
    if begun and _EMBEDS.search(file.name) and not _NO_DERIVED_NAME.search(told):
        return _is_meant(file, call)
    if begun and call.name == "open" and _ASKING.search(file.name) and _GIVEN_OUTPUT.search(told):
        return True
    if begun and _ASKED_IN_BATCHES.search(f"{file.name} {call.scope}") and not _NO_DERIVED_NAME.search(told):
        return True
    if call.last.startswith(("insert", "bulk")):
        told = call.name
    elif _PREPARES.search(call.scope) or (begun and _PREPARES.search(file.name)):
        return not _NO_DERIVED_NAME.search(told) and _is_meant(file, call)
    return bool(_DERIVED_NAME.search(told)) and not _NO_DERIVED_NAME.search(told) and _is_meant(file, call)


def _collections(facts: Facts) -> list[tuple[File, Call]]:
    """Documents that are added to collections of a vector store."""
    files = [file for file, _ in facts.imports("chromadb", "lancedb", "weaviate", "pymilvus")]
    added = facts.calls("*.add", "*.insert", "*.create_table", "*.add_data_object", files=files)
    return [pair for pair in added if {"documents", "embeddings", "ids", "data", "vector"} & set(pair[1].kwargs)]


_MADE_IN_MEMORY = expression(
    r"(FAISS|VectorStoreIndex|InMemory\w*|DocArray\w*|SKLearnVectorStore)\.(from_\w+|add_\w+)$"
)
_KEEPS = ("*.save_local", "*.persist", "faiss.write_index", "*.StorageContext.from_defaults", "*.dump")


def _in_memory(facts: Facts, file: File, call: Call) -> bool:
    """An index that lives as long as its process: nothing writes it to a disk or a server."""
    if _MADE_IN_MEMORY.search(call.name):
        return "storage_context" not in call.kwargs and not facts.calls(*_KEEPS)
    if re.search(r"Chroma\.from_\w+$", call.name):
        kept = {"persist_directory", "client", "client_settings", "host"} & set(call.kwargs)
        return not kept and not facts.calls("*.persist", files=[file])
    return _fills_buffer(file, call)


_BUFFER = expression(r"^\$(?:io\.)?(?:StringIO|BytesIO)\(")


_STORES = expression(r"\.(?:put_|upload|write)")


def _fills_buffer(file: File, call: Call) -> bool:
    """Whether a table is written into memory, from where nothing in the file puts it into a store."""
    to = str(call.argument(0))
    if not _BUFFER.match(to) and file.once(_buffers).isdisjoint({("", to), (call.scope, to)}):
        return False
    return not file.once(_stores)


def _buffers(file: File) -> set[tuple[str, str]]:
    """The names of buffers, by their scopes."""
    assigns = file.facts.code.assigns if file.facts.code else ()
    return {(one.scope, f"${one.name}") for one in assigns if _BUFFER.match(str(one.value))}


def _stores(file: File) -> bool:
    return any(_STORES.search(one.name) for one in (file.facts.code.calls if file.facts.code else ()))


_FIT = expression(r"saveRDS\s*\([^)]*(model|fit|rf|xgb|lm)\b", re.IGNORECASE)


def _in_other_languages(facts: Facts) -> Lines:
    return [(file, line) for file, line, text in facts.signals("data-write") if not _FIT.search(text)]


_NOTED = expression(
    r"metric|report|result|importance|history|(^|[^a-z])log(s|ging|ger)?([^a-z]|$)|eval|submission_sample|summary|plot|download_csv|weights|checkpoint|(^|[^a-z])te?mp(file|_|[^a-z]|$)",
    re.IGNORECASE,
)


def _is_meant(file: File, call: Call) -> bool:
    return not _is_by_the_way(file, call)


def _is_by_the_way(file: File, call: Call) -> bool:
    """Uploads, metrics, pushes to git and lists are no derived data; notebooks try things."""
    if call.last in {"push", "ingest", "bulk", "persist", "insert", "materialize"} and not re.search(
        r"es\b|elastic|helpers|vector|chroma|db|store|fs|feast|index|repo_path|fg", call.name, re.IGNORECASE
    ):
        return True
    if call.last in {"to_csv", "to_json"} and not (call.args or {"path_or_buf", "path"} & set(call.kwargs)):
        return True
    return bool(_NOTED.search(f"{call.args} {call.scope} {file.name}")) or bool(
        file.facts.unparsed and call.last in {"push", "ingest"}
    )
