"""Tasks of Ansible that hold objects of Kubernetes: each is read as the manifest that it applies."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from apps.analysis.facts.model import Leaf

_MODULES = frozenset({"k8s", "kubernetes.core.k8s", "community.kubernetes.k8s", "community.okd.k8s"})
_DEFINITIONS = frozenset({"definition", "resource_definition", "inline"})


def with_manifests(leaves: list[Leaf]) -> list[Leaf]:
    """The leaves, those of an object below a task moved to a document of its own, as if it stood in a file; what a task
    removes from a cluster is left where it is."""
    if not any(_MODULES.intersection(leaf.keys) for leaf in leaves):
        return leaves
    removed = {tuple(leaf.keys[:-1]) for leaf in leaves if leaf.keys[-1:] == ["state"] and leaf.text == "absent"}
    documents: dict[tuple[int, tuple[str, ...]], int] = {}
    first = max(leaf.document for leaf in leaves) + 1
    read = []
    for leaf in leaves:
        depth = _depth(leaf.keys)
        if not depth or tuple(leaf.keys[: _module(leaf.keys)]) in removed:
            read.append(leaf)
            continue
        number = documents.setdefault((leaf.document, tuple(leaf.keys[:depth])), first + len(documents))
        read.append(msgspec.structs.replace(leaf, keys=leaf.keys[depth:], document=number))
    return read


def _module(keys: list[str]) -> int:
    """How many keys lead to what a task hands to the module; 0 where none does."""
    return next((at for at, key in enumerate(keys, 1) if key in _MODULES), 0)


def _depth(keys: list[str]) -> int:
    """How many keys lead to the object that the leaf belongs to; 0 where it belongs to none."""
    at = _module(keys)
    if not at or not _DEFINITIONS.intersection(keys[at : at + 1]):
        return 0
    depth = at + 1
    if keys[depth : depth + 1] and keys[depth].isdigit():  # one of several objects
        depth += 1
    return depth if depth < len(keys) else 0
