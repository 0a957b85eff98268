"""The checks: one module per item, found by its place (`checks/dev_prod_parity/os.py` judges `dev-prod-parity.os`).

A check module has a docstring, which is its documentation page, and `check(facts) -> Finding`.
"""

from __future__ import annotations

import ast
import importlib
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from apps.catalog import ITEMS

if TYPE_CHECKING:
    from apps.analysis.findings import Finding
    from apps.analysis.repository import Facts


class Check(Protocol):
    def __call__(self, facts: Facts) -> Finding: ...


def module_of(item: str) -> str:
    """`apps.analysis.checks.dev_prod_parity.backing_services` for `dev-prod-parity.backing-services`."""
    return f"{__name__}.{item.replace('-', '_')}"


def load() -> dict[str, Check]:
    """The checks that exist, by item id, in the order of the catalogue."""
    found: dict[str, Check] = {}
    for item in ITEMS:
        try:
            module = importlib.import_module(module_of(item))
        except ModuleNotFoundError as absent:
            if absent.name is None or not module_of(item).startswith(absent.name):
                raise
            continue
        found[item] = module.check
    return found


def documentation(item: str) -> str:
    """The docstring of the item's check, in Markdown; '' without a check. Read from the source: nothing runs."""
    source = Path(__file__).parent.joinpath(*module_of(item).split(".")[-2:]).with_suffix(".py")
    if item not in ITEMS or not source.exists():
        return ""
    return ast.get_docstring(ast.parse(source.read_text(encoding="utf-8"))) or ""
