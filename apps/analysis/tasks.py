"""One-off tasks of a repository: maintenance commands, schema migrations, retraining and rebuilding of derived data."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from apps.analysis import learning, processes, starts
from apps.analysis.paths import Kind, Role
from apps.analysis.repository import places
from apps.analysis.starts import By

if TYPE_CHECKING:
    from collections.abc import Iterable

    from apps.analysis.facts.model import Call, Code
    from apps.analysis.findings import Evidence
    from apps.analysis.repository import Facts, File


@dataclass(frozen=True, slots=True)
class Tasks:
    """`commands` can be started by name; `loose` are scripts without an entry point, helpers of development, and single
    steps in prose; `notebooks` carry out tasks by hand."""

    commands: list[Evidence] = field(default_factory=list)
    loose: list[Evidence] = field(default_factory=list)
    notebooks: list[Evidence] = field(default_factory=list)


_DEVELOPMENT = re.compile(
    r"^\.|^(all|default|help|\w*test\w*|\w*lint\w*|\w*format\w*|fmt|style|check\w*|typecheck|mypy|black|isort|flake8|ruff|docs?|doc[-_]\w+|\w*coverage|install\w*|setup([-_]?(env\w*|venv|dev|pre-commit))?|venv|env|virtualenv|requirements|"
    r"deps|dependencies|pre-commit\w*|clean([-_]?(pyc|build|test|cache|all))?|clean|run|serve|start\w*|dev|watch|app|api|web|server|ui|train\w*|predict|build|hello|shell|jupyter|lab|notebook|debug|version|bump\w*|release|publish|dist|package|preview|eject|"
    r"up|down|stop|logs|restart|ps|main|precommit|hooks|qa|quality|ci|tox|pytest|poetry\w*|sdist|wheel|coverage|spell\w*|prettier|eslint|tsc)$",
    re.IGNORECASE,
)
_TASK_WORD = re.compile(
    r"download|prepare|prep_|export|convert|creat|build_(index|db|vector|dataset|vocab|embed)|init|seed|load_(data|db)|populate|ingest|index|backup|restore|clean[-_]?up|purge|prune|migrat|upload|sync|import|generate|register|promot|publish_model|"
    r"backfill|fetch|scrape|crawl|delete|remove|teardown|destroy|bootstrap|provision|reset|update|refresh|trigger|retrain|schedule|quantize|prune|merge|benchmark|bench|profile|report|monitor|validate_data|compile|deploy|reload|rollback|extract|transform|compute|"
    r"embed|process|evaluate|manage|admin|maintenance|setup_|run_\w*(pipeline|job)|cluster|tokenize|vocab|split|archive|rotate|optimi[sz]e|tune|average|strip|submit|collect|label|annotat|etl|materialize|feature",
    re.IGNORECASE,
)
_DEV_WORD = re.compile(
    r"(^|[/_-])(tests?|lint\w*|format\w*|style|check\w*|mypy|docs?|install\w*|ci|setup|conftest|coverage|black|release|version)([_.-]|$)",
    re.IGNORECASE,
)
_TOOL_FOLDER = re.compile(
    r"(^|/)(scripts?|tools?|bin|jobs?|tasks?|cli|commands?|maintenance|admin|ops|hack|utils?|data|bootstrap)/",
    re.IGNORECASE,
)


def of(facts: Facts) -> Tasks:
    return facts.once(_read)


def _read(facts: Facts) -> Tasks:
    named, development = _named(facts)
    guarded, bare, helpers = _scripts(facts)
    main = {file.path for file, _ in learning.fits(facts)}
    commands = [*named, *_subcommands(facts), *_one_offs(facts)]
    loose = [*bare, *development, *helpers]
    if commands or len(guarded) > len(bare):
        commands += guarded
    else:
        loose = [*guarded, *loose]
    notebooks = [
        file.at() for file in facts.own if file.kind is Kind.NOTEBOOK and (file.path in main or file.facts.code)
    ]
    return Tasks(commands, loose, notebooks)


def _named(facts: Facts) -> tuple[list[Evidence], list[Evidence]]:
    """Named tasks of Makefiles, pyproject.toml, Procfiles' release, invoke, nox…: of maintenance, and of development."""
    chosen: list[Evidence] = []
    development: list[Evidence] = []
    seen: set[tuple[str, str]] = set()
    for start in starts.of(facts):
        if start.by is not By.TASK or start.file.name == "package.json" or (start.file.path, start.name) in seen:
            continue
        seen.add((start.file.path, start.name))
        plain = re.sub(r"^(run|make|do)[-_]", "", start.name)
        (development if _DEVELOPMENT.match(plain) else chosen).append(start.place)
    for file, define in facts.defines("", files=facts.scripts):
        if any(
            one.name.startswith(("invoke.task", "invoke.tasks.task", "nox.session", "duty.duty", "doit."))
            for one in define.decorators
        ):
            (development if _DEVELOPMENT.match(define.name) else chosen).append(file.at(define.line))
    entries = [
        *facts.leaves(r"(^|/)pyproject\.toml$", "project", "scripts", "*"),
        *facts.leaves(r"(^|/)pyproject\.toml$", "tool", "poetry", "scripts", "*"),
        *facts.leaves(r"(^|/)setup\.cfg$", "options.entry_points", "console_scripts"),
        *facts.leaves(r"(^|/)MLproject$", "entry_points", "*", "command"),
    ]
    tasks = [
        pair
        for pair in entries
        if not _DEVELOPMENT.match(re.split(r"[-_]", pair[1].keys[-1 if pair[0].name != "mlproject" else 1])[-1])
    ]
    return [*chosen, *places(tasks)], development


def _subcommands(facts: Facts) -> list[Evidence]:
    """Command lines with several sub-commands, and management commands of Django."""
    groups = facts.calls("*.add_subparsers", "*.add_typer", "*.add_command", files=facts.scripts)
    by_file: dict[str, list[tuple[File, int]]] = {}
    for file, define in facts.defines("", files=facts.scripts):
        if any(one.last == "command" and not re.search(r"bot|discord|client", one.name) for one in define.decorators):
            by_file.setdefault(file.path, []).append((file, define.line))
    commands = [found[0] for found in by_file.values() if len(found) > 1]
    grouped = [found[0] for found in by_file.values() if len(by_file) > 1]
    fire = [
        pair
        for pair in facts.calls("fire.Fire", files=facts.scripts)
        if not pair[1].args or str(pair[1].argument(0))[1:2].isupper() or isinstance(pair[1].argument(0), list)
    ]
    django = [file.at() for file in facts.named(r"/management/commands/(?!__init__)[^/]+\.py$")]
    return [*places(commands), *places(groups), *places(grouped), *places(fire), *django]


def _scripts(facts: Facts) -> tuple[list[Evidence], list[Evidence], list[Evidence]]:
    """Scripts that are tasks: with an entry point of their own, without one, and those that only help development."""
    training = {file.path for file, _ in learning.fits(facts)}
    serving = {place.path for place in facts.profile.serves.evidence}
    flagged = takes_flags(facts)
    guarded: list[Evidence] = []
    bare: list[Evidence] = []
    helpers: list[Evidence] = []
    for file in facts.scripts:
        code = file.facts.code
        if (
            file.path in training | serving
            or not code
            or not code.calls
            or file.name in {"setup.py", "__init__.py", "conftest.py"}
        ):
            continue
        named = _TASK_WORD.search(file.name.removesuffix(".py")) or _TOOL_FOLDER.search(file.path)
        runs = [call for call in code.calls if not call.scope and call.name not in _DECLARATIONS]
        if named and code.main and not _DEV_WORD.search(file.name) and not any("train" in call.last for call in runs):
            guarded.append(file.at(code.main))
        elif named and not code.main and file.path in flagged and runs:
            guarded.append(file.at(runs[0].line))
        elif named and not code.main and len(runs) >= 3 and not _is_library(code):
            bare.append(file.at(runs[0].line))
    for file in facts.of_kind(Kind.SHELL, Kind.SQL, Kind.R):
        if file.kind is Kind.SHELL:
            started = (
                re.search(r"^(start|run|serve|entrypoint|train|launch|docker|mvnw|gradlew|source|activate)", file.name)
                or file.name == "entrypoint.sh"
            )
            (helpers if _DEV_WORD.search(file.name) or started else guarded).append(file.at(1))
    loaded = [
        file.at(1)
        for file in facts.own
        if re.search(r"locust|load_?test", file.path) and file.role is not Role.VENDORED
    ]
    return guarded, bare, [*helpers, *loaded]


_DECLARATIONS = frozenset(
    {
        "logging.getLogger",
        "os.getenv",
        "TypeVar",
        "namedtuple",
        "logging.basicConfig",
        "os.path.join",
        "os.path.dirname",
        "os.path.abspath",
        "sys.path.append",
        "sys.path.insert",
    }
)


def _is_library(code: Code) -> bool:
    return sum(define.scope == "" for define in code.defines) > 3 and not code.main


def _one_offs(facts: Facts) -> list[Evidence]:
    """One-off containers and jobs, DAGs of maintenance, releases, and jobs of CI that a person starts."""
    services = [
        service.file.at(service.line) for service in starts.services(facts)
        if re.search(r"(^|[-_])(init|setup|migrat\w*|seed|create\w*|bootstrap|job|task|ingest\w*|indexer|loader)($|[-_])", service.name, re.IGNORECASE)
    ]  # fmt: skip
    jobs = [one.file.at(one.line) for one in starts.own_workloads(facts) if one.kind in {"Job", "CronJob"}]
    dags = [
        file.at(1) for file in facts.scripts
        if facts.imports("airflow", files=[file]) and re.search(r"backfill|clean|maint|purge|sync|backup|reindex", file.name)
    ]  # fmt: skip
    release = [start.place for start in starts.of(facts) if start.by is By.PROCFILE and start.name == "release"]
    return [*services, *jobs, *dags, *release]


# --- retraining -------------------------------------------------------------------------------------------------------------------
def retraining_commands(facts: Facts) -> list[Evidence]:
    """Commands, pipelines and triggers that train with inputs that can be chosen, or by a name of their own."""
    training = [
        file for file, _ in (*learning.fits(facts), *learning.managed_training(facts)) if file.kind is Kind.PYTHON
    ]
    paths = list(dict.fromkeys(file.path for file in training))
    named = [
        start.place
        for start in starts.of(facts)
        if start.by is By.TASK
        and re.search(r"(^|[-_:])(re)?train|fit|pipeline|repro", start.name)
        and "test" not in start.name
    ]
    parametrised = [facts.by_path[path].at(_entry(facts.by_path[path])) for path in _commanded(facts, paths)]
    dispatched = [
        (file, leaf) for file, leaf in facts.leaves(r"(^|/)\.github/workflows/|gitlab-ci|azure-pipelines|\.pipelines/|cloudbuild", value=r"\btrain|dvc repro|run_pipeline|pipeline.*run|workloads")
        if leaf.keys[-1] in {"run", "script", "args", "command", "inlineScript", "entrypoint"} or "script" in leaf.keys
    ]  # fmt: skip
    entries = facts.leaves(r"(^|/)MLproject$", "entry_points", "*", "command") + facts.leaves(
        r"(^|/)dvc\.yaml$", "stages", "*", "cmd", value="train|fit|model"
    )
    jobs = [
        one.file.at(one.line)
        for one in starts.own_workloads(facts)
        if one.kind
        in {"Job", "CronJob", "PyTorchJob", "TFJob", "RayJob", "Workflow", "CronWorkflow", "SparkApplication"}
    ]
    steps = processes.pipelines(facts)
    pipelines = steps if any(re.search("train|fit|model", place.path) for place in steps) or steps else []
    submitted = places([pair for pair in learning.managed_training(facts) if pair[0].kind is Kind.PYTHON])
    commands = [
        start.place
        for start in starts.of(facts)
        if start.by is By.SCRIPT
        and re.search(r"(python\S*|torchrun|launch|spark-submit|Rscript)\s.*train", start.command)
    ]
    routes = [
        file.at(define.line) for file, define in facts.defines(r"train", files=facts.scripts) for one in define.decorators
        if one.last in {"post", "put", "route", "get", "task", "shared_task", "command"}
    ]  # fmt: skip
    called = [
        file.at(define.line) for file, define in facts.defines("", files=training) for one in define.decorators if one.last in {"post", "put", "command"} and one.args
    ]  # fmt: skip
    scripted = [
        file.at(line)
        for file, line, _ in facts.signals("arguments")
        if facts.profile.trains.holds and file.kind in {Kind.R, Kind.SCALA, Kind.JAVA, Kind.GO}
    ]
    return [
        *pipelines,
        *named,
        *places(dispatched),
        *parametrised,
        *places(entries),
        *submitted,
        *routes,
        *called,
        *jobs,
        *commands,
        *scripted,
    ]


_FLAGS = (
    "*.ArgumentParser", "*.parse_args", "click.option", "click.command", "typer.Option", "typer.Typer", "hydra.main", "fire.Fire", "*.HfArgumentParser", "*.LightningCLI", "docopt.docopt", "tyro.cli", "*.DEFINE_string",
    "*.DEFINE_integer", "*.DEFINE_float", "*.OptionParser", "jsonargparse.*", "argh.*", "plac.call", "simple_parsing.*", "*.argv.*", "optparse.OptionParser", "*.getopt", "getopt.getopt", "absl.app.run", "*.app.run", "*.run_parser", "draccus.wrap", "*.gnu_getopt",
)  # fmt: skip


def takes_flags(facts: Facts) -> set[str]:
    """Paths of scripts that read the command line."""
    return facts.once(_takes_flags)


def _takes_flags(facts: Facts) -> set[str]:
    found = {file.path for file, call in facts.calls(*_FLAGS) if call.name not in {"app.run", "self.app.run"}}
    found |= {
        file.path for file, define in facts.defines("") for one in define.decorators if re.search(r"click|typer|hydra|\.command|\.option", one.name)
    }  # fmt: skip
    configured = {file.path for file, call in facts.calls("exec") if re.search("config|argv|read", str(call.args))}
    arguments = {
        file.path for file, call in facts.calls("*") if any("sys.argv" in str(one) for one in [*call.args[:3]])
    }
    arguments |= {file.path for file, one in facts.assigns("", files=facts.scripts) if "sys.argv" in str(one.value)}
    return found | configured | arguments


def _commanded(facts: Facts, training: Iterable[str]) -> list[str]:
    """Scripts that train and take flags, or that take flags and import a module that trains."""
    flagged = takes_flags(facts)
    stems = {path.rsplit("/", 1)[-1].removesuffix(".py") for path in training} - {"__init__", "utils", "main", "model"}
    direct = [path for path in training if path in flagged]
    importing = [
        file.path for file in facts.scripts
        if file.path in flagged and file.facts.code and any(stems & set(one.module.split(".")) for one in file.facts.code.imports)
    ]  # fmt: skip
    return list(dict.fromkeys([*direct, *importing]))


def _entry(file: File) -> int:
    return file.facts.code.main if file.facts.code else 0


# --- derived data --------------------------------------------------------------------------------------------------------------------
_INDEXED = (
    "*.from_documents", "*.add_documents", "*.add_texts", "*.from_texts", "*.upsert", "*.upsert_*", "*.upload_points", "*.add_embeddings", "faiss.write_index", "*.persist", "*.bulk", "*.helpers.bulk", "*.VectorStoreIndex.from_*", "*.insert_nodes", "*.save_local", "*.apply_materializations",
    "*.materialize", "*.materialize_incremental", "*.write_to_offline_store", "*.ingest", "*.bulk_insert*", "*.push", "*.build_index", "*.add_items",
)  # fmt: skip
_WRITTEN = (
    "*.to_csv", "*.to_parquet", "*.to_feather", "*.to_sql", "*.to_gbq", "*.tofile", "numpy.save", "numpy.savez*", "*.to_hdf", "*.save_to_disk", "*.saveAsTable", "*.write.parquet", "*.to_pickle", "*.to_json", "*.write().parquet", "*.batch_predict", "*.BatchPredictionJob.create", "*.Transformer",
    "*.write_parquet", "*.write_csv", "*.load_table_from_dataframe", "*.writeto", "*.insertInto", "*.write.csv", "*.write.save", "*.put_record", "*.ParallelRunStep", "*.TransformStep", "*.batch_scoring", "*.writerows", "*.write.mode().parquet", "*.save_dataset", "*.to_delta",
)  # fmt: skip
_REBUILDS = re.compile(
    r"ingest|index|embed|backfill|feature|prep|process|etl|batch|score|scoring|predict|build|vector|load|transform|cluster|materiali[sz]e|refresh|populate|crawl|inference|generate|recommend|data|extract|database|db|import|seed|label",
    re.IGNORECASE,
)


_DERIVED_FILE = re.compile(
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


def derived(facts: Facts) -> Derived:
    return facts.once(_derived)


def _derived(facts: Facts) -> Derived:
    written = [*facts.calls(*_INDEXED), *facts.calls(*_WRITTEN), *learning.batch_predictions(facts)]
    written = [pair for pair in written if not _is_by_the_way(*pair)]
    data = [file.at() for file in facts.own if _DERIVED_FILE.search(file.path)]
    stages = facts.leaves(
        r"(^|/)dvc\.yaml$", "stages", "*", "cmd", value=r"prep|feat|process|predict|embed|split|clean"
    )
    queries = (
        [(file, line) for file, line, _ in facts.signals("schema", r"TABLE|VIEW")]
        if facts.imports("kfp", "airflow", "dagster", "prefect", "google.cloud.bigquery")
        else []
    )
    flagged = takes_flags(facts)
    scheduled = _scheduled(facts)
    ranged: list[Evidence] = []
    fixed: list[Evidence] = []
    targets = {file.path for file, _ in written if file.kind is Kind.PYTHON}
    callers = _importers(facts, targets)
    for file in facts.scripts:
        if (
            file.path not in targets | callers
            or not file.facts.code
            or (re.search(r"(^|/)(app|api|server|routes?)(/|\.py$)", file.path.lower()) and file.path not in flagged)
        ):
            continue
        if not _REBUILDS.search(file.path):
            continue
        if file.path in flagged or file.path in scheduled:
            ranged.append(file.at(_entry(file)))
        elif file.facts.code.main or _runs_at_once(file):
            fixed.append(file.at(_entry(file)))
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
        [*places(written), *data, *places(stages), *places(queries)],
        [*batch, *places(stages), *named, *ranged, *_rebuilding(facts, queries=bool(queries))],
        fixed,
    )


def _rebuilding(facts: Facts, *, queries: bool) -> list[Evidence]:
    """Pipelines that write derived data: their names say so, or they run queries that make tables."""
    named = re.compile(r"batch|feature|scor|predict|infer|ingest|prep|embed|index|backfill", re.IGNORECASE)
    return [place for place in processes.pipelines(facts) if queries or named.search(place.path)]


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
