"""Kubernetes objects that run something, plain, in charts and in kustomizations."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from apps.analysis.paths import Kind
from apps.analysis.running.clusters import kinds_of

if TYPE_CHECKING:
    from apps.analysis.facts.model import Leaf
    from apps.analysis.repository import Facts, File

KINDS = frozenset({
    "Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Pod", "Job", "CronJob", "Rollout", "Workflow", "CronWorkflow", "WorkflowTemplate", "InferenceService", "SeldonDeployment", "RayService",
    "RayCluster", "RayJob", "SparkApplication", "ScheduledSparkApplication", "PyTorchJob", "TFJob", "MPIJob", "TrainJob", "BentoDeployment",
})  # fmt: skip


class Container(msgspec.Struct, frozen=True):
    """`leaves` are the container's values, their keys without what leads to it."""

    name: str
    line: int
    leaves: tuple[tuple[tuple[str, ...], Leaf], ...]

    def under(self, *keys: str) -> list[Leaf]:
        return [leaf for inner, leaf in self.leaves if inner[: len(keys)] == keys]

    @property
    def image(self) -> str:
        return " ".join(leaf.text for leaf in self.under("image"))

    @property
    def command(self) -> list[Leaf]:
        return [*self.under("command"), *self.under("args")]

    @property
    def probes(self) -> list[Leaf]:
        return [leaf for inner, leaf in self.leaves if inner and inner[0].endswith("Probe")]


class Workload(msgspec.Struct, frozen=True):
    file: File
    kind: str
    name: str
    line: int
    leaves: tuple[Leaf, ...]
    containers: tuple[Container, ...] = ()

    @property
    def replicas(self) -> list[Leaf]:
        return [leaf for leaf in self.leaves if leaf.keys[-1] in {"replicas", "minReplicas", "maxReplicas"}]


def workloads(facts: Facts) -> list[Workload]:
    return facts.once(_workloads)


def _workloads(facts: Facts) -> list[Workload]:
    found = []
    for file in facts.of_kind(Kind.YAML):
        for kind in kinds_of(file, KINDS):
            leaves = tuple(leaf for leaf in file.facts.leaves if leaf.document == kind.document)
            name = next((leaf.text for leaf in leaves if leaf.keys == ["metadata", "name"]), file.name)
            found.append(Workload(file, kind.text, name, kind.line, leaves, _containers(leaves)))
    return found


def _containers(leaves: tuple[Leaf, ...]) -> tuple[Container, ...]:
    grouped: dict[tuple[str, ...], list[tuple[tuple[str, ...], Leaf]]] = {}
    for leaf in leaves:
        for list_name in ("containers", "initContainers"):
            if list_name in leaf.keys[:-2]:
                start = leaf.keys.index(list_name) + 2
                grouped.setdefault(tuple(leaf.keys[:start]), []).append((tuple(leaf.keys[start:]), leaf))
    return tuple(
        Container(
            next((leaf.text for keys, leaf in inner if keys == ("name",)), ""),
            min(leaf.line for _, leaf in inner),
            tuple(inner),
        )
        for inner in grouped.values()
    )
