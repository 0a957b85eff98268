"""Which globals a function changes: a declaration alone, as people write it to read one, changes nothing."""

from __future__ import annotations

import ast

_CHANGES = frozenset(
    {"append", "add", "update", "extend", "pop", "setdefault", "appendleft", "insert", "put", "remove", "clear"}
)


def changed(function: ast.AST) -> set[str]:
    """Names that `function` binds, deletes, or whose items, attributes or contents it changes."""
    found: set[str] = set()
    for node in ast.walk(function):
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            found.add(node.id)
        elif isinstance(node, (ast.Attribute, ast.Subscript)) and not isinstance(node.ctx, ast.Load):
            found.add(_base(node.value))
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _CHANGES:
            found.add(_base(node.func.value))
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            found.update((one.asname or one.name).partition(".")[0] for one in node.names)
    return found


def _base(node: ast.expr) -> str:
    while isinstance(node, (ast.Attribute, ast.Subscript)):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""
