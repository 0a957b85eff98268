"""Jobs, endpoints and deployments of Azure Machine Learning, whose files may leave out the schema that tells them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from apps.analysis.facts.model import Leaf

if TYPE_CHECKING:
    from collections.abc import Sequence

_SCHEMA = "https://azuremlschemas.azureedge.net/latest/{}.schema.json"
# What a file of each kind says at its top, and of what at least one key must be there too.
_SHAPES = (
    ("managedOnlineEndpoint", {"name", "auth_mode"}, {"traffic", "deployments", "endpoint_name"}),
    ("managedOnlineDeployment", {"endpoint_name", "model"}, {"instance_type", "instance_count", "code_configuration"}),
    ("commandJob", {"command", "environment"}, {"compute"}),
    ("pipelineJob", {"jobs", "type", "compute"}, {"settings", "experiment_name", "inputs", "outputs", "display_name"}),
)


def schema(leaves: Sequence[Leaf]) -> list[Leaf]:
    """The leaf `$schema` that such a file lacks; none where it has one, or is of something else."""
    lines: dict[str, int] = {}
    for leaf in leaves:
        if leaf.keys:
            lines.setdefault(leaf.keys[0], leaf.line)
    if "$schema" in lines:
        return []
    for name, all_of, one_of in _SHAPES:
        if all_of <= lines.keys() and one_of & lines.keys():
            return [Leaf(["$schema"], _SCHEMA.format(name), lines[min(all_of)])]
    return []
