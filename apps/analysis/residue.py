"""What requests and tasks leave behind in a process: files, histories, changed globals, local databases."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from apps.analysis import answering, foreign, services
from apps.analysis.expressions import expression
from apps.analysis.names import scope_of
from apps.analysis.origins import Source, origin_of_argument
from apps.analysis.paths import Kind
from apps.analysis.repository import places
from apps.analysis.services import Located

if TYPE_CHECKING:
    from apps.analysis.facts.model import Assign, Call, Define
    from apps.analysis.findings import Evidence
    from apps.analysis.repository import Facts, File


_ORCHESTRATED = ("airflow", "prefect", "luigi", "dagster", "celery")
_TASKS = expression(r"task|flow|\.op$|asset|celery", re.IGNORECASE)
_HISTORIES = (
    "*.ConversationBufferMemory", "*.ConversationBufferWindowMemory", "*.ConversationSummaryMemory", "*.InMemoryChatMessageHistory", "*.ChatMessageHistory", "*.InMemoryHistory", "*.InMemoryStore", "*.MemorySaver", "*.InMemorySaver", "*.ChatMemoryBuffer*", "*.InMemorySessionService", "*.SimpleChatStore",
)  # fmt: skip
_WRITES = (
    "*.to_csv",
    "*.to_parquet",
    "*.to_json",
    "*.to_excel",
    "*.to_pickle",
    "*.save",
    "*.savefig",
    "*.imwrite",
    "joblib.dump",
    "pickle.dump",
    "json.dump",
    "shutil.copyfileobj",
    "torch.save",
    "*.write_bytes",
    "*.write_text",
    "*.save_local",
    "*.persist",
    "numpy.save*",
)
_TEMPORARY = ("tempfile.*", "*.NamedTemporaryFile", "*.mkdtemp", "*.mkstemp")
_CHANGES = frozenset(
    {"append", "add", "update", "extend", "pop", "setdefault", "appendleft", "insert", "put", "remove"}
)


_DJANGO_SETTINGS = expression(r"(^|/)settings(/\w+)?\.py$")
_STATE = r"histor|session|conversation|messages?|chat|results?|jobs?|tasks?|users?|store|memory|db|uploads?|state|queue|docs?|documents?"


def databases(facts: Facts) -> list[Evidence]:
    """Local database files and indexes that the serving modules open or that a volume keeps."""
    served = answering.served(facts)
    replaced = facts.leaves(
        r"\.ya?ml$", value=r"(^|=)(postgres\w*|mysql|mariadb)(\+\w+)?://"
    )  # what runs in place of a default
    return [
        place
        for use in services.uses(facts, services.Kind.DATABASE)
        if re.search(r"SQLite|DuckDB|key-value|Chroma|on disk|FAISS|SQL database", use.service)
        and (use.located in {Located.LOCAL, Located.LOCAL_SET} or use.value.startswith(("sqlite", "./", "data/")))
        and any(one.path in served or _DJANGO_SETTINGS.search(one.path) for one in use.places)
        and not (use.value.startswith("sqlite") and use.located in {Located.ATTACHED, Located.FALLBACK} and replaced)
        and (not re.search(r"FAISS|on disk|Chroma", use.service) or _is_written(facts, served))
        for place in use.places
    ]


def indexes(facts: Facts) -> list[Evidence]:
    """Where the serving modules write a vector index or a store of documents to the local disk."""
    files = [
        file
        for file in answering.served(facts).values()
        if file.kind is Kind.PYTHON and not re.search(r"train|script|build|eval", file.path)
    ]
    kept = facts.calls("*.persist", "*.save_local", "faiss.write_index", files=files)
    return [file.at(call.line) for file, call in kept if call.args or call.kwargs]


def _is_written(facts: Facts, served: dict[str, File]) -> bool:
    files = list(served.values())
    return bool(
        facts.calls(
            "*.add_documents",
            "*.add_texts",
            "*.from_documents",
            "*.from_texts",
            "*.persist",
            "*.save_local",
            "*.upsert",
            "*.collection.add",
            "*.add",
            "faiss.write_index",
            files=[
                file
                for file in files
                if facts.imports(
                    "chromadb",
                    "langchain",
                    "langchain_community",
                    "langchain_chroma",
                    "faiss",
                    "llama_index",
                    "lancedb",
                    files=[file],
                )
            ],
        )
    )


def memory(facts: Facts) -> list[Evidence]:
    served = list(answering.served(facts).values())
    histories = [(file, call) for file, call in facts.calls(*_HISTORIES, files=served)]
    engines = [pair for pair in facts.calls("*.as_chat_engine", files=served) if not pair[1].scope]
    kept = [(file, one) for file, one in facts.assigns(r"SESSION_TYPE\b") if one.value in ("filesystem", "cachelib")]
    return [
        *places(histories),
        *places(engines),
        *places(kept),
        *_containers(facts, _STATE),
        *_singletons(facts, _STATE),
    ]


def _singletons(facts: Facts, pattern: str) -> list[Evidence]:
    """Containers, named like this, of objects that a serving module makes once, where a method changes them."""
    served = [file for file in answering.served(facts).values() if file.facts.code]
    made = {
        call.last for file in served for call in (file.facts.code.calls if file.facts.code else ()) if not call.scope
    }
    found = []
    for file in served:
        code = file.facts.code
        held = {
            (one.scope.rpartition(".")[0], one.name)
            for one in (code.assigns if code else ())
            if one.scope.endswith(".__init__") and one.name.startswith("self.") and _is_empty(one)
        }
        held = {(of, name) for of, name in held if of in made and re.search(pattern, name, re.IGNORECASE)}
        if code is None or not held:
            continue
        items = [(one.scope, one.name.partition("[")[0], one.line) for one in code.assigns if one.how == "item"]
        calls = [(one.scope, one.name.rpartition(".")[0], one.line) for one in code.calls if one.last in _CHANGES]
        changed = [line for scope, name, line in (*items, *calls) if (scope.rpartition(".")[0], name) in held]
        found += [file.at(line) for line in changed]
    return found


def _containers(facts: Facts, pattern: str) -> list[Evidence]:
    """Module-level lists and dictionaries, named like this, that a function behind a route changes."""
    handled: dict[str, set[str]] = {}
    for file, one in answering.reached(facts) if pattern == "." else answering.handlers(facts):
        handled.setdefault(file.path, set()).add(scope_of(one))
    found = []
    for file in answering.served(facts).values():
        code, scopes = file.facts.code, handled.get(file.path)
        if code is None or not scopes:
            continue
        held = {one.name for one in code.assigns if _is_container(one) and re.search(pattern, one.name, re.IGNORECASE)}
        items = [
            one
            for one in code.assigns
            if one.how in {"item", "key"} and re.sub(r"^\w+\.(?=app\.state\.)", "", one.name.partition("[")[0]) in held
        ]
        changes = [one for one in code.calls if one.last in _CHANGES and one.name.rpartition(".")[0] in held]
        found += [file.at(one.line) for one in items if one.scope in scopes and "[" in one.name]
        found += [file.at(call.line) for call in changes if call.scope in scopes]
    return found


def _is_container(one: Assign) -> bool:
    on_state = one.how == "attribute" and ".state." in one.name
    return not one.scope and (one.how == "name" or on_state) and _is_empty(one)


def _is_empty(one: Assign) -> bool:
    made = str(one.value).removeprefix("$").rsplit(".", 1)[-1]
    return one.value == [] or made in {"?", "dict()", "list()", "set()", "defaultdict()", "deque()", "OrderedDict()"}


def uploads(facts: Facts) -> list[Evidence]:
    """Files that a handler writes at a path that is not temporary."""
    found = []
    for file, define in answering.handlers(facts):
        found += [
            file.at(call.line)
            for call in answering.within(file, define)
            if _writes_file(call) and not _is_temporary(facts, file, define, call)
        ]
    for file, define in answering.reached(facts):
        found += [
            file.at(call.line)
            for call in answering.within(file, define)
            if _appends_data(call) or _keeps_upload(facts, file, define, call)
        ]
    return [*found, *_of_pages(facts), *places(facts.calls("*.FileSystemStorage", files=facts.scripts))]


def _appends_data(call: Call) -> bool:
    """Whether rows are added to a file that outlasts the request."""
    appends = call.name == "open" and str(call.argument(1, "mode") or "").startswith("a")
    return appends and bool(re.search(r"\.(csv|jsonl?|tsv)$", str(call.argument(0))))


def _keeps_upload(facts: Facts, file: File, define: Define, call: Call) -> bool:
    """Whether a function that a handler calls writes a file under the name that the request gives it."""
    written = call.name == "open" and str(call.argument(1, "mode") or "").startswith("wb")
    named = re.search(r"\{[^}]*filename\}|\.filename\b", str(call.argument(0)))
    return written and bool(named) and not _is_temporary(facts, file, define, call)


def _of_pages(facts: Facts) -> list[Evidence]:
    """What a Streamlit script, which every action of a visitor runs from its top, writes outside of functions."""
    found = []
    for file in {file.path: file for file, _ in facts.imports("streamlit", files=facts.scripts)}.values():
        calls = file.facts.code.calls if file.facts.code else []
        if any(one.name.startswith("tempfile.") or one.last in {"remove", "unlink", "rmtree"} for one in calls):
            continue
        found += [
            file.at(call.line)
            for call in calls
            if not call.scope
            and call.name == "open"
            and _writes_file(call)
            and not re.search("te?mp", str(call.args), re.IGNORECASE)
        ]
    return found


_SAVES_NO_FILE = expression(r"session|serializer|form|model\.save|db|buf|BytesIO|(\b|_)io\b|stream", re.IGNORECASE)


def _writes_file(call: Call) -> bool:
    if call.name == "open" or call.name.endswith("aiofiles.open"):
        return str(call.argument(1, "mode") or "")[:1] in {"w", "a", "x"}
    if call.last == "write":
        return call.name.startswith(("soundfile.", "scipy.io.wavfile.", "skvideo."))
    if call.last != "save":
        return call.last in {"to_csv", "imwrite", "save_local", "copyfileobj"} and bool(call.args)
    return bool(call.args) and not _SAVES_NO_FILE.search(f"{call.name} {call.args[0]}")


def _is_temporary(facts: Facts, file: File, define: Define, call: Call) -> bool:
    calls = answering.within(file, define)
    if any(
        one.name.startswith("tempfile.")
        or one.last in {"remove", "unlink", "rmtree", "TemporaryDirectory", "NamedTemporaryFile"}
        for one in calls
    ):
        return True
    origin = origin_of_argument(facts, file, call, 0)
    return (
        bool(re.search(r"tmp|temp|BytesIO|buf", f"{origin.literal} {call.args[:1]}", re.IGNORECASE))
        or origin.source is Source.ENVIRONMENT
    )


def _is_told(facts: Facts, file: File, define: Define, call: Call) -> bool:
    """Whether a request writes here: it runs the function itself, or the code says the path; else a caller chooses."""
    if (file, define) in answering.handlers(facts):
        return True
    return origin_of_argument(facts, file, call, 0).source in {Source.LITERAL, Source.LOCAL_PATH}


def passing(facts: Facts) -> list[Evidence]:
    temporary = [
        file.at(call.line)
        for file, define in answering.reached(facts)
        if not re.search(r"startup|on_start|(^|_)(init|load|log|train|main)", define.name)
        for call in answering.within(file, define)
        if call.name.startswith("tempfile.") or (_writes_file(call) and _is_told(facts, file, define, call))
    ]
    globals_ = [
        file.at(one.line)
        for file, define in answering.handlers(facts)
        for one in (file.facts.code.assigns if file.facts.code else ())
        if one.how == "global"
        and one.scope == scope_of(define)
        and not re.search(r"startup|on_start|init|load", define.name)
    ]
    globals_ += _exchanged(facts)
    pages = [
        file.at(call.line)
        for file, call in facts.calls("streamlit.session_state.*", "st.session_state.*", files=facts.scripts)
    ]
    pages += [file.at(one.line) for file, one in facts.assigns(r"^streamlit\.session_state", files=facts.scripts)]
    clients = _singletons(facts, r"active|connection|clients")
    return [*temporary, *globals_, *_containers(facts, r"."), *clients, *pages]


_EXCHANGES = expression(r"(change|switch|swap|exchange|reload|refresh|update|set)[_-]?\w*model", re.IGNORECASE)


def _exchanged(facts: Facts) -> list[Evidence]:
    """Globals that a route exchanges through a function that it calls: only the replica that was asked has the new one."""
    routes = [
        (file, define)
        for file, define in answering.handlers(facts)
        if any(_EXCHANGES.search(f"{define.name} {one.args}") for one in define.decorators)
    ]
    return [
        file.at(one.line)
        for file, define in routes
        for name in {call.name for call in answering.within(file, define)}
        for one in (file.facts.code.assigns if file.facts.code else ())
        if one.how == "global" and one.scope == name
    ]


def elsewhere(facts: Facts) -> list[Evidence]:
    """In-memory databases of the JVM, and files that servers and workers in other languages write."""
    written = [(file, line) for file, line, _ in foreign.lines(facts, "file-write")]
    return places([*facts.leaves(r"\.(properties|ya?ml)$", value=r"jdbc:(h2:mem|hsqldb:mem|h2:file)"), *written])


def handed_over(facts: Facts) -> list[Evidence]:
    """Local files that one function of an orchestrated system writes and another one reads."""
    orchestrated = facts.imports(*_ORCHESTRATED)
    if not orchestrated:
        return []
    files = list(answering.imported_by(facts, [file for file, _ in orchestrated]).values())
    written, read = _paths(facts, files, _WRITES), _paths(facts, files, _READS)
    same = [
        place
        for path in sorted(written.keys() & read.keys())
        if written[path][0] != read[path][0]
        for place in (written[path][1], read[path][1])
    ]
    return same or _handed_as_argument(facts, files) or _handed_by_catalog(facts)


def _handed_by_catalog(facts: Facts) -> list[Evidence]:
    """Data sets between the nodes of Kedro that its catalog keeps on this disk, where Airflow runs the nodes apart."""
    if not facts.imports("airflow") or not facts.imports("kedro"):
        return []
    between = r"^(?!\w+://|\$\{).*(interim|intermediate|primary|feature|model_input|processed|models?/)"
    return places(facts.leaves(r"(^|/)conf/[\w-]+/catalog[^/]*\.ya?ml$", "*", "filepath", value=between))


_READS = (
    "pandas.read_*", "joblib.load", "pickle.load", "torch.load", "*.load_model", "numpy.load", "json.load", "*.upload_file", "*.upload_from_filename", "*.fput_object",
)  # fmt: skip


def _handed_as_argument(facts: Facts, files: list[File]) -> list[Evidence]:
    """Two tasks that a flow gives the same path: the one writes there, the other reads."""
    writes, reads = _path_parameters(files, writing=True), _path_parameters(files, writing=False)
    given: dict[str, tuple[str, Evidence]] = {}
    for file, call in facts.calls(*[f"*{name}" for name in writes], files=files) if writes else ():
        for name, value in call.kwargs.items():
            if name in writes.get(call.last, ()) and isinstance(value, str):
                given[value] = (call.last, file.at(call.line))
    for file, call in facts.calls(*[f"*{name}" for name in reads], files=files) if reads else ():
        for name, value in call.kwargs.items():
            if name in reads.get(call.last, ()) and value in given and given[value][0] != call.last:
                return [given[value][1], file.at(call.line)]
    return []


def _path_parameters(files: list[File], *, writing: bool) -> dict[str, set[str]]:
    """By task, the parameters whose value it opens for writing, or else reads and uploads."""
    found: dict[str, set[str]] = {}
    for file in files:
        for define in file.facts.code.defines if file.facts.code else ():
            if not any(_TASKS.search(decorator.name) for decorator in define.decorators):
                continue
            for call in answering.within(file, define):
                opens = call.name == "open" and (str(call.argument(1, "mode") or "r")[:1] in {"w", "a"}) is writing
                uploads = not writing and call.last in {
                    "upload_file",
                    "upload_from_filename",
                    "fput_object",
                    "load_model",
                }
                if opens or uploads or (not writing and call.last.startswith("read_")):
                    values = [*call.args, *call.kwargs.values()]
                    used = {name for name in define.parameters if f"${name}" in values}
                    found.setdefault(define.name, set()).update(used)
    return {name: parameters for name, parameters in found.items() if parameters}


def _paths(facts: Facts, files: list[File], patterns: tuple[str, ...]) -> dict[str, tuple[str, Evidence]]:
    found: dict[str, tuple[str, Evidence]] = {}
    for file, call in facts.calls(*patterns, files=files):
        for position in (0, 1):
            literal = origin_of_argument(
                facts, file, call, position, "path", "path_or_buf", "filename", "Filename"
            ).literal
            if literal and re.search(r"\.\w{2,8}$", literal) and "://" not in literal:
                found.setdefault(
                    re.sub(r"\{[^}]*\}|^\W+", "", literal), (f"{file.path}:{call.scope}", file.at(call.line))
                )
    return found
