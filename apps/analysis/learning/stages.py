"""The stages that the repository's code carries out: preprocessing, training, evaluation, inference, deployment."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from apps.analysis.code.names import scope_of
from apps.analysis.expressions import expression
from apps.analysis.findings import spread
from apps.analysis.foreign import languages, model_loading
from apps.analysis.kept import kept
from apps.analysis.learning import (
    by_hand,
    by_http,
    commands,
    foreign_stages,
    frameworks,
    measuring,
    owned,
    ready,
    trained_elsewhere,
)
from apps.analysis.learning import names as words
from apps.analysis.learning.stage import Stage, in_notebooks, is_ml, is_step, networks_of, scripted
from apps.analysis.paths import Kind
from apps.analysis.repository import places
from apps.analysis.running import answering, model_servers, rollout, serving

if TYPE_CHECKING:
    from apps.analysis.facts.model import Call, Command, Define
    from apps.analysis.findings import Evidence
    from apps.analysis.repository import Facts, File

    Calls = list[tuple[File, Call]]

STAGES = ("preprocessing", "training", "evaluation", "inference", "deployment")


def of(facts: Facts) -> dict[str, Stage]:
    return {
        "preprocessing": preprocessing(facts),
        "training": training(facts),
        "evaluation": measuring.evaluation(facts),
        "inference": inference(facts),
        "deployment": Stage(own=spread(rollout.parts(facts))),
    }


# --- preprocessing --------------------------------------------------------------------------------------------------------
_PREPARING_NAMES = (
    r"pre_?process|(^|_)prep(are|aration)?(_|$|r)|clean(s|ed|ing|er)?(_|$)|feature|transform|token(ize|ise)|split|(^|_)etl|ingest|chunk|extract|normali[sz]e|encode|augment|"
    r"load(er)?_?(data|dataset|documents?|csv|corpus)|(data|dataset|document)s?_?(load|process|prep|module|builder)|"
    r"(get|make|build|create|read)_(data|dataset|features|batch|train_data|loaders?|vocab|corpus|examples)|dataset|vectori[sz]|embed_doc|index_doc|collate|impute|resample|"
    r"(^|_)to_vector|to_np_array|download_data"
)
_NOT_PREPARING = expression(
    r"^(__|test|get_config|load_model|transformer(_|$)|main$|forward|extract_(args|model)|train|(split|merge)_(heads|states)|load_checkpoint)|attention|encoder_layer|model_loader"
)
_PREPARING_FILES = r"pre[-_]?process|prep(are)?[-_./]|feature|(^|[/_-])data([-_./]|set|ops)|clean|transform|etl|ingest|chunk|tokeni|(?<![a-z])load(er)?[-_./]|wrangl"


_DATA = (
    "pandas", "numpy", "polars", "datasets", "PIL", "cv2", "nltk", "langchain", "langchain_text_splitters", "langchain_community", "langchain_core", "llama_index", "pyspark", "dask", "vaex",
    "scipy", "skimage", "librosa", "torchaudio", "torchvision", "albumentations", "tiktoken", "tokenizers", "pyarrow", "apache_beam", "cudf", "geopandas", "bs4", "pypdf", "PyPDF2", "fitz", "docx",
    "unstructured", "google.cloud.bigquery", "sqlalchemy", "duckdb", "haystack", "kfp", "great_expectations", "pandera", "h5py", "zenml", "prefect", "airflow", "dagster", "re", "regex", "xml", "openai",
)  # fmt: skip


# Programs that read data and write it anew, whatever calls they make of it.
_PREPARES = expression(
    r"^(\w+_)?(prep|prepare|preproc|preprocess|preprocessing|clean|cleaning|featuri[sz]e|features?|etl|split|transform)(_\w+)?\.py$"
)


# Engines whose scripts are jobs, whatever they call their functions.
_RUNS_JOBS = ("pyspark", "apache_beam", "pyflink", "bytewax")
_INDEXES = expression(r"chunk|ingest|vectori[sz]|text-?split|embed-?(docs|documents|chunks)|index-?(docs|documents)")
_ASKS_MODELS = expression(r"^(openai|ai|llamaindex|chromadb|langchain|@langchain/\w+|@pinecone-database/\w+)$")


def _indexing(facts: Facts) -> list[File]:
    """Scripts in JavaScript or TypeScript that cut and index documents for a language model."""
    if not any(one.ecosystem == "npm" and _ASKS_MODELS.search(one.name) for _, one in facts.dependencies):
        return []
    return [
        file
        for file in facts.of_kind(Kind.SCRIPT)
        if _INDEXES.search(file.name)
        and not re.search(r"\.(test|spec|types?|constants?|d)\.|\.[jt]sx$|(^|/)types/", file.path)
    ]


_TEXT_TOOLS = r"\b(sed|awk|gawk|tr|cut|perl|spm_(train|encode)|subword-nmt|learn_bpe|apply_bpe|fastBPE|fast|tokenizer\.perl|sox|ffmpeg|jq|csvcut)\s"
_SHELL_PREPARES = expression(
    r"pre_?process|prep(are)?[-_]?(data|corpus|text)|(data|corpus|text)[-_]?prep|tokeni[sz]e|clean[-_]?(data|corpus|text)"
)


def _by_shell(facts: Facts) -> list[tuple[File, Command]]:
    """Scripts of the shell that are named for preparing data, and do it with tools for texts and sounds."""
    found = facts.commands(_TEXT_TOOLS, kinds={Kind.SHELL})
    return [pair for pair in found if _SHELL_PREPARES.search(pair[0].name)]


# Modules that write the truth about data down as another tool wants it.
_CONVERTS = (
    r"(^|/)(voc|coco|xml|labelme|json|csv|txt|kitti|visdrone)_?(2|to)_?(yolo|coco|voc|csv|tfrecords?|txt|lmdb)\w*\.py$"
)


@kept
def preprocessing(facts: Facts) -> Stage:
    calls = frameworks.preparations(facts)
    preparing = {file.path for file, _ in calls}
    with_data = {file.path for file, _ in facts.imports(*_DATA, *frameworks.LEARNING)}
    # an application of a ready model that only reads an answer's text prepares no data
    learns = bool(frameworks.fits(facts) or owned.own_models(facts) or frameworks.loads(facts))
    named = [
        (file, one)
        for file, one in facts.defines(_PREPARING_NAMES, files=facts.scripts)
        if not _NOT_PREPARING.search(one.name.lower())
        and not _is_network(one)
        and (file.path in with_data or re.search(_PREPARING_FILES, file.path))
        and (learns or file.path in preparing or re.search(rf"{_PREPARING_FILES}|index|embed", file.path))
    ]
    # a function that prepares by its name and is in a file that prepares by its calls comes first
    named.sort(
        key=lambda pair: (
            not is_step(pair[1]),
            pair[0].path not in preparing,
            not re.search(_PREPARING_FILES, pair[0].path),
            pair[0].path,
        )
    )
    enclosed = [
        (file, call.line)
        for file, call in calls
        if file.kind is Kind.PYTHON
        and call.scope
        and not re.search(
            r"train|forward|predict|infer|classif|recommend|main|__init__|app|home|index", call.scope.lower()
        )
    ]
    steps = [
        (file, leaf.line)
        for file, leaf in facts.leaves(r"(^|/)(dvc\.yaml|MLproject|dbt_project\.yml)$")
        if any(expression(_PREPARING_NAMES).search(key) for key in leaf.keys[:2]) or file.name == "dbt_project.yml"
    ]
    queries = [
        file
        for file in facts.of_kind(Kind.SQL)
        if re.search(r"(?i)select|feature|prep|model|quer", file.path)
        and not re.search(r"(?i)(^|/)(migrations?|alembic|flyway|liquibase)/", file.path)
        and file.facts.lines > 3
    ]
    dedicated = [
        (file, call.line) for file, call in calls if file.kind is Kind.PYTHON and re.search(_PREPARING_FILES, file.name)
    ]
    others = [
        file
        for file in facts.of_kind(Kind.R, Kind.SCALA, Kind.JAVA, Kind.GO)
        # in applications, folders are called `Data` or `Features` for other reasons
        if re.search(_PREPARING_FILES, file.name if file.kind in {Kind.JAVA, Kind.GO} else file.path.lower())
    ]
    elsewhere = foreign_stages.preparing(facts)
    programs = [
        pair for pair in facts.calls("*.to_csv", "*.to_parquet", "*.to_pickle", "*.to_feather", "*.to_sql", files=facts.scripts)
        if _PREPARES.search(pair[0].name) and pair[0].path in with_data
    ]  # fmt: skip
    jobs = {file.path for file, _ in facts.imports(*_RUNS_JOBS, files=facts.scripts)} - frameworks.training_files(facts)
    own = [
        *places([pair for pair in named if is_step(pair[1])]),
        *places(dedicated),
        *places(programs),
        *places(named),
        *places(steps),
        *places(enclosed),
        *places([pair for pair in calls if pair[0].path in jobs]),
        *(file.at(1) for file in [*queries, *others, *_indexing(facts), *facts.named(_CONVERTS)]),
        *places(_by_shell(facts)),
        *places(scripted(elsewhere.own)),
        *places(pair for pair in facts.calls("*.upsert", "*.add", files=facts.scripts) if _fills_an_index(*pair)),
    ]
    inline = places([*((file, call) for file, call in calls if file.kind is Kind.PYTHON), *scripted(elsewhere.inline)])
    cells = [*((file, call.line) for file, call in calls), *elsewhere.own, *elsewhere.inline]
    return Stage(spread(own), spread(inline), spread(places(in_notebooks(cells))))


def _fills_an_index(_: File, call: Call) -> bool:
    """Whether texts are put into a collection of vectors, which answers by them."""
    return "documents" in call.kwargs and not {"ids", "metadatas", "embeddings"}.isdisjoint(call.kwargs)


def _is_network(one: Define) -> bool:
    return any(base.endswith(("Module", "Layer", "Model")) for base in one.bases) or (
        "self" in one.parameters and one.name == "forward"
    )


# --- training -------------------------------------------------------------------------------------------------------------
@kept
def training(facts: Facts) -> Stage:
    calls = [*frameworks.fits(facts), *frameworks.managed_training(facts)] or frameworks.saved_similarities(facts)
    elsewhere = trained_elsewhere.training(facts)
    own = [*places(scripted(calls)), *places(scripted(elsewhere))]
    if not own:
        own = places(frameworks.named_training(facts))
    entries = places(training_entries(facts, {place.path for place in own})) if own else []
    recorded = [] if own else [*frameworks.recorded_runs(facts), *by_hand.tables(facts)]
    return Stage(
        spread([*own[:1], *entries, *own[1:], *places(scripted(recorded))]),
        notebooks=spread(places([*in_notebooks(calls), *in_notebooks(elsewhere), *in_notebooks(recorded)]))
        or places(owned.unread_notebooks(facts)),
    )


def training_entries(facts: Facts, besides: set[str]) -> list[tuple[File, int]]:
    """Scripts that are named for training, other than the paths `besides`: they start what another module fits.

    Those that can be run come first.
    """
    found = [
        (file, file.facts.code.main or 1)
        for file in facts.scripts
        if file.path not in besides
        and re.search(r"(^|_)train(er|ing)?(_|\.py$)", file.name)
        and file.facts.code
        and file.facts.code.calls
    ]
    return sorted(
        found, key=lambda pair: (not (pair[0].facts.code and pair[0].facts.code.main), pair[0].path.count("/"))
    )


# --- inference ------------------------------------------------------------------------------------------------------------
_INFERRING_FILE = r"(^|[/_-])(infer\w*|predict\w*|serv(e|ing|er|ice)?|scor(e|ing|er)\w*|sample|generat\w*|app|api|main|chat\w*|query\w*|rag\w*|detect|demo|translate|recommend\w*|forecast\w*|interact\w*|batch\w*|ask|bot)([_.\-/]|$)"
_INFERRING = r"(^|_)(predict\w*|infer(ence)?|score|generate(_(text|answers?|response|images?|samples?|video|summary|captions?|predictions?))?|recommend\w*|classify|transcribe|detect|answer|ask|query_rag|translate|forecast|sample_(model|sequence)|interact(_model)?)$"


# What a notebook asks its model about one text or picture, after it has trained it.
_ANSWERS_ONE = (
    r"^(predict_(?!proba|batch|epoch|step|all|test|val|loader|on_|model|dataset|and_)\w+|translate_\w+|classify_\w+|"
    r"generate_(text|captions?|responses?|answers?|summary)|summari[sz]e_\w+|caption_\w+|transcribe_\w+)$"
)
# What code that knows no model does as well: pipelines are generated, and searches scored.
_AMBIGUOUS = expression(r"(^|_)(generate|score|detect|answer|ask|translate|interact)$")
# What is done to scores that are known already.
_OF_SCORES = expression(r"(^|_)(normali[sz]e|scale|weight|plot|print|log|format|sort|update|add|average|sum)_score$")
_JUDGES = expression(r"eval|judge|bench")
_MEMORY = expression(r"replay|(^|[ _])buffer|Buffer")  # from which training draws its samples


def asked_elsewhere(facts: Facts) -> list[tuple[File, int]]:
    """Where code in other languages than Python, or a query, asks a model."""
    in_scripts, in_compiled = model_loading.in_scripts(facts), _in_compiled(facts)
    others = [
        (file, line)
        for file, line, _ in [*facts.signals("predict"), *facts.signals("predict-in-r")]
        if file.kind in {Kind.R, Kind.JAVA, Kind.SCALA, Kind.GO}
        or (file.kind is Kind.SCRIPT and in_scripts)
        or (in_compiled and languages.is_compiled(file))
    ]
    others += [
        (file, text.line) for file, text in facts.texts(r"\bML\.(PREDICT|FORECAST|RECOMMEND|GENERATE_TEXT)\s*\(")
    ]
    others += [*model_loading.scores(facts), *((file, line) for file, line, _ in languages.lines(facts, "invoke"))]
    others += [*((file, line) for file, line, _ in facts.signals("predict-query")), *foreign_stages.asks(facts)]
    return others


@kept
def inference(facts: Facts) -> Stage:
    networks = facts.once(networks_of)
    asked = frameworks.predictions(facts)
    language = [
        (file, call.line) for file, call in facts.calls(*words.LLM_ASKS, files=facts.scripts)
        if file.imports(*words.LANGUAGE) and not _JUDGES.search(file.path.lower()) and "compiler." not in call.name
    ]  # fmt: skip
    modelled = frameworks.fits(facts) or frameworks.loads(facts) or language
    if not modelled and all(_AMBIGUOUS.search(call.last) for _, call in asked):
        asked = []
    training_files = frameworks.training_files(facts)
    evaluating = {file.path for file, _ in measuring.measures(facts)}
    answering_tasks = {file.path for file, call in facts.calls(*_WRITES) if _HANDED_IN.search(str(call.args[:1]))}
    scripts = [
        (file, call.line) for file, call in asked
        if file.kind is Kind.PYTHON and (file.path in answering_tasks or not _only_measures(file, call, training_files, evaluating))
        if (file.path, call.scope.partition(".")[0]) not in networks
    ]  # fmt: skip
    written = [pair for pair in facts.defines(_INFERRING, files=facts.scripts) if not pair[1].stub]
    named = [
        (file, one.line)
        for file, one in written
        if modelled or asked or not _AMBIGUOUS.search(one.name)
        if not _OF_SCORES.search(one.name)
        if (file.path, one.scope.partition(".")[0]) not in networks
        and file.path not in training_files | evaluating
        and not re.search(r"(dataset|loss|metric|layer)", file.path)
        and not _MEMORY.search(f"{file.name} {one.scope}")
        and (is_ml(file) or re.search(_INFERRING_FILE, file.path.lower()))
    ]
    language += [(file, text.line) for file, text in by_http.addresses(facts) if not _JUDGES.search(file.path.lower())]
    loading = [
        (file, call.line) for file, call in frameworks.loads(facts)
        if file.kind is Kind.PYTHON and file.path not in training_files | evaluating and _ASKS.search(file.name) and file.facts.code and (file.facts.code.main or not call.scope)
    ]  # fmt: skip
    served = answering.served(facts)
    loaded = [(file, call) for file, call in frameworks.loads(facts) if file.kind is Kind.PYTHON]
    loading += [(file, call.line) for file, call in loaded if file.path in served]
    within = {(file.path, call.scope) for file, call in loaded}
    again = [pair for pair in written if (pair[0].path, scope_of(pair[1])) in within]
    batches = frameworks.batch_predictions(facts)
    platform = [*serving.endpoints(facts), *model_servers.started(facts)]
    others = [*asked_elsewhere(facts), *commands.asking(facts)]
    aside = rf"{_JUDGES.pattern}|{_PREPARING_FILES}|augment" if frameworks.fits(facts) else _JUDGES.pattern
    remote = [pair for pair in ready.asked(facts) if not re.search(aside, pair[0].path.lower())]
    own = [
        *places(scripts),
        *places(language),
        *places(named),
        *places(loading),
        *places(again),
        *places(scripted(batches)),
        *places(scripted(others)),
        *places(scripted(remote)),
    ]
    if not own and not frameworks.fits(facts):
        own = [place for place in places(scripted(ready.bundled(facts))) if not re.search(_PREPARING_FILES, place.path)]
    if own:
        own += [place for place in places(serving.servers(facts)) if place.path.endswith(".py")]
        own.sort(
            key=lambda place: (
                not re.search(r"infer|predict|scor|serv|sampl|generat|recommend|(^|/)app\.", place.path.lower())
            )
        )
    tried = [pair for pair in asked if pair[0].path not in training_files] + batches + _handed_in(facts, asked)
    answers = [(file, one) for file, one in facts.defines(_ANSWERS_ONE, files=facts.notebooks) if is_ml(file)]
    notebooks = [*places(in_notebooks(tried)), *places(in_notebooks([*others, *remote])), *places(answers)]
    if not own and not notebooks:  # what a network can be asked, where nobody asks it
        own = places((file, one) for file, one in written if (file.path, one.scope) in networks)
        own = own or [file.at(file.facts.code.main) for file in _named_for_it(facts) if file.facts.code]
        own = own or _fitting_servers(facts)
    return Stage(spread(own), spread(places(platform)), spread(notebooks))


def _in_compiled(facts: Facts) -> bool:
    trained = trained_elsewhere.training(facts)
    return model_loading.in_compiled(facts) or any(languages.is_compiled(file) for file, _ in trained)


def _handed_in(facts: Facts, asked: Calls) -> Calls:
    """Where what trains, in a notebook, writes its answers about data without labels to a file, as for a competition."""
    asking = {file.path: file for file, _ in asked}
    written = facts.calls(*_WRITES, files=asking.values())
    return [(file, call) for file, call in written if any(_ANSWERS.search(str(one)) for one in call.args[:1])]


_WRITES = ("*.to_csv", "*.savetxt", "*.to_parquet")
_ANSWERS = expression(r"(^|[/_-])(submissions?|sub|predictions?|preds?)[\w-]*\.\w+$", re.IGNORECASE)
# Of what a script writes: predictions for data whose truth nobody here knows.
_HANDED_IN = expression(r"submi(t|ssion)|forecast", re.IGNORECASE)


def _fitting_servers(facts: Facts) -> list[Evidence]:
    """Applications that fit a model for whoever asks, and show what it found."""
    fitting = frameworks.training_files(facts) | {file.path for file, _ in trained_elsewhere.training(facts)}
    saving = {
        file.path for file, _ in facts.calls("*.dump", "*.save", "*.save_model", "*.save_pretrained", "*.log_model")
    }
    return [place for place in places(serving.servers(facts)) if place.path in fitting - saving]


def _named_for_it(facts: Facts) -> list[File]:
    """Programs that are named for predicting: of a model that is written by hand, no call tells that it is asked."""
    named = facts.named(r"(^|[/_-])(predict|infer(ence)?(?![_-](schema|d?type|column)))([_-]\w+)?\.py$")
    return [file for file in named if file.facts.code and file.facts.code.main]


# Programs that load a stored model to use it, whatever the method that asks it is called.
_ASKS = expression(
    r"^(run_)?(translate|infer|inference|predict|prediction|sample|sampling|generate|generation|detect|demo|caption|classify|segment|transcribe|synthesi[sz]e|recogni[sz]e|inpaint|colori[sz]e|summari[sz]e|chat|interact|answer)\w*\.py$"
)


def _only_measures(file: File, call: Call, training: set[str], evaluating: set[str]) -> bool:
    """A prediction in a training or evaluation file serves measuring, unless its function or file is named for inference."""
    if file.path not in training | evaluating:
        return False
    return not re.search(
        r"predict|infer|serv|scor(e|ing)|generat|sample|recommend|app$|api",
        f"{file.name.removesuffix('.py')} {call.scope}".lower(),
    )
