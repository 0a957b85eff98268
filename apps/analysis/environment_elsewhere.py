"""Settings of the environment outside of Python: other languages, deployment, configuration files."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from apps.analysis import foreign, names, outside, starts
from apps.analysis.expressions import expression
from apps.analysis.placed import (
    BUCKET,
    LOCAL_DEFAULT,
    OF_ONE_OWNER,
    PLACE_FLAG,
    TUNING,
    URL,
    Places,
    is_owned,
    is_placed,
)  # fmt: skip

if TYPE_CHECKING:
    from collections.abc import Iterator

    from apps.analysis.facts.model import Leaf
    from apps.analysis.repository import Facts, File


def add(facts: Facts, found: Places) -> None:
    _foreign(facts, found)
    _deployed(facts, found)
    for file, leaf in _config_leaves(facts):
        _judge_leaf(facts, file, leaf, found)


# Modules that keep the settings of each environment, of which a build takes one.
_PER_ENVIRONMENT = expression(r"(^|/)environments?/[\w.-]+$|(^|/)environment\.[\w.]*ts$", re.IGNORECASE)


_ASKS = expression(r"\?|\$\{")  # a question to somebody's public service


def _foreign(facts: Facts, found: Places) -> None:
    """What code in other languages reads from outside or spells out."""
    for file, line, text in facts.signals("environment"):
        if not TUNING.search(text):
            found.settable.append(file.at(line))
    found.settable.extend(file.at(line) for file, line in foreign.place_flags(facts, PLACE_FLAG))
    for file, line, text in [*foreign.paths(facts), *foreign.addresses(facts), *foreign.ports(facts)]:
        found.note(found.files if _PER_ENVIRONMENT.search(file.path) else found.literals, file.at(line), text)
    for file, line, text in foreign.urls(facts):
        if is_placed(text) and not _ASKS.search(text):
            among = found.files if _PER_ENVIRONMENT.search(file.path) else found.literals
            found.note(among, file.at(line), text, whole=among is found.literals and not LOCAL_DEFAULT.search(text))


_CLOUD_IDS = expression(
    r"(^|_)(ZONE|REGION|CLUSTER|PROJECT|PROJECT_ID|ACCOUNT|ACCOUNT_ID|RESOURCE_GROUP|BUCKET|REGISTRY)$", re.IGNORECASE
)

_TERRAFORM_PLACE = r'^\s*(region|location|bucket|project\w*)\s*=\s*"[\w-]+"'


def _deployed(facts: Facts, found: Places) -> None:
    """Flags of the servers that images start, variables of Terraform; where code reads nothing, what CI writes down."""
    if not found.settable:
        for file, leaf in facts.leaves(
            r"(^|/)\.github/workflows/|gitlab-ci|azure-pipelines|cloudbuild", "**", "env", "*"
        ):
            if _CLOUD_IDS.search(leaf.keys[-1]) and leaf.text and "$" not in leaf.text:
                found.note(found.files, file.at(leaf.line), f"{leaf.keys[-1]}: {leaf.text[:60]}")
        for file, line, text in facts.signals(
            "terraform-default", r'^\s*(region|location|bucket|project\w*)\s*=\s*"[\w-]+"'
        ):
            found.note(found.files, file.at(line), text)
    for file in facts.dockerfiles:
        for one in file.facts.instructions:
            if one.name in {"CMD", "ENTRYPOINT"} and re.search(r"--(port|host|bind)|\$\{?PORT", one.value):
                found.settable.append(file.at(one.line))
    settings = [one.place for one in starts.of(facts) if re.search(r"--(port|host|bind)[= ][\"']?\$", one.command)]
    found.settable.extend(settings)
    for file, line, text in facts.signals("terraform-block", r"^\s*variable\b"):
        if PLACE_FLAG.match(re.sub(r'.*"(\w+)".*', r"\1", text)):
            found.settable.append(file.at(line))


# --- configuration files ----------------------------------------------------------------------------------------------
_CONFIG_FILES = (
    r"(^|/)(conf(ig)?s?|settings|environments?|env)/([\w-]+/)*[^./][^/]*\.(ya?ml|toml|json|ini|cfg)$"
    r"|(^|/)[^/]*(config|settings|params|prod|dev|staging)[^/]*\.(ya?ml|toml|json|ini|cfg)$"
    r"|(^|/)(profiles|endpoints|feature_store)\.ya?ml$|\.properties$|(^|/)application[^/]*\.ya?ml$"
)
_NOT_CONFIG = expression(
    r"package|tsconfig|(^|/)\.(?!env)|angular|babel|jest|mkdocs|docker-compose|node_modules|cypress|eslint|kustomization|Chart",
    re.IGNORECASE,
)
_PLACE_KEYS = frozenset({"host", "port", "region", "bucket", "s3_bucket", "project_id", "project", "aws_region"})


def _config_leaves(facts: Facts) -> Iterator[tuple[File, Leaf]]:
    paths = {file.path for file in facts.named(_CONFIG_FILES) if not _NOT_CONFIG.search(file.path)}
    for file, leaf in facts.leaves(_CONFIG_FILES):
        if file.path in paths and leaf.keys and leaf.text:
            yield file, leaf


def _on_command_line(facts: Facts) -> bool:
    """Whether what reads the configuration lets the command line override each of its values."""
    return facts.once(names.Names).hydra or bool(facts.calls("*.LightningCLI", "*.from_cli", "*.from_dotlist"))


def _judge_leaf(facts: Facts, file: File, leaf: Leaf, found: Places) -> None:
    place, key = file.at(leaf.line), str(leaf.keys[-1]).rpartition(".")[2].lower()
    if outside.IN_CONFIG.search(leaf.text):
        if not TUNING.search(leaf.text):
            found.settable.append(place)
        return
    owned = OF_ONE_OWNER.search(key) and is_owned(leaf.text)
    if "$" in leaf.text or not (owned or key in _PLACE_KEYS or is_placed(leaf.text)):
        return
    if not facts.once(_on_command_line):
        found.note(found.files, place, leaf.text)
        return
    found.settable.append(place)
    if owned or ((URL.search(leaf.text) or BUCKET.search(leaf.text)) and not LOCAL_DEFAULT.search(leaf.text)):
        found.note(found.defaults, place, leaf.text)
