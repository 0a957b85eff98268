"""Each item has a test for each state that the catalogue gives it a criterion for."""

from __future__ import annotations

import ast
from collections import defaultdict
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from apps.catalog import ITEMS, State

if TYPE_CHECKING:
    from collections.abc import Iterator

CHECKS = "apps.analysis.checks."
JUDGED = (State.MET, State.PARTIAL, State.UNMET, State.NA)


def _modules(tree: ast.Module) -> dict[str, str]:
    """Local names of check modules -> the items that they judge."""
    return {
        alias.asname or alias.name: f"{node.module.removeprefix(CHECKS)}.{alias.name}".replace("_", "-")
        for node in tree.body
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith(CHECKS)
        for alias in node.names
    }


def _states(node: ast.AST) -> set[State]:
    """The states that the code speaks of as right: `is not State.MET` asserts no state."""
    denied = {
        id(right)
        for one in ast.walk(node)
        if isinstance(one, ast.Compare)
        for operator, right in zip(one.ops, one.comparators, strict=True)
        if isinstance(operator, ast.IsNot)
    }
    return {
        State[one.attr]
        for one in ast.walk(node)
        if isinstance(one, ast.Attribute) and id(one) not in denied
        if isinstance(one.value, ast.Name) and one.value.id == "State"
    }


def _items(node: ast.AST, modules: dict[str, str]) -> set[str]:
    """The items that the code judges, by the module of their check or by their id."""
    called = {
        modules[one.value.id]
        for one in ast.walk(node)
        if isinstance(one, ast.Attribute) and one.attr == "check"
        if isinstance(one.value, ast.Name) and one.value.id in modules
    }
    named = {one.value for one in ast.walk(node) if isinstance(one, ast.Constant) and one.value in ITEMS}
    return called | named


def _asserted(tree: ast.Module) -> Iterator[tuple[str, State]]:
    """(item, state) of tests of one item, of single assertions, and of the rows of parametrised tests."""
    modules = _modules(tree)
    for function in ast.walk(tree):
        if not isinstance(function, ast.FunctionDef) or not function.name.startswith("test_"):
            continue
        parts = [function, *function.body, *(one for one in ast.walk(function) if isinstance(one, ast.Tuple))]
        for part in parts:
            items = _items(part, modules)
            if len(items) == 1:
                yield from ((item, state) for item in items for state in _states(part))


@cache
def _tested() -> dict[str, set[State]]:
    found: dict[str, set[State]] = defaultdict(set)
    for path in Path(__file__).parent.glob("test_*.py"):
        for item, state in _asserted(ast.parse(path.read_text(encoding="utf-8"))):
            found[item].add(state)
    return found


@pytest.mark.parametrize("item", ITEMS)
def test_an_item_has_a_test_for_each_of_its_states(item: str) -> None:
    criteria = ITEMS[item]
    possible = {state for state in JUDGED if getattr(criteria, state.value)}
    assert possible >= {State.MET, State.UNMET}
    assert sorted(possible - _tested()[item]) == [], "states without a test"
