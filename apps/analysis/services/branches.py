"""Where code, settings or scripts give environments backing services of different types."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from apps.analysis import services
from apps.analysis.code.origins import origin_of
from apps.analysis.expressions import expression
from apps.analysis.paths import Kind as FileKind
from apps.analysis.repository import places
from apps.analysis.services.clients import RESOURCES, Kind
from apps.analysis.services.use import Located

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from apps.analysis.facts.model import Assign, Call, Define
    from apps.analysis.findings import Evidence
    from apps.analysis.repository import Facts, File

_SERVER_DRIVERS = frozenset(
    {
        "psycopg2",
        "psycopg2-binary",
        "psycopg",
        "asyncpg",
        "mysqlclient",
        "pymysql",
        "mysql-connector-python",
        "aiomysql",
        "pymssql",
    }
)
_SERVER = expression(
    r"^(?:jdbc:)?(?:postgres\w*|mysql|mariadb|mssql|oracle|sqlserver|mongodb|redis)s?(?:\+\w+)*:", re.IGNORECASE
)
_IN_PROCESS = expression(
    r"^(?:jdbc:)?(?:sqlite|h2|hsqldb|derby|duckdb)\b|^(?:cache\+)?memory:|^filesystem:|^file:", re.IGNORECASE
)
_SHARED = expression(
    r"^(?:s3[an]?|gs|gcs|wasbs?|abfss?|hdfs|dbfs|az)://|^/(?:efs|mnt|nfs|shared|gcs|dbfs|Volumes)/|^(?:postgres\w*|mysql\w*|mongodb\w*|redis)://"
)
_HERE = expression(r"^\.{1,2}/|^\.\w|^\$\w*(?:ROOT|BASE|HERE|PROJECT|HOME|CWD|cwd)\w*\b|^[\w-]+(?:/[\w.-]+)*/?$")
_STORE_NAMES = r"(?:dir|path|uri|url|store|storage|root|database|bucket|backend|location)$"


def of(facts: Facts, engines: set[str]) -> list[Evidence]:
    """The places that give environments services of different types; `engines` are those of which images are named."""
    return [
        *_fallbacks_to_sqlite(facts, engines),
        *_by_setting(facts, engines),
        *_switches(facts),
        *_two_stores(facts),
        *_two_engines(facts),
        *_two_clients(facts),
        *_two_classes(facts),
        *_two_flavours(facts),
        *_by_environment(facts),
    ]


_ASKS_WHERE = expression(
    r"^(?:APP_|DEPLOY_|RUN_)?(?:ENV(?:IRONMENT)?|STAGE)$|^(?:USE|RUN|IS)_(?:LOCAL|S3|GCS|AWS|CLOUD|REMOTE)\w*$",
    re.IGNORECASE,
)
_FROM_STORE = (
    "*.get_object", "*.download_file", "*.download_fileobj", "*.download_to_filename", "*.download_as_*", "*.download_blob",
)  # fmt: skip
_FROM_DISK = ("open", "shutil.copy*", "*.read_bytes", "*.read_text")


def _by_environment(facts: Facts) -> list[Evidence]:
    """Functions that ask which environment it is, and take a file of this disk or an object of a store."""
    asked = facts.calls("os.getenv", "os.environ.get", "os.environ[]", files=facts.scripts)
    scopes = {
        (file.path, call.scope) for file, call in asked if call.scope and _ASKS_WHERE.search(str(call.argument(0)))
    }
    if not scopes:
        return []
    scopes &= {(file.path, call.scope) for file, call in facts.calls(*_FROM_DISK, files=facts.scripts)}
    there = facts.calls(*_FROM_STORE, files=facts.scripts)
    return places((file, call) for file, call in there if (file.path, call.scope) in scopes)


def _two_engines(facts: Facts) -> list[Evidence]:
    """SQLite in one branch and a server in another: of the same module, or of the settings of one application."""
    used = services.uses(facts, Kind.DATABASE)
    local = [use.places[0] for use in used if use.value.startswith("sqlite") and ":memory:" not in use.value]
    others = [use.places[0] for use in used if re.search(r"PostgreSQL|MySQL|MongoDB", use.service)]
    others += [file.at(one.line) for file, one in facts.texts(_SERVER.pattern)]
    others += [use.places[0] for use in used if _SERVER.search(use.value)]
    others += [use.places[0] for use in used if use.located is Located.ATTACHED and not use.value]
    pairs = [(one, other) for one in local for other in others if one != other]
    pairs = [(one, other) for one, other in pairs if _same_application(one.path, other.path)]
    return [place for pair in pairs[:1] for place in pair]


def _same_application(one: str, other: str) -> bool:
    """Whether both are one module, or modules of settings beside each other (`settings/dev.py`, `settings/prod.py`)."""
    folder = one.rpartition("/")[0]
    beside = folder == other.rpartition("/")[0] and bool(re.search(r"(^|/)(settings|config)$", folder))
    return one == other or beside


def _fallbacks_to_sqlite(facts: Facts, engines: set[str]) -> list[Evidence]:
    """SQLite unless the environment names a server."""
    images = any(re.search(r"postgres|postgis|mysql|mariadb|timescale|pgvector", engine) for engine in engines)
    drivers = any(one.name in _SERVER_DRIVERS for _, one in facts.dependencies)
    managed = facts.signals("terraform-block", rf"^\s*resource\s+['\"]?\w*(?:{RESOURCES[Kind.DATABASE]})")
    if not images and not drivers and not managed:
        return []
    return [
        use.places[0]
        for use in services.uses(facts, Kind.DATABASE)
        if use.value.startswith("sqlite") and use.located in {Located.ATTACHED, Located.FALLBACK, Located.LOCAL_SET}
    ]


# --- one setting, several values --------------------------------------------------------------------------------------------
_SETTINGS = r"\.(ya?ml|toml|ini|cfg|conf|properties|json)$|(^|/)[\w-]*\.?env[\w.-]*$"
_NO_SETTINGS = expression(r"(^|/)(package(-lock)?|tsconfig|composer)[\w.]*\.json$|alembic\.ini$|\.lock$|(^|/)\.github/")
_ADDRESS = r"^(?:[A-Z][A-Z0-9_]*=)?['\"]?(?:jdbc:)?[a-z][\w+.-]*:"
_DEFAULT = (
    r"^\$\{([A-Z][A-Z0-9_]*):-?((?:jdbc:)?[a-z][\w+.-]*:[^}]*)\}$"  # which a variable of the environment overrides
)
_OF_ENVIRONMENT = expression(
    r"^(default|base|local|dev\w*|test\w*|stag\w*|prod\w*|\d+|services|environment|env|value)$", re.IGNORECASE
)
_READS = ("os.getenv", "os.environ.get", "environ.get", "decouple.config", "config", "env", "env.str")
_TRACKERS = {"MLFLOW_TRACKING_URI": (r"^(file:|sqlite:|(\./)?mlruns)", r"^https?://(?!localhost|127)", "mlflow")}


def _by_setting(facts: Facts, engines: set[str]) -> list[Evidence]:
    """A setting that one file or default gives to something in the process, and another to a server."""
    given: dict[str, list[tuple[str, Evidence]]] = {}
    for file, leaf in facts.leaves(_SETTINGS, value=_ADDRESS):
        if _NO_SETTINGS.search(file.path):
            continue
        found = re.match(r"^([A-Z][A-Z0-9_]*)=['\"]?(.*)$", leaf.text)
        name, value = found.groups() if found else (_name(leaf.keys), leaf.text)
        given.setdefault(_of_spring(name), []).append((value, file.at(leaf.line)))
    for file, leaf in facts.leaves(_SETTINGS, value=_DEFAULT):
        if (kept := expression(_DEFAULT).match(leaf.text)) and not _NO_SETTINGS.search(file.path):
            for name in (kept.group(1), _name(leaf.keys)):
                given.setdefault(name, []).append((kept.group(2), file.at(leaf.line)))
    for name, value, place in _defaults(facts):
        given.setdefault(name, []).append((value, place))
    found_in = []
    for name, values in given.items():
        local = [place for value, place in values if _IN_PROCESS.search(value) and ":memory:" not in value]
        server = [place for value, place in values if _SERVER.search(value)]
        if name in _TRACKERS:
            here, there, image = _TRACKERS[name]
            local = [place for value, place in values if re.search(here, value)]
            server = [place for value, place in values if re.search(there, value)]
            if local and not server and any(image in engine for engine in engines):
                server = local
        if local and server:
            found_in += [*local[:1], *server[:1]]
    return [*dict.fromkeys(found_in), *_of_catalogs(facts), *_of_siblings(facts)]


def _of_spring(name: str) -> str:
    """The setting that a variable of the environment sets by its name alone: SPRING_DATASOURCE_URL is spring.datasource.url."""
    return ".".join(name.lower().split("_")[-3:]) if name.startswith("SPRING_") else name


def _name(keys: list[str]) -> str:
    """A variable by itself; a dotted key without the parts that name an environment."""
    parts = [part for key in keys for part in ([key] if key.isupper() else key.split("."))]
    if parts and parts[-1].isupper():
        return parts[-1]
    kept = [part for part in parts if not _OF_ENVIRONMENT.match(part)]
    return ".".join(kept[-3:]).lower()


def _defaults(facts: Facts) -> Iterator[tuple[str, str, Evidence]]:
    """Defaults of variables and of fields of settings, as the code writes them."""
    for file, call in facts.calls(*_READS, files=facts.scripts):
        default = call.argument(1, "default")
        if isinstance(call.argument(0), str) and isinstance(default, str):
            yield str(call.argument(0)).upper(), default, file.at(call.line)
    for file, one in facts.assigns(r"(?i)(uri|url|dsn)$", files=facts.scripts):
        if one.how == "field" and isinstance(one.value, str):
            yield one.name.upper(), one.value, file.at(one.line)


def _of_catalogs(facts: Facts) -> list[Evidence]:
    """Data sets that a catalog keeps on this disk in one environment, in a bucket in another."""
    named: dict[str, list[tuple[str, Evidence]]] = {}
    for file, leaf in facts.leaves(r"(^|/)conf/[\w-]+/catalog[^/]*\.ya?ml$", "*", "filepath"):
        named.setdefault(leaf.keys[0], []).append((leaf.text, file.at(leaf.line)))
    for values in named.values():
        shared = [place for value, place in values if _SHARED.search(value)]
        local = [place for value, place in values if "://" not in value and "$" not in value]
        if shared and local:
            return [*local[:1], *shared[:1]]
    return []


def _of_siblings(facts: Facts) -> list[Evidence]:
    """A place of settings that names a folder here for work at a desk, and beside it a store for other environments."""
    settings, stores = r"\.(ya?ml|toml|json)$", dict[tuple[str, ...], int]()
    for file, leaf in facts.leaves(settings, "**", value=_SHARED.pattern):
        stores.setdefault((file.path, *leaf.keys[:-1]), leaf.line)
    for file, leaf in facts.leaves(settings, "**", "local"):
        beside = stores.get((file.path, *leaf.keys[:-1]))
        if isinstance(leaf.value, str) and _HERE.search(leaf.text) and re.search(r"[./]", leaf.text) and beside:
            return [file.at(leaf.line), file.at(beside)]
    return []


# --- switches -------------------------------------------------------------------------------------------------------------
_BRANCH = expression(
    r"^(?:self\.|settings\.|config\.)?(?:USE_(?:S3|AWS|GCS|GCP|LOCAL|LOCAL_STORAGE|AZURE|AZURE_STORAGE|SQLITE|MINIO|CLOUD|CLOUD_STORAGE|FIRESTORE|DYNAMO(?:DB)?|BIGQUERY|POSTGRES(?:QL)?)|(?:STORAGE|SAVE|DB|DATABASE)_(?:TYPE|BACKEND|PROVIDER|MODE)|LOCAL_MODE|RUN_LOCAL(?:LY)?)$",
    re.IGNORECASE,
)
_CHOICE = r"(?i)(^|_|\.)(vector_?(store|db|database)|cache|queue|broker|artifact\w*|blob|object|file|model|memory|checkpoint\w*|session)(_?(store|storage))?(_?(type|backend|provider|mode|kind|engine))?$"
_EMBEDDED = expression(
    r"^(local|memory|in[_-]?memory|disk|file(system)?|fs|sqlite|chroma(db)?|faiss|lancedb|duckdb)$", re.IGNORECASE
)


def _switches(facts: Facts) -> list[Evidence]:
    """Settings that choose between a service and local files."""
    named = facts.assigns(_BRANCH.pattern, files=facts.scripts, where=_is_set)
    chosen = facts.assigns(_CHOICE, files=facts.scripts, where=_may_be_embedded)
    if chosen and not any(_is_remote(use) for kind in Kind for use in services.uses(facts, kind)):
        chosen = []
    chosen = [(file, one) for file, one in chosen if _EMBEDDED.match(_written(facts, file, one.value, one.line))]
    return places([*named, *chosen])


def _is_set(_: File, one: Assign) -> bool:
    """Not where a field is only declared, or takes a parameter of its own name: another place sets it, if any does."""
    return one.how != "default" and one.value is not None and one.value != f"${one.name.rpartition('.')[2]}"


def _may_be_embedded(_: File, one: Assign) -> bool:
    """Not where the value that is written names anything else."""
    return one.how in {"field", "name", "attribute"} and (
        not isinstance(one.value, str) or one.value.startswith("$") or _EMBEDDED.match(one.value) is not None
    )


def _written(facts: Facts, file: File, value: object, line: int) -> str:
    if isinstance(value, str) and not value.startswith("$"):
        return value
    origin = origin_of(facts, file, value, "", line)
    return origin.literal or "" if origin.settable else ""


def _is_remote(use: services.Use) -> bool:
    """Whether the use is of a server or a cloud, so that a switch has something to choose."""
    by_server = re.search(r"Qdrant|Pinecone|Weaviate|Milvus|pgvector|PostgreSQL|Redis|MongoDB|Elasticsearch|^S3|MinIO|Google Cloud Storage|Azure", use.service)  # fmt: skip
    return bool(by_server) and use.located not in {Located.LOCAL, Located.LOCAL_SET}


_PATHS = ("pathlib.Path", "os.path.join", "upath.UPath")


def _is_beside_shared(file: File, _: object) -> bool:
    return file.once(_names_shared)


def _names_shared(file: File) -> bool:
    """Whether anything shared is named in the module."""
    code = file.facts.code
    texts = [one.value for one in code.assigns if isinstance(one.value, str)] if code else []
    texts += ["/".join(map(str, call.args)) for call in code.calls if call.name in _PATHS] if code else []
    return any(map(_SHARED.search, texts))


def _two_stores(facts: Facts) -> Iterator[Evidence]:
    """A location that code sets once to something shared and once to something local."""
    seen: dict[tuple[str, str, str], list[tuple[int, str]]] = {}
    for file, one in facts.assigns(_STORE_NAMES, files=facts.scripts, where=_is_beside_shared):
        if one.how == "name" and isinstance(one.value, str):
            seen.setdefault((file.path, one.scope, one.name), []).append((one.line, one.value))
    for file, call in facts.calls(*_PATHS, files=facts.scripts, where=_is_beside_shared):
        seen.setdefault((file.path, call.scope, call.target), []).append((call.line, "/".join(map(str, call.args))))
    for (path, _, name), values in seen.items():
        shared = [line for line, value in values if _SHARED.search(value)]
        local = [
            line for line, value in values if not _SHARED.search(value) and _HERE.search(value) and name not in value
        ]
        if shared and local and re.search(_STORE_NAMES, name, re.IGNORECASE):
            yield from (facts.by_path[path].at(line) for line in (*shared[:1], *local[:1]))


# --- two clients, two classes, two flavours ---------------------------------------------------------------------------------
def _any(call: Call) -> bool:
    return bool(call.name)


def _by_path(call: Call) -> bool:
    return "path" in call.kwargs or call.argument(0, "location") == ":memory:"


def _by_address(call: Call) -> bool:
    return "url" in call.kwargs or "host" in call.kwargs


_Clients = tuple[tuple[str, ...], "Callable[[Call], bool]"]
# What runs in the process or on this disk, and the server that stands in for it.
_CLIENTS: tuple[tuple[_Clients, _Clients], ...] = (
    ((("chromadb.*PersistentClient", "chromadb.EphemeralClient", "chromadb.Client"), _any), (("chromadb.*HttpClient", "chromadb.CloudClient"), _any)),
    ((("qdrant_client.*QdrantClient",), _by_path), (("qdrant_client.*QdrantClient",), _by_address)),
    ((("fakeredis.*", "mongomock.*"), _any), (("redis.*", "pymongo.*", "motor.*"), _any)),
    ((("*.MemorySaver", "*.InMemorySaver", "*.SqliteSaver*", "*.AsyncSqliteSaver*"), _any), (("*PostgresSaver*", "*RedisSaver*", "*MongoDBSaver*"), _any)),
    ((("*.FAISS.*", "*.Chroma", "*.Chroma.from_*", "*.InMemoryVectorStore*"), _any), (("*.Pinecone*.from_*", "*.PineconeVectorStore*", "*.QdrantVectorStore*", "*.PGVector*", "*.Weaviate*.from_*", "*.Milvus*"), _any)),
    ((("sqlite3.connect", "aiosqlite.connect", "duckdb.connect"), _any), (("psycopg*.connect", "asyncpg.connect", "asyncpg.create_pool", "pymysql.connect", "mysql.connector.connect", "google.cloud.firestore*.Client", "google.cloud.bigquery.Client", "azure.cosmos.*CosmosClient", "boto3.resource().Table", "*dynamodb.Table", "snowflake.connector.connect", "pymongo.*MongoClient"), _any)),
)  # fmt: skip


def _two_clients(facts: Facts) -> list[Evidence]:
    """A module that makes a client of a server in one branch, and of something in the process in the other."""
    found = []
    for (near, is_near), (far, is_far) in _CLIENTS:
        local = {
            file.path: file.at(call.line) for file, call in facts.calls(*near, files=facts.scripts) if is_near(call)
        }
        remote = [file.at(call.line) for file, call in facts.calls(*far, files=facts.scripts) if is_far(call)]
        found += [place for one in remote if one.path in local for place in (local[one.path], one)][:2]
    return found


_NEAR_CLASS = expression(r"^_?(Local|FileSystem|Filesystem|File|Disk|InMemory|Memory|Sqlite|SQLite|OnDisk)(\w+)$")
_FAR_CLASS = expression(r"^_?(S3|GCS|Gcs|Gs|Aws|AWS|Azure|Minio|MinIO|Redis|Postgres\w*?|PG|Mongo\w*?|Qdrant|Pinecone|Weaviate|Milvus|Cloud|Remote|Sql|SQL|DynamoDB|DynamoDb)(\w+)$")  # fmt: skip
_STORES = expression(
    r"^(\w*(Stor(e|age)\w*|Cache|Backend|Repository|Repo|Queue|Registry|FileSystem|Persistence|Memory))$"
)


def _two_classes(facts: Facts) -> list[Evidence]:
    """Classes that stand in for one another: one keeps things here, the other in a service."""
    near: dict[str, Evidence] = {}
    far: dict[str, Evidence] = {}
    for file, one in facts.defines(r"^_?[A-Z]\w*$", files=facts.scripts, where=_is_near_or_far):
        for pattern, found in ((_NEAR_CLASS, near), (_FAR_CLASS, far)):
            match = pattern.match(one.name)
            if match and _STORES.match(match.group(2)):
                found.setdefault(match.group(2).lower(), file.at(one.line))
    return [place for name in sorted(near.keys() & far.keys()) for place in (near[name], far[name])]


def _is_near_or_far(_: File, one: Define) -> bool:
    return one.kind == "class" and bool(_NEAR_CLASS.match(one.name) or _FAR_CLASS.match(one.name))


def _two_flavours(facts: Facts) -> list[Evidence]:
    """Stacks of a platform whose parts are local in one environment and a cloud's in another."""
    chosen = [
        (file.at(one.line), set(re.findall(r"(?:-a|--artifact[-_]store)[= ]+(\S+)", one.text)))
        for file, one in facts.commands(r"\bzenml stack register\b", kinds={FileKind.SHELL, FileKind.MAKE})
    ]
    local = [place for place, stores in chosen if stores == {"default"}]
    remote = [place for place, stores in chosen if stores - {"default"}]
    if local and remote:
        return [local[0], remote[0]]
    pattern = r"\bzenml\s+(?P<part>artifact[-_]store|secrets[-_]manager|container[-_]registry)\s+register\b.*?(?:--flavor[= ]|-f\s*|--type[= ])(?P<flavour>\w+)"
    named: dict[str, dict[bool, Evidence]] = {}
    for file, one in facts.commands(pattern, kinds={FileKind.SHELL, FileKind.MAKE}):
        found = re.search(pattern, one.text)
        if found:
            named.setdefault(found["part"], {}).setdefault(found["flavour"] == "local", file.at(one.line))
    return [place for flavours in named.values() if len(flavours) > 1 for place in flavours.values()]
