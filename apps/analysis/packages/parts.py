"""The parts of the system that could have lists of packages of their own, and whether they have."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from apps.analysis.code.importing import imported_by
from apps.analysis.expressions import expression
from apps.analysis.kept import kept
from apps.analysis.packages import environments, manifests, own_files
from apps.analysis.packages.manifests import Form, Manifest, is_of_development
from apps.analysis.packages.names import normal
from apps.analysis.packages.sharing import FROM_LIST
from apps.analysis.paths import Kind, Role
from apps.analysis.profile import ORCHESTRATORS
from apps.analysis.running import containers

if TYPE_CHECKING:
    from collections.abc import Iterable

    from apps.analysis.findings import Evidence
    from apps.analysis.repository import Facts, File

ALIKE = 0.8  # the share of common packages from which two lists are one list
_BUILD_PLUGINS = expression(r"(^|/)project/[^/]+\.sbt$")  # what sbt itself needs
_STAGES = ("preprocessing", "training", "evaluation", "inference")
_STAGE_WORDS = expression(
    r"(^|[^a-z])(train\w*|fit|fine_?-?tun\w*|serv\w*|infer\w*|predict\w*|scor\w*|api|app|web|ui|worker|pipelines?|prep\w*|etl|ingest\w*|feature\w*|data|eval\w*|deploy\w*|batch|model\w*|"
    r"monitor\w*|airflow|dags?|orchestrat\w*|backend|frontend|dashboard|streamlit|gradio|lambda|function|export|convert\w*|index\w*|retriev\w*|bento\w*|cog|embed\w*|label\w*|bot|experiments?|ml)([^a-z]|$)",
    re.IGNORECASE,
)


def entry_points(facts: Facts) -> dict[str, set[str]]:
    """Path of each file that starts a stage's work -> the stages that it starts. A file that another one of them imports
    is a part of that one; files that start the same stages as an earlier one are left out."""
    files: dict[str, set[str]] = {}
    for name in _STAGES:
        claim = facts.profile.stages.get(name)
        for place in claim.evidence if claim else ():
            if place.path in facts.by_path and facts.by_path[place.path].kind not in {Kind.DOCKERFILE, Kind.YAML}:
                files.setdefault(place.path, set()).add(name)
    for place in facts.profile.serves.evidence:
        if place.path in facts.by_path and facts.by_path[place.path].facts.code:
            files.setdefault(place.path, set()).add("inference")
    modules = [facts.by_path[path] for path in files if facts.by_path[path].kind is not Kind.NOTEBOOK]
    imported = _imported(modules, files)
    imported |= _within_services(facts, files)
    found: dict[str, set[str]] = {}
    built: set[str] = set()
    for path, its in files.items():
        root = _built_root(facts.by_path[path])
        if path not in imported and its - set().union(*found.values()) and root not in built:
            found[path] = its
            built |= {root} if root else set()
    return found


def _built_root(file: File) -> str:
    """The module of a build tool that the file is compiled into: it is one program, whatever its classes do."""
    if file.kind is Kind.GO:
        return file.folder or "."  # the files of a folder are one package
    if file.kind not in {Kind.JAVA, Kind.SCALA}:
        return ""
    return file.path.partition("src/")[0] or "."


def _within_services(facts: Facts, files: dict[str, set[str]]) -> set[str]:
    """Files that prepare or evaluate as parts of a service: some module of it imports them, directly or not."""
    lesser = {path for path, its in files.items() if its <= {"preprocessing", "evaluation"}}
    serving = [facts.by_path[place.path] for place in facts.profile.serves.evidence if place.path in facts.by_path]
    return lesser & imported_by(facts, serving).keys() if lesser else set()


def _imported(files: list[File], among: Iterable[str]) -> set[str]:
    """The paths of modules that another one of the files imports."""
    by_tail: dict[str, list[str]] = {}
    for path in among:
        for tail in _tails(path):
            by_tail.setdefault(tail, []).append(path)
    return {
        path
        for file in files
        for tail in by_tail.keys() & file.once(_asked_tails)
        for path in by_tail[tail]
        if path != file.path
    }


def _asked_tails(file: File) -> frozenset[str]:
    """How the paths of modules end that the file imports, or takes a name from."""
    imports = file.facts.code.imports if file.facts.code else ()
    modules = {part.strip(".") for one in imports for part in (one.module, one.module.rpartition(".")[0])}
    return frozenset(module.replace(".", "/") for module in modules if module)


def _tails(path: str) -> list[str]:
    """`a/b/c`, `b/c` and `c` of `a/b/c.py`."""
    parts = path.removesuffix(".py").split("/") if path.endswith(".py") else []
    return ["/".join(parts[number:]) for number in range(len(parts))]


def training_apart(facts: Facts) -> list[Evidence]:
    """Where training and inference are runs of their own: no file that trains serves, or answers where nothing serves."""
    training = [place for place in facts.profile.trains.evidence if place.path in facts.by_path]
    serving = [*facts.profile.serves.evidence, *facts.profile.stages["inference"].evidence]
    fitted = {place.path for place in training} | {place.path for place in facts.profile.stages["training"].evidence}
    asked = {place.path for place in facts.profile.serves.evidence or serving}
    apart = [place for place in serving if place.path not in fitted]  # beside the fit, a prediction measures it
    return [*training[:1], *apart[:1]] if training and apart and not fitted & asked else []


def steps(facts: Facts) -> set[str]:
    """Stages that an orchestrator runs as steps of their own, also where one file holds them all."""
    orchestrated = {file.path for file, _ in facts.imports(*ORCHESTRATORS)}
    if not orchestrated:
        return set()
    return {name for name in _STAGES if name in facts.profile.stages and facts.profile.stages[name].holds}


def services(facts: Facts) -> bool:
    """Whether several programs of the system, each in a folder of its own, have unlike lists."""
    first: dict[str, Manifest] = {}
    for one in _python_lists(facts):
        first.setdefault(one.scope, one)
    return len(_unlike([one for one in first.values() if _serves_code(facts, one)])) > 1


def _serves_code(facts: Facts, one: Manifest) -> bool:
    """Whether there is code beside or below the list: configuration folders repeat lists without being a part."""
    prefix = f"{one.file.folder}/" if one.file.folder else ""
    return any(file.path.startswith(prefix) for file in facts.code) or one.ecosystem != "python"


def _unlike(found: list[Manifest]) -> list[Manifest]:
    """The first of each set of lists that name nearly the same packages."""
    kept: list[tuple[set[str], Manifest]] = []
    for one in found:
        names = {entry.name for entry in one.dependencies}
        if one.form is Form.PROJECT and all(is_of_development(entry.group or "-") for entry in one.entries):
            continue  # its run-time needs are elsewhere
        if all(len(names & other) < ALIKE * len(names | other) for other, _ in kept):
            kept.append((names, one))
    return [one for _, one in kept]


@kept
def _python_lists(facts: Facts) -> list[Manifest]:
    return [
        one
        for one in manifests.of(facts)
        if one.ecosystem != "npm"
        and not _BUILD_PLUGINS.search(one.file.path)
        and (not one.is_development or _is_of_a_stage(facts, one))
        and one.form in {Form.LIST, Form.PROJECT}
    ]


def _is_of_a_stage(facts: Facts, one: Manifest) -> bool:
    """Whether an image is made from the list of development, for code that does a stage's work in the same folder."""
    told = {place.path for name in _STAGES for place in facts.profile.stages[name].evidence}
    return (
        bool(one.file.folder)
        and any(path.startswith(f"{one.file.folder}/") for path in told)
        and any(file.kind is Kind.DOCKERFILE and name == one.file.name for file, _, name in manifests.installers(facts))
    )


def lists(facts: Facts) -> list[Evidence]:
    return [one.at for one in _python_lists(facts)]


def separate(facts: Facts) -> list[Evidence]:
    """Lists, groups, images and components that serve one part each."""
    return [*_by_scope(facts), *_of_stages(facts)]


def _of_stages(facts: Facts) -> list[Evidence]:
    return [
        *_by_name(facts), *_groups(facts), *_images(facts), *_beside_lists(facts), *_by_extras(facts),
        *components(facts), *_published(facts),
    ]  # fmt: skip


def shared(facts: Facts) -> list[Evidence]:
    """The one list from which training and all serving install, though other parts have lists of their own."""
    apart = training_apart(facts)
    if not apart or _of_stages(facts):
        return []
    training = _nearest(facts, apart[0].path)
    asking = [*facts.profile.serves.evidence, *facts.profile.stages["inference"].evidence]
    code = {file.path for file in facts.code}
    serving = [_nearest(facts, place.path) for place in asking if place.path in code]
    return [training.at] if training and all(one is training for one in serving) else []


def _nearest(facts: Facts, path: str) -> Manifest | None:
    above = [one for one in _python_lists(facts) if path.startswith(f"{one.file.folder}/" if one.file.folder else "")]
    return max(above, key=lambda one: len(one.file.folder), default=None)


def _published(facts: Facts) -> list[Evidence]:
    """Manifests that a publishing platform keeps beside each application and document, with the packages of each."""
    found = [file.at(leaf.line) for file, leaf in facts.leaves(r"(^|/)manifest\.json$", "metadata", "appmode")]
    return found if len(found) > 1 else []


def elsewhere(facts: Facts) -> list[Evidence]:
    """Lists of services in other languages, which have folders of their own."""
    return [one.at for one in manifests.of(facts) if one.ecosystem == "npm" and one.file.folder]


def _by_scope(facts: Facts) -> list[Evidence]:
    first: dict[str, Manifest] = {}
    for one in _python_lists(facts):
        first.setdefault(one.scope, one)
    distinct = _unlike([one for one in first.values() if _serves_code(facts, one)])
    locked = {file.folder: file.at(1) for file in own_files.locks_of_r(facts)}
    return [one.at for one in distinct] if len(distinct) > 1 else list(locked.values()) if len(locked) > 1 else []


def _by_name(facts: Facts) -> list[Evidence]:
    """`requirements-train.txt` beside `requirements-serve.txt`, `conda_scoring.yml` beside `conda.yml`."""
    named = [
        one
        for one in _python_lists(facts)
        if one.form is Form.LIST
        and one.file.kind in {Kind.REQUIREMENTS, Kind.YAML}
        and not one.file.name.endswith(".in")
    ]
    words = {one.file.path: found.group(2) for one in named if (found := _STAGE_WORDS.search(_telling(one.file.path)))}
    staged = [one for one in named if one.file.path in words]
    beside = {one.file.folder for one in staged} & {one.file.folder for one in named if one not in staged}
    contents = {frozenset((entry.name, entry.spec) for entry in one.entries) for one in [*staged, *named]}
    apart = len(set(words.values())) > 1 or bool(beside)
    return [one.at for one in [*staged, *named]] if apart and len(contents) > 1 else []


def _telling(path: str) -> str:
    """The file's name and its folder, without the words that every list has."""
    return re.sub(
        r"requirements?|conda|dependencies|environments?|config\w*|\.\w+$", "-", "/".join(path.lower().split("/")[-2:])
    )


def _groups(facts: Facts) -> list[Evidence]:
    """Extras and groups named for a part."""
    return [
        one.file.at(entry.line)
        for one in manifests.of(facts)
        if one.form is Form.PROJECT and one.ecosystem == "python"
        for entry in {entry.group: entry for entry in one.entries if entry.group}.values()
        if not is_of_development(entry.group) and _STAGE_WORDS.search(entry.group)
    ]


def _images(facts: Facts) -> list[Evidence]:
    shared = _installed_twice(facts)
    found = [
        one
        for one in manifests.of(facts)
        if one.form is Form.IMAGE and ".devcontainer" not in one.file.path and one.file.path not in shared
    ]
    listed = {normal(entry.name) for one in _python_lists(facts) for entry in one.entries}
    own = [one for one in found if not _takes_list(one) or {normal(entry.name) for entry in one.entries} - listed]
    distinct = _unlike(own)
    return [one.at for one in distinct] if len(distinct) > 1 else []


def _takes_list(image: Manifest) -> bool:
    return any(part.name == "RUN" and FROM_LIST.search(part.value) for part in image.file.facts.instructions)


def _beside_lists(facts: Facts) -> list[Evidence]:
    """Images that name all their packages themselves, unlike the lists, which then serve the other parts."""
    lists_ = _python_lists(facts)
    named = [
        one
        for one in manifests.of(facts)
        if one.form is Form.IMAGE and ".devcontainer" not in one.file.path and len(one.entries) > 1
        if not _takes_list(one)
    ]
    kept = _unlike([*lists_, *named]) if lists_ else []
    return [one.at for one in kept if one in named]


_EXTRAS = expression(r"\.\[([\w,-]+)\]|--(?:extra|group|only-group|only|with)[= ]([\w,-]+)")


def _by_extras(facts: Facts) -> list[Evidence]:
    """Images that install different extras or groups of one project."""
    taken: dict[frozenset[str], Evidence] = {}
    for file in facts.dockerfiles:
        runs = [part for part in file.facts.instructions if part.name == "RUN"]
        names = frozenset(name for part in runs for found in _EXTRAS.findall(part.value) for name in found if name)
        if names and ".devcontainer" not in file.path and not all(map(is_of_development, names)):
            taken.setdefault(names, file.at(1))
    return list(taken.values()) if len(taken) > 1 else []


def _installed_twice(facts: Facts) -> set[str]:
    """Dockerfiles that install a list which another one installs too: what they add to it by name are tools."""
    users: dict[str, set[str]] = {}
    for file, _, name in manifests.installers(facts):
        if file.kind is Kind.DOCKERFILE and sum(one.file.name == name for one in manifests.of(facts)) == 1:
            users.setdefault(name, set()).add(file.path)
    return {path for paths in users.values() if len(paths) > 1 for path in paths}


def components(facts: Facts) -> list[Evidence]:
    """Pipeline components and remote environments that name packages or an image of their own, once for each choice."""
    chosen: dict[object, Evidence] = {}
    for one in manifests.of(facts):
        if one.form is Form.CODE:
            for line in dict.fromkeys(entry.line for entry in one.entries):
                names = frozenset(entry.name for entry in one.entries if entry.line == line)
                chosen.setdefault(names, one.file.at(line))
    for step in containers.components(facts):
        if step.image:
            chosen.setdefault(step.image, step.place)
    found = list(chosen.values())
    made = [
        (file, call)
        for file, call in facts.calls("*.create_component_from_func", "*.func_to_container_op")
        if {"base_image", "packages_to_install"} & set(call.kwargs)
    ]
    if any(call.loop for _, call in made) or len(made) > 1:
        return [*found, *(file.at(call.line) for file, call in made)]
    jobs = containers.managed_jobs(facts)
    if len({call.last for _, call in jobs}) > 1:
        found += environments.containers(facts)
    return found if len({(place.path, place.line) for place in found}) > 1 else []


def development(facts: Facts) -> list[Evidence]:
    """Lists and groups that are for tests and development only."""
    found = manifests.of(facts)
    needed = {entry.name.lower() for one in found if not one.is_development for entry in one.entries}
    aside = [file.at(1) for file in facts.own if file.role in {Role.TEST, Role.DOCS} and file.facts.dependencies]
    aside += [
        one.at
        for one in found
        if one.is_development
        and one.form is not Form.IMAGE
        and not manifests.is_of_script(one)
        and not {entry.name.lower() for entry in one.entries} <= needed  # else nothing is kept apart
    ]
    spoken = {"python"} if any(one.ecosystem == "python" for one in found) else {"npm", "r"}
    groups = [
        one.file.at(entry.line)
        for one in found
        for entry in one.entries
        if entry.group and one.ecosystem in spoken and is_of_development(entry.group)
    ]
    run_time = [one for one in found if not one.is_development]
    return [*aside, *groups[:1]] if run_time else []


def same_list_images(facts: Facts) -> list[Evidence]:
    """Dockerfiles that install packages, or copy the code, of the language of the lists, where there are several."""
    found = [file for file in facts.dockerfiles if ".devcontainer" not in file.path and not _is_of_others(file)]
    return [file.at(1) for file in found] if len(found) > 1 else []


# Images of other languages and of proxies install nothing from the lists of Python.
_OTHERS = expression(
    r"(^|[/\s])(node|nginx|httpd|caddy|traefik|haproxy|bun|deno|golang|openjdk|eclipse-temurin|maven|gradle|postgres|mysql|mongo|redis|rabbitmq)\b"
)


def _is_of_others(file: File) -> bool:
    """Whether no stage of the image begins with anything else: a page may be built beside the application."""
    bases = [part.value.lower() for part in file.facts.instructions if part.name == "FROM"]
    stages = {base.rpartition(" as ")[2].strip() for base in bases if " as " in base}
    return bool(bases) and all(_OTHERS.search(base) or base.split(" ")[0] in stages for base in bases)


def installed_from(facts: Facts) -> list[Evidence]:
    """Where the one list, or no list, is installed: images, scripts, prose."""
    lines = [file.at(line) for file, line, _ in manifests.installers(facts)]
    return lines or own_files.told_at(facts, "install-command")
