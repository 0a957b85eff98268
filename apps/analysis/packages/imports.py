"""Third-party packages that the code imports, told apart from the standard library and the repository's own modules."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING

import msgspec

from apps.analysis.expressions import expression
from apps.analysis.packages.names import ALWAYS_THERE, PRIVATE, STANDARD, candidates, is_known, normal
from apps.analysis.paths import Kind

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
            if own.holds(file, one):
                continue
            options = candidates(one.module)
            if options:
                package = found.setdefault(options[0], Package(options[0], one.module, options))
                package.places.append((file, one.line))
    return sorted(found.values(), key=lambda package: package.name)


def _beyond_standard(file: File) -> list[Import]:
    """Imports that must be found that neither Python nor every environment has."""
    return [
        one
        for one in (file.facts.code.imports if file.facts.code else ())
        if not one.guarded and not _is_there(one.module, one.top)
    ]


def _is_there(module: str, top: str) -> bool:
    """Whether no distribution and no module of the repository's own is meant, as far as the name tells."""
    if not top or top in STANDARD or top in ALWAYS_THERE:
        return True
    return module.startswith("google.colab") or bool(_STUBS.search(top))


class _Own:
    """The repository's modules. A name that a known package has too is own only where Python would find it."""

    def __init__(self, facts: Facts) -> None:
        self._modules: set[str] = set()  # paths without suffix, and folders with an __init__
        self._names: set[str] = set()
        for file in facts.files:
            if file.kind is Kind.PYTHON or file.path.endswith((".so", ".pyd", ".pyi")):
                stem = file.path.rsplit(".", 1)[0]
                self._modules.add(stem.removesuffix("/__init__"))
                self._names.update(stem.split("/"))
        self._roots = {"", *(root for module in self._modules for root in _source_roots(module))}
        self._found: dict[tuple[str, ...], tuple[bool, set[str]]] = {}

    def holds(self, file: File, one: Import) -> bool:
        """Whether the import needs no distribution."""
        if self._is_found(file, one.module.split(".", 2)[:2]):
            return True
        return not is_known(one.top) and (one.top in self._names or one.top.lower() in PRIVATE)

    def _is_found(self, file: File, parts: list[str]) -> bool:
        asked = (file.folder, *parts)
        if asked not in self._found:
            self._found[asked] = self._find(*asked)
        below, modules = self._found[asked]
        return below or bool(modules - {file.path.rsplit(".", 1)[0]})

    def _find(self, folder: str, first: str, second: str = "") -> tuple[bool, set[str]]:
        """Whether `first.second` is a module where imports of the folder's files may start, and those that `first` is."""
        folders = folder.split("/") if folder else []
        roots = {"/".join(folders[:count]) for count in range(len(folders) + 1)} | self._roots
        at = {f"{root}/{first}" if root else first for root in roots}
        return bool(second) and any(f"{one}/{second}" in self._modules for one in at), at & self._modules


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


def of_scripts(facts: Facts) -> list[Package]:
    found: dict[str, Package] = {}
    for file, line, text in facts.signals("import"):
        quoted = _QUOTED.search(text) if file.kind is Kind.SCRIPT and not _TOOL_FILES.search(file.name) else None
        if not quoted or quoted.group(1).startswith((".", "/", "@/", "~", "#", "node:", "$", "src/", "http")):
            continue
        parts = quoted.group(1).split("/")
        name = "/".join(parts[:2]) if parts[0].startswith("@") else parts[0]
        if name.split(":")[0] not in _NODE and "." not in parts[0][:1]:
            found.setdefault(name, Package(name, name, (name,))).places.append((file, line))
    return sorted(found.values(), key=lambda package: package.name)


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
