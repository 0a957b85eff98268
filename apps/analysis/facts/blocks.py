"""Digests of functions and notebook cells: equal ones in two files are copies made by hand."""

from __future__ import annotations

import ast
import hashlib
from typing import TYPE_CHECKING

from apps.analysis.expressions import expression
from apps.analysis.facts.model import Block

if TYPE_CHECKING:
    from collections.abc import Iterable

SHORTEST = 6  # lines of code; shorter ones are alike by chance
MOST = 400

_SPACE = expression(r"\s+|#.*")
_ROUTINE = expression(r"^\s*(%|!|(from|import)\s|plt\.|fig|ax\.|print\(|$|#)")

# A notebook's session is set up anew in each: its account, credentials, disk and packages.
_SESSION = expression(
    r"\bos\.environ\b|\buserdata\.get\(|\bgetpass\b|get_execution_role|gcloud config|drive\.mount|\bpip install\b|"
    r"\bload_dotenv\("
)


def of_functions(tree: ast.Module, text: str) -> list[Block]:
    """Functions and methods of at least `SHORTEST` lines of code, without their docstrings. Methods of classes that
    derive from anything are left out: frameworks make them look alike."""
    lines = text.split("\n")
    found: list[Block] = []
    for owner, function in _functions(tree):
        body = function.body[1:] if ast.get_docstring(function, clean=False) is not None else function.body
        if not body or not body[-1].end_lineno:
            continue
        written = lines[body[0].lineno - 1 : body[-1].end_lineno]
        if len(written) >= SHORTEST:
            name = f"{owner}.{function.name}" if owner else function.name
            found.extend(_block(name, function.lineno, written))
    return found[:MOST]


def _functions(tree: ast.Module) -> Iterable[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield "", node
        elif isinstance(node, ast.ClassDef) and not any(ast.unparse(base) != "object" for base in node.bases):
            for inner in node.body:
                if isinstance(inner, ast.FunctionDef | ast.AsyncFunctionDef):
                    yield node.name, inner


def of_cell(source: list[str], line: int) -> list[Block]:
    """A code cell, when it holds enough that is no import, plot or print, and does not set the session up."""
    if any(_SESSION.search(one) for one in source):
        return []
    return _block("cell", line, source) if sum(not _ROUTINE.match(one) for one in source) >= SHORTEST else []


def _block(name: str, line: int, written: list[str]) -> list[Block]:
    bare = [_SPACE.sub("", one) for one in written]
    kept = [one for one in bare if one]
    joined = "\n".join(kept)
    if len(kept) < SHORTEST or len(joined) < 40 * SHORTEST // 2:
        return []
    digest = hashlib.sha256(joined.encode(errors="replace")).hexdigest()[:16]
    return [Block(name, line, len(kept), digest)]
