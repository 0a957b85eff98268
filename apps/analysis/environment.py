"""Settings that differ between environments: hosts, ports, paths, regions, buckets, devices; set from outside or not."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from apps.analysis import foreign, outside, starts
from apps.analysis.expressions import expression
from apps.analysis.origins import SETTABLE, Source, origin_of
from apps.analysis.paths import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from apps.analysis.facts.model import Assign, Call, Text
    from apps.analysis.findings import Evidence
    from apps.analysis.repository import Facts, File

# --- what counts ----------------------------------------------------------------------------------------------------------
_PLACE = (
    r"host(name)?|ports?|ur[il]s?|endpoint\w*|address|addr|server\w*|broker\w*|bootstrap\w*|path|dir(ectory)?|folder|root|file(name|path)?|fp|loc(ation)?|bucket\w*|container|region|zone|"
    r"project(_?id)?|account(_?id)?|subscription\w*|resource_?group|workspace\w*|cluster\w*|namespace|registry|repository|database|db(_?name)?|dsn|schema|table|topic\w*|queue|device|gpus?|cuda|"
    r"tracking_uri|output|input|data(set)?|save|cache|home|role(_?arn)?|env(ironment)?|stage|index|collection|prefix|backend|domain|profile|image(_?uri)?|instance_type|debug|ckpt|checkpoint|weights|artifact\w*"
)
_PLACE_FLAG = expression(rf"^-{{0,2}}([\w-]*[_-])?({_PLACE})([_-]\w+)?$", re.IGNORECASE)
_TUNING = expression(
    r"CUDA_VISIBLE|TOKENIZERS_PARALLEL|^(OMP|MKL|NCCL|TF_CPP|PYTHON|KMP|PYTORCH|LC_|LANG|PATH$|TERM|CI$)|KEY$|TOKEN$|SECRET|PASSWORD",
    re.IGNORECASE,
)

_ABSOLUTE = expression(
    r"^(/(?!opt/ml/)(home|Users|mnt|data|opt|srv|var|usr/local|efs|content|kaggle|scratch|workspace|root|nfs|tmp/\w|dbfs|datasets?|raid|media|gpfs|shared|app|net)/|[A-Za-z]:[\\/]\w|~/\w|\\\\\w)"
)
_BUCKET = expression(r"^(s3a?|gs|wasbs?|abfss?|hdfs|adl|az)://[\w{]")
_CLOUD = expression(
    r"\.(amazonaws|azure|windows|azurewebsites|azurecr|run\.app|cloudfunctions|pkg\.dev|mongodb|rds|snowflakecomputing|databricks)\b|\bgcr\.io/|\d{12}\.dkr|arn:aws:(?!iam::aws)\w+:[\w-]*:\d{12}|"
    r"^(us|eu|ap|ca|sa|me|af)-(east|west|central|north|south|northeast|southeast)\w*-?\d$"
)
_REGION = expression(
    r"^(us|eu|ap|ca|sa|me|af|cn|il)-(gov-)?(east|west|central|north|south|northeast|southeast|northwest|southwest)\w*-?\d$"
)
MANY_REGIONS = 4
_ADDRESS = expression(
    r"^(?!0\.0\.0\.0|127\.0\.0\.1|1\.2\.3\.4|255\.)\d{1,3}(\.\d{1,3}){3}(:\d+)?$|://\d{1,3}(\.\d{1,3}){3}"
)
_URL = expression(
    r"^(https?|grpc|tcp|redis|amqp|postgres(ql)?(\+\w+)?|mysql(\+\w+)?|mongodb(\+srv)?|bolt|neo4j|kafka|nats)://[\w{.-]+",
    re.IGNORECASE,
)
_HOST_PORT = expression(r"^(localhost|[a-z][\w-]*(\.[\w-]+)*):\d{2,5}$")
# Pages, standards, public hubs and data sets are the same for everybody.
_PUBLIC = expression(
    r"^https?://(www\.)?([\w.-]+\.)?(github|githubusercontent|huggingface|arxiv|w3|python|pytorch|tensorflow|kaggle|wikipedia|stackoverflow|medium|google|youtube|twitter|linkedin|facebook|readthedocs|pypi|"
    r"scikit-learn|keras|apache|mozilla|schema|json-schema|openai|fast|nltk|stanford|cs\.toronto|uci|zenodo|dropbox|googleapis|drive|microsoft|example|fbaipublicfiles|unsplash|imgur|shields|jsdelivr|cloudflare|"
    r"unpkg|bootstrapcdn|openml|cloudfront|raw|kubeflow|mlflow|wandb|langchain|anthropic|cohere|pinecone|docs|nvidia|creativecommons|opensource|gnu|mit|ai\.facebook|paperswithcode|colab|jupyter|streamlit)\."
    r"|\.(zip|tar|gz|tgz|csv|txt|json|jsonl|parquet|pkl|h5|pth?|bin|onnx|png|jpe?g|pdf|html?|bz2|npz|md)$|/resolve/",
    re.IGNORECASE,
)
# Where people read about something; a program never asks there.
_DOCUMENT = expression(
    r"^https?://(docs?|wiki|blog|help|support|learn|www)\.|/(docs?|documentation|wiki|blog|tutorials?|issues|reference|guides?)(/|$)|#[\w-]+$",
    re.IGNORECASE,
)
_LOCAL_DEFAULT = expression(
    r"localhost|127\.0\.0\.1|0\.0\.0\.0|host\.docker\.internal|^[a-z]+://[a-z][\w-]*(:\d+)?(/|$)|^[a-z]+://[^@/]*@[a-z][\w-]*(:\d+)?(/|$)"
)
_ROUTE = expression(r"^/[\w{}<>:/-]*$")


@dataclass(slots=True)
class Places:
    """Evidence of settings by how they are reached. `defaults` are production values behind an override."""

    settable: list[Evidence] = field(default_factory=list)
    files: list[Evidence] = field(default_factory=list)
    defaults: list[Evidence] = field(default_factory=list)
    literals: list[Evidence] = field(default_factory=list)
    elsewhere: list[Evidence] = field(default_factory=list)  # literals that name a whole host or bucket, no local one
    shown: dict[Evidence, str] = field(default_factory=dict)  # the value at a place


def of(facts: Facts) -> Places:
    found = Places()
    only_notebooks = facts.profile.trains.holds and all(
        by_path.kind is Kind.NOTEBOOK
        for place in facts.profile.trains.evidence
        if (by_path := facts.by_path.get(place.path))
    )
    for file in facts.code if only_notebooks or not facts.scripts else facts.scripts:
        if file.path.startswith(".github/"):
            continue
        _read(facts, file, found)
    for file, line, text in facts.signals("environment"):
        if not _TUNING.search(text):
            found.settable.append(file.at(line))
    for file, line, text in facts.signals("local-path"):
        found.literals.append(file.at(line))
        found.shown[file.at(line)] = text[:60]
    for file, line, text in foreign.addresses(facts):
        found.literals.append(file.at(line))
        found.shown[file.at(line)] = text[:60]
    for file, line, text in foreign.urls(facts):
        if _is_placed(text) and not _LOCAL_DEFAULT.search(text):
            found.literals.append(file.at(line))
            found.elsewhere.append(file.at(line))
            found.shown[file.at(line)] = text[:60]
    _deployed(facts, found)
    _configured(facts, found)
    return found


def _read(facts: Facts, file: File, found: Places) -> None:
    overridden = _overridden(facts, file, found)
    for text in file.once(_placed):
        _judge_text(file, text, overridden, found)
    for call in file.once(_placing):
        _judge_call(facts, file, call, found)


def _placed(file: File) -> list[Text]:
    """Texts that name a place which another environment would have elsewhere."""
    texts = file.facts.code.texts if file.facts.code else []
    if sum(bool(_REGION.match(text.value)) for text in texts) >= MANY_REGIONS:
        texts = [text for text in texts if not _REGION.match(text.value)]  # a table of all regions chooses none
    return [text for text in texts if _is_placed(text.value.strip())]


def _placing(file: File) -> list[Call]:
    """Calls whose arguments may say where something is."""
    calls = file.facts.code.calls if file.facts.code else []
    return [
        call
        for call in calls
        if call.last in {"cuda", "device", "to", *_OPENS_BUCKET} or not _PLACE_ARGUMENTS.isdisjoint(call.kwargs)
    ]


def _given_from_outside(file: File) -> list[Call]:
    """Calls that read a variable of the environment or declare a flag."""
    calls = file.facts.code.calls if file.facts.code else []
    return [call for call in calls if _is_flag(call) or _reads(call) or outside.is_setting(file, call)]


def _naming(file: File) -> list[Assign]:
    """Assignments whose name, or class, tells that they hold a place or what one owner has named."""
    assigns = file.facts.code.assigns if file.facts.code else []
    return [
        one for one in assigns if one.how == "field" or _PLACE_FLAG.match(one.name) or _OF_ONE_OWNER.search(one.name)
    ]


def _overridden(facts: Facts, file: File, found: Places) -> dict[str, Evidence]:
    """The defaults of environment variables, flags and settings in `file`; what reads them is settable."""
    defaults: dict[str, Evidence] = {}
    for call in file.once(_given_from_outside):
        reads, takes = _reads(call), _is_flag(call)
        name = str(next((one for one in call.args if isinstance(one, str)), ""))
        placed = any(isinstance(one, str) and _PLACE_FLAG.match(one) for one in call.args[:3])
        if (takes and placed) or (reads and not takes and not _TUNING.search(name) and file.kind is Kind.PYTHON):
            found.settable.append(file.at(call.line))
        positional = call.args if outside.is_setting(file, call) else call.args[1:]
        given = [*positional, call.kwargs.get("default")]
        defaults |= {value: file.at(call.line) for value in given if isinstance(value, str)}
        if _OF_ONE_OWNER.search(name):
            _note_owner(file, call.line, next((one for one in reversed(given) if isinstance(one, str)), ""), found)
    for one in file.once(_naming):
        if _is_overridden(facts, file, one):
            if _PLACE_FLAG.match(one.name):
                found.settable.append(file.at(one.line))
            defaults[str(one.value)] = file.at(one.line)
            if _OF_ONE_OWNER.search(one.name):
                _note_owner(file, one.line, str(one.value), found)
        elif one.how == "name" and not one.scope and _OF_ONE_OWNER.search(one.name) and isinstance(one.value, str):
            _note_owner(file, one.line, one.value, found, literal=True)
    return defaults


# Names that one owner gave: another environment has others.
_OF_ONE_OWNER = expression(
    r"^(?!wandb|comet|neptune|mlflow|tracking)([\w-]*[_-])?(bucket(_?name)?|project(_?id)?|dataset_id|account(_?id)?|resource_?group|subscription_?id)$",
    re.IGNORECASE,
)
_NO_OWNER = expression(
    r"^$|^\W|[$<{ /]|your|example|changeme|placeholder|todo|test|local|default|dummy|none|sample|xxx", re.IGNORECASE
)


def _note_owner(file: File, line: int, value: str, found: Places, *, literal: bool = False) -> None:
    if _NO_OWNER.search(value) or not re.search(r"[-_\d]", value):
        return
    place = file.at(line)
    (found.literals if literal else found.defaults).append(place)
    found.elsewhere.append(place)
    found.shown[place] = value


def _reads(call: Call) -> bool:
    """Whether the call reads a variable of the environment."""
    return bool(outside.ENVIRONMENT.search(call.name if call.name.endswith("]") else f"{call.name}("))


def _is_flag(call: Call) -> bool:
    return call.last in {
        "add_argument",
        "option",
        "add_option",
        "Parameter",
        "ParameterString",
    } or call.last.startswith("DEFINE_")


def _is_overridden(facts: Facts, file: File, one: Assign) -> bool:
    """Whether the value is a default: of a settings class, of a parameter that is given from outside, of a configurator."""
    if one.how == "field":
        return outside.has_settings_base(file, one.scope)
    if not _PLACE_FLAG.match(one.name):
        return False
    if one.how == "default":
        source = origin_of(facts, file, f"${one.name}", one.scope, one.line).source
        return source in {Source.ENVIRONMENT, Source.FLAG} or (
            source is Source.PARAMETER and bool(facts.imports(*_PIPELINES, files=[file]))
        )
    is_global = one.how == "name" and not one.scope
    return is_global and origin_of(facts, file, f"${one.name}", "", one.line + 1).source is Source.FLAG


def _judge_text(file: File, text: Text, overridden: dict[str, Evidence], found: Places) -> None:
    value = text.value.strip()
    place = file.at(text.line)
    if value in overridden:
        if not _LOCAL_DEFAULT.search(value) and not _ABSOLUTE.search(value):
            found.defaults.append(overridden[value])
            found.shown[overridden[value]] = value
        return
    found.literals.append(place)
    found.shown[place] = value
    whole = _URL.search(value) or _BUCKET.search(value) or _ADDRESS.search(value)
    if whole and "{" not in value and not _LOCAL_DEFAULT.search(value):
        found.elsewhere.append(place)


def bound(facts: Facts, found: Places) -> list[Evidence]:
    """Servers that code starts on an address of its own: where nothing else is set, that one cannot be set either."""
    starts = [
        file.at(call.line)
        for file, call in facts.calls("*.run", "*.serve", "*.launch", files=facts.scripts)
        if call.kwargs.get("host") == "0.0.0.0"  # noqa: S104  # nosec B104 - a text that is compared
    ]
    found.shown.update(dict.fromkeys(starts, "host=0.0.0.0"))
    return starts


def _is_placed(value: str) -> bool:
    """Whether the text names a place that another environment would have elsewhere."""
    if len(value) > 200 or " " in value.strip() or "\n" in value:
        return bool(_ABSOLUTE.search(value)) and "\n" not in value and len(value) < 120 and "\\" in value
    if _ADDRESS.search(value) or _BUCKET.search(value) or _CLOUD.search(value):
        return not re.search(r"://\{|public|example", value)
    if _URL.search(value):
        return not (_PUBLIC.search(value) or _DOCUMENT.search(value)) and not re.match(r"^\w+://\{[^}]*\}", value)
    return bool(_ABSOLUTE.search(value) or _HOST_PORT.match(value))


_PIPELINES = (
    "kfp",
    "prefect",
    "sagemaker",
    "zenml",
    "dagster",
    "airflow",
    "metaflow",
    "flytekit",
    "azure.ai.ml",
    "kedro",
)
_EVERYWHERE = ("0.0.0.0", "127.0.0.1", "localhost", "", 0)  # noqa: S104  # nosec B104 - texts that are compared
_PLACE_ARGUMENTS = dict.fromkeys(
    "port server_port host region_name region bucket Bucket project bucket_name container_name bootstrap_servers location".split()
).keys()
# methods that open a bucket or container by its name -> what their own name looks like
_OPENS_BUCKET = {
    "get_container_client": r"", "get_bucket": r"", "Bucket": r"s3|resource|boto", "bucket": r"client|storage|gcs",
}  # fmt: skip
_STARTS = {"run", "launch", "serve", "HTTPServer", "run_server", "start_server", "run_simple", "TCPServer"}


def _judge_call(facts: Facts, file: File, call: Call, found: Places) -> None:
    """Ports, hosts, regions and devices that are arguments."""
    for name in _PLACE_ARGUMENTS:
        value: Any = call.kwargs.get(name)
        if value is None or isinstance(value, bool) or value in _EVERYWHERE:
            continue
        if (
            name in {"port", "host", "server_port"}
            and call.last not in _STARTS
            and not re.search(r"connect|client|Client|Redis|engine|Service|server", call.name)
        ):
            continue
        source = origin_of(facts, file, value, call.scope, call.line).source
        if source in SETTABLE:
            found.settable.append(file.at(call.line))
        elif source is Source.CONFIG_FILE:
            found.files.append(file.at(call.line))
        elif (
            source is Source.LITERAL
            and (not isinstance(value, str) or not value.startswith("$"))
            and _is_telling(name, value)
        ):
            found.literals.append(file.at(call.line))
            found.shown[file.at(call.line)] = f"{name}={value}"
    if call.last in _OPENS_BUCKET and call.args and re.search(_OPENS_BUCKET[call.last], call.name):
        bucket = origin_of(facts, file, call.args[0], call.scope, call.line)
        if bucket.source is Source.LITERAL and isinstance(bucket.literal, str):
            _note_owner(file, call.line, bucket.literal, found, literal=True)
    device = call.argument(0)
    fixed = (call.last == "cuda" and not call.args) or (
        call.last in {"device", "to"} and isinstance(device, str) and re.match(r"^cuda(:\d+)?$", device)
    )
    if fixed and not facts.once(_chooses_device):
        found.literals.append(file.at(call.line))
        found.shown[file.at(call.line)] = "cuda"


def _chooses_device(facts: Facts) -> bool:
    """Whether the system finds out, or is told, which device there is."""
    flags = facts.calls("*.add_argument", "click.option", "*.option", "*.DEFINE_*")
    asked = facts.calls(
        "*.is_available", "*.device_count", "*.list_physical_devices", "*.get_available_gpus", "*.auto_device"
    )
    return bool(asked) or any(re.search(r"device|cuda|gpu", str(one)) for _, call in flags for one in call.args[:3])


def _is_telling(name: str, value: Any) -> bool:  # noqa: ANN401
    return not (name in {"location", "region", "project"} and not re.match(r"^[\w-]{3,}$", str(value)))


_CLOUD_IDS = expression(
    r"(^|_)(ZONE|REGION|CLUSTER|PROJECT|PROJECT_ID|ACCOUNT|ACCOUNT_ID|RESOURCE_GROUP|BUCKET|REGISTRY)$", re.IGNORECASE
)


def _deployed(facts: Facts, found: Places) -> None:
    """Flags of the servers that images start, variables of Terraform; where code reads nothing, what CI writes down."""
    if not found.settable:
        for file, leaf in facts.leaves(
            r"(^|/)\.github/workflows/|gitlab-ci|azure-pipelines|cloudbuild", "**", "env", "*"
        ):
            if _CLOUD_IDS.search(leaf.keys[-1]) and leaf.text and "$" not in leaf.text:
                found.files.append(file.at(leaf.line))
                found.shown[file.at(leaf.line)] = f"{leaf.keys[-1]}: {leaf.text[:60]}"
    for file in facts.dockerfiles:
        for one in file.facts.instructions:
            if one.name in {"CMD", "ENTRYPOINT"} and re.search(r"--(port|host|bind)|\$\{?PORT", one.value):
                found.settable.append(file.at(one.line))
    settings = [one.place for one in starts.of(facts) if re.search(r"--(port|host|bind)[= ][\"']?\$", one.command)]
    found.settable.extend(settings)
    for file, line, text in facts.signals("terraform-block", r"^\s*variable\b"):
        if _PLACE_FLAG.match(re.sub(r'.*"(\w+)".*', r"\1", text)):
            found.settable.append(file.at(line))
    for file, leaf in facts.leaves(r"\.properties$|application[^/]*\.ya?ml$"):
        if re.search(r"\$\{[A-Z_]+", leaf.text):
            found.settable.append(file.at(leaf.line))
        elif (
            (_URL.search(leaf.text) and not _PUBLIC.search(leaf.text))
            or _HOST_PORT.match(leaf.text)
            or _ABSOLUTE.search(leaf.text)
            or _BUCKET.search(leaf.text)
            or str(leaf.keys[-1]).lower() in _PLACE_KEYS
        ):
            found.files.append(file.at(leaf.line))
            found.shown[file.at(leaf.line)] = leaf.text[:80]


_CONFIG_FILES = r"(^|/)(conf(ig)?s?|settings|environments?|env)/[^.][^/]*\.(ya?ml|toml|json|ini|cfg)$|(^|/)[^/]*(config|settings|params|prod|dev|staging)[^/]*\.(ya?ml|toml|json|ini|cfg)$"
_NOT_CONFIG = expression(
    r"package|tsconfig|(^|/)\.(?!env)|angular|babel|jest|mkdocs|docker-compose|node_modules|cypress|eslint|kustomization|Chart",
    re.IGNORECASE,
)


_PLACE_KEYS = frozenset({"host", "port", "region", "bucket", "s3_bucket", "project_id", "project", "aws_region"})


def _configured(facts: Facts, found: Places) -> None:
    for file, leaf in _config_leaves(facts):
        if _is_placed(leaf.text) or (str(leaf.keys[-1]).lower() in _PLACE_KEYS and leaf.text and "$" not in leaf.text):
            found.files.append(file.at(leaf.line))
            found.shown[file.at(leaf.line)] = leaf.text[:80]


def _config_leaves(facts: Facts) -> Iterator[tuple[File, Any]]:
    paths = {file.path for file in facts.named(_CONFIG_FILES) if not _NOT_CONFIG.search(file.path)}
    for file, leaf in facts.leaves(_CONFIG_FILES):
        if file.path in paths and leaf.keys:
            yield file, leaf
