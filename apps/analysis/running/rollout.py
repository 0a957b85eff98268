"""What puts the system somewhere: images that run it, and what composes, provisions or rolls it out."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from apps.analysis.expressions import expression
from apps.analysis.facts import switched_off
from apps.analysis.foreign import languages
from apps.analysis.kept import kept
from apps.analysis.paths import Kind
from apps.analysis.repository import places
from apps.analysis.running import clusters, named_tasks, scripted, serving
from apps.analysis.running import platform_files as platforms

if TYPE_CHECKING:
    from apps.analysis.facts.model import Define, Leaf
    from apps.analysis.findings import Evidence
    from apps.analysis.repository import Facts, File

CI = r"(^|/)\.github/(workflows|actions)/|(^|/)\.(buildkite|semaphore|tekton|gitlab)/[^\n]*\.ya?ml$|(^|/)\.?gitlab-ci|azure-pipelines|(^|/)\.pipelines/|(^|/)\.circleci/|cloudbuild|bitbucket-pipelines|(^|/)\.azure|(^|/)\.drone|(^|/)\.?travis|buildspec|(^|/)pipelines?/[^/]*\.ya?ml$|(^|/)\.woodpecker"
CLOUD_BUILD = r"(^|/)cloudbuild[^/]*\.(ya?ml|json)$"
COMPOSE = r"^(?!.*\.devcontainer/).*?(^|/)(docker-)?compose[^/]*\.ya?ml$"
_WORKLOADS = (
    r"^(Deployment|StatefulSet|DaemonSet|CronJob|Job|InferenceService|SeldonDeployment|RayService|RayCluster|RayJob|SparkApplication|Workflow|CronWorkflow|"
    r"TFJob|PyTorchJob|MPIJob|XGBoostJob|PaddleJob|TrainJob|ScaledJob|WorkflowTemplate|HelmRelease|BentoDeployment|Rollout|Service\.serving)$"
)
_COMPUTE = (
    r"ecs_|eks_|lambda_function|sagemaker|cloud_run|google_container|app_engine|vertex|kubernetes_|container_app|container_group|app_service|linux_web_app|function_app|machine_learning|"
    r"Microsoft\.(?:App/|Web/sites|ContainerInstance|ContainerService|MachineLearningServices|Batch/)|helm_release|aws_instance|compute_instance|batch_|apprunner|composer|dataproc|databricks_|aks|kubernetes_cluster|emr|glue_job|virtual_machine|beanstalk|mwaa|droplet|heroku_app"
)
# A push of the repository, or of one of its folders, up to the name of the place.
GIT_PUSH = r"git (?:subtree )?push (?:(?:--prefix|-P) [^-\s]\S* |-\S+ )*"
# Up to the next command of the kind and no further: it begins there anew, and each word is gone through once.
_GCLOUD = (
    r"gcloud (?:beta )?(?:run|functions|app|composer|ai|builds|ai-platform|dataflow|workflows)\b"
    r"(?:[^g\n]|g(?!cloud (?:beta )?(?:functions|app|composer|ai|builds|dataflow|workflows)\b)){0,600}(?:deploy|create|update|run)"
)
# What stands before the word that says what to do: `kubectl -n churn apply`, `terraform -chdir=infra apply`.
_OPTIONS = r"(?: --?[a-z][\w-]*(?:[= ](?!-)\S+)?){0,4}"
# What `kubectl create` makes ready for others.
_NO_WORKLOADS = r"(?:namespace|ns|secret|configmap|cm|serviceaccount|sa|(?:cluster)?role(?:binding)?)(?![\w./-])"
# Tasks and flows that Flyte and Metaflow hand to a cluster, unless they only try it.
_REGISTER = (
    r"pyflyte(?: -\S+(?: [^-\s]\S*)?){0,4} (?:register|run\b[^\n]{0,300}\s--remote)\b(?!(?:[^\n]|\\\n){0,600}--dry-?run)|"
    r"flytectl register|\.py\b[^\n]{0,200} (?:argo-workflows|step-functions) create\b"
)
_ROLL_OUT = (
    rf"\b((?:kubectl|oc){_OPTIONS} (?:apply|set image|rollout (?:restart|undo|resume)|create(?!{_OPTIONS} {_NO_WORKLOADS}))|argocd\b[\s\S]{{0,200}}?\bapp (?:sync|set|create)|kustomize build|helm{_OPTIONS} (?:upgrade|install)|{_GCLOUD}|"
    rf"gcloud (?:run|app|functions) deploy|gcloud(?: beta)? dataproc (?:batches|jobs) submit|aws{_OPTIONS} (?:ecs|eks|lambda|sagemaker|cloudformation|deploy|apprunner|elasticbeanstalk) \S*(?:update|create|deploy|register)|"
    rf"aws{_OPTIONS} (?:batch|emr\S*|glue|stepfunctions) (?:register-job|submit-job|start-job-run|(?:create|update)-(?:job|state-machine)\b|create-cluster|add-steps|start-execution)|cdk deploy|sam deploy|"
    rf"serverless deploy|sls deploy|(?:terraform|tofu|terragrunt)(?: run-all)?{_OPTIONS} apply|pulumi up|"
    r"az (?:ml|webapp|containerapp|functionapp|aks|container|deployment|acr run)\b|eb deploy|heroku (?:container:release|create)|"
    rf"{GIT_PUSH}(?:heroku|dokku|hf|huggingface|space)\b|aws ec2 run-instances|(?:beam|cerebrium) deploy\b|"
    r"fly(?:ctl)? deploy|docker(?:-| )compose\b.{0,600} up|docker stack deploy|docker service|docker run\b(?!.{0,600}\b(?:jupyter|tensorboard|ipython)\b).{0,600}\s-[a-z]*d\b|ansible-playbook|databricks (?:bundle deploy|jobs)|dbx deploy|anyscale (?:service|job)\S* (?:rollout|submit|deploy)|"
    r"prefect deploy(?:ment)?|zenml (?:stack|pipeline)|bentoml deploy|agentcore (?:deploy|launch)|modal deploy|cog push|(?:uv run|poetry run|pipx run|npx|pnpm dlx) [\w-]+ deploy\b|git (?:(?:subtree )?push\b|remote add\b).{0,600}(?:huggingface\.co|hf\.co|heroku\.com|dokku)\S*|(?:hf|huggingface-cli) upload\b.{0,600}space|sky (?:launch|serve)|ssh .{0,600}(?:docker|systemctl|pull)|gsutil .{0,600}dags|astro deploy|vercel (?:deploy|--prod)|railway up|wrangler deploy)"
    rf"|{_REGISTER}"
)
_DEPLOY_ACTIONS = (
    r"(azure/(webapps-deploy|k8s-deploy|aks-set-context|functions-action|container-apps)|google-github-actions/(deploy-|get-gke)|aws-actions/amazon-ecs-deploy|akhileshns/heroku-deploy|appleboy/ssh-action|superfly/flyctl|AzureWebApp|KubernetesManifest|HelmDeploy|AzureCLI@|AzureML|AzureRmWebAppDeployment|einaregilsson/beanstalk|(?:atlassian|microsoft|google)/[\w-]+-(?:deploy|run):|(?:aws-ecs|aws-eks|aws-lambda|gcp-\w+|gke|helm|heroku|kubernetes)/[\w-]*(?:deploy|upgrade|rollout)|"
    # of anybody, by a name that says what is done and where
    r"\b[\w.-]{1,40}/(?=[\w-]{0,60}deploy)(?!wait|check|notif|[\w-]{0,60}?(?<![a-z])(?:undeploy|await|status|lint|validat|delet|destroy|remov|badge|comment|docs\b))"
    r"[\w-]{0,60}?(?:heroku|railway|render|fly(?:ctl|io)|ecs|eks|lambda|beanstalk|cloud-?run|app-?engine|kubernetes|k8s|swarm|compose|docker-stack|hugging-?face|digitalocean)[\w-]{0,60}@)"
)
_CDK = (
    "aws_cdk.App",
    "aws_cdk.core.App",
    "aws_cdk.cdk.App",
    "cdktf.App",
    "pulumi.export",
    "pulumi_aws.*",
    "pulumi_gcp.*",
    "pulumi_kubernetes.*",
    "pulumi_azure*.*",
)
# What programs of Pulumi put on a platform that starts as many of it as there are requests.
SERVERLESS_OF_PULUMI = (
    "pulumi_gcp.cloudrun*.Service",
    "pulumi_gcp.cloudfunctions*.Function",
    "pulumi_aws.lambda_.Function",
    "pulumi_aws.apprunner.Service",
    "pulumi_azure*.app.ContainerApp",
)
_PIPELINES = (
    "sagemaker.*workflow.pipeline.Pipeline", "sagemaker.workflow.*.Pipeline", "kfp.dsl.pipeline", "kfp.v2.dsl.pipeline", "*.PipelineJob", "azureml.pipeline.core.Pipeline", "azureml.pipeline.core.*.Pipeline",
    "azure.ai.ml.dsl.pipeline", "*.Deployment.build_from_flow", "*.create_vertex_pipeline", "prefect.deployments.Deployment*", "*.KubernetesRun", "*.ECSRun", "*.KubernetesPodOperator", "*.DockerSettings", "modal.App", "modal.Stub",
    "azureml.core.webservice.*", "tfx.orchestration.pipeline.Pipeline", "tfx.*.Pipeline", "*.KubeflowDagRunner*", "*.KubeflowV2DagRunner*", "*.FlowProject.*", "hera.workflows.*Workflow*", "flytekit.ImageSpec", "flytekit.image_spec.ImageSpec", "union.ImageSpec", "flytekit.LaunchPlan*",
)  # fmt: skip
_DECORATED = (
    "kfp.dsl.pipeline",
    "kfp.v2.dsl.pipeline",
    "dsl.pipeline",
    "azure.ai.ml.dsl.pipeline",
    "modal.",
    "beam.endpoint",
    "beam.task_queue",
    "beam.asgi",
    "beam.schedule",
    "metaflow.kubernetes",
    "metaflow.batch",
)


def is_ci(file: File) -> bool:
    """Whether the file tells continuous integration what to do, by its path or by its form."""
    return file.once(_is_ci)


def _is_ci(file: File) -> bool:
    return bool(expression(CI).search(file.path) or expression(CI).search(file.facts.form))


def images(facts: Facts) -> list[Evidence]:
    """Dockerfiles of the system that start something."""
    return [
        file.at(one.line)
        for file in facts.dockerfiles
        if not re.search(r"(^|/)\.devcontainer/", file.path)
        for one in file.facts.instructions
        if one.name in {"CMD", "ENTRYPOINT"}
    ]


def dockerfiles(facts: Facts) -> list[Evidence]:
    return [file.at() for file in facts.dockerfiles if not re.search(r"(^|/)\.devcontainer/", file.path)]


def composed(facts: Facts, *, tests: bool = True) -> list[Evidence]:
    """Compose services that are built from this repository, or that run an image of its own, other than servers of
    notebooks; without `tests` only those that run no tests either."""
    found = [
        *facts.leaves(COMPOSE, "services", "*", "build"),
        *facts.leaves(COMPOSE, "services", "*", "build", "**"),
        *facts.leaves(
            COMPOSE,
            "services",
            "*",
            "image",
            value=r"\$\{\w*(IMAGE|REPO|REGISTRY|ACCOUNT|USER)|^(localhost/|\d+\.dkr\.ecr|[a-z0-9-]+-docker\.pkg\.dev)",
        ),
        *facts.leaves(COMPOSE, "services", "*", "volumes", "*", value=r"^\.{1,2}/?:"),
        *facts.leaves(COMPOSE, "services", "*", "volumes", "*", value=r"^\./(src|app|dags|code)\S*:"),
        *facts.leaves(COMPOSE, "**", "build"),
        *_of_built_images(facts),
        *_of_pushed_images(facts),
        *_of_own_programs(facts),
    ]
    aside = facts.leaves(COMPOSE, "services", "*", "command", "**", value=_NOTEBOOK_SERVER)
    if not tests:
        aside += facts.leaves(COMPOSE, "services", "*", "command", "**", value=r"\b(pytest|unittest|tox|nox)\b")
    left = {(file.path, leaf.keys[1]) for file, leaf in aside}
    return places([(file, leaf) for file, leaf in found if (file.path, "".join(leaf.keys[1:2])) not in left])


# In a container that serves notebooks people develop.
_NOTEBOOK_SERVER = r"\bjupyter[- ](?:lab|notebook)\b|^start-notebook"


_TAGGED = expression(r"\bbuild\b.*?(?:\s-t|--tag)[= ]+['\"]?([\w./-]+)")


def _of_built_images(facts: Facts) -> list[tuple[File, Leaf]]:
    """Images in compose that a command of the repository builds under that name."""
    built = {name for _, one in facts.commands(r"\bbuild\b.*(-t|--tag)") for name in _TAGGED.findall(one.text)}
    shapes = (("services", "*", "image"), ("*", "image"))  # the second of version 1
    named = [pair for shape in shapes for pair in facts.leaves(COMPOSE, *shape)] if built else []
    return [(file, leaf) for file, leaf in named if leaf.text.partition(":")[0] in built]


def _of_pushed_images(facts: Facts) -> list[tuple[File, Leaf]]:
    """Images in compose that stand where CI pushes its own: under the same owner of the same registry."""
    given = [pair for key in ("tags", "images", "image-name") for pair in facts.leaves(CI, "**", "with", key)]
    texts = [leaf.text for _, leaf in given]
    texts += [named for _, leaf in facts.leaves(CI, "**", value=_PUSHES) for named in _PUSHED.findall(leaf.text)]
    owners = {owner for text in texts for owner in _OWNER.findall(text)} - _NO_OWNERS
    images = facts.leaves(COMPOSE, "services", "*", "image") if owners else []
    return [(file, leaf) for file, leaf in images if leaf.text.removeprefix("docker.io/").rpartition("/")[0] in owners]


_PUSHES = r"\b(?:docker|podman|buildah)(?: image)? (?:push|tag)\b"
_PUSHED = expression(_PUSHES + r"([^\n;&|]{0,300})")
_OWNER = expression(r"(?:^|[\s,'\"=])(?:docker\.io/)?((?:[\w-]+(?:\.[\w-]+)+(?::\d+)?/)?[a-z0-9][\w.-]*)/(?=[\w$])")
_NO_OWNERS = frozenset({"library", "ghcr.io", "docker.io", "quay.io"})


MOST_ALIKE = 50  # programs of one name that a command may mean


def _of_own_programs(facts: Facts) -> list[tuple[File, Leaf]]:
    """Commands of services that start a file or a module of the repository: the image they run brings it."""
    commands = facts.leaves(COMPOSE, "services", "*", "command", "**")
    own: dict[str, list[str]] = {}
    for file in [*facts.code, *facts.of_kind(Kind.R, Kind.SCRIPT)] if commands else ():
        own.setdefault(file.path.rpartition("/")[2], []).append(f"/{file.path}")

    def is_own(program: str) -> bool:
        alike = own.get(program.rpartition("/")[2], ())[:MOST_ALIKE]
        return any(path.endswith(f"/{program}") for path in alike)

    return [(file, leaf) for file, leaf in commands if any(map(is_own, _programs(leaf.text)))]


def _programs(command: str) -> set[str]:
    """Files that the command may start: those it names, and those of the modules whose attribute it names."""
    named = {name.removeprefix("./").lstrip("/") for name in _PROGRAM.findall(command)}
    return named | {f"{module.replace('.', '/')}.py" for module in _ATTRIBUTE.findall(command)}


_PROGRAM = expression(r"(?:^|\s)([\w./-]+\.(?:py|jl|R|js|mjs|ts))(?=\s|$)")
_ATTRIBUTE = expression(r"(?:^|\s)([a-z_]\w*(?:\.\w+)*):[a-z_]\w*(?=\s|$)")


@kept
def workloads(facts: Facts) -> list[Evidence]:
    """Kubernetes workloads, Helm charts, kustomizations, Terraform and CDK that run something, platform files."""
    declared = facts.leaves(r"\.ya?ml$", "kind", value=_WORKLOADS)
    charts = facts.named(r"(^|/)(Chart|kustomization)\.ya?ml$")
    terraform = [
        (file, line)
        for file, line, _ in facts.signals("terraform-block", rf"resource.*({_COMPUTE})|module\b|^\s*job\s+\"")
    ]
    templates = facts.leaves(
        r"\.(ya?ml|json)$",
        "**",
        "Type",
        value=r"^AWS::(SageMaker|ECS|Lambda|Serverless|Batch|EKS|StepFunctions|EC2::Instance)",
    )
    flows = facts.leaves(r"\.ya?ml$", "flow_name")  # of what `prefect deployment build` writes
    azure = facts.leaves(r"\.(ya?ml|json)$", "$schema", value=r"azuremlschemas|deploymentTemplate")
    # A service of Knative, an application that Argo CD keeps in step with a repository, a task of ECS.
    declared += facts.leaves(r"\.ya?ml$", "apiVersion", value=r"^serving\.knative\.dev/")
    kept = facts.leaves(r"\.ya?ml$", "spec", "**", "sourc*", "**", "repoURL")
    folders, keeping = facts.leaves(r"\.ya?ml$", "spec", "**", "sourc*", "**", "path"), {file.path for file, _ in kept}
    declared += [(file, leaf) for file, leaf in folders if file.path in keeping]
    declared += [
        (file, leaf)
        for file, leaf in facts.leaves(r"\.ya?ml$", "**", "*docker_container", "image")  # a task of Ansible
        if not clusters.ATTACHED.search(leaf.text)
    ]
    declared += facts.leaves(r"(^|/)azure\.ya?ml$", "services", "*", "host")
    declared += facts.leaves(r"\.json$", "containerDefinitions", "*", "image", value=_OF_ACCOUNT)
    serverless = facts.named(
        r"(^|/)(serverless\.ya?ml|fly\.toml|render\.ya?ml|anyscale[^/]*\.ya?ml|modal_\w+\.py|databricks\.ya?ml|langgraph\.json|dagster_cloud\.ya?ml|prefect\.ya?ml|wrangler\.toml|railway\.(json|toml)|vercel\.json)$"
    )
    constructs = [(file, line) for file, line, _ in languages.resources(facts, r"Function|Endpoint|Fargate|\bApp\b")]
    anyscale = facts.leaves(r"\.ya?ml$", "ray_serve_config", "**") + facts.leaves(r"\.ya?ml$", "compute_config")
    anyscale += facts.leaves(r"\.ya?ml$", "applications", "*", "import_path")
    return [
        *places(declared), *(file.at() for file in charts), *(file.at() for file in serverless), *places(terraform), *places(templates), *places(anyscale), *places(azure), *places(flows),
        *places(facts.calls(*_CDK)), *places(constructs), *(file.at(1) for file in facts.named(platforms.ROLLED_OUT)),
        *platforms.told_to_hub(facts, "space-image"),
    ]  # fmt: skip


# An image of a registry that belongs to somebody, or one that is filled in when it is deployed.
_OF_ACCOUNT = r"\.dkr\.ecr\.|\$|<|\{|ghcr\.io/|\.azurecr\.io/|docker\.pkg\.dev/|gcr\.io/(?!google)"


def _is_handed_on(_: File, one: Define) -> bool:
    return one.is_decorated_by(_DECORATED)


@kept
def platform_pipelines(facts: Facts) -> list[Evidence]:
    """Pipelines and endpoints that code hands to a managed platform."""
    scripts = facts.scripts
    return [
        *places(facts.decorated(where=_is_handed_on)), *places(facts.calls(*_PIPELINES, files=scripts)), *places(scripted.jobs(facts, scripts)),
        *(file.at(line) for file, line in serving.endpoints(facts) if file in scripts),
        *places(languages.managed_streams(facts)),
    ]  # fmt: skip


def notebook_pipelines(facts: Facts) -> list[Evidence]:
    """Pipelines and endpoints that only a cell of a notebook hands to a managed platform."""
    return [
        *places(facts.calls(*_PIPELINES, files=facts.notebooks)),
        *places(scripted.jobs(facts, facts.notebooks)),
        *(file.at(line) for file, line in serving.endpoints(facts) if file in facts.notebooks),
    ]


@kept
def deploying_jobs(facts: Facts) -> list[Evidence]:
    """Steps of CI that put a new version somewhere."""
    jobs = facts.leaves(CI, "**", value=f"{_ROLL_OUT}|{_DEPLOY_ACTIONS}")
    orbs = facts.leaves(r"\.circleci/", "workflows", "*", "jobs", "*", "*/*deploy*", "**")  # jobs that others wrote
    jobs += [(file, leaf) for file, leaf in orbs if expression(_DEPLOY_ACTIONS).search(leaf.keys[4])]
    own = {(file.path, leaf.keys[1]) for file, leaf in facts.leaves(CI, "jobs", "*", "runs-on", value="self-hosted")}
    return places(
        [
            (file, leaf)
            for file, leaf in jobs
            if not re.search(r"compose\b.* up|docker run|kind create", leaf.text)  # what a test starts
            or (
                len(leaf.keys) > 1
                and (file.path, leaf.keys[1]) in own
                and not re.search(r"\btest|kind create", leaf.text)
            )
        ]
    )


def roll_outs(facts: Facts, *, tests: bool = True) -> list[Evidence]:
    """Commands, in CI, in tasks, in scripts or programs, that put a new version somewhere; `tests` as for `composed`."""
    own = bool(composed(facts, tests=tests))
    told = [place for place, composes in facts.once(_rolling_out) if own or not composes]
    return [*deploying_jobs(facts), *told, *places(scripted.by_client(facts))]


def _rolling_out(facts: Facts) -> list[tuple[Evidence, bool]]:
    """Where such commands stand, and whether it is compose that starts something."""
    found = [
        (file, one.line, one.text)
        for file, one in facts.commands(_ROLL_OUT)
        if file.kind is Kind.GROOVY or not switched_off.only_tells(one.text)  # where several lines are one text
    ]
    others = [(one.file, one.line, one.command) for one in named_tasks.of(facts) if one.file.kind is not Kind.MAKE]
    others += [(file, call.line, text) for file, call, text in scripted.started(facts)]
    found += [
        (file, line, text)
        for file, line, text in others
        if expression(_ROLL_OUT).search(text)
        and not re.search(r"\bzenml stack (set|list|describe)\b", text)  # by hand it only chooses
    ]
    return [
        (file.at(line), re.search(r"compose\b.* up\b", text) is not None)
        for file, line, text in found
        if not _OF_OTHERS.search(text)
    ]


# What installs a platform of others: manifests that stand elsewhere, charts of public repositories.
_OF_OTHERS = expression(
    r"kubectl (apply|create) -[kf]\s*[\"']?(https?://|github\.com/)|helm (install|upgrade)\b.*\s(bitnami|prometheus-community|grafana|kedacore|jetstack|ingress-nginx|hashicorp|apache-airflow)/"
)


def local_runs(facts: Facts) -> list[Evidence]:
    """Tasks and scripts that start containers on the machine where they are called."""
    return places(facts.commands(r"^(?!.*\b(?:ssh|DOCKER_HOST)\b).*(?:\bcompose\b.* up\b|docker run\b)"))


def platform_files(facts: Facts) -> list[Evidence]:
    """Files by which a platform starts the repository as it is."""
    told = rf"{platforms.TOLD}|(^|/)(Procfile|app\.ya?ml|app\.json|\.ebextensions/[^/]+|\.platform/[^/]+|Dockerrun\.aws\.json|cog\.yaml|bentofile\.ya?ml)$"
    documents = {file.path for file, _ in facts.leaves(r"(^|/)netlify\.toml$", "build", "command", value=_OF_DOCUMENTS)}
    return [*(file.at(1) for file in facts.named(told) if file.path not in documents), *platforms.spaces(facts)]


_OF_DOCUMENTS = r"\b(mkdocs|sphinx|jupyter-?book|quarto|hugo|jekyll|docusaurus|make (html|docs?)|docs?:build)\b"


def undeploying(facts: Facts) -> list[Evidence]:
    """Files that show that nothing deploys or declares a process: images and CI, else the README."""
    ci = r"(^|/)\.github/workflows/[^/]+\.ya?ml$|(^|/)(\.gitlab-ci|azure-pipelines[^/]*)\.yml$"
    found = [*facts.dockerfiles, *facts.named(ci)]
    return [file.at() for file in found or facts.named(r"^(?i:readme\.md)$", everywhere=True)]


def pushes(facts: Facts) -> list[Evidence]:
    """CI jobs that push an image."""
    kept = built_only(facts)
    found = facts.leaves(
        CI,
        "**",
        value=r"docker(/(build-push|bake)-action|[ -]compose push| (image )?push| buildx\b.*--push)|gcloud builds submit|az acr build|kaniko|\bECR\b|amazon-ecr|goreleaser-action|Docker@\d",
    )
    return places([(file, leaf) for file, leaf in found if (file.path, *leaf.keys[:4]) not in kept])


def built_only(facts: Facts) -> set[tuple[str, ...]]:
    """(path, keys) of steps that build an image and say that it is not pushed."""
    said = facts.leaves(CI, "jobs", "*", "steps", "*", "with", "push", value=r"^false$")
    return {(file.path, *leaf.keys[:4]) for file, leaf in said}


def stored_images(facts: Facts) -> list[Evidence]:
    """Images that a build of the cloud keeps in its registry, for whoever deploys them by hand."""
    return places(facts.leaves(CLOUD_BUILD, "images", "*"))


def parts(facts: Facts) -> list[Evidence]:
    """Whatever builds an image of the system, composes it or puts it somewhere."""
    composed = facts.named(
        r"(^|/)(docker-)?compose[^/]*\.ya?ml$|(^|/)(Procfile|app\.ya?ml|fly\.toml|render\.ya?ml|serverless\.ya?ml|Chart\.yaml|kustomization\.ya?ml|bentofile\.yaml|vercel\.json|app\.json)$|\.tf$|\.bicep$"
    )
    workloads = facts.leaves(
        r"\.ya?ml$", "kind", value=r"^(Deployment|StatefulSet|CronJob|Job|InferenceService|SeldonDeployment)$"
    )
    return [
        *(file.at() for file in facts.dockerfiles),
        *(file.at() for file in composed),
        *places(workloads),
        *places(serving.endpoints(facts)),
    ]
