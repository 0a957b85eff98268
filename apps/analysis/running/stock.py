"""Services of compositions that run an image of others with the repository's code mounted into it."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from apps.analysis.expressions import expression
from apps.analysis.kept import kept
from apps.analysis.paths import with_outer
from apps.analysis.running.starts import own_services

if TYPE_CHECKING:
    from apps.analysis.repository import Facts
    from apps.analysis.running.compose import Service

# Images that hold a language, a framework or an orchestrator.
RUNTIME_IMAGE = expression(
    r"^(docker\.io/|quay\.io/)?(python|node|golang|openjdk|eclipse-temurin|r-base|(rocker|continuumio|pytorch|tensorflow|nvidia|jupyter|huggingface)/[\w-]+"
    r"|(apache|bitnami|puckel)/(docker-)?(airflow|spark|spark-py|flink|beam_\w+)|astronomer/astro-runtime|prefecthq/prefect|mageai/mageai|rayproject/ray(-ml)?)(:|@|$)"
)


@kept
def with_code_mounted(facts: Facts) -> list[Service]:
    """One by one the services whose volumes hold code of the repository."""
    return [
        service
        for service in own_services(facts)
        if RUNTIME_IMAGE.match(service.image)
        and service.context is None
        and any(keys[0] == "volumes" and _holds_code(facts, service, leaf.text) for keys, leaf in service.leaves)
    ]


def _holds_code(facts: Facts, service: Service, volume: str) -> bool:
    source = volume.partition(":")[0]
    if not source.startswith("."):
        return False
    return posixpath.normpath(posixpath.join(service.file.folder, source)) in facts.once(_with_code)


def _with_code(facts: Facts) -> frozenset[str]:
    """The scripts, and the folders above them."""
    folders = with_outer(file.folder for file in facts.scripts)
    return frozenset({".", *folders, *(file.path for file in facts.scripts)})
