"""Libraries, services and platforms that are known by what their users write, each as its own documentation shows it."""

from __future__ import annotations

import pytest

from apps.analysis.checks.admin_processes import migrations, tasks
from apps.analysis.checks.backing_services import databases, model_registry, monitoring, queues, storage
from apps.analysis.checks.build_release_run import release
from apps.analysis.checks.codebase import deployment, evaluation, preprocessing
from apps.analysis.checks.config import training_parameters
from apps.analysis.checks.logs import centralised, requests, system_events, training_metrics
from apps.catalog import State
from tests.analysis.making import facts_of

CLIENTS = {
    "SQL Server": ("import mssql_python\nmssql_python.connect({})\n", databases),
    "Valkey": ("import valkey\nvalkey.Valkey(host={})\n", databases),
    "Memcached": ("from pymemcache.client.base import Client\nClient({})\n", databases),
    "OpenSearch": ("from opensearchpy import AsyncOpenSearch\nAsyncOpenSearch(hosts=[{}])\n", databases),
    "FalkorDB": ("from falkordb import FalkorDB\nFalkorDB(host={})\n", databases),
    "ArangoDB": ("from arango import ArangoClient\nArangoClient(hosts={})\n", databases),
    "SurrealDB": ("from surrealdb import Surreal\nSurreal({})\n", databases),
    "Couchbase": ("from couchbase.cluster import Cluster\nCluster({}, options)\n", databases),
    "QuestDB": ("from questdb.ingress import Sender\nSender.from_conf({})\n", databases),
    "taskiq": ("from taskiq_redis import ListQueueBroker\nListQueueBroker({})\n", queues),
    "Procrastinate": ("import procrastinate\nprocrastinate.PsycopgConnector(conninfo={})\n", queues),
    "Temporal": ("from temporalio.client import Client\nClient.connect({})\n", queues),
    "MQTT": ("import paho.mqtt.client as mqtt\nclient = mqtt.Client()\nclient.connect({}, 1883)\n", queues),
    "Spark": ("stream = spark.readStream.format('kafka').option('kafka.bootstrap.servers', {}).load()\n", queues),
    "Kubeflow": ("from model_registry import ModelRegistry\nModelRegistry({}, author='a')\n", model_registry),
    "obstore": ("import obstore\nobstore.store.from_url({})\n", storage),
    "Arrow": ("from pyarrow import fs\nfs.FileSystem.from_uri({})\n", storage),
    "OSS": ("import oss2\noss2.Bucket(auth, endpoint, {})\n", storage),
    "Supabase": ("client.storage.from_({}).download('a')\n", storage),
    "lakeFS": ("import lakefs\nlakefs.repository({}).branch('main')\n", storage),
}


@pytest.mark.parametrize("name", CLIENTS)
def test_a_client_is_located_by_what_it_is_given(name: str) -> None:
    code, item = CLIENTS[name]
    given = facts_of({"a.py": "import os\n" + code.format("os.environ['PLACE']")})
    assert item.check(given).state is State.MET  # type: ignore[attr-defined]
    place = "'s3://acme-data/x'" if item is storage else "'store.acme.com:6379'"
    assert item.check(facts_of({"a.py": code.format(place)})).state is State.UNMET  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("code", "item"),
    [
        ("from upstash_redis import Redis\nRedis.from_env()\n", databases),
        ("import turbopuffer\nturbopuffer.Turbopuffer()\n", databases),
        ("from google.cloud import tasks_v2\ntasks_v2.CloudTasksClient()\n", queues),
        ("from snowflake.ml.registry import Registry\nRegistry(session=session)\n", model_registry),
    ],
)
def test_a_client_may_be_located_by_its_platform(code: str, item: object) -> None:
    assert item.check(facts_of({"a.py": code})).state is State.MET  # type: ignore[attr-defined]


MODEL = "import joblib\nfrom fastapi import FastAPI\napp = FastAPI()\nmodel = joblib.load('m')\n@app.post('/predict')\ndef predict(x: dict):\n    return model.predict([x])\n"
COUNTED = (
    "from starlette_exporter import PrometheusMiddleware\napp.add_middleware(PrometheusMiddleware)\n",
    "from aioprometheus.asgi.starlette import metrics\napp.add_route('/metrics', metrics)\n",
)


@pytest.mark.parametrize("code", COUNTED)
def test_middleware_that_counts_is_handed_over_by_its_name(code: str) -> None:
    counted, plain = facts_of({"app.py": MODEL + code}), facts_of({"app.py": MODEL})
    assert monitoring.check(counted).state is State.MET
    assert monitoring.check(plain).state is State.NA
    assert "counted" in requests.check(counted).summary
    assert "counted" not in requests.check(plain).summary


@pytest.mark.parametrize("agent", ["opentelemetry-instrument", "ddtrace-run", "newrelic-admin run-program"])
def test_a_program_that_starts_inside_of_an_agent_is_monitored(agent: str) -> None:
    image = "FROM python:3.12\nCMD {} uvicorn app:app\n"
    assert monitoring.check(facts_of({"app.py": MODEL, "Dockerfile": image.format(agent)})).state is State.MET
    assert monitoring.check(facts_of({"app.py": MODEL, "Dockerfile": image.format("exec")})).state is State.NA


def test_a_package_of_a_monitor_tells_by_itself() -> None:
    code = "from apitally.fastapi import ApitallyMiddleware\napp.add_middleware(ApitallyMiddleware)\n"
    assert monitoring.check(facts_of({"app.py": MODEL + code})).state is State.MET


LOOP = "import torch\nfor x in loader:\n    loss = model(x).sum()\n    loss.backward()\n    opt.step()\n"


@pytest.mark.parametrize(
    ("code", "state"),
    [
        ("import trackio\ntrackio.init(project='a')\ntrackio.log({'loss': loss})\n", State.MET),
        ("from labml import tracker\ntracker.save(1, {'loss': loss})\n", State.MET),
        ("from wandb.integration.keras import WandbMetricsLogger\nWandbMetricsLogger()\n", State.MET),
        ("from ray import train\ntrain.report({'loss': loss})\n", State.PARTIAL),
        ("", State.UNMET),
    ],
)
def test_metrics_go_where_a_tracker_is_told(code: str, state: State) -> None:
    assert training_metrics.check(facts_of({"train.py": LOOP + code})).state is state


FIELDS = "    lr: float = 1e-3\n    epochs: int = 3\n"
STEPS = "opt = torch.optim.Adam(model.parameters(), lr=cfg.lr)\nfor _ in range(cfg.epochs):\n    for x in loader:\n        loss = model(x).sum()\n        loss.backward()\n        opt.step()\n"
PARSED = {
    "pyrallis": f"import pyrallis, torch\nfrom dataclasses import dataclass\n@dataclass\nclass Options:\n{FIELDS}cfg = pyrallis.parse(config_class=Options)\n{STEPS}",
    "datargs": f"import torch\nfrom dataclasses import dataclass\nfrom datargs import parse\n@dataclass\nclass Options:\n{FIELDS}cfg = parse(Options)\n{STEPS}",
    "dagster": f"import torch\nfrom dagster import Config, asset\nclass Options(Config):\n{FIELDS}@asset\ndef model(cfg: Options):\n"
    + "".join(f"    {line}\n" for line in STEPS.splitlines()),
}


@pytest.mark.parametrize("name", PARSED)
def test_fields_of_a_class_that_is_given_to_a_parser_are_set_by_a_run(name: str) -> None:
    assert training_parameters.check(facts_of({"train.py": PARSED[name]})).state is State.MET
    plain = PARSED[name].replace("pyrallis.parse(config_class=Options)", "Options()").replace("parse(Options)", "Options()").replace("(Config)", "")  # fmt: skip
    assert training_parameters.check(facts_of({"train.py": plain})).state is not State.MET


@pytest.mark.parametrize(
    "source",
    [
        "from skforecast.recursive import ForecasterRecursive\nf = ForecasterRecursive(regressor=r, lags=12)\nf.fit(y=sales)\n",
        "from ngboost import NGBRegressor\nNGBRegressor().fit(x, y)\n",
        "from rectools.models import ImplicitALSWrapperModel\nImplicitALSWrapperModel(als).fit(data)\n",
        "from alibi_detect.od import OutlierVAE\nOutlierVAE().fit(x)\n",
    ],
)
def test_further_libraries_fit(source: str) -> None:
    assert facts_of({"train.py": source}).profile.trains.holds


@pytest.mark.parametrize(
    "command",
    [
        "deepspeed --module openrlhf.cli.train_sft --pretrain base",
        "torchrun --nproc_per_node=8 -m torchtitan.train --job.config_file a.toml",
        "mim train mmdet configs/a.py --gpus 1",
    ],
)
def test_further_commands_train(command: str) -> None:
    assert facts_of({"run.sh": f"{command}\n"}).profile.trains.holds


@pytest.mark.parametrize(
    "source",
    [
        "from claude_agent_sdk import query\nquery(prompt='a')\n",
        "import outlines\nmodel = outlines.from_transformers(a, b)\n",
        "from huggingface_hub import InferenceClient\nclient = InferenceClient()\nclient.chat.completions.create(messages=m)\n",
    ],
)
def test_further_clients_ask_a_language_model(source: str) -> None:
    assert facts_of({"app.py": source}).profile.language_model.holds


@pytest.mark.parametrize(
    "source",
    [
        "from huey import RedisHuey\nhuey = RedisHuey()\n@huey.task()\ndef work():\n    pass\n",
        "from temporalio import workflow\n@workflow.defn\nclass Work:\n    pass\n",
        "import flyte\nenv = flyte.TaskEnvironment(name='a')\n@env.task\ndef work() -> int:\n    return 1\n",
        "from hatchet_sdk import Hatchet\nHatchet()\n",
    ],
)
def test_further_libraries_run_jobs(source: str) -> None:
    assert facts_of({"jobs.py": source}).profile.batch.holds


DOCKERFILE = "FROM python:3.12\nCOPY . .\nCMD uvicorn app:app\n"
WORKFLOW = "on: push\njobs:\n  a:\n    steps:\n    - run: docker build -t r/x:${{ FORGE.sha }} . && docker push r/x:${{ FORGE.sha }}\n    - run: kubectl set image deployment/x x=r/x:${{ FORGE.sha }}\n"


@pytest.mark.parametrize("forge", ["gitea", "forgejo"])
def test_other_forges_read_workflows_of_github(forge: str) -> None:
    files = {"app.py": MODEL, "Dockerfile": DOCKERFILE}
    told = facts_of({**files, f".{forge}/workflows/a.yml": WORKFLOW.replace("FORGE", forge)})
    assert deployment.check(told).state is State.MET
    assert release.check(told).state is State.MET
    assert deployment.check(facts_of({**files, "notes/workflows/a.yml": WORKFLOW})).state is State.PARTIAL


@pytest.mark.parametrize(
    ("path", "content"),
    [("README.md", "---\ntitle: A\nsdk: docker\napp_port: 7860\n---\n"), ("helmfile.yaml", "releases:\n- name: a\n")],
)
def test_what_tells_a_platform_what_to_roll_out_deploys(path: str, content: str) -> None:
    files = {"app.py": MODEL, "Dockerfile": DOCKERFILE}
    assert deployment.check(facts_of({**files, path: content})).state is State.MET
    assert deployment.check(facts_of(files)).state is State.PARTIAL


NODE = "const express = require('express');\nconst ort = require('onnxruntime-node');\nconst app = express();\napp.post('/predict', async (q, r) => r.json(await session.run({})));\n"


@pytest.mark.parametrize(
    ("path", "code", "item"),
    [
        ("server.js", f"{NODE}require('@sentry/node').init({{ dsn: process.env.SENTRY_DSN }});\n", monitoring),
        ("server.js", f"{NODE}const {{ NodeSDK }} = require('@opentelemetry/sdk-node');\n", monitoring),
        ("Program.cs", "var app = builder.Build();\nbuilder.Services.AddApplicationInsightsTelemetry();\n", monitoring),
        ("server.js", f"{NODE}const {{ connect }} = require('nats');\nconnect({{ servers: process.env.NATS }});\n", queues),
        ("main.go", 'package main\nimport (\n\t"github.com/nats-io/nats.go"\n)\nfunc main() { nats.Connect(os.Getenv("NATS_URL")) }\n', queues),
        ("server.ts", "import { Client } from '@temporalio/client';\nnew Client({ address: process.env.TEMPORAL });\n", queues),
        ("server.ts", "import { CosmosClient } from '@azure/cosmos';\nnew CosmosClient(process.env.COSMOS_URL);\n", databases),
        ("app.R", "m <- mongolite::mongo('a', url = Sys.getenv('MONGO_URL'))\n", databases),
        ("app.R", "r <- redux::hiredis(host = Sys.getenv('REDIS_HOST'))\n", databases),
        ("app.R", "d <- aws.s3::s3readRDS('k', bucket = Sys.getenv('BUCKET'))\n", storage),
        ("app.R", "board <- pins::board_s3(Sys.getenv('BUCKET'))\n", storage),
    ],
)  # fmt: skip
def test_further_services_of_other_languages(path: str, code: str, item: object) -> None:
    assert item.check(facts_of({path: code})).state is State.MET  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("server.js", f"{NODE}const log = require('pino')();\nlog.info('loaded');\n"),
        ("Program.cs", 'using Serilog;\nbuilder.Host.UseSerilog();\nLog.Information("loaded");\n'),
        ("app.R", "library(plumber)\nlibrary(logger)\nlog_info('loaded')\n"),
    ],
)
def test_further_loggers_of_other_languages(path: str, code: str) -> None:
    assert system_events.check(facts_of({path: code})).state is State.MET


def test_figures_of_micrometer_are_offered_where_their_endpoint_is() -> None:
    registry = "<project><dependencies><dependency><groupId>io.micrometer</groupId><artifactId>micrometer-registry-{}</artifactId></dependency></dependencies></project>"
    shown = {
        "src/main/resources/application.properties": "management.endpoints.web.exposure.include=health,prometheus\n"
    }
    assert monitoring.check(facts_of({"pom.xml": registry.format("prometheus"), **shown})).state is State.MET
    assert monitoring.check(facts_of({"pom.xml": registry.format("prometheus")})).state is State.NA
    assert monitoring.check(facts_of({"pom.xml": registry.format("otlp")})).state is State.MET


@pytest.mark.parametrize("mark", ["-- +goose Up", "-- migrate:up", "-- +migrate Up"])
def test_a_script_may_bear_the_mark_of_the_tool_that_applies_it(mark: str) -> None:
    scripts = {f"migrations/00{n}_a.sql": f"{{}}\nCREATE TABLE t{n} (id int);\n" for n in (1, 2)}
    marked = facts_of({path: text.format(mark) for path, text in scripts.items()})
    assert migrations.check(marked).state is State.MET
    assert (
        migrations.check(facts_of({path: text.format("-- first") for path, text in scripts.items()})).state
        is State.PARTIAL
    )


@pytest.mark.parametrize(
    "code",
    [
        "import seqlog\nseqlog.log_to_seq(server_url=url)\n",
        "from axiom_py.logging import AxiomHandler\nAxiomHandler(client, 'a')\n",
    ],
)
def test_further_handlers_ship_logs_themselves(code: str) -> None:
    assert centralised.check(facts_of({"app.py": MODEL + code})).state is State.PARTIAL


ASKS = "from openai import OpenAI\nclient = OpenAI()\ndef ask(q):\n    return client.chat.completions.create(model='gpt-4o', messages=[q])\n"


@pytest.mark.parametrize(
    "code",
    [
        "from inspect_ai import Task, task\n@task\ndef facts():\n    return Task(dataset=data, scorer=match())\n",
        "from braintrust import Eval\nEval('a', data=data, task=ask, scores=[score])\n",
        "from phoenix.evals import llm_classify\nllm_classify(dataframe=frame, template=text, model=model, rails=rails)\n",
        "from pydantic_evals import Case, Dataset\nDataset(cases=[Case(inputs='a')])\n",
        "from openevals.llm import create_llm_as_judge\ncreate_llm_as_judge(prompt=prompt)\n",
        "import dspy\ndspy.Evaluate(devset=devset, metric=metric)(program)\n",
        "from langfuse import get_client\nget_client().run_experiment(name='a', data=data, task=ask)\n",
        "from azure.ai.evaluation import GroundednessEvaluator\nGroundednessEvaluator(model)\n",
        "import mteb\nmteb.MTEB(tasks=tasks)\n",
    ],
)
def test_further_libraries_measure_answers(code: str) -> None:
    assert evaluation.check(facts_of({"app.py": ASKS, "eval.py": f"from app import ask\n{code}"})).state is State.MET
    assert evaluation.check(facts_of({"app.py": ASKS})).state is State.UNMET


@pytest.mark.parametrize(
    "code",
    [
        "from fairlearn.metrics import MetricFrame\nMetricFrame(metrics=metrics, y_true=a, y_pred=b, sensitive_features=c)\n",
        "from deepchecks.tabular.suites import model_evaluation\nmodel_evaluation().run(train, test, model)\n",
        "from catboost import CatBoostClassifier\nmodel = CatBoostClassifier()\nmodel.eval_metrics(pool, ['AUC'])\n",
    ],
)
def test_further_libraries_measure_models(code: str) -> None:
    fit = "from sklearn.svm import SVC\nSVC().fit(x, y)\n"
    assert evaluation.check(facts_of({"train.py": fit, "eval.py": f"import joblib\n{code}"})).state is State.MET
    assert evaluation.check(facts_of({"train.py": fit, "eval.py": "import joblib\n"})).state is State.UNMET


@pytest.mark.parametrize(
    "code",
    [
        "from docling.document_converter import DocumentConverter\nDocumentConverter().convert('a.pdf')\n",
        "from unstructured.partition.auto import partition\npartition('a.pdf')\n",
        "from chonkie import TokenChunker\nTokenChunker()(text)\n",
        "from tsfresh import extract_features\nextract_features(frame, column_id='a')\n",
        "import torchaudio\ntorchaudio.transforms.MelSpectrogram()(wave)\n",
        "from monai.transforms import Compose\nCompose([])\n",
        "import polars as pl\nframe = pl.read_csv(path).with_columns(pl.col('a').fill_null(0))\n",
        "from rdkit.Chem import AllChem\nAllChem.GetMorganFingerprintAsBitVect(molecule, 2)\n",
    ],
)
def test_further_libraries_prepare_data(code: str) -> None:
    fit = "from sklearn.svm import SVC\nSVC().fit(x, y)\n"
    assert preprocessing.check(facts_of({"train.py": fit, "prep.py": code})).state is State.MET
    assert preprocessing.check(facts_of({"train.py": fit})).state is not State.MET


def test_scripts_of_a_package_that_work_on_data_are_tasks() -> None:
    seeding = facts_of({"app.py": MODEL, "package.json": '{"scripts": {"db:seed": "prisma db seed"}}'})
    assert tasks.check(seeding).state is State.MET
    building = facts_of({"app.py": MODEL, "package.json": '{"scripts": {"build": "vite build"}}'})
    assert tasks.check(building).state is State.UNMET


def test_what_only_looks_like_a_service_is_none() -> None:
    both = "import sqlite3, paho.mqtt.client as mqtt\nclient = mqtt.Client()\nconn = sqlite3.connect('data.db')\n"
    assert queues.check(facts_of({"a.py": both})).state is State.NA
    script = "function mongo(x) {}\nfunction save_object(o) {}\nmongo(1)\nsave_object(2)\ns3_bucket(4)\n"
    assert databases.check(facts_of({"a.js": script})).state is State.NA
    assert storage.check(facts_of({"a.js": script})).state is State.NA


@pytest.mark.parametrize(
    "code",
    [
        "class Trainer:\n    def log_results(self, a):\n        pass\n\n    def end(self):\n        self.log_results(self.acc)\n",
        "import logging\nlogging.basicConfig()\nlogging.info('started', report=True)\n",
    ],
)
def test_own_methods_and_switches_of_a_logger_are_no_metrics(code: str) -> None:
    assert training_metrics.check(facts_of({"train.py": LOOP + code})).state is not State.MET


def test_measures_of_an_own_method_are_none_of_a_library() -> None:
    fit = "from sklearn.svm import SVC\nclass Job:\n    def run(self):\n        SVC().fit(x, y)\n        self.eval_metrics(3)\n"
    assert evaluation.check(facts_of({"train.py": fit})).state is State.UNMET


@pytest.mark.parametrize("content", ["hello\n", "--- foo\n---\nservices: {a: {image: x}}\n", "$ENC[AES]\n"])
def test_a_compose_file_may_hold_anything(content: str) -> None:
    assert deployment.check(facts_of({"docker-compose.yml": content, "a.py": "x = 1\n"})).state is not State.UNKNOWN
