"""Functions that a cloud starts for each request: they serve, by a platform's server."""

from __future__ import annotations

import pytest

from apps.analysis.checks.codebase import inference
from apps.analysis.checks.concurrency import inference as inferring
from apps.analysis.checks.concurrency import process_types
from apps.analysis.checks.disposability import shutdown
from apps.analysis.checks.port_binding import declared, service
from apps.analysis.findings import State
from tests.analysis.making import facts_of

LOAD = "import joblib\n\nmodel = joblib.load('model.pkl')\n\n"
HANDLER = f"{LOAD}def lambda_handler(event, context):\n    return model.predict(event)\n"
SAM = (
    "Transform: AWS::Serverless-2016-10-31\nResources:\n  Scorer:\n    Type: AWS::Serverless::Function\n"
    "    Properties:\n      Handler: app.lambda_handler\n      Events:\n        Ask:\n          Type: Api\n"
    "          Properties: {Path: /p, Method: post}\n"
)
GATEWAY = 'resource "aws_lambda_function" "scorer" {}\nresource "aws_apigatewayv2_api" "api" {}\n'
AZURE = (
    f"from azure import functions\n{LOAD}def main(asked):\n    return functions.HttpResponse(model.predict(asked))\n"
)
GOOGLE = f"{LOAD}def predict(request):\n    return str(model.predict(request.get_json()))\n"
START = "runpod.serverless.start({'handler': handler})\n"
RUNPOD = f"import runpod\n{LOAD}def handler(job):\n    return model.predict(job)\n\n{START}"


@pytest.mark.parametrize(
    "files",
    [
        {"app.py": HANDLER, "template.yaml": SAM},
        {"app.py": HANDLER, "main.tf": GATEWAY},
        {"score/__init__.py": AZURE},
        {"main.py": GOOGLE, "deploy.sh": "gcloud functions deploy predict --runtime python311 --trigger-http\n"},
        {"worker.py": RUNPOD},
    ],
)
def test_they_serve_in_part_and_infer_by_their_own_code(files: dict[str, str | bytes]) -> None:
    facts = facts_of(files)
    assert facts.profile.serves.holds
    assert {check(facts).state for check in (service.check, declared.check, shutdown.check)} == {State.PARTIAL}
    assert inference.check(facts).state is State.MET
    assert process_types.check(facts).state is State.PARTIAL


def test_routes_of_pages_on_a_platform_for_them_are_functions() -> None:
    asks = (
        "import OpenAI from 'openai'\n\nexport async function POST(asked) {\n  return Response.json(answer(asked))\n}\n"
    )
    pages = {
        "package.json": '{"dependencies": {"openai": "4.1.0", "next": "15.1.0"}}',
        "src/app/api/ask/route.ts": asks,
    }
    assert inferring.check(facts_of(pages)).state is State.UNMET
    assert inferring.check(facts_of({**pages, "vercel.json": "{}"})).state is State.MET
    beside = {
        **pages,
        "vercel.json": "{}",
        "server.py": f"from flask import Flask\n{LOAD}app = Flask('a')\napp.run()\n",
    }
    assert inferring.check(facts_of(beside)).state is not State.MET


def test_a_module_of_others_may_declare_the_function_behind_a_gateway() -> None:
    gateway = {"main.tf": 'resource "aws_apigatewayv2_api" "api" {}\n'}
    assert facts_of({"app.py": HANDLER, **gateway}).profile.serves.holds
    assert not facts_of(
        {"app.py": HANDLER.replace("lambda_handler", "on_error_handler"), **gateway}
    ).profile.serves.holds


def test_a_function_that_names_its_process_is_one_process() -> None:
    code = "import modal\n\napp = modal.App('a')\n\n@app.function()\n@modal.fastapi_endpoint()\ndef predict(x): ...\n"
    assert process_types.check(facts_of({"app.py": code})).state is State.PARTIAL


@pytest.mark.parametrize(
    "files",
    [
        {"app.py": HANDLER, "main.tf": 'resource "aws_lambda_function" "scorer" {}\n'},
        {"main.py": GOOGLE, "deploy.sh": "gcloud functions deploy predict --trigger-topic=asked\n"},
    ],
)
def test_what_only_events_start_serves_nobody(files: dict[str, str | bytes]) -> None:
    assert not facts_of(files).profile.serves.holds


@pytest.mark.parametrize(
    "source",
    [
        "from pywebio import start_server\n\nstart_server(page, port=80)\n",
        "from shiny import App\n\napp = App(page, answer)\n",
        "import panel as pn\n\npn.Row(view).servable()\n",
    ],
)
def test_pages_of_further_frameworks_serve(source: str) -> None:
    assert facts_of({"app.py": source}).profile.serves.holds


@pytest.mark.parametrize(
    "source",
    [
        "from pywebio import start_server\n\nstart_server(page, port=80)\n",
        "from mosec import Server\n\nserver = Server()\nserver.run()\n",
    ],
)
def test_servers_that_code_starts_bind_a_port(source: str) -> None:
    assert service.check(facts_of({"app.py": source})).state is State.MET
