"""Declared dependencies, from every usual manifest."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec import structs

from apps.analysis.expressions import expression
from apps.analysis.facts.lines import Lines
from apps.analysis.facts.model import Dependency, Leaf

if TYPE_CHECKING:
    from collections.abc import Iterable

    from apps.analysis.facts.model import Call, Code

LONGEST_LINE = 2000  # characters of a requirement; nobody writes longer ones
MOST_REQUIRED = 400  # requirements in one list of a setup.py
_SOURCES = frozenset({"version", "git", "url", "path"})
_COMMENT = expression(r"(^|\s)#.*$")
_HASH = expression(r"\s--hash=\S+")
_EGG = expression(r"#egg=([\w.-]+)")
_HASH_OPTION = "--hash="
_EXACT = expression(r"^(===?|@)\s*[^*,]+$")
_REPOSITORY = expression(r"(^|[\s@])git\+|\bgit://|\.git(@|$)")
_FIXED_REVISION = expression(r"@(?:[\w.-]*?\d\.\d[\w.+-]*|v?\d+|[0-9a-f]{7,40})(?:#|$)")
_EXPORTED = expression(r"^[A-Za-z0-9_][\w.-]*=\d[\w.!+-]*=\w+$")
_PLAIN = expression(
    r"^([A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?)\s*+(?:\[([^\]]*)\])?\s*+((?:(?:===?|~=|!=|<=?|>=?)\s*[\w.*+!-]+\s*(?:,\s*|$))*)$"
)


def requirement(line: str, number: int, group: str = "") -> Dependency | None:
    """One PEP 508 line; also what pip tolerates (`-e git+…#egg=x`, a bare address)."""
    if len(line) > LONGEST_LINE:
        return None
    text = (_COMMENT.sub("", line) if "#" in line else line).strip().rstrip("\\").strip()
    if not text or text.startswith(_HASH_OPTION):
        return None
    text = _HASH.sub("", text).strip() if _HASH_OPTION in text else text
    if egg := _EGG.search(line) if "#" in line else None:
        return Dependency(egg.group(1).lower(), text[:200], number, _is_fixed(text), group)
    if text.startswith(("-", "http:", "https:", "git+", "./", "/", "file:")):
        built = text.partition("#")[0].rpartition("/")[2].removesuffix(".conda").removesuffix(".tar.bz2")
        if built.count("-") > 1 and re.search(r"\.(conda|tar\.bz2)(#|$)", text):  # of an explicit list
            name, version, _ = built.rsplit("-", 2)
            return Dependency(name.lower(), f"=={version}", number, True, group, "conda")
        wheel = re.search(r"/([A-Za-z0-9_.]+?)-\d[^/]*\.(whl|tar\.gz|zip)", text)
        repository = re.search(r"#subdirectory=(?:\S*/)?([\w.-]+)$", text) or re.search(
            r"git\+(?:(?!git\+)\S)+/([\w.-]+?)(\.git)?(@[\w.-]+)?$", text
        )
        if wheel:
            return Dependency(wheel.group(1).lower(), text[:200], number, True, group)
        if repository:
            return Dependency(repository.group(1).lower(), text[:200], number, _is_fixed(text), group)
        return None
    if _EXPORTED.match(text):  # as `conda list --export` writes it
        return conda_entry(text, number)
    plain = _PLAIN.match(text)
    if plain:
        extras = [one.strip() for one in (plain.group(2) or "").split(",") if one.strip()]
        spec = plain.group(3).strip()
        return Dependency(plain.group(1).lower(), spec, number, _exact(spec), group, extras=extras)
    # Most lines are plain, and the parser for the others takes long to load.
    from packaging.requirements import InvalidRequirement, Requirement

    try:
        parsed = Requirement(text)
    except InvalidRequirement:
        found = re.match(r"^([A-Za-z0-9][\w.-]*)\s*(?:\[[^\]]*\])?\s*(.*)$", text)
        if not found:
            return None
        return Dependency(found.group(1).lower(), found.group(2)[:80], number, _exact(found.group(2)), group)
    spec = str(parsed.specifier) or (f"@ {parsed.url}" if parsed.url else "")
    return Dependency(parsed.name.lower(), spec, number, _exact(spec), group, extras=sorted(parsed.extras))


def _exact(spec: str) -> bool:
    return bool(_EXACT.match(spec.strip())) and (not _REPOSITORY.search(spec) or _is_fixed(spec))


def _is_fixed(address: str) -> bool:
    """Whether a repository's address names a commit or a version: a branch moves on."""
    return bool(_FIXED_REVISION.search(address.split(";", maxsplit=1)[0].strip()))


_NO_REQUIREMENT = (_HASH_OPTION, "#")  # most lines of a lock


def of_requirements(text: str) -> list[Dependency]:
    lines = ((number, line.lstrip()) for number, line in enumerate(text.split("\n"), 1))
    found = (requirement(line, number) for number, line in lines if line and not line.startswith(_NO_REQUIREMENT))
    return [dependency for dependency in found if dependency]


_SCRIPT = expression(r"^# /// script\n((?:#.*\n)*?)# ///", re.MULTILINE)
LARGEST_HEAD = 20_000  # characters of a script that may say what it needs


def of_script(text: str) -> list[Dependency]:
    """What a script says of itself by PEP 723, in comments. Raises `tomllib.TOMLDecodeError`."""
    found = _SCRIPT.search(text, 0, LARGEST_HEAD)
    if found is None:
        return []
    import tomllib  # loads slowly, and few scripts name packages

    told = tomllib.loads(re.sub(r"^# ?", "", found.group(1), flags=re.MULTILINE))
    lines = {
        one: number
        for number, line in enumerate(text[: found.end()].split("\n"), 1)
        for one in [line.strip("# ,\t\"'")]
    }
    listed = told.get("dependencies")
    named = [one for one in listed if isinstance(one, str)] if isinstance(listed, list) else []
    start = text.count("\n", 0, found.start()) + 1
    return [entry for one in named if (entry := requirement(one, lines.get(one, start)))]


def of_pyproject(leaves: Iterable[Leaf]) -> list[Dependency]:  # noqa: C901 - a ladder of tables
    """PEP 621, PEP 735 groups, Poetry, PDM, uv and build requirements."""
    found: list[Dependency | None] = []
    for leaf in leaves:
        match leaf.keys:
            case ["project", "dependencies", _]:
                found.append(requirement(leaf.text, leaf.line))
            case ["project", "optional-dependencies", group, _]:
                found.append(requirement(leaf.text, leaf.line, group))
            case ["dependency-groups", group, _] | ["tool", "pdm", "dev-dependencies", group, _]:
                found.append(requirement(leaf.text, leaf.line, group))
            case ["tool", "flit", "metadata", "requires", _]:
                found.append(requirement(leaf.text, leaf.line))
            case ["tool", "flit", "metadata", "requires-extra", group, _]:
                found.append(requirement(leaf.text, leaf.line, group))
            case ["tool", "uv" | "rye", "dev-dependencies", _]:
                found.append(requirement(leaf.text, leaf.line, "dev"))
            case ["tool", "poetry", "dependencies", name, *rest] if not rest or rest[-1] in _SOURCES:
                found.append(_constraint(name, leaf, ""))
            case ["tool", "poetry", "dev-dependencies", name, *rest] if not rest or rest[-1] in _SOURCES:
                found.append(_constraint(name, leaf, "dev"))
            case ["tool", "poetry", "group", group, "dependencies", name, *rest] if not rest or rest[-1] in _SOURCES:
                found.append(_constraint(name, leaf, group))
            case ["tool", "pixi", *_]:
                found.append(_of_pixi(leaf))
            case ["tool", "hatch", "envs", group, ("dependencies" | "extra-dependencies"), _]:
                found.append(requirement(leaf.text, leaf.line, "dev" if group == "default" else group))
    return [dependency for dependency in found if dependency]


def _of_pixi(leaf: Leaf) -> Dependency | None:
    """A package of a pixi table, below a feature or a platform too: from conda, or from PyPI."""
    keys, group = leaf.keys[2:], ""
    if keys[:1] == ["feature"] and len(keys) > 1:
        group, keys = keys[1], keys[2:]
    keys = keys[2:] if keys[:1] == ["target"] else keys
    if len(keys) > 2 and keys[-1] not in _SOURCES:
        return None
    match keys:
        case ["pypi-dependencies", name, *_]:
            return _constraint(name, leaf, group)
        case [("dependencies" | "host-dependencies"), name, *_]:
            pinned = bool(_CONDA_PIN.match(leaf.text))
            return Dependency(name.lower(), leaf.text[:80], leaf.line, pinned, group, "conda")
    return None


_CONDA_PIN = expression(r"^={1,2}\s*\d+(\.\d+)*[^*,<>]*$")


def of_pixi(leaves: Iterable[Leaf]) -> list[Dependency]:
    """A `pixi.toml`: what a pyproject.toml says below `tool.pixi`."""
    return of_pyproject([Leaf(["tool", "pixi", *leaf.keys], leaf.value, leaf.line) for leaf in leaves])


def _constraint(name: str, leaf: Leaf, group: str) -> Dependency | None:
    """A Poetry or Pipenv entry: a bare version is exact, `^1`, `~1`, `*` are ranges."""
    if name.lower() == "python":
        return None
    spec = leaf.text
    pinned = bool(re.match(r"^(==)?\s*\d++(\.\d++)++[\w.+-]*$", spec.strip()))
    return Dependency(name.lower(), spec[:80], leaf.line, pinned, group)


def of_pipfile(leaves: Iterable[Leaf]) -> list[Dependency]:
    found: list[Dependency | None] = []
    for leaf in leaves:
        match leaf.keys:
            case ["packages", name, *rest] if not rest or rest[-1] in {"version", "ref", "git", "path", "editable"}:
                found.append(_constraint(name, leaf, ""))
            case ["dev-packages", name, *rest] if not rest or rest[-1] in _SOURCES:
                found.append(_constraint(name, leaf, "dev"))
            case [group, name, *rest] if group not in _OF_PIPENV and (not rest or rest[-1] in _SOURCES):
                found.append(_constraint(name, leaf, group))
    return [dependency for dependency in found if dependency]


_OF_PIPENV = frozenset({"packages", "dev-packages", "source", "requires", "scripts", "pipenv"})


def of_julia(leaves: Iterable[Leaf]) -> list[Dependency]:
    """A Project.toml: packages by their identifiers, with the ranges that they may be of."""
    leaves = list(leaves)
    ranges = {leaf.keys[1]: leaf.text for leaf in leaves if leaf.keys[:1] == ["compat"] and len(leaf.keys) == 2}
    return [
        Dependency(leaf.keys[1].lower(), ranges.get(leaf.keys[1], ""), leaf.line, False, "", "julia")
        for leaf in leaves
        if leaf.keys[:1] == ["deps"] and len(leaf.keys) == 2
    ]


def of_cargo(leaves: Iterable[Leaf]) -> list[Dependency]:
    found: list[Dependency] = []
    for leaf in leaves:
        match leaf.keys:
            case [("dependencies" | "dev-dependencies") as table, name, *rest] if not rest or rest == ["version"]:
                group = "dev" if table.startswith("dev") else ""
                found.append(Dependency(name, leaf.text[:80], leaf.line, leaf.text.startswith("="), group, "cargo"))
    return found


_YAML_LISTS = frozenset({"pip_packages", "python_packages", "pip_requirements"})


def of_conda(leaves: Iterable[Leaf]) -> list[Dependency]:
    """A conda environment, also one within a platform's file: `name=1.2=build` is exact, `name=1.2` too; the pip list
    below it is pip's. Also the package lists of cluster environments, Cog and BentoML, of conda's recipes and projects."""
    found: list[Dependency | None] = []
    leaves = list(leaves)
    of_project = any(leaf.keys[:1] == ["channels"] for leaf in leaves)
    for leaf in leaves:
        if not isinstance(leaf.value, str) or not leaf.keys or not leaf.keys[-1].isdigit():
            continue
        match leaf.keys[:-1]:
            case [*_, "dependencies", _, "pip"] | [*_, "runtime_env", "pip"] | ["python", "packages"]:
                found.append(requirement(leaf.text, leaf.line))
            case [*_, last] if last in _YAML_LISTS:
                found.append(requirement(leaf.text, leaf.line))
            case ["requirements", "run"]:  # a recipe defines no environment
                entry = conda_entry(leaf.text, leaf.line)
                found.append(structs.replace(entry, ecosystem="python") if entry else None)
            case ["packages"] if of_project:
                found.append(conda_entry(leaf.text, leaf.line))
            case ["dependencies"] | [*_, "conda_file" | "conda" | "conda_dependencies", "dependencies"]:
                found.append(conda_entry(leaf.text, leaf.line))
    return [dependency for dependency in found if dependency]


def conda_entry(text: str, line: int) -> Dependency | None:
    parts = re.match(r"^(?:[\w./-]+::)?([A-Za-z_][\w.-]*)\s*(.*)$", text.strip())
    if not parts or parts.group(2)[:1] in {":", "/"}:
        return None
    spec = parts.group(2).strip()
    pinned = bool(_CONDA_PIN.match(spec))
    return Dependency(parts.group(1).lower(), spec, line, pinned, "", "conda")


def of_setup(code: Code) -> list[Dependency]:
    """`install_requires` and `extras_require` of a setup.py, when they are written out."""
    found: list[Dependency | None] = []
    named = set()  # lists that the call names
    for call in code.calls:
        if call.last == "setup":
            found.extend(_listed(call, "install_requires", ""))
            found.extend(_listed(call, "setup_requires", "build"))
            named.add(str(call.kwargs.get("install_requires")).removeprefix("$"))
    for assign in code.assigns:
        is_required = "require" in assign.name.lower() or assign.name in named
        if isinstance(assign.value, list) and (is_required or assign.how == "key"):
            found.extend(requirement(str(one), assign.line, assign.name if assign.how == "key" else "") for one in assign.value
                         if isinstance(one, str) and _REQUIRED.match(one))  # fmt: skip
    return [dependency for dependency in found if dependency]


# A name, with extras and versions at most: lists of licences and classifiers stand in a setup.py too.
_REQUIRED = expression(r"^[A-Za-z0-9][\w.-]*\s*(?:$|[\[<>=!~;@(])")


def _listed(call: Call, name: str, group: str) -> list[Dependency | None]:
    value = call.kwargs.get(name)
    if not isinstance(value, list):
        return []
    return [
        requirement(str(one), call.line, group) for one in value if isinstance(one, str) and not one.startswith("$")
    ]


def of_setup_cfg(leaves: Iterable[Leaf]) -> list[Dependency]:
    found: list[Dependency | None] = []
    for leaf in leaves:
        match leaf.keys:
            case ["options", "install_requires"]:
                found.extend(requirement(line, leaf.line + n) for n, line in enumerate(leaf.text.split("\n")))
            case ["options.extras_require", group]:
                found.extend(requirement(line, leaf.line + n, group) for n, line in enumerate(leaf.text.split("\n")))
    return [dependency for dependency in found if dependency]


def of_package_json(leaves: Iterable[Leaf]) -> list[Dependency]:
    return [
        Dependency(leaf.keys[1], leaf.text[:80], leaf.line, bool(re.match(r"^\d+\.\d+\.\d+", leaf.text)),
                   "dev" if leaf.keys[0] == "devDependencies" else "", "npm")
        for leaf in leaves
        if len(leaf.keys) == 2 and leaf.keys[0] in {"dependencies", "devDependencies"}
    ]  # fmt: skip


def of_pom(text: str) -> list[Dependency]:
    """Maven coordinates; read by pattern, because an XML parser would follow entities."""
    found, lines = [], Lines(text)
    for match in re.finditer(r"<dependency>((?:(?!<dependency>).){0,5000}?)</dependency>", text, re.DOTALL):
        artifact = re.search(r"<artifactId>\s*([\w.${}-]+)", match.group(1))
        version = re.search(r"<version>\s*([^<\s]+)", match.group(1))
        scope = re.search(r"<scope>\s*(\w+)", match.group(1))
        if artifact:
            line = lines.at(match.start())
            found.append(Dependency(artifact.group(1), version.group(1) if version else "", line, version is not None,
                                    "dev" if scope and scope.group(1) == "test" else "", "maven"))  # fmt: skip
    return found


def of_xml(name: str, text: str) -> list[Dependency]:
    """The manifests that are XML: of Maven and of .NET."""
    if name.startswith("pom"):
        return of_pom(text)
    if name == CENTRAL:
        return of_csproj(text, "PackageVersion")
    return of_csproj(text) if name.endswith(("csproj", "fsproj")) else []


CENTRAL = "directory.packages.props"  # where projects of .NET say the versions of what they reference by name alone


def of_csproj(text: str, element: str = "PackageReference") -> list[Dependency]:
    """Packages of a .NET project; a version with a star floats."""
    found, lines = re.finditer(rf"<{element}\s+([^>]*)", text), Lines(text)
    named = [(match, dict(re.findall(r'\b(\w+)="([^"]*)"', match.group(1)))) for match in found]
    return [
        Dependency(given["Include"], given.get("Version", ""), lines.at(match.start()),
                   bool(given.get("Version")) and "*" not in given.get("Version", ""), "", "nuget")
        for match, given in named if "Include" in given
    ]  # fmt: skip


def of_gradle(text: str) -> list[Dependency]:
    pattern = r"\b(implementation|api|compile|runtimeOnly|testImplementation|compileOnly)\b\s*\(?['\"]([\w.-]+):([\w.-]+)(?::([\w.+$-]+))?"
    lines = Lines(text)
    return [
        Dependency(m.group(3), m.group(4) or "", lines.at(m.start()),
                   bool(m.group(4)) and "+" not in (m.group(4) or ""), "dev" if "test" in m.group(1) else "", "maven")
        for m in re.finditer(pattern, text)
    ]  # fmt: skip


def of_sbt(text: str) -> list[Dependency]:
    lines = Lines(text)
    return [
        Dependency(m.group(2), m.group(3), lines.at(m.start()), True, "", "maven")
        for m in re.finditer(r"\"([\w.-]+)\"\s*%%?%?\s*\"([\w.-]+)\"\s*%\s*\"?([\w.${}-]+)", text)
    ]


def of_go_mod(text: str) -> list[Dependency]:
    lines = Lines(text)
    return [
        Dependency(m.group(1), m.group(2), lines.at(m.start(1)), True, "", "go")
        for m in re.finditer(r"^[ \t]*+(?:require\s+)?([\w.-]+\.[a-z]+/[\w./-]+)\s+(v[\w.+-]+)", text, re.MULTILINE)
    ]


def of_description(text: str) -> list[Dependency]:
    """An R package's DESCRIPTION."""
    found, lines = [], Lines(text)
    for match in re.finditer(r"^(Imports|Depends|Suggests):((?:.*\n?(?:[ \t].*\n?)*))", text, re.MULTILINE):
        for one in re.finditer(r"([A-Za-z][\w.]*)\s*(\([^)]{0,80}\))?", match.group(2)):
            if one.group(1) != "R":
                line = lines.at(match.start(2) + one.start())
                group = "dev" if match.group(1) == "Suggests" else ""
                found.append(
                    Dependency(one.group(1), one.group(2) or "", line, "==" in (one.group(2) or ""), group, "r")
                )
    return found
