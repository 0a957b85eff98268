"""Facts of Python source, by its syntax tree: imports, calls with resolved names, assignments, definitions, texts."""

from __future__ import annotations

import ast
import functools
import re
import warnings
from typing import TYPE_CHECKING, Any

from apps.analysis.expressions import expression
from apps.analysis.facts import aliases, guards, rebound, values
from apps.analysis.facts.model import LONGEST_TEXT, Assign, Call, Code, Define, Import, Text, last_of

if TYPE_CHECKING:
    from collections.abc import Callable

MOST_CALLS = 6000  # of one file; a generated file of more says nothing more
DEEPEST = 180  # of nested nodes; deeper trees are cut there
LONGEST_LIST = 16  # that is kept as a list; a longer one tells nothing of a setting
LONGEST_CHAIN = 24  # of attributes, calls and subscripts in one expression; a longer one has no name

_TELLING = expression(
    r"://|^dbfs:/|^[a-z][\w.-]*:\d{2,5}$|^/[\w.~-]+/|^[A-Za-z]:[\\/]|^\.{0,2}/|^~/|\d{1,3}(\.\d{1,3}){3}|\.(amazonaws|azure|windows|googleapis)\.|"
    r"\.(pkl|pickle|joblib|h5|hdf5|pth?|onnx|csv|parquet|json|ya?ml|txt|db|sqlite3?|log|ckpt|bin|safetensors|npy|npz)$|"
    r"^(us|eu|ap|ca|sa|me|af)-(east|west|central|north|south|northeast|southeast)\w*-?\d?$|localhost|/chat/completions$|/api/2\.\d/|"
    r":(stream)?generateContent$|\b(CREATE (OR REPLACE )?(TABLE|MODEL)|INSERT INTO|SELECT .* FROM)\b",
    re.IGNORECASE | re.DOTALL,
)


def tree_of(source: str) -> ast.Module:
    """The syntax tree of Python 3 `source`. Raises `SyntaxError`, `ValueError` or `RecursionError` for what is none."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(source)


def of_tree(tree: ast.Module, *, longest_list: int = LONGEST_LIST) -> Code:
    read = _Reader(longest_list)
    read.block(tree.body)
    calls = aliases.called_by_name(read.calls, read.assigns)
    return Code(read.imports, calls, read.assigns, read.defines, read.texts, read.main)


# Nodes that say nothing on their own; most of a tree consists of them.
_SILENT = frozenset(
    {ast.Name, ast.Load, ast.Store, ast.Del, ast.Pass, ast.Break, ast.Continue, ast.Nonlocal, ast.alias}
    | {kind for base in (ast.operator, ast.unaryop, ast.boolop, ast.cmpop) for kind in base.__subclasses__()}
)


class _Reader(ast.NodeVisitor):
    """Walks as `ast.NodeVisitor` does, with less ado: it is where a cold scan spends most of its time."""

    def __init__(self, longest_list: int) -> None:
        self._longest_list = longest_list
        self.imports: list[Import] = []
        self.calls: list[Call] = []
        self.assigns: list[Assign] = []
        self.defines: list[Define] = []
        self.texts: list[Text] = []
        self.main = 0
        self._names: dict[str, str] = {}  # local name -> what it was imported as
        self._scope: list[str] = []
        self._guarded = 0
        self._loops = 0
        self._lacking = False
        self._function: ast.AST | None = None
        self._changes = functools.cache(rebound.changed)
        self._depth = 0

    @property
    def scope(self) -> str:
        return ".".join(self._scope)[:LONGEST_TEXT]

    def block(self, body: list[ast.stmt]) -> None:
        for statement in body:
            self.visit(statement)

    def visit(self, node: ast.AST) -> None:
        kind = type(node)
        if kind in _SILENT or self._depth >= DEEPEST:
            return
        self._depth += 1
        method = _METHODS.get(kind)
        if method is None:
            self.generic_visit(node)
        else:
            method(self, node)
        self._depth -= 1

    def generic_visit(self, node: ast.AST) -> None:
        for name in node._fields:
            value = getattr(node, name, None)
            if type(value) is list:
                for one in value:
                    if isinstance(one, ast.AST):
                        self.visit(one)
            elif isinstance(value, ast.AST):
                self.visit(value)

    # --- imports --------------------------------------------------------------------------------------------------
    def visit_Import(self, node: ast.Import) -> None:
        for alias in node.names:
            self.imports.append(Import(alias.name, node.lineno, self._guarded > 0))
            self._names[alias.asname or alias.name.split(".", 1)[0]] = (
                alias.name if alias.asname else alias.name.split(".", 1)[0]
            )

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        base = ("." * node.level + (node.module or ""))[:LONGEST_TEXT]
        for alias in node.names:
            full = f"{base}.{alias.name}" if node.module else f"{base}{alias.name}"
            self.imports.append(Import(full, node.lineno, self._guarded > 0))
            self._names[alias.asname or alias.name] = aliases.handed_on(base, alias.name) or full.lstrip(".")

    def visit_Try(self, node: ast.Try) -> None:
        catches_import = guards.holds(node)
        self._guarded += catches_import
        self.block(node.body)
        for caught in node.handlers:
            self.block(caught.body)
        self._guarded -= catches_import
        self.block(node.orelse)
        self.block(node.finalbody)

    def visit_If(self, node: ast.If) -> None:
        if guards.is_of_main(node.test):
            self.main = node.lineno
        self.visit(node.test)
        lacking, lacks = self._lacking, guards.is_for_what_lacks(node.test)
        for guarded, branch in guards.branches(node, self.dotted(node.test)):
            self._guarded += guarded
            self._lacking = lacking or (lacks and branch is node.body)
            self.block(branch)
            self._guarded -= guarded
        self._lacking = lacking

    # --- scopes ---------------------------------------------------------------------------------------------------
    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        arguments = node.args
        names = [a.arg for a in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)]
        decorators = [self._decorator(d) for d in node.decorator_list]
        stub = guards.is_stub(node.body)
        self.defines.append(Define(node.name, "def", node.lineno, [], decorators, names, self.scope, stub))
        positional = [*arguments.posonlyargs, *arguments.args]
        defaults = zip(positional[len(positional) - len(arguments.defaults) :], arguments.defaults, strict=True)
        self._scope.append(node.name[:LONGEST_TEXT])  # which all that is below repeats
        for argument, default in (*defaults, *zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)):
            if default is not None:
                self._assign(argument.arg, default, argument.lineno, "default")
                self.visit(default)
        (loops, self._loops), (around, self._function) = (self._loops, 0), (self._function, node)
        self.block(node.body)
        self._loops, self._function = loops, around
        self._scope.pop()

    visit_AsyncFunctionDef = visit_FunctionDef  # noqa: N815

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        decorators = [self._decorator(d) for d in node.decorator_list]
        bases = [self.dotted(base) for base in node.bases]
        self.defines.append(Define(node.name, "class", node.lineno, bases, decorators, [], self.scope))
        self._scope.append(node.name[:LONGEST_TEXT])
        for one in (one for one in node.keywords if one.arg == "metaclass"):  # as a field says it in old code
            self._assign("__metaclass__", one.value, node.lineno, "field")
        self.block(node.body)
        self._scope.pop()

    def _decorator(self, node: ast.expr) -> Call:
        if isinstance(node, ast.Call):
            for value in (*node.args, *(one.value for one in node.keywords)):
                if not isinstance(value, ast.Constant | ast.JoinedStr):  # which name a route or a command
                    self.visit(value)
            return self._call(node, "")
        name = self.dotted(node)
        return Call(name, last_of(name), node.lineno, scope=self.scope)

    # --- loops ----------------------------------------------------------------------------------------------------
    def visit_For(self, node: ast.For | ast.AsyncFor | ast.While) -> None:
        self._loops += 1
        self.generic_visit(node)
        self._loops -= 1

    visit_AsyncFor = visit_While = visit_For  # noqa: N815

    # --- assignments ----------------------------------------------------------------------------------------------
    def visit_Assign(self, node: ast.Assign) -> None:
        for target in node.targets:
            self._bind(target, node.value, node.lineno)
        self._visit_value(node.value, self.dotted(node.targets[0]))

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        in_class = bool(self.defines) and bool(self._scope) and self._scope[-1][:1].isupper()
        if node.value is not None:
            self._assign(self.dotted(node.target), node.value, node.lineno, "field" if in_class else "name")
            self._visit_value(node.value, self.dotted(node.target))
        elif in_class:
            self.assigns.append(Assign(self.dotted(node.target), None, node.lineno, self.scope, "field"))

    def _visit_value(self, value: ast.expr, target: str) -> None:
        if isinstance(value, ast.Await):
            value = value.value
        if isinstance(value, ast.Call):
            self._record(value, target)
        else:
            self.visit(value)

    def _bind(self, target: ast.expr, value: ast.expr, line: int) -> None:
        if isinstance(target, (ast.Tuple, ast.List)) and isinstance(value, (ast.Tuple, ast.List)):
            for one, its in zip(target.elts, value.elts, strict=False):
                self._bind(one, its, line)
        elif isinstance(target, ast.Subscript):
            key = self.literal(target.slice)
            if isinstance(key, str) and not key.startswith("$"):
                self._assign(f"{self.dotted(target.value)}[{key}]", value, line, "key")
            elif self._scope:
                self._assign(f"{self.dotted(target.value)}[]", value, line, "item")
        elif isinstance(target, (ast.Name, ast.Attribute)):
            in_class = bool(self._scope) and self._scope[-1][:1].isupper()
            how = "attribute" if isinstance(target, ast.Attribute) else "field" if in_class else "name"
            self._assign(self.dotted(target), value, line, how)
            if isinstance(target, ast.Name) and isinstance(value, ast.Attribute) and not self._scope:
                self._names |= aliases.given(target.id, self.dotted(value))

    def visit_With(self, node: ast.With | ast.AsyncWith) -> None:
        for item in node.items:
            if item.optional_vars is not None:
                self._bind(item.optional_vars, item.context_expr, node.lineno)
            self._visit_value(item.context_expr, self.dotted(item.optional_vars) if item.optional_vars else "")
        self.block(node.body)

    visit_AsyncWith = visit_With  # noqa: N815

    def visit_Global(self, node: ast.Global) -> None:
        changed = self._changes(self._function) if self._function else node.names
        self.assigns.extend(
            Assign(name, None, node.lineno, self.scope, "global") for name in node.names if name in changed
        )

    def _assign(self, name: str, value: ast.expr, line: int, how: str) -> None:
        self.assigns.append(Assign(name, self.literal(value), line, self.scope, how))

    def visit_Dict(self, node: ast.Dict) -> None:
        for key, value in zip(node.keys, node.values, strict=True):
            if isinstance(key, ast.Constant) and isinstance(key.value, str):
                self._assign(key.value[:80], value, key.lineno, "key")
        self.generic_visit(node)

    # --- calls and texts ------------------------------------------------------------------------------------------
    def visit_Call(self, node: ast.Call) -> None:
        self._record(node, "")

    def _record(self, node: ast.Call, target: str) -> None:
        if len(self.calls) < MOST_CALLS:
            self.calls.append(self._call(node, target))
        self.visit(node.func)
        for argument in node.args:
            self.visit(argument)
        for keyword in node.keywords:
            self.visit(keyword.value)

    def _call(self, node: ast.Call, target: str) -> Call:
        name = self.dotted(node.func)
        return Call(
            name,
            last_of(name),
            node.lineno,
            [self.literal(a) for a in node.args[:8]],
            {(k.arg or "**"): self.literal(k.value) for k in node.keywords[:24]},
            self.scope,
            target,
            self._loops > 0,
            (node.end_lineno or node.lineno) - node.lineno,
            self._lacking,
        )

    def visit_Subscript(self, node: ast.Subscript) -> None:
        name = self.dotted(node.value)
        if name == "os.environ" and isinstance(node.ctx, ast.Load):
            self._read_environment(node.lineno, node.slice)
        self.generic_visit(node)

    def _read_environment(self, line: int, variable: ast.expr) -> None:
        self.calls.append(Call("os.environ[]", "environ[]", line, [self.literal(variable)], {}, self.scope))

    def visit_Compare(self, node: ast.Compare) -> None:
        for comparator in node.comparators:
            if self.dotted(comparator) == "os.environ":
                self._read_environment(node.lineno, node.left)
        self.generic_visit(node)

    def visit_Expr(self, node: ast.Expr) -> None:
        if not isinstance(node.value, ast.Constant):  # a docstring is prose, no code
            self.generic_visit(node)

    def visit_Constant(self, node: ast.Constant) -> None:
        if isinstance(node.value, str) and 3 <= len(node.value) <= 2000 and _TELLING.search(node.value):
            self.texts.append(Text(node.value[:LONGEST_TEXT], node.lineno, self.scope))

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        text = self.literal(node)
        if isinstance(text, str) and len(text) >= 3 and _TELLING.search(text):
            self.texts.append(Text(text[:LONGEST_TEXT], node.lineno, self.scope))
        for part in node.values:
            if isinstance(part, ast.FormattedValue):
                self.visit(part.value)

    # --- names and values -----------------------------------------------------------------------------------------
    def dotted(self, node: Any) -> str:  # noqa: ANN401 - a node whose class is asked for at each step
        """`a.b().c` as text, the first name resolved through the imports."""
        tail, length = "", 0
        while True:
            kind = type(node)
            if kind is ast.Name:
                name = f"{self._names.get(node.id, node.id)}{tail}"
                return name if len(name) <= LONGEST_TEXT else ""
            if kind is ast.Attribute:
                tail, node = f".{node.attr}{tail}", node.value
            elif kind is ast.Call:
                tail, node = f"(){tail}", node.func
            elif kind is ast.Subscript:
                tail, node = f"[]{tail}", node.value
            elif kind is ast.Await:
                node = node.value
                continue
            else:
                return f"''{tail}" if kind is ast.Constant else f"?{tail}"
            length += 1
            if length > LONGEST_CHAIN:
                return ""

    def literal(self, node: ast.expr) -> Any:  # noqa: ANN401
        """Literals as themselves; lists and tuples of literals as lists; everything else as `$text`."""
        kind = type(node)
        if kind is ast.Name or kind is ast.Attribute or kind is ast.Subscript:
            return f"${self.dotted(node)}"[:160]
        if isinstance(node, ast.Constant):
            return values.constant(node.value)
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            inner = self.literal(node.operand)
            return -inner if isinstance(inner, values.NUMBERS) else inner
        if isinstance(node, ast.JoinedStr):
            return "".join(
                str(part.value) if isinstance(part, ast.Constant) else self._hole(part) for part in node.values
            )[:LONGEST_TEXT]
        if isinstance(node, (ast.BoolOp, ast.IfExp)) and self._depth < DEEPEST:
            return self._choice(node)
        if (
            isinstance(node, (ast.Tuple, ast.List, ast.Set))
            and len(node.elts) <= self._longest_list
            and self._depth < DEEPEST
        ):
            self._depth += 1
            elements = [self.literal(element) for element in node.elts]
            self._depth -= 1
            return elements
        if isinstance(node, ast.BinOp) and self._depth < DEEPEST:
            return self._operation(node)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "format":
            template = self.literal(node.func.value)
            if isinstance(template, str) and not template.startswith("$"):
                given = [*node.args, *(keyword.value for keyword in node.keywords)]
                fill = [values.shown(self.literal(one)) for one in given[:24]]
                return re.sub(r"\{[^{}]*\}", lambda _: fill.pop(0) if fill else "{}", template)[:LONGEST_TEXT]
        return f"${self.dotted(node)}"[:160]

    def _hole(self, part: ast.expr) -> str:
        return f"{{{self.dotted(part.value)}}}" if isinstance(part, ast.FormattedValue) else "{}"

    def _choice(self, node: ast.BoolOp | ast.IfExp) -> Any:  # noqa: ANN401
        """`a or "b"` as `$a Or 'b'`, `a if c else b` as `$a Else b`."""
        self._depth += 1
        options = node.values if isinstance(node, ast.BoolOp) else [node.body, node.orelse]
        chosen = [self.literal(option) for option in options]
        self._depth -= 1
        word = "Else" if isinstance(node, ast.IfExp) else type(node.op).__name__
        shown = [one[1:] if isinstance(one, str) and one.startswith("$") else repr(one) for one in chosen]
        return f"${f' {word} '.join(shown)}"[:240]

    def _operation(self, node: ast.BinOp) -> Any:  # noqa: ANN401
        self._depth += 1
        left, right = self.literal(node.left), self.literal(node.right)
        self._depth -= 1
        return values.combined(left, node.op, right)


_METHODS: dict[type[ast.AST], Callable[[_Reader, Any], None]] = {
    getattr(ast, name.removeprefix("visit_")): method
    for name, method in vars(_Reader).items()
    if name.startswith("visit_")
}
