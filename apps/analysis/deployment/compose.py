"""Compose services as they are written, base files and overlays apart."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec

from apps.analysis.expressions import expression
from apps.analysis.running.rollout import COMPOSE

if TYPE_CHECKING:
    from apps.analysis.facts.model import Leaf
    from apps.analysis.repository import Facts, File

# Images of servers that a system attaches to, not of its own processes.
ATTACHED = expression(
    r"(^|/)(postgres|postgresql|postgis|timescaledb|pgvector|mysql|mariadb|mongo|mongodb|redis|redis-stack\w*|valkey|keydb|memcached|rabbitmq|kafka|cp-kafka|redpanda|zookeeper|cp-zookeeper|nats|minio|mc|"
    r"localstack|elasticsearch|opensearch|qdrant|chroma|chromadb|weaviate|milvus|etcd|neo4j|cassandra|scylla|clickhouse|clickhouse-server|influxdb|couchdb|mosquitto|emqx|mssql|server|azurite|azure-sql-edge)([:@]|$)",
    re.IGNORECASE,
)


class Service(msgspec.Struct, frozen=True):
    """`leaves` are the service's values, their keys without `services` and the name."""

    file: File
    name: str
    line: int
    leaves: tuple[tuple[tuple[str, ...], Leaf], ...]

    def under(self, *keys: str) -> list[Leaf]:
        """The values below these keys, in the order of the file."""
        return [leaf for inner, leaf in self.leaves if inner[: len(keys)] == keys]

    def text(self, *keys: str) -> str:
        return " ".join(leaf.text for leaf in self.under(*keys))

    @property
    def image(self) -> str:
        return self.text("image")

    @property
    def build(self) -> list[Leaf]:
        return self.under("build")

    @property
    def context(self) -> str:
        """The folder that is built, relative to the compose file; "" when nothing is built."""
        plain = [leaf.text for inner, leaf in self.leaves if inner in {("build",), ("build", "context")}]
        return plain[0] if plain else ""

    @property
    def command(self) -> list[Leaf]:
        return [*self.under("entrypoint"), *self.under("command")]

    @property
    def ports(self) -> list[Leaf]:
        return self.under("ports")

    @property
    def environment(self) -> list[Leaf]:
        return self.under("environment")

    @property
    def healthcheck(self) -> list[Leaf]:
        return self.under("healthcheck")

    @property
    def volumes(self) -> list[Leaf]:
        return self.under("volumes")

    @property
    def replicas(self) -> list[Leaf]:
        return [*self.under("deploy", "replicas"), *self.under("scale")]

    @property
    def is_attached(self) -> bool:
        return not self.build and bool(ATTACHED.search(self.image))


def services(facts: Facts) -> list[Service]:
    return facts.once(_services)


def _services(facts: Facts) -> list[Service]:
    grouped: dict[tuple[str, str], list[tuple[File, Leaf]]] = {}
    for file, leaf in facts.leaves(rf"{COMPOSE}|(^|/)[\w-]*docker-compose[^/]*\.ya?ml$"):
        if len(leaf.keys) > 2 and leaf.keys[0] == "services":
            grouped.setdefault((file.path, leaf.keys[1]), []).append((file, leaf))
        elif len(leaf.keys) > 1 and leaf.keys[1] in {"image", "build", "command"}:  # compose files of version 1
            grouped.setdefault((file.path, leaf.keys[0]), []).append((file, leaf))
    return [_service(name, found) for (_, name), found in grouped.items()]


def _service(name: str, found: list[tuple[File, Leaf]]) -> Service:
    skipped = 2 if found[0][1].keys[0] == "services" else 1
    leaves = tuple((tuple(leaf.keys[skipped:]), leaf) for _, leaf in found)
    return Service(found[0][0], name, min(leaf.line for _, leaf in leaves), leaves)
