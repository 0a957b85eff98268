"""What requests and tasks leave behind in a process: files, histories, changed globals, local databases."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from apps.analysis import services
from apps.analysis.code.names import scope_of
from apps.analysis.expressions import expression
from apps.analysis.foreign import languages
from apps.analysis.learning import frameworks
from apps.analysis.paths import Kind
from apps.analysis.repository import places
from apps.analysis.running import answering
from apps.analysis.services import Located
from apps.analysis.state import temporary_files, written_files

if TYPE_CHECKING:
    from apps.analysis.facts.model import Assign, Call
    from apps.analysis.findings import Evidence
    from apps.analysis.repository import Facts, File


_HISTORIES = (
    "*.ConversationBufferMemory", "*.ConversationBufferWindowMemory", "*.ConversationSummaryMemory", "*.InMemoryChatMessageHistory", "*.ChatMessageHistory", "*.InMemoryHistory", "*.InMemoryStore", "*.MemorySaver", "*.InMemorySaver", "*.ChatMemoryBuffer*", "*.InMemorySessionService", "*.SimpleChatStore",
)  # fmt: skip
_CHANGES = frozenset(
    {"append", "add", "update", "extend", "pop", "setdefault", "appendleft", "insert", "put", "remove"}
)


_DJANGO_SETTINGS = expression(r"(^|/)settings(/\w+)?\.py$")
_STATE = r"histor|session|conversation|messages?|chat|results?|jobs?|tasks?|users?|store|memory|db|uploads?|state|queue|docs?|documents?|predictions?|feedback|records"
_ON_THIS_DISK = expression(r"^(sqlite|\./|data/)|\.(db|sqlite3?|duckdb)$")


def databases(facts: Facts) -> list[Evidence]:
    """Local database files and indexes that the serving modules open or that a volume keeps."""
    served, asked = answering.served(facts), _asks_database_of_settings(facts)
    replaced = facts.leaves(
        r"\.ya?ml$", value=r"(^|=)(postgres\w*|mysql|mariadb)(\+\w+)?://"
    )  # what runs in place of a default
    return [
        place
        for use in services.uses(facts, services.Kind.DATABASE)
        if re.search(r"SQLite|DuckDB|key-value|Chroma|on disk|FAISS|SQL database", use.service)
        and (use.located in {Located.LOCAL, Located.LOCAL_SET} or _ON_THIS_DISK.search(use.value))
        and any(one.path in served or (asked and _DJANGO_SETTINGS.search(one.path)) for one in use.places)
        and not (use.value.startswith("sqlite") and use.located in {Located.ATTACHED, Located.FALLBACK} and replaced)
        and (not re.search(r"FAISS|on disk|Chroma", use.service) or _is_written(facts, served))
        for place in use.places
    ] + places(facts.leaves(r"\.(properties|ya?ml)$", value=r"jdbc:(h2|hsqldb):file:"))


_ORM = ("django.contrib.auth", "django.contrib.sessions", "django.db.connection", "django.db.transaction")


def _asks_database_of_settings(facts: Facts) -> bool:
    """Whether code has models, users or sessions: the settings that Django writes name a database for whoever has none."""
    return bool(
        facts.imports(*_ORM, files=facts.scripts)
        or facts.calls("*.objects.*", "*request.session.*", "*.objects")
        or facts.assigns(r"request\.session\b", files=facts.scripts)
        or any(base.endswith("models.Model") for _, one in facts.deriving() for base in one.bases)
    )


def indexes(facts: Facts) -> list[Evidence]:
    """Where the serving modules write a vector index or a store of documents to the local disk."""
    served = answering.served(facts)
    return [
        file.at(call.line)
        for file, call in facts.calls("*.persist", "*.save_local", "faiss.write_index", files=facts.scripts)
        if file.path in served and not re.search(r"train|script|build|eval", file.path) and (call.args or call.kwargs)
    ]


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
    served = answering.served(facts)
    histories = [pair for pair in facts.calls(*_HISTORIES) if pair[0].path in served]
    engines = [pair for pair in facts.calls("*.as_chat_engine") if pair[0].path in served and not pair[1].scope]
    kept = [(file, one) for file, one in facts.assigns(r"SESSION_TYPE\b") if one.value in ("filesystem", "cachelib")]
    return [
        *places(histories),
        *places(engines),
        *places(kept),
        *_of_sessions(facts),
        *_set_by_requests(facts),
        *_read_by_others(facts),
        *_containers(facts, _STATE),
        *_singletons(facts, _STATE),
        *places(languages.kept_in_memory(facts, rf"(?:const|let)\s+\w*(?:{_STATE})")),
    ]


_HISTORY = expression(r"messages|chat|history|conversation|memory", re.IGNORECASE)


def _of_sessions(facts: Facts) -> list[Evidence]:
    """Conversations that Streamlit keeps in the memory of its process."""
    assigned = facts.assigns(r"^(streamlit|st)\.session_state", files=facts.scripts)
    called = facts.calls("streamlit.session_state.*", "st.session_state.*", files=facts.scripts)
    found = [(file, one) for file, one in assigned if _HISTORY.search(one.name.partition("session_state")[2])]
    changed = [
        (file, call)
        for file, call in called
        if call.last in _CHANGES and _HISTORY.search(f"{call.name.partition('session_state')[2]} {call.args[:1]}")
    ]
    return places([*found, *changed])


def _set_by_requests(facts: Facts) -> list[Evidence]:
    """What a request that answers nothing sets for the ones after it: the model that is asked, its threshold."""
    asked = {(file.path, call.scope) for file, call in frameworks.predictions(facts)}
    found = []
    for file, define in answering.handlers(facts):
        scope, code = scope_of(define), file.facts.code
        if code is None or (file.path, scope) in asked or not any(d.last in _CHANGING for d in define.decorators):
            continue
        held = {one.name for one in code.assigns if not one.scope}
        found += [
            file.at(one.line)
            for one in code.assigns
            if one.scope == scope
            and (one.how == "global" or (one.how == "attribute" and one.name.partition(".")[0] in held))
        ]
    return found


def _read_by_others(facts: Facts) -> list[Evidence]:
    """Globals that one request sets and another one's function reads: the last result, the document to be asked about.
    A model that is loaded when it is first asked for is none."""
    loaded = facts.once(_loaded)
    found, scopes = [], {(file.path, scope_of(define)) for file, define in answering.handlers(facts)}
    for file in {file.path: file for file, _ in answering.handlers(facts)}.values():
        code = file.facts.code
        changed = (
            [one for one in code.assigns if one.how == "global" and (file.path, one.scope) in scopes] if code else []
        )
        if code is None or not changed:
            continue
        readers: dict[str, set[str]] = {}
        for call in code.calls:
            if (file.path, call.scope) in scopes:
                for name in _WORDS.findall(f"{call.name} {call.args} {call.kwargs}"):
                    readers.setdefault(name, set()).add(call.scope)
        found += [
            file.at(one.line)
            for one in changed
            if readers.get(one.name, set()) - {one.scope} and (file.path, one.scope, one.name) not in loaded
            if re.search(_NO_MODELS, one.name) and not _COUNTS.search(one.name)
        ]
    return found


_COUNTS = expression(r"count|total|time|latenc|metric|requests?$|_sum$", re.IGNORECASE)  # which are no state

_FIGURES = expression(r"metric|counters?\b|latenc|statistics?\b", re.IGNORECASE)  # that are told to a monitor: no state


def _loaded(facts: Facts) -> set[tuple[str, str, str]]:
    """(path, scope, name) of what a model is loaded into."""
    return {(file.path, call.scope, call.target) for file, call in frameworks.loads(facts)}


_WORDS = expression(r"[A-Za-z_]\w*")
_CHANGING = frozenset({"post", "put", "patch"})


def _singletons(facts: Facts, pattern: str) -> list[Evidence]:
    """Containers, named like this, of objects that a serving module makes once, where a method changes them."""
    served = [file for file in answering.served(facts).values() if file.facts.code]
    made = facts.once(_made)
    found = []
    for file in served:
        code, held = file.facts.code, file.once(_begun_empty)
        held = {(of, name) for of, name in held if of in made and re.search(pattern, name, re.IGNORECASE)}
        held = {(of, name) for of, name in held if not _FIGURES.search(f"{of} {name}")}
        if code is None or not held:
            continue
        items = [(one.scope, one.name.partition("[")[0], one.line) for one in code.assigns if one.how == "item"]
        calls = [(one.scope, one.name.rpartition(".")[0], one.line) for one in code.calls if one.last in _CHANGES]
        changed = [line for scope, name, line in (*items, *calls) if (scope.rpartition(".")[0], name) in held]
        found += [file.at(line) for line in changed]
    return found


def _made(facts: Facts) -> set[str]:
    """The last names of what serving modules call when they are loaded, such as classes of which they make an object."""
    return set().union(*(file.once(_called_at_load) for file in answering.served(facts).values()))


def _called_at_load(file: File) -> set[str]:
    return {call.last for call in (file.facts.code.calls if file.facts.code else ()) if not call.scope}


def _begun_empty(file: File) -> set[tuple[str, str]]:
    """Containers of objects, each behind its class, that are empty when the object is made."""
    return {
        (one.scope.rpartition(".")[0], one.name)
        for one in (file.facts.code.assigns if file.facts.code else ())
        if one.scope.endswith(".__init__") and one.name.startswith("self.") and _is_empty(one)
    }


def _containers(facts: Facts, pattern: str) -> list[Evidence]:
    """Module-level lists and dictionaries, named like this, that a function behind a route changes."""
    handled: dict[str, set[str]] = {}
    for file, one in answering.reached(facts) if pattern == _NO_MODELS else answering.handlers(facts):
        handled.setdefault(file.path, set()).add(scope_of(one))
    found = []
    for file in answering.served(facts).values():
        code, scopes = file.facts.code, handled.get(file.path)
        if code is None or not scopes:
            continue
        held = {one.name for one in code.assigns if _is_container(one) and re.search(pattern, one.name, re.IGNORECASE)}
        held = {name for name in held if not _FIGURES.search(name)}
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


_NO_MODELS = r"^(?!\w*(model|tokenizer|pipeline)s?(_?cache|_?dict|_?store)?$)"  # which are loaded when first asked for


def passing(facts: Facts) -> list[Evidence]:
    temporary = []
    for file, define in answering.reached(facts):
        if re.search(r"startup|on_start|(^|_)(init|load|log|train|main)", define.name):
            continue
        calls = answering.within(file, define)
        cleared = temporary_files.clears(calls)  # `tempfile` leads to files by names, not by paths that are spelled out
        temporary += [
            file.at(call.line)
            for call in calls
            if (call.name.startswith("tempfile.") and not cleared)
            or (
                written_files.writes_file(call)
                and written_files.is_told(facts, file, define, call)
                and not (cleared and str(call.argument(0)).startswith(("$", "{")))
            )
        ]
    asked = {
        (file.path, scope_of(define)): file
        for file, define in answering.handlers(facts)
        if not re.search(r"startup|on_start|init|load", define.name)
    }
    loaded = facts.once(_loaded)
    globals_ = [
        file.at(one.line)
        for file in {file.path: file for file in asked.values()}.values()
        for one in (file.facts.code.assigns if file.facts.code else ())
        if one.how == "global" and (file.path, one.scope, one.name) not in loaded and (file.path, one.scope) in asked
    ]
    globals_ += [*_exchanged(facts), *_set_further_on(facts, set(asked))]
    pages = [
        file.at(call.line)
        for file, call in facts.calls("streamlit.session_state.*", "st.session_state.*", files=facts.scripts)
    ]
    pages += [file.at(one.line) for file, one in facts.assigns(r"^streamlit\.session_state", files=facts.scripts)]
    clients = _singletons(facts, r"active|connection|clients|^self\.((?!model|client|token|config)\w)*cache$")
    return [*temporary, *globals_, *_containers(facts, _NO_MODELS), *clients, *_memoised(facts), *pages]


_OF_LOADING = expression(
    r"init|load|ready|warm|start|set_?up|configur|connect|avail|check|patch|import|install|enabled|model", re.IGNORECASE
)


def _set_further_on(facts: Facts, asked: set[tuple[str, str]]) -> list[Evidence]:
    """Globals that functions set which a request reaches through others: since when, whether, how often. What begins
    with nothing is loaded when it is first asked for."""
    found = []
    for file, define in answering.reached(facts):
        scope, code = scope_of(define), file.facts.code
        if code is None or (file.path, scope) in asked or _OF_LOADING.search(define.name):
            continue
        begun = {one.name for one in code.assigns if not one.scope and isinstance(one.value, int | float)}
        found += [
            file.at(one.line)
            for one in code.assigns
            if one.how == "global" and one.scope == scope and one.name in begun
            if not (_OF_LOADING.search(one.name) or _COUNTS.search(one.name) or _FIGURES.search(one.name))
        ]
    return found


_WEB = ("fastapi", "flask", "starlette", "dash", "gradio", "panel", "shiny", "litestar", "quart", "sanic")
_MEMOS = frozenset({"lru_cache", "cached", "memoize", "alru_cache", "ttl_cache"})


def _memoised(facts: Facts) -> list[Evidence]:
    """Answers that modules of a web framework keep by their arguments, so many that somebody set a bound."""
    served = {file.path: file for file, _ in facts.imports(*_WEB, files=answering.served(facts).values())}
    return [
        file.at(one.line)
        for file in served.values()
        for one in (file.facts.code.defines if file.facts.code and file.kind is Kind.PYTHON else ())
        if {name for name in one.parameters if name not in {"self", "cls"}}
        and not re.search(r"model|settings|config|client|engine|logger|token|load", one.name)
        and any(_is_bounded(mark) for mark in one.decorators)
    ]


def _is_bounded(mark: Call) -> bool:
    given = [*mark.args, *mark.kwargs.values()]
    return mark.last.removesuffix("()") in _MEMOS and any(one not in (None, 0, 1) for one in given)


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
    """In-memory databases and maps, and files, of servers and workers in other languages."""
    lines = languages.lines(facts, "file-write")
    written = [(file, line) for file, line, _ in lines if not written_files.BY_HAND.search(file.path)]
    written += languages.kept_in_memory(facts)
    return places([*facts.leaves(r"\.(properties|ya?ml)$", value=r"jdbc:(h2:mem|hsqldb:mem)"), *written])
