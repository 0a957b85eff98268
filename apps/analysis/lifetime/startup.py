"""Heavy work that processes do when they start: installing, training, downloading data or models, loading per request."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec

from apps.analysis.code.importing import imported_by
from apps.analysis.code.names import scope_of
from apps.analysis.code.origins import origin_of_argument
from apps.analysis.expressions import expression
from apps.analysis.learning import foreign_stages, frameworks
from apps.analysis.lifetime import model_downloads, per_request
from apps.analysis.paths import Kind
from apps.analysis.repository import places
from apps.analysis.running import answering, compose, starts
from apps.analysis.running.containers import components

if TYPE_CHECKING:
    from apps.analysis.facts.model import Assign, Call, Define
    from apps.analysis.findings import Evidence
    from apps.analysis.repository import Facts, File


class Heavy(msgspec.Struct, frozen=True):
    """Places by what they do. `light` are the start commands that do nothing of it."""

    installs: list[Evidence] = []
    step_installs: list[Evidence] = []
    trains: list[Evidence] = []
    data: list[Evidence] = []
    models: list[Evidence] = []
    per_request: list[Evidence] = []
    light: list[Evidence] = []
    data_of_servers: list[Evidence] = []  # of the data, what servers fetch


_INSTALL = expression(
    r"\b(pip3?|pipenv|poetry|conda|mamba|uv|npm|yarn|apt|apt-get|apk)\b( -\S+)* (install|sync|pip install|ci|add|env (create|update))\b|install\.packages\("
)
_TRAIN = expression(r"\btrain(ing|er)?(\.py|_model)?\b|\bdvc repro\b|\bfit\.py\b")
_MODEL_WORD = expression(r"model|weights|ckpt|checkpoint", re.IGNORECASE)
_DATA_WORD = expression(r"data(set)?s?\b|corpus|kaggle|\.csv|train\b|imagenet", re.IGNORECASE)


def heavy(facts: Facts) -> Heavy:
    return facts.once(_read)


def _read(facts: Facts) -> Heavy:
    found = Heavy()
    training_servers, fetching_servers = _trained_by_servers(facts), _fetched_by_servers(facts)
    for start in starts.deployed(facts):
        if compose.is_for_developers(facts, start.file, start.command):
            continue
        lines = starts.followed(facts, [start])
        installed = [one.place for one in lines if _INSTALL.search(one.command)]
        fetched = [
            one
            for one in lines
            if model_downloads.FETCH.search(one.command)
            and not re.search(r"health|localhost|127\.0\.0\.1", one.command)
        ]
        trained = [one.place for one in lines if _TRAIN.search(one.command)] if _serves(start, lines) else []
        found.installs.extend(installed)
        found.trains.extend(trained)
        for one in fetched:
            (found.data if _DATA_WORD.search(one.command) else found.models).append(one.place)
        if not (installed or fetched or trained or ((training_servers or fetching_servers) and _serves(start, lines))):
            found.light.append(start.place)
    extra = facts.leaves(compose.COMPOSE, "**", "_PIP_ADDITIONAL_REQUIREMENTS", value=r"[a-z]{3}")
    found.installs.extend(file.at(leaf.line) for file, leaf in extra if not re.search(r":-\}$", leaf.text))
    found.step_installs.extend(step_installs(facts))
    found.trains.extend([*training_servers, *places(foreign_stages.trained_at_start(facts))])
    found.data.extend([*fetching_servers, *([] if facts.profile.serves.holds else _downloaded_data(facts))])
    found.data_of_servers.extend(fetching_servers)
    found.models.extend(model_downloads.downloaded_models(facts))
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
        for file, call in facts.calls("*.PythonVirtualenvOperator", "*.component")
        if "requirements" in call.kwargs
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
        if call.argument(0) == "spark.jars.packages" or ("spark-submit" in model_downloads.joined(call) and "--packages" in model_downloads.joined(call))
    ]  # fmt: skip
    chosen = [one.place for one in components(facts) if one.installs]
    return [*chosen, *(file.at(call.line) for file, call in [*given, *called, *spark])]


_STARTING = expression(
    r"^$|startup|lifespan|(^|\.)(init|__init__|main|load\w*|setup\w*|create_app|initiali[sz]e\w*|home|run|app)$",
    re.IGNORECASE,
)


def _trained_by_servers(facts: Facts) -> list[Evidence]:
    """Fits in servers when they start, calls of the system's own training, and training scripts that they run."""
    within = model_downloads.server_files(facts)
    files = [file for file in facts.scripts if file.path in within]
    fits = [(file, call) for file, call in frameworks.fits(facts) if file.path in within and call.last != "minimize"]
    training = frameworks.training_files(facts)
    own = {
        one.name for file, one in facts.defines(r"^(re)?train(_|$)|^(run|start)_\w*train", files=facts.scripts)
        if file.path in training and one.kind == "def" and not one.scope
    }  # fmt: skip
    called = [(file, call) for file, call in facts.calls("*", files=files) if call.last in own] if own else []
    scripts = [
        (file, call) for file, call in facts.calls("subprocess.*", "os.system", files=files) if _TRAIN.search(model_downloads.joined(call))
    ]  # fmt: skip
    return [file.at(call.line) for file, call in [*fits, *called, *scripts] if _STARTING.search(call.scope)]


# --- data -------------------------------------------------------------------------------------------------------------------
_DATA_CALLS = (
    "*.datasets.*.load_data", "*.datasets.fetch_*", "tensorflow_datasets.load", "tfds.load", "datasets.load_dataset", "torchtext.datasets.*", "*.read_data_sets", "urllib.request.urlretrieve", "urllib.urlretrieve",
    "*.urllib.request.urlretrieve", "wget.download", "gdown.download", "kaggle.api.*", "kagglehub.dataset_download", "*.utils.get_file", "opendatasets.download", "*.maybe_download*", "openml.datasets.*", "sklearn.datasets.fetch_*",
)  # fmt: skip


def _downloaded_data(facts: Facts) -> list[Evidence]:
    """Data sets that training scripts fetch by themselves; steps of an orchestrator may."""
    training = {file.path for file, _ in frameworks.fits(facts) if file.kind is Kind.PYTHON}
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
        and not _MODEL_WORD.search(str(call.args))
    ]


_WEB = ("http://", "https://")
# A page runs anew whenever somebody clicks, and asks a service for its answers: only a file is data that is fetched.
_A_FILE = expression(r"\.(csv|tsv|jsonl?|parquet|feather|xlsx?|txt|data|arff|npy|npz|pkl|zip|gz|tgz|tar|bz2|xz)(\?|$)")
_READ_FROM = ("*.read_csv", "*.read_json", "*.read_file", "*.read_parquet", "*.read_excel", "*.read_html", "*.urlopen")


def _fetched_by_servers(facts: Facts) -> list[Evidence]:
    """Data that the modules of a server fetch over the network when they are loaded."""
    within = facts.once(_serving_side)
    files = [file for file in facts.scripts if file.path in within]
    asked = [
        (file, call)
        for file, call in facts.calls("requests.get", "httpx.get", files=files)
        if not call.scope and not _asks_a_service(facts, file, call)
    ]
    read = [
        (file, call)
        for file, call in facts.calls(*_READ_FROM, files=files)
        if not call.scope and (origin_of_argument(facts, file, call, 0).literal or "").startswith(_WEB)
    ]
    fetched = [
        (file, call)
        for file, call in facts.calls(*_DATA_CALLS, files=files)
        if not (call.scope or _is_local(call) or _MODEL_WORD.search(str(call.args)))
        and ("dataset" in call.name or _DATA_WORD.search(str(call.args)))
    ]
    return [file.at(call.line) for file, call in [*asked, *read, *fetched]]


_OF_HEALTH = expression(r"/_?(health\w*|ready|readyz|readiness|live|livez|liveness|ping|heartbeat|alive)/?[\"'}]?$")
_NEAR = expression(r"https?://(localhost|127\.0\.0\.1|0\.0\.0\.0|[a-z][a-z0-9_-]{0,60})(:|/|$)", re.IGNORECASE)


def _asks_a_service(facts: Facts, file: File, call: Call) -> bool:
    """Whether a page asks how a service is, one that runs beside it, or for what is no file: no data set lies there."""
    told, asked = origin_of_argument(facts, file, call, 0, "url").literal or "", str(call.argument(0, "url"))
    if file.imports("streamlit") and not (_A_FILE.search(told) or _A_FILE.search(asked)):
        return True
    return bool(_OF_HEALTH.search(asked) or _NEAR.match(told))


_BUILDERS = frozenset({"json", "csv", "text", "parquet", "arrow", "pandas", "imagefolder", "audiofolder"})
_AFAR = expression(r"\b(https?|hf|s3|gs)://")


def _is_local(call: Call) -> bool:
    """Whether files are loaded that lie here: by a builder for their kind, which a name may stand for."""
    first, files = call.argument(0), call.kwargs.get("data_files")
    if call.name != "datasets.load_dataset" or not isinstance(first, str) or _AFAR.search(str(files)):
        return False
    return first in _BUILDERS or (first.startswith("$") and files is not None)


# --- loading per request ------------------------------------------------------------------------------------------------------
_VERBS = frozenset({"get", "post", "put", "route", "api_route", "websocket", "predict"})
_READERS = ("pickle.load", "joblib.load", "dill.load", "torch.load", "*.load_model", "cloudpickle.load")


# Whoever asks for another model has it loaded, and one that is not there yet is fetched once.
_EXCHANGES = expression(
    r"reload|refresh|switch|swap|(change|update|set)_?\w*model|(^|[._])download_?(model|weights|default)", re.IGNORECASE
)


def _loaded_per_request(facts: Facts) -> list[Evidence]:
    if not facts.profile.serves.holds:
        return []
    routes, cached = _functions(facts)
    asked = per_request.functions(facts)
    kept = {scope.rpartition(".")[2] for _, scope in cached} | {
        one.scope for _, one in facts.assigns("", facts.scripts, where=_changes_global)
    }
    pages = {file.path for file, _ in facts.imports("streamlit")}
    forgetful = set() if _remembers(facts) else pages - {path for path, _ in cached}
    caching = {path for path, _ in cached}
    within_cached = {
        call.last
        for file in facts.code
        if file.path in caching and file.facts.code
        for call in file.facts.code.calls
        if (file.path, call.scope) in cached
    }
    reading = facts.calls(*_READERS)
    kept |= {call.scope for file, call in reading if per_request.is_kept(file, call)}
    loaders = {call.scope for _, call in reading if call.last not in kept} - kept
    loaders = {scope for scope in loaders if re.match(r"(load|read|get)_?\w+$", scope)}
    through = (
        [(file, call) for file, call in facts.calls(*(f"*{name}" for name in loaders)) if call.last in loaders]
        if loaders
        else []
    )
    return [
        file.at(call.line)
        for file, call in [*frameworks.loads(facts), *through]
        if file.kind is Kind.PYTHON
        and not (call.lacking and _lives_on(file, call, asked))
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
            or ((file.path, call.scope) in asked and not per_request.is_kept(file, call))
        )
        and not re.search(r"train|eval|batch|(^|/)(scripts|tools|notebooks)/", file.path.lower())
        and not _EXCHANGES.search(call.scope)
        and (file.path in facts.once(_serving_side) or file.path in answering.served(facts))
    ]


def _lives_on(file: File, call: Call, asked: set[tuple[str, str]]) -> bool:
    """Whether requests find the object that makes the call made: its class makes none for each of them."""
    of, _, method = call.scope.rpartition(".")
    return method != "__init__" and (file.path, f"{of}.__init__") not in asked


def _remembers(facts: Facts) -> bool:
    """Whether a page keeps what it has loaded in the session of its visitor."""
    return bool(facts.assigns(r"session_state.*(model|pipe|predictor|loader|clf)", files=facts.scripts))


def _serving_side(facts: Facts) -> set[str]:
    """Files of servers, and modules that they import; others of such a name are of other services."""
    files = model_downloads.server_files(facts)
    modules = [
        one.module
        for file in facts.scripts
        if file.path in files and file.facts.code
        for one in file.facts.code.imports
    ]
    imported = {part for module in modules for part in module.rsplit(".", 2)[-2:]}
    reached = imported_by(facts, [facts.by_path[path] for path in sorted(files)])
    return files | {path for path, file in reached.items() if file.name.removesuffix(".py") in imported}


def _functions(facts: Facts) -> tuple[set[tuple[str, str]], set[tuple[str, str]]]:
    """(path, scope) of functions that answer a route, and of those whose results are kept."""
    routes, cached = set(), set()
    for file, define in facts.defines("", where=_answers_or_keeps):
        key = (file.path, scope_of(define))
        if any(map(_is_route, define.decorators)):
            routes.add(key)
        if any(map(_caches, define.decorators)):
            cached.add(key)
    return routes, cached


def _answers_or_keeps(_: File, define: Define) -> bool:
    return any(_is_route(one) or _caches(one) for one in define.decorators)


def _is_route(decorator: Call) -> bool:
    return decorator.last in _VERBS and bool(decorator.args)


def _caches(decorator: Call) -> bool:
    return bool(per_request.CACHED.search(decorator.name))


def _changes_global(_: File, one: Assign) -> bool:
    return one.how == "global" and bool(one.scope)
