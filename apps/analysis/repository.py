"""The facts of all files of a commit, with the questions that checks ask of them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fnmatch import translate
from functools import cache, cached_property, lru_cache, partial
from typing import TYPE_CHECKING, Any, TypeVar

from apps.analysis.expressions import expression
from apps.analysis.findings import Evidence
from apps.analysis.index import Index
from apps.analysis.key_paths import ANY_KEYS, KeyPaths
from apps.analysis.paths import Kind, Role

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Sequence

    from apps.analysis.claims import Profile
    from apps.analysis.facts.model import (
        Assign,
        Call,
        Code,
        Command,
        Define,
        Dependency,
        FileFacts,
        Import,
        Leaf,
        Signal,
        Text,
    )

T = TypeVar("T")

SHELL_KINDS = frozenset({Kind.SHELL, Kind.MAKE, Kind.PROCFILE, Kind.GROOVY})
_WILD = re.compile(r"[*?\[\]]")
_FOREIGN = frozenset({Role.VENDORED, Role.GENERATED})


@dataclass(frozen=True, slots=True)
class File:
    """One tracked file. `size` is in bytes, None where the blob is absent."""

    path: str
    kind: Kind
    role: Role
    size: int | None
    facts: FileFacts
    symlink: bool = False

    def __hash__(self) -> int:
        return hash(self.path)

    @property
    def name(self) -> str:
        return self.path.rsplit("/", 1)[-1].lower()

    @property
    def folder(self) -> str:
        return self.path.rpartition("/")[0]

    def at(self, line: int = 0) -> Evidence:
        return Evidence(self.path, line)


class Facts:
    """What a check reads. `files` are all tracked files; most questions look at `system` files only.

    Dotted names are matched by shell patterns: `torch.save`, `*.fit`, `mlflow.*`. Regular expressions are searched, not
    matched, ignoring case. All results come in the order of the paths.
    """

    def __init__(self, files: Iterable[File], describe: Callable[[Facts], Profile]) -> None:
        """`describe` says what the system is, when a check first asks."""
        self.files = sorted(files, key=lambda file: file.path)
        self._describe = describe
        self._built: dict[object, Any] = {}
        self._kept_calls: dict[str, list[tuple[File, Call]]] = {}
        self._answers: dict[Hashable, Any] = {}

    def once(self, build: Callable[[Facts], T]) -> T:
        """What `build` makes of these facts, made once however many checks ask."""
        if build not in self._built:
            self._built[build] = build(self)
        found: T = self._built[build]
        return found

    def _answer(self, question: Hashable, find: Callable[[], list[T]]) -> list[T]:
        """Many checks ask the same question; a list of its own for each."""
        if question not in self._answers:
            self._answers[question] = find()
        return list(self._answers[question])

    @cached_property
    def profile(self) -> Profile:
        return self._describe(self)

    # --- files ----------------------------------------------------------------------------------------------------
    @cached_property
    def by_path(self) -> dict[str, File]:
        return {file.path: file for file in self.files}

    @cached_property
    def own(self) -> list[File]:
        """Everything but vendored and generated files."""
        return [file for file in self.files if file.role not in _FOREIGN]

    @cached_property
    def system(self) -> list[File]:
        """Files that are evidence of how the system runs; where all code is example code, that is the system."""
        system = [file for file in self.own if file.role is Role.SYSTEM]
        if any(file.facts.code or file.kind in {Kind.R, Kind.JAVA, Kind.SCALA, Kind.GO} for file in system):
            return system
        return [
            file
            for file in self.own
            if file.role in {Role.SYSTEM, Role.EXAMPLE, Role.DOCS} and file.kind is not Kind.PROSE
        ]

    def of_kind(self, *kinds: Kind) -> list[File]:
        return [file for file in self.system if file.kind in kinds]

    def named(self, pattern: str, *, everywhere: bool = False) -> list[File]:
        """Files whose whole path the regular expression finds."""
        search, files = _regex(pattern).search, self.own if everywhere else self.system
        return self._answer(("named", pattern, everywhere), lambda: [file for file in files if search(file.path)])

    # --- code -----------------------------------------------------------------------------------------------------
    @cached_property
    def scripts(self) -> list[File]:
        """Python modules, without notebooks."""
        return [file for file in self.system if file.kind is Kind.PYTHON and file.facts.code]

    @cached_property
    def notebooks(self) -> list[File]:
        return [file for file in self.system if file.kind is Kind.NOTEBOOK and file.facts.code]

    @cached_property
    def code(self) -> list[File]:
        return [*self.scripts, *self.notebooks]

    def imports(self, *modules: str, files: Iterable[File] | None = None) -> list[tuple[File, int]]:
        """(file, line) of imports of these modules or of anything below them."""
        if files is None:
            return self._answer(("imports", modules), lambda: self._imports(modules, None))
        return self._imports(modules, {file.path for file in files})

    def _imports(self, modules: tuple[str, ...], within: set[str] | None) -> list[tuple[File, int]]:
        wanted = frozenset(modules)
        below = tuple(f"{module}." for module in modules)
        found = {
            (file.path, one.line): (file, one.line)
            for top in dict.fromkeys(module.split(".", 1)[0] for module in modules)
            for file, one in self._imports_by_top.get(top, ())
            if (within is None or file.path in within) and (one.module in wanted or one.module.startswith(below))
        }
        return sorted(found.values(), key=lambda pair: (pair[0].kind is Kind.NOTEBOOK, pair[0].path, pair[1]))

    @cached_property
    def _imports_by_top(self) -> dict[str, list[tuple[File, Import]]]:
        index: dict[str, list[tuple[File, Import]]] = {}
        for file, code in self._parsed:
            for one in code.imports:
                index.setdefault(one.top, []).append((file, one))
        return index

    @cached_property
    def _calls_by_name(self) -> Index[Call]:
        return Index((call.name, file, call) for file, code in self._parsed for call in code.calls)

    @cached_property
    def _call_names_by_last(self) -> dict[str, list[str]]:
        return _grouped(self._calls_by_name.words, lambda name: name.rsplit(".", 1)[-1])

    @cached_property
    def _call_names_by_first(self) -> dict[str, list[str]]:
        return _grouped(self._calls_by_name.words, lambda name: name.split(".", 1)[0])

    @cached_property
    def _parsed(self) -> list[tuple[File, Code]]:
        return _parsed(self.code)

    def calls(self, *patterns: str, files: Iterable[File] | None = None) -> list[tuple[File, Call]]:
        """Calls whose dotted name one of the shell patterns matches whole."""
        if files is None:
            return self._answer(("calls", patterns), lambda: self._calls(patterns, None))
        return self._calls(patterns, {file.path for file in files})

    def _calls(self, patterns: tuple[str, ...], within: set[str] | None) -> list[tuple[File, Call]]:
        found: dict[tuple[str, int, str], tuple[File, Call]] = {}
        for pattern in patterns:
            for file, call in self._called(pattern):
                if within is None or file.path in within:
                    found.setdefault((file.path, call.line, call.name), (file, call))
        return sorted(found.values(), key=lambda pair: (pair[0].kind is Kind.NOTEBOOK, pair[0].path, pair[1].line))

    def _called(self, pattern: str) -> list[tuple[File, Call]]:
        """The calls of one pattern; kept, because many checks ask for the same ones."""
        if pattern not in self._kept_calls:
            candidates = self._candidates(pattern)
            fits = _fits(pattern) if candidates else bool
            self._kept_calls[pattern] = self._calls_by_name.of([name for name in candidates if fits(name)])
        return self._kept_calls[pattern]

    def _candidates(self, pattern: str) -> Sequence[str]:
        first, last = pattern.split(".", 1)[0], pattern.rsplit(".", 1)[-1]
        if not _WILD.search(last):
            return self._call_names_by_last.get(last, ())
        if not _WILD.search(first):
            return self._call_names_by_first.get(first, ())
        telling = max(_WILD.split(pattern), key=len)
        return [name for name in self._calls_by_name.words if telling in name]

    def assigns(self, pattern: str, files: Iterable[File] | None = None) -> list[tuple[File, Assign]]:
        """Assignments, parameter defaults, fields and dictionary entries whose name the expression finds."""
        regex = _regex(pattern)
        if files is None:
            return self._assigns_by_name.of([name for name in self._assigns_by_name.words if regex.search(name)])
        return [(file, one) for file, code in _parsed(files) for one in code.assigns if regex.search(one.name)]

    @cached_property
    def _assigns_by_name(self) -> Index[Assign]:
        return Index((one.name, file, one) for file, code in self._parsed for one in code.assigns)

    def texts(self, pattern: str, files: Iterable[File] | None = None) -> list[tuple[File, Text]]:
        """Telling string literals (addresses, paths, hosts, queries) that the expression finds."""
        regex = _regex(pattern)
        parsed = self._parsed if files is None else _parsed(files)
        return [(file, one) for file, code in parsed for one in code.texts if regex.search(one.value)]

    def defines(self, pattern: str, files: Iterable[File] | None = None) -> list[tuple[File, Define]]:
        regex = _regex(pattern)
        if files is None:
            return self._defines_by_name.of([name for name in self._defines_by_name.words if regex.search(name)])
        return [(file, one) for file, code in _parsed(files) for one in code.defines if regex.search(one.name)]

    @cached_property
    def _defines_by_name(self) -> Index[Define]:
        return Index((one.name, file, one) for file, code in self._parsed for one in code.defines)

    def signals(self, name: str, pattern: str = "") -> list[tuple[File, int, str]]:
        """(file, line, text) of the named pattern's hits in files of other languages."""
        regex = _regex(pattern)
        return [
            (file, one.line, one.text)
            for file, one in self._signals_by_name.get(name, ())
            if not pattern or regex.search(one.text)
        ]

    @cached_property
    def _signals_by_name(self) -> dict[str, list[tuple[File, Signal]]]:
        index: dict[str, list[tuple[File, Signal]]] = {}
        for file in self.system:
            for one in file.facts.signals:
                index.setdefault(one.name, []).append((file, one))
        return index

    # --- configuration ----------------------------------------------------------------------------------------------
    def leaves(self, path: str, *keys: str, value: str = "", everywhere: bool = False) -> list[tuple[File, Leaf]]:
        """Leaves of configuration files whose path `path` finds. `keys` are shell patterns, one per key; `**` is any
        number of keys. `value` is searched in the text of the leaf."""
        question = ("leaves", path, keys, value, everywhere)
        return self._answer(question, lambda: self._leaves(path, keys, value, everywhere=everywhere))

    def _leaves(self, path: str, keys: tuple[str, ...], value: str, *, everywhere: bool) -> list[tuple[File, Leaf]]:
        files = [file for file in self.named(path, everywhere=everywhere) if file.facts.leaves]
        if not files:
            return []
        if set(keys) <= {ANY_KEYS}:
            pairs = [(file, leaf) for file in files for leaf in file.facts.leaves]
        else:
            paths = {file.path for file in files}
            pairs = [pair for pair in self._key_paths.leaves(keys) if pair[0].path in paths]
        if not value:
            return pairs
        regex = _regex(value)
        holds = cache(lambda text: regex.search(text) is not None)  # generated files repeat their texts
        return [(file, leaf) for file, leaf in pairs if holds(leaf.text)]

    @cached_property
    def _key_paths(self) -> KeyPaths:
        return KeyPaths(self.own)

    # --- commands -----------------------------------------------------------------------------------------------------
    def commands(self, pattern: str, *, kinds: Iterable[Kind] = SHELL_KINDS) -> list[tuple[File, Command]]:
        """Lines of scripts, Makefiles, Procfiles and Jenkinsfiles that the expression finds."""
        regex, wanted = _regex(pattern), frozenset(kinds)
        return self._answer(
            ("commands", pattern, wanted),
            lambda: [(file, one) for file, one in self._commands if file.kind in wanted and regex.search(one.text)],
        )

    @cached_property
    def _commands(self) -> list[tuple[File, Command]]:
        return [(file, one) for file in self.system for one in file.facts.commands if one.text]

    @cached_property
    def dockerfiles(self) -> list[File]:
        return [file for file in self.own if file.kind is Kind.DOCKERFILE and file.facts.instructions]

    @cached_property
    def dependencies(self) -> list[tuple[File, Dependency]]:
        return [(file, one) for file in self.own for one in file.facts.dependencies]


def _parsed(files: Iterable[File]) -> list[tuple[File, Code]]:
    return [(file, file.facts.code) for file in files if file.facts.code]


def _grouped(names: Iterable[str], key: Callable[[str], str]) -> dict[str, list[str]]:
    groups: dict[str, list[str]] = {}
    for name in names:
        groups.setdefault(key(name), []).append(name)
    return groups


def places(pairs: Iterable[tuple[File, object]]) -> list[Evidence]:
    """Evidence for what `calls`, `assigns`, `leaves`… return: anything that has a line, or the line itself."""
    return [file.at(one if isinstance(one, int) else getattr(one, "line", 0)) for file, one in pairs]


@lru_cache(maxsize=4096)
def _regex(pattern: str) -> re.Pattern[str]:
    return expression(pattern, re.IGNORECASE)


def _fits(pattern: str) -> Callable[[str], object]:
    """Tells whether a name fits a shell pattern; by a regular expression only where the pattern needs one."""
    if not _WILD.search(pattern):
        return pattern.__eq__
    if pattern.startswith("*") and not _WILD.search(pattern[1:]):
        return partial(_ends, pattern[1:])
    if pattern.endswith("*") and not _WILD.search(pattern[:-1]):
        return partial(_begins, pattern[:-1])
    return re.compile(translate(pattern)).match


def _ends(ending: str, name: str) -> bool:
    return name.endswith(ending)


def _begins(beginning: str, name: str) -> bool:
    return name.startswith(beginning)
