"""Settings of the environment that configuration files write down, or take from outside."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from apps.analysis.code import names, outside
from apps.analysis.environment.placed import (
    ABSOLUTE,
    BUCKET,
    CLOUD_REGION,
    LOCAL_DEFAULT,
    OF_ONE_OWNER,
    TUNING,
    URL,
    Places,
    is_owned,
    is_placed,
)  # fmt: skip
from apps.analysis.expressions import expression
from apps.analysis.parameters import presets
from apps.analysis.paths import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from apps.analysis.facts.model import Leaf
    from apps.analysis.repository import Facts, File

_CONFIG_FILES = (
    r"(^|/)(conf(ig)?s?|settings|environments?|env)/([\w-]+/)*[^./][^/]*\.(ya?ml|toml|json|ini|cfg)$"
    r"|(^|/)[^/]*(config|settings|params|(?<![a-z])(prod(uction)?|dev|staging)(?![a-z]))[^/]*\.(ya?ml|toml|json|ini|cfg)$"
    r"|(^|/)(profiles|endpoints|feature_store)\.ya?ml$|\.properties$|(^|/)application[^/]*\.ya?ml$"
)
# Neither what tools read nor what attached services and deployments are configured by.
_NOT_CONFIG = expression(
    r"package|tsconfig|(^|/)\.(?!env)|angular|babel|jest|mkdocs|docker-compose|node_modules|cypress|eslint|kustomization|Chart"
    r"|(^|/)(airflow\.cfg$|supabase/config\.toml$|(prometheus|grafana|loki|promtail|alertmanager|otel|tempo|traefik|nginx|mosquitto)[^/]*$)",
    re.IGNORECASE,
)
_PLACE_KEYS = frozenset({"host", "port", "region", "bucket", "s3_bucket", "project_id", "project", "aws_region"})
_PATH_KEYS = expression(r"(^|_)(root|dir|directory|folder|path|file|home|data|datasets?|output|cache)s?$")
_WHOLE_PATH = expression(
    r"^/(?!api\b|v\d|health|metrics|static|docs|app/|opt/ml/)\w[\w.-]*(/[\w.-]+)+/?$", re.IGNORECASE
)
_SPRING = expression(r"(^|/)(application|bootstrap)[^/]*\.(properties|ya?ml)$")


def add(facts: Facts, found: Places) -> None:
    families = _per_environment(facts)
    for file, leaf in _config_leaves(facts):
        word = families.get(file.path)
        if word and _is_of(word, leaf.text):
            found.note(found.files, file.at(leaf.line), leaf.text, whole=True)
        else:
            _judge_leaf(facts, file, leaf, found)
    for file, leaf in facts.leaves(r"(^|/)\.dvc/config$", "*", "*", everywhere=True):
        if BUCKET.search(leaf.text) or leaf.keys[-1] == "endpointurl":
            found.note(found.files, file.at(leaf.line), leaf.text)


def _config_leaves(facts: Facts) -> Iterator[tuple[File, Leaf]]:
    paths = {file.path for file in facts.named(_CONFIG_FILES) if not _NOT_CONFIG.search(file.path)}
    paths -= {file.path for file in facts.named(_CONFIG_FILES) if file.once(_deploys)}
    for file, leaf in facts.leaves(_CONFIG_FILES):
        if file.path in paths and leaf.keys and leaf.text:
            yield file, leaf


# Values that a deployment hands to what it starts, which reads them from its environment.
_VALUES = expression(r"(^|/)values[^/]*\.ya?ml$|\.tfvars(\.json)?$")


def _deploys(file: File) -> bool:
    if _VALUES.search(file.path):
        return True
    first = {leaf.keys[0] for leaf in file.facts.leaves if len(leaf.keys) == 1}
    return {"apiVersion", "kind"} <= first


# --- a file for each environment --------------------------------------------------------------------------------------
_ENVIRONMENT = expression(r"(?<![a-z])(prod|stag|dev|local|test|qa|uat)[a-z]*(?=[^a-z]|$)", re.IGNORECASE)
_DEPLOYS = expression(
    r"(^|/)(k8s|kubernetes|helm\w*|charts?|terraform|infra\w*|deploy\w*|overlays|kustomize|ansible|\.github)(/|$)",
    re.IGNORECASE,
)


def _per_environment(facts: Facts) -> dict[str, str]:
    """The configuration files of which there is one for each environment, with the word that tells which."""
    families: dict[tuple[str, str], dict[str, str]] = {}
    for file in facts.named(_CONFIG_FILES):
        if file.kind not in {Kind.YAML, Kind.TOML, Kind.JSON, Kind.INI} or _DEPLOYS.search(file.path):
            continue
        stem = file.name.rpartition(".")[0]
        told = _ENVIRONMENT.search(stem)
        if told and not _NOT_CONFIG.search(file.path):
            family = (file.folder, stem[: told.start()] + stem[told.end() :])
            families.setdefault(family, {})[file.path] = told.group(1).lower()
    return {
        path: word
        for words in families.values()
        if len(set(words.values())) > 1 and {"prod", "stag"} & set(words.values())
        for path, word in words.items()
    }


def _is_of_production(file: File) -> bool:
    return bool(re.search(r"(?<![a-z])(prod|stag)", file.name)) and not _DEPLOYS.search(file.path)


def _is_of(word: str, text: str) -> bool:
    """Whether the text is a name with the environment's in it, not this word alone."""
    return bool(re.search(rf"(?<![a-z]){word}", text, re.IGNORECASE)) and not re.fullmatch(
        rf"{word}[a-z]*", text, re.IGNORECASE
    )


# --- values -----------------------------------------------------------------------------------------------------------
def _on_command_line(facts: Facts) -> bool:
    """Whether what reads the configuration lets the command line override each of its values."""
    return facts.once(names.Names).hydra or bool(facts.calls("*.LightningCLI", "*.from_cli", "*.from_dotlist"))


_TRACKER = expression(r"wandb|comet|neptune", re.IGNORECASE)


def _judge_leaf(facts: Facts, file: File, leaf: Leaf, found: Places) -> None:
    place, key = file.at(leaf.line), str(leaf.keys[-1]).rpartition(".")[2].lower()
    if outside.IN_CONFIG.search(leaf.text):
        if not TUNING.search(leaf.text):
            found.settable.append(place)
        return
    if _TRACKER.search(".".join(map(str, leaf.keys[:-1]))) or _TRACKER.search(file.name):
        return  # the name of what is tracked, wherever it runs
    owned = OF_ONE_OWNER.search(key) and is_owned(leaf.text)
    is_path = _PATH_KEYS.search(key) and _WHOLE_PATH.match(leaf.text)
    is_region = key == "location" and CLOUD_REGION.match(leaf.text)
    if leaf.text == "0.0.0.0":  # noqa: S104  # nosec B104 - a text that is compared
        return  # wherever it runs
    if "$" in leaf.text or not (owned or key in _PLACE_KEYS or is_path or is_region or is_placed(leaf.text)):
        return
    is_elsewhere = owned or (
        (URL.search(leaf.text) or BUCKET.search(leaf.text)) and not LOCAL_DEFAULT.search(leaf.text)
    )
    by_framework = bool(_SPRING.search(file.path))  # it takes each of these from the environment, by the same name
    if not by_framework and not facts.once(_on_command_line):
        if LOCAL_DEFAULT.search(leaf.text) and facts.once(presets.are_chosen):
            found.settable.append(place)  # of a file that a run may choose another one for
            return
        found.note(found.files, place, leaf.text, whole=_is_of_production(file))
        return
    found.settable.append(place)
    if is_elsewhere or (by_framework and ABSOLUTE.search(leaf.text)):
        found.note(found.defaults, place, leaf.text)
