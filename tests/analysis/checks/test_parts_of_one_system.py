"""Services, settings and models of systems in several parts, as their owners read them."""

from __future__ import annotations

import pytest

from apps.analysis.checks.admin_processes import backfill, migrations
from apps.analysis.checks.backing_services import databases, model_registry
from apps.analysis.checks.codebase import deployment, evaluation
from apps.analysis.checks.concurrency import inference, process_types, training
from apps.analysis.checks.dependencies import declared
from apps.analysis.checks.disposability import health, shutdown, startup
from apps.analysis.checks.logs import no_local_files, requests
from apps.analysis.checks.port_binding import port_from_environment, service
from apps.analysis.checks.processes import model_external, vocabulary_external
from apps.catalog import State
from tests.analysis.making import facts_of

API = "from fastapi import FastAPI\napp = FastAPI()\n"
ENTITY = "from sqlalchemy.orm import declarative_base\nBase = declarative_base()\nclass Run(Base):\n    __tablename__ = 'runs'\n"


@pytest.mark.parametrize(
    ("line", "state"),
    [
        ("await connection.run_sync(Base.metadata.create_all)", State.PARTIAL),
        ("await asyncio.to_thread(SQLModel.metadata.create_all, engine)", State.PARTIAL),
        ("await connection.run_sync(Base.metadata.reflect)", State.UNMET),
        ("await connection.run_sync(agents.create_all)", State.UNMET),
        ("register(Base.metadata.create_all)", State.UNMET),
    ],
)
def test_what_makes_the_tables_may_be_handed_to_a_connection(line: str, state: State) -> None:
    start = (
        f"from models import Base\nasync def start():\n    async with engine.begin() as connection:\n        {line}\n"
    )
    assert migrations.check(facts_of({"models.py": ENTITY, "main.py": API + start})).state is state


SHARED = "from {module} import {base}\nclass ServiceConfig({base}):\n    name: str = 'a'\n"
CONFIG = "from shared.{module} import ServiceConfig\nclass ApiConfig(ServiceConfig):\n    database_url: str = 'postgresql://u:p@db:5432/runs'\n    mlflow_tracking_uri: str = 'http://mlflow:5000'\nsettings = ApiConfig()\n"
USES = "import mlflow\nfrom sqlalchemy import create_engine\nfrom .config import settings\nengine = create_engine(settings.database_url)\nmlflow.set_tracking_uri(settings.mlflow_tracking_uri)\n"


@pytest.mark.parametrize(
    ("path", "module", "base", "state"),
    [
        ("shared/base.py", "pydantic_settings", "BaseSettings", State.MET),
        ("shared/base.py", "pydantic", "BaseModel", State.PARTIAL),
        ("shared/other.py", "pydantic_settings", "BaseSettings", State.PARTIAL),  # another class of that name
    ],
)
def test_settings_may_derive_from_a_class_of_another_module(path: str, module: str, base: str, state: State) -> None:
    facts = facts_of(
        {
            path: SHARED.format(module=module, base=base),
            "api/config.py": CONFIG.format(module="base"),
            "api/main.py": USES,
        }
    )
    assert [one.check(facts).state for one in (databases, model_registry)] == [state] * 2


@pytest.mark.parametrize(
    ("default", "state"),
    [(", 'prod.c9d2.eu-west-1.rds.amazonaws.com'", State.PARTIAL), (", 'localhost'", State.MET), ("", State.MET)],
)
def test_what_a_task_takes_by_name_has_its_default_behind_the_name(default: str, state: State) -> None:
    code = f"import psycopg2\ndef fetch(**kwargs):\n    host = kwargs.get('hostname'{default})\n    psycopg2.connect(host=host)\n"
    assert databases.check(facts_of({"fetch.py": code})).state is state


BENTO = "import bentoml\n@bentoml.service()\nclass Net:\n    pass\n"


@pytest.mark.parametrize(
    ("folders", "state"), [(("boxes", "words"), State.MET), (("boxes",), State.PARTIAL)], ids=["two", "one"]
)
def test_each_bento_is_a_process_of_its_own(folders: tuple[str, ...], state: State) -> None:
    files = {f"{folder}/service.py": BENTO for folder in folders}
    files |= {f"{folder}/bentofile.yaml": "service: 'service:Net'\n" for folder in folders}
    assert process_types.check(facts_of(files)).state is state


TORCHSERVE = 'FROM pytorch/torchserve:0.11.0\nCMD ["torchserve", "--start", "--ts-config", "config.properties"]\n'
MODELS = 'inference_address=http://0.0.0.0:8080\nmodels={{\\\n  "net": {{\\\n    "1.0": {{\\\n      "minWorkers": 1,\\\n      "{key}": {most}\\\n    }}\\\n  }}\\\n}}\n'


@pytest.mark.parametrize(
    ("key", "most", "state"),
    [("maxWorkers", 4, State.MET), ("maxWorkers", 1, State.PARTIAL), ("batchSize", 4, State.PARTIAL)],
)
def test_torchserve_is_told_of_each_model_how_many_workers_it_has(key: str, most: int, state: State) -> None:
    files = {"Dockerfile": TORCHSERVE, "config.properties": MODELS.format(key=key, most=most)}
    assert inference.check(facts_of(files)).state is state


WORDS = "import os\nfrom transformers import GPT2TokenizerFast\ndef words(name='gpt2'):\n    path = {path}\n    return GPT2TokenizerFast.from_pretrained(path)\n"


@pytest.mark.parametrize(
    ("path", "starting", "vocabulary"),
    [
        ("os.path.join(os.path.dirname(__file__), 'assets', name)", State.MET, State.PARTIAL),
        ("name", State.PARTIAL, State.MET),
    ],
)
def test_what_lies_beside_the_code_is_fetched_from_no_hub(path: str, starting: State, vocabulary: State) -> None:
    facts = facts_of({"app.py": API + "from words import words\n", "words.py": WORDS.format(path=path)})
    assert startup.check(facts).state is starting
    assert vocabulary_external.check(facts).state is vocabulary


LOADS = "import joblib\nfrom huggingface_hub import hf_hub_download\ndef load(repo, name):\n    {line}\n    return joblib.load({given})\n"


@pytest.mark.parametrize(
    ("line", "given", "state"),
    [
        ("local = hf_hub_download(repo_id=repo, filename=name)", "local", State.MET),
        ("pass", "hf_hub_download(repo_id=repo, filename=name)", State.MET),
        ("local = hf_hub_download(repo_id=repo, filename=name)\n    local = 'models/net.joblib'", "local", State.PARTIAL),
        ("local = find(repo, name)", "local", State.PARTIAL),
    ],
)  # fmt: skip
def test_a_file_that_was_fetched_from_a_hub_lies_at_no_fixed_path(line: str, given: str, state: State) -> None:
    app = (
        API
        + "from loads import load\nmodel = load('a/b', 'net')\n@app.post('/a')\ndef ask(x: int):\n    return model.predict([x])\n"
    )
    assert (
        model_external.check(facts_of({"app.py": app, "loads.py": LOADS.format(line=line, given=given)})).state is state
    )


PAGE = "import os, requests\nimport streamlit as st\nURL = os.getenv('API', {default!r})\nst.title('a')\nfound = requests.get(f'{{URL}}{path}')\n"


@pytest.mark.parametrize(
    ("default", "path", "state"),
    [
        ("http://localhost:8000", "/users", State.MET),
        ("http://api:8000", "/users", State.MET),
        ("https://api.example.org", "/health", State.MET),
        ("https://data.example.org", "/houses.csv", State.UNMET),
    ],
)
def test_a_page_that_asks_the_service_beside_it_fetches_no_data_set(default: str, path: str, state: State) -> None:
    assert startup.check(facts_of({"page.py": PAGE.format(default=default, path=path)})).state is state


STORED = "import tiktoken\nfrom stores import download_from_store\nwords = tiktoken.encoding_for_model('gpt-4')\ndef embed_words(name):\n    {target} = download_from_store('clean', name)\n    return words.encode({target})\n"


@pytest.mark.parametrize(
    ("target", "state"), [("clean_text", State.MET), ("page_images", State.MET), ("held", State.PARTIAL)]
)
def test_a_text_that_is_fetched_to_be_embedded_is_no_model(target: str, state: State) -> None:
    code = STORED.format(target=target) + "model = torch.load('m.pt')\n"
    files = {"app.py": API + "from embeds import embed_words\n", "embeds.py": f"import torch\n{code}"}
    assert startup.check(facts_of(files)).state is state


TRAIN = "import xgboost as xgb\nmodel = xgb.XGBRegressor()\nmodel.fit(x, y)\n"


@pytest.mark.parametrize(
    ("parameters", "state"),
    [
        ("date_text", State.UNMET),
        ("self, payload", State.UNMET),
        ("model, loader", State.MET),
        ("net, values", State.MET),
        ("tokens", State.MET),  # a batch of a language model's
        ("token", State.UNMET),
        ("", State.MET),
    ],
)
def test_to_validate_what_somebody_wrote_measures_no_model(parameters: str, state: State) -> None:
    code = f"import xgboost as xgb\ndef validate({parameters}):\n    return check(1)\ndef predict(day):\n    return xgb.XGBRegressor().predict(day)\n"
    assert evaluation.check(facts_of({"train.py": TRAIN, "asking.py": code})).state is state


@pytest.mark.parametrize(
    ("call", "state"),
    [
        ("client.data_object.create(data_object=chunk, vector=told, class_name='Page')", State.UNMET),
        ("client.users.create(name=chunk)", State.NA),
    ],
)
def test_objects_with_vectors_in_weaviate_are_derived(call: str, state: State) -> None:
    code = f"import weaviate\nclient = weaviate.Client(url=URL)\ndef keep(chunk, told):\n    {call}\n"
    assert backfill.check(facts_of({"keep.py": code, "app.py": API + "from keep import keep\n"})).state is state


AGENT = "from bedrock_agentcore{module} import {name}\napp = {name}()\n@app.entrypoint\ndef invoke(payload):\n    return agent(payload['prompt'])\nif __name__ == '__main__':\n    app.run()\n"


def test_an_agent_of_bedrock_agentcore_binds_its_port() -> None:
    files = {
        "app.py": AGENT.format(module="", name="BedrockAgentCoreApp"),
        "Dockerfile": 'FROM python:3.12\nCOPY app.py .\nCMD ["python", "app.py"]\n',
    }
    states = [one.check(facts_of(files)).state for one in (service, shutdown, health, port_from_environment)]
    assert states == [State.MET, State.MET, State.PARTIAL, State.PARTIAL]


def test_a_client_of_bedrock_agentcore_serves_nothing() -> None:
    facts = facts_of({"app.py": AGENT.format(module=".memory", name="MemoryClient")})
    assert service.check(facts).state is State.NA


MANIFEST = "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: net\nspec:\n  template:\n    spec:\n      containers:\n        - name: net\n          image: {image}\n          args: ['{command}']\n"


@pytest.mark.parametrize(
    ("image", "command", "states"),
    [
        ("pytorch/torchserve:0.8", "torchserve --start --model-store /m", (State.PARTIAL, State.PARTIAL)),
        ("pytorch/torchserve:0.8", "torchserve --start --log-config l.xml", (State.PARTIAL, State.MET)),
        ("nvcr.io/nvidia/tritonserver:24.01-py3", "tritonserver --model-repository /m", (State.UNMET, State.MET)),
    ],
)
def test_torchserve_logs_alike_wherever_it_is_started(image: str, command: str, states: tuple[State, State]) -> None:
    facts = facts_of({"net.yaml": MANIFEST.format(image=image, command=command)})
    assert (requests.check(facts).state, no_local_files.check(facts).state) == states


@pytest.mark.parametrize(
    ("beside", "state"),
    [({"cdk8s.yaml": "language: python\nimports:\n  - k8s\n"}, State.MET), ({}, State.PARTIAL)],
    ids=["generated", "unknown"],
)
def test_what_cdk8s_generates_is_no_package(beside: dict[str, str], state: State) -> None:
    code = "from constructs import Construct\nfrom imports import k8s\n"
    assert (
        declared.check(facts_of({"Pipfile": "[packages]\nconstructs = '*'\n", "main.py": code, **beside})).state
        is state
    )


PAIR = "import joblib\ndef load():\n    net = joblib.load('m/net.pkl')\n    first = joblib.load('m/{name}.pkl')\n    return net, first\ndef ask(net, first, x):\n    return net.predict({asked})\n"
ASKING = "from pair import load, ask\nnet, first = load()\n@app.post('/a')\ndef answer(x: int):\n    return ask(net, first, x)\n"
BINARY = b"\x80\x04object"


@pytest.mark.parametrize(
    ("name", "asked", "state"),
    [
        ("first", "first.transform(x)", State.PARTIAL),
        ("poly_features", "first.transform(x)", State.UNMET),
        ("first", "first.adjust(x)", State.NA),
        ("first", "first.transform(first.predict(x))", State.NA),  # it answers, too
    ],
)
def test_what_transforms_the_input_of_a_model_is_beside_it(name: str, asked: str, state: State) -> None:
    files = {"pair.py": PAIR.format(name=name, asked=asked), "app.py": API + ASKING}
    assert vocabulary_external.check(facts_of({**files, f"m/{name}.pkl": BINARY})).state is state


@pytest.mark.parametrize(
    ("path", "state"),
    [
        ("m/polynomial_features.pkl", State.NA),
        ("m/model_features.pkl", State.NA),
        ("data/user_features.pkl", State.UNMET),
        ("data/model_features.parquet", State.UNMET),
    ],
)
def test_what_makes_features_of_a_model_is_not_derived(path: str, state: State) -> None:
    assert backfill.check(facts_of({"app.py": API, path: BINARY})).state is state


CHECKED = "services:\n  {name}:\n    build: .\n    command: {command}\n    healthcheck:\n      test: ['CMD', 'curl', 'localhost']\n"


@pytest.mark.parametrize(
    ("name", "command", "state"),
    [
        ("webserver", "webserver", State.PARTIAL),
        ("pages", "airflow api-server", State.PARTIAL),
        ("pages", "['airflow', 'webserver']", State.PARTIAL),
        ("webserver", "gunicorn app:app", State.MET),
        ("web", "bentoml serve service:Net", State.MET),
    ],
)
def test_the_pages_of_airflow_answer_no_users(name: str, command: str, state: State) -> None:
    files = {
        "service.py": BENTO,
        "Dockerfile": "FROM apache/airflow:2.9.0\n",
        "compose.yaml": CHECKED.format(name=name, command=command),
    }
    assert health.check(facts_of(files)).state is state


@pytest.mark.parametrize(("name", "state"), [("BENTOML_PORT", State.MET), ("BENTOML_HOME", State.PARTIAL)])
def test_a_bento_says_by_which_variable_its_port_comes(name: str, state: State) -> None:
    told = f"service: 'service:Net'\nenvs:\n  - name: {name}\n    value: 3000\n"
    assert port_from_environment.check(facts_of({"service.py": BENTO, "bentofile.yaml": told})).state is state


WORKERS = "# of the server\n{key}:\n  workers: {workers}\n"


@pytest.mark.parametrize(
    ("key", "workers", "states"),
    [
        ("api_server", 3, (State.MET, State.UNMET)),
        ("api_server", 1, (State.PARTIAL, State.UNMET)),
        ("loader", 3, (State.PARTIAL, State.PARTIAL)),
    ],
)
def test_workers_of_bentoml_train_nothing(key: str, workers: int, states: tuple[State, State]) -> None:
    files = {"service.py": BENTO, "train.py": TRAIN, "configuration.yaml": WORKERS.format(key=key, workers=workers)}
    facts = facts_of({**files, "bentofile.yaml": "service: 'service:Net'\n"})
    assert (inference.check(facts).state, training.check(facts).state) == states


@pytest.mark.parametrize(
    ("module", "states"), [("bentoml", (State.MET, State.MET)), ("http.server", (State.PARTIAL, State.UNMET))]
)
def test_a_server_of_bentoml_that_code_starts_is_none_of_pythons(module: str, states: tuple[State, State]) -> None:
    code = (
        f"from {module} import HTTPServer\nserver = HTTPServer('service.py:svc', port=PORT)\nserver.serve_forever()\n"
    )
    facts = facts_of({"run.py": code.replace("server.serve_forever()", "server.start()")})
    assert (service.check(facts).state, shutdown.check(facts).state) == states


@pytest.mark.parametrize(
    ("command", "state"), [("agentcore deploy", State.MET), ("agentcore dev --logs", State.PARTIAL)]
)
def test_the_command_of_agentcore_deploys_the_agent(command: str, state: State) -> None:
    files = {
        "app.py": AGENT.format(module="", name="BedrockAgentCoreApp"),
        "Dockerfile": 'FROM python:3.12\nCOPY app.py .\nCMD ["python", "app.py"]\n',
        "deploy.sh": f"#!/bin/sh\n{command}\n",
    }
    assert deployment.check(facts_of(files)).state is state


MADE = "from {module} import {base}\nclass Settings({base}):\n    HOST: str = 'localhost'\n    {mark}\n    def database_url(self) -> str:\n        return {value}\nsettings = Settings()\n"
ENGINE = "from sqlalchemy import create_engine\nfrom app.config import settings\nengine = create_engine({given})\n"
HELD = "f'postgresql://u:p@{self.HOST}/db'"


@pytest.mark.parametrize(
    ("mark", "value", "given", "state"),
    [
        ("@property", HELD, "settings.database_url", State.MET),
        ("@computed_field", "str(PostgresDsn.build(host=self.HOST))", "settings.database_url", State.MET),
        ("", HELD, "settings.database_url()", State.MET),
        ("@property", "'postgresql://u:p@db.acme.io/db'", "settings.database_url", State.PARTIAL),
        ("@property", HELD, "wiring.database_url", State.PARTIAL),  # of another object
    ],
)
def test_settings_make_values_of_what_the_environment_gives(mark: str, value: str, given: str, state: State) -> None:
    code = MADE.format(module="pydantic_settings", base="BaseSettings", mark=mark, value=value)
    facts = facts_of({"app/config.py": code, "app/db.py": ENGINE.format(given=given)})
    assert databases.check(facts).state is state


@pytest.mark.parametrize(
    ("name", "more"),
    [
        (
            "database_url",
            "class Config:\n    def database_url(self):\n        return url_of('shop')\n",
        ),  # another class
        ("get", ""),  # of any dictionary
    ],
)
def test_methods_of_something_else_are_none_of_settings(name: str, more: str) -> None:
    code = MADE.format(module="pydantic_settings", base="BaseSettings", mark="", value=HELD)
    other = "from sqlalchemy import create_engine\nconfig = made()\nengine = create_engine(config.{}())\n"
    files = {"app/config.py": code.replace("database_url", name), "app/db.py": more + other.format(name)}
    assert databases.check(facts_of(files)).state is State.PARTIAL


def test_an_object_that_reads_no_environment_makes_values_of_what_is_written() -> None:
    code = MADE.format(module="pydantic", base="BaseModel", mark="@property", value=HELD)
    facts = facts_of({"app/config.py": code, "app/db.py": ENGINE.format(given="settings.database_url")})
    assert databases.check(facts).state is State.PARTIAL


FIELDS = "import torch\nfrom pydantic import BaseModel, {name}\nclass Ask(BaseModel):\n    top: int\n    @{mark}\n    @classmethod\n    def validate_answers(cls, data):\n        return told(data)\n"


@pytest.mark.parametrize(
    ("name", "mark", "state"),
    [
        ("model_validator", "model_validator(mode='before')", State.UNMET),
        ("field_validator", "field_validator('top')", State.UNMET),
        ("root_validator", "root_validator", State.UNMET),
        ("Field", "step", State.MET),  # of a pipeline
    ],
)
def test_validators_of_requests_measure_no_model(name: str, mark: str, state: State) -> None:
    files = {"train.py": TRAIN, "protocol.py": FIELDS.format(name=name, mark=mark)}
    assert evaluation.check(facts_of(files)).state is state
