"""Settings that differ between environments: hosts, ports, paths, regions, buckets, devices; set from outside or not."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from apps.analysis import services
from apps.analysis.code import names, outside, overrides
from apps.analysis.code.origins import SETTABLE, Source, origin_of
from apps.analysis.environment import elsewhere, files
from apps.analysis.environment.placed import (
    ABSOLUTE,
    ADDRESS,
    BUCKET,
    CLOUD_REGION,
    COMPOSED,
    LOCAL_DEFAULT,
    MANY_REGIONS,
    OF_ONE_OWNER,
    PLACE_FLAG,
    REGION,
    THIRD_PARTY,
    TO_FILL,
    TUNING,
    URL,
    Places,
    is_of_cloud,
    is_owned,
    is_placed,
    note_owner,
)
from apps.analysis.expressions import expression
from apps.analysis.paths import Kind
from apps.analysis.running import servers
from apps.analysis.running.server import Port

if TYPE_CHECKING:
    from apps.analysis.facts.model import Assign, Call, Text
    from apps.analysis.findings import Evidence
    from apps.analysis.repository import Facts, File


def of(facts: Facts) -> Places:
    found = Places()
    only_notebooks = facts.profile.trains.holds and all(
        by_path.kind is Kind.NOTEBOOK
        for place in facts.profile.trains.evidence
        if (by_path := facts.by_path.get(place.path))
    )
    filled = {path for path, _ in overrides.entries(facts)}
    for file in facts.code if only_notebooks or not facts.scripts else facts.scripts:
        if (file.once(_tells) or file.path in filled) and not file.path.startswith(".github/"):
            _read(facts, file, found)
    _attached(facts, found)
    elsewhere.add(facts, found)
    files.add(facts, found)
    return found


def _attached(facts: Facts, found: Places) -> None:
    """Buckets and hosts that are given by their name, which is no address; ports of servers."""
    for kind in (services.Kind.STORAGE, services.Kind.DATABASE, services.Kind.QUEUE, services.Kind.REGISTRY):
        for use in services.uses(facts, kind):
            if use.service == "a public data set":
                continue  # its value is the function that fetches it
            is_bucket = use.service in {"S3", "Google Cloud Storage"} and is_owned(use.value)
            if use.located is services.Located.HARDCODED and (is_bucket or re.match(_HOST, use.value)):
                found.note(found.literals, use.places[0], use.value, whole=is_bucket)
            elif use.located is services.Located.FALLBACK and is_bucket:
                found.note(found.defaults, use.places[0], use.value, whole=True)
    for server in servers.of(facts):
        if server.start is None and server.port is Port.LITERAL:
            found.note(found.literals, server.place, f"the port of {server.program}", whole=True)
        elif server.start is None and server.port is Port.ENVIRONMENT:
            found.settable.append(server.place)


def _read(facts: Facts, file: File, found: Places) -> None:
    overridden = _overridden(facts, file, found)
    entries = overrides.entries(facts)
    flags = {call.line for call in file.once(_given_from_outside) if _is_flag(call)}
    for text in file.once(_placed):
        if text.line in flags:  # a default that a call makes: `default=expanduser("~/data")`
            overridden.setdefault(text.value.strip(), file.at(text.line))
        if text.scope and outside.has_settings_base(file, text.scope):  # an entry of a field
            overridden.setdefault(text.value.strip(), file.at(text.line))
        if (file.path, text.line) in entries:
            overridden[text.value.strip()] = file.at(text.line)
            found.settable.append(file.at(text.line))
        _judge_text(file, text, overridden, found)
    for text in file.once(_composed):
        source = origin_of(facts, file, text.value, text.scope, text.line).source
        among = found.settable if source in SETTABLE else found.files if source is Source.CONFIG_FILE else []
        among.append(file.at(text.line))
    for call in file.once(_placing):
        _judge_call(facts, file, call, found)


def _tells(file: File) -> bool:
    return any(map(file.once, (_given_from_outside, _naming, _placed, _composed, _placing)))


def _placed(file: File) -> list[Text]:
    """Texts that name a place which another environment would have elsewhere."""
    texts = file.facts.code.texts if file.facts.code else []
    if sum(bool(REGION.match(text.value)) for text in texts) >= MANY_REGIONS:
        texts = [text for text in texts if not REGION.match(text.value)]  # a table of all regions chooses none
    if _DOWNLOADS.search(file.path):  # public data lies at the same address for everybody
        texts = [text for text in texts if not URL.match(text.value) or is_of_cloud(text.value)]
    texts = [text for text in texts if is_placed(text.value.strip())]
    shown = _examples(file) if texts else set()
    return [text for text in texts if text.line not in shown]


_EXAMPLES = frozenset({"example", "examples", "openapi_examples"})


def _examples(file: File) -> set[int]:
    """Lines of fields and parameters that show their readers what a value may look like."""
    calls = file.facts.code.calls if file.facts.code else []
    shown = [call for call in calls if not _EXAMPLES.isdisjoint(call.kwargs) and "default" not in call.kwargs]
    return {line for call in shown for line in range(call.line, call.line + call.span + 1)}


_DOWNLOADS = expression(r"(^|/)(down_?load|fetch)[\w-]*\.(py|ipynb)$", re.IGNORECASE)


def _composed(file: File) -> list[Text]:
    """Addresses whose host is a variable."""
    texts = file.facts.code.texts if file.facts.code else []
    return [text for text in texts if COMPOSED.match(text.value)]


def _placing(file: File) -> list[Call]:
    """Calls whose arguments may say where something is."""
    calls = file.facts.code.calls if file.facts.code else []
    return [
        call
        for call in calls
        if call.last in {"cuda", "device", "to", "get_container_client"} or not _PLACE_ARGUMENTS.isdisjoint(call.kwargs)
    ]


def _given_from_outside(file: File) -> list[Call]:
    """Calls that read a variable of the environment or declare a flag."""
    calls = file.facts.code.calls if file.facts.code else []
    return [call for call in calls if _is_flag(call) or _reads(call) or outside.is_setting(file, call)]


def _naming(file: File) -> list[Assign]:
    """Assignments whose name, or class of settings, tells that they hold a place or what one owner has named."""
    assigns = file.facts.code.assigns if file.facts.code else []
    return [
        one
        for one in assigns
        if (one.how == "field" and outside.has_settings_base(file, one.scope))
        or PLACE_FLAG.match(one.name)
        or OF_ONE_OWNER.search(one.name)
        or _SETS.match(one.name)
        or one.name == "ALLOWED_HOSTS"
    ]


def _overridden(facts: Facts, file: File, found: Places) -> dict[str, Evidence]:
    """The defaults of environment variables, flags and settings in `file`; what reads them is settable."""
    entries = overrides.entries(facts)
    defaults = {
        value: file.at(call.line)
        for call in (file.facts.code.calls if entries and file.facts.code else ())
        if (file.path, call.line) in entries
        for value in call.kwargs.values()
        if isinstance(value, str)
    }
    found.settable += [place for value, place in defaults.items() if is_placed(value)]
    for call in file.once(_given_from_outside):
        reads, takes = _reads(call), _is_flag(call)
        name = str(next((one for one in call.args if isinstance(one, str)), ""))
        placed = next((one for one in call.args[:3] if isinstance(one, str) and PLACE_FLAG.match(one)), "")
        if takes and placed:
            found.note_flag(file.at(call.line), placed, call.kwargs.get("default"), required=_is_required(call, placed))
        elif reads and not takes and not TUNING.search(name) and file.kind is Kind.PYTHON:
            found.settable.append(file.at(call.line))
        positional = call.args if outside.is_setting(file, call) else call.args[1:]
        given = [*positional, call.kwargs.get("default")]
        defaults |= {value: file.at(call.line) for value in given if isinstance(value, str)}
        if OF_ONE_OWNER.search(name):
            note_owner(file, call.line, next((one for one in reversed(given) if isinstance(one, str)), ""), found)
    for one in file.once(_naming):
        if _is_overridden(facts, file, one):
            if PLACE_FLAG.match(one.name):
                found.note_flag(file.at(one.line), one.name, one.value)
            values = one.value if isinstance(one.value, list) else [one.value]
            defaults |= {str(value): file.at(one.line) for value in values}
            if OF_ONE_OWNER.search(one.name):
                note_owner(file, one.line, str(one.value), found)
        elif one.how == "key" and _SETS.match(one.name) and isinstance(one.value, str) and one.value[:1] != "$":
            found.note(found.literals, file.at(one.line), f"{one.name} = {one.value}")
        elif one.name == "ALLOWED_HOSTS" and _is_written(one.value):
            found.note(found.literals, file.at(one.line), f"ALLOWED_HOSTS = {one.value}")
        elif one.how == "name" and not one.scope and OF_ONE_OWNER.search(one.name) and isinstance(one.value, str):
            note_owner(file, one.line, one.value, found, literal=True)
    return defaults


def _is_written(hosts: object) -> bool:
    """Whether the code says under which hosts Django answers: without any it answers on the developer's machine only."""
    return isinstance(hosts, list) and not any(str(one).startswith("$") or one == "*" for one in hosts)


# Variables that code sets itself, to choose a device or a place.
_SETS = expression(
    r"^os\.environ\[(CUDA_VISIBLE_DEVICES|\w*_(HOST|PORT|REGION|UR[IL]|ENDPOINT|BUCKET|HOME|DIR|PROJECT))\]$"
)
# Calls by which a platform tells what it has given.
_TOLD = frozenset({"default_bucket", "get_execution_role", "get_caller_identity", "from_config"})


def _reads(call: Call) -> bool:
    """Whether the call reads a variable of the environment, or asks the platform."""
    if call.last in _TOLD and re.search(r"sagemaker|sess|Workspace|MLClient|^ws|sts", call.name):
        return True
    return _reads_environment(call.name)


@lru_cache(maxsize=1 << 14)
def _reads_environment(name: str) -> bool:
    return bool(outside.ENVIRONMENT.search(name if name.endswith("]") else f"{name}("))


_FLAGS = frozenset({"add_argument", "option", "add_option", "Option", "Argument", "Parameter", "ParameterString"})
_WIDGETS = frozenset({"text", "dropdown", "combobox", "get", "getArgument"})


def _is_flag(call: Call) -> bool:
    is_widget = call.last in _WIDGETS and "widgets." in call.name
    return call.last in _FLAGS or is_widget or call.last.startswith("DEFINE_")


def _is_required(call: Call, name: str) -> bool:
    """Whether nothing runs without the flag: it says so, or it stands without a dash."""
    return call.kwargs.get("required") is True or not name.startswith("-")


def _is_overridden(facts: Facts, file: File, one: Assign) -> bool:
    """Whether the value is a default: of a settings class, of a parameter that is given from outside, of a configurator."""
    if one.how == "field":
        parsed = facts.once(names.Names).parsed_classes and bool(PLACE_FLAG.match(one.name))
        return parsed or facts.once(names.Names).is_setting(file, one.scope)
    if not PLACE_FLAG.match(one.name):
        return False
    if one.how == "default":
        source = origin_of(facts, file, f"${one.name}", one.scope, one.line).source
        return source in {Source.ENVIRONMENT, Source.FLAG} or (source is Source.PARAMETER and file.imports(*_PIPELINES))
    is_global = one.how == "name" and not one.scope
    return is_global and origin_of(facts, file, f"${one.name}", "", one.line + 1).source is Source.FLAG


def _judge_text(file: File, text: Text, overridden: dict[str, Evidence], found: Places) -> None:
    value = text.value.strip()
    place = file.at(text.line)
    if value in overridden:
        is_open = LOCAL_DEFAULT.search(value) or TO_FILL.search(value)
        if not is_open and not ABSOLUTE.search(value) and not REGION.match(value):
            found.note(found.defaults, overridden[value], value)
        return
    whole = URL.search(value) or BUCKET.search(value) or ADDRESS.search(value)
    is_whole = bool(whole) and "{" not in value and not LOCAL_DEFAULT.search(value) and not THIRD_PARTY.search(value)
    found.note(found.literals, place, value, whole=is_whole)


def bound(facts: Facts, found: Places) -> list[Evidence]:
    """Servers that code starts on an address of its own: where nothing else is set, that one cannot be set either."""
    starts = [
        file.at(call.line)
        for file, call in facts.calls("*.run", "*.serve", "*.launch", files=facts.scripts)
        if call.kwargs.get("host") == "0.0.0.0"  # noqa: S104  # nosec B104 - a text that is compared
    ]
    found.shown.update(dict.fromkeys(starts, "host=0.0.0.0"))
    return starts


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
_HOST = r"^(localhost|\d+(\.\d+){3}|[a-z][\w-]*(\.[\w-]+){2,})(:\d+)?$"
_EVERYWHERE = ("0.0.0.0", "127.0.0.1", "localhost", "", 0)  # noqa: S104  # nosec B104 - texts that are compared
_PLACE_ARGUMENTS = dict.fromkeys(
    "port server_port host region_name region bucket Bucket project bucket_name container_name bootstrap_servers location "
    "subscription_id resource_group resource_group_name workspace_name account account_id".split()
).keys()
_TRACKER = expression(r"wandb|comet|neptune|swanlab|clearml|Task\.init")
_STARTS = {"run", "launch", "serve", "HTTPServer", "run_server", "start_server", "run_simple", "TCPServer"}


def _judge_call(facts: Facts, file: File, call: Call, found: Places) -> None:
    """Ports, hosts, regions and devices that are arguments."""
    for name in _PLACE_ARGUMENTS:
        value: Any = call.kwargs.get(name)
        if value is None or isinstance(value, bool) or value in _EVERYWHERE:
            continue
        if name == "project" and _TRACKER.search(call.name):
            continue  # runs are sorted by it, wherever they come from
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
            found.note(found.files, file.at(call.line), f"{name}={str(value).removeprefix('$')}")
        elif (
            source is Source.LITERAL
            and (not isinstance(value, str) or not value.startswith("$"))
            and _is_telling(name, value)
        ):
            found.note(found.literals, file.at(call.line), f"{name}={value}")
    if call.last == "get_container_client" and call.args:
        bucket = origin_of(facts, file, call.args[0], call.scope, call.line)
        if bucket.source is Source.LITERAL and isinstance(bucket.literal, str):
            note_owner(file, call.line, bucket.literal, found, literal=True)
    device = call.argument(0)
    fixed = (call.last == "cuda" and not call.args) or (
        call.last in {"device", "to"} and isinstance(device, str) and re.match(r"^cuda(:\d+)?$", device)
    )
    if fixed and not facts.once(_chooses_device):
        found.note(found.literals, file.at(call.line), "cuda")


def _chooses_device(facts: Facts) -> bool:
    """Whether the system finds out, or is told, which device there is."""
    flags = facts.calls("*.add_argument", "click.option", "*.option", "*.DEFINE_*")
    asked = facts.calls(
        "*.is_available", "*.device_count", "*.list_physical_devices", "*.get_available_gpus", "*.auto_device"
    )
    return bool(asked) or any(re.search(r"device|cuda|gpu", str(one)) for _, call in flags for one in call.args[:3])


def _is_telling(name: str, value: Any) -> bool:  # noqa: ANN401
    """Whether the value is a place of the cloud or of a project, no town and no word of a text."""
    if name in {"location", "region"}:
        return bool(CLOUD_REGION.match(str(value)))
    return name != "project" or bool(re.match(r"^[\w-]{3,}$", str(value)))
