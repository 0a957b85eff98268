"""An index of the names of a repository's Python code: who assigns, defines, calls and declares them."""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, TypeVar

import msgspec

from apps.analysis.code import outside, overrides
from apps.analysis.code.by_line import ByLine
from apps.analysis.facts.model import Assign, Call, Code, Define

if TYPE_CHECKING:
    from apps.analysis.findings import Evidence
    from apps.analysis.repository import Facts, File

T = TypeVar("T", Assign, Call, Define)

_DECLARE_FLAGS = frozenset({"define_flags_with_default"})  # one for each keyword
_DECLARES_FLAG = frozenset({"add_argument", "option", "argument", "add_option"})


class FileNames(msgspec.Struct):
    """The names of one file. `fields` and `flags` are by their bare names, `defines` by the scope that they open, `lasts`
    are calls by the last part of their name."""

    assigns: dict[str, list[Assign]] = msgspec.field(default_factory=lambda: defaultdict(list))
    calls: dict[str, list[Call]] = msgspec.field(default_factory=lambda: defaultdict(list))
    lasts: dict[str, list[Call]] = msgspec.field(default_factory=lambda: defaultdict(list))
    defines: dict[str, Define] = {}
    fields: dict[str, list[Assign]] = msgspec.field(default_factory=lambda: defaultdict(list))
    functions: dict[str, list[Define]] = msgspec.field(default_factory=lambda: defaultdict(list))
    flags: dict[str, list[Call]] = msgspec.field(default_factory=lambda: defaultdict(list))
    hydra: bool = False
    _placed: dict[str, ByLine[Call]] = {}

    def placed(self, name: str) -> ByLine[Call]:
        """The calls of the name by their lines."""
        if name not in self._placed:
            self._placed[name] = ByLine(self.calls.get(name, ()))
        return self._placed[name]


class Names:
    """The names of all files: of one through `of`, of all by the name alone."""

    def __init__(self, facts: Facts) -> None:
        self.fields: dict[str, list[tuple[File, Assign]]] = {}
        self.functions: dict[str, list[tuple[File, Define]]] = {}
        self.flags: dict[str, list[tuple[File, Call]]] = {}
        self.modules: dict[str, list[File]] = {}
        self._code = facts.code
        self.hydra = overrides.commanded(facts)
        for file in facts.code:
            own = file.once(_names)
            self.modules.setdefault(_module(file), []).append(file)
            _collect(self.fields, file, own.fields)
            _collect(self.functions, file, own.functions)
            _collect(self.flags, file, own.flags)
            self.hydra |= own.hydra
        self.of_settings = _of_settings(facts)
        self.parsed_classes = bool(facts.calls(*outside.CLASS_PARSERS) or facts.decorated(where=outside.is_parsed))

    def of(self, file: File) -> FileNames:
        return file.once(_names)

    def is_setting(self, file: File, scope: str) -> bool:
        """Whether the class is one of settings, also through a class of another file."""
        return outside.has_settings_base(file, scope) or (file.path, scope) in self.of_settings

    def made_of_settings(self, root: str, name: str) -> Evidence | None:
        """Where a method of a class of settings makes a value of what the environment gives: `settings.database_url`."""
        if not outside.SETTINGS_ROOT.search(root.rsplit(".", 1)[-1].removesuffix("()")):
            return None
        return self._makers.get(name)

    @cached_property
    def _makers(self) -> dict[str, Evidence]:
        """The methods of settings by their names; none that writes an address or a path in which nothing of its object
        stands, that dictionaries have, too, or that another class of such a name has."""
        return {
            name: file.at(define.line)
            for name, defines in self.functions.items()
            if name not in _OF_DICTIONARIES and not any(self._is_alike(*one) for one in defines)
            for file, define in reversed(defines)
            if define.scope and self.is_setting(file, define.scope) and scope_of(define) not in file.once(_writing)
        }

    def _is_alike(self, file: File, define: Define) -> bool:
        """Whether it is a method of a class that is called like one of settings and is none."""
        named = define.scope and outside.SETTINGS_ROOT.search(define.scope.rsplit(".", 1)[-1])
        return bool(named) and not self.is_setting(file, define.scope)

    def callers(self, name: str, most: int) -> list[tuple[File, Call]]:
        """The first calls of the repository's functions or classes of the name; of a line, one under each dotted name."""
        found: list[tuple[File, Call]] = []
        for file in self._calling.get(name, ()):
            calls: dict[tuple[int, str], Call] = {}
            for call in self.of(file).lasts[name]:
                calls.setdefault((call.line, call.name), call)
            by_line = sorted(calls.values(), key=lambda call: (call.line, call.name != name))
            found += [(file, call) for call in by_line]
            if len(found) >= most:
                break
        return found[:most]

    @cached_property
    def _calling(self) -> dict[str, list[File]]:
        """Who calls one of the functions, by its name."""
        calling: dict[str, list[File]] = {}
        for file in self._code:
            for name in self.functions.keys() & self.of(file).lasts.keys():
                calling.setdefault(name, []).append(file)
        return calling


def told_by(file: File) -> set[tuple[str, str]]:
    """What others may find in the file, for `file.once`: (table of `Names`, name), and ("calls", last part of what is called)."""
    own = file.once(_names)
    told = {("fields", name) for name in own.fields} | {("flags", name) for name in own.flags}
    told |= {("functions", name) for name in own.functions} | {("calls", name) for name in own.lasts}
    return {*told, ("modules", _module(file))}


_OF_DICTIONARIES = frozenset({"get", "pop", "items", "keys", "values", "copy", "update", "setdefault"})


def _writing(file: File) -> set[str]:
    """The functions that write addresses and paths, of which none holds anything of their object; for `file.once`."""
    texts = [
        one
        for one in (file.facts.code.texts if file.facts.code else ())
        if "://" in one.value or outside.LOCAL.search(one.value)
    ]
    return {one.scope for one in texts} - {one.scope for one in texts if "{self." in one.value}


def _of_settings(facts: Facts) -> frozenset[tuple[str, str]]:
    """(path, name) of classes below a class of settings that lies in another file."""
    held = {
        (module, name)
        for file in facts.code
        for name in file.once(outside.of_settings)
        for module in (_module(file), file.folder.rsplit("/", 1)[-1])
    }
    return frozenset(
        (file.path, scope_of(one))
        for file, one in (facts.deriving() if held else ())
        for base in one.bases
        if tuple(base.rsplit(".", 2)[-2:]) in held
    )


def _module(file: File) -> str:
    return file.path.removesuffix(".py").removesuffix("/__init__").rsplit("/", 1)[-1]


def _collect(into: dict[str, list[tuple[File, T]]], file: File, named: dict[str, list[T]]) -> None:
    for name, things in named.items():
        into.setdefault(name, []).extend([(file, one) for one in things])


def _names(file: File) -> FileNames:
    names, code = FileNames(), file.facts.code or Code()
    for one in code.assigns:
        names.assigns[one.name].append(one)
        if one.how in {"field", "attribute"} or (one.how in {"key", "name"} and not one.scope):
            names.fields[one.name.rsplit(".", 1)[-1]].append(one)
    for call in code.calls:
        names.calls[call.name].append(call)
        names.lasts[call.last].append(call)
        _read_flag(names, call)
    for define in code.defines:
        names.defines[scope_of(define)] = define
        names.functions[define.name].append(define)
        for decorator in define.decorators:
            names.hydra |= decorator.name.endswith("hydra.main")
            _read_flag(names, decorator)
    return names


def _read_flag(names: FileNames, call: Call) -> None:
    for name in call.kwargs if call.last in _DECLARE_FLAGS else ():
        names.flags[name].append(call)
    if call.last not in _DECLARES_FLAG and not call.last.startswith("DEFINE_"):
        return
    for name in [*call.args[:3], call.kwargs.get("dest")]:
        if isinstance(name, str) and not name.startswith("$"):
            names.flags[name.lstrip("-").replace("-", "_")].append(call)


def left_out(file: File) -> set[tuple[str, str]]:
    """(scope, value) of parameters that callers may leave out, and that are nothing then; for `file.once`."""
    assigns = file.facts.code.assigns if file.facts.code else ()
    return {(one.scope, f"${one.name}") for one in assigns if one.how == "default" and one.value is None}


def scope_of(define: Define) -> str:
    """The scope of what stands inside of the function or class."""
    return f"{define.scope}.{define.name}".lstrip(".")


@lru_cache(maxsize=4096)
def outwards(scope: str) -> tuple[str, ...]:
    """The scope, those around it and the module, from the innermost on."""
    parts = scope.split(".") if scope else []
    return tuple(".".join(parts[:n]) for n in range(len(parts), -1, -1))
