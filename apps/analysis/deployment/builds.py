"""What builds an artefact of the system from a commit: images that can be built, commands that build, package definitions."""

from __future__ import annotations

import posixpath
import re
from functools import lru_cache
from typing import TYPE_CHECKING

from apps.analysis.deployment import ci
from apps.analysis.deployment.images import Image, Stage, images
from apps.analysis.expressions import expression, literal
from apps.analysis.paths import Kind, with_outer
from apps.analysis.repository import places
from apps.analysis.running import compose, named_tasks, rollout

if TYPE_CHECKING:
    from apps.analysis.findings import Evidence
    from apps.analysis.repository import Facts

BUILDS = (
    r"\bdocker(?: image| buildx)? (?:build|bake)\b|\bdocker[- ]compose\b[^\n;&|]*(?:\bbuild\b|--build\b)|\b(?:podman|nerdctl|img|buildah|ko|skaffold|pack|packer|nix|bazel|pants|cargo|maturin|conda|cog|sam|hatch|flit|pdm|uv|poetry|go|s2i) (?:build|bud|package|publish)\b|"
    r"kaniko|docker/(?:build-push|bake)-action|gcloud builds submit|az acr build|bentoml (?:build|containerize)|truss push|cog push|mlflow models build-docker|cdk synth|cloudformation package|\b(?:serverless|sls) package|"
    r"python[\d.]* -m build\b|setup\.py\b.*\b(?:sdist|bdist\w*)|\bpip[\d.]* wheel\b|twine upload|\bmvnw?\b(?=[^\n;&|]*\b(?:package|install|deploy|verify)\b)|gradlew?\b[^\n;&|]*\b(?:build|assemble|bootJar|shadowJar|jar)\b|\bsbt\b(?=[^\n;&|]*\b(?:assembly|package|dist|publish))|"
    r"\bzip\s+-\w*r\w*\s|\bdotnet (?:publish|pack|build)|\bmsbuild\b|goreleaser|\bcmake\b[^\n;&|]*--build\b|\bmeson compile\b|\bscons\b|R CMD (?:build|check)|check-r-package|\b(?:rcmdcheck|pkgbuild|devtools)::(?:rcmdcheck|build|check)\b|pyinstaller|gh-action-pypi-publish|python-semantic-release|\bjib:|\bDocker@\d|astro deploy|databricks bundle deploy|az ml environment create|/register-environment\b|docker_build\(|\bdbx (?:build|deploy)|ng build\b|docker\.build\b|\bs2i build|PublishPipelineArtifact|PublishBuildArtifacts|"
    r"\.github/workflows/(?![\w.-]*doc(?:s|ument))[\w.-]{0,40}(?:pypi|wheels?|docker|publish|build[_-](?:image|package|push))[\w.-]{0,40}\.ya?ml@"  # of others
)
# Calls by which registering or running a pipeline builds its image.
_BUILDERS = (
    "prefect.storage.Docker", "prefect.environments.storage.Docker", "zenml.config.DockerSettings", "*.DockerSettings", "modal.Image.*", "flytekit.ImageSpec", "flytekit.image_spec.ImageSpec", "union.ImageSpec", "flyte.Image.*", "beam.Image", "*.images.build", "*.ContainerImage.image_configuration",
    "azureml.core.Image.create", "*.Model.package", "prefect.docker.DockerImage", "*.DockerImage", "*.build_docker_image", "truefoundry.*.Build", "*.bento_builder_step", "bentoml.bentos.build", "servicefoundry.Build",
)  # fmt: skip
_BUILDS_IMAGE = r"docker/(build-push|bake)-action|\b(docker|podman|buildah)(?: image| buildx)? build\b|kaniko|gcloud builds submit|az acr build"
_PACKAGES = (
    (r"(^|/)pyproject\.toml$", ("build-system", "build-backend")),
    (r"(^|/)pyproject\.toml$", ("tool", "poetry", "name")),
    (r"(^|/)pyproject\.toml$", ("project", "name")),
    (r"(^|/)package\.json$", ("scripts", "build")),
)
_PACKAGE_FILES = r"(^|/)(setup\.py|DESCRIPTION|pom\.xml|build\.gradle(\.kts)?|build\.sbt|conanfile\.\w+|CMakeLists\.txt|SConstruct|meson\.build|Cargo\.toml|go\.mod|conda\.recipe/meta\.yaml|MODULE\.bazel|pants\.toml)$|\.(cs|fs)proj$"
# Commands that hand the source to a platform, which builds what it runs.
_FROM_SOURCE = (
    r"\bgcloud (?:beta )?(?:functions|app) deploy\b|\bgcloud (?:beta )?run deploy\b(?:[^;&|g]|g(?!cloud (?:beta )?run deploy\b)){0,600}--source\b|\baz webapp up\b|\bfunc azure functionapp publish\b|\b(?:zappa|chalice|modal) deploy\b|"
    rf"\b{rollout.GIT_PUSH}(?:heroku\b|https://\S{{0,300}}\bheroku\.com)"
)
# A list that a RUN installs; nothing but a plain path can be looked for.
_INSTALLED_LIST = expression(r"(?:\s-r|--requirement)[ =]*([\w./-]+\.(?:txt|in))")
_MADE_BEFORE = expression(
    r"(^|/)(target|build|dist|out|node_modules|wheels?|artifacts?)(/|$)|\.(jar|war|whl|tar\.gz|zip|egg)$"
)


def images_of_system(facts: Facts) -> list[Image]:
    """Dockerfiles that are no development containers."""
    return [image for image in images(facts) if not image.is_development]


@lru_cache(maxsize=4096)
def _builds(command: str) -> bool:
    return expression(BUILDS).search(command) is not None


def commands(facts: Facts) -> tuple[list[Evidence], list[Evidence]]:
    """Commands that build: those of CI and of task files, and those of loose shell scripts."""
    rolling = {place.path for place in rollout.deploying_jobs(facts)}
    in_ci = [
        step.place
        for step in ci.steps(facts)
        if _builds(step.text) or ("upload-artifact" in step.text and step.file.path in rolling)
    ]
    in_ci += places(facts.leaves(r"cloudbuild[^/]*\.(ya?ml|json)$", "steps", "*", "args", "*", value="^build$"))
    tasks = places(facts.commands(BUILDS, kinds={Kind.MAKE, Kind.GROOVY}))
    tables = [
        *facts.leaves(r"(^|/)pyproject\.toml$", "tool", "**", value=BUILDS),
        *facts.leaves(
            r"(^|/)(Taskfile\.ya?ml|tasks\.ya?ml|mise\.toml|skaffold\.ya?ml|tox\.ini|pipfile)$", "**", value=BUILDS
        ),
    ]
    named = [pair for pair in tables if re.search(r"task|script|cmd|run|env", ".".join(pair[1].keys))]
    tasks += [
        one.file.at(one.line)
        for one in named_tasks.of(facts)
        if one.file.kind is not Kind.MAKE and one.file.name != "package.json" and expression(BUILDS).search(one.command)
    ]
    registering = places(facts.calls(*_BUILDERS, files=facts.scripts))
    registering += places(facts.imports("zenml.config.DockerSettings", files=facts.scripts))
    bundled = places(facts.leaves(r"(^|/)databricks\.ya?ml$", "artifacts", "*", "build"))
    named += facts.leaves(r"(^|/)prefect\.ya?ml$", "build", "*", "*build_docker_image", "*")
    named += facts.leaves(r"(^|/)cog\.yaml$", "build", "*")  # all that `cog build` needs
    named += facts.leaves(r"\.ya?ml$", "settings", "docker", "dockerfile")  # ZenML adds the code
    scripts = places(facts.commands(BUILDS, kinds={Kind.SHELL}))
    return [*in_ci, *tasks, *places(named), *bundled, *registering], scripts


def packages(facts: Facts) -> list[Evidence]:
    """Definitions of a package that could be built."""
    unbuilt = {
        file.path for file, _ in facts.leaves(r"pyproject\.toml$", "tool", "poetry", "package-mode", value="False")
    } | {file.path for file, _ in facts.leaves(r"pyproject\.toml$", "tool", "uv", "package", value="False")}
    declared = [
        (file, leaf) for path, keys in _PACKAGES for file, leaf in facts.leaves(path, *keys) if file.path not in unbuilt
    ]
    return [*places(declared), *(file.at() for file in facts.named(_PACKAGE_FILES))]


def platform_inputs(facts: Facts) -> list[Evidence]:
    """Files from which a platform builds: buildpacks, environments of managed platforms, bundlers' definitions."""
    files = facts.named(
        r"(^|/)(Procfile|app\.ya?ml|cog\.yaml|bentofile\.ya?ml|Dockerrun\.aws\.json|nixpacks\.toml|render\.ya?ml|fly\.toml|project\.toml|truss/config\.yaml|serverless\.ya?ml|samconfig\.toml|langgraph\.json|vercel\.json|railway\.(json|toml))$"
    )
    environments = facts.leaves(r"\.(ya?ml|json)$", "**", "post_build_cmds", "*") + facts.leaves(
        r"\.ya?ml$", "$schema", value=r"environment\.schema"
    )
    sources = [*places(facts.leaves(r"\.ya?ml$", "**", value=_FROM_SOURCE)), *places(facts.commands(_FROM_SOURCE))]
    return [*(file.at(1) for file in files), *places(environments), *sources]


_INSTRUCTIONS = frozenset({
    "FROM", "RUN", "CMD", "LABEL", "MAINTAINER", "EXPOSE", "ENV", "ADD", "COPY", "ENTRYPOINT", "VOLUME", "USER", "WORKDIR", "ARG", "ONBUILD",
    "STOPSIGNAL", "HEALTHCHECK", "SHELL",
})  # fmt: skip
_BRINGS_FILES = expression(
    r"--mount=|\bgit\b|\b(?:wget|curl|unzip|tar)\b|>\s*\S+\.(?:txt|in)\b|pip-compile|\bexport\b|\b(?:tee|cp|mv)\s"
)


def broken(facts: Facts) -> list[tuple[Evidence, str]]:
    """(place, what) of lines with which no image can be built: words that are no instruction, lists that are installed
    before anything is copied."""
    return [line for image in images_of_system(facts) for line in (*_unknown(image), *_installs_nothing(image))]


def _unknown(image: Image) -> list[tuple[Evidence, str]]:
    if any("<<" in one.value for stage in image.stages for one in stage.instructions):
        return []  # what follows is text
    return [
        (image.file.at(one.line), one.name.lower())
        for stage in image.stages
        for one in stage.instructions
        if one.name not in _INSTRUCTIONS and re.match(r"^[A-Z][A-Z0-9./_-]*$", one.name)
    ]


def _installs_nothing(image: Image) -> list[tuple[Evidence, str]]:
    for stage in image.stages:
        for one in stage.instructions:
            if one.name in {"COPY", "ADD"} or _BRINGS_FILES.search(one.value) or "onbuild" in stage.base:
                return []
            found = _INSTALLED_LIST.search(one.value) if one.name == "RUN" else None
            if found and not (found.group(1).startswith("/") and "/" in stage.base):  # else its base may bring it
                return [(image.file.at(one.line), found.group(1))]
    return []


def untracked_copies(facts: Facts) -> list[tuple[Evidence, str]]:
    """(place, source) of what images of the system copy but no commit holds; where CI builds images, of those only that
    all are so."""
    built = images_of_system(facts)
    if not built:
        return []
    modules = _submodules(facts)
    tracked = _tracked(facts) | modules
    found: list[tuple[Evidence, str]] = []
    for image in built:
        contexts = _contexts(facts, image)
        elsewhere = not _holds_code(facts, image.file.folder)
        for stage in image.stages:
            for line, sources in stage.copies():
                found.extend(
                    (image.file.at(line), source)
                    for source in sources
                    if not _is_there(source, contexts, tracked, elsewhere=elsewhere) and not _is_made(facts, source)
                    if not any(_is_below(modules, source, context) for context in contexts)
                )
            found.extend(
                (image.file.at(one.line), name)
                for one in (() if modules else stage.of("RUN"))  # one of them may bring the list
                for name in _INSTALLED_LIST.findall(one.value)
                if not _is_anywhere(name, tracked) and not _is_made_by(stage, name) and not _is_made(facts, name)
            )
    broken = {place.path for place, _ in found}
    whole = [image for image in built if image.file.path not in broken]
    composed = [image for image in built if any(service.builds(image.file) for service in compose.services(facts))]
    left_over = not any(image.holds_code for image in built if image.file.path in broken)
    if left_over and any(image.holds_code for image in composed) and all(image in whole for image in composed):
        return []
    return [] if whole and ci.runs(facts, _BUILDS_IMAGE) else found


def _submodules(facts: Facts) -> frozenset[str]:
    return frozenset(leaf.text.strip("/") for _, leaf in facts.leaves(r"^\.gitmodules$", "*", "path"))


def _is_below(modules: frozenset[str], source: str, context: str) -> bool:
    """Whether the file belongs to a submodule, whose files the commit names without holding them."""
    place = posixpath.normpath(posixpath.join(context, source.strip("'\"").lstrip("/")))
    ends = (at for at, letter in enumerate(place) if letter == "/")
    return any(place[:end] in modules for end in ends) if modules else False


def _holds_code(facts: Facts, folder: str) -> bool:
    return not folder or folder in facts.once(_folders_of_code)


def _folders_of_code(facts: Facts) -> set[str]:
    """Folders with a module in them or below them."""
    ends = ((file.path, at) for file in facts.scripts for at, letter in enumerate(file.path) if letter == "/")
    return {path[:at] for path, at in ends}


def _is_anywhere(source: str, tracked: set[str]) -> bool:
    """Inside of the image the folder may be another one: the name alone is looked for."""
    name = source.rsplit("/", 1)[-1]
    return any(path == name or path.endswith(f"/{name}") for path in tracked)


def _is_made_by(stage: Stage, name: str) -> bool:
    """Whether the image itself writes, fetches or clones the list before it installs it."""
    writes = rf"(>|-o|--output|-O|tee|cp|mv)\s*\S*{literal(name.rsplit('/', 1)[-1])}|git clone|\b(?:wget|curl)\b[^;&|]*{literal(name)}"
    return bool([one for one in stage.of("RUN") if re.search(writes, one.value)]) or any(
        "--from=" in one.value or "http" in one.value or one.value.split()[-1].endswith(name)
        for one in stage.of("COPY", "ADD")
    )


def _tracked(facts: Facts) -> set[str]:
    """All files and folders."""
    return with_outer(file.folder for file in facts.files).union(file.path for file in facts.files)


def _contexts(facts: Facts, image: Image) -> list[str]:
    """Folders from which the image may be built: its own, those above, and what compose says."""
    own = image.file.folder
    above = [own]
    while above[-1]:
        above.append(above[-1].rpartition("/")[0])
    services = [service for service in compose.services(facts) if service.context is not None]
    if _holds_code(facts, own):
        services = [service for service in services if service.builds(image.file)]
    return list(dict.fromkeys([*above, *(service.context or "" for service in services)]))


def _is_there(source: str, contexts: list[str], tracked: set[str], *, elsewhere: bool) -> bool:
    if re.search(r"[*?\[\]${}<>|]", source) or _MADE_BEFORE.search(source):
        return True
    plain = source.strip("'\"").lstrip("/")
    candidates = [posixpath.normpath(posixpath.join(context, plain)) for context in contexts]
    if any(one.startswith("..") or one == "." or one in tracked for one in candidates):
        return True
    # an image in a folder without code may be built from anywhere
    return elsewhere and any(path.endswith(f"/{plain.rstrip('/')}") for path in tracked)


def _is_made(facts: Facts, source: str) -> bool:
    """Whether a build step or a data tracker brings the file first."""
    name = source.rstrip("/").rsplit("/", 1)[-1]
    if f"{source.rstrip('/')}.dvc" in facts.by_path:
        return True
    if re.fullmatch(r"[\w-]+", name) and facts.named(r"(^|/)\.?goreleaser\.ya?ml$"):
        return True  # the binary that it compiles before the image
    mentioned = literal(name)
    return bool(ci.runs(facts, mentioned)) or bool(
        facts.commands(rf"(>|-o|--output|cp|mv|-O|pull|sync|download)\s.*{mentioned}")
    )
