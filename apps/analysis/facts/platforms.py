"""Files of platforms that may have any name: what they are, told by their keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from apps.analysis.expressions import expression

if TYPE_CHECKING:
    from collections.abc import Iterable

    from apps.analysis.facts.model import Leaf

_OF_COMPOSE = frozenset({"version", "name", "services", "volumes", "networks", "configs", "secrets", "include"})
# What is composed for work on the system is no deployment of it.
_HAS_ITS_NAME = expression(r"compose|^(dev|develop|development|local|tests?|testing|ci|debug|jupyter)\b")
# What a service of a composition says, beside its image.
_OF_SERVICES = frozenset(
    [
        "ports",
        "expose",
        "volumes",
        "environment",
        "env_file",
        "depends_on",
        "command",
        "entrypoint",
        "restart",
        "networks",
        "healthcheck",
        "deploy",
    ]
)
_OF_COPILOT = expression(r"^(Load Balanced Web|Request-Driven Web|Backend|Worker) Service$|^Scheduled Job$")


def name_of(name: str, leaves: Iterable[Leaf]) -> str:  # noqa: C901, PLR0912 - a ladder of kinds
    """The usual name of such a file; "" for one that has it, or that is no such file."""
    leaves = list(leaves)
    tops = {leaf.keys[0] for leaf in leaves if leaf.keys}
    said = {leaf.keys[0]: leaf.text for leaf in leaves if len(leaf.keys) == 1}
    if not tops or "jobs" in tops or ("kind" in tops and "run" not in tops):
        return ""
    if len(said.get("run", "").split()) > 1 and tops & {"resources", "setup", "num_nodes", "service", "file_mounts"}:
        return "sky.yaml"
    if said.get("type") in {"service", "task"} and tops & {"commands", "image"}:
        return ".dstack.yml"
    if "cluster_name" in tops and tops & {
        "available_node_types",
        "head_node_type",
        "worker_nodes",
        "head_setup_commands",
    }:
        return "ray-cluster.yaml"
    if {"id", "namespace", "tasks"} <= tops and any(leaf.text.startswith("io.kestra.") for leaf in leaves):
        return "kestra-flow.yaml"
    if any(
        leaf.keys[:1] == ["environments"] and leaf.keys[2:4] in (["workflows", "0"], ["jobs", "0"]) for leaf in leaves
    ):
        return "dbx-deployment.yml"
    if {"service", "image", "servers"} <= tops:
        return "kamal-deploy.yml"
    if _OF_COPILOT.match(said.get("type", "")) and "name" in tops:
        return "copilot-manifest.yml"
    if said.get("kind") in {"component", "operation"} and "run" in tops:
        return "polyaxonfile.yaml"
    if "entrypoint" in tops and "searcher" in tops:
        return "determined.yaml"
    if {"program", "method", "parameters"} <= tops:
        return "sweep.yaml"
    if "model_name" in tops and said.get("python_version", "").startswith("py3"):
        return "truss-config.yaml"
    if "model_name" in tops and tops & {
        "external_package_dirs",
        "model_module_dir",
        "model_class_filename",
        "system_packages",
    }:
        return "truss-config.yaml"
    if _are_tasks_of_ploomber(leaves):
        return "ploomber-pipeline.yaml"
    return "docker-compose.yml" if not _HAS_ITS_NAME.search(name) and _is_composed(leaves, tops) else ""


def _are_tasks_of_ploomber(leaves: list[Leaf]) -> bool:
    told = {
        leaf.keys[2] for leaf in leaves if len(leaf.keys) > 2 and leaf.keys[0] == "tasks" and leaf.keys[1].isdigit()
    }
    return {"source", "product"} <= told


def _is_composed(leaves: list[Leaf], tops: set[str]) -> bool:
    """Whether the file holds nothing but what compose files hold, and services that are built, or say more than their
    image: other files list services, too."""
    others = {top for top in tops - _OF_COMPOSE if not top.startswith("x-")}
    runs = {
        leaf.keys[2]
        for leaf in leaves
        if len(leaf.keys) > 2 and leaf.keys[0] == "services" and not leaf.keys[1].isdigit()
    }
    return not others and ("build" in runs or ("image" in runs and bool(runs & _OF_SERVICES or "version" in tops)))
