"""Functions that answer requests: a serverless platform starts as many of them as there are requests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from apps.analysis.expressions import expression
from apps.analysis.paths import Kind

if TYPE_CHECKING:
    from apps.analysis.facts.model import Define
    from apps.analysis.repository import Facts, File

    Lines = list[tuple[File, int]]

_CALLED = ("runpod.serverless.start", "mangum.Mangum", "chalice.Chalice", "apig_wsgi.make_lambda_handler", "awsgi.response", "serverless_wsgi.handle_request")  # fmt: skip
_DECORATORS = ("modal.web_", "modal.asgi_app", "modal.wsgi_app", "modal.fastapi_endpoint", "beam.endpoint", "beam.asgi", "beam.realtime", "functions_framework.http")  # fmt: skip


def answering(facts: Facts) -> Lines:
    """Their code first, then what declares them."""
    return list(facts.once(_answering))


def _is_answering(_: File, one: Define) -> bool:
    return one.is_decorated_by(_DECORATORS)


def _answering(facts: Facts) -> Lines:
    called = [(file, call.line) for file, call in facts.calls(*_CALLED)]
    decorated = [(file, one.line) for file, one in facts.decorated(facts.scripts, _is_answering)]
    declared = [*_gateways(facts), *_triggered(facts), *_of_pages(facts)]
    return [*called, *decorated, *_handlers(facts), *_of_azure(facts), *declared]


# --- AWS ------------------------------------------------------------------------------------------------------------------
_TEMPLATES = r"(^|/)(template|sam|cloudformation|stack)[^/]*\.(ya?ml|json)$"
_SERVERLESS = r"(^|/)serverless[^/]*\.ya?ml$"


def _gateways(facts: Facts) -> Lines:
    """Where a template, a block or a construct lets requests reach a function."""
    leaves = [
        *facts.leaves(_TEMPLATES, "Resources", "*", "Properties", "Events", "*", "Type", value=r"^(Api|HttpApi)$"),
        *facts.leaves(_TEMPLATES, "Resources", "*", "Properties", "FunctionUrlConfig", "**"),
        *facts.leaves(r"(^|/)zappa_settings\.(json|ya?ml|toml)$", "*", "**"),
    ]
    for event in ("http", "httpApi", "url"):
        leaves += facts.leaves(_SERVERLESS, "functions", "*", "**", event, "**")
    found = [(file, leaf.line) for file, leaf in leaves]
    blocks = facts.signals(
        "terraform-block", r"^\s*resource\s+\"(aws_lambda_function|aws_api_?gateway|aws_apigatewayv2)"
    )
    run = [(file, line) for file, line, text in blocks if '"aws_lambda_function"' in text]
    reached = [(file, line) for file, line, text in blocks if "gateway" in text or "function_url" in text]
    constructs = facts.calls("aws_cdk.*Function")
    asked = facts.calls("aws_cdk.*RestApi", "aws_cdk.*HttpApi", "*.add_function_url") if constructs else []
    built = [(file, call.line) for file, call in [*asked, *constructs]] if asked else []
    # Modules of others may declare the function.
    is_run = bool(run) or bool(reached and facts.defines(_HANDLER.pattern, files=facts.scripts))
    return [*found, *([*reached, *run] if is_run and reached else []), *built]


_HANDLER = expression(r"^(lambda_)?handler$")


def _handlers(facts: Facts) -> Lines:
    """Functions in Python that a gateway's templates name, or that are called what such templates say."""
    reached = _gateways(facts)
    if not reached:
        return []
    folders = {file.folder for file, _ in reached if file.kind in {Kind.YAML, Kind.JSON}}
    proxied: set[str] = set()  # what a gateway asks that is written elsewhere answers with a status
    if any(file.kind not in {Kind.YAML, Kind.JSON} for file, _ in reached):
        proxied = {file.path for file, one in facts.assigns(r"^statusCode$", files=facts.scripts) if one.how == "key"}
    leaves = facts.leaves(r"\.(ya?ml|json)$", "**", "[hH]andler", value=r"^[\w./-]+\.\w+$")
    named = {leaf.text.rpartition(".")[2] for file, leaf in leaves if file.folder in folders}
    return [
        (file, one.line)
        for file, one in facts.defines("", files=facts.scripts)
        if one.kind == "def"
        and not one.scope
        and (_HANDLER.match(one.name) or (one.name in named and len(one.parameters) == 2))
        and (file.path in proxied or any(not folder or file.path.startswith(f"{folder}/") for folder in folders))
    ]


# --- Azure, Google --------------------------------------------------------------------------------------------------------
_OF_AZURE = ("azure.functions.HttpResponse", "azure.functions.AsgiFunctionApp", "azure.functions.WsgiFunctionApp", "azure.functions.AsgiMiddleware", "azure.functions.WsgiMiddleware")  # fmt: skip


def _of_azure(facts: Facts) -> Lines:
    called = [(file, call.line) for file, call in facts.calls(*_OF_AZURE)]
    bound = facts.leaves(r"(^|/)function\.json$", "bindings", "*", "type", value=r"^httpTrigger$")
    return [*called, *((file, leaf.line) for file, leaf in bound)]


_TRIGGERED = r"gcloud (?:beta |alpha )?functions deploy\b(?:[^g\n]|g(?!cloud (?:beta |alpha )?functions deploy\b)){0,300}--trigger-http"
_BLOCK_OF_GOOGLE = r"^\s*resource\s+\"google_cloudfunctions2?_function\""


def _triggered(facts: Facts) -> Lines:
    """Functions that a command of Google's lets requests reach, with what they run."""
    commands = [(file, one.line) for file, one in facts.commands(_TRIGGERED)]
    commands += [(file, leaf.line) for file, leaf in facts.leaves(r"\.ya?ml$", value=_TRIGGERED)]
    blocks = [(file, line) for file, line, _ in facts.signals("terraform-block", _BLOCK_OF_GOOGLE)]
    run = _given_a_request(facts) if commands or blocks else []
    return [*run, *commands, *(blocks if run else [])]


def _given_a_request(facts: Facts) -> Lines:
    defines = facts.defines("", files=[file for file in facts.scripts if file.name == "main.py"])
    return [(file, one.line) for file, one in defines if _is_given_a_request(one)]


def _is_given_a_request(one: Define) -> bool:
    return one.kind == "def" and not one.scope and one.parameters in (["request"], ["req"])


# --- platforms of pages, and those of clusters ----------------------------------------------------------------------------
_OF_VERCEL = r"(^|/)vercel\.json$"
_FETCHES = r"\basync\s+fetch\s*\(\s*req"
_FIREBASE = r"\bonRequest\s*\(|\bonCall\s*\("


def _of_pages(facts: Facts) -> Lines:
    vercel = [(file, 1) for file in facts.named(_OF_VERCEL) if _has_functions(facts, file)]
    workers = facts.signals("server", _FETCHES) if facts.named(r"(^|/)wrangler\.(toml|jsonc?)$") else []
    firebase = facts.signals("server", _FIREBASE) if facts.signals("import", "firebase-functions") else []
    leaves = [
        *facts.leaves(r"\.ya?ml$", "provider", "name", value=r"^(openfaas|faas)$"),
        *facts.leaves(r"\.ya?ml$", "kind", value=r"^NuclioFunction$"),
    ]
    written = [(file, line) for file, line, _ in [*workers, *firebase]]
    return [*written, *vercel, *((file, leaf.line) for file, leaf in leaves)]


def _has_functions(facts: Facts, config: File) -> bool:
    """Whether Python lies where Vercel looks for functions, or is built for it; or routes, and nothing here is Python."""
    folder = f"{config.folder}/".lstrip("/")
    if not facts.scripts:
        below = (file.path[len(folder) :] for file in facts.of_kind(Kind.SCRIPT) if file.path.startswith(folder))
        return any(_ROUTES.match(path) for path in below)
    return any(file.path.startswith(f"{folder}api/") for file in facts.scripts) or any(
        "@vercel/python" in leaf.text for leaf in config.facts.leaves
    )


_ROUTES = expression(r"(?:src/)?(?:app/(?:.*/)?route|pages/api/.*|api/.*)\.[mc]?[jt]sx?$")
