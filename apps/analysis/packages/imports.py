"""Packages of others that the system's Python code imports."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from apps.analysis.packages.names import DISTRIBUTIONS, STANDARD, is_platform
from apps.analysis.paths import Kind

if TYPE_CHECKING:
    from apps.analysis.facts.model import Import
    from apps.analysis.findings import Evidence
    from apps.analysis.repository import Facts, File

# Names that are modules of one's own; where they are not tracked, no package is missing.
_OWN = re.compile(
    r"^(config\w*|settings?|secrets?\w*|credentials?|constants?|keys?|api_?keys?|utils?\w*|helpers?|models?|data\w*|src|app|lib|common|core|local\w*|params?|main|train\w*|test\w*|preprocess\w*|"
    r"networks?|layers?|options|loss\w*|modules?|scripts?|tools|db|database|schemas?|routes?|services?|pipelines?|features?|agents?|backend|my\w+|hyper\w*param\w*)$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Imported:
    """`module` is the dotted name as far as it tells the distribution."""

    module: str
    places: tuple[Evidence, ...]

    @property
    def top(self) -> str:
        return self.module.split(".", 1)[0]


def third_party(facts: Facts) -> list[Imported]:
    """One entry per package, by the name of its module; guarded, own and standard modules are left out."""
    return facts.once(_third_party)


def _third_party(facts: Facts) -> list[Imported]:
    own = _Own(facts)
    found: dict[str, list[Evidence]] = {}
    for file in facts.code:
        for one in file.facts.code.imports if file.facts.code else ():
            if not _is_foreign(one) or own.has(one.top, file):
                continue
            found.setdefault(_telling(one.module), []).append(file.at(one.line))
    return [Imported(module, tuple(places)) for module, places in found.items()]


def _is_foreign(one: Import) -> bool:
    name = one.top
    if not name or one.guarded or name in STANDARD or name.startswith("_"):
        return False
    return not is_platform(one.module)


def _telling(module: str) -> str:
    """Namespaces are told apart by their second and third part, everything else by its first."""
    parts = module.split(".")
    if parts[0] in {"google", "azure", "airflow"}:
        if parts[0] == "airflow":
            return ".".join(parts[:3]) if parts[1:2] == ["providers"] else "airflow"
        return ".".join(parts[:3]) if parts[1:2] in (["cloud"], ["ai"], ["storage"]) else ".".join(parts[:2])
    return parts[0]


class _Own:
    """Modules of the repository itself."""

    def __init__(self, facts: Facts) -> None:
        python = [file.path for file in facts.files if file.kind is Kind.PYTHON]
        self.modules = {path.removesuffix(".py") for path in python}
        self.packages = {path.rpartition("/")[0] for path in python if path.endswith("/__init__.py")}
        folders = {parent for path in python for parent in _parents(path)}
        self.names = {path.rpartition("/")[2] for path in self.modules | folders}
        self.names |= {path.rpartition("/")[2].removesuffix(".ipynb") for path in (n.path for n in facts.notebooks)}

    def has(self, name: str, file: File) -> bool:
        if name not in DISTRIBUTIONS:
            return name in self.names or bool(_OWN.match(name))
        # A well-known package: only a module that an import from here would find can hide it.
        for folder in (*_parents(file.path), "", "src"):
            path = f"{folder}/{name}".lstrip("/")
            if path in self.packages or (path in self.modules and f"{path}.py" != file.path):
                return True
        return False


def _parents(path: str) -> list[str]:
    parts = path.split("/")[:-1]
    return ["/".join(parts[:end]) for end in range(1, len(parts) + 1)]
