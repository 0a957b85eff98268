"""Where the system answers requests: servers of its own, and endpoints that a platform keeps for it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from apps.analysis.expressions import expression
from apps.analysis.foreign import languages, model_loading
from apps.analysis.kept import kept
from apps.analysis.paths import Kind
from apps.analysis.repository import places
from apps.analysis.running import cloud_functions, programs

if TYPE_CHECKING:
    from apps.analysis.facts.model import Call, Define
    from apps.analysis.findings import Evidence
    from apps.analysis.repository import Facts, File

    Lines = list[tuple[File, int]]

SERVERS = (
    "fastapi.FastAPI", "flask.Flask", "flask_restful.Api", "bottle.run", "bottle.Bottle", "tornado.web.Application", "aiohttp.web.Application",
    "sanic.Sanic", "falcon.App", "falcon.API", "falcon.asgi.App", "starlette.applications.Starlette", "grpc.server", "grpc.aio.server", "dash.Dash", "dash_extensions.*",
    "gradio.Interface", "gradio.Blocks", "gradio.ChatInterface", "gradio.TabbedInterface", "gradio.load", "bentoml.Service", "bentoml.service", "ray.serve.run", "ray.serve.deployment",
    "litserve.LitServer", "kserve.*ModelServer", "kfserving.*KFServer", "kserve.*KFServer", "uvicorn.run", "waitress.serve", "*.HTTPServer", "*.ThreadingHTTPServer", "quart.Quart", "connexion.*App", "django.core.wsgi.get_wsgi_application",
    "django.core.asgi.get_asgi_application", "django.urls.path", "django.urls.re_path", "django.conf.urls.url", "panel.serve", "litestar.Litestar", "litestar.app.Litestar", "starlite.*Starlite", "robyn.Robyn", "xmlrpc.server.*",
    "responder.API", "cherrypy.quickstart", "cherrypy.engine.start", "web.application", "nicegui.ui.run", "modal.web_endpoint", "modal.asgi_app", "modal.fastapi_endpoint", "mangum.Mangum",
    "chalice.Chalice", "*.make_server", "apistar.App", "eve.Eve", "*.WSGIServer", "hug.API", "functions_framework.create_app", "langserve.add_routes",
    "mosec.Server", "mosec.server.Server", "bedrock_agentcore.*BedrockAgentCoreApp", "pytriton.triton.Triton", "potassium.Potassium", "jina.Flow", "jina.Deployment", "jina.Flow.load_config", "vetiver.VetiverAPI", "label_studio_ml.api.init_app",
    "blacksheep.Application", "blacksheep.server.Application", "pyramid.config.Configurator", "apiflask.APIFlask", "flask_openapi3.OpenAPI", "ninja.NinjaAPI", "ninja_extra.NinjaExtraAPI", "esmerald.Esmerald", "ravyn.Ravyn",
    "klein.Klein", "twisted.web.server.Site", "socketserver.*TCPServer", "SocketServer.*TCPServer", "eventlet.wsgi.server", "microdot.*Microdot", "strawberry.asgi.GraphQL", "ariadne.asgi.GraphQL", "socketio.*AsyncServer", "fasthtml.*FastHTML",
    "granian.*Granian", "grpclib.server.Server", "thrift.server.*Server", "zerorpc.Server", "rpyc.utils.server.*Server", "Pyro?.*Daemon", "websockets.*serve",
    "jupyter_dash.JupyterDash", "bokeh.*curdoc().add_root", "bokeh.server.server.Server", "pywebio.*start_server", "justpy.justpy", "shiny.App", "h2o_wave.app", "pathway.io.http.rest_connector", "pathway.xpacks.llm.servers.*Server",
)  # fmt: skip
_DECORATORS = (
    "bentoml.",
    "ray.serve.",
    "serve.deployment",
    "chainlit.",
    "litserve.",
    "functions_framework.http",
    "modal.web_",
    "modal.asgi_app",
    "modal.wsgi_app",
    "hug.",
    "modal.fastapi_endpoint",
    "h2o_wave.app",
)
# Classes that a server of models calls.
_BASES = ("jina.Executor", "ts.torch_handler.", "mlserver.MLModel", "mlserver.model.MLModel", "bentoml.BentoService", "pyarrow.flight.FlightServerBase", "label_studio_ml.model.LabelStudioMLBase")  # fmt: skip
_PAGES = ("streamlit", "chainlit", "solara", "mesop", "taipy", "reflex", "pynecone", "fasthtml", "shiny.express", "streamsync", "triton_python_backend_utils")  # fmt: skip

_STARTS = (
    r"\b(uvicorn|gunicorn|hypercorn|daphne|granian|waitress-serve|streamlit run|chainlit run|torchserve|tensorflow_model_server|tritonserver|flask run|"
    r"mlflow (?:models|deployments) serve|bentoml serve|vllm serve|vllm\.entrypoints|ray serve|serve run|seldon-core-microservice|litserve|fastapi (?:run|dev)|langgraph (?:up|dev)|"
    r"text-generation-launcher|panel serve|voila|mlserver start|rasa run|ollama serve|manage\.py runserver|multi-model-server|uwsgi|plumber|Rscript .*plumb)\b|"
    + programs.STARTS
)
NOT_STARTS = expression(
    r"\b(install|pkill|killall|kill|grep|add|pgrep|uninstall|which|apt-get|echo|brew|(?<!-)conda)\b"
)
_IMAGES = rf"{programs.MODEL_SERVERS}|kserve/|{programs.IMAGES}"


def servers(facts: Facts) -> Lines:
    """Places where the system itself answers, code first, then commands, images and other languages."""
    return list(facts.once(_servers))


def _is_served(_: File, one: Define) -> bool:
    return one.is_decorated_by(_DECORATORS)


def _is_server(_: File, one: Define) -> bool:
    return any(base.startswith(_BASES) for base in one.bases)


def _servers(facts: Facts) -> Lines:
    started = [(file, call.line) for file, call in facts.calls(*SERVERS)]
    decorated = [(file, one.line) for file, one in facts.decorated(where=_is_served)]
    below = [(file, one.line) for file, one in facts.deriving(facts.scripts, _is_server)]
    pages = [(file, line) for file, line in facts.imports(*_PAGES) if file.kind is Kind.PYTHON]
    return [
        *started, *decorated, *below, *pages, *_asked(facts), *_tools(facts), *_images(facts), *_commands(facts),
        *_configured(facts), *_elsewhere(facts), *learned_pages(facts),
    ]  # fmt: skip


# What serves the pages of an application while it is written, and what serves them once they are built.
PAGE_SERVERS = r"\breact-scripts start\b|\bvite(?! build)\b|\bwebpack-dev-server\b|\bwebpack serve\b|\bng serve\b|\bvue-cli-service serve\b|\bparcel (?!build)|\bcraco start\b"


def learned_pages(facts: Facts) -> Lines:
    """Pages that ask a model in the browser: the commands that serve them."""
    if not model_loading.in_scripts(facts):
        return []
    tasks = facts.leaves(r"(^|/)package\.json$", "scripts", "*", value=PAGE_SERVERS)
    return [(file, leaf.line) for file, leaf in tasks]


# Of these the library alone tells nothing: what is called, and whether the arguments bind a port.
_IN_A_BROWSER = expression(r"WEB|FLET_APP_HIDDEN")


def _asked(facts: Facts) -> Lines:
    """Servers that a library makes of one of its several uses: pages of Panel, web views of Flet, webhooks of bots."""
    found = [(file, call) for file, call in facts.calls("*.servable") if file.imports("panel")]
    found += [
        (file, call)
        for file, call in facts.calls("flet.app", "flet.run")
        if "port" in call.kwargs or _IN_A_BROWSER.search(str(call.kwargs.get("view")))
    ]
    found += [pair for pair in facts.calls("*.run_webhook") if pair[0].imports("telegram")]
    found += [pair for pair in facts.calls("*.socket") if pair[1].args[:1] == ["$zmq.REP"]]
    bolts = {(file.path, call.target) for file, call in facts.calls("slack_bolt.*App") if call.target}
    found += [pair for pair in facts.calls("*.start") if (pair[0].path, pair[1].name.removesuffix(".start")) in bolts]
    return [(file, call.line) for file, call in found]


def _configured(facts: Facts) -> Lines:
    """Files that tell a server of models what it answers with: of MLServer, Seldon's images, Jina, Rasa."""
    leaves = [
        *facts.leaves(r"(^|/)model-settings\.json$", "implementation"),
        *facts.leaves(r"\.ya?ml$", "jtype", value=r"^Flow$"),
        *facts.leaves(r"(^|/)config\.ya?ml$", "policies", "*", "name"),
    ]
    return [
        *((file, leaf.line) for file, leaf in leaves),
        *((one, 1) for one in facts.named(r"(^|/)\.s2i/environment$")),
    ]


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
        if (one.name in {"CMD", "ENTRYPOINT"} and expression(_STARTS).search(plain(one.value)))
        or (one.name == "FROM" and expression(_IMAGES).search(one.value))
    ]
    return [*found, *composed(facts, f"{_STARTS}|{_IMAGES}")]


_RUNS = frozenset({"command", "entrypoint", "args", "image", "start", "startCommand", "run_command"})


def composed(facts: Facts, pattern: str) -> Lines:
    """Images and commands of deployments that the pattern finds."""
    return [
        (file, leaf.line)
        for file, leaf in facts.leaves(r"\.ya?ml$", value=pattern)
        if not _RUNS.isdisjoint(leaf.keys)
        and not re.search(r"(^|/)\.github/|gitlab-ci|azure-pipelines|circleci", f"{file.path} {file.facts.form}")
        and not NOT_STARTS.search(leaf.text)
    ]


def plain(command: str) -> str:
    """An exec-form command as one line."""
    return re.sub(r"[\[\]\"',\s]+", " ", command)


def _commands(facts: Facts) -> Lines:
    found = [(file, one.line) for file, one in facts.commands(_STARTS) if not NOT_STARTS.search(one.text)]
    return [*found, *((file, one.line) for file, one in facts.commands(programs.run_by_hand(_IMAGES)))]


_LANGUAGES = frozenset({Kind.JAVA, Kind.SCALA, Kind.GO, Kind.R, Kind.SCRIPT})
_NO_SERVER = expression(
    r"config\.[jt]s$|webpack|^\s*(//|\*|import\b)|^(gulpfile|gruntfile|karma\.conf)\b", re.IGNORECASE
)
# What only some platform asks: elsewhere such names are those of clients.
_OF_A_PLATFORM = expression(r"\basync\s+fetch\s*\(|\bon(Request|Call)\s*\(")


# Imports of what makes an interface a client, and routes as such an interface names them.
_CLIENTS = r"rest\.client\.inject\.RegisterRestClient|openfeign\.FeignClient|retrofit2\.http\."
_ROUTES = r"@(?:Get|Post|Request)Mapping|@Path\b"


@kept
def asked_of_others(facts: Facts) -> set[tuple[str, int]]:
    """(path, line) of routes in Java that are those of a server elsewhere, which an interface asks."""
    clients = {file.path for file, _, _ in facts.signals("import", _CLIENTS)}
    routes = facts.signals("server", _ROUTES) if clients else []
    return {(file.path, line) for file, line, _ in routes if file.path in clients}


def _elsewhere(facts: Facts) -> Lines:
    of_others = asked_of_others(facts)
    return [
        *(
            (file, line)
            for file, line, text in [*facts.signals("server"), *facts.signals("route")]
            if file.kind in _LANGUAGES
            and (file.path, line) not in of_others
            and not _NO_SERVER.search(f"{file.name} {text}")
            and not _OF_A_PLATFORM.search(text)
        ),
        *((file, line) for file, line, _ in compiled(facts)),
        *((file, 1) for file in of_shiny(facts)),
    ]


def compiled(facts: Facts) -> list[tuple[File, int, str]]:
    """Servers in Rust, C++, Ruby and Julia."""
    return languages.compiled(facts, "server")


def of_shiny(facts: Facts) -> list[File]:
    """The two files by whose names Shiny finds an application."""
    pages = {file.folder for file in facts.of_kind(Kind.R) if file.name == "ui.r"}
    return [file for file in facts.of_kind(Kind.R) if file.name == "server.r" and file.folder in pages]


_ENDPOINTS = (
    "*.create_endpoint", "*.create_endpoint_config", "*.online_endpoints.begin_create_or_update", "*.begin_create_or_update_online_endpoint", "*.ManagedOnlineEndpoint",
    "*.ManagedOnlineDeployment", "*.KubernetesOnlineEndpoint", "azureml.core.model.Model.deploy", "*.AksWebservice.*", "*.AciWebservice.*", "*.CfnEndpoint", "*.CfnEndpointConfig", "*.SageMakerCreateEndpoint", "*.SageMakerUpdateEndpoint",
    "*.MultiDataModel", "*.Endpoint.create", "*.EndpointCreateOp", "*.ModelDeployOp", "*.SageMakerEndpointOperator", "*.HuggingFaceModel", "*.create_serving_endpoint", "*.serving_endpoints.create*", "*.ServedEntityInput", "*.ServedModelInput",
    "*.LocalModel.build_cpr_model", "mlflow.sagemaker.*deploy*", "*.create_agent_runtime", "mlflow.azureml.*deploy*", "truss_chains.push",
)  # fmt: skip
# A state of Step Functions that makes an endpoint, and the addresses by which Databricks is asked for one.
_STATE = r":sagemaker:(?:create|update)Endpoint(?:\.\w+)?$"
_REST_OF_DATABRICKS = r"/api/2\.\d/(?:preview/)?(?:mlflow/endpoints-v2/enable|serving-endpoints/?)$"
_POSTS = ("requests.post", "requests.put", "requests.request", "httpx.post", "httpx.put", "*.http_request")
# Whose endpoints answer for models: an index of vectors has an endpoint, too, and so have networks.
_CLOUDS = ("boto3", "botocore", "sagemaker", "google.cloud.aiplatform", "vertexai", "airflow", "azure", "azureml", "aws_cdk", "pulumi", "databricks", "mlflow", "huggingface_hub", "kfp", "google_cloud_pipeline_components", "aiobotocore")  # fmt: skip
_DEPLOY_OPTIONS = frozenset({
    "initial_instance_count", "instance_type", "machine_type", "deployed_model_display_name", "serverless_inference_config", "endpoint_name",
    "inference_config", "deployment_config", "deployment_target", "endpoint", "traffic_split",
})  # fmt: skip
_ENDPOINT_COMMANDS = (
    r"\b(az ml (model deploy|(online-)?(endpoint|deployment) (create|update))|gcloud (beta )?ai(-platform)? (endpoints|versions) (create|deploy-model)|"
    r"aws sagemaker (create|update)-endpoint|eb (deploy|create)|anyscale service|cortex deploy|truss push|modal deploy|replicate push|cog push|bentoml deploy|agentcore (deploy|launch)|(langgraph|mda) deploy|clearml-serving\b.{0,80}\bmodel (add|auto-update|canary)|"
    r"mlflow deployments create|mlflow sagemaker (deploy|push-model))\b"
)


def managed(facts: Facts) -> Lines:
    """Where a platform answers for the system: by endpoints that it keeps, or by functions that it starts."""
    return list(facts.once(_managed))


def _managed(facts: Facts) -> Lines:
    return [*endpoints(facts), *functions(facts)]


def functions(facts: Facts) -> Lines:
    """Functions of the system that a platform starts for each request."""
    return cloud_functions.answering(facts)


@kept
def endpoints(facts: Facts) -> Lines:
    """Endpoints of a platform: SageMaker, Vertex, Azure ML, KServe, Seldon, LangGraph, Databricks…"""
    created = [(file, call.line) for file, call in _created(facts)]
    states = facts.assigns(r"^Resource$", files=facts.scripts)  # of a machine that code lays out
    created += [(file, one.line) for file, one in states if expression(_STATE).search(str(one.value))]
    posts = {file.path for file, _ in facts.calls(*_POSTS)}
    created += [(file, one.line) for file, one in facts.texts(_REST_OF_DATABRICKS) if file.path in posts]
    deployed = [
        (file, call.line)
        for file, call in facts.calls("*.deploy")
        if _DEPLOY_OPTIONS & set(call.kwargs)
        and file.imports("sagemaker", "google.cloud.aiplatform", "azureml", "vertexai")
    ]
    declared = [
        *facts.leaves(
            r"\.ya?ml$",
            "kind",
            value=r"^(InferenceService|SeldonDeployment|RayService|ServingRuntime|LLMInferenceService)$",
        ),
        *facts.leaves(r"\.(ya?ml|json)$", "**", "Type", value=r"^AWS::SageMaker::Endpoint$"),
        *facts.leaves(r"\.(ya?ml|json)$", "**", "Resource", value=_STATE),
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
        *_classes(facts),
        *created,
        *deployed,
        *((file, leaf.line) for file, leaf in declared),
        *blocks,
        *commands,
        *written,
    ]


_OF_OTHERS = expression(r"aws_(?!sagemaker)\w+\.CfnEndpoint$|(?i:index|vector)\w*\.create$")


def _created(facts: Facts) -> list[tuple[File, Call]]:
    clouds = {file.path for file, _ in facts.imports(*_CLOUDS)}
    found = [
        (file, call)
        for file, call in facts.calls(*_ENDPOINTS)
        if not _OF_OTHERS.search(call.name)
        and "endpoint_type" not in call.kwargs  # of Databricks' search of vectors
        and (call.last not in {"create_endpoint", "create_endpoint_config", "create"} or file.path in clouds)
    ]
    clients = [file for file, _ in facts.imports("mlflow.deployments")]
    return [*found, *(facts.calls("*.create_deployment", files=clients) if clients else [])]


def _classes(facts: Facts) -> Lines:
    """Classes that a platform's own server asks: of endpoints of Hugging Face, and of Truss."""
    return [
        (file, one.line)
        for file, one in facts.defines("", files=facts.scripts)
        if one.kind == "class"
        and (
            "truss_chains.ChainletBase" in one.bases
            or (one.name == "EndpointHandler" and file.name == "handler.py")
            or (one.name == "Model" and f"/{file.path}".endswith("/model/model.py") and _is_of_truss(facts, file))
        )
    ]


def _is_of_truss(facts: Facts, file: File) -> bool:
    config = facts.by_path.get(f"{file.folder.rpartition('/')[0]}/config.yaml".lstrip("/"))
    told = {leaf.keys[0] for leaf in config.facts.leaves if leaf.keys} if config else set()
    return bool(told & {"model_metadata", "model_class_name", "python_version"}) and "resources" in told


def _has_init(file: File) -> bool:
    return any(one.name == "init" and not one.scope for one in (file.facts.code.defines if file.facts.code else ()))


def web_platforms(facts: Facts) -> list[Evidence]:
    """Configuration of platforms that run a web application by a server of their own: Elastic Beanstalk, App Engine, Azure."""
    beanstalk = [file.at(1) for file in facts.named(r"(^|/)\.ebextensions/[^/]+$")]
    engine = facts.leaves(r"(^|/)app\.ya?ml$", "runtime", value=r"^(python|nodejs|java|go|ruby|php)")
    actions = facts.leaves(r"(^|/)\.github/workflows/", "**", value=r"azure/webapps-deploy|beanstalk-deploy")
    return [*beanstalk, *places([*engine, *actions])] if servers(facts) else []
