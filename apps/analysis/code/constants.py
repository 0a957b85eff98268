"""Modules that hold settings and nothing else: they are configuration files that happen to be written in Python."""

from __future__ import annotations

from typing import TYPE_CHECKING

from apps.analysis.expressions import expression
from apps.analysis.paths import Kind

if TYPE_CHECKING:
    from apps.analysis.file import File

FEWEST = 2  # settings of a module
_PUTS_TOGETHER = frozenset({
    "join", "Path", "getenv", "get", "environ[]", "load_dotenv", "dirname", "abspath", "realpath", "resolve", "format", "expanduser", "strftime", "now", "str", "int", "float", "bool",
    "dumps", "makedirs", "mkdir", "exists", "list", "range", "dict", "set", "find_dotenv", "open", "read", "print", "device", "is_available", "cwd", "getcwd", "home", "lower", "split", "Field",
})  # fmt: skip
_NAMED = expression(r"(^|_)(config\w*|configuration|settings?|constants?|consts?|properties|params|parameters)\.py$")


def holds_settings(file: File) -> bool:
    """Whether the module is named for settings and gives names to values, or does nothing else: calls only what puts
    values together, and defines no function."""
    return file.kind is Kind.PYTHON and file.once(_holds_settings)


def _holds_settings(file: File) -> bool:
    code = file.facts.code
    if not code or code.main or sum(not one.scope and one.how == "name" for one in code.assigns) < FEWEST:
        return False
    if _NAMED.search(file.name):
        return True
    functions = any(one.kind == "def" and not one.scope for one in code.defines)
    return not functions and all(call.last in _PUTS_TOGETHER for call in code.calls)
