"""Imports that a program can do without."""

from __future__ import annotations

import ast


def holds(node: ast.Try) -> bool:
    """Whether the program goes on where an import in the body of `node` fails."""
    return any(_is_for_imports(caught) or (_is_for_all(caught) and _only_imports(node)) for caught in node.handlers)


def asks_for_version(test: ast.expr) -> bool:
    """Whether some versions of Python only go there: others have the module by themselves."""
    parts = test.values if isinstance(test, ast.BoolOp) else [test]
    return any(isinstance(part, ast.Compare) and _is_version(part.left) for part in parts)


def _is_version(node: ast.expr) -> bool:
    if isinstance(node, ast.Subscript):
        node = node.value
    return isinstance(node, ast.Attribute) and (node.attr == "version_info" or _is_version(node.value))


def _is_for_imports(caught: ast.ExceptHandler) -> bool:
    named = ast.dump(caught.type) if caught.type else ""
    return "ImportError" in named or "ModuleNotFound" in named


def _is_for_all(caught: ast.ExceptHandler) -> bool:
    """Whether it catches whatever comes, and lets it rest."""
    kind = caught.type
    broad = kind is None or (isinstance(kind, ast.Name) and kind.id in {"Exception", "BaseException"})
    return broad and not any(isinstance(one, ast.Raise) or "exit" in ast.dump(one) for one in caught.body)


def _only_imports(node: ast.Try) -> bool:
    """Whether the body imports, and notes at most that it could."""
    return isinstance(node.body[0], (ast.Import, ast.ImportFrom)) and all(
        isinstance(one, (ast.Import, ast.ImportFrom))
        or (isinstance(one, ast.Assign) and isinstance(one.value, (ast.Constant, ast.Name, ast.Attribute)))
        for one in node.body
    )
