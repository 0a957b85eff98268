"""The facts of all files of a commit, with the questions that checks ask of them."""

from __future__ import annotations

import re
from functools import cached_property, lru_cache
from operator import attrgetter
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from apps.analysis import charts
from apps.analysis.called import Called
from apps.analysis.expressions import expression
from apps.analysis.file import File
from apps.analysis.index import Index
from apps.analysis.leaves import Leaves
from apps.analysis.paths import Kind, Role
from apps.analysis.worded import Worded

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable

    from apps.analysis.claims import Profile
    from apps.analysis.facts.model import Assign, Call, Code, Command, Define, Dependency, Import, Leaf, Signal, Text
    from apps.analysis.findings import Evidence

__all__ = ["SHELL_KINDS", "Facts", "File", "places"]

T = TypeVar("T")
Where: TypeAlias = "Callable[[File, T], object] | None"

SHELL_KINDS = frozenset({Kind.SHELL, Kind.MAKE, Kind.PROCFILE, Kind.GROOVY})
_IN_CODE = ("imports", "calls", "assigns", "texts", "defines", "decorated", "deriving")
_OF_CODE = frozenset(f"_find_{one}" for one in _IN_CODE)
# What MLflow writes beside a model that it logs.
_BESIDE_MODELS = frozenset({"mlmodel", "conda.yaml", "python_env.yaml", "requirements.txt", "input_example.json"})
_FOREIGN = frozenset({Role.VENDORED, Role.GENERATED})


class Facts:
    """What a check reads. `files` are all tracked files; most questions look at `system` files only.

    Of what is found in a file, `where` tells by that file alone what is meant: a function of a module, asked once.
    Dotted names are matched by shell patterns: `torch.save`, `*.fit`, `mlflow.*`. Regular expressions are searched, not
    matched, ignoring case. All results come in the order of the paths.
    """

    def __init__(
        self, files: Iterable[File], describe: Callable[[Facts], Profile], *, neighbour: Facts | None = None
    ) -> None:
        """`describe` says what the system is, when a check first asks. `neighbour` are the facts of another commit of
        the same repository: what was answered of files that both have is not searched for again."""
        self.files = sorted(files, key=lambda file: file.path)
        self._describe = describe
        self.are_changes = False  # whether most files are what others of a neighbour became
        self._built: dict[object, Any] = {}
        self._answers: dict[tuple[Any, ...], list[Any]] = {}
        self._known: dict[tuple[Any, ...], list[Any]] = {}
        self.handed_on: dict[object, Any] = {}  # by builds, to themselves when they meet the next commit
        self.handed: dict[object, Any] = {}  # by those of the neighbour
        self.changed: list[File] = []  # files that this one or its neighbour has alone
        if neighbour and self._reads_as(neighbour):
            self._follow(neighbour)

    def _reads_as(self, neighbour: Facts) -> bool:
        """Whether the files that both have are looked at alike, whatever other files lie beside them."""
        return (
            neighbour.has_code is self.has_code
            and neighbour.charts_of_others == self.charts_of_others
            and neighbour._logged == self._logged
        )

    def _follow(self, neighbour: Facts) -> None:
        self._known, self.handed = neighbour._answers, neighbour.handed_on
        there = {id(file) for file in neighbour.files}
        self._shared = there.intersection(map(id, self.files))
        self._others = Facts([file for file in self.files if id(file) not in there], self._describe)
        self._others.are_changes = True
        self._others.own = [file for file in self.own if id(file) not in there]
        self._others.system = [file for file in self.system if id(file) not in there]
        self.changed = [*self._others.files, *(file for file in neighbour.files if id(file) not in self._shared)]

    def once(self, build: Callable[[Facts], T]) -> T:
        """What `build` makes of these facts, made once however many checks ask."""
        if build not in self._built:
            self._built[build] = build(self)
        found: T = self._built[build]
        return found

    def _answer(self, find: Callable[..., list[T]], *question: Hashable) -> list[T]:
        """What the method `find` finds; kept, for many checks ask the same. A list of its own for each."""
        asked = (find.__name__, *question)
        if asked not in self._answers:
            self._answers[asked] = self._carried(asked) if asked in self._known else find(*question)
        return list(self._answers[asked])

    def _carried(self, asked: tuple[Any, ...]) -> list[Any]:
        """The neighbour's answer without the files that it alone has, and with those that it has not."""
        name, *question = asked
        found, shared = getattr(self._others, name)(*question), self._shared
        if name == "_find_named":  # the files themselves; else tuples that begin with one
            kept = [file for file in self._known[asked] if id(file) in shared]
            return sorted([*kept, *found], key=attrgetter("path")) if found else kept
        kept = [one for one in self._known[asked] if id(one[0]) in shared]
        of_code = not _OF_CODE.isdisjoint((name, question[0]))  # for `_chosen` it is the question
        return sorted([*kept, *found], key=_code_first if of_code else _by_path) if found else kept

    @cached_property
    def profile(self) -> Profile:
        return self._describe(self)

    # --- files ----------------------------------------------------------------------------------------------------
    @cached_property
    def by_path(self) -> dict[str, File]:
        return {file.path: file for file in self.files}

    @cached_property
    def own(self) -> list[File]:
        """Everything but vendored and generated files, charts of others, and what MLflow writes beside a model."""
        logged = self._logged
        mine = [
            file
            for file in self.files
            if file.role not in _FOREIGN and not (file.folder in logged and file.name in _BESIDE_MODELS)
        ]
        others = self.charts_of_others
        return [file for file in mine if not file.path.startswith(others)] if others else mine

    @cached_property
    def _logged(self) -> frozenset[str]:
        """Folders of models that MLflow logged."""
        return frozenset(file.folder for file in self.files if file.name == "mlmodel" and file.folder)

    @cached_property
    def charts_of_others(self) -> tuple[str, ...]:
        return charts.of_others(self.files)

    @cached_property
    def has_code(self) -> bool:
        """Whether code of the system itself is there, beside examples and documents."""
        return any(
            file.facts.code or file.kind in {Kind.R, Kind.JAVA, Kind.SCALA, Kind.GO, Kind.SCRIPT}
            for file in self.own
            if file.role is Role.SYSTEM
        )

    @cached_property
    def system(self) -> list[File]:
        """Files that are evidence of how the system runs; where all code is example code, that is the system."""
        if self.has_code:
            return [file for file in self.own if file.role is Role.SYSTEM]
        return [
            file
            for file in self.own
            if file.role in {Role.SYSTEM, Role.EXAMPLE, Role.DOCS} and file.kind is not Kind.PROSE
        ]

    def telling(self, build: Callable[[File], T | None], among: str = "system") -> list[tuple[File, T]]:
        """(file, what `build` makes of it alone), of the `files`, `own`, `system` or `scripts` of which it makes
        something."""
        return self._answer(self._find_telling, build, among)

    def _find_telling(self, build: Callable[[File], T | None], among: str) -> list[tuple[File, T]]:
        files: list[File] = getattr(self, among)
        return [(file, told) for file in files if (told := file.once(build))]

    def of_kind(self, *kinds: Kind) -> list[File]:
        return [file for file in self.system if file.kind in kinds]

    def named(self, pattern: str, *, everywhere: bool = False) -> list[File]:
        """Files whose whole path, or the usual name of such files, the regular expression finds."""
        return self._answer(self._find_named, pattern, everywhere)

    def _find_named(self, pattern: str, everywhere: bool, with_leaves: bool = False) -> list[File]:
        search = _regex(pattern).search
        files = self.own if everywhere else self.system
        files = [file for file in files if file.facts.leaves] if with_leaves else files
        return [file for file in files if search(file.path) or (file.facts.form and search(file.facts.form))]

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
        return self._of_code(self._find_imports, modules, files)

    def _find_imports(self, modules: tuple[str, ...], files: Iterable[File] | None = None) -> list[tuple[File, int]]:
        if files is None:
            tops = dict.fromkeys(module.split(".", 1)[0] for module in modules)
            imported = (pair for top in tops for pair in self._imports_by_top.get(top, ()))
        else:
            imported = ((file, one) for file, code in _parsed(files) for one in code.imports)
        below = tuple(f"{module}." for module in modules)
        found = {
            (file.path, one.line): (file, one.line)
            for file, one in imported
            if one.module in modules or one.module.startswith(below)
        }
        return sorted(found.values(), key=lambda pair: (*_code_first(pair), pair[1]))

    @cached_property
    def _imports_by_top(self) -> dict[str, list[tuple[File, Import]]]:
        index: dict[str, list[tuple[File, Import]]] = {}
        for file, code in self._parsed:
            for one in code.imports:
                index.setdefault(one.top, []).append((file, one))
        return index

    def calls(
        self, *patterns: str, files: Iterable[File] | None = None, where: Where[Call] = None
    ) -> list[tuple[File, Call]]:
        """Calls whose dotted name one of the shell patterns matches whole."""
        return self._of_code(self._find_calls, patterns, files, where)

    def _find_calls(self, patterns: tuple[str, ...], files: Iterable[File] | None = None) -> list[tuple[File, Call]]:
        indexes = [self._called] if files is None else [file.once(_called) for file in files]
        found: dict[tuple[str, int, str], tuple[File, Call]] = {}
        for index in indexes:
            for file, call in index.of_any(patterns):
                found.setdefault((file.path, call.line, call.name), (file, call))
        return sorted(found.values(), key=lambda pair: (*_code_first(pair), pair[1].line))

    @cached_property
    def _called(self) -> Called:
        return Called((file, call) for file, code in self._parsed for call in code.calls)

    def assigns(
        self, pattern: str, files: Iterable[File] | None = None, where: Where[Assign] = None
    ) -> list[tuple[File, Assign]]:
        """Assignments, parameter defaults, fields and dictionary entries whose name the expression finds."""
        return self._of_code(self._find_assigns, pattern, files, where)

    def _find_assigns(self, pattern: str, files: Iterable[File] | None = None) -> list[tuple[File, Assign]]:
        if files is None and pattern:
            return self._assigns_by_name.of(filter(_regex(pattern).search, self._assigns_by_name.words))
        regex, parsed = _regex(pattern), self._parsed if files is None else _parsed(files)
        return [(file, one) for file, code in parsed for one in code.assigns if not pattern or regex.search(one.name)]

    @cached_property
    def _assigns_by_name(self) -> Index[Assign]:
        return Index((one.name, file, one) for file, code in self._parsed for one in code.assigns)

    def texts(self, pattern: str, files: Iterable[File] | None = None) -> list[tuple[File, Text]]:
        """Telling string literals (addresses, paths, hosts, queries) that the expression finds."""
        return self._of_code(self._find_texts, pattern, files)

    def _find_texts(self, pattern: str, files: Iterable[File] | None = None) -> list[tuple[File, Text]]:
        search, parsed = _regex(pattern).search, self._parsed if files is None else _parsed(files)
        return [(file, one) for file, code in parsed for one in code.texts if search(one.value)]

    def defines(
        self, pattern: str, files: Iterable[File] | None = None, where: Where[Define] = None
    ) -> list[tuple[File, Define]]:
        """Functions and classes whose name the expression finds."""
        return self._of_code(self._find_defines, pattern, files, where)

    def decorated(self, files: Iterable[File] | None = None, where: Where[Define] = None) -> list[tuple[File, Define]]:
        """Functions and classes that have decorators."""
        return self._of_code(self._find_decorated, "", files, where)

    def deriving(self, files: Iterable[File] | None = None, where: Where[Define] = None) -> list[tuple[File, Define]]:
        """Classes that have bases."""
        return self._of_code(self._find_deriving, "", files, where)

    def _find_decorated(self, _: str, files: Iterable[File] | None = None) -> list[tuple[File, Define]]:
        return [(file, one) for file, one in self.defines("", files) if one.decorators]

    def _find_deriving(self, _: str, files: Iterable[File] | None = None) -> list[tuple[File, Define]]:
        return [(file, one) for file, one in self.defines("", files) if one.bases]

    def _find_defines(self, pattern: str, files: Iterable[File] | None = None) -> list[tuple[File, Define]]:
        if files is None and pattern:
            return self._defines_by_name.of(filter(_regex(pattern).search, self._defines_by_name.words))
        regex, parsed = _regex(pattern), self._parsed if files is None else _parsed(files)
        return [(file, one) for file, code in parsed for one in code.defines if not pattern or regex.search(one.name)]

    @cached_property
    def _defines_by_name(self) -> Index[Define]:
        return Index((one.name, file, one) for file, code in self._parsed for one in code.defines)

    @cached_property
    def _parsed(self) -> list[tuple[File, Code]]:
        return _parsed(self.code)

    def _of_code(
        self, find: Callable[..., list[Any]], asked: Hashable, files: Iterable[File] | None, where: Where[Any] = None
    ) -> list[Any]:
        """What `find` finds in `files`; of all code, and of all scripts, it is kept."""
        if files is None or files is self.code:
            return self._answer(self._chosen, find.__name__, (asked,), where) if where else self._answer(find, asked)
        if files is self.scripts:
            return self._answer(self._chosen, find.__name__, (asked,), where, Kind.PYTHON)
        found = find(asked, list({file.path: file for file in files}.values()))  # who asks may name one twice
        return [one for one in found if where(*one)] if where else found

    def _chosen(
        self, find: str, question: tuple[Hashable, ...], where: Where[Any], kind: Kind | None = None
    ) -> list[Any]:
        """Of what `find` finds, what `where` holds of, in files of the kind."""
        found = self._answer(getattr(self, find), *question)
        if kind:
            found = [one for one in found if one[0].kind is kind]
        return [one for one in found if where(*one)] if where else found

    def signals(self, name: str, pattern: str = "") -> list[tuple[File, int, str]]:
        """(file, line, text) of the named pattern's hits in files of other languages."""
        return self._answer(self._find_signals, name, pattern)

    def _find_signals(self, name: str, pattern: str) -> list[tuple[File, int, str]]:
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
    def leaves(
        self, path: str, *keys: str, value: str = "", everywhere: bool = False, where: Where[Leaf] = None
    ) -> list[tuple[File, Leaf]]:
        """Leaves of configuration files whose path `path` finds. `keys` are shell patterns, one per key; `**` is any
        number of keys. `value` is searched in the text of the leaf."""
        question = path, keys, value, everywhere
        if where:
            return self._answer(self._chosen, "_find_leaves", question, where)
        return self._answer(self._find_leaves, *question)

    def _find_leaves(self, path: str, keys: tuple[str, ...], value: str, everywhere: bool) -> list[tuple[File, Leaf]]:
        files = self._answer(self._find_named, path, everywhere, True)
        return self._leaves.of(files, keys, value) if files else []

    @cached_property
    def _leaves(self) -> Leaves:
        return Leaves(self.own, changes=self.are_changes)

    # --- commands -----------------------------------------------------------------------------------------------------
    def commands(self, pattern: str, *, kinds: Iterable[Kind] = SHELL_KINDS) -> list[tuple[File, Command]]:
        """Lines of scripts, Makefiles, Procfiles and Jenkinsfiles that the expression finds."""
        return self._answer(self._find_commands, pattern, frozenset(kinds))

    def _find_commands(self, pattern: str, kinds: frozenset[Kind]) -> list[tuple[File, Command]]:
        return [(file, one) for file, one in self._commands.holding(pattern) if file.kind in kinds]

    @cached_property
    def _commands(self) -> Worded[Command]:
        told = ((one.text, file, one) for file in self.system for one in file.facts.commands if one.text)
        return Worded(told, changes=self.are_changes)

    @cached_property
    def dockerfiles(self) -> list[File]:
        return [file for file in self.own if file.kind is Kind.DOCKERFILE and file.facts.instructions]

    @cached_property
    def dependencies(self) -> list[tuple[File, Dependency]]:
        return [(file, one) for file in self.own for one in file.facts.dependencies]


def _parsed(files: Iterable[File]) -> list[tuple[File, Code]]:
    return [(file, file.facts.code) for file in files if file.facts.code]


def _called(file: File) -> Called:
    return Called((file, call) for call in (file.facts.code.calls if file.facts.code else ()))


def _by_path(one: tuple[File, Any]) -> str:
    return one[0].path


def _code_first(one: tuple[File, Any]) -> tuple[bool, str]:
    """Notebooks come behind modules."""
    return one[0].kind is Kind.NOTEBOOK, one[0].path


def places(pairs: Iterable[tuple[File, object]]) -> list[Evidence]:
    """Evidence for what `calls`, `assigns`, `leaves`… return: anything that has a line, or the line itself."""
    return [file.at(one if isinstance(one, int) else getattr(one, "line", 0)) for file, one in pairs]


@lru_cache(maxsize=4096)
def _regex(pattern: str) -> re.Pattern[str]:
    return expression(pattern, re.IGNORECASE)
