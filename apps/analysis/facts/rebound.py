"""Which globals a function changes: a declaration alone, as people write it to read one, changes nothing."""

from __future__ import annotations

import ast

_CHANGES = frozenset(
    {"append", "add", "update", "extend", "pop", "setdefault", "appendleft", "insert", "put", "remove", "clear"}
)


_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def changed(function: ast.AST) -> set[str]:
    """Names that `function` binds, deletes, or whose items, attributes or contents it changes; what functions inside of
    it do is theirs, for they declare the globals that they change themselves."""
    found: set[str] = set()
    left = list(ast.iter_child_nodes(function))
    while left:
        node = left.pop()
        if isinstance(node, _SCOPES):
            found.add(node.name)
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            left.extend(ast.iter_child_nodes(node))
        found.update(_changed_by(node))
    return found


def _changed_by(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
        return [node.id]
    if isinstance(node, (ast.Attribute, ast.Subscript)) and not isinstance(node.ctx, ast.Load):
        return [_base(node.value)]
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _CHANGES:
        return [_base(node.func.value)]
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        return [(one.asname or one.name).partition(".")[0] for one in node.names]
    return []


def _base(node: ast.expr) -> str:
    while isinstance(node, (ast.Attribute, ast.Subscript)):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""
