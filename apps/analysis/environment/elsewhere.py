"""Settings of the environment outside of Python: other languages, deployment, scripts of the shell."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from apps.analysis.environment.placed import (
    ADDRESS,
    BUCKET,
    CLOUD_ACCOUNT,
    LOCAL_DEFAULT,
    PLACE_FLAG,
    PUBLIC,
    TUNING,
    Places,
    is_placed,
)  # fmt: skip
from apps.analysis.expressions import expression
from apps.analysis.foreign import languages
from apps.analysis.running import starts

if TYPE_CHECKING:
    from apps.analysis.repository import Facts


def add(facts: Facts, found: Places) -> None:
    _foreign(facts, found)
    _deployed(facts, found)
    _commanded(facts, found)


# Modules that keep the settings of each environment, of which a build takes one.
_PER_ENVIRONMENT = expression(r"(^|/)environments?/[\w.-]+$|(^|/)environment\.[\w.]*ts$", re.IGNORECASE)


# What only the server of a developer's machine reads, and what a framework says of its own build.
_OF_DEVELOPMENT = expression(r"(^|/)((vite|vue|webpack|craco)[\w.]{0,20}\.config\.[cm]?[jt]s|setupProxy\.[jt]s)$")
_OF_BUILD = expression(r"\bNODE_ENV\b|\benv\.(BASE_URL|MODE|DEV|PROD|SSR)\b")
_ASKS = expression(r"\?|\$\{")  # a question to somebody's public service


def _foreign(facts: Facts, found: Places) -> None:
    """What code in other languages reads from outside or spells out."""
    for file, line, text in [*facts.signals("environment"), *languages.compiled(facts, "environment")]:
        if not TUNING.search(text) and not _OF_BUILD.search(text):
            found.settable.append(file.at(line))
    found.settable.extend(file.at(line) for file, line in languages.place_flags(facts, PLACE_FLAG))
    for file, line, text in [*languages.paths(facts), *languages.addresses(facts), *languages.ports(facts)]:
        if _OF_DEVELOPMENT.search(file.path):
            continue
        found.note(found.files if _PER_ENVIRONMENT.search(file.path) else found.literals, file.at(line), text)
    for file, line, text in languages.cloud_places(facts):
        found.note(found.literals, file.at(line), text, whole=True)
    for file, line, text in languages.lines(facts, "asked-host"):
        found.note(found.literals, file.at(line), text.strip(), whole=True)
    for file, line, text in languages.urls(facts):
        if is_placed(text) and not _ASKS.search(text) and not _OF_DEVELOPMENT.search(file.path):
            among = found.files if _PER_ENVIRONMENT.search(file.path) else found.literals
            found.note(among, file.at(line), text, whole=among is found.literals and not LOCAL_DEFAULT.search(text))


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
                found.note(found.files, file.at(leaf.line), f"{leaf.keys[-1]}: {leaf.text[:60]}")
        for file, line, text in facts.signals(
            "terraform-default", r'^\s*(region|location|bucket|project\w*)\s*=\s*"[\w-]+"'
        ):
            found.note(found.files, file.at(line), text)
    for file in facts.dockerfiles:
        for one in file.facts.instructions:
            if one.name in {"CMD", "ENTRYPOINT"} and re.search(r"--(port|host|bind)|\$\{?PORT", one.value):
                among = found.settable if "$" in one.value else found.given
                among.append(file.at(one.line))
    settings = [one.place for one in starts.commanding(facts, _IS_TOLD)]
    found.settable.extend(settings)
    for file, line, text in facts.signals("terraform-block", r"^\s*variable\b"):
        if PLACE_FLAG.match(re.sub(r'.*"(\w+)".*', r"\1", text)):
            found.settable.append(file.at(line))


_IS_TOLD = r"--(port|host|bind)[= ][\"']?\$"

# --- what commands write down -----------------------------------------------------------------------------------------
_WORD = expression(r"[^\s\"'`=;|&<>(),\[\]]+")
_VERSIONS = frozenset({"==", ">=", "<=", "~=", "!="})  # what follows is the version of a package
_BUILDS = frozenset({"RUN", "CMD", "ENTRYPOINT"})


def _commanded(facts: Facts, found: Places) -> None:
    """Buckets, accounts, addresses and homes of one owner in scripts and in what images run."""
    scripts = [(file, one.line, one.text) for file, one in facts.commands(_TELLING)]
    images = [
        (file, one.line, one.value)
        for file in facts.dockerfiles
        for one in file.facts.instructions
        if one.name in _BUILDS
    ]
    for file, line, text in [*scripts, *images]:
        for one in _WORD.finditer(text):
            word, before = one.group(), text[max(one.start() - 2, 0) : one.start()]
            if "$" not in word and before not in _VERSIONS and _is_of_one_owner(word):
                found.note(found.literals, file.at(line), word, whole=True)


_TELLING = r"\d\.\d+\.\d+\.\d|://|amazonaws|azure|gcr\.io|pkg\.dev|[/\\](home|users|media|scratch|gpfs|lustre|beegfs|raid)[/\\]"
_HOME = expression(
    r"^(/home|/Users|/media|/scratch|/gpfs|/lustre|/beegfs|/raid|[A-Za-z]:[\\/]+Users)[\\/]+(?!(ubuntu|user|app|runner|jovyan|vscode|airflow)\b)[\w.-]+",
    re.IGNORECASE,
)
_OF_ALL = expression(r"169\.254\.|8\.8\.8\.8|public|example|^https?://\w+\.azure|aka\.ms", re.IGNORECASE)


def _is_of_one_owner(word: str) -> bool:
    told = BUCKET.search(word) or ADDRESS.search(word) or CLOUD_ACCOUNT.search(word) or _HOME.search(word)
    return bool(told) and not (_OF_ALL.search(word) or LOCAL_DEFAULT.search(word) or PUBLIC.search(word))
