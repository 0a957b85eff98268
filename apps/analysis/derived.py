"""Derived data that the system stores, and the commands that rebuild it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from apps.analysis import learning, processes, retraining, starts
from apps.analysis.expressions import expression
from apps.analysis.paths import Kind
from apps.analysis.repository import places
from apps.analysis.starts import By

if TYPE_CHECKING:
    from apps.analysis.facts.model import Call
    from apps.analysis.findings import Evidence
    from apps.analysis.repository import Facts, File


_INDEXED = (
    "*.from_documents", "*.add_documents", "*.add_texts", "*.from_texts", "*.upsert", "*.upsert_*", "*.upload_points", "*.add_embeddings", "faiss.write_index", "*.persist", "*.bulk", "*.helpers.bulk", "*.VectorStoreIndex.from_*", "*.insert_nodes", "*.save_local", "*.apply_materializations",
    "*.materialize", "*.materialize_incremental", "*.write_to_offline_store", "*.ingest", "*.bulk_insert*", "*.push", "*.build_index", "*.add_items",
)  # fmt: skip
_WRITTEN = (
    "*.to_csv", "*.to_parquet", "*.to_feather", "*.to_sql", "*.to_gbq", "*.tofile", "numpy.save", "numpy.savez*", "*.to_hdf", "*.save_to_disk", "*.saveAsTable", "*.write.parquet", "*.to_pickle", "*.to_json", "*.write().parquet", "*.batch_predict", "*.BatchPredictionJob.create", "*.Transformer",
    "*.write_parquet", "*.write_csv", "*.load_table_from_dataframe", "*.writeto", "*.insertInto", "*.write.csv", "*.write.save", "*.put_record", "*.ParallelRunStep", "*.TransformStep", "*.batch_scoring", "*.writerows", "*.write.mode().parquet", "*.save_dataset", "*.to_delta", "*.write_to_online_store",
)  # fmt: skip
_REBUILDS = expression(
    r"ingest|index|embed|backfill|feature|prep|process|etl|batch|score|scoring|predict|build|vector|load|transform|cluster|materiali[sz]e|refresh|populate|crawl|inference|generate|recommend|data|extract|database|db|import|seed|label|clean",
    re.IGNORECASE,
)


_ANSWERS = expression(r"(^|/)(app|api|server|routes?)(/|\.py$)", re.IGNORECASE)
_DERIVED_FILE = expression(
    r"(^|/)(data[-_/]?)?(processed|derived|features?|interim|embeddings?|index(es)?|data[-_]processed|chroma(_?db)?|faiss\w*|"
    r"vector_?(db|store))/(.*/)?[^/]+\.(csv|tsv|parquet|feather|npy|npz|faiss|index|bin|sqlite3?|jsonl|pkl|pickle|arrow|h5)$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Derived:
    """`written`: where derived data is stored. `ranged` commands take what to rebuild; `fixed` rebuild with inputs written
    into the code."""

    written: list[Evidence] = field(default_factory=list)
    ranged: list[Evidence] = field(default_factory=list)
    fixed: list[Evidence] = field(default_factory=list)


def of(facts: Facts) -> Derived:
    return facts.once(_derived)


def _derived(facts: Facts) -> Derived:
    written = [*facts.calls(*_INDEXED), *facts.calls(*_WRITTEN), *learning.batch_predictions(facts)]
    written = [pair for pair in written if not _is_by_the_way(*pair)]
    tables, catalog = _tables(facts), _catalog(facts)
    data = [file.at() for file in facts.own if _DERIVED_FILE.search(file.path)]
    stages = facts.leaves(
        r"(^|/)dvc\.yaml$", "stages", "*", "cmd", value=r"prep|feat|process|predict|embed|split|clean"
    )
    queries = (
        [(file, line) for file, line, _ in facts.signals("schema", r"TABLE|VIEW")]
        if facts.imports("kfp", "airflow", "dagster", "prefect", "google.cloud.bigquery")
        else []
    )
    flagged = retraining.takes_flags(facts)
    scheduled = _scheduled(facts)
    ranged: list[Evidence] = []
    fixed: list[Evidence] = []
    targets = {file.path for file, _ in written if file.kind is Kind.PYTHON}
    callers = _importers(facts, targets)
    for file in facts.scripts:
        if (
            file.path not in targets | callers
            or not file.facts.code
            or (_ANSWERS.search(file.path) and file.path not in flagged and not file.facts.code.main)
        ):
            continue
        if not _REBUILDS.search(file.path):
            continue
        if (file.path in flagged and not _only_switches(facts, file)) or file.path in scheduled:
            ranged.append(file.at(retraining.entry(file)))
        elif file.facts.code.main or file.path in flagged or _runs_at_once(file):
            fixed.append(file.at(retraining.entry(file)))
    named = [
        start.place
        for start in starts.of(facts)
        if start.by is By.TASK
        and re.search(
            r"ingest|index|embed|backfill|feature|etl|preprocess|batch|score|materiali|predict|populate|prepare|data",
            start.name,
        )
    ]
    batch = places([pair for pair in learning.batch_predictions(facts) if pair[0].kind is Kind.PYTHON])
    return Derived(
        [*places(written), *tables, *catalog, *data, *places(stages), *places(queries)],
        [*batch, *places(stages), *named, *ranged, *_rebuilding(facts, everything=bool(queries or catalog))],
        fixed,
    )


def _tables(facts: Facts) -> list[Evidence]:
    """Tables in which predictions, features or embeddings are kept."""
    inserted = facts.texts(r"\bINSERT\s+(OR\s+\w+\s+)?INTO\s+\W?\w*(predict|feature|embedding|score|recommend)")
    mapped = [
        (file, one)
        for file, one in facts.defines(r"prediction|feature|embedding", files=facts.scripts)
        if one.kind == "class" and any(base.endswith(("Base", ".Model", "SQLModel", "Document")) for base in one.bases)
        and not any(base.endswith("BaseModel") for base in one.bases)
    ]  # fmt: skip
    return places([*inserted, *mapped])


def _catalog(facts: Facts) -> list[Evidence]:
    """Data sets of a catalog that pipelines write, by the layer that their path names."""
    layers = r"interim|intermediate|primary|feature|model_input|processed|model_output|predict"
    return places(facts.leaves(r"(^|/)conf/[\w-]+/catalog[^/]*\.ya?ml$", "*", "filepath", value=layers))


def _only_switches(facts: Facts, file: File) -> bool:
    """Whether the flags of the script say only yes or no: then what it rebuilds is written into it."""
    added = [call for _, call in facts.calls("*.add_argument", files=[file])]
    return bool(added) and all(str(call.kwargs.get("action", "")).startswith("store_") for call in added)


def _rebuilding(facts: Facts, *, everything: bool) -> list[Evidence]:
    """Pipelines that write derived data: their names say so, or they run queries that make tables."""
    named = expression(r"batch|feature|scor|predict|infer|ingest|prep|embed|index|backfill", re.IGNORECASE)
    return [place for place in processes.pipelines(facts) if everything or named.search(place.path)]


def _is_by_the_way(file: File, call: Call) -> bool:
    """Uploads, metrics, pushes to git and lists are no derived data; notebooks try things."""
    if call.last in {"push", "ingest", "bulk", "persist", "insert", "materialize"} and not re.search(
        r"es\b|elastic|helpers|vector|chroma|db|store|fs|feast|index|repo_path|fg", call.name, re.IGNORECASE
    ):
        return True
    if call.last == "to_json" and not call.args:
        return True
    return (
        bool(
            re.search(
                r"metric|report|result|importance|history|log|eval|submission_sample|summary|plot|download_csv",
                f"{call.args} {call.scope} {file.name}",
                re.IGNORECASE,
            )
        )
        or bool(file.facts.unparsed and call.last in {"push", "ingest"})
        or (call.last in {"to_csv", "to_json"} and not (call.args or call.kwargs))
    )


def _importers(facts: Facts, targets: set[str]) -> set[str]:
    """Paths of scripts that import one of the modules, told by the last two parts of its path."""
    endings = {".".join(path.removesuffix(".py").removesuffix("/__init__").split("/")[-2:]) for path in targets}
    return {file.path for file in facts.scripts if file.facts.code and _imports_any(file, endings)}


def _imports_any(file: File, endings: set[str]) -> bool:
    modules = [f".{one.module.lstrip('.')}." for one in (file.facts.code.imports if file.facts.code else ())]
    beside = {ending.rsplit(".", 1)[-1] for ending in endings}
    return any(f".{ending}." in module for module in modules for ending in endings) or any(
        module.strip(".").split(".")[0] in beside for module in modules
    )


def _runs_at_once(file: File) -> bool:
    code = file.facts.code
    return code is not None and sum(not call.scope for call in code.calls) >= 3


def _scheduled(facts: Facts) -> set[str]:
    """Files of orchestrated steps: a run is a one-off with parameters or a date."""
    found = {
        file.path for file, define in facts.defines("", files=facts.scripts) for one in define.decorators
        if re.search(r"(^|\.)(flow|pipeline|dag|asset|step|task|job|op|component)$", one.name) or one.name.startswith(("kfp.", "zenml.", "prefect.", "dagster."))
    }  # fmt: skip
    queued = {file.path for file, _ in facts.imports("celery", "dramatiq", "rq")}
    return (found - queued) | {
        file.path for file, _ in facts.imports("airflow", "luigi", "metaflow", "kedro", files=facts.scripts)
    }
