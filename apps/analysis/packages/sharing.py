"""Whether development, CI and production install from the same lists of packages."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

import msgspec

from apps.analysis.deployment import ci
from apps.analysis.deployment.images import DEVELOPMENT, named_packages
from apps.analysis.expressions import expression, literal
from apps.analysis.packages import own_files
from apps.analysis.packages.manifests import Manifest, is_of_development, listed, named_in_code
from apps.analysis.packages.names import normal
from apps.analysis.paths import Kind
from apps.analysis.repository import places
from apps.analysis.running.containers import components
from apps.analysis.running.rollout import CI

if TYPE_CHECKING:
    from collections.abc import Iterable

    from apps.analysis.facts.model import Dependency
    from apps.analysis.findings import Evidence
    from apps.analysis.repository import Facts, File

    Named = dict[str, Dependency]

MOST = 200  # lists that are compared, each with each
ALIKE = 3  # packages that two lists must share to serve the same environment
DRIFTING = 0.5  # of the packages may have no exact version
_NAMED_LIST = expression(
    r"(?<![\w-])(?:-r|--requirement|--file|-f)[ =]*+[\"']?([\w./${}-]*requirements[\w./-]*\.txt|[\w./-]*(?:environment|conda)[\w.-]*\.ya?ml)"
)


class Difference(msgspec.Struct, frozen=True):
    """Two lists that disagree: `one` is of the environment that the other's is not."""

    place: Evidence
    other: Evidence
    packages: tuple[str, ...]


def lists(facts: Facts) -> list[Manifest]:
    """Lists of the running system, those of development and of copies left out."""
    found = [one for one in listed(facts) if one.dependencies]
    return [one for one in found if not (one.is_development or _is_of_extras(one))] or found


def _is_of_extras(one: Manifest) -> bool:
    """Whether a project declares nothing but extras of development: what runs stands in another list."""
    return all(is_of_development(entry.group) for entry in one.entries)


def loose(facts: Facts) -> list[tuple[File, Dependency]]:
    """Entries without an exact version, of lists in which they are more than a few."""
    pinned: dict[str, list[tuple[Manifest, Named]]] = {}
    for one in lists(facts):
        if one.is_pinned and len(beside := pinned.setdefault(one.file.folder, [])) < MOST:
            beside.append((one, one.by_name))
    return [
        (one.file, entry)
        for one in lists(facts)
        if (not _is_covered(one, pinned.get(one.file.folder, [])) or _is_taken(facts, one))
        and len(one.unpinned()) > DRIFTING * len(one.dependencies)
        for entry in one.unpinned()
    ]


def _is_covered(one: Manifest, pinned: list[tuple[Manifest, Named]]) -> bool:
    """Whether a pinned list beside this one is what is installed: ranges of a package, and what was compiled of them."""
    names = one.by_name.keys()
    return any(other is not one and 2 * len(names & theirs.keys()) >= len(names) for other, theirs in pinned)


_OWN_FOLDER = expression(r"\b(?:uv )?pip[\d.]* install\b(?:\s+-\S+)*\s+[\"']?\.(?:\[[\w,-]+\])?[\"']?(?:\s|$)")
_FROM_LOCK = expression(
    r"\b(?:uv (?:sync|export)|poetry (?:install|export)|pipenv (?:install|sync)|pdm (?:install|sync|export)|conda-lock|pixi install)\b|\.lock\b"
)


def _is_taken(facts: Facts, one: Manifest) -> bool:
    """Whether an image installs from this very list, and nothing from what is locked beside it."""
    return bool(_taking(facts, one))


def _taking(facts: Facts, one: Manifest) -> list[Evidence]:
    named = expression(rf"(?:-r|--requirement)[ =]*\S*{literal(one.file.name)}\b")
    taken = _OWN_FOLDER if one.file.name == "pyproject.toml" else named
    found = []
    for file in facts.dockerfiles:
        if file.folder not in {one.file.folder, ""} and one.file.folder:
            continue
        runs = [each for each in file.facts.instructions if each.name == "RUN"]
        if any(_FROM_LOCK.search(each.value) or (taken is _OWN_FOLDER and " -r" in each.value) for each in runs):
            continue
        found += [file.at(each.line) for each in runs if taken.search(each.value)]
    return found


def passed_over(facts: Facts) -> list[tuple[Manifest, Evidence]]:
    """Locked projects and lists whose image installs their ranges, and so other versions than the lock names."""
    return [
        (one, place)
        for one in lists(facts)
        if one.lock and (one.file.name == "pyproject.toml" or one.file.kind is Kind.REQUIREMENTS)
        if not all(entry.pinned for entry in one.dependencies)
        for place in _taking(facts, one)
    ]


def differences(facts: Facts) -> list[Difference]:
    """Lists of the same code that name the same packages in other versions."""
    found = lists(facts)
    python = [one for one in found if one.ecosystem in {"python", "conda"}]
    named = [(one, one.by_name) for one in python[:MOST]]
    pairs = [
        (*first, *second)
        for number, first in enumerate(named)
        for second in named[number + 1 :]
        if _same_code(first[0], second[0])
    ]
    return [*filter(None, (_compared(*pair) for pair in pairs)), *_in_ci(facts), *_inline(facts, found)]


def _same_code(one: Manifest, other: Manifest) -> bool:
    """Beside each other, or one in a folder above where nothing is locked: a list below a locked project is a job's own."""
    if one.file.folder == other.file.folder:
        return True
    above, below = sorted((one.file.folder, other.file.folder), key=len)
    return not (one.lock or other.lock) and not above and "/" not in below


def _compared(one: Manifest, mine: Named, other: Manifest, theirs: Named) -> Difference | None:
    if re.search(r"\.in$", one.file.name) or re.search(r"\.in$", other.file.name):
        return None
    shared = mine.keys() & theirs.keys()
    different = sorted(name for name in shared if _disagree(mine[name], theirs[name]))
    if len(shared) < ALIKE or not different:
        return None
    if {one.file.name, other.file.name} & {"setup.py", "setup.cfg", "pyproject.toml"} and not all(
        mine[name].pinned and theirs[name].pinned for name in different
    ):
        return None  # ranges of a package beside the versions that were chosen
    return Difference(one.file.at(mine[different[0]].line), other.file.at(theirs[different[0]].line), tuple(different))


def _disagree(one: Dependency, other: Dependency) -> bool:
    return one.spec != other.spec and _plain(one.spec) != _plain(other.spec)


@lru_cache(maxsize=4096)
def _plain(spec: str) -> str:
    return re.sub(r"[\s=*]|;.*", "", spec).rstrip(".")


def _in_ci(facts: Facts) -> list[Difference]:
    """Environments of CI and development that name packages of the running system in other versions."""
    found = []
    for one in listed(facts):
        of_ci = bool(re.search(r"(^|[-_./])ci([-_.]|$)", one.file.name))
        if not of_ci and not one.is_development:
            continue
        mine = one.by_name
        for other in lists(facts):
            theirs = other.by_name
            different = [name for name in mine if name in theirs and _disagree(mine[name], theirs[name])]
            if not of_ci:
                exact = [name for name in different if mine[name].pinned and theirs[name].pinned]
                different = exact if len(mine.keys() & theirs.keys()) >= ALIKE else []
            if different and other is not one:
                found.append(
                    Difference(
                        one.file.at(mine[different[0]].line), other.file.at(theirs[different[0]].line), tuple(different)
                    )
                )
    return found


def _inline(facts: Facts, found: list[Manifest]) -> list[Difference]:
    """Packages that an image or a step names itself, though a list names them in another version."""
    listed: dict[str, list[tuple[File, Dependency]]] = {}
    for one in found:
        for entry in one.dependencies:
            listed.setdefault(normal(entry.name), []).append((one.file, entry))
    differing = []
    for file, named in named_in_code(facts):
        name = normal(named.name)
        for other, entry in listed.get(name, ()):
            if other is not file and _disagree(named, entry):
                differing.append(Difference(file.at(named.line), other.at(entry.line), (name,)))
    return differing


def inline(facts: Facts) -> list[Evidence]:
    """Packages that images, steps of a pipeline and jobs of CI install by themselves, whatever the lists say."""
    calls = [
        (file, call)
        for file, call in facts.calls(
            "subprocess.check_call", "subprocess.run", "subprocess.call", "os.system", files=facts.scripts
        )
        if re.search(r"\bpip\b.*\binstall\b", str(call.args))
    ]
    named = [pair for pair in named_in_code(facts) if not re.search(DEVELOPMENT, pair[0].path, re.IGNORECASE)]
    named.sort(key=lambda pair: pair[0].kind is not Kind.PYTHON)
    steps = [one.place for one in components(facts) if one.installs]
    return [*places(calls), *places(named), *steps, *_named_by_jobs(facts)]


FROM_LIST = expression(
    r"\s(?:-r|--requirement|-e|\.)(?:[\s\[=]|$)|\b(?:poetry|uv|pipenv|pdm|pixi|conda|tox|nox|make)\b"
)


_TESTS = expression(r"\b(?:pytest|unittest|tox|nox)\b")


def _named_by_jobs(facts: Facts) -> list[Evidence]:
    """Jobs of CI that test with packages which they install by name, though a list names them."""
    names = {normal(entry.name) for one in lists(facts) for entry in one.dependencies}
    jobs: dict[tuple[str, str], list[ci.Step]] = {}
    for step in ci.steps(facts):
        jobs.setdefault((step.file.path, step.job), []).append(step)
    return [
        step.place
        for steps in jobs.values()
        if any(_TESTS.search(step.text) for step in steps)
        and not any("install" in step.text and FROM_LIST.search(step.text) for step in steps)
        for step in steps
        if any(normal(re.split(r"[\s=<>~!;\[]", one)[0]) in names for one in named_packages(step.text))
    ]


_BY_NAME_IN_R = expression(
    r"\binstall\.packages\s*\(\s*(?:c\(\s*)?\\?[\"'](?!renv|remotes|pak\b|packrat|devtools|BiocManager)|\binstall2?\.r\s+(?:-\S+\s+(?:\d+\s+)?)*(?![-\d]|renv\b|remotes\b|pak\b)\w|\bBiocManager::install\s*\("
)


def in_r(facts: Facts) -> tuple[list[File], list[Evidence]]:
    """Locks of R, which list what is installed for code that has no other list, and where images install beside them."""
    runs = [(file, one) for file in facts.dockerfiles for one in file.facts.instructions if one.name == "RUN"]
    return own_files.locks_of_r(facts), places(pair for pair in runs if _BY_NAME_IN_R.search(pair[1].value))


def absent(facts: Facts) -> list[Evidence]:
    """Where an image, CI or a task installs from a list that no commit holds."""
    names = {file.path.rsplit("/", 1)[-1] for file in facts.files}
    lines = [
        (file, one.line, one.value)
        for file in facts.dockerfiles
        for one in file.facts.instructions
        if one.name == "RUN"
    ]
    lines += [(file, leaf.line, leaf.text) for file, leaf in facts.leaves(CI, "**", value="install")]
    lines += [(file, one.line, one.text) for file, one in facts.commands("install")]
    return [
        file.at(line)
        for file, line, text in lines
        for name in _NAMED_LIST.findall(text)
        if name.rsplit("/", 1)[-1] not in names and "$" not in name.rsplit("/", 1)[-1]
    ]


def installing(facts: Facts, names: Iterable[str]) -> list[Evidence]:
    """Where images, CI and tasks install from files of these names."""
    pattern = "|".join(literal(name) for name in names if name) or "(?!)"
    regex = expression(
        rf"{pattern}|\b(?:poetry install|uv sync|pipenv (?:install|sync)|pdm (?:install|sync)|pip install (?:-e )?\.)"
    )
    images = [
        (file, one)
        for file in facts.dockerfiles
        for one in file.facts.instructions
        if one.name == "RUN" and regex.search(one.value)
    ]
    jobs = facts.leaves(CI, "**", value=regex.pattern) + facts.leaves(
        r"\.ya?ml$", "post_build_cmds", "*", value=regex.pattern
    )
    told = [file.at(one.line) for file, one in own_files.told(facts, "install-command") if regex.search(one.text)]
    return [*places(images), *places(jobs), *places(facts.commands(regex.pattern)), *told]
