"""What code in other languages than Python says of models, streams and cloud resources, by named patterns."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from apps.analysis.expressions import expression
from apps.analysis.paths import Kind

if TYPE_CHECKING:
    from apps.analysis.repository import Facts, File

    Lines = list[tuple[File, int]]

CODE = frozenset({Kind.R, Kind.JAVA, Kind.SCALA, Kind.GO, Kind.SCRIPT})
# C, C++, Rust, Julia, Lua, Swift, Dart, Ruby, PHP and MATLAB are read as text.
C = (".c", ".cc", ".cpp", ".cxx", ".cu", ".h", ".hpp")
RUST = ".rs"
COMPILED = (*C, RUST, ".jl", ".lua", ".swift", ".dart", ".rb", ".php", ".m", ".mm")
_COMMENT = expression(r"^(//|/?\*|--|%|#(?!include\b|\[))")
_SAYS_NOTHING = expression(r"^\s*(//|#|\*|/\*|import\b|using\b|package\b|(const|let|var)\b.*require\()")


def lines(facts: Facts, name: str, pattern: str = "") -> list[tuple[File, int, str]]:
    """(file, line, text) of the named pattern's hits in code, without comments and imports."""
    return [
        (file, line, text)
        for file, line, text in [*_of_code(facts, name, pattern), *compiled(facts, name, pattern)]
        if not _SAYS_NOTHING.search(text)
    ]


def _of_code(facts: Facts, name: str, pattern: str) -> list[tuple[File, int, str]]:
    return [found for found in facts.signals(name, pattern) if found[0].kind in CODE]


def is_compiled(file: File) -> bool:
    return file.kind is Kind.TEXT and file.name.endswith(COMPILED)


def compiled(facts: Facts, name: str, pattern: str = "") -> list[tuple[File, int, str]]:
    """(file, line, text) of what is called `name` in languages whose files are read as text."""
    return [
        found
        for found in facts.signals(f"{name}-compiled", pattern)
        if is_compiled(found[0]) and not _COMMENT.search(found[2])
    ]


def read(facts: Facts) -> list[tuple[File, int, str]]:
    """What such languages read from the environment and from the command line."""
    return [*compiled(facts, "environment"), *compiled(facts, "arguments")]


def compiled_files(facts: Facts) -> list[File]:
    return [file for file in facts.of_kind(Kind.TEXT) if is_compiled(file)]


def streams(facts: Facts) -> Lines:
    """Jobs that read an endless stream: they run for as long as a server does."""
    return [(file, line) for file, line, _ in lines(facts, "stream")]


def managed_streams(facts: Facts) -> Lines:
    """Streams and batches that a data platform runs: it keeps their logs, repeats what failed, and stops them."""
    return [(file, line) for file, line, _ in lines(facts, "managed-stream")]


def scaled_streams(facts: Facts) -> Lines:
    return [
        (file, line) for file, line, _ in lines(facts, "managed-stream", r"autoscal|(num|max)\w*workers|parallelism")
    ]


_ENDPOINT = r"\b(Cfn)?(Endpoint|EndpointConfig|OnlineEndpoint|VertexAiEndpoint)\b"
_FUNCTION = r"Function|HttpTrigger"
_GATEWAY = r"RestApi|HttpApi|FunctionUrl|addFunctionUrl|ApplicationLoadBalanced|HttpTrigger|FunctionApp"


def resources(facts: Facts, pattern: str = "") -> list[tuple[File, int, str]]:
    """Constructs of the CDK, Pulumi and their like: what code asks a cloud to run or keep."""
    files = facts.once(_provisioning)
    return [found for found in lines(facts, "cloud-resource", pattern) if found[0].path in files]


def _provisioning(facts: Facts) -> set[str]:
    """Files that import a library of cloud resources: elsewhere a `Queue` or an `App` is something else."""
    imports = facts.signals("import", r"aws-?cdk|amazon\.cdk|pulumi|cdktf|microsoft\.azure|amazonaws\.constructs")
    return {file.path for file, _, _ in imports}


def endpoints(facts: Facts) -> Lines:
    """Endpoints and functions of a cloud that answer requests."""
    found = [(file, line) for file, line, _ in resources(facts, _ENDPOINT)]
    gateways = [(file, line) for file, line, _ in resources(facts, _GATEWAY)]
    functions = [(file, line) for file, line, _ in resources(facts, _FUNCTION)]
    found += created_endpoints(facts)
    return [*found, *functions, *gateways] if found or (gateways and functions) else []


def created_endpoints(facts: Facts) -> Lines:
    """Where code asks SageMaker for an endpoint."""
    known = {file.path for file, _, _ in facts.signals("import", r"aws-sdk|client-sagemaker|services\.sagemaker")}
    return [(file, line) for file, line, _ in lines(facts, "endpoint-create") if file.path in known]


_STORES = (
    r"springframework\.ai\.vectorstore|langchain4j\.(?:store\.embedding|community\.store)|qdrant/go-client|milvus-sdk-go|"
    r"weaviate-go-client|chroma-go|go-pinecone|@pinecone-database/|@qdrant/|chromadb|weaviate|@zilliz/|"
    r"langchain/(pinecone|qdrant|community/vectorstores)"
)


def vector_stores(facts: Facts) -> Lines:
    """Clients of a hosted index of vectors."""
    return [(file, line) for file, line, _ in facts.signals("import", _STORES) if file.kind in CODE]


_OF_A_PAGE = expression(
    r"\.[jt]sx$|\.vue$|(^|/)(frontend|client|web|ui|webapp|website|components|hooks|public)/", re.IGNORECASE
)


def is_of_page(file: File) -> bool:
    """Whether the code runs in a browser."""
    return _OF_A_PAGE.search(file.path) is not None


def kept_in_memory(facts: Facts, pattern: str = "") -> Lines:
    """Fields and modules' maps that live as long as the process of a server; not those of a page in a browser."""
    shared = any("redis" in one.name or "hazelcast" in one.name for _, one in facts.dependencies)
    serves = any(file.kind is Kind.SCRIPT for file, _, _ in lines(facts, "server"))
    return [
        (file, line)
        for file, line, text in lines(facts, "kept-in-memory", pattern)
        if not (shared and "@Cacheable" in text) and (file.kind is Kind.JAVA or (serves and not is_of_page(file)))
    ]


def process_types(facts: Facts) -> list[tuple[str, File, int]]:
    """The name, file and line of each construct that starts a process."""
    found = resources(facts, rf"{_FUNCTION}|{_ENDPOINT}|Fargate|CfnService|StateMachine|JobDefinition")
    if any("FunctionApp" in text for _, _, text in found):  # its triggers are functions of one application
        found = [one for one in found if "HttpTrigger" not in one[2]]
    named = [(_name(text), file, line) for file, line, text in found if "EndpointConfig" not in text]
    hosted = [(_hosted(text), file, line) for file, line, text in lines(facts, "composed-process")]
    return [*named, *hosted, *(("stream", file, line) for file, line in managed_streams(facts)[:1])]


_SPOKEN = expression(r"['\"`](\w[\w -]{0,40})['\"`]")
_CLASS = expression(r"\bnew\s+(?:\w+\.)*(\w+)(?:\s*\(\s*\w+\s*,\s*(\w+))?")


def _hosted(text: str) -> str:
    """`AddProject<Projects.Catalog>(…)` of Aspire is called Catalog; others by the text that they are given."""
    found = re.search(r"AddProject\s*<\s*(?:\w+\.){0,9}(\w+)", text)
    return found.group(1) if found else _name(text)


def _name(text: str) -> str:
    """`new Function(this, 'Scorer'` is called Scorer, `new Function(this, key` Function key; others by their line."""
    found = _SPOKEN.search(text) or _CLASS.search(text)
    return " ".join(filter(None, found.groups())) if found else re.sub(r"\W+", " ", text).strip()[:40]


_OVERRIDDEN = expression(
    r"[gG]etenv|LookupEnv|process\.env|import\.meta\.env|sys\.env|@Value|getProperty|\?\?|getOrElse|\|\||\bflag\.\w|make_option|add_(argument|option)|addOption"
)


def is_overridden(text: str) -> bool:
    """Whether the line reads from outside what it spells out as the default."""
    return bool(_OVERRIDDEN.search(text))


def urls(facts: Facts) -> list[tuple[File, int, str]]:
    """Whole addresses of services that stand in the code and that nothing on their line overrides."""
    return [
        (file, line, url)
        for file, line, text in [*lines(facts, "url"), *lines(facts, "called-url")]
        if not is_overridden(text)
        for url in re.findall(r"['\"`](\w[\w+:]*://[^'\"`\s]+)", text)
    ]


def addresses(facts: Facts) -> list[tuple[File, int, str]]:
    """Hosts with a port that stand in the code and that nothing on their line overrides."""
    return [found for found in lines(facts, "address") if not is_overridden(found[2])]


def ports(facts: Facts) -> list[tuple[File, int, str]]:
    """Ports, and in R hosts, that stand in the code and that nothing on their line overrides."""
    found = [*lines(facts, "port-number"), *lines(facts, "placed-argument")]
    return [one for one in found if not is_overridden(one[2])]


def cloud_places(facts: Facts, pattern: str = "") -> list[tuple[File, int, str]]:
    """Buckets and regions that stand in the code and that nothing on their line overrides."""
    clients = {file.path for file, _, _ in facts.signals("import", _CLOUDS)}
    return [
        one
        for one in lines(facts, "cloud-place", pattern)
        if one[0].path in clients and not is_overridden(one[2]) and not _NO_PLACE.search(one[2])
    ]


_CLOUDS = r"aws|amazon|s3\b|storage|minio|azure|google.?cloud|pinecone|bedrock"


_NO_PLACE = expression(r"\.(get|post|put|use)\s*\(|Header|label|placeholder|aria-|className|===|name=", re.IGNORECASE)


def paths(facts: Facts) -> list[tuple[File, int, str]]:
    """Absolute paths that stand in the code and that nothing on their line overrides."""
    found = [one for one in facts.signals("local-path") if not is_overridden(one[2])]
    return [one for one in found if not one[0].name.endswith(".txt")]  # what some run has told


def place_flags(facts: Facts, names: re.Pattern[str]) -> Lines:
    """Flags of the command line with one of the `names`, and its positions: they may say where something is."""
    return [
        (file, line)
        for file, line, text in lines(facts, "arguments")
        if re.search(r"\bargs?\s*[\[(]", text) or any(names.match(word) for word in re.findall(r"['\"]([\w-]+)", text))
    ]
