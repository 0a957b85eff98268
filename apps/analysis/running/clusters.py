"""What runs in a cluster: workloads of Kubernetes, and what charts' values say for their templates."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

import msgspec

from apps.analysis.expressions import expression
from apps.analysis.kept import kept
from apps.analysis.paths import Kind

if TYPE_CHECKING:
    from apps.analysis.facts.model import Leaf
    from apps.analysis.repository import Facts, File

# Images of services that a system attaches, not of its own processes.
ATTACHED = expression(
    r"(^|/)(postgres|postgresql|postgis|timescaledb|mysql|mariadb|mongo|mongodb|redis|valkey|keydb|couchdb|couchbase|arangodb|aerospike|cockroach|scylla|mssql|azure-sql-edge|redpanda|mosquitto|eclipse-mosquitto|emqx|pulsar|activemq|rabbitmq|kafka|cp-kafka|zookeeper|cp-zookeeper|minio|mc|elasticsearch|opensearch|kibana|"
    r"grafana|prometheus|pushgateway|alertmanager|loki|promtail|tempo|jaeger|all-in-one|qdrant|chroma|chromadb|weaviate|milvus|attu|etcd|neo4j|memcached|cassandra|clickhouse|clickhouse-server|influxdb|adminer|pgadmin4?|"
    r"nginx|traefik|caddy|haproxy|mlflow|node-exporter|cadvisor|otel|opentelemetry|vault|consul|nats|localstack|phpmyadmin|mailhog|fluentd|fluent-bit|redisinsight|mongo-express|"
    r"redis-stack|pgvector|documentdb|documentdb-local|cloud-sql-proxy|cloudsql-proxy|gce-proxy|paradedb|\S*cosmos\S*emulator|dynamodb-local|surrealdb|meilisearch|typesense|azurite|schema-registry|cp-schema-registry|apicurio|lakefs|nessie|kafka-ui|kafdrop|akhq|nacos|sentinel-dashboard|mockoon|wiremock|mailpit|maildev|pgbouncer|portainer|watchtower|feature-server|marquez|swagger-ui|busybox|curl|alpine|sonarqube|selenium|zipkin|vector|logstash|filebeat|hbase|hadoop-\w+|namenode|datanode|"
    r"cilium|calico|flannel|metallb|ingress-nginx|cert-manager\S*|external-dns|external-secrets|sealed-secrets\S*|argocd|kube-state-metrics|metrics-server|kube-rbac-proxy|keda\S*|istio|velero|longhornio|openebs|"
    r"cloudflared|keycloak|dex|oauth2-proxy|coredns|k8s-sidecar|k8s-device-plugin|(?:redis|postgres|mysqld|mongodb|kafka|nginx|blackbox|statsd|celery|dcgm)[-_]exporter)([-:/@_]|$)",
    re.IGNORECASE,
)


def matches(keys: list[str], patterns: tuple[str, ...]) -> bool:
    """Whether the key path fits the shell patterns, with `**` for any number of keys."""
    if not patterns:
        return not keys
    head, rest = patterns[0], patterns[1:]
    if head == "**":
        return any(matches(keys[n:], rest) for n in range(len(keys) + 1))
    return bool(keys) and fnmatchcase(keys[0], head) and matches(keys[1:], rest)


WORKLOADS = frozenset({
    "Deployment", "StatefulSet", "DaemonSet", "CronJob", "Job", "ReplicaSet", "Rollout", "Pod", "InferenceService",
    "SeldonDeployment", "RayService", "RayCluster", "RayJob", "SparkApplication", "ScheduledSparkApplication",
    "PyTorchJob", "TFJob", "MPIJob", "XGBoostJob", "PaddleJob", "Workflow", "CronWorkflow", "BentoDeployment", "ScaledJob", "WorkflowTemplate",
    "TrainJob",
})  # fmt: skip


class Workload(msgspec.Struct, frozen=True):
    """A Kubernetes object that runs something; `kind` as it is written."""

    file: File
    kind: str
    line: int
    leaves: list[Leaf]
    image: str  # what a template takes from the chart's values, is looked up there

    def find(self, *keys: str) -> Leaf | None:
        return next((leaf for leaf in self.leaves if matches(leaf.keys, keys)), None)

    @property
    def name(self) -> str:
        found = self.find("metadata", "name")
        return found.text if found else self.file.name

    @property
    def is_own(self) -> bool:
        return not ATTACHED.search(self.image)


def workloads(facts: Facts) -> list[Workload]:
    return facts.once(_all_workloads)


@kept
def own_workloads(facts: Facts) -> list[Workload]:
    """Those nearest to the root first."""
    return sorted((one for one in workloads(facts) if one.is_own), key=lambda one: one.file.path.count("/"))


def _all_workloads(facts: Facts) -> list[Workload]:
    found: list[Workload] = []
    for file in facts.of_kind(Kind.YAML):
        kinds = kinds_of(file, WORKLOADS)
        documents: dict[int, list[Leaf]] = {}
        for leaf in file.facts.leaves if kinds else ():
            documents.setdefault(leaf.document, []).append(leaf)
        for kind in kinds:
            leaves = documents[kind.document]
            found.append(Workload(file, kind.text, kind.line, leaves, _image(facts, leaves)))
    return found


def kinds_of(file: File, wanted: frozenset[str]) -> list[Leaf]:
    """Where the file names one of the kinds, or the service of Knative that runs something, unlike that of Kubernetes."""
    knative = {
        leaf.document
        for leaf in file.facts.leaves
        if leaf.keys == ["apiVersion"] and leaf.text.startswith("serving.knative.dev/")
    }
    return [
        leaf
        for leaf in file.facts.leaves
        if leaf.keys == ["kind"] and (leaf.text in wanted or (leaf.text == "Service" and leaf.document in knative))
    ]


def given_values(facts: Facts, text: str) -> list[tuple[File, Leaf]]:
    """What charts' values say for a template such as `{{ .Values.replicaCount }}`."""
    asked = _OF_VALUES.search(text)
    return facts.leaves(r"(^|/)values[^/]*\.ya?ml$", *asked.group(1).split(".")) if asked else []


_OF_VALUES = expression(r"\.Values\.([\w.]+?)(_(quote|squote|trim|toString))?_*(?=[^\w.]|$)")


def _image(facts: Facts, leaves: list[Leaf]) -> str:
    """The image of the workload's main container."""
    named = [leaf for leaf in leaves if leaf.keys[-1] == "image"]
    main = next((leaf for leaf in named if "initContainers" not in leaf.keys), next(iter(named), None))
    asked = _OF_VALUES.search(main.text) if main else None
    if main is None or asked is None:
        return main.text if main else ""
    given = given_values(facts, main.text)
    return given[0][1].text if given else main.text
