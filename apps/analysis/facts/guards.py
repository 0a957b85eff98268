"""What a test or a `try` guards: the start of a program, and imports that it can do without."""

from __future__ import annotations

import ast


def holds(node: ast.Try) -> bool:
    """Whether the program goes on where an import in the body of `node` fails."""
    return any(
        _is_for_imports(caught) or (_is_for_all(caught) and (_only_imports(node) or _imports_instead(node, caught)))
        for caught in node.handlers
    )


def is_of_main(test: ast.expr) -> bool:
    """Whether only a module that is run as a program goes there."""
    return isinstance(test, ast.Compare) and isinstance(test.left, ast.Name) and test.left.id == "__name__"


def is_for_what_lacks(test: ast.expr) -> bool:
    """Whether one goes there because an object, or its class, does not have something yet: `not self.loaded`."""
    parts = test.values if isinstance(test, ast.BoolOp) else [test]
    return any(_lacks(part) and any(map(_is_own, ast.walk(part))) for part in parts)


def _lacks(test: ast.expr) -> bool:
    if isinstance(test, ast.Compare):
        nothing = isinstance(test.comparators[0], ast.Constant) and test.comparators[0].value is None
        return isinstance(test.ops[0], ast.NotIn) or (nothing and isinstance(test.ops[0], (ast.Is, ast.Eq)))
    return isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not)


def _is_own(node: ast.AST) -> bool:
    """Whether it is an object's own, or kept by an application (`app.state`)."""
    return (isinstance(node, ast.Name) and node.id in {"self", "cls"}) or (
        isinstance(node, ast.Attribute) and node.attr == "state"
    )


def branches(node: ast.If, asked: str) -> tuple[tuple[bool, list[ast.stmt]], tuple[bool, list[ast.stmt]]]:
    """The two branches, each with whether programs do without what it imports; `asked` is the test by name."""
    if asked.endswith("TYPE_CHECKING"):
        return (True, node.body), (False, node.orelse)
    parts = node.test.values if isinstance(node.test, ast.BoolOp) else [node.test]
    asks = [part.ops[0] for part in parts if isinstance(part, ast.Compare) and _is_version(part.left)]
    newer = any(isinstance(one, (ast.Gt, ast.GtE)) for one in asks)
    older = any(isinstance(one, (ast.Lt, ast.LtE)) for one in asks)
    both = bool(asks and _imported(node.body) and _imported(node.orelse))
    either = both and not (newer or older)
    return (older or either or (newer and both), node.body), (newer or either, node.orelse)


def _is_version(node: ast.expr) -> bool:
    while isinstance(node, (ast.Attribute, ast.Subscript)):
        if isinstance(node, ast.Attribute) and node.attr == "version_info":
            return True
        node = node.value
    return False


def _is_for_imports(caught: ast.ExceptHandler) -> bool:
    names = [_name(one) for one in ast.walk(caught.type)] if caught.type else []
    return any("ImportError" in name or "ModuleNotFound" in name for name in names)


def _is_for_all(caught: ast.ExceptHandler) -> bool:
    """Whether it catches whatever comes, and lets it rest."""
    kind = caught.type
    broad = kind is None or (isinstance(kind, ast.Name) and kind.id in {"Exception", "BaseException"})
    return broad and not any(_ends(one) for statement in caught.body for one in ast.walk(statement))


_ENDINGS = frozenset({"exit", "_exit", "quit", "abort"})


def _imports_instead(node: ast.Try, caught: ast.ExceptHandler) -> bool:
    """Whether what the body imports has the names of what is imported where that fails."""
    first, instead = _imported(node.body), _imported(caught.body)
    return not first.isdisjoint(instead)


def _imported(body: list[ast.stmt]) -> set[str]:
    parts = [one for one in body if isinstance(one, (ast.Import, ast.ImportFrom))]
    return {alias.asname or alias.name for one in parts for alias in one.names}


def _ends(node: ast.AST) -> bool:
    return isinstance(node, ast.Raise) or (isinstance(node, ast.Call) and _name(node.func) in _ENDINGS)


def _name(node: ast.AST) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def _only_imports(node: ast.Try) -> bool:
    """Whether the body imports, and notes at most that it could."""
    return isinstance(node.body[0], (ast.Import, ast.ImportFrom)) and all(
        isinstance(one, (ast.Import, ast.ImportFrom))
        or (isinstance(one, ast.Assign) and isinstance(one.value, (ast.Constant, ast.Name, ast.Attribute)))
        for one in node.body
    )


def is_stub(body: list[ast.stmt]) -> bool:
    """Whether a function does nothing: texts, `pass`, `...` and the complaint that nobody has written it."""
    return all(_does_nothing(one) for one in body)


def _does_nothing(node: ast.stmt) -> bool:
    match node:
        case ast.Pass() | ast.Expr(ast.Constant()):
            return True
        case ast.Raise(ast.Name("NotImplementedError") | ast.Call(ast.Name("NotImplementedError"))):
            return True
    return False
