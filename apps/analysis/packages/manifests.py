"""The repository's manifests: what declares packages, for which folder and purpose, and which lock belongs to it."""

from __future__ import annotations

import posixpath
import re
from enum import StrEnum
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from apps.analysis.deployment.images import images, named_packages
from apps.analysis.expressions import expression
from apps.analysis.facts.manifests import CENTRAL, requirement
from apps.analysis.packages import own_files
from apps.analysis.packages.names import normal
from apps.analysis.paths import Kind, with_outer
from apps.analysis.running.rollout import CI

if TYPE_CHECKING:
    from apps.analysis.facts.model import Dependency
    from apps.analysis.findings import Evidence
    from apps.analysis.repository import Facts, File


class Form(StrEnum):
    LIST = "list"  # requirements, conda environments, package.json, pom.xml…
    PROJECT = "project"  # metadata of a package: pyproject, setup.py, setup.cfg
    IMAGE = "image"  # packages that a Dockerfile installs by name
    CODE = "code"  # packages that code gives to a platform: pipeline components, remote environments


class Manifest(msgspec.Struct, frozen=True, dict=True):
    """`scope` is the folder whose code it serves, `is_development` whether it serves tests, documents or tools only."""

    file: File
    entries: tuple[Dependency, ...]
    scope: str
    form: Form
    is_development: bool
    lock: File | None = None

    @cached_property
    def ecosystem(self) -> str:
        """python (also conda), npm, maven, go, cargo, julia or r."""
        kinds = {one.ecosystem for one in self.entries}
        return "python" if kinds & {"python", "conda"} else next(iter(kinds), "python")

    @cached_property
    def dependencies(self) -> tuple[Dependency, ...]:
        """Entries of run-time; where all are development's, those. Installers and the language itself are left out."""
        entries = tuple(one for one in self.entries if one.name not in TOOLS)
        return tuple(one for one in entries if not is_of_development(one.group)) or entries

    @cached_property
    def by_name(self) -> dict[str, Dependency]:
        """The dependencies by their normal names."""
        return {normal(one.name): one for one in self.dependencies}

    def unpinned(self) -> list[Dependency]:
        """Dependencies whose version neither a lock nor the manifest fixes."""
        return [] if self.lock else [one for one in self.dependencies if not is_exact(one)]

    @property
    def is_pinned(self) -> bool:
        return bool(self.lock) or (bool(self.dependencies) and not self.unpinned())

    @property
    def at(self) -> Evidence:
        return self.file.at(min((one.line for one in self.entries), default=1))


_DEVELOPMENT = expression(
    r"(^|[/_.-])(dev|develop|development|tests?|testing|lint|docs?|ci|qa|style|typing|pre-?commit|tools?|tooling|benchmarks?|debug|optional)([/_.-]|$)", re.IGNORECASE
)  # fmt: skip
_DEVELOPMENT_GROUP = expression(
    r"^(.*[-_])?(dev|develop|development|tests?|testing|lint\w*|docs?|documentation|ci|qa|checks?|quality|format\w*|style|typing|types|build|release|commits?|pre-?commit|tools?|notebooks?|jupyter|debug|local|all|full|complete)([-_].*)?$",
    re.IGNORECASE,
)


@lru_cache(maxsize=1024)
def is_of_development(group: str) -> bool:
    return _DEVELOPMENT_GROUP.match(group) is not None


_PROJECTS = frozenset({"pyproject.toml", "setup.py", "setup.cfg", "pixi.toml"})
_LOCKS = {
    "pyproject.toml": ("poetry.lock", "uv.lock", "pdm.lock", "pixi.lock", "pylock.toml", "requirements.lock"),
    "pixi.toml": ("pixi.lock",),
    "pipfile": ("pipfile.lock",),
    "package.json": (
        "package-lock.json",
        "yarn.lock",
        "pnpm-lock.yaml",
        "npm-shrinkwrap.json",
        "bun.lockb",
        "bun.lock",
    ),
    "go.mod": ("go.sum",),
    "description": ("renv.lock", "packrat.lock", "pkg.lock"),
    "deno.json": ("deno.lock",),
    "project.toml": ("manifest.toml",),
    "cargo.toml": ("cargo.lock",),
    "build.gradle": ("gradle.lockfile",),
}
# Installers themselves, which no code imports.
TOOLS = frozenset(
    "pip setuptools wheel poetry uv pipenv pipx virtualenv pip-tools conda mamba build twine hatch pdm python conda-lock poetry-core poetry-plugin-export tox nox nodejs npm".split()
)
_CONDA_LOCKS = ("conda-lock.yml", "pixi.lock", "environment.lock.yml", "conda-linux-64.lock")


def of(facts: Facts) -> list[Manifest]:
    """All manifests, lists and projects first, the one of the upper folder before those below."""
    return facts.once(_manifests)


def _manifests(facts: Facts) -> list[Manifest]:
    with_code, contexts = _folders_with_code(facts), _contexts(facts)
    found = [
        Manifest(file, tuple(file.facts.dependencies), _scope(file, with_code, contexts), _form(file), _is_development(file), _lock(facts, file))
        for file in facts.system
        if file.facts.dependencies and file.name != CENTRAL and not file.path.startswith(".github/")
        and not _is_copy(facts, file)
    ]  # fmt: skip
    found = _with_central_versions(facts, found)
    found += [
        Manifest(file, tuple(entries), file.folder, Form.IMAGE, is_development=False)
        for file in facts.dockerfiles
        if (entries := _installed_in_image(file))
    ]
    found += _given_by_code(facts)
    if not all(is_of_script(one) for one in found):
        found = [replace(one, is_development=True) if is_of_script(one) else one for one in found]
    found = [replace(one, entries=_of_others(facts, one.entries)) for one in found]
    return sorted(
        [one for one in found if one.entries],
        key=lambda one: (
            one.form in {Form.IMAGE, Form.CODE},
            one.is_development,
            one.file.path.count("/"),
            one.file.path,
        ),
    )


_COPY = expression(
    r"^(?P<plain>.+?)(?:\s-\scopy|[ _-]copy|[._-](?:backup|bak))(?: ?\(?\d\)?)?(?P<ending>\.\w+)$", re.IGNORECASE
)


def _is_copy(facts: Facts, file: File) -> bool:
    """Whether the list is a copy that somebody put aside of the one beside it."""
    copied = _COPY.match(file.path)
    return copied is not None and f"{copied['plain']}{copied['ending']}" in facts.by_path


def _with_central_versions(facts: Facts, found: list[Manifest]) -> list[Manifest]:
    """The manifests with the versions that a central list above them gives to what they reference by name alone."""
    central = {
        file.folder: {one.name: one for one in file.facts.dependencies} for file in facts.named(rf"(?i){CENTRAL}$")
    }
    if not central:
        return found
    return [
        replace(one, entries=tuple(_versioned(entry, one.file.folder, central) for entry in one.entries))
        for one in found
    ]


def _versioned(entry: Dependency, folder: str, central: dict[str, dict[str, Dependency]]) -> Dependency:
    if entry.spec or entry.ecosystem != "nuget":
        return entry
    given = next((known for above in with_outer([folder]) if (known := central.get(above, {}).get(entry.name))), entry)
    return replace(entry, spec=given.spec, pinned=given.pinned)


def is_of_script(one: Manifest) -> bool:
    """Whether a script says by itself what it needs, for whoever runs it apart from the system."""
    return one.file.kind is Kind.PYTHON and one.form is Form.LIST


def _of_others(facts: Facts, entries: tuple[Dependency, ...]) -> tuple[Dependency, ...]:
    """Without the packages that the repository itself holds: members of a workspace are no dependencies."""
    own = own_packages(facts)
    return tuple(one for one in entries if normal(one.name) not in own) if own else entries


def own_packages(facts: Facts) -> dict[str, str]:
    """The packages of a workspace: their names, and the folders that hold them."""
    return facts.once(_own_packages)


def _own_packages(facts: Facts) -> dict[str, str]:
    named = facts.leaves(r"(^|/)pyproject\.toml$", "project", "name")
    named += facts.leaves(r"(^|/)pyproject\.toml$", "tool", "poetry", "name")
    return {normal(leaf.text): file.folder for file, leaf in named} if len(named) > 1 else {}


def _folders_with_code(facts: Facts) -> set[str]:
    kinds = (Kind.SCRIPT, Kind.R, Kind.JAVA, Kind.SCALA, Kind.GO)
    return with_outer(file.folder for file in [*facts.code, *facts.of_kind(*kinds)] if file.name not in _PROJECTS)


def _contexts(facts: Facts) -> dict[str, str]:
    """Files that an image takes by their place in its context, with all that lies there -> the context."""
    found: dict[str, str] = {}
    for image in images(facts):
        taken = {posixpath.normpath(source) for stage in image.stages for _, each in stage.copies() for source in each}
        if "." in taken:
            outer = with_outer([image.file.folder]) - {image.file.folder}
            found |= {posixpath.join(context, source): context for context in outer for source in taken}
    return found


def _scope(file: File, with_code: set[str], contexts: dict[str, str]) -> str:
    """The nearest folder upwards that holds code: `docker/requirements.txt` serves the whole repository. A list beside
    an image, without code, serves what the image takes."""
    folder = file.folder
    if folder not in with_code and file.path in contexts:
        return contexts[file.path]
    while folder and folder not in with_code:
        folder = folder.rpartition("/")[0]
    return folder


def _form(file: File) -> Form:
    return Form.PROJECT if file.name in _PROJECTS else Form.LIST


def _is_development(file: File) -> bool:
    return bool(_DEVELOPMENT.search(file.path.rsplit("/", 1)[-1] if file.folder.count("/") else file.path)) or bool(
        re.search(r"(^|/)\.(github|circleci|devcontainer|readthedocs|binder)/", file.path)
    )


def _lock(facts: Facts, file: File) -> File | None:
    """The lock beside the manifest or in a folder above (workspaces keep one for all)."""
    names = _LOCKS.get(file.name, ())
    if file.kind is Kind.YAML:
        names = _CONDA_LOCKS
    if file.kind is Kind.REQUIREMENTS:
        names = (re.sub(r"\.(in|txt)$", ".lock", file.name), f"{file.name}.lock")
    locks = facts.once(_locks)
    folder = file.folder
    while True:
        for name in names:
            if (folder, name) in locks:
                return locks[folder, name]
        if not folder:
            return None
        folder = folder.rpartition("/")[0]


def _locks(facts: Facts) -> dict[tuple[str, str], File]:
    return {(file.folder, file.name): file for file in facts.own if _is_lock(file)}


def _is_lock(file: File) -> bool:
    return file.kind is Kind.LOCK or "lock" in file.name or file.name == "manifest.toml"  # Julia's


def _installed_in_image(file: File) -> list[Dependency]:
    named = [
        (part.line, text)
        for part in file.facts.instructions
        if part.name == "RUN"
        for text in named_packages(part.value)
    ]
    return [one for line, text in named if (one := requirement(text, line)) and one.name not in TOOLS]


_REMOTE = expression(
    r"^(packages_to_install|pip_packages|conda_packages|pip_requirements|extra_pip_requirements|requirements|python_packages|packages|pip)$"
)
_REMOTE_CALLS = expression(
    r"component|create_component_from_func|DockerSettings|Environment|CondaDependencies|runtime_env|Image\.|pip_install|"
    r"ModelContainer|log_model|DockerSpec|PythonVirtualenvOperator|virtualenv|conda_base|pypi_base|ImageSpec|bento|CustomTrainingJob|ray\.init|deployment|remote"
)


def _given_by_code(facts: Facts) -> list[Manifest]:
    """Packages that code names for a remote environment: pipeline components, Azure ML, ZenML, Modal, Ray."""
    named = ((file, file.once(_given_in)) for file in facts.code)
    return [
        Manifest(file, tuple(entries), file.folder, Form.CODE, is_development=False)
        for file, entries in named
        if entries
    ]


def _given_in(file: File) -> list[Dependency]:
    code = file.facts.code
    entries: list[Dependency] = []
    for call in [*code.calls, *(call for one in code.defines for call in one.decorators)] if code else ():
        is_remote = file.kind is Kind.PYTHON and _REMOTE_CALLS.search(call.name)
        if not is_remote and "packages_to_install" not in call.kwargs:
            continue
        lists = [value for key, value in call.kwargs.items() if _REMOTE.match(key) and isinstance(value, list)]
        if _INSTALLS.search(call.name):
            lists.append(call.args)
        named = [one for each in lists for one in each if isinstance(one, str) and not one.startswith("$")]
        entries += [one for text in named if (one := requirement(text, call.line))]
    return entries


_INSTALLS = expression(r"pip_install$|uv_pip_install$|add_pip_package$|add_conda_package$")


def listed(facts: Facts) -> list[Manifest]:
    """Lists and projects, without what images and code name themselves."""
    return [one for one in of(facts) if one.form in {Form.LIST, Form.PROJECT}]


def named_in_code(facts: Facts) -> list[tuple[File, Dependency]]:
    """Packages that an image or code names itself, in place of a manifest."""
    return [(one.file, entry) for one in of(facts) if one.form in {Form.IMAGE, Form.CODE} for entry in one.entries]


def is_exact(entry: Dependency) -> bool:
    if entry.ecosystem == "maven":  # an entry without a version takes the one of its parent or of a platform
        return not re.search(r"LATEST|RELEASE|[\[(,+]", entry.spec)
    return entry.pinned


def run_time(facts: Facts, ecosystem: str = "") -> list[Manifest]:
    """Manifests that the running system is made of; where all are development's, those."""
    chosen = [one for one in of(facts) if not ecosystem or one.ecosystem == ecosystem]
    return [one for one in chosen if not one.is_development] or chosen


# --- what installs them -----------------------------------------------------------------------------------------------------
_REFERENCE = expression(
    r"(?:(?<![\w-])(?:-r|--requirement|--file|-f)[ =]*+|env (?:create|update).*?(?<![\w./${}-]))([\w./${}-]+\.(?:txt|in|ya?ml|lock|pip))"
)


def installers(facts: Facts) -> list[tuple[File, int, str]]:
    """(file, line, base name of the list) wherever a Dockerfile, CI job, script or README installs from a list."""
    return facts.once(_installers)


def _installers(facts: Facts) -> list[tuple[File, int, str]]:
    lines: list[tuple[File, int, str]] = [
        (file, part.line, part.value)
        for file in facts.dockerfiles
        for part in file.facts.instructions
        if part.name == "RUN"
    ]
    lines += [
        (file, leaf.line, leaf.text) for file, leaf in facts.leaves(CI, "**", value=r"\binstall\b|env (create|update)")
    ]
    lines += [(file, one.line, one.text) for file, one in facts.commands(r"\binstall\b|env (create|update)")]
    lines += [(file, one.line, one.text) for file, one in own_files.told(facts, "install-command")]
    return [
        (file, line, found.group(1).rsplit("/", 1)[-1].lower())
        for file, line, text in lines
        for found in _REFERENCE.finditer(text)
    ]
