"""Libraries by which a run sets parameters, names under which credentials are kept, and clients of services."""

from __future__ import annotations

import pytest

from apps.analysis.checks.admin_processes import migrations
from apps.analysis.checks.backing_services import databases, model_registry, queues, storage
from apps.analysis.checks.config import hyperparameters, secrets, training_parameters
from apps.analysis.checks.logs import system_events
from apps.catalog import State
from tests.analysis.making import facts_of

FIT = """import torch
from torch import nn
def fit(lr, epochs, hidden):
    model = nn.Sequential(nn.Linear(10, hidden), nn.ReLU(), nn.Linear(hidden, 1))
    opt = torch.optim.Adam(model.parameters(), lr=lr)
    for _ in range(epochs):
        model(torch.randn(4, 10)).mean().backward(); opt.step()
"""
MAIN = "def main(lr: float = 1e-3, epochs: int = 3, hidden: int = 8):\n    fit(lr=lr, epochs=epochs, hidden=hidden)\n"
CLASS = "from dataclasses import dataclass\n@dataclass\nclass TrainConfig:\n    lr: float = 1e-3\n    epochs: int = 3\n    hidden: int = 8\n"
USE = "    fit(cfg.lr, cfg.epochs, cfg.hidden)\n"
PARSED = {
    "tyro": f"import tyro\n{FIT}{MAIN}tyro.cli(main)\n",
    "jsonargparse": f"from jsonargparse import auto_cli\n{FIT}{MAIN}auto_cli(main)\n",
    "defopt": f"import defopt\n{FIT}{MAIN}defopt.run(main)\n",
    "cyclopts": f"import cyclopts\napp = cyclopts.App()\n{FIT}@app.default\n{MAIN}app()\n",
    "hydra-zen": f"from hydra_zen import store, zen\n{FIT}@store(name='a')\n{MAIN}zen(main).hydra_main(config_name='a')\n",
    "pyrallis": f"import pyrallis\n{FIT}{CLASS}@pyrallis.wrap()\ndef main(cfg: TrainConfig):\n{USE}",
    "draccus": f"import draccus\n{FIT}{CLASS}@draccus.wrap()\ndef main(cfg: TrainConfig):\n{USE}",
    "Tap": f"from tap import Tap\n{FIT}class Args(Tap):\n    lr: float = 1e-3\n    epochs: int = 3\n    hidden: int = 8\nargs = Args().parse_args()\nfit(args.lr, args.epochs, args.hidden)\n",
}  # fmt: skip


@pytest.mark.parametrize("name", PARSED)
def test_a_library_makes_flags_of_functions_and_classes(name: str) -> None:
    facts = facts_of({"train.py": PARSED[name]})
    assert training_parameters.check(facts).state is State.MET
    assert hyperparameters.check(facts).state is State.MET


def test_a_function_that_nothing_parses_has_defaults_in_the_code() -> None:
    facts = facts_of({"train.py": f"import tyro\n{FIT}{MAIN}main()\n"})
    assert training_parameters.check(facts).state is State.UNMET
    assert hyperparameters.check(facts).state is State.UNMET


def test_a_layer_is_given_what_the_environment_says_by_position() -> None:
    code = "from decouple import config\nfrom torch import nn\nimport torch\nmodel = nn.Linear(10, {})\nopt = torch.optim.Adam(model.parameters())\nopt.step()\nloss.backward()\n"
    given = facts_of({"train.py": code.format("config('HIDDEN', default=8, cast=int)")})
    assert hyperparameters.check(given).state is State.MET
    assert hyperparameters.check(facts_of({"train.py": code.format("8")})).state is State.UNMET


def test_what_the_command_line_is_merged_into_can_be_set() -> None:
    code = f"from omegaconf import OmegaConf\n{FIT}cfg = {{}}\nfit(cfg.lr, cfg.epochs, cfg.hidden)\n"
    files = {"config.yaml": "lr: 0.001\nepochs: 3\nhidden: 8\n"}
    merged = code.format("OmegaConf.merge(OmegaConf.load('config.yaml'), OmegaConf.from_cli())")
    assert training_parameters.check(facts_of({**files, "train.py": merged})).state is State.MET
    loaded = code.format("OmegaConf.load('config.yaml')")
    assert training_parameters.check(facts_of({**files, "train.py": loaded})).state is State.PARTIAL


def test_a_sweep_sets_what_a_run_begins_with() -> None:
    code = f"import wandb\n{FIT}run = wandb.init(config={{'lr': 1e-3, 'epochs': 3, 'hidden': 8}})\nfit(run.config.lr, run.config.epochs, run.config.hidden)\n"
    sweep = {"sweeps/a.yaml": "program: train.py\nmethod: random\nparameters:\n  lr: {min: 0.0001, max: 0.1}\n"}
    assert training_parameters.check(facts_of({"train.py": code, **sweep})).state is State.MET
    assert training_parameters.check(facts_of({"train.py": code})).state is not State.MET


def test_arguments_of_a_trainer_that_a_parser_reads_are_flags() -> None:
    code = "from transformers import HfArgumentParser, Trainer, TrainingArguments\n{}\nTrainer(model, args).train()\n"
    parsed = code.format("(args,) = HfArgumentParser((TrainingArguments,)).parse_args_into_dataclasses()")
    assert training_parameters.check(facts_of({"train.py": parsed})).state is State.MET
    written = code.format("args = TrainingArguments(learning_rate=1e-4)")
    assert training_parameters.check(facts_of({"train.py": written})).state is State.UNMET


@pytest.mark.parametrize("parser", ["tyro.cli", "draccus.parse", "chz.entrypoint", "jsonargparse.CLI"])
def test_fields_of_a_class_that_a_parser_is_given_are_flags_of_training_and_of_places(parser: str) -> None:
    library = parser.split(".", maxsplit=1)[0]
    fields = "class Config:\n    lr: float = 1e-3\n    url: str = 'https://tracking.acme.com'\n"
    used = (
        "import mlflow\nfrom sklearn.svm import SVC\nmlflow.set_tracking_uri(config.url)\nSVC(lr=config.lr).fit(x, y)\n"
    )
    code = f"import {library}\nimport dataclasses\n@dataclasses.dataclass\n{fields}config = {{}}\n{used}"
    parsed, made = (facts_of({"train.py": code.format(how)}) for how in (f"{parser}(Config)", "Config()"))
    assert model_registry.check(parsed).state is State.PARTIAL
    assert model_registry.check(made).state is State.UNMET
    assert training_parameters.check(parsed).state is State.MET
    assert training_parameters.check(made).state is not State.MET


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("flow.py", "HF_TOKEN_KEY = 'hf_token-Ab12Cd34'\n"),
        ("flow.py", "from flytekit import Secret\nWANDB_API_KEY = Secret(group='g', key='wandb_api_key-n5yPqE')\n"),
        ("app.py", "API_KEY_SECRET = 'prod/openai/api_key-4f2Gx9'\n"),
        ("a.yaml", "kind: ExternalSecret\nspec:\n  data:\n  - secretKey: OPENAI_API_KEY\n"),
        ("a.yaml", "kind: SealedSecret\nspec:\n  encryptedData:\n    api_key: AgBy3i4OJSWK+PiTySYZZA9rO43cGDEq8x2kLwz1Zp7m\n"),
        (".env.tpl", "DB_PASSWORD=op://vault/db/password\n"),
    ],
)  # fmt: skip
def test_the_name_of_a_secret_is_no_credential(path: str, content: str) -> None:
    assert secrets.check(facts_of({path: content})).state is State.MET


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("app.py", "API_KEY = 'q8Zx7Yw6Vu5Ts4Rr3Qp2On1Ml0'\n"),
        ("app.py", "TOKEN = 'token-q8Zx7Yw6Vu5Ts4Rr3Qp2On1Ml0'\n"),
        ("a.yaml", "kind: Secret\nstringData:\n  api_key: AgBy3i4OJSWK9PiTySYZZA9rO43cGDEq8x2kLwz1Zp7m\n"),
    ],
)
def test_a_credential_stays_one(path: str, content: str) -> None:
    assert secrets.check(facts_of({path: content})).state is State.UNMET


CLIENTS = {
    "faststream": ("from faststream.kafka import KafkaBroker\nKafkaBroker({})\n", queues),
    "quixstreams": ("from quixstreams import Application\nApplication(broker_address={})\n", queues),
    "taskiq": ("from taskiq_aio_pika import AioPikaBroker\nAioPikaBroker({})\n", queues),
    "taskiq_redis": ("from taskiq_redis import ListQueueBroker\nListQueueBroker({})\n", queues),
    "valkey": ("import valkey\nvalkey.from_url({})\n", databases),
    "polars": ("import polars as pl\npl.read_database_uri('SELECT 1', {})\n", databases),
    "arango": ("from arango import ArangoClient\nArangoClient(hosts={})\n", databases),
    "arq": ("from arq.connections import RedisSettings\nRedisSettings.from_dsn({})\n", queues),
    "rq": ("from redis import Redis\nfrom rq import Queue\nQueue(connection=Redis.from_url({}))\n", queues),
    "libsql": ("import libsql_client\nlibsql_client.create_client({})\n", databases),
    "awswrangler": ("import awswrangler as wr\nwr.s3.read_parquet({})\n", storage),
    "gcsfs": ("import gcsfs\ngcsfs.GCSFileSystem().open({})\n", storage),
    "cloudpathlib": ("from cloudpathlib import S3Path\nS3Path({}).read_text()\n", storage),
}


@pytest.mark.parametrize("name", CLIENTS)
def test_a_client_is_located_by_what_it_is_given(name: str) -> None:
    code, item = CLIENTS[name]
    given = facts_of({"a.py": "import os\n" + code.format("os.environ['PLACE']")})
    assert item.check(given).state is State.MET  # type: ignore[attr-defined]
    written = facts_of({"a.py": code.format("'s3://acme-data/x'" if name == "cloudpathlib" else "'redis://cache.acme.com:6379'")})  # fmt: skip
    assert item.check(written).state is State.UNMET  # type: ignore[attr-defined]


def test_profiles_of_dbt_and_stores_of_feast_are_databases() -> None:
    profile = "a:\n  outputs:\n    dev: {type: postgres, host: %s}\n"
    told = facts_of({"profiles.yml": profile % "\"{{ env_var('PGHOST') }}\""})
    assert databases.check(told).state is State.MET
    assert databases.check(facts_of({"profiles.yml": profile % "db.acme.com"})).state is State.PARTIAL
    store = facts_of({"feature_store.yaml": "online_store:\n  type: redis\n  connection_string: cache.acme.com:6379\n"})
    assert databases.check(store).state is State.PARTIAL


@pytest.mark.parametrize("name", ["picologging", "logfire"])
def test_loggers_that_are_configured_by_their_own_module_write_events(name: str) -> None:
    set_up = {"picologging": "basicConfig", "logfire": "configure"}[name]
    assert system_events.check(facts_of({"a.py": f"import {name}\n{name}.{set_up}()\n{name}.info('x')\n"})).state is State.MET  # fmt: skip


@pytest.mark.parametrize(
    ("path", "content"), [("drizzle.config.ts", "export default {}\n"), ("pyproject.toml", "[tool.aerich]\na = 'b'\n")]
)
def test_tools_that_keep_migrations_are_known(path: str, content: str) -> None:
    model = {"m.py": "from tortoise.models import Model\nfrom tortoise import fields\nclass A(Model):\n    id = fields.IntField(pk=True)\n"}  # fmt: skip
    assert migrations.check(facts_of({**model, path: content})).state is State.MET
    assert migrations.check(facts_of(model)).state is not State.MET


def test_a_made_up_secret_that_calls_itself_one_is_weak() -> None:
    assert (
        secrets.check(facts_of({".github/workflows/a.yml": "env:\n  JWT_SECRET: test_secret\n"})).state is State.PARTIAL
    )
