"""Verdicts on how services bind their ports."""

from __future__ import annotations

import pytest

from apps.analysis.checks.disposability import shutdown
from apps.analysis.checks.port_binding import declared, port_from_environment, service
from apps.catalog import State
from tests.analysis.making import facts_of

FASTAPI = "from fastapi import FastAPI\napp = FastAPI()\n@app.post('/predict')\ndef predict(x: int):\n    return x\n"
FLASK = "from flask import Flask\napp = Flask(__name__)\n@app.route('/predict')\ndef predict():\n    return '1'\n"
TRAINING = "from sklearn.svm import SVC\nmodel = SVC()\nmodel.fit(x, y)\n"
SCORING = "def init():\n    global model\n\ndef run(data):\n    return model.predict(data)\n"


def test_a_production_server_in_the_image_meets_the_item():
    facts = facts_of({"app.py": FLASK, "Dockerfile": 'FROM python:3.11\nCMD ["gunicorn", "app:app"]\n'})
    found = service.check(facts)
    assert found.state is State.MET
    assert found.evidence[0].path == "Dockerfile"


def test_an_asgi_application_whose_server_is_declared_is_met():
    facts = facts_of({"main.py": FASTAPI, "requirements.txt": "fastapi\nuvicorn==0.29\n"})
    assert service.check(facts).state is State.MET


def test_a_development_server_is_partial():
    facts = facts_of({"app.py": FLASK + "if __name__ == '__main__':\n    app.run(debug=True)\n"})
    found = service.check(facts)
    assert found.state is State.PARTIAL
    assert found.evidence[0].path == "app.py"
    assert found.remedy


def test_a_deployed_development_server_beside_a_good_one_is_partial():
    facts = facts_of(
        {
            "app.py": FLASK,
            "Dockerfile": 'FROM python:3.11\nCMD ["gunicorn", "app:app"]\n',
            "admin/Dockerfile": 'FROM python:3.11\nCMD ["flask", "run", "--port", "5000"]\n',
        }
    )
    assert service.check(facts).state is State.PARTIAL


def test_a_scoring_script_of_a_managed_endpoint_is_partial():
    assert service.check(facts_of({"scoring/score.py": SCORING})).state is State.PARTIAL


def test_an_application_that_nothing_starts_is_unmet():
    assert service.check(facts_of({"main.py": FASTAPI})).state is State.UNMET


@pytest.mark.parametrize(
    ("bases", "files", "state"),
    [
        ("", {}, State.UNMET),
        ("(BaseSettings)", {}, State.PARTIAL),
        ("", {"config.yaml": "api:\n  port: 8001\n"}, State.PARTIAL),
    ],
    ids=["a plain class", "a class that reads the environment", "a file may give another one"],
)
def test_a_number_in_a_class_is_a_literal_where_nothing_overrides_it(bases: str, files: dict[str, str], state: State):
    settings = f"class Api{bases}:\n    port: int = 8001\n"
    run = "from settings import config\napp.run(host='0.0.0.0', port=config.api.port)\n"
    facts = facts_of({"app.py": FLASK + run, "settings.py": settings, **files})
    assert port_from_environment.check(facts).state is state


def test_a_system_that_does_not_serve_binds_nothing():
    facts = facts_of({"train.py": TRAINING})
    assert {check.check(facts).state for check in (service, port_from_environment, declared)} == {State.NA}


def test_a_script_that_installs_gunicorn_starts_no_server():
    facts = facts_of({"app.py": FLASK + "app.run()\n", "setup.sh": "pip install gunicorn\n"})
    assert service.check(facts).state is State.PARTIAL


def test_a_port_from_a_variable_in_the_command_is_met():
    image = 'FROM python:3.11\nCMD exec uvicorn main:app --port "$PORT"\n'
    assert port_from_environment.check(facts_of({"main.py": FASTAPI, "Dockerfile": image})).state is State.MET


def test_gunicorn_without_a_bind_option_reads_the_port_by_itself():
    facts = facts_of({"app.py": FLASK, "Procfile": "web: gunicorn app:app\n"})
    assert port_from_environment.check(facts).state is State.MET


def test_a_port_that_code_reads_from_the_environment_is_met():
    code = FLASK + "import os\napp.run(port=int(os.environ.get('PORT', 5000)))\n"
    assert port_from_environment.check(facts_of({"app.py": code})).state is State.MET


def test_a_port_in_a_tracked_command_is_partial():
    image = 'FROM python:3.11\nCMD ["uvicorn", "main:app", "--port", "80"]\n'
    assert port_from_environment.check(facts_of({"main.py": FASTAPI, "Dockerfile": image})).state is State.PARTIAL


def test_a_port_left_at_the_default_is_partial():
    facts = facts_of({"main.py": FASTAPI, "requirements.txt": "uvicorn\n"})
    assert port_from_environment.check(facts).state is State.PARTIAL


def test_a_literal_port_in_code_is_unmet_also_when_a_container_runs_it():
    code = FASTAPI + "import uvicorn\nuvicorn.run(app, port=8000)\n"
    image = 'FROM python:3.11\nCMD ["python", "main.py"]\n'
    found = port_from_environment.check(facts_of({"main.py": code, "Dockerfile": image}))
    assert found.state is State.UNMET
    assert found.evidence[0].path == "main.py"


def test_a_literal_port_of_a_development_server_does_not_matter_where_gunicorn_is_deployed():
    facts = facts_of({"app.py": FLASK + "app.run(port=5000)\n", "Procfile": "web: gunicorn app:app\n"})
    assert port_from_environment.check(facts).state is State.MET


def test_gunicorn_bound_by_its_own_module_follows_that_module():
    script = "#!/bin/sh\nexport CONF=${CONF:-/srv/gunicorn/gunicorn_conf.py}\nexec gunicorn -c $CONF app:app\n"
    facts = facts_of(
        {
            "app.py": FLASK,
            "gunicorn_conf.py": "import os\nbind = f\"0.0.0.0:{os.environ['PORT']}\"\nworkers = 2\n",
            "entrypoint.sh": script,
            "Dockerfile": 'FROM python:3.11\nCMD ["./entrypoint.sh"]\n',
        }
    )
    assert port_from_environment.check(facts).state is State.MET


def test_a_node_server_with_a_literal_port_is_unmet():
    facts = facts_of({"server.js": "const app = express();\napp.listen(3000);\n"})
    assert port_from_environment.check(facts).state is State.UNMET


def test_expose_declares_the_port():
    image = 'FROM python:3.11\nEXPOSE 80\nCMD ["uvicorn", "main:app"]\n'
    assert declared.check(facts_of({"main.py": FASTAPI, "Dockerfile": image})).state is State.MET


def test_a_port_of_one_of_two_servers_is_partial_unless_compose_names_the_other():
    start = 'FROM python:3.11\nCOPY . .\nCMD ["uvicorn", "main:app", "--host", "0.0.0.0"]\n'
    files = {
        "a/main.py": FASTAPI,
        "a/Dockerfile": start.replace("CMD", "EXPOSE 8000\nCMD"),
        "b/main.py": FASTAPI,
        "b/Dockerfile": start,
    }
    found = declared.check(facts_of(files))
    assert found.state is State.PARTIAL
    assert found.evidence[0].path == "b/Dockerfile"
    compose = "services:\n  b:\n    build: ./b\n    ports: ['8001:8000']\n"
    assert declared.check(facts_of({**files, "compose.yaml": compose})).state is State.MET


def test_a_container_port_of_kubernetes_declares_the_port():
    workload = (
        "kind: Deployment\nspec:\n  template:\n    spec:\n      containers:\n        - image: api:1\n"
        "          ports:\n            - containerPort: 80\n"
    )
    assert declared.check(facts_of({"main.py": FASTAPI, "k8s/api.yaml": workload})).state is State.MET


def test_a_procfile_that_leaves_the_port_to_the_platform_is_partial():
    facts = facts_of({"app.py": FLASK, "Procfile": "web: gunicorn app:app\n"})
    assert declared.check(facts).state is State.PARTIAL


def test_a_port_in_prose_is_partial():
    facts = facts_of({"main.py": FASTAPI, "README.md": "Open http://localhost:8000/docs\n"})
    assert declared.check(facts).state is State.PARTIAL


def test_ports_of_databases_declare_nothing():
    compose = "services:\n  db:\n    image: postgres:16\n    ports: ['5432:5432']\n"
    assert declared.check(facts_of({"main.py": FASTAPI, "compose.yaml": compose})).state is State.UNMET


def test_a_port_that_a_config_file_takes_from_a_variable_is_met():
    code = "import uvicorn\nfrom settings import settings\nuvicorn.run(app, port=settings().server.port)\n"
    taken = facts_of({"main.py": code, "settings.yaml": "server:\n  port: ${PORT:8001}\n"})
    fixed = facts_of({"main.py": code, "settings.yaml": "server:\n  port: 8001\n"})
    assert port_from_environment.check(taken).state is State.MET
    assert port_from_environment.check(fixed).state is State.PARTIAL


def test_a_platform_that_serves_by_itself_sets_the_port():
    files = {"application.py": FLASK, ".ebextensions/python.config": "option_settings:\n  WSGIPath: application:app\n"}
    found = declared.check(facts_of(files))
    assert found.state is State.PARTIAL
    assert found.evidence[0].path == ".ebextensions/python.config"


@pytest.mark.parametrize(
    "files",
    [
        {"deploy.sh": "gcloud run deploy api --image gcr.io/a/api:1\n"},
        {"heroku.yml": "build:\n  docker:\n    web: Dockerfile\n"},
        {
            ".github/workflows/cd.yml": "jobs:\n  a:\n    steps:\n      - uses: google-github-actions/deploy-cloudrun@v2\n"
        },
    ],
)
def test_a_platform_on_which_the_image_is_put_says_the_port(files):
    image = {"main.py": FASTAPI, "Dockerfile": 'FROM python:3.11\nCMD ["uvicorn", "main:app"]\n'}
    assert declared.check(facts_of(image)).state is State.UNMET
    assert declared.check(facts_of({**image, **files})).state is State.PARTIAL


def test_an_agent_that_a_managed_runtime_is_given_is_served_by_it():
    files = {"agent.py": "from langgraph.graph import StateGraph\n", "deploy.sh": "langgraph deploy --name docs\n"}
    assert service.check(facts_of(files)).state is State.PARTIAL


def test_a_program_with_a_serve_command_is_no_container_of_a_platform() -> None:
    facts = facts_of(
        {
            "Dockerfile": 'FROM python:3.11\nCOPY . .\nCMD ["scorer", "serve"]\n',
            "pyproject.toml": '[project]\nname = "scorer"\n[project.scripts]\nscorer = "scorer.cli:main"\n',
            "scorer/cli.py": "import os\nimport uvicorn\n\ndef main():\n    uvicorn.run('scorer.api:app', port=int(os.environ['PORT']))\n",
            "scorer/api.py": "from fastapi import FastAPI\napp = FastAPI()\n",
        }
    )
    assert port_from_environment.check(facts).state is State.MET


ENGINE = {"main.py": FLASK, "requirements.txt": "flask\n", "app.yaml": "runtime: python311\n"}
WEB_APP = {
    "app.py": FLASK,
    "requirements.txt": "flask\n",
    ".github/workflows/deploy.yml": "on: push\njobs:\n  deploy:\n    steps:\n      - uses: azure/webapps-deploy@v3\n        with:\n          app-name: scorer\n",
}


@pytest.mark.parametrize("files", [ENGINE, WEB_APP])
def test_a_web_application_that_a_platform_starts_leaves_the_port_to_it(files):
    facts = facts_of(files)
    assert service.check(facts).state is State.PARTIAL
    assert port_from_environment.check(facts).state is State.PARTIAL
    assert declared.check(facts).state is State.PARTIAL


@pytest.mark.parametrize("files", [ENGINE, WEB_APP])
def test_its_platform_stops_it(files):
    assert shutdown.check(facts_of(files)).state is State.PARTIAL


def test_what_does_not_serve_binds_no_port():
    assert service.check(facts_of({"train.py": TRAINING})).state is State.NA
    assert port_from_environment.check(facts_of({"train.py": TRAINING})).state is State.NA
    assert declared.check(facts_of({"train.py": TRAINING})).state is State.NA


PASSED_ON = 'FROM python:3.11\nENTRYPOINT ["/entrypoint.sh"]\nCMD ["uvicorn", "main:app"]\n'


@pytest.mark.parametrize(("port", "state"), [('"$PORT"', State.MET), ("8000", State.PARTIAL)])
def test_options_that_an_entry_script_adds_to_the_command_count(port: str, state: State) -> None:
    script = f'#!/bin/sh\nset -e\nexec "$@" --host 0.0.0.0 --port {port}\n'
    facts = facts_of({"main.py": FASTAPI, "Dockerfile": PASSED_ON, "scripts/entrypoint.sh": script})
    assert port_from_environment.check(facts).state is state


@pytest.mark.parametrize(("port", "state"), [("$PORT", State.MET), ("50051", State.PARTIAL)])
def test_a_flag_for_the_port_that_the_command_fixes_is_partial(port: str, state: State) -> None:
    code = (
        "import argparse\nimport grpc\nparser = argparse.ArgumentParser()\nparser.add_argument('--port', type=int)\n"
        "args = parser.parse_args()\nserver = grpc.server(None)\nserver.add_insecure_port(f'[::]:{args.port}')\n"
    )
    image = f"FROM python:3.11\nCMD python -m server --port {port}\n"
    assert port_from_environment.check(facts_of({"server.py": code, "Dockerfile": image})).state is state


@pytest.mark.parametrize(
    ("transport", "state"), [("", State.NA), ("transport='stdio'", State.NA), ("transport='sse'", State.MET)]
)
def test_a_tool_server_serves_only_where_it_binds_a_port(transport: str, state: State) -> None:
    code = f"from mcp.server.fastmcp import FastMCP\nmcp = FastMCP('scores')\nmcp.run({transport})\n"
    assert service.check(facts_of({"tools.py": code})).state is state


def test_an_endpoint_that_only_an_output_names_is_no_endpoint() -> None:
    output = 'output "aws_sagemaker_endpoint_name" {\n  value = var.name\n}\n'
    assert service.check(facts_of({"train.py": TRAINING, "outputs.tf": output})).state is State.NA


@pytest.mark.parametrize(
    ("files", "state"),
    [
        ({}, State.MET),
        ({"admin/app.py": "from flask import Flask\napp = Flask('b')\napp.run()\n", "admin/Dockerfile": "FROM python:3.12\nCOPY . .\nCMD python app.py\n"}, State.PARTIAL),
    ],
)  # fmt: skip
def test_a_development_server_for_whoever_lacks_the_other_serves_no_part(files: dict[str, str], state: State) -> None:
    code = "from flask import Flask\napp = Flask('a')\ntry:\n    from waitress import serve\n    serve(app, port=5000)\nexcept ImportError:\n    app.run(port=5000)\n"
    image = "FROM python:3.12\nCOPY . .\nCMD python app.py\n"
    assert service.check(facts_of({"app.py": code, "Dockerfile": image, **files})).state is state


def test_a_page_that_another_file_has_made_is_started_by_what_only_such_pages_are_told() -> None:
    page = "import gradio as gr\ndef build():\n    with gr.Blocks() as demo:\n        gr.Image()\n    return demo\n"
    main = "from ui.page import build\ndemo = build()\ndemo.launch(server_name='127.0.0.1', server_port=7861)\n"
    found = port_from_environment.check(facts_of({"ui/page.py": page, "main.py": main}))
    assert found.state is State.UNMET
    assert found.evidence[0].path == "main.py"
    browser = "from playwright.sync_api import sync_playwright\nbrowser = play.chromium.launch(headless=True)\n"
    assert service.check(facts_of({"ui/page.py": page, "shoot.py": browser})).state is State.UNMET


def test_what_the_operator_of_ray_starts_is_a_server_of_the_system() -> None:
    app = "from ray import serve\n@serve.deployment\nclass Asked:\n    async def __call__(self, request):\n        return 1\napp = Asked.bind()\n"
    ray = (
        "apiVersion: ray.io/v1\nkind: RayService\nmetadata:\n  name: asked\nspec:\n  serveConfigV2: |\n    applications:\n"
        "      - import_path: app:app\n  rayClusterConfig:\n    headGroupSpec:\n      template:\n        spec:\n          containers:\n"
        "            - name: head\n              image: asked:1.2\n"
    )
    assert service.check(facts_of({"app.py": app, "k8s/ray.yaml": ray})).state is State.MET
    elsewhere = "apiVersion: serving.kserve.io/v1beta1\nkind: InferenceService\nmetadata:\n  name: asked\nspec:\n  predictor: {}\n"
    assert service.check(facts_of({"app.py": "", "k8s/asked.yaml": elsewhere})).state is State.PARTIAL
