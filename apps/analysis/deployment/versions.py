"""Which versions of images and models a release names, and which deployments take them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from apps.analysis.code.keywords import given
from apps.analysis.deployment.builds import images_of_system
from apps.analysis.deployment.images import is_floating
from apps.analysis.expressions import expression
from apps.analysis.paths import Kind
from apps.analysis.repository import places
from apps.analysis.running import compose, rollout
from apps.analysis.running.clusters import ATTACHED, workloads

if TYPE_CHECKING:
    from apps.analysis.facts.model import Leaf
    from apps.analysis.findings import Evidence
    from apps.analysis.repository import Facts, File

# What names one commit, build or tag, in the words of every usual forge.
_COMMIT = (
    r"(?:github|gitea|forge(?:jo)?)\.(?:sha|ref_name|run_number|run_id|event\.release)|GITHUB_(?:SHA|REF_NAME|RUN_NUMBER|RUN_ID)|CI_COMMIT_\w+|CI_PIPELINE_IID|(?:SHORT|COMMIT)_SHA|TAG_NAME|REVISION_ID|"
    r"Build\.(?:BuildId|BuildNumber|SourceVersion)|BUILD_(?:NUMBER|ID|TAG|BUILDID)|GIT_(?:COMMIT|SHA|TAG|HASH|REV\w*)|CODEBUILD_RESOLVED_SOURCE_VERSION|CODEBUILD_BUILD_NUMBER|CIRCLE_(?:SHA1|TAG|BUILD_NUM)|"
    r"TRAVIS_(?:COMMIT|TAG|BUILD_NUMBER)|BUILDKITE_(?:COMMIT|TAG|BUILD_NUMBER)|DRONE_(?:COMMIT|TAG|BUILD_NUMBER)|SEMAPHORE_GIT_SHA|BITBUCKET_(?:COMMIT|TAG|BUILD_NUMBER)|git rev-parse|git describe|outputs\.\w*(?:tag|version|sha)\w*|inputs\.\w*(?:tag|version)\w*|"
    r"\$[{(_\s]{0,8}(?:env\.|vars?\.|parameters\.|steps\.\w+\.)?\w*(?:IMAGE_TAG|DOCKER_TAG|IMG_TAG|(?<!PYTHON_)(?<!NODE_)(?<!JAVA_)(?<!POETRY_)(?<!UV_)VERSION|RELEASE|[^\w]TAG)\b|\$\{?TAG\b|\$\(TAG\)"
)
# Each part begins in one place of a text, or of a word, and goes through it once: a text may be thousands of characters.
TAGGED_IMAGE = (
    rf"docker/metadata-action|type=(?:sha|semver|ref)"
    rf"|\A(?>[\s\S]*?(?:docker|podman|buildx|kaniko|az acr|gcloud builds|kustomize edit set image|helm (?:upgrade|install)|kubectl set image))[\s\S]*?[:=@][^\s:=@]*?\s*(?:{_COMMIT})"
    rf"|--image(?:-tag|-uri)?[= ](?:(?!--image(?:-tag|-uri)?[= ])\S)*?\s*(?:{_COMMIT})|\A(?>\S+?:)\S*?\s*(?:{_COMMIT})"
    rf"|(?<!\S)(?>\S*?(?:image|tag))(?>\S*?[:=])(?:\S*?(?:{_COMMIT})|\S*(?<=[:=])\s+\S*?(?:{_COMMIT}))"
)
# A roll-out that takes whatever was pushed last, though versions were pushed as well.
# From the first word that tells of one, since what follows others follows it too.
LATEST = r"(?:\A|[;&|])(?>[^;&|]*?(?:--image|docker run|set image|--set [^\s;&|]*?image|update-service|-var)\b)[^;&|]*?:latest\b"
_MODEL = (
    r"models:/[\w{}$.-]+/(?:\d|\{|\$)|--model[ =]['\"]?[^\s'\"]+:(?:\$|\d|\{)|azureml:[\w.-]+:\d|\bMODEL_?(?:VERSION|RUN_ID|PACKAGE_ARN|PACKAGE_NAME|ARTIFACT_URI|URI|TAG|REVISION)\b|model[_-]?(?:version|package[_-]?(?:arn|name|version)|run[_-]id)\b|"
    r"ModelPackage(?:Name|Arn)"
)
_MODEL_KEYS = expression(
    r"^(MODEL_?(VERSION|RUN_ID|URI|PACKAGE_\w+|TAG|REVISION|ARTIFACT\w*|S3_\w+)|model_?version|model_?revision|storageUri|modelUri|model_uri|ModelDataUrl|ModelPackageName|model_package_\w+|modelVersion|run_id)$",
    re.IGNORECASE,
)
_MODEL_SET = expression(r"MODEL_(VERSION|URI|RUN_ID|TAG)=", re.IGNORECASE)
_NO_VERSION = frozenset({"", "latest", "none"})
_MODEL_CALLS = (
    "sagemaker.ModelPackage", "*.ModelPackage", "*.CfnModel.*", "*.CfnModel", "azureml.core.Model", "azureml.core.model.Model", "google.cloud.aiplatform.Model", "*.load_model", "*.pyfunc.*", "*.begin_create_or_update",
)  # fmt: skip
_VERSIONED_MODEL = expression(
    r"models:/[^/]+/(?:\d|\{\w*ver)|\bversion\b|model_package_(?:name|arn)|azureml:[\w.-]+:\d|@\d+$"
)


def taking_latest(facts: Facts) -> list[Evidence]:
    """Roll-outs by CI or a script that name the image by `latest` only."""
    jobs = facts.leaves(rollout.CI, "**", value=LATEST)
    scripts = facts.commands(LATEST)
    return [
        *places(pair for pair in jobs if not re.search(TAGGED_IMAGE, pair[1].text)),
        *places(pair for pair in scripts if not re.search(TAGGED_IMAGE, pair[1].text)),
        *places(facts.leaves(r"\.ya?ml$", "**", "model", value=r"^azureml:[\w.-]+@latest$")),
    ]


_DEPLOYED_FILES = r"\.(ya?ml|json|toml)$"
_DEPLOYED_KINDS = frozenset({Kind.YAML, Kind.JSON, Kind.TOML})


_WORDS, _NAMES = expression(r"\w+"), expression(r"[\w-]+")


def tagged_in_ci(facts: Facts) -> list[Evidence]:
    """Where CI, a task or a script names an image by a commit, a build or a tag."""
    floating: dict[str, set[str]] = {}
    for path, name in _floating_names(facts):
        floating.setdefault(path, set()).add(name)

    def tells(file: File, text: str) -> bool:
        return floating.get(file.path, frozenset()).isdisjoint([*_WORDS.findall(text), *_NAMES.findall(text)])

    kept = rollout.built_only(facts)
    jobs = [
        (file, leaf)
        for file, leaf in facts.leaves(rollout.CI, "**", value=TAGGED_IMAGE)
        if tells(file, leaf.text) and (file.path, *leaf.keys[:4]) not in kept
    ]
    templates = facts.leaves(r"(^|/)\.?goreleaser\.ya?ml$", "**", value=r":.*\.(?:Version|Tag|ShortCommit)")
    commands = [(file, one) for file, one in facts.commands(TAGGED_IMAGE) if tells(file, one.text)]
    return [*places([*jobs, *templates]), *places(commands), *_rolled_out_by_version(facts)]


# A command that rolls out an image with the number of its version: what is tracked names what runs.
_BY_VERSION = (
    r"\b(?:run deploy|run services update|set image|containerapp (?:create|update|up)|webapp (?:create|config container set))\b[^;&|]{0,400}?"
    r"[ =]['\"]?((?:[\w.${}-]+/)+[\w.${}-]+:v?\d+\.\d[\w.-]*)"
)


def _rolled_out_by_version(facts: Facts) -> list[Evidence]:
    jobs = [(file, leaf.line, leaf.text) for file, leaf in facts.leaves(rollout.CI, "**", value=_BY_VERSION)]
    commands = [(file, one.line, one.text) for file, one in facts.commands(_BY_VERSION)]
    return [file.at(line) for file, line, text in [*jobs, *commands] if _takes_own_version(text)]


def _takes_own_version(text: str) -> bool:
    found = expression(_BY_VERSION).search(text)
    return found is not None and not _VENDORS.match(found.group(1))


def _floating_names(facts: Facts) -> set[tuple[str, str]]:
    """(path, name) of variables of CI that are called a tag or a version and hold `latest`."""
    leaves = facts.leaves(rollout.CI, "**", value=r"^latest$")
    named = [(file.path, leaf.keys[-1]) for file, leaf in leaves if re.search(r"(?i)tag|version", leaf.keys[-1])]
    assigned = [
        (file.path, name)
        for file, _, text in facts.signals("floating-tag")
        for name in re.findall(r"(\w+)\s*=\s*['\"]latest", text)
    ]
    written = [
        (file.path, name)
        for file, one in facts.commands(r"\b\w*(?:TAG|VERSION)\w*\s*[:?]?=\s*['\"]?latest\b")
        for name in re.findall(r"\b(\w+)\s*[:?]?=\s*['\"]?latest\b", one.text)
    ]
    return {*named, *assigned, *written}


def models_in_roll_outs(facts: Facts) -> list[Evidence]:
    """Where CI, a script or deployment config names the version of a model."""
    jobs = facts.leaves(rollout.CI, "**", value=_MODEL)
    settings = [(file, leaf) for file, leaf in facts.leaves("", where=_names_model) if _deploys(facts, file)]
    return [*places(jobs), *places(settings), *places(facts.commands(_MODEL))]


def _names_model(file: File, leaf: Leaf) -> bool:
    if file.kind not in _DEPLOYED_KINDS or leaf.text.lower() in _NO_VERSION:
        return False
    key = next((key for key in reversed(leaf.keys) if not key.isdigit()), "")
    return bool(_MODEL_KEYS.match(key) or _MODEL_SET.match(leaf.text))


def _deploys(facts: Facts, file: File) -> bool:
    """Whether the file is compose, a workload, a chart's values or a template of cloud resources."""
    return bool(
        re.search(rollout.COMPOSE, file.path)
        or re.search(
            r"(^|/)(values[^/]*|kustomization|serverless|render)\.ya?ml$|task-?def|(prod|staging|dev)\w*-config\.json$",
            file.path,
        )
        or any(one.file is file for one in workloads(facts))
        or any(leaf.keys[-1:] == ["Type"] and leaf.text.startswith("AWS::") for leaf in file.facts.leaves)
    )


def models_in_code(facts: Facts) -> list[Evidence]:
    """Code that takes a model of a given version from a registry."""
    return places(
        (file, call)
        for file, call in facts.calls(*_MODEL_CALLS, files=facts.scripts)
        if _VERSIONED_MODEL.search(
            " ".join([*map(_written, call.args), *call.kwargs, *map(_written, call.kwargs.values())])
        )
    )


def _written(value: object) -> str:
    """What the code writes itself; a variable that is called a version names none."""
    text = str(value)
    return "" if re.fullmatch(r"\$[\w.]+", text) else text


_IMAGE_KEYS = ("image", "parent_image", "image_uri", "imageUri", "ImageUri", "Image", "docker_image", "container_image")
# Accounts and registries whose images nobody builds here.
_VENDORS = expression(
    r"^(?:docker\.io/|ghcr\.io/|quay\.io/)?(?:library|bitnami|apache|prefecthq|prom|grafana|confluentinc|wurstmeister|mlflow|minio|qdrant|chromadb|semitechnologies|milvusdb|tensorflow|pytorch|nvidia|jupyter|continuumio|condaforge|"
    r"huggingface|ollama|vllm|langfuse|otel|open-telemetry|jaegertracing|elastic|localstack|dpage|getsentry|seldonio|kserve|rayproject|anyscale|bentoml|astronomer|rocker|amazon|google|hashicorp|berriai|open-webui|"
    r"astral-sh|ankane|pgvector|debezium|provectuslabs|flyway|liquibase|zilliz|arizephoenix|feastdev|mher|tiangolo|puckel|cribl|fluent|timescale|opensearchproject|fsouza|getmeili|typesense|n8nio|searxng|certbot|containrrr|mailhog|axllent|postgis|bde2020|influxdata|victoriametrics|datastax|trinodb|metabase|nginxinc|linuxserver|keycloak|obsidiandynamics|landoop|paradedb|supabase|portainer|hasura|temporalio|argilla|heartexlabs|selenium|browserless|dagster|kubeflow\w*|argoproj|istio|knative|fluxcd)/"
    r"|^(?:mcr\.microsoft\.com|nvcr\.io|registry\.k8s\.io|k8s\.gcr\.io|public\.ecr\.aws|docker\.elastic\.co|gcr\.io/(?:cloud-builders|google\w*|ml-pipeline|kaniko-project|distroless|deeplearning\S*|kubebuilder))/",
    re.IGNORECASE,
)


def bundled(facts: Facts) -> list[Evidence]:
    """Bundles of Databricks: what is built from the commit, or deployed from it by CI, goes with its jobs."""
    built = facts.leaves(r"(^|/)databricks\.ya?ml$", "artifacts", "*", "build")
    return places([*built, *facts.leaves(rollout.CI, "**", value=r"\bdatabricks bundle deploy\b")])


def take_images(facts: Facts) -> bool:
    """Whether infrastructure or a pipeline is handed an image, so that a version can go into it."""
    handed = given(
        facts, "image", "image_uri", "base_image", "serving_container_image_uri", "container_uri", "image_tag"
    )
    return bool(
        handed
        or facts.signals("terraform-block", r"(?:variable\s+\"|param\s+)\w*(?:image|tag(?!s)|version)")
        or facts.signals("cloud-resource", r"Image")
        or facts.leaves(r"\.(ya?ml|json)$", "**", "[iI]mage*", value=r"\$|\{\{|Ref|Sub|__\w+__|<\w+>|IMAGE")
    )


def own_images(facts: Facts) -> tuple[list[Evidence], list[Evidence]]:
    """Where deployments name images of the system's own: with a version, and floating."""
    if not images_of_system(facts):
        return [], []
    named = [
        *((one.file, leaf) for one in workloads(facts) for leaf in one.leaves if leaf.keys[-1] == "image"),
        *((one.file, leaf) for one in compose.services(facts) for leaf in one.under("image")),
        *(
            pair
            for key in _IMAGE_KEYS
            for pair in facts.leaves(_DEPLOYED_FILES, "**", key)
            if not rollout.is_ci(pair[0])
        ),
        *_values(facts),
    ]
    given = {leaf.text for _, leaf in facts.leaves(r"(^|/)kustomization\.ya?ml$", "images", "*", "*ame")}
    named = [pair for pair in named if pair[1].text.partition(":")[0] not in given]  # the kustomization says which
    own = {(file.path, leaf.line): (file, leaf) for file, leaf in named if _is_own(leaf)}.values()
    unnamed = not tagged_in_ci(facts)
    floating = [
        pair for pair in own if _floats(pair[1]) or (unnamed and re.search(r":\$\{\w+:?-latest\}$", pair[1].text))
    ]
    return places(pair for pair in own if pair not in floating), places(floating)


def _floats(leaf: Leaf) -> bool:
    """Whether the image has no version; the value is the whole image, or a tag by itself."""
    return is_floating(leaf.text if leaf.keys[-1] in _IMAGE_KEYS else f"image:{leaf.text}")


def _values(facts: Facts) -> list[tuple[File, Leaf]]:
    """Tags that a chart's values or a kustomization give."""
    return [
        *facts.leaves(r"(^|/)values[^/]*\.ya?ml$", "**", "tag"),
        *facts.leaves(r"(^|/)kustomization\.ya?ml$", "images", "*", "newTag"),
        *facts.leaves(r"\.ya?ml$", "spec", "values", "**", "image", "tag"),  # of a HelmRelease
        *_chart_versions(facts),
    ]


def _chart_versions(facts: Facts) -> list[tuple[File, Leaf]]:
    """Versions of applications in charts whose values leave the tag empty: templates then take the chart's."""
    empty = facts.leaves(r"(^|/)values\.ya?ml$", "**", "tag", value=r"^$")
    folders = {file.folder for file, _ in empty}
    return [pair for pair in facts.leaves(r"(^|/)Chart\.ya?ml$", "appVersion") if pair[0].folder in folders]


def _is_own(leaf: Leaf) -> bool:
    """An image of a registry or an account that is no well-known server; a tag alone counts as one."""
    image = re.sub(r"^\$\{\w+:?-([^}]*)\}", r"\1", leaf.text)  # a variable's default is what usually runs
    if not image or ATTACHED.search(image) or _VENDORS.match(image):
        return False
    return leaf.keys[-1] not in _IMAGE_KEYS or bool(re.search(r"\w/\w", leaf.text))


_REGISTERED = (
    "mlflow.register_model", "*.create_model_version", "*.register_model", "azureml.core.Model.register", "*.Model.register", "*.RegisterModel", "*.create_model_package", "google.cloud.aiplatform.Model.upload", "*.log_model",
    "*.transition_model_version_stage", "*.set_registered_model_alias", "wandb.Artifact",
)  # fmt: skip


def registered(facts: Facts) -> list[Evidence]:
    """Models that get a version in a registry, or from DVC."""
    calls = [
        (file, call)
        for file, call in facts.calls(*_REGISTERED, files=facts.scripts)
        if call.last not in {"log_model", "Artifact"}
        or "registered_model_name" in call.kwargs
        or "model" in str(call.argument(1, "type"))
    ]
    dvc = [pair for pair in facts.leaves(r"(^|/)dvc\.yaml$", "artifacts", "*", "type") if pair[1].text == "model"]
    return [*places(calls), *places(dvc)]


_KEPT_FILES = r"(^|/)(CHANGELOG|CHANGES|HISTORY|RELEASE_?NOTES|RELEASES?)(\.(md|rst|txt|adoc|org))?$|(^|/)(\.bumpversion|\.cz\.|\.releaserc|release-please)"
_VERSIONED_FILES = r"(^|/)(gradle\.properties|pom\.xml|build\.sbt|version\.(txt|sbt)|VERSION|DESCRIPTION|Cargo\.toml)$"
_RAISERS = ("commitizen", "bumpver", "bumpversion", "semantic_release", "tbump", "towncrier", "setuptools_scm")
_PUBLISHES = r"semantic-release|release-please|gh-action-pypi-publish|twine upload|(?:poetry|uv|flit|hatch) publish|action-gh-release|create-release|gh release create"


def kept_version(facts: Facts) -> list[Evidence]:
    """A version of the package that somebody keeps: was raised, has a change log, or tooling that publishes it."""
    packages = [
        *facts.leaves(r"(^|/)pyproject\.toml$", "project", "version"),
        *facts.leaves(r"(^|/)pyproject\.toml$", "tool", "poetry", "version"),
        *facts.leaves(r"(^|/)setup\.cfg$", "metadata", "version"),
    ]
    declared = [
        *packages,
        *facts.leaves(r"(^|/)package\.json$", "version"),
        *facts.calls("setuptools.setup", "distutils.core.setup"),
        *((file, 1) for file in facts.named(_VERSIONED_FILES)),
    ]
    raised = [
        pair for pair in packages if not re.match(r"^(0\.0\.[01]|0\.1(\.0)?|1\.0(\.0)?)?([^.\d].*)?$", pair[1].text)
    ]
    kept = [
        *places(raised),
        *(file.at() for file in facts.named(_KEPT_FILES, everywhere=True)),
        *(pair for tool in _RAISERS for pair in places(facts.leaves(r"(^|/)pyproject\.toml$", "tool", tool, "**"))),
        *places(facts.leaves(rollout.CI, "**", value=_PUBLISHES)),
        *places(facts.leaves(rollout.CI, "on", "release", "**")),
    ]
    in_prose = [file.at(line) for file, line, _ in facts.signals("changelog")]
    return [*places(declared), *kept, *in_prose] if declared and (kept or in_prose) else []
