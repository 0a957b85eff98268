"""Where the system answers requests: servers of its own, and endpoints that a platform keeps for it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from apps.analysis.expressions import expression
from apps.analysis.foreign import languages, model_loading
from apps.analysis.paths import Kind
from apps.analysis.repository import places

if TYPE_CHECKING:
    from apps.analysis.facts.model import Call
    from apps.analysis.findings import Evidence
    from apps.analysis.repository import Facts, File

    Lines = list[tuple[File, int]]

SERVERS = (
    "fastapi.FastAPI", "flask.Flask", "flask_restful.Api", "bottle.run", "bottle.Bottle", "tornado.web.Application", "aiohttp.web.Application",
    "sanic.Sanic", "falcon.App", "falcon.API", "starlette.applications.Starlette", "grpc.server", "grpc.aio.server", "dash.Dash", "dash_extensions.*",
    "gradio.Interface", "gradio.Blocks", "gradio.ChatInterface", "gradio.TabbedInterface", "bentoml.Service", "bentoml.service", "ray.serve.run", "ray.serve.deployment",
    "litserve.LitServer", "kserve.ModelServer", "uvicorn.run", "waitress.serve", "*.HTTPServer", "*.ThreadingHTTPServer", "quart.Quart", "connexion.*App", "django.core.wsgi.get_wsgi_application",
    "django.core.asgi.get_asgi_application", "panel.serve", "litestar.Litestar", "robyn.Robyn", "xmlrpc.server.*",
    "responder.API", "cherrypy.quickstart", "web.application", "nicegui.ui.run", "modal.web_endpoint", "modal.asgi_app", "modal.fastapi_endpoint", "mangum.Mangum",
    "chalice.Chalice", "*.make_server", "apistar.App", "eve.Eve", "*.WSGIServer", "hug.API", "functions_framework.create_app", "langserve.add_routes",
    "*.servable", "pywebio.start_server", "shiny.App", "jina.Flow", "jina.Deployment", "fasthtml.*", "mosec.Server",
)  # fmt: skip
_DECORATORS = (
    "bentoml.",
    "ray.serve.",
    "serve.deployment",
    "chainlit.",
    "litserve.",
    "functions_framework.http",
    "modal.web_endpoint",
    "modal.asgi_app",
    "hug.",
    "modal.fastapi_endpoint",
)
_PAGES = ("streamlit", "chainlit", "solara", "mesop", "taipy", "reflex")

_STARTS = (
    r"\b(uvicorn|gunicorn|hypercorn|daphne|granian|waitress-serve|streamlit run|chainlit run|torchserve|tensorflow_model_server|tritonserver|flask run|"
    r"mlflow (?:models|deployments) serve|bentoml serve|vllm serve|vllm\.entrypoints|ray serve|serve run|seldon-core-microservice|litserve|fastapi (?:run|dev)|langgraph (?:up|dev)|"
    r"text-generation-launcher|panel serve|voila|mlserver start|rasa run|llama-server|sglang\.launch_server|lmdeploy serve|ollama serve|manage\.py runserver|multi-model-server|uwsgi|plumber|Rscript .*plumb|shiny run)\b"
)
_NOT_STARTS = expression(
    r"\b(install|pkill|killall|kill|grep|add|pgrep|uninstall|which|apt-get|echo|brew|(?<!-)conda)\b"
)
_IMAGES = r"tensorflow/serving|tritonserver(?!\S{0,60}-sdk)|pytorch/torchserve|vllm/vllm-openai|text-generation-inference|text-embeddings-inference|seldonio/|kserve/|ollama/ollama|mlserver"
_FUNCTION = {"lambda_handler", "handler"}
# Servers that load models by themselves, and those of them that hold language models.
LANGUAGE_SERVERS = r"vllm/vllm-openai|\bvllm serve\b|vllm\.entrypoints|text-generation-(inference|launcher)|ollama/ollama|\bollama serve\b|\bllama-server\b|\bsglang\.launch_server\b|\blmdeploy serve\b"
MODEL_SERVERS = (
    r"tensorflow/serving|tensorflow_model_server|tritonserver(?!\S{0,60}-sdk)|pytorch/torchserve|\btorchserve\b|multi-model-server|text-embeddings-inference|"
    rf"\bmlserver start\b|\bmlflow models serve\b|{LANGUAGE_SERVERS}"
)


def servers(facts: Facts) -> Lines:
    """Places where the system itself answers, code first, then commands, images and other languages."""
    return list(facts.once(_servers))


def _servers(facts: Facts) -> Lines:
    started = [(file, call.line) for file, call in facts.calls(*SERVERS)]
    decorated = [
        (file, one.line)
        for file, one in facts.defines("")
        if any(decorator.name.startswith(_DECORATORS) for decorator in one.decorators)
    ]
    pages = [(file, line) for file, line in facts.imports(*_PAGES) if file.kind is Kind.PYTHON]
    return [
        *started, *decorated, *pages, *_tools(facts), *_images(facts), *_commands(facts), *_functions(facts),
        *_elsewhere(facts), *learned_pages(facts),
    ]  # fmt: skip


# What serves the pages of an application while it is written, and what serves them once they are built.
PAGE_SERVERS = r"\breact-scripts start\b|\bvite(?! build)\b|\bwebpack-dev-server\b|\bwebpack serve\b|\bng serve\b|\bvue-cli-service serve\b|\bparcel (?!build)|\bcraco start\b"


def learned_pages(facts: Facts) -> Lines:
    """Pages that ask a model in the browser: the commands that serve them."""
    if not model_loading.in_scripts(facts):
        return []
    tasks = facts.leaves(r"(^|/)package\.json$", "scripts", "*", value=PAGE_SERVERS)
    return [(file, leaf.line) for file, leaf in tasks]


_OVER_HTTP = expression(r"http|sse", re.IGNORECASE)


def answers_over_http(call: Call) -> bool:
    """Whether a server of the model context protocol is told to bind a port; by default it talks through pipes."""
    return bool(_OVER_HTTP.search(f"{call.last} {call.args} {call.kwargs.get('transport', '')}"))


def _tools(facts: Facts) -> Lines:
    """Servers of the model context protocol that answer over HTTP."""
    made = facts.calls("mcp.server.fastmcp.FastMCP", "fastmcp.FastMCP")
    files = list({file.path: file for file, _ in made}.values())
    asked = facts.calls("*.run", "*.run_async", "*.http_app", "*.sse_app", "*.streamable_http_app", files=files)
    over_http = {file.path for file, call in asked if answers_over_http(call)}
    return [(file, call.line) for file, call in made if file.path in over_http]


def _images(facts: Facts) -> Lines:
    found = [
        (file, one.line)
        for file in facts.dockerfiles
        for one in file.facts.instructions
        if (one.name in {"CMD", "ENTRYPOINT"} and re.search(_STARTS, _plain(one.value)))
        or (one.name == "FROM" and re.search(_IMAGES, one.value))
    ]
    return [*found, *_composed(facts, f"{_STARTS}|{_IMAGES}")]


_RUNS = frozenset({"command", "entrypoint", "args", "image", "start", "startCommand", "run_command"})


def _composed(facts: Facts, pattern: str) -> Lines:
    """Images and commands of deployments that the pattern finds."""
    return [
        (file, leaf.line)
        for file, leaf in facts.leaves(r"\.ya?ml$", value=pattern)
        if not _RUNS.isdisjoint(leaf.keys)
        and not re.search(r"(^|/)\.github/|gitlab-ci|azure-pipelines|circleci", f"{file.path} {file.facts.form}")
        and not _NOT_STARTS.search(leaf.text)
    ]


_STARTS_ONE = expression(r"\brun\b|\bserve\b|\bstart\b| --\w|llama-server")  # others pull, tag or list images


def model_servers(facts: Facts, pattern: str = MODEL_SERVERS) -> Lines:
    """Where a server is started that loads models by itself."""
    images = [
        (file, one.line)
        for file in facts.dockerfiles
        for one in file.facts.instructions
        if one.name in {"CMD", "ENTRYPOINT", "FROM"} and re.search(pattern, _plain(one.value))
    ]
    started = [
        (file, one.line)
        for file, one in facts.commands(pattern)
        if _STARTS_ONE.search(one.text) and not _NOT_STARTS.search(one.text)
    ]
    composed = [pair for pair in _composed(facts, pattern) if not _OF_ANSIBLE.search(pair[0].path)]
    return [*images, *composed, *started]


_OF_ANSIBLE = expression(r"(^|/)(roles|group_vars|host_vars)/")  # what an operator offers need not run


def declared_models(facts: Facts) -> Lines:
    """Models that a manifest has a cluster load: KServe, Seldon."""
    named = [pair for key in ("storageUri", "modelUri") for pair in facts.leaves(r"\.ya?ml$", "**", key)]
    return [(file, leaf.line) for file, leaf in named]


# Servers that answer for any model which they are given, without code of the system.
def _plain(command: str) -> str:
    """An exec-form command as one line."""
    return re.sub(r"[\[\]\"',]+", " ", command).replace("  ", " ")


def _commands(facts: Facts) -> Lines:
    return [(file, one.line) for file, one in facts.commands(_STARTS) if not _NOT_STARTS.search(one.text)]


def _functions(facts: Facts) -> Lines:
    """Functions of a cloud that answer an API: their handler asks a model, or an API event leads to it."""
    events = {
        file.folder
        for file, _ in facts.leaves(r"(^|/)(template|sam|serverless)[^/]*\.ya?ml$", value=r"^(Api|HttpApi)$")
    }
    events |= {
        file.folder
        for file, leaf in facts.leaves(r"(^|/)serverless[^/]*\.ya?ml$", "functions", "**")
        if {"http", "httpApi"} & set(leaf.keys)
    }
    return [
        (file, one.line)
        for file, one in facts.defines(r"^(lambda_)?handler$")
        if one.name in _FUNCTION
        and not one.scope
        and any(not folder or file.path.startswith(folder) for folder in events)
    ]


def _elsewhere(facts: Facts) -> Lines:
    kinds = {Kind.JAVA, Kind.SCALA, Kind.GO, Kind.R, Kind.SCRIPT}
    return [
        (file, line)
        for file, line, text in [*facts.signals("server"), *facts.signals("route")]
        if file.kind in kinds and not re.search(r"config\.[jt]s$|webpack|^\s*(//|\*|import\b)", f"{file.name} {text}")
    ]


_ENDPOINTS = (
    "*.create_endpoint", "*.create_endpoint_config", "*.online_endpoints.begin_create_or_update", "*.begin_create_or_update_online_endpoint", "*.ManagedOnlineEndpoint",
    "*.ManagedOnlineDeployment", "*.KubernetesOnlineEndpoint", "azureml.core.model.Model.deploy", "*.AksWebservice.*", "*.AciWebservice.*", "*.CfnEndpoint", "*.CfnEndpointConfig",
    "*.MultiDataModel", "*.Endpoint.create", "*.EndpointCreateOp", "*.ModelDeployOp", "*.SageMakerEndpointOperator", "*.HuggingFaceModel", "*.create_serving_endpoint", "*.serving_endpoints.create*", "*.ServedEntityInput", "*.ServedModelInput",
    "mlflow.sagemaker.*deploy*",
)  # fmt: skip
# Whose endpoints answer for models: an index of vectors has an endpoint, too.
_CLOUDS = ("boto3", "botocore", "sagemaker", "google.cloud.aiplatform", "vertexai", "airflow", "azure", "azureml", "aws_cdk", "pulumi", "databricks", "mlflow", "huggingface_hub", "kfp", "google_cloud_pipeline_components", "aiobotocore")  # fmt: skip
_DEPLOY_OPTIONS = frozenset({
    "initial_instance_count", "instance_type", "machine_type", "deployed_model_display_name", "serverless_inference_config", "endpoint_name",
    "inference_config", "deployment_config", "deployment_target", "endpoint", "traffic_split",
})  # fmt: skip
_ENDPOINT_COMMANDS = (
    r"\b(az ml (model deploy|(online-)?(endpoint|deployment) (create|update))|gcloud (beta )?ai(-platform)? (endpoints|versions) (create|deploy-model)|"
    r"aws sagemaker (create|update)-endpoint|eb (deploy|create)|anyscale service|cortex deploy|truss push|modal deploy|replicate push|cog push|bentoml deploy|(langgraph|mda) deploy)\b"
)


def managed(facts: Facts) -> Lines:
    """Where a platform answers for the system: by endpoints that it keeps, or by functions that it starts."""
    return list(facts.once(_managed))


def _managed(facts: Facts) -> Lines:
    return [*endpoints(facts), *functions(facts)]


_ANSWERING = (
    "runpod.serverless.start", "azure.functions.HttpResponse", "aws_cdk.*.LambdaRestApi", "aws_cdk.*.RestApi", "aws_cdk.*.HttpApi", "*.add_function_url",
)  # fmt: skip
_FUNCTION_COMMANDS = r"\bgcloud (beta |alpha )?functions deploy\b.{0,300}--trigger-http"


def functions(facts: Facts) -> Lines:
    """Functions of the system that a platform starts for each request."""
    calls = [(file, call.line) for file, call in facts.calls(*_ANSWERING)]
    commands = [(file, one.line) for file, one in facts.commands(_FUNCTION_COMMANDS)]
    return [*_functions(facts), *calls, *commands, *_gateways(facts)]


def endpoints(facts: Facts) -> Lines:
    """Endpoints of a platform: SageMaker, Vertex, Azure ML, KServe, Seldon, LangGraph, Databricks…"""
    clouds = {file.path for file, _ in facts.imports(*_CLOUDS)}
    created = [
        (file, call.line)
        for file, call in facts.calls(*_ENDPOINTS)
        if call.last not in {"create_endpoint", "create_endpoint_config", "create"} or file.path in clouds
    ]
    deployed = [
        (file, call.line)
        for file, call in facts.calls("*.deploy")
        if _DEPLOY_OPTIONS & set(call.kwargs)
        and facts.imports("sagemaker", "google.cloud.aiplatform", "azureml", "vertexai", files=[file])
    ]
    declared = [
        *facts.leaves(
            r"\.ya?ml$",
            "kind",
            value=r"^(InferenceService|SeldonDeployment|RayService|ServingRuntime|LLMInferenceService)$",
        ),
        *facts.leaves(r"\.(ya?ml|json)$", "**", "Type", value=r"^AWS::SageMaker::Endpoint$"),
        *facts.leaves(r"\.(ya?ml|json)$", "$schema", value=r"[oO]nline(Endpoint|Deployment)"),
        *facts.leaves(r"(^|/)langgraph\.json$", "graphs", "**"),
        *facts.leaves(r"(^|/)(cog\.yaml|truss/config\.yaml)$", "predict"),
        *facts.leaves(
            r"(^|/)\.github/.*\.ya?ml$|azure-pipelines|(^|/)\.pipelines/.*\.ya?ml$|gitlab-ci|cloudbuild",
            value=_ENDPOINT_COMMANDS,
        ),
    ]
    scoring = [
        (file, one.line)
        for file, one in facts.defines(r"^run$")
        if re.search(r"scor|infer|predict", file.name) and "batch" not in file.path.lower() and _has_init(file)
    ]
    blocks = [
        (file, line)
        for file, line, _ in facts.signals(
            "terraform-block",
            r"^\s*resource\s+\"(aws_sagemaker_endpoint|google_vertex_ai_endpoint|azurerm_machine_learning\w*endpoint)",
        )
    ]
    commands = [(file, one.line) for file, one in facts.commands(_ENDPOINT_COMMANDS)]
    written = languages.endpoints(facts)
    return [
        *scoring,
        *created,
        *deployed,
        *((file, leaf.line) for file, leaf in declared),
        *blocks,
        *commands,
        *written,
    ]


def _gateways(facts: Facts) -> Lines:
    """Gateways that Terraform puts before the functions of this repository."""
    if not facts.defines(r"^(lambda_)?handler$|_handler$", files=facts.scripts):
        return []
    blocks = facts.signals(
        "terraform-block", r"\"(aws_lambda_function_url|aws_apigatewayv2_api|aws_api_gateway_rest_api)\""
    )
    return [(file, line) for file, line, text in blocks if "resource" in text]


def _has_init(file: File) -> bool:
    return any(one.name == "init" and not one.scope for one in (file.facts.code.defines if file.facts.code else ()))


def web_platforms(facts: Facts) -> list[Evidence]:
    """Configuration of platforms that run a web application by a server of their own: Elastic Beanstalk, App Engine, Azure."""
    beanstalk = [file.at(1) for file in facts.named(r"(^|/)\.ebextensions/[^/]+$")]
    engine = facts.leaves(r"(^|/)app\.ya?ml$", "runtime", value=r"^(python|nodejs|java|go|ruby|php)")
    actions = facts.leaves(r"(^|/)\.github/workflows/", "**", value=r"azure/webapps-deploy|beanstalk-deploy")
    return [*beanstalk, *places([*engine, *actions])] if servers(facts) else []
