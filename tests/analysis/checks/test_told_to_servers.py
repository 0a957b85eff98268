"""What servers and platforms are told in files of their own, and what they do by themselves."""

from __future__ import annotations

import pytest

from apps.analysis.checks.concurrency import inference
from apps.analysis.checks.disposability import health, shutdown
from apps.analysis.checks.logs import requests
from apps.analysis.checks.port_binding import port_from_environment
from apps.catalog import State
from tests.analysis.making import facts_of

APP = {
    "app.py": "from fastapi import FastAPI\napp = FastAPI()\n",
    "Dockerfile": 'FROM python:3.11\nCMD ["uvicorn", "app:app"]\n',
}


@pytest.mark.parametrize(
    ("files", "state"),
    [
        ({"render.yaml": "services:\n  - type: web\n    numInstances: 2\n"}, State.MET),
        ({"render.yaml": "services:\n  - type: web\n    numInstances: 1\n"}, State.PARTIAL),
        ({"app.yaml": "runtime: custom\nautomatic_scaling:\n  max_instances: 5\n"}, State.MET),
        ({"manifest.yml": "applications:\n- name: a\n  instances: 2\n"}, State.MET),
        ({"app.json": '{"formation": {"web": {"quantity": 2}}}'}, State.MET),
        ({"fly.toml": "[http_service]\nmin_machines_running = 2\n"}, State.MET),
        ({"fly.toml": "[http_service]\nmin_machines_running = 0\n"}, State.PARTIAL),
        ({"docker-stack.yml": "services:\n  a:\n    image: x/a:1\n    deploy:\n      replicas: 3\n"}, State.MET),
        ({"settings.json": '{"parallel_workers": 4}'}, State.MET),
        ({"config.properties": "default_workers_per_model=4\n"}, State.MET),
        ({"bentoml_configuration.yaml": "api_server:\n  workers: 4\n"}, State.MET),
        ({"train.yaml": "instances: 4\nworkers: 4\n"}, State.PARTIAL),
        ({"Dockerfile": 'FROM python:3.11\nENV WEB_CONCURRENCY=4\nCMD ["uvicorn", "app:app"]\n'}, State.MET),
        ({"Dockerfile": 'FROM python:3.11\nENV WEB_CONCURRENCY=1\nCMD ["uvicorn", "app:app"]\n'}, State.PARTIAL),
    ],
)
def test_numbers_of_processes(files: dict[str, str], state: State) -> None:
    assert inference.check(facts_of({**APP, **files})).state is state


@pytest.mark.parametrize(
    ("files", "state"),
    [
        ({"render.yaml": "services:\n  - type: web\n    numInstances: 1\n"}, State.PARTIAL),
        ({"sky.yaml": "service:\n  replicas: 1\n"}, State.PARTIAL),
        ({"sky.yaml": "service:\n  replicas: 2\n"}, State.MET),
        ({"fly.toml": "[http_service]\nmin_machines_running = 1\n"}, State.UNMET),
        ({"fly.toml": "[http_service]\nmin_machines_running = 0\n"}, State.UNMET),
    ],
)
def test_a_number_of_one_is_fixed_where_it_is_no_lower_bound(files: dict[str, str], state: State) -> None:
    app = {"app.py": "from flask import Flask\napp = Flask('a')\napp.run()\n"}
    assert inference.check(facts_of({**app, **files})).state is state


@pytest.mark.parametrize(
    ("code", "variable", "command", "state"),
    [
        (
            "import gradio as gr\ngr.Interface(f, 'text', 'text').launch()\n",
            "GRADIO_SERVER_PORT",
            "python app.py",
            State.MET,
        ),
        (
            "import gradio as gr\ngr.Interface(f, 'text', 'text').launch(server_port=80)\n",
            "GRADIO_SERVER_PORT",
            "python app.py",
            State.UNMET,
        ),
        ("import streamlit as st\nst.title('x')\n", "STREAMLIT_SERVER_PORT", "streamlit run app.py", State.MET),
        (
            "import streamlit as st\nst.title('x')\n",
            "STREAMLIT_SERVER_PORT",
            "streamlit run app.py --server.port 80",
            State.PARTIAL,
        ),
        ("import streamlit as st\nst.title('x')\n", "OTHER_PORT", "streamlit run app.py", State.PARTIAL),
        ("from flask import Flask\napp = Flask('a')\n", "FLASK_RUN_PORT", "flask run", State.MET),
    ],
)
def test_variables_that_programs_read_by_themselves(code: str, variable: str, command: str, state: State) -> None:
    image = f"FROM python:3.11\nENV {variable}=7860\nCMD {command}\n"
    assert port_from_environment.check(facts_of({"app.py": code, "Dockerfile": image})).state is state


JAVA = "@RestController\npublic class P {{\n  {}\n}}\n"
GIN = 'func main() {{\n\tr := gin.Default()\n\tr.GET("{}", h)\n\tr.Run()\n}}\n'


@pytest.mark.parametrize(
    ("files", "state"),
    [
        ({"src/P.java": JAVA.format('@GetMapping("/api/v1/health")')}, State.MET),
        ({"src/P.java": JAVA.format('@GetMapping("/api/v1/wealth")')}, State.UNMET),
        ({"main.go": GIN.format("/api/v1/health")}, State.MET),
        ({"main.go": GIN.format("/health-tips/of/the/day")}, State.UNMET),
        ({"s.js": "const app = express();\nrouter.get('/api/health', h);\napp.listen(3000);\n"}, State.MET),
        (
            {"s.js": "const app = express();\napp.listen(3000);\n", "paths.js": "const HEALTH = '/api/health';\n"},
            State.UNMET,
        ),
        ({"api.R": "#* @get /health\nfunction() 1\n\n#* @post /predict\nfunction(x) 1\n"}, State.MET),
        ({"S.scala": 'val r = path("health") { get { c } }\nHttp().newServerAt("::", 80).bind(r)\n'}, State.MET),
        (
            {"conf/routes": "GET  /health  controllers.H.health\n", "build.sbt": "x.enablePlugins(PlayScala)\n"},
            State.MET,
        ),
        (
            {
                "a.py": "import cherrypy\n\nclass R:\n    @cherrypy.expose\n    def health(self): ...\n\ncherrypy.quickstart(R())\n"
            },
            State.MET,
        ),
        ({"a.py": "import cherrypy\n\nclass R:\n    def health(self): ...\n\ncherrypy.quickstart(R())\n"}, State.UNMET),
    ],
)
def test_routes_of_health(files: dict[str, str], state: State) -> None:
    assert health.check(facts_of(files)).state is state


MOSEC = (
    "import logging, mosec, torch\nlog = logging.getLogger()\n\nclass A({}):\n    def forward(self, x):\n"
    "        log.info('asked for %s', x)\n\ns = mosec.Server()\ns.append_worker(A)\ns.run()\n"
)
FLASK = "from flask import Flask\napp = Flask('a')\n"


@pytest.mark.parametrize(
    ("files", "state"),
    [
        ({"a.py": "from bottle import run\nrun(port=80)\n"}, State.PARTIAL),
        (
            {"a.py": f"{FLASK}from gevent.pywsgi import WSGIServer\nWSGIServer(('', 80), app).serve_forever()\n"},
            State.PARTIAL,
        ),
        (
            {"a.py": f"{FLASK}from flask_socketio import SocketIO\nsocketio = SocketIO(app)\nsocketio.run(app)\n"},
            State.PARTIAL,
        ),
        ({"a.py": "import cherrypy\ncherrypy.quickstart(R())\n"}, State.PARTIAL),
        ({"compose.yml": "services:\n  a:\n    image: vllm/vllm-openai:v0.5\n"}, State.PARTIAL),
        ({"compose.yml": "services:\n  a:\n    image: tensorflow/serving:2.8\n"}, State.UNMET),
        ({"app.py": APP["app.py"], "Procfile": "web: granian --interface asgi app:app\n"}, State.UNMET),
        ({"main.rs": "let a = App::new().wrap(Logger::default());\nHttpServer::new(a)\n"}, State.PARTIAL),
        ({"main.rs": "HttpServer::new(a)\n"}, State.UNMET),
        ({"a.py": MOSEC.format("mosec.Worker")}, State.PARTIAL),
        ({"a.py": MOSEC.format("torch.nn.Module")}, State.UNMET),
    ],
)
def test_access_logs_that_servers_write_by_themselves(files: dict[str, str], state: State) -> None:
    assert requests.check(facts_of(files)).state is state


@pytest.mark.parametrize(
    ("line", "state"),
    [
        ("axum::serve(l, app).with_graceful_shutdown(stop())", State.MET),
        ("axum::serve(l, app)", State.UNMET),
        ("rocket::build().launch()", State.MET),
    ],
)
def test_servers_in_rust_that_stop_cleanly(line: str, state: State) -> None:
    assert shutdown.check(facts_of({"main.rs": f"{line}\n"})).state is state
