"""Backing services as Python code reaches them."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import takewhile
from typing import TYPE_CHECKING

from apps.analysis import paths
from apps.analysis.code.by_line import assigned_from
from apps.analysis.code.names import Names
from apps.analysis.code.origins import Origin, Source, origin_of
from apps.analysis.expressions import expression
from apps.analysis.repository import places as places_of
from apps.analysis.services import monitors
from apps.analysis.services.clients import AWS, AWS_NAMES, CLIENTS, VARIABLES, Absent, Client, Kind
from apps.analysis.services.use import Located, Use, is_harmless, located_by

if TYPE_CHECKING:
    from apps.analysis.facts.model import Assign, Call, Define, Leaf
    from apps.analysis.findings import Evidence
    from apps.analysis.repository import Facts, File

# Assignments and dictionary keys that locate by themselves, whatever reads them.
_KEYS = (
    (Kind.DATABASE, "an SQL database", r"(^|\[)SQLALCHEMY_DATABASE_(URI|URL)\b"),
    (Kind.QUEUE, "Celery", r"(^|\.|\[)(CELERY_)?(broker_url|BROKER_URL)\b"),
    (Kind.QUEUE, "Kafka", r"^bootstrap\.servers$|^kafka\.bootstrap\.servers$"),
    (Kind.MONITORING, "Slack alerts", r"^(slack_)?webhook_url$"),
    (Kind.REGISTRY, "MLflow", r"environ\[MLFLOW_TRACKING_URI\]"),
)

# What lies in a folder of this machine, wherever its path comes from.
_ON_DISK = expression(r"SQLite|DuckDB|Chroma|FAISS|on disk|local")
# Services that are found by the name of a project, not by a host: any default names a particular one.
_OF_CLOUD = expression(r"Pub/Sub|BigQuery|Firestore|Snowflake")


def uses(facts: Facts) -> list[Use]:
    """Databases, registries, queues and monitoring; storage has a module of its own."""
    found = [use for client in CLIENTS for use in _calls(facts, client)]
    if not any(use.service == "the Vertex AI registry" for use in found):
        found = [use for use in found if use.service != "the Vertex AI project"]  # its pipelines are no registry
    found += _keys(facts)
    found += _aws(facts)
    seen = {(use.kind, use.service) for use in found}
    off = {_WANDB} if _is_switched_off(facts) else set()
    for client in CLIENTS:
        if client.modules and (client.kind, client.service) not in seen and client.service not in off:
            places = [file.at(line) for file, line in facts.imports(*client.modules)]
            if places and client.absent is Absent.ITSELF:
                found.append(Use(client.kind, client.service, Located.ATTACHED, tuple(places[:2])))
    return found + _mlflow(facts, found) + _reporting(facts, found) + monitors.uses(facts)


_WANDB = "Weights & Biases"


def _is_switched_off(facts: Facts) -> bool:
    """Whether the code turns the tracker off for all that it runs, though it imports it."""
    said = facts.assigns(r"^os\.environ\[WANDB_(DISABLED|MODE)\]$", files=facts.scripts)
    return any(str(one.value).lower() in {"true", "1", "disabled", "offline"} for _, one in said)


# What a client takes for the workspace that it is logged in to.
_BY_LOGIN = expression(r"^databricks(-uc)?(://[\w:-]*)?$")


def _is_particular(default: str | None) -> bool:
    return bool(default) and not re.search(r"^(your|my|test|local|default|example|<)", str(default), re.IGNORECASE)


def _own_names(facts: Facts) -> frozenset[str]:
    """Classes of the repository itself, which may be called like those of a client library."""
    return frozenset(one.name for _, one in facts.defines("", where=_is_class))


def _is_class(_: File, one: Define) -> bool:
    return one.kind == "class"


def _calls(facts: Facts, client: Client) -> list[Use]:
    found = []
    own = facts.once(_own_names)
    for file, call in facts.calls(*client.calls):
        if call.last in own or (client.service == monitors.MAIL and not monitors.alerts(file, call)):
            continue
        origin = _locating(facts, file, call, client)
        here = file.at(call.line)
        if origin is None:
            tables = facts.once(_named_tables) if client.service == "BigQuery" else []
            if tables:
                found.append(Use(client.kind, client.service, Located.HARDCODED, (tables[0], here)))
            elif client.absent is not Absent.NOTHING:
                located = Located.ATTACHED if client.absent is Absent.ITSELF else Located.HARDCODED
                found.append(Use(client.kind, client.service, located, (here,)))
            continue
        if re.search(r"tempfile|^/opt/ml", origin.literal or ""):
            continue
        located = Located.ATTACHED if _BY_LOGIN.match(origin.literal or "") else located_by(origin)
        if client.soft:
            located = _softened(located, call, origin)
        elif located is Located.ATTACHED and _OF_CLOUD.search(client.service) and _is_particular(origin.literal):
            located = Located.FALLBACK
        elif located is Located.ATTACHED and origin.source is Source.PARAMETER and _ON_DISK.search(client.service):
            located = Located.LOCAL_SET
        if located in {Located.HARDCODED, Located.LOCAL}:
            located = _written(facts, file, call, client, origin) or located
        found.append(Use(client.kind, client.service, located, _places(origin, here), origin.literal or ""))
    return found


def _written(facts: Facts, file: File, call: Call, client: Client, origin: Origin) -> Located | None:
    """What a literal is, if more than one: a default, the place of a tracked file that locates, a path of this disk."""
    if _is_asked_before(file, call, client.kind):
        return Located.ATTACHED if is_harmless(origin.literal) else Located.FALLBACK
    if client.service == "Feast":
        return facts.once(_of_feature_stores)
    on_disk = _ON_DISK.search(client.service) and "://" not in (origin.literal or "")
    return Located.LOCAL if on_disk else None


_STORES = r"(^|/)feature_store\.ya?ml$"


def _of_feature_stores(facts: Facts) -> Located | None:
    """How the stores are found behind the file that a repository of Feast keeps; None where they lie on this disk."""
    leaves = facts.leaves(_STORES, "**")
    if any(re.search(r"\$\{\w+", leaf.text) for _, leaf in leaves):
        return Located.ATTACHED
    named = [leaf for _, leaf in leaves if leaf.keys[-1] in {"connection_string", "host", "project_id", "region"}]
    return Located.CONFIG if named or any("://" in leaf.text for _, leaf in leaves) else None


_ASKED_BEFORE = 6  # lines


def _is_asked_before(file: File, call: Call, kind: Kind) -> bool:
    """Whether the code looks a few lines before for a variable that locates the service, so that this is a default."""
    by_line = file.once(_calls_by_line)
    return any(
        expression(VARIABLES[kind]).search(str(other.argument(0)))
        for line in range(call.line - _ASKED_BEFORE, call.line + 1)
        for other in by_line.get(line, ())
        if other.scope == call.scope and other.name in {"os.getenv", "os.environ.get", "os.environ[]", "environ.get"}
    )


def _calls_by_line(file: File) -> dict[int, list[Call]]:
    found: dict[int, list[Call]] = {}
    for call in file.facts.code.calls if file.facts.code else ():
        found.setdefault(call.line, []).append(call)
    return found


_TABLE = expression(r"(^|[\s`])[a-z][a-z0-9]*(-[a-z0-9]+)+\.[A-Za-z_]\w*\.(\w+|\{[^}]*\})`?")


def _named_tables(facts: Facts) -> list[Evidence]:
    """Tables of BigQuery whose project the code names: then no client's login chooses where the data lies."""
    files = [file for file, _ in facts.imports("google.cloud.bigquery", files=facts.scripts)]
    texts = [(file, one.line) for file, one in facts.assigns("", files=files) if _TABLE.search(str(one.value))]
    texts += [(file, one.line) for file, one in facts.texts(_TABLE.pattern) if file in files]
    texts += [
        (file, call.line)
        for file, call in facts.calls("*", files=files)
        if any(_TABLE.search(str(arg)) for arg in call.args)
    ]
    return [file.at(line) for file, line in texts]


def _softened(located: Located, call: Call, origin: Origin) -> Located:
    """A project's name is no address: written into the code it is only half a fault."""
    if located in {Located.HARDCODED, Located.LOCAL}:
        return Located.HARDCODED if _is_key(call, origin) else Located.CONFIG
    return Located.ATTACHED if located is Located.FALLBACK else located


def _is_key(call: Call, origin: Origin) -> bool:
    return origin.literal is not None and origin.literal in (call.kwargs.get("api_key"), call.kwargs.get("key"))


def by_variables(facts: Facts) -> list[Use]:
    """Services that a variable of the environment locates by its name."""
    reads = [
        (file, call.line, call.argument(0), call)
        for file, call in facts.calls(
            "os.getenv",
            "os.environ.get",
            "os.environ[]",
            "environ.get",
            "decouple.config",
            "prettyconf.config",
            "envparse.env",
            "env",
            "env.str",
            "*.Variable.get",
        )
    ]
    found, in_slack = [], bool(facts.imports("slack_bolt"))
    for file, line, name, call in reads:
        for kind in _kinds_of(name) if isinstance(name, str) else ():
            if name.upper().startswith("SLACK_") and in_slack:
                continue  # people talk to the system there
            origin = origin_of(
                facts, file, f"${call.name}" + ("" if call.name.endswith("]") else "()"), call.scope, line
            )
            located = located_by(origin) if origin.settable else Located.ATTACHED
            found.append(Use(kind, f"`{name}`", located, (file.at(line),), origin.literal or ""))
    for file, define in facts.defines(r"Settings|Config"):
        if facts.once(Names).is_setting(file, define.name):
            found += [
                Use(
                    kind,
                    f"`{one.name}`",
                    Located.ATTACHED if is_harmless(_text(one.value)) else Located.FALLBACK,
                    (file.at(one.line),),
                    _text(one.value) or "",
                )
                for one in (file.facts.code.assigns if file.facts.code else ())
                if one.how == "field" and one.scope.rsplit(".", 1)[-1] == define.name
                for kind in _kinds_of(one.name)
            ]
    return found


@lru_cache(maxsize=4096)
def _kinds_of(variable: str) -> list[Kind]:
    return [kind for kind, pattern in VARIABLES.items() if expression(pattern, re.IGNORECASE).search(variable)]


def given_variables(facts: Facts, kind: Kind) -> list[Evidence]:
    """Where YAML, such as a workflow or a manifest, sets a variable that locates a service of the kind."""
    return [file.at(line) for file, told in facts.telling(_set_in_yaml, "own") for line in told.get(kind, ())]


def _set_in_yaml(file: File) -> dict[Kind, list[int]]:
    """The lines that set such variables, by the kind of service."""
    found: dict[Kind, list[int]] = {}
    for leaf in file.facts.leaves if file.kind is paths.Kind.YAML else ():
        if leaf.keys and leaf.keys[-1].isupper():
            for kind, pattern in VARIABLES.items():
                if expression(pattern).search(leaf.keys[-1]):
                    found.setdefault(kind, []).append(leaf.line)
    return found


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and not value.startswith("$") else None


def _places(origin: Origin, here: Evidence) -> tuple[Evidence, ...]:
    return (origin.place, here)


def _locating(facts: Facts, file: File, call: Call, client: Client) -> Origin | None:
    """Where the argument comes from that says where the service is; None when no argument does."""
    given = [call.kwargs[name] for name in client.names if call.kwargs.get(name) not in (None, "")]
    if not given and 0 <= client.position < len(call.args):
        given = [call.args[client.position]]
    if "**" in client.names and isinstance(call.kwargs.get("**"), str):
        given = [*_unpacked(file, call, client), *given]
    for value in given:
        if value in {":memory:", "sqlite://", "sqlite:///:memory:"} if isinstance(value, str) else False:
            return None
        origin = origin_of(facts, file, value, call.scope, call.line)
        if origin.source is not Source.UNKNOWN or len(given) == 1:
            return origin
    return None


def _unpacked(file: File, call: Call, client: Client) -> list[object]:
    """Values by which a dictionary locates that the call unpacks: `connect(**self.database)`."""
    start = file.once(_dictionaries).get(str(call.kwargs["**"]))
    if start is None:
        return []
    beside = takewhile(lambda one: one.line <= start.line + 12, assigned_from(file, start.scope, start.line))
    return [one.value for one in beside if one.how == "key" and one.name in client.names]


def _dictionaries(file: File) -> dict[str, Assign]:
    """The first dictionary that each name is given."""
    assigns = file.facts.code.assigns if file.facts.code else []
    return {f"${one.name}": one for one in reversed(assigns) if one.value == "$?"}


def _keys(facts: Facts) -> list[Use]:
    found = []
    for kind, service, pattern in _KEYS:
        for file, one in facts.assigns(pattern):
            if one.value in (None, ""):
                continue
            origin = origin_of(facts, file, one.value, one.scope, one.line)
            found.append(
                Use(kind, service, located_by(origin), _places(origin, file.at(one.line)), origin.literal or "")
            )
    return found


def _aws(facts: Facts) -> list[Use]:
    found = []
    for file, call in facts.calls(
        "boto3.client", "boto3.resource", "*.session.client", "boto3.Session().client", "*.Session().resource"
    ):
        kind = AWS.get(str(call.argument(0, "service_name")))
        if kind is None or kind is Kind.STORAGE:
            continue
        named = [
            origin_of(facts, file, other.kwargs[name], other.scope, other.line)
            for other in (file.facts.code.calls if file.facts.code else ())
            for name in AWS_NAMES.get(kind, ())
            if name in other.kwargs
        ]
        if kind is Kind.DATABASE and str(call.args[:1]) == "['dynamodb']":
            named += [
                origin_of(facts, file, other.args[0], other.scope, other.line)
                for _, other in facts.calls("*.Table", files=[file])
                if other.args
            ]
        service = f"AWS {call.argument(0, 'service_name')}"
        for origin in named or [Origin(Source.ENVIRONMENT, file.at(call.line))]:
            located = (
                Located.CONFIG if origin.source is Source.LITERAL and kind is Kind.MONITORING else located_by(origin)
            )
            found.append(Use(kind, service, located, _places(origin, file.at(call.line)), origin.literal or ""))
    return found


def _mlflow(facts: Facts, found: list[Use]) -> list[Use]:
    """Without an address in the code the client takes MLFLOW_TRACKING_URI; its default is a local one. DagsHub sets it."""
    if any(use.service in {"MLflow", "DagsHub"} and use.located is not Located.UNTOLD for use in found):
        return []
    places = [file.at(call.line) for file, call in facts.calls("mlflow.*")]
    places = places or [file.at(line) for file, line in facts.imports("mlflow")]
    if not places:
        return []
    named = [file.at(leaf.line) for file in facts.own if file.facts.leaves for leaf in file.once(_of_tracking)]
    named += [file.at(one.line) for file, one in facts.commands(r"MLFLOW_TRACKING_URI|mlflow server|--tracking-uri")]
    named += [
        file.at(one.line)
        for file in facts.dockerfiles
        for one in file.facts.instructions
        if "MLFLOW_TRACKING_URI" in one.value
    ]
    return [Use(Kind.REGISTRY, "MLflow", Located.ATTACHED, (*named[:2], *places[:2]))]


def _of_tracking(file: File) -> list[Leaf]:
    name = "MLFLOW_TRACKING_URI"
    return [one for one in file.facts.leaves if name in ".".join(one.keys) or name in one.text]


def _reporting(facts: Facts, found: list[Use]) -> list[Use]:
    """Trackers that a trainer is told to report to by name; their client takes its login from the environment."""
    seen = {use.service for use in found}
    uses = []
    for word, service in (
        ("wandb", "Weights & Biases"),
        ("comet_ml", "Comet"),
        ("mlflow", "MLflow"),
        ("neptune", "Neptune"),
        ("clearml", "ClearML"),
    ):
        if service in seen:
            continue
        for file, call in facts.calls("*Arguments", "*Config", "*Trainer", "*Accelerator"):
            told = call.kwargs.get("report_to", call.kwargs.get("log_with"))
            if told is None:
                continue
            chosen = origin_of(facts, file, told, call.scope, call.line).literal  # the default of a flag
            if word in f"{told} {chosen}":
                uses.append(Use(Kind.REGISTRY, service, Located.ATTACHED, (file.at(call.line),)))
                break
        else:
            told = places_of(facts.commands(rf"--report[_-]to[= ]\S*{word}\b"))
            uses += [Use(Kind.REGISTRY, service, Located.ATTACHED, tuple(told[:1]))] if told else []
    return uses
