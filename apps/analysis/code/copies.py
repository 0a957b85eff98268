"""Parallel copies of the same code."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING

from apps.analysis.expressions import expression
from apps.analysis.paths import Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from apps.analysis.facts.model import Block
    from apps.analysis.repository import Facts, File

CODE = frozenset(
    {Kind.PYTHON, Kind.NOTEBOOK, Kind.R, Kind.JAVA, Kind.SCALA, Kind.GO, Kind.SCRIPT, Kind.SQL, Kind.SHELL}
)
_COMPARED = CODE - {Kind.GO}
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
# What a generator of pages puts into each of them.
_OF_A_KIT = expression(r"(^|/)components/ui/[\w-]+\.[jt]sx?$|(^|/)use-(mobile|toast)\.[jt]sx?$")
_WORDS = expression(r"_?[a-z]\w*_\w{3,}")
_CODE_ARCHIVE = expression(
    r"(^|[/_-])(src|source|sources|code|codes|app|project|scripts?|notebooks?|lambda\w*|package|dags?|backend|frontend|deploy\w*|flask\w*|streamlit\w*|api)[^/]*\.(zip|tar|tgz|tar\.gz|7z|rar)$",
    re.IGNORECASE,
)


def identical_files(facts: Facts) -> list[list[File]]:
    """Groups of code files that differ in comments and white space at most; Go repeats files per platform by design."""
    groups: dict[str, list[File]] = defaultdict(list)
    for file in facts.system:
        if file.facts.digest and file.once(_is_compared):
            groups[file.facts.digest].append(file)
    return [group for group in groups.values() if len(group) > 1]


def _is_compared(file: File) -> bool:
    return (
        file.kind in _COMPARED
        and not file.symlink
        and not _TUTORIAL.search(file.path)
        and not _TOOL_SETTINGS.search(file.path)
        and not _OF_A_KIT.search(file.path)
    )


def identical_blocks(facts: Facts) -> list[list[tuple[File, Block]]]:
    """Groups of equal functions or cells in different files, the largest first."""
    groups: dict[str, list[tuple[File, Block]]] = defaultdict(list)
    files = [file for file in facts.system if file.facts.blocks]
    again = _repeated(files, _digests)
    for file in files:
        if not again.isdisjoint(file.once(_digests)):
            for block in file.facts.blocks:
                if block.digest in again:
                    groups[block.digest].append((file, block))
    return sorted(groups.values(), key=lambda group: -group[0][1].size)


def _digests(file: File) -> frozenset[str]:
    return frozenset() if _TUTORIAL.search(file.path) else frozenset(block.digest for block in file.facts.blocks)


def _repeated(files: Iterable[File], told: Callable[[File], Iterable[str]]) -> set[str]:
    """What is told of more than one of the files."""
    seen: set[str] = set()
    again: set[str] = set()
    for file in files:
        here = file.once(told)
        again.update(seen.intersection(here))
        seen.update(here)
    return again


def mirrored_folders(facts: Facts) -> list[tuple[str, str]]:
    """Pairs of folders beside each other that hold the same modules with the same functions, and differ within."""
    inside: dict[str, dict[str, frozenset[str]]] = defaultdict(dict)
    for file in facts.scripts:
        names = file.once(_defined)
        for folder, module in file.once(_within) if names else ():
            inside[folder][module] = names
    beside: dict[str, list[str]] = defaultdict(list)
    for folder in sorted(folder for folder, modules in inside.items() if len(modules) >= MIRRORED):
        beside[folder.rpartition("/")[0]].append(folder)
    pairs = [
        (one, other)
        for folders in beside.values()
        for position, one in enumerate(folders)
        for other in folders[position + 1 :]
        if _mirrors(inside[one], inside[other])
    ]
    return sorted(pairs)


def _defined(file: File) -> frozenset[str]:
    return frozenset(one.name for one in (file.facts.code.defines if file.facts.code else ()))


def _within(file: File) -> list[tuple[str, str]]:
    """Each folder that the file lies in, and its path from there."""
    parts = file.path.split("/")
    return [("/".join(parts[:depth]), "/".join(parts[depth:])) for depth in range(1, len(parts))]


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
    files = [file for file in facts.scripts if file.facts.blocks]
    again = _repeated(files, _by_telling_name)
    for file in files:
        for name, blocks in file.once(_by_telling_name).items():
            if name in again:
                by_name[name] += [(file, block) for block in blocks]
    pairs: dict[tuple[str, str], list[tuple[File, Block]]] = defaultdict(list)
    for found in by_name.values():
        if len({file.path for file, _ in found}) <= MOST_TWINS:
            for position, (file, block) in enumerate(found):
                for other, twin in found[position + 1 :]:
                    if other is not file and 5 * min(block.size, twin.size) >= 4 * max(block.size, twin.size):
                        pairs[file.path, other.path] += [(file, block), (other, twin)]
    kept = [pair for pair in pairs.values() if len(pair) >= 2 * MANY_TWINS and _lines(pair) >= MANY_LINES]
    return sorted(kept, key=_lines, reverse=True)


def _by_telling_name(file: File) -> dict[str, list[Block]]:
    """The functions that are named by more than one word."""
    blocks: dict[str, list[Block]] = defaultdict(list)
    for block in file.facts.blocks if not _TUTORIAL.search(file.path) else ():
        name = block.name.rsplit(".", 1)[-1]
        if _WORDS.match(name):
            blocks[name].append(block)
    return blocks


def _lines(pair: list[tuple[File, Block]]) -> int:
    return sum(block.size for _, block in pair[::2])


def variants(facts: Facts) -> list[tuple[File, File]]:
    """Pairs of modules beside each other, of which the second has the name of the first and a word more, whose functions
    have the same names and about the same sizes, but for a fifth of their lines: `train.py` and `train_gpu.py`."""
    modules = {file.path: file for file in facts.scripts}
    found = []
    for file in facts.scripts:
        for other in filter(None, map(modules.get, file.once(_shorter))):
            longer, shorter = file.once(_sizes), other.once(_sizes)
            same = [
                key
                for key in longer.keys() & shorter.keys()
                if 5 * min(longer[key], shorter[key]) >= 4 * max(longer[key], shorter[key])
            ]
            lines = sum(shorter[key] for key in same)
            if lines >= MANY_LINES and 5 * lines >= 4 * max(sum(longer.values()), sum(shorter.values())):
                found.append((other, file))
    return found


def _shorter(file: File) -> list[str]:
    """The paths of modules beside this one that have its name without its last words."""
    stem = file.path.removesuffix(".py")
    name = stem.rpartition("/")[2]
    ends = [] if _TUTORIAL.search(file.path) else [match.start() - len(name) for match in re.finditer(r"[_-]", name)]
    return [f"{stem[:end]}.py" for end in ends]


def _sizes(file: File) -> dict[str, int]:
    return {block.name: block.size for block in file.facts.blocks}


def twin_modules(facts: Facts) -> list[tuple[File, File]]:
    """Pairs of modules that define the same functions, by their names, and no others."""
    named: dict[frozenset[str], list[File]] = defaultdict(list)
    for file in facts.scripts:
        if names := file.once(_particular):
            named[names].append(file)
    return [(files[0], files[1]) for files in named.values() if 1 < len(files) < MOST_TWINS]


def _particular(file: File) -> frozenset[str]:
    """Two or more functions of the module itself, where all are named by more than one word and none for a framework."""
    defines = [one for one in (file.facts.code.defines if file.facts.code else ()) if not one.scope]
    plain = [one.name for one in defines if one.kind == "def" and not one.decorators]
    told = len(plain) == len(defines) and all(re.match(r"[a-z]\w*_\w{3,}", name) for name in plain)
    names = frozenset(plain) if told else frozenset()
    return names if len(names) > 1 else frozenset()


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
