"""Copies of code that tell themselves by where they are and what they are called."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from typing import TYPE_CHECKING, NamedTuple

from apps.analysis.code.copies import CODE
from apps.analysis.expressions import expression
from apps.analysis.paths import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from apps.analysis.repository import Facts, File

# What people append to the name of a copy; the plain name, or another copy, stands beside it.
_COPY_MARK = expression(
    r"^(?P<stem>.+?)([\s_.-]*\(\d+\)|[\s_.-]*copy(\s?\(?\d+\)?)?|[_.-](old|new|bak|backup|orig(inal)?|final|latest|deprecated|legacy)\d*|[_.-]v\d+|[_.-](ver|version)_?\d+)$",
    re.IGNORECASE,
)
_COPY_NAME = expression(
    r"^copy([\s_-]+of[\s_-]|\s)|\s-\s*copy|[_\s.-]copy(\s?\(?\d*\)?)$|\.(bak|old|orig)$|\s\(\d+\)$", re.IGNORECASE
)
_COPIES = expression(r"[_.-]copy$")  # what a button of a page does
_COPY_FOLDER = expression(r"(\w+[_-])?(old|backup|bak|deprecated|obsolete|copy|archived?)([_-]\w+)?", re.IGNORECASE)
# Versions of what a stage is named for; anywhere else a version belongs to what the code is about.
_STAGE_VERSION = expression(
    r"(^|_)(train|training|predict|prediction|inference|pipeline|preprocess\w*|evaluate|script|notebook)_?v[2-9]$"
)
_SET_ASIDE = expression(
    r"(\w+[_-])?(old|backup|bak|deprecated|obsolete|archived?|legacy|trash|attic)(\d*|[_-]\w+)", re.IGNORECASE
)
LONGEST_NAME = 255  # characters that a file's name has on a disk
MANY_ASIDE = 2  # files set aside whose names live on
_BUILT = expression(r"(^|/)build/lib/(.+\.py)$")
_SAVED = expression(r"\.(txt|bak|backup|old|orig|save)\d*$", re.IGNORECASE)
_EXPORTED = expression(r"[-_](script|notebook|nb)$")
_ENVIRONMENT = expression(r"[-_]?(dev|prod|production|staging|test|local)$")
_NUMBER = expression(r"^\d+[-_.]")
_DEFINITIONS = expression(r"(^|/)(infra\w*|terraform|deploy\w*|k8s|cdk|iac|environments?|envs?)/", re.IGNORECASE)


def copies(facts: Facts) -> list[File]:
    """Code that is a copy or a version of other code here, by its name or its folder."""
    found = [
        *_marked(facts), *_saved(facts), *_built(facts), *_set_aside(facts), *_exported(facts),
        *_per_environment(facts),
    ]  # fmt: skip
    return list({file.path: file for file in found}.values())


# Models whose makers count them: the second one is another model, no copy of the first.
_COUNTED = expression(
    r"(^|_)(\w*res_?net|inception|mobile_?net|efficient_?net|\w*yolo|vgg|dense_?net|deep_?lab|shuffle_?net|squeeze_?net|conv_?next|swin|dino|mo_?co|ghost_?net|fast_?speech|wav2vec|gpt|llama|deberta|layoutlm|vits)$"
)


def _marked(facts: Facts) -> list[File]:
    files = [file for file in facts.system if file.kind in CODE]
    work = Counter((one.folder, one.work) for one in {file.once(_named) for file in files})
    return [file for file in files if file.once(_is_marked) or ((place := file.once(_counted)) and work[place] > 1)]


class _Named(NamedTuple):
    """In small letters: `work` is the name without the mark of a copy."""

    folder: str
    name: str
    work: str


def _named(file: File) -> _Named:
    folder, _, name = _stem(file.path).rpartition("/")
    return _Named(folder, name, _work(name))


def _counted(file: File) -> tuple[str, str] | None:
    """The folder, and the name without its mark, of which there must be another file to make this one a copy."""
    one = file.once(_named)
    return (one.folder, one.work) if one.work != one.name and not _COUNTED.search(one.work) else None


def _is_marked(file: File) -> bool:
    name = file.once(_named).name
    if _STAGE_VERSION.search(name) or (
        _COPY_NAME.search(name) and not (file.kind is Kind.SCRIPT and _COPIES.search(name))
    ):
        return True
    return _lies_in(_COPY_FOLDER, file) and file.kind is not Kind.SQL


def _is_aside(file: File) -> bool:
    return _lies_in(_SET_ASIDE, file)


def _lies_in(folder: re.Pattern[str], file: File) -> bool:
    return any(folder.fullmatch(part) for part in file.folder.split("/") if len(part) <= LONGEST_NAME)


def _stem(path: str) -> str:
    return path.rpartition(".")[0].lower()


def _work(name: str) -> str:
    mark = _COPY_MARK.match(name) if len(name) <= LONGEST_NAME else None
    return mark.group("stem") if mark else name


def _saved(facts: Facts) -> list[File]:
    """`model.py.bak` beside `model.py`."""
    return [
        file
        for file, _ in facts.telling(_is_saved, "files")
        if (plain := facts.by_path.get(file.path.rpartition(".")[0])) and plain.kind in CODE
    ]


def _is_saved(file: File) -> bool:
    return _SAVED.search(file.path) is not None


def _built(facts: Facts) -> list[File]:
    """What a build copied from modules that are tracked as well."""
    kept = facts.telling(_built_tail, "files")
    if not kept:
        return []
    tails = {tail for other in facts.scripts for tail in _tails(other.path)}
    return [file for file, tail in kept if tail in tails]


def _built_tail(file: File) -> str:
    match = _BUILT.search(file.path)
    return match.group(2) if match else ""


def _tails(path: str) -> Iterator[str]:
    """`a/b/c.py`, `b/c.py`, `c.py`."""
    parts = path.split("/")
    return ("/".join(parts[number:]) for number in range(len(parts)))


def _set_aside(facts: Facts) -> list[File]:
    """Folders of earlier states whose files live on elsewhere under the same names."""
    kinds = CODE | {Kind.YAML}
    lying = {file.path: file for file, _ in facts.telling(_is_aside, "own") if file.kind in kinds}
    if len(lying) < MANY_ASIDE:
        return []
    live = {file.name for file in facts.own if file.kind in kinds and file.path not in lying}
    aside = [
        file for file in lying.values() if file.name in live and file.name not in {"__init__.py", "kustomization.yaml"}
    ]
    return aside if len(aside) >= MANY_ASIDE else []


def _exported(facts: Facts) -> list[File]:
    """Scripts that hold what the notebook of their name beside them holds."""
    notebooks = {_bare(file) for file in facts.notebooks}
    return [file for file in facts.scripts if file.once(_bare) in notebooks] if notebooks else []


def _bare(file: File) -> str:
    return _EXPORTED.sub("", _stem(file.path))


def _in_environments(file: File) -> list[tuple[str, tuple[str, str, str]]]:
    """Each folder of the file, and what is around its name when the environment in that is left out."""
    if file.kind not in CODE or file.kind is Kind.SQL or _DEFINITIONS.search(file.path):
        return []
    parts = file.path.split("/")
    bare = [_ENVIRONMENT.sub("", _NUMBER.sub("", name)) for name in parts[:-1]]
    return [
        (name, ("/".join(parts[:depth]), bare[depth], "/".join(parts[depth + 1 :])))
        for depth, name in enumerate(parts[:-1])
        if bare[depth]
    ]


def _per_environment(facts: Facts) -> list[File]:
    """Folders beside each other, one for each environment, that hold code of the same names."""
    named = {place for _, places in facts.telling(_for_environments) for place in places}
    if not named:
        return []
    found: dict[tuple[str, str, str], dict[str, File]] = defaultdict(dict)
    for file in facts.system:
        for name, place in file.once(_in_environments):
            if place in named:
                found[place][name] = file
    return [
        file
        for files in found.values()
        for name, file in files.items()
        if len(files) > 1 and _ENVIRONMENT.search(name) and file.name != "__init__.py"
    ]


def _for_environments(file: File) -> list[tuple[str, str, str]]:
    """The places of which the file is there for one environment."""
    if file.name == "__init__.py":
        return []
    return [place for name, place in file.once(_in_environments) if _ENVIRONMENT.search(name)]
