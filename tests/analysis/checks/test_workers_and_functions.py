"""Bots, consumers and workers run for long without a port; functions answer requests without a server."""

from __future__ import annotations

import pytest

from apps.analysis.checks.backing_services import queues
from apps.analysis.checks.concurrency import inference, process_types
from apps.analysis.checks.disposability import health, shutdown
from apps.analysis.checks.logs import requests
from apps.analysis.checks.port_binding import declared, service
from apps.analysis.checks.processes import share_nothing
from apps.catalog import State
from tests.analysis.making import facts_of

IMAGE = {"Dockerfile": 'FROM python:3.11\nCOPY . .\nCMD ["python", "main.py"]\n'}


@pytest.mark.parametrize(
    ("code", "stops"),
    [
        ("from telegram.ext import Application\napp = Application.builder().build()\napp.run_polling()\n", State.MET),
        ("from telegram.ext import Updater\nu = Updater('t')\nu.start_polling()\nu.idle()\n", State.MET),
        ("from aiogram import Dispatcher\ndp = Dispatcher()\nawait_(dp.start_polling(bot))\n", State.MET),
        ("from aiogram import Dispatcher, executor\nexecutor.start_polling(dp)\n", State.UNMET),
        ("import telebot\nbot = telebot.TeleBot('t')\nbot.infinity_polling()\n", State.UNMET),
        ("import discord\nclient = discord.Client()\nclient.run('t')\n", State.UNMET),
        ("import discord\n\nclass Bot(discord.Client): ...\n\nBot().run('t')\n", State.UNMET),
        (
            "from slack_bolt.adapter.socket_mode import SocketModeHandler\nSocketModeHandler(app, 't').start()\n",
            State.UNMET,
        ),
        ("from quixstreams import Application\napp = Application()\napp.run()\n", State.MET),
        ("import faust\napp = faust.App('a')\napp.main()\n", State.MET),
        ("from rq import Worker\nWorker(['a']).work()\n", State.MET),
        ("from aiokafka import AIOKafkaConsumer\nc = AIOKafkaConsumer('t')\n", State.UNMET),
        ("import pulsar\nc = pulsar.Client('x').subscribe('t', 's')\nc.receive()\n", State.UNMET),
        ("import paho.mqtt.client as mqtt\nc = mqtt.Client()\nc.loop_forever()\n", State.UNMET),
        ("import redis\nr = redis.Redis()\nr.xreadgroup('g', 'c', {})\n", State.UNMET),
    ],
)
def test_what_runs_for_long_without_a_port(code: str, stops: State) -> None:
    facts = facts_of({"main.py": code, **IMAGE})
    assert not facts.profile.serves.holds
    assert share_nothing.check(facts).state is State.MET
    assert shutdown.check(facts).state is stops
    assert shutdown.check(facts_of({"main.py": code})).state is stops  # by hand, too


@pytest.mark.parametrize(
    ("code", "state"),
    [
        ("import os\nfrom quixstreams import Application\nApplication(broker_address=os.environ['B'])\n", State.MET),
        (
            "import os\nfrom pyflink.datastream.connectors.kafka import KafkaSource\n"
            "source = KafkaSource.builder().set_bootstrap_servers(os.environ['B']).build()\n",
            State.MET,
        ),
        ("from quixstreams import Application\nApplication(broker_address='kafka.acme.com:9092')\n", State.UNMET),
        ("import os\nfrom faststream.rabbit import RabbitBroker\nRabbitBroker(os.environ['B'])\n", State.MET),
        ("Application(broker_address='kafka.acme.com:9092')\n", State.NA),
    ],
)
def test_brokers_of_streams(code: str, state: State) -> None:
    assert queues.check(facts_of({"main.py": code})).state is state


@pytest.mark.parametrize(
    "code",
    [
        "import telegram\ntelegram.Bot('t').send_message(1, 'x')\n",
        "from discord import SyncWebhook\nSyncWebhook.from_url('x').send('y')\n",
        "class Client:\n    def run(self): ...\n\nclient = Client()\nclient.run()\nclient.polling()\nclient.receive()\n",
    ],
)
def test_who_only_sends_a_message_does_not_run_for_long(code: str) -> None:
    facts = facts_of({"main.py": code, **IMAGE})
    assert shutdown.check(facts).state is State.NA
    assert share_nothing.check(facts).state is State.NA


def test_a_loop_that_handles_sigterm_stops_cleanly() -> None:
    loop = (
        "import signal\nfrom kafka import KafkaConsumer\nsignal.signal(signal.SIGTERM, stop)\nc = KafkaConsumer('t')\n"
    )
    assert shutdown.check(facts_of({"main.py": loop, **IMAGE})).state is State.MET


def test_what_a_bot_remembers_of_a_chat_is_state() -> None:
    code = (
        "import telebot\nbot = telebot.TeleBot('t')\nhistory = {}\n\n@bot.message_handler(func=f)\n"
        "def answer(message):\n    history[message.chat.id] = message.text\n\nbot.polling()\n"
    )
    assert share_nothing.check(facts_of({"main.py": code})).state is State.UNMET


@pytest.mark.parametrize(
    "command",
    ["taskiq worker a:broker --workers 2", "faststream run app:app --workers 2", "huey_consumer.py a.huey -w 4"],
)
def test_workers_that_take_tasks(command: str) -> None:
    code = "import joblib\nmodel = joblib.load('m.joblib')\n\ndef predict(x):\n    return model.predict(x)\n"
    facts = facts_of({"a.py": code, "Procfile": f"worker: {command}\n"})
    assert shutdown.check(facts).state is State.MET
    assert inference.check(facts).state is State.MET


HANDLER = "def lambda_handler(event, context):\n    return {'statusCode': 200, 'body': ''}\n"
SAM = (
    "Resources:\n  Predict:\n    Type: AWS::Serverless::Function\n    Properties:\n      CodeUri: app/\n"
    "      Handler: app.lambda_handler\n"
)
EVENT = "      Events:\n        A:\n          Type: {}\n"
BLOCK = 'resource "aws_lambda_function" "f" {{\n}}\n\nresource "{}" "g" {{\n}}\n'
ANSWERED = [
    {"template.yaml": SAM + EVENT.format("HttpApi"), "app/app.py": HANDLER},
    {"template.yaml": SAM + "      FunctionUrlConfig:\n        AuthType: NONE\n", "app/app.py": HANDLER},
    {
        "serverless.yml": "functions:\n  a:\n    handler: h.ask\n    events:\n      - http:\n          path: /a\n",
        "h.py": HANDLER.replace("lambda_handler", "ask"),
    },
    {"main.tf": BLOCK.format("aws_apigatewayv2_api"), "app.py": HANDLER},
    {"main.tf": BLOCK.format("aws_lambda_function_url"), "app.py": HANDLER},
    {
        "s.py": "from aws_cdk import aws_lambda as l, aws_apigateway as g\nf = l.Function(s, 'f')\ng.LambdaRestApi(s, 'a', handler=f)\n"
    },
    {
        "main.py": "def ask(request):\n    return ''\n",
        "d.sh": "gcloud functions deploy ask --runtime python311 --trigger-http\n",
    },
    {"a/__init__.py": "import azure.functions as func\n\ndef main(req):\n    return func.HttpResponse('x')\n"},
    {
        "a/function.json": '{"bindings": [{"type": "httpTrigger", "name": "req"}]}',
        "a/index.js": "module.exports = f;\n",
    },
    {"h.py": "import runpod\nrunpod.serverless.start({'handler': handler})\n"},
    {"a.py": "from beam import endpoint\n\n@endpoint(cpu=1)\ndef ask(x):\n    return x\n"},
    {"a.py": "import modal\n\n@app.function()\n@modal.web_server(8000)\ndef ask(): ...\n"},
    {
        "api/ask.py": "from http.server import BaseHTTPRequestHandler\n\nclass handler(BaseHTTPRequestHandler): ...\n",
        "vercel.json": "{}",
    },
    {"i.js": "const f = require('firebase-functions');\nexports.a = f.https.onRequest((req, res) => res.json({}));\n"},
    {"i.ts": "export default {\n  async fetch(request: Request) {\n  },\n};\n", "wrangler.toml": 'name = "a"\n'},
    {
        "f.yaml": "kind: NuclioFunction\nspec:\n  handler: main:handler\n",
        "main.py": "def handler(context, event): ...\n",
    },
]


@pytest.mark.parametrize("files", ANSWERED, ids=lambda files: next(iter(files)))
def test_functions_that_a_platform_starts_for_each_request(files: dict[str, str]) -> None:
    facts = facts_of(files)
    for item in (service, declared, shutdown, health):
        assert item.check(facts).state is State.PARTIAL, item.__name__
    assert inference.check(facts).state is State.MET
    assert requests.check(facts).state is State.PARTIAL


def test_an_api_of_one_function_is_one_process_type() -> None:
    assert process_types.check(facts_of(ANSWERED[0])).state is State.PARTIAL


@pytest.mark.parametrize(
    "files",
    [
        {"template.yaml": SAM + EVENT.format("Schedule"), "app/app.py": HANDLER},
        {"app.py": HANDLER},
        {"main.tf": BLOCK.format("aws_lambda_event_source_mapping"), "app.py": HANDLER},
        {"main.py": "def on(event, context): ...\n", "d.sh": "gcloud functions deploy on --trigger-bucket b\n"},
        {"a/__init__.py": "import azure.functions as func\n\ndef main(timer): ...\n"},
        {"a.py": "import modal\n\n@app.function()\ndef fit(): ...\n"},
        {"vercel.json": '{"rewrites": []}', "train.py": "x = 1\n"},
        {"i.js": "class A { async fetch(request) { return 1 } }\nqueue.onRequest(f);\n"},
        {"p.py": "import apache_beam as beam\nbeam.Pipeline()\n"},
    ],
)
def test_functions_that_no_request_reaches_serve_nothing(files: dict[str, str]) -> None:
    assert not facts_of(files).profile.serves.holds


@pytest.mark.parametrize(
    "files",
    [
        {"handler.py": "class EndpointHandler:\n    def __call__(self, data): ...\n"},
        {
            "config.yaml": "python_version: py311\nresources:\n  cpu: 1\n",
            "model/model.py": "class Model:\n    def load(self): ...\n",
        },
        {"a.py": "import truss_chains as chains\n\nclass A(chains.ChainletBase): ...\n"},
        {
            "a.py": "from mlflow.deployments import get_deploy_client\nget_deploy_client('sagemaker').create_deployment('a')\n"
        },
        {"a.py": "from google.cloud.aiplatform.prediction import LocalModel\nLocalModel.build_cpr_model('src', 'i')\n"},
        {"a.sh": "clearml-serving --id 1 model add --engine sklearn --endpoint m\n", "a.py": "x = 1\n"},
    ],
)
def test_what_a_platform_answers_with(files: dict[str, str]) -> None:
    assert service.check(facts_of(files)).state is State.PARTIAL


@pytest.mark.parametrize(
    "code",
    [
        "from google.cloud import aiplatform\naiplatform.MatchingEngineIndexEndpoint.create(display_name='e')\n",
        "from databricks.vector_search.client import VectorSearchClient\nVectorSearchClient().create_endpoint(name='v', endpoint_type='STANDARD')\n",
        "class Indexes:\n    def ask(self):\n        self.indexes.create_endpoint(display_name='e')\n",
        "from aws_cdk import aws_dms as dms\ndms.CfnEndpoint(self, 'e')\n",
    ],
)
def test_the_endpoint_of_an_index_or_of_a_network_answers_for_no_model(code: str) -> None:
    assert not facts_of({"a.py": code}).profile.serves.holds


def test_an_endpoint_that_only_a_notebook_makes_declares_no_process_type() -> None:
    cell = "import sagemaker\\nmodel.deploy(initial_instance_count=1, instance_type='ml.m5.large')\\n"
    book = f'{{"cells": [{{"cell_type": "code", "source": "{cell}"}}], "metadata": {{}}}}'
    facts = facts_of({"deploy.ipynb": book, "train.py": "import torch\n"})
    assert service.check(facts).state is State.PARTIAL
    assert process_types.check(facts).state is State.UNMET
