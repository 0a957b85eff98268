"""Parallel copies of the same code, and own code that is plainly missing."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING

from apps.analysis.expressions import expression
from apps.analysis.paths import Kind

if TYPE_CHECKING:
    from apps.analysis.facts.model import Block, Import
    from apps.analysis.repository import Facts, File

CODE = frozenset(
    {Kind.PYTHON, Kind.NOTEBOOK, Kind.R, Kind.JAVA, Kind.SCALA, Kind.GO, Kind.SCRIPT, Kind.SQL, Kind.SHELL}
)
MIRRORED = 4  # modules that two folders must share to be copies of each other
MOST_TWINS = 4  # modules that may share a function's name before it is a convention
MANY_TWINS = 3  # functions that two modules must share to be copies of each other…
MANY_LINES = 40  # …and their lines
FEW_LINES = 15  # of copied functions or cells; fewer are a habit, not a copy

_TUTORIAL = expression(r"tutorial|quick_?start|getting_?started|walkthrough", re.IGNORECASE)
_TOOL_SETTINGS = expression(
    r"\.(config|rc)\.[cm]?[jt]s$|(^|/)(\.?\w+rc\.[cm]?js|setupTests\.\w+|reportWebVitals\.\w+|mvnw|gradlew)$",
    re.IGNORECASE,
)
_CODE_ARCHIVE = expression(
    r"(^|[/_-])(src|source|sources|code|codes|app|project|scripts?|notebooks?|lambda\w*|package|dags?|backend|frontend|deploy\w*|flask\w*|streamlit\w*|api)[^/]*\.(zip|tar|tgz|tar\.gz|7z|rar)$",
    re.IGNORECASE,
)


def identical_files(facts: Facts) -> list[list[File]]:
    """Groups of code files that differ in comments and white space at most; Go repeats files per platform by design."""
    groups: dict[str, list[File]] = defaultdict(list)
    for file in facts.system:
        if (
            file.facts.digest
            and file.kind in CODE - {Kind.GO}
            and not file.symlink
            and not _TUTORIAL.search(file.path)
            and not _TOOL_SETTINGS.search(file.path)
        ):
            groups[file.facts.digest].append(file)
    return [group for group in groups.values() if len(group) > 1]


def identical_blocks(facts: Facts) -> list[list[tuple[File, Block]]]:
    """Groups of equal functions or cells in different files, the largest first."""
    groups: dict[str, list[tuple[File, Block]]] = defaultdict(list)
    for file in (one for one in facts.system if not _TUTORIAL.search(one.path)):
        for block in file.facts.blocks:
            groups[block.digest].append((file, block))
    copied = [group for group in groups.values() if len({file.path for file, _ in group}) > 1]
    return sorted(copied, key=lambda group: -group[0][1].size)


def mirrored_folders(facts: Facts) -> list[tuple[str, str]]:
    """Pairs of folders beside each other that hold the same modules with the same functions, and differ within."""
    inside: dict[str, dict[str, frozenset[str]]] = defaultdict(dict)
    for file in facts.scripts:
        parts = file.path.split("/")
        names = frozenset(one.name for one in (file.facts.code.defines if file.facts.code else ()))
        for depth in range(1, len(parts)):
            if names:
                inside["/".join(parts[:depth])]["/".join(parts[depth:])] = names
    folders = sorted(folder for folder, modules in inside.items() if len(modules) >= MIRRORED)
    return [
        (one, other)
        for position, one in enumerate(folders)
        for other in folders[position + 1 :]
        if one.rpartition("/")[0] == other.rpartition("/")[0] and _mirrors(inside[one], inside[other])
    ]


def _mirrors(one: dict[str, frozenset[str]], other: dict[str, frozenset[str]]) -> bool:
    same = [
        path for path in one.keys() & other.keys() if 2 * len(one[path] & other[path]) >= len(one[path] | other[path])
    ]
    return len(same) >= MIRRORED and 3 * len(same) >= 2 * max(len(one), len(other))


def near_copies(facts: Facts) -> list[list[tuple[File, Block]]]:
    """Pairs of modules, with the functions of the first, that hold functions of the same names and about the same sizes:
    what was copied and changed here and there. The largest first.

    A name that many modules share is a convention of a framework, a name of one word is a habit.
    """
    by_name: dict[str, list[tuple[File, Block]]] = defaultdict(list)
    for file in facts.scripts:
        if not _TUTORIAL.search(file.path):
            for block in file.facts.blocks:
                by_name[block.name.rsplit(".", 1)[-1]].append((file, block))
    pairs: dict[tuple[str, str], list[tuple[File, Block]]] = defaultdict(list)
    for name, found in by_name.items():
        if re.match(r"_?[a-z]\w*_\w{3,}", name) and len({file.path for file, _ in found}) <= MOST_TWINS:
            for position, (file, block) in enumerate(found):
                for other, twin in found[position + 1 :]:
                    if other is not file and 5 * min(block.size, twin.size) >= 4 * max(block.size, twin.size):
                        pairs[file.path, other.path] += [(file, block), (other, twin)]
    kept = [pair for pair in pairs.values() if len(pair) >= 2 * MANY_TWINS and _lines(pair) >= MANY_LINES]
    return sorted(kept, key=_lines, reverse=True)


def _lines(pair: list[tuple[File, Block]]) -> int:
    return sum(block.size for _, block in pair[::2])


def variants(facts: Facts) -> list[tuple[File, File]]:
    """Pairs of modules beside each other, of which the second has the name of the first and a word more, whose functions
    have the same names and about the same sizes, but for a fifth of their lines: `train.py` and `train_gpu.py`."""
    sizes = {file.path.removesuffix(".py"): _sizes(file) for file in facts.scripts if not _TUTORIAL.search(file.path)}
    found = []
    for stem, one in sizes.items():
        folder, _, name = stem.rpartition("/")
        ends = [match.start() for match in re.finditer(r"[_-]", name)]
        for shorter in (f"{folder}/{name[:end]}".lstrip("/") for end in ends):
            other = sizes.get(shorter, {})
            same = [
                key
                for key in one.keys() & other.keys()
                if 5 * min(one[key], other[key]) >= 4 * max(one[key], other[key])
            ]
            lines = sum(other[key] for key in same)
            if lines >= MANY_LINES and 5 * lines >= 4 * max(sum(one.values()), sum(other.values())):
                found.append((facts.by_path[f"{shorter}.py"], facts.by_path[f"{stem}.py"]))
    return found


def _sizes(file: File) -> dict[str, int]:
    return {block.name: block.size for block in file.facts.blocks}


def twin_modules(facts: Facts) -> list[tuple[File, File]]:
    """Pairs of modules that define the same functions, by their names, and no others."""
    named: dict[frozenset[str], list[File]] = defaultdict(list)
    for file in facts.scripts:
        names = _particular(file)
        if len(names) > 1:
            named[names].append(file)
    return [(files[0], files[1]) for files in named.values() if 1 < len(files) < MOST_TWINS]


def _particular(file: File) -> frozenset[str]:
    """Functions of the module itself, where all are named by more than one word and none for a framework."""
    defines = [one for one in (file.facts.code.defines if file.facts.code else ()) if not one.scope]
    plain = [one.name for one in defines if one.kind == "def" and not one.decorators]
    told = len(plain) == len(defines) and all(re.match(r"[a-z]\w*_\w{3,}", name) for name in plain)
    return frozenset(plain) if told else frozenset()


def code_archives(facts: Facts) -> list[File]:
    """Archives named for code, other than those that are packed from source that is tracked as well."""
    named = [file for file in facts.system if file.kind is Kind.ARCHIVE and _CODE_ARCHIVE.search(file.path)]
    code = {file.path.lower() for file in facts.system if file.kind in CODE}
    if named and _packs_functions(facts):
        named = [file for file in named if not re.search(r"lambda|function|layer", file.path, re.IGNORECASE)]
    return [file for file in named if not _is_packed(file, code)] if named else []


def _is_packed(archive: File, code: set[str]) -> bool:
    """Whether the source lies beside the archive: a module or a folder of its name."""
    stem = archive.path.rpartition(".")[0].lower().removesuffix(".tar")
    return any(path.startswith((f"{stem}.", f"{stem}/")) for path in code)


def _packs_functions(facts: Facts) -> bool:
    """Whether functions of a cloud are tracked as source, from which their packages are made."""
    return bool(facts.defines(r"^(lambda_)?handler$|_handler$") or facts.signals("terraform-block", "archive_file"))


# --- own code that is missing ---------------------------------------------------------------------------------------------
_MADE_LATER = expression(
    r"(^|\.)_?(version|build|generated|secrets?|credentials?|local_settings|settings_local)(\.|$)|_pb2|_version$"
)


def missing_modules(facts: Facts) -> list[tuple[File, Import]]:
    """Imports, out of system files, of a module of an own package that is not in the repository."""
    if ".gitmodules" in facts.by_path:
        return []  # the missing code may come from there
    tree = _Tree(facts)
    return [
        (file, one)
        for file in facts.scripts
        for one in (file.facts.code.imports if file.facts.code else ())
        if not one.guarded and tree.lacks(file, one.module) and not _MADE_LATER.search(one.module)
    ]


def carries(facts: Facts, file: File) -> bool:
    """Whether something of the system rests on the module: others import it, a stage is there, or no other file tells
    what the system does."""
    stages = (claim for claim in facts.profile.stages.values() if claim.holds)
    claims = [facts.profile.serves, facts.profile.trains, *stages]
    told = {place.path for claim in claims for place in claim.evidence}
    name = file.name.removesuffix(".py")
    return (
        not told
        or file.path in told
        or any(
            name in one.module.lower().split(".")
            for other in facts.scripts
            if other is not file
            for one in (other.facts.code.imports if other.facts.code else ())
        )
    )


class _Tree:
    """The importable files and folders, to follow an import as Python would from any root of the repository."""

    def __init__(self, facts: Facts) -> None:
        self._files = {file.path for file in facts.files}
        self._folders = {path.rpartition("/")[0] for path in self._files}
        self._folders |= {"/".join(one.split("/")[:n]) for one in self._folders for n in range(1, one.count("/") + 1)}
        self._packages: dict[str, list[str]] = defaultdict(list)  # name of a folder of Python files -> the folders
        for folder in {file.folder for file in facts.scripts if file.folder}:
            self._packages[folder.rsplit("/", 1)[-1]].append(folder)
            outer = folder.rpartition("/")[0]
            while outer:
                self._packages[outer.rsplit("/", 1)[-1]].append(outer)
                outer = outer.rpartition("/")[0]
        self._by_stem: dict[str, list[str]] = defaultdict(list)  # what stands before a name's first dot -> the paths
        for path in self._files:
            self._by_stem[path.rsplit("/", 1)[-1].partition(".")[0]].append(path)
        self._imported = self._own_tops(facts)
        # a build may put these wherever it likes
        self._extensions = {
            path.rsplit("/", 1)[-1].removesuffix(".pyx") for path in self._files if path.endswith(".pyx")
        }
        self._foreign = {one.name.lower().replace("-", "_") for _, one in facts.dependencies}
        self._lacking: dict[str, bool] = {}

    def lacks(self, file: File, module: str) -> bool:
        """Whether an import in `file` asks for a module of an own package that is not here."""
        if not module.startswith("."):
            if module not in self._lacking:
                self._lacking[module] = self._lacks(module.split("."))
            return self._lacking[module]
        name = module.lstrip(".")
        parts = name.split(".")
        if len(parts) < 2 or not self._extensions.isdisjoint(parts):
            return False
        base = file.path.split("/")[: len(name) - len(module)]
        return not self._leads_on("/".join(base), parts[:-1])

    def _lacks(self, parts: list[str]) -> bool:
        if len(parts) < 3 or parts[0].lower() in self._foreign or not self._extensions.isdisjoint(parts):
            return False
        roots = [root for root in self._packages.get(parts[0], []) if not self._is_inner(root)]
        if parts[0] not in self._imported or not roots:
            return False
        return not any(self._leads_on(root, parts[1:-1]) for root in roots)

    def _leads_on(self, root: str, parts: list[str]) -> bool:
        """Whether each part is a module, which ends the search, or a folder in the one before."""
        at = root
        for part in parts:
            at = f"{at}/{part}"
            if at in self._folders:
                continue
            return self._holds([at]) or self._holds_name([at.rpartition("/")[0]], part)
        return True

    def _is_inner(self, folder: str) -> bool:
        """Whether `folder` is part of a package, so that its own name alone imports something else."""
        return f"{folder.rpartition('/')[0]}/__init__.py" in self._files

    def _own_tops(self, facts: Facts) -> set[str]:
        """Packages that are here and from which at least one import finds its module."""
        found = set()
        for file in facts.scripts:
            for one in file.facts.code.imports if file.facts.code else ():
                parts = one.module.split(".")
                if len(parts) > 1 and parts[0] in self._packages and parts[0] not in found:
                    roots = [root for root in self._packages[parts[0]] if not self._is_inner(root)]
                    if self._holds([f"{root}/{parts[1]}" for root in roots]):
                        found.add(parts[0])
        return found

    def _holds(self, stems: list[str]) -> bool:
        return any(
            stem in self._folders
            or any(f"{stem}{end}" in self._files for end in (".py", ".pyx", ".pyi", ".so", ".ipynb", ".c", ".cpp"))
            for stem in stems
        )

    def _holds_name(self, roots: list[str], name: str) -> bool:
        """Whether an extension module of that name is built from any source."""
        return any(
            path.startswith(f"{root}/") and "." in path.rsplit("/", 1)[-1]
            for root in roots
            for path in self._by_stem.get(name, ())
        )
