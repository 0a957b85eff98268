"""One use of a backing service, how it is located, and what that is worth."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import TYPE_CHECKING

import msgspec

from apps.analysis.code.origins import SETTABLE, Origin, Source
from apps.analysis.expressions import expression

if TYPE_CHECKING:
    from apps.analysis.findings import Evidence
    from apps.analysis.services.clients import Kind


class Located(StrEnum):
    """How a service is found, the best first."""

    ATTACHED = "attached"  # by the environment, a flag, a parameter, a deploy-time value, or the client's own login
    FALLBACK = "fallback"  # by the environment, with a default that names one particular host, bucket or project
    MIXED = "mixed"  # by the environment for some callers, by literals of others
    CONFIG = "config"  # by a tracked config file
    LOCAL_SET = "local-set"  # a local path that is given by a flag or the environment
    HARDCODED = "hardcoded"
    LOCAL = "local"  # a local path in the code
    UNTOLD = "untold"


MET = frozenset({Located.ATTACHED})
PARTIAL = frozenset({Located.FALLBACK, Located.MIXED, Located.CONFIG, Located.LOCAL_SET})
UNMET = frozenset({Located.HARDCODED, Located.LOCAL})


class Use(msgspec.Struct, frozen=True):
    """`places` begin with the one that decides; `value` is the literal or the default, if there is one."""

    kind: Kind
    service: str
    located: Located
    places: tuple[Evidence, ...]
    value: str = ""


_HERE = expression(
    r"localhost|127\.0\.0\.1|0\.0\.0\.0|host\.docker\.internal|::1|:memory:|example\.(?:com|org)|your[-_]|<|(?:change|replace)[-_]?me\b|^$",
    re.IGNORECASE,
)
# Interfaces that a vendor offers to everybody, who then is known by a key.
_OFFERED = expression(
    r"^https://(?:(?:api|cloud|us|eu|app)\.)+(?:langfuse|smith\.langchain|wandb|openai|anthropic|mistral|groq|cohere|comet|neptune|posthog|helicone|pinecone|qdrant|logfire)\.(?:com|ai|io|dev)(?:[/:]|$)"
)
_SCHEME = expression(r"^[\w+.-]+:(?:\w+:)*//(?:[^/@]*@)?")


def is_harmless(default: str | None) -> bool:
    """Whether a default binds to nothing in particular: this machine, a neighbour in compose, a placeholder, a vendor's
    interface for everybody."""
    if default is None or _HERE.search(default) or _OFFERED.match(default):
        return True
    host = _SCHEME.sub("", default)
    if re.match(r"^(?:s3[an]?|gs|gcs|wasbs?|abfss?)://", default):
        return False
    return "." not in re.split(r"[/:?,]", host)[0] or default.startswith(("sqlite", ".", "/", "file:"))


def located_by(origin: Origin) -> Located:
    if origin.mixed:
        return Located.MIXED
    if origin.source in SETTABLE:
        local = origin.literal is not None and origin.source is Source.PARAMETER and "/" in origin.literal
        if local and "://" not in str(origin.literal):
            return Located.LOCAL_SET
        return Located.ATTACHED if is_harmless(origin.literal) else Located.FALLBACK
    return {
        Source.CONFIG_FILE: Located.CONFIG,
        Source.LITERAL: Located.HARDCODED,
        Source.LOCAL_PATH: Located.LOCAL,
    }.get(origin.source, Located.UNTOLD)
