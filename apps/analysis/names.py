"""An index of the names of a repository's Python code: who assigns, defines, calls and declares them."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from apps.analysis import outside

if TYPE_CHECKING:
    from apps.analysis.facts.model import Assign, Call, Define
    from apps.analysis.repository import Facts, File

_DECLARES_FLAG = frozenset({"add_argument", "option", "argument", "add_option"})


class Names:
    """Keys are (path, dotted name) where a name belongs to a file."""

    def __init__(self, facts: Facts) -> None:
        self.assigns: dict[tuple[str, str], list[Assign]] = defaultdict(list)
        self.calls: dict[tuple[str, str], list[Call]] = defaultdict(list)
        self.defines: dict[tuple[str, str], Define] = {}
        self.fields: dict[str, list[tuple[File, Assign]]] = defaultdict(list)
        self.functions: dict[str, list[tuple[File, Define]]] = defaultdict(list)
        self.flags: dict[str, list[tuple[File, Call]]] = defaultdict(list)
        self.modules: dict[str, list[File]] = defaultdict(list)
        self.hydra = False
        for file in facts.code:
            self._read(file)
        self.parsed_classes = bool(facts.calls(*outside.CLASS_PARSERS))

    def _read(self, file: File) -> None:
        code = file.facts.code
        if code is None:
            return
        module = file.path.removesuffix(".py").removesuffix("/__init__")
        self.modules[module.rsplit("/", 1)[-1]].append(file)
        for one in code.assigns:
            self.assigns[file.path, one.name].append(one)
            if one.how in {"field", "attribute"} or (one.how in {"key", "name"} and not one.scope):
                self.fields[one.name.rsplit(".", 1)[-1]].append((file, one))
        for call in code.calls:
            self.calls[file.path, call.name].append(call)
            self._read_flag(file, call)
        for define in code.defines:
            self.defines[file.path, scope_of(define)] = define
            self.functions[define.name].append((file, define))
            for decorator in define.decorators:
                self.hydra |= decorator.name.endswith("hydra.main")
                self._read_flag(file, decorator)

    def _read_flag(self, file: File, call: Call) -> None:
        if call.last not in _DECLARES_FLAG and not call.last.startswith("DEFINE_"):
            return
        for name in [*call.args[:3], call.kwargs.get("dest")]:
            if isinstance(name, str) and not name.startswith("$"):
                self.flags[name.lstrip("-").replace("-", "_")].append((file, call))


def scope_of(define: Define) -> str:
    """The scope of what stands inside of the function or class."""
    return f"{define.scope}.{define.name}".lstrip(".")
