"""Servers of models, of pages and of web applications, by the names that their libraries and commands have."""

from __future__ import annotations

import pytest

from apps.analysis.checks.concurrency import inference
from apps.analysis.checks.disposability import health, shutdown
from apps.analysis.checks.port_binding import port_from_environment, service
from apps.analysis.deployment import running
from apps.analysis.running import model_servers, servers
from apps.analysis.running.server import Port
from apps.catalog import State
from tests.analysis.making import facts_of

OTHER = {"train.py": "import torch\n"}


@pytest.mark.parametrize(
    ("code", "program", "port"),
    [
        ("from mosec import Server\ns = Server()\ns.append_worker(W, num=2)\ns.run()\n", "mosec", Port.FIXED),
        ("import litserve as ls\nls.LitServer(Api()).run(port=8000)\n", "LitServe", Port.LITERAL),
        ("from pytriton.triton import Triton\nt = Triton()\nt.serve()\n", "PyTriton", Port.FIXED),
        ("from jina import Flow\nf = Flow(port=8080).add(uses=E)\n", "Jina", Port.LITERAL),
        ("import kfserving\nkfserving.KFServer().start([m])\n", "KServe", Port.FIXED),
        (
            "import os\nfrom robyn import Robyn\na = Robyn(__file__)\na.start(port=os.environ['PORT'])\n",
            "Robyn",
            Port.ENVIRONMENT,
        ),
        ("from potassium import Potassium\na = Potassium('x')\na.serve()\n", "Potassium", Port.FIXED),
        ("from bottle import Bottle\na = Bottle()\na.run(port=8080)\n", "bottle", Port.LITERAL),
        (
            "import asyncio, tornado\na = tornado.web.Application([])\na.listen(8888)\nasyncio.run(f())\n",
            "Tornado",
            Port.LITERAL,
        ),
        (
            "import bjoern\nfrom flask import Flask\na = Flask('a')\nbjoern.run(a, '0.0.0.0', 80)\n",
            "bjoern",
            Port.LITERAL,
        ),
        (
            "import eventlet\nfrom eventlet import wsgi\nwsgi.server(eventlet.listen(('', 80)), a)\n",
            "eventlet",
            Port.LITERAL,
        ),
        ("from granian import Granian\nGranian('a:b', port=8000).serve()\n", "granian", Port.LITERAL),
        ("import websockets\nwebsockets.serve(f, 'localhost', 8765)\n", "websockets", Port.LITERAL),
        ("import zmq\ns = zmq.Context().socket(zmq.REP)\ns.bind('tcp://*:5555')\n", "ZeroMQ", Port.LITERAL),
        ("from pywebio import start_server\nstart_server(f, port=80)\n", "PyWebIO", Port.LITERAL),
        ("import flet as ft\nft.app(target=f, view=ft.AppView.WEB_BROWSER)\n", "Flet", Port.FIXED),
        ("from taipy.gui import Gui\nGui(page=p).run(port=5000)\n", "taipy", Port.LITERAL),
        ("import panel as pn\npn.Row(a).servable()\n", "panel", Port.FIXED),
        ("from bokeh.io import curdoc\ncurdoc().add_root(a)\n", "bokeh", Port.FIXED),
        ("from shiny import App\na = App(ui, f)\n", "shiny", Port.FIXED),
        ("from telegram.ext import Application\na.run_webhook(port=8443)\n", "python-telegram-bot", Port.LITERAL),
        ("from slack_bolt import App\na = App()\na.start(port=3000)\n", "Bolt's development server", Port.LITERAL),
    ],
)
def test_code_that_starts_a_server(code: str, program: str, port: Port) -> None:
    facts = facts_of({"app.py": code})
    assert facts.profile.serves.holds
    assert [(server.program, server.port) for server in servers.of(facts)] == [(program, port)]


@pytest.mark.parametrize(
    "code",
    [
        "from jina import Client\nClient(port=8080).post('/')\n",
        "import zmq\ns = zmq.Context().socket(zmq.REQ)\ns.connect('tcp://x:1')\n",
        "import websockets\nwebsockets.connect('ws://x')\n",
        "import flet as ft\nft.app(target=f)\n",
        "import panel as pn\npn.extension()\n",
        "from bokeh.io import curdoc\ncurdoc().theme = 'dark'\n",
        "import marimo\napp = marimo.App()\napp.run()\n",
        "import telegram\ntelegram.Bot('t').send_message(1, 'x')\n",
        "class App:\n    def start(self): ...\n\napp = App()\napp.start()\napp.run(port=1)\n",
        "class Flow: ...\n\nFlow().add(replicas=3)\n",
    ],
)
def test_clients_drawings_and_names_alone_serve_nothing(code: str) -> None:
    assert not facts_of({"app.py": code}).profile.serves.holds


@pytest.mark.parametrize(
    "command",
    [
        "python -m sglang.launch_server --model-path m --port 30000",
        "lmdeploy serve api_server m",
        "python -m fastchat.serve.openai_api_server --port 8000",
        "xinference-local --port 9997",
        "trtllm-serve m",
        "litellm --config c.yaml --port 4000",
        "jina flow --uses flow.yml",
        "solara run app.py",
        "bokeh serve main.py",
        "marimo run app.py -p 8080",
        "sanic app:app --workers=4",
        "litestar --app main:app run",
        "pserve production.ini",
        "docker run -p 8501:8501 tensorflow/serving",
    ],
)
def test_commands_that_start_a_server(command: str) -> None:
    facts = facts_of({"serve.sh": f"{command}\n", **OTHER})
    assert facts.profile.serves.holds
    assert service.check(facts).state is State.MET


@pytest.mark.parametrize(
    "command",
    [
        "marimo edit nb.py",
        "docker pull tensorflow/serving",
        "pip install litellm",
        "litellm --version",
        "python mesop_x.py",
    ],
)
def test_commands_that_start_none(command: str) -> None:
    assert not facts_of({"serve.sh": f"{command}\n", **OTHER}).profile.serves.holds


def test_an_engine_is_the_server_only_where_the_system_has_none_of_its_own() -> None:
    compose = "services:\n  llm:\n    image: lmsysorg/sglang:v0.4\n    ports: ['30000:30000']\n"
    alone = facts_of({"docker-compose.yml": compose})
    assert [server.program for server in servers.of(alone)] == ["SGLang"]
    assert health.check(alone).state is State.PARTIAL
    api = "  api:\n    build: .\n    command: gunicorn app:app\n"
    app = {"app.py": "from flask import Flask\napp = Flask('a')\n", "Dockerfile": "FROM python:3.11\n"}
    both = facts_of({"docker-compose.yml": compose + api, **app})
    assert [server.program for server in servers.of(both)] == ["gunicorn"]
    assert port_from_environment.check(both).state is State.MET


def test_an_image_of_a_server_in_a_cluster_is_a_server() -> None:
    container = "      - name: m\n        image: tensorflow/serving:2.8\n        args: ['--model_name=m']\n"
    manifest = f"kind: Deployment\nmetadata:\n  name: m\nspec:\n  template:\n    spec:\n      containers:\n{container}"
    facts = facts_of({"deploy.yaml": manifest})
    assert service.check(facts).state is State.MET
    assert shutdown.check(facts).state is State.MET


@pytest.mark.parametrize(
    ("files", "state"),
    [
        ({"a.py": "import mosec\ns = mosec.Server()\ns.append_worker(W, num=2)\ns.run()\n"}, State.MET),
        ({"a.py": "import mosec\ns = mosec.Server()\ns.append_worker(W)\ns.run()\n"}, State.PARTIAL),
        ({"a.py": "import litserve\ns = litserve.LitServer(a, workers_per_device=2)\ns.run()\n"}, State.MET),
        ({"a.py": "import bentoml\n\n@bentoml.service(workers=4)\nclass S: ...\n"}, State.MET),
        ({"a.py": "import bentoml\n\n@bentoml.service(workers=1)\nclass S: ...\n"}, State.PARTIAL),
        ({"flow.yml": "jtype: Flow\nexecutors:\n  - name: e\n    replicas: 2\n", "a.py": "import jina\n"}, State.MET),
    ],
)
def test_processes_are_counted_where_a_framework_is_told_them(files: dict[str, str], state: State) -> None:
    assert inference.check(facts_of(files)).state is state


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("m/1/model.py", "import triton_python_backend_utils as pb_utils\n\nclass TritonPythonModel: ...\n"),
        ("model-settings.json", '{"name": "m", "implementation": "mlserver_sklearn.SKLearnModel"}'),
        ("handler.py", "from ts.torch_handler.base_handler import BaseHandler\n\nclass H(BaseHandler): ...\n"),
        ("config.yml", "pipeline:\n- name: DIETClassifier\npolicies:\n- name: TEDPolicy\n"),
        (".s2i/environment", "MODEL_NAME=Model\n"),
        ("urls.py", "from django.urls import path\nurlpatterns = [path('', home)]\n"),
        ("dash.Rmd", "---\ntitle: x\nruntime: shiny\n---\n"),
    ],
)
def test_what_a_server_of_others_answers_with(path: str, content: str) -> None:
    assert facts_of({path: content, "a.py": "x = 1\n"}).profile.serves.holds


def test_the_two_files_of_a_shiny_application_belong_together() -> None:
    page, logic = "library(shiny)\nfluidPage()\n", "library(shiny)\nfunction(input, output) {}\n"
    assert facts_of({"ui.R": page, "server.R": logic}).profile.serves.holds
    assert not facts_of({"server.R": logic, "a.py": "x = 1\n"}).profile.serves.holds


@pytest.mark.parametrize(
    ("path", "content", "state"),
    [
        ("main.rs", 'HttpServer::new(|| App::new()).bind(("0.0.0.0", 8080))?\n', State.UNMET),
        ("main.rs", "rocket::build().mount(x)\n", State.PARTIAL),
        ("main.cc", 'ServerBuilder builder;\nbuilder.AddListeningPort("0.0.0.0:50051", c);\n', State.UNMET),
        ("app.jl", 'HTTP.serve(router, "0.0.0.0", 8080)\n', State.UNMET),
        ("main.go", 'r := gin.Default()\nr.Run(":8080")\n', State.UNMET),
        ("main.go", 'e := echo.New()\ne.Start(":" + os.Getenv("PORT"))\n', State.MET),
        ("S.scala", 'Http().newServerAt("::", sys.env("PORT").toInt).bind(r)\n', State.MET),
        ("api.R", "pr() %>% pr_run(port = 8000)\n", State.UNMET),
        ("index.ts", "serve({ fetch: app.fetch, port: Number(process.env.PORT) })\n", State.MET),
    ],
)
def test_servers_in_other_languages(path: str, content: str, state: State) -> None:
    facts = facts_of({path: content})
    assert service.check(facts).state is State.MET
    assert port_from_environment.check(facts).state is state


def test_text_about_a_server_is_none() -> None:
    files = {"index.html": "<p>rocket::build()</p>\n", "main.rs": "// HttpServer::new(x)\nfn main() {}\n"}
    assert not facts_of(files).profile.serves.holds


def test_routes_that_are_files_are_served_by_their_task_where_nothing_else_answers() -> None:
    files = {
        "pages/api/predict.js": "export default async function handler(req, res) {\n  res.json({});\n}\n",
        "package.json": '{"scripts": {"dev": "next dev", "start": "next start -p $PORT"}}',
    }
    facts = facts_of(files)
    assert service.check(facts).state is State.MET
    assert port_from_environment.check(facts).state is State.MET
    beside = facts_of({**files, "app.py": "import uvicorn\nuvicorn.run(app, port=80)\n"})
    assert [server.program for server in servers.of(beside)] == ["uvicorn"]


@pytest.mark.parametrize(
    ("image", "answers"),
    [
        ("tensorflow/serving:2.16", True),
        ("acme.org/tensorflow-serving:1", True),
        ("nvcr.io/nvidia/tritonserver:24.01-py3", True),
        ("nvcr.io/nvidia/tritonserver:24.01-py3-sdk", False),  # its clients
        ("pytorch/torchserve-kfs:0.9", True),
        ("acme.org/text-embeddings-inference:1", True),
        ("python:3.12", False),
    ],
)
def test_an_image_of_a_server_of_models_is_one_for_whoever_asks(image: str, *, answers: bool) -> None:
    facts = facts_of({**OTHER, "Dockerfile": f"FROM {image}\nCOPY models /models\n"})
    assert bool(servers.of(facts)) is answers
    assert facts.profile.serves.holds is answers
    assert bool(model_servers.started(facts)) is answers
    assert bool(running.brought(facts)) is answers
