"""Modules that hold settings and nothing else: they are configuration files that happen to be written in Python."""

from __future__ import annotations

from typing import TYPE_CHECKING

from apps.analysis.code.names import scope_of
from apps.analysis.expressions import expression
from apps.analysis.paths import Kind

if TYPE_CHECKING:
    from apps.analysis.facts.model import Call
    from apps.analysis.file import File

FEWEST = 2  # settings of a module whose name does not tell
_PUTS_TOGETHER = frozenset({
    "join", "Path", "getenv", "get", "environ[]", "load_dotenv", "dirname", "abspath", "realpath", "resolve", "format", "expanduser", "strftime", "now", "str", "int", "float", "bool",
    "dumps", "makedirs", "mkdir", "exists", "list", "range", "dict", "set", "find_dotenv", "open", "read", "print", "device", "is_available", "cwd", "getcwd", "home", "lower", "split", "Field",
})  # fmt: skip
_READERS = frozenset({"os", "environ", "decouple"})  # modules whose `get` asks nobody else
_NAMED = expression(r"(^|_)(config\w*|configuration|settings?|constants?|consts?|properties|params|parameters)\.py$")


def is_setting(file: File, line: int) -> bool:
    """Whether what stands at the line of a module of settings is one: no function there gives it to a call itself."""
    return holds_settings(file) and line not in file.once(_called_within)


def _called_within(file: File) -> frozenset[int]:
    code = file.facts.code
    functions = {scope_of(one) for one in (code.defines if code else ()) if one.kind == "def"}
    return frozenset(call.line for call in (code.calls if code else ()) if call.scope in functions)


def holds_settings(file: File) -> bool:
    """Whether the module is named for settings and gives names to values, or does nothing else: calls only what puts
    values together, and defines no function."""
    return file.kind is Kind.PYTHON and file.once(_holds_settings)


def _holds_settings(file: File) -> bool:
    code = file.facts.code
    given = sum(not one.scope and one.how == "name" for one in code.assigns) if code else 0
    if not code or code.main or not given:
        return False
    if _NAMED.search(file.name):
        return True
    if given < FEWEST:
        return False
    functions = any(one.kind == "def" and not one.scope for one in code.defines)
    imported = {one.top for one in code.imports}
    return not functions and all(
        call.last in _PUTS_TOGETHER and not (call.last == "get" and _top(call) in imported - _READERS)
        for call in code.calls
    )


def _top(call: Call) -> str:
    return call.name.partition(".")[0]
