"""Third-party packages that the code imports, told apart from the standard library and the repository's own modules."""

from __future__ import annotations

import posixpath
import re
from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from apps.analysis.expressions import expression
from apps.analysis.packages.names import ALWAYS_THERE, PRIVATE, STANDARD, candidates, is_known, normal
from apps.analysis.paths import Kind, with_outer

if TYPE_CHECKING:
    from apps.analysis.facts.model import Import
    from apps.analysis.repository import Facts, File

_BUILD_FILES = frozenset({"setup.py", "noxfile.py", "fabfile.py", "conftest.py", "versioneer.py", "ez_setup.py"})
_STUBS = expression(r"_pb2(_grpc)?$|^_")


class Package(msgspec.Struct):
    """`name` is the distribution as it is usually declared; `places` are its imports, those of scripts first."""

    name: str
    module: str
    options: tuple[str, ...]
    places: list[tuple[File, int]] = []


def of_python(facts: Facts) -> list[Package]:
    """Packages that system code cannot run without: optional imports (try/except ImportError) are left out."""
    own = _Own(facts)
    found: dict[str, Package] = {}
    for file in facts.code:
        if file.name in _BUILD_FILES:
            continue
        for one in file.once(_beyond_standard):
            if not own.holds(file, one):
                name = one.options[0]
                if name not in found:
                    found[name] = Package(name, one.module, one.options)
                found[name].places.append((file, one.line))
    return sorted(found.values(), key=lambda package: package.name)


class _Asked(NamedTuple):
    """An import that some distribution brings. `may_be_own` whether its name alone lets it be a module from here, `private`
    whether it lets it be one that is left out of git."""

    module: str
    line: int
    options: tuple[str, ...]
    parts: tuple[str, ...]  # the first two of the module's name
    may_be_own: bool
    private: bool


def _beyond_standard(file: File) -> list[_Asked]:
    """Imports that must be found that neither Python nor every environment has."""
    return [
        _asked(one)
        for one in (file.facts.code.imports if file.facts.code else ())
        if not one.guarded and not _is_there(one.module, one.top) and candidates(one.module)
    ]


def _asked(one: Import) -> _Asked:
    unknown = not is_known(one.top)
    return _Asked(
        one.module,
        one.line,
        candidates(one.module),
        tuple(one.module.split(".", 2)[:2]),
        may_be_own=unknown,
        private=unknown and one.top.lower() in PRIVATE,
    )


def _is_there(module: str, top: str) -> bool:
    """Whether no distribution and no module of the repository's own is meant, as far as the name tells."""
    if not top or top in STANDARD or top in ALWAYS_THERE:
        return True
    return module.startswith("google.colab") or bool(_STUBS.search(top))


class _Own:
    """The repository's modules. A name that a known package has too is own only where Python would find it."""

    def __init__(self, facts: Facts) -> None:
        modules = [one for _, one in facts.telling(_as_module, "files")]
        self._modules = {one.path for one in modules}
        self._below = self._modules | with_outer(
            one.path.rpartition("/")[0] for one in modules
        )  # a package needs no file
        self._names: set[str] = set().union(*(one.names for one in modules))
        submodules = facts.leaves(r"^\.gitmodules$", "*", "path")  # which a checkout brings
        self._names.update(part for _, leaf in submodules for part in leaf.text.split("/"))
        if facts.leaves(r"(^|/)(cdk8s\.ya?ml|cdktf\.json)$"):
            self._names.add("imports")  # what the tool generates of the definitions that it is given, and nobody tracks
        self._roots = {""}.union(*(one.roots for one in modules))
        named = facts.leaves(r"(^|/)pyproject\.toml$", "project", "name")
        self._projects = {normal(leaf.text) for _, leaf in named}
        self._found: dict[tuple[str, ...], tuple[bool, set[str]]] = {}

    def holds(self, file: File, one: _Asked) -> bool:
        """Whether the import needs no distribution."""
        if one.parts[0] not in self._names:  # which of most packages says that they are none of these
            return one.private or normal(one.parts[0]) in self._projects
        return one.may_be_own or self._is_found(file, one.parts)

    def _is_found(self, file: File, parts: tuple[str, ...]) -> bool:
        asked = (file.folder, *parts)
        if asked not in self._found:
            self._found[asked] = self._find(*asked)
        below, modules = self._found[asked]
        return below or bool(modules - {file.path.rsplit(".", 1)[0]})

    def _find(self, folder: str, first: str, second: str = "") -> tuple[bool, set[str]]:
        """Whether `first.second` is a module where imports of the folder's files may start, and those that `first` is."""
        roots = with_outer([folder]) | self._roots
        at = {f"{root}/{first}" if root else first for root in roots}
        return bool(second) and any(f"{one}/{second}" in self._below for one in at), at & self._modules


class _Module(NamedTuple):
    path: str  # without suffix; of a package its folder
    names: tuple[str, ...]  # the parts of its path
    roots: tuple[str, ...]  # where imports may start


def _as_module(file: File) -> _Module | None:
    if file.kind is not Kind.PYTHON and not file.path.endswith((".so", ".pyd", ".pyi")):
        return None
    stem = file.path.rsplit(".", 1)[0]
    path = stem.removesuffix("/__init__")
    return _Module(path, tuple(stem.split("/")), tuple(_source_roots(path)))


def _source_roots(module: str) -> list[str]:
    """Folders that are usually on the path: `src`, `lib`, `python`, `app`…"""
    return [
        found.group(0)
        for found in re.finditer(r"^(?:.*?/)?(?:src|lib|python|source|code|backend|dags|plugins)(?=/)", module)
    ]


# --- JavaScript and TypeScript ---------------------------------------------------------------------------------------------
_NODE = frozenset(
    "assert async_hooks buffer child_process cluster console constants crypto dgram dns domain events fs http http2 https inspector module net os path perf_hooks process "
    "punycode querystring readline repl stream string_decoder timers tls tty url util v8 vm worker_threads zlib test".split()
)
_TOOL_FILES = expression(r"\.config\.\w+$|^\.?(eslint|prettier|babel|gulp|grunt|karma|jest|vite|webpack|rollup)\w*\.")
_QUOTED = expression(r"""(?:from|require\(|import)\s*\(?\s*['"]([^'"]+)['"]""")


_COMPILER_FILES = r"(^|/)[tj]sconfig[\w.-]*\.json$"


def of_scripts(facts: Facts) -> list[Package]:
    found: dict[str, Package] = {}
    aliases, packages = _aliases(facts), {leaf.text for _, leaf in facts.leaves(r"(^|/)package\.json$", "name")}
    for file, line, text in facts.signals("import"):
        quoted = _QUOTED.search(text) if file.kind is Kind.SCRIPT and not _TOOL_FILES.search(file.name) else None
        if not quoted or quoted.group(1).startswith((".", "/", "@/", "~", "#", "node:", "$", "src/", "http")):
            continue
        if any(one.hold(quoted.group(1)) for folder in with_outer([file.folder]) for one in aliases.get(folder, ())):
            continue
        parts = quoted.group(1).split("/")
        name = "/".join(parts[:2]) if parts[0].startswith("@") else parts[0]
        if name.split(":")[0] not in _NODE and "." not in parts[0][:1] and " " not in name and name not in packages:
            found.setdefault(name, Package(name, name, (name,))).places.append((file, line))
    return sorted(found.values(), key=lambda package: package.name)


class _Aliases(NamedTuple):
    """What one compiler's file says of imports in its folder: how own modules are called there."""

    names: frozenset[str]  # whole, or before the first slash
    starts: tuple[str, ...]

    def hold(self, module: str) -> bool:
        return module in self.names or module.split("/", 1)[0] in self.names or module.startswith(self.starts)


def _aliases(facts: Facts) -> dict[str, list[_Aliases]]:
    """By the folder for which they are said."""
    configs = {config.path: config for config, _ in facts.leaves(_COMPILER_FILES, "compilerOptions", "**")}
    found: dict[str, list[_Aliases]] = {}
    for config in configs.values():
        found.setdefault(config.folder, []).append(_aliases_of(facts, config))
    return found


def _aliases_of(facts: Facts, config: File) -> _Aliases:
    names, starts = set[str](), set[str]()
    for leaf in config.facts.leaves:
        match leaf.keys:
            case ["compilerOptions", "paths", alias, *_] if "node_modules" not in leaf.text:
                start, star, _ = alias.partition("*")
                (starts if star else names).add(start or alias)
            case ["compilerOptions", "baseUrl"]:
                base = posixpath.normpath(posixpath.join(config.folder, leaf.text.lstrip("/")))
                names |= facts.once(_just_below).get(base.removeprefix("."), set())
    return _Aliases(frozenset(names), tuple(starts - {"*"}))


_IMPORTED = (".json", ".css", ".scss", ".sass", ".less", ".svg", ".png", ".jpg", ".md", ".mdx", ".wasm")


def _just_below(facts: Facts) -> dict[str, set[str]]:
    """By each folder, the folders and modules that lie right in it: what code can import."""
    found: dict[str, set[str]] = {}
    for file in facts.files:
        if file.kind is not Kind.SCRIPT and not file.name.endswith(_IMPORTED):
            continue
        at = file.path
        while at:
            folder, _, name = at.rpartition("/")
            beside, stem = found.setdefault(folder, set()), name.split(".", 1)[0]
            if stem in beside:
                break
            beside.add(stem)
            at = folder
    return found


# --- R ---------------------------------------------------------------------------------------------------------------------
_BASE_R = frozenset(
    "base stats utils methods graphics grDevices datasets parallel tools grid splines stats4 tcltk compiler R".split()
)
_LIBRARY = expression(r"(?:library|require|requireNamespace)\s*\(\s*['\"]?([A-Za-z][\w.]*)")


def of_r(facts: Facts) -> list[Package]:
    found: dict[str, Package] = {}
    for file, line, text in facts.signals("import", r"library|require"):
        named = _LIBRARY.search(text) if file.kind is Kind.R else None
        if named and named.group(1) not in _BASE_R:
            name = named.group(1)
            found.setdefault(name, Package(name, name, (normal(name),))).places.append((file, line))
    return sorted(found.values(), key=lambda package: package.name)


def by_ecosystem(facts: Facts) -> dict[str, list[Package]]:
    """Imported packages by ecosystem; languages whose imports name no package (Java, Scala, Go) hold none here."""
    found: dict[str, list[Package]] = defaultdict(list)
    found["python"] = of_python(facts)
    found["npm"] = of_scripts(facts)
    found["r"] = of_r(facts)
    return found
