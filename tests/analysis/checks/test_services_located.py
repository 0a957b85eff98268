"""Where backing services are located: by modules of settings, by dictionaries, by an interface for everybody."""

from __future__ import annotations

import pytest

from apps.analysis.checks.backing_services import databases, model_registry, monitoring, queues, storage
from apps.analysis.checks.config import environment
from apps.catalog import State
from tests.analysis.making import facts_of

PRODUCER = (
    "from kafka import KafkaProducer\nfrom places import BROKER\nproducer = KafkaProducer(bootstrap_servers=BROKER)\n"
)
CONNECTS = "from sqlalchemy import create_engine\n\naccess = {{'user': 'app', 'host': {host}, 'port': 5432}}\nengine = create_engine(f\"postgresql://{{access['user']}}@{{access['host']}}:{{access['port']}}/x\")\n"


def test_a_module_that_only_holds_settings_is_a_tracked_file() -> None:
    held = facts_of({"places.py": "BROKER = 'kafka.acme.io:9092'\nTOPIC = 'rows'\n", "send.py": PRODUCER})
    written = facts_of({"send.py": PRODUCER.replace("=BROKER", "='kafka.acme.io:9092'")})
    assert queues.check(held).state is State.PARTIAL
    assert queues.check(written).state is State.UNMET


def test_a_module_named_for_settings_may_check_them() -> None:
    module = "BUCKET = 'acme-rows'\nREGION = 'eu'\n\n\ndef check():\n    assert BUCKET\n"
    reads = "import boto3\nfrom config import BUCKET\nboto3.client('s3').download_file(Bucket=BUCKET, Key='a', Filename='b')\n"
    assert storage.check(facts_of({"config.py": module, "load.py": reads})).state is State.PARTIAL


def test_a_local_path_is_one_in_a_module_of_settings_too() -> None:
    module = "ROWS = 'data/rows.csv'\nNAMES = 'data/names.csv'\n"
    facts = facts_of(
        {"config.py": module, "load.py": "import pandas as pd\nfrom config import ROWS\npd.read_csv(ROWS)\n"}
    )
    assert storage.check(facts).state is State.UNMET


@pytest.mark.parametrize(
    ("hosts", "state"),
    [
        (["os.getenv('DB_HOST')"], State.MET),
        (["'db.acme.io'"], State.UNMET),
        (["os.getenv('DB_HOST')", "'db.acme.io'"], State.PARTIAL),
    ],
)
def test_a_dictionary_locates_by_its_host(hosts: list[str], state: State) -> None:
    files: dict[str, str | bytes] = {
        f"load_{number}.py": "import os\n" + CONNECTS.format(host=host) for number, host in enumerate(hosts)
    }
    assert databases.check(facts_of(files)).state is state


def test_hbase_is_a_database() -> None:
    facts = facts_of({"read.py": "import happybase\nconnection = happybase.Connection('hbase.acme.io')\n"})
    assert databases.check(facts).state is State.UNMET


def test_a_vendors_interface_for_everybody_is_no_place_of_the_system() -> None:
    settings = "from pydantic_settings import BaseSettings\n\n\nclass Settings(BaseSettings):\n    redis_url: str = 'redis://redis:6379'\n    langfuse_host: str = 'https://cloud.langfuse.com'\n"
    traces = "from langfuse import Langfuse\nfrom settings import Settings\n\nsettings = Settings()\nclient = Langfuse(host=settings.langfuse_host)\n"
    facts = facts_of({"settings.py": settings, "trace.py": traces})
    assert monitoring.check(facts).state is State.MET
    assert environment.check(facts).state is State.MET


def test_experiments_of_vertex_are_a_tracker() -> None:
    run = "from google.cloud import aiplatform\n\naiplatform.init(project=PROJECT)\njob = aiplatform.PipelineJob(template_path='p.json')\njob.submit({experiment})\n"
    named = facts_of({"run.py": run.format(experiment="experiment='churn'")})
    assert model_registry.check(named).state is State.PARTIAL
    assert model_registry.check(facts_of({"run.py": run.format(experiment="")})).state is State.NA


def test_a_class_derived_from_one_of_a_hub_is_one() -> None:
    source = "from langchain_huggingface import HuggingFaceEmbeddings\n\n\nclass Words(HuggingFaceEmbeddings):\n    pass\n\n\nwords = Words(model_name='acme/words')\n"
    assert storage.check(facts_of({"store.py": source})).state is State.UNMET


def test_a_size_names_a_model_of_a_hub() -> None:
    source = "import os\nfrom faster_whisper import WhisperModel\nmodel = WhisperModel(model_size_or_path=os.getenv('SIZE', 'small'))\n"
    assert storage.check(facts_of({"app.py": source})).state is State.MET


def test_a_catalogue_of_kedro_is_a_tracked_file() -> None:
    catalogue = "rows:\n  type: pandas.CSVDataset\n  filepath: data/01_raw/rows.csv\n"
    facts = facts_of({"conf/base/catalog.yml": catalogue, "src/nodes.py": "import pandas as pd\n"})
    assert storage.check(facts).state is State.PARTIAL


@pytest.mark.parametrize("registry", ["databricks-uc", "databricks://our-profile", "databricks://scope:prefix"])
def test_the_registry_of_the_workspace_is_found_by_the_login(registry: str) -> None:
    logs = f"import mlflow\nmlflow.set_registry_uri('{registry}')\n"
    assert model_registry.check(facts_of({"train.py": logs})).state is State.MET


def test_an_address_of_a_monitor_in_a_tracked_file_is_partial() -> None:
    facts = facts_of(
        {"app.py": "import yaml\n", "config.yaml": "alerts:\n  slack_webhook: https://chat.acme.io/hook\n"}
    )
    assert monitoring.check(facts).state is State.PARTIAL


def test_a_tracker_that_the_code_switches_off_is_not_used() -> None:
    source = "import os\nimport wandb\nos.environ['WANDB_DISABLED'] = {value}\n"
    assert model_registry.check(facts_of({"train.py": source.format(value="'true'")})).state is State.NA
    assert model_registry.check(facts_of({"train.py": source.format(value="'false'")})).state is State.MET


def test_a_file_of_sqlite_that_a_workload_is_told_is_a_local_one() -> None:
    workload = (
        "apiVersion: apps/v1\nkind: Deployment\nspec:\n  template:\n    spec:\n      containers:\n"
        "        - {name: tracker, args: ['--store', '--uri=sqlite:///runs.db']}\n"
    )
    assert databases.check(facts_of({"deploy.yaml": workload})).state is State.UNMET


def test_a_network_of_the_repository_is_no_model_of_a_hub() -> None:
    network = "import torch.nn as nn\n\n\nclass Net(nn.Module):\n    pass\n\n\nnet = Net('resnet50')\n"
    assert storage.check(facts_of({"model.py": network})).state is State.NA


def test_a_program_that_fetches_is_no_module_of_settings() -> None:
    fetch = "import requests\nURL = 'http://10.1.2.3/a.csv'\ntext = requests.get('http://10.1.2.3/a.csv').text\n"
    assert storage.check(facts_of({"fetch.py": fetch})).state is State.UNMET


@pytest.mark.parametrize("argument", ["postgresql://db.acme.io/rows", "--rows=postgresql://db.acme.io/rows"])
def test_an_address_that_a_workload_is_given_is_attached(argument: str) -> None:
    workload = f"kind: Deployment\nspec:\n  template:\n    spec:\n      containers:\n      - image: acme/api:1\n        args: ['serve', '{argument}']\n"
    assert databases.check(facts_of({"k8s/api.yaml": workload})).state is State.MET


def test_what_a_function_of_a_module_of_settings_calls_with_is_written_into_the_code() -> None:
    module = (
        "import boto3\nA = 1\nB = 2\n\n\ndef send():\n    boto3.client('s3').upload_file('a.csv', 'acme-rows', 'a')\n"
    )
    assert storage.check(facts_of({"configure.py": module})).state is State.UNMET


def test_what_is_handed_to_a_pool_of_threads_is_no_experiment_of_vertex() -> None:
    pool = "from concurrent.futures import ThreadPoolExecutor\nThreadPoolExecutor().submit(run, experiment='a')\n"
    assert model_registry.check(facts_of({"run.py": pool})).state is State.NA


def test_a_chart_that_a_page_draws_is_none_that_a_deployment_installs() -> None:
    assert (
        monitoring.check(facts_of({"conf/page.yaml": "chart: prometheus\nrows:\n- chart: grafana\n"})).state is State.NA
    )


@pytest.mark.parametrize(
    ("code", "state"),
    [
        ("import caffe\nnet = caffe.Net(definition(), weights(), caffe.TEST)\n", State.PARTIAL),
        ("from sklearn.linear_model import Ridge\n\nRidge().fit(rows(), targets())\n", State.NA),
        ("def rows():\n    return []\n", State.NA),
    ],
)
def test_a_model_that_is_loaded_lies_somewhere(code: str, state: State) -> None:
    assert storage.check(facts_of({"run.py": code})).state is state


@pytest.mark.parametrize(
    ("load", "state"),
    [
        ("bentoml.xgboost.load_model('fares-model:latest')", State.PARTIAL),
        ("xgboost.Booster('fares-model.bin')", State.UNMET),
    ],
)
def test_the_tag_of_a_model_in_the_store_of_its_server_is_no_path(load: str, state: State) -> None:
    assert storage.check(facts_of({"service.py": f"import bentoml, xgboost\nmodel = {load}\n"})).state is state


@pytest.mark.parametrize(
    ("place", "state"),
    [
        ("os.environ.get('ROWS', 'http://localhost:4566/rows') + '/a.parquet'", State.MET),
        ("'http://localhost:4566/rows/a.parquet'", State.NA),
    ],
)
def test_a_store_on_this_machine_stands_in_for_the_one_that_a_run_is_given(place: str, state: State) -> None:
    code = f"import os\nimport pandas as pd\nrows = pd.read_parquet({place})\n"
    assert storage.check(facts_of({"load.py": code})).state is state


@pytest.mark.parametrize(
    ("default", "state"), [("gs://REPLACE_ME/rows", State.MET), ("gs://acme-prod-rows/rows", State.PARTIAL)]
)
def test_a_default_that_has_to_be_filled_in_names_no_place(default: str, state: State) -> None:
    code = f"from kfp import dsl\n\n@dsl.pipeline(name='a')\ndef flow(data_uri: str = '{default}'):\n    load(rows=data_uri)\n"
    facts = facts_of({"flow.py": code})
    assert [one.check(facts).state for one in (storage, environment)] == [state] * 2


DJANGO = (
    "import os\nif os.environ.get('DB_HOST'):\n    DATABASES = {{'default': {{\n        'ENGINE': 'django.db.backends.postgresql',\n        'HOST': os.environ['DB_HOST'],\n    }}}}\n"
    "else:\n\n\n\n\n\n\n    DATABASES = {{'default': {{\n        'ENGINE': 'django.db.backends.postgresql',\n        'HOST': {host},\n    }}}}\n"
)


@pytest.mark.parametrize(("host", "state"), [("'localhost'", State.MET), ("'db.acme.io'", State.PARTIAL)])
def test_a_database_of_this_machine_is_the_default_of_one_that_the_environment_gives(host: str, state: State) -> None:
    assert databases.check(facts_of({"site/settings.py": DJANGO.format(host=host)})).state is state


@pytest.mark.parametrize(
    ("place", "state"),
    [
        ("os.path.join(os.path.dirname(os.path.dirname(__file__)), 'data', 'rows.db')", State.UNMET),
        ("os.path.abspath(os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'rows.db'))", State.UNMET),
        ("os.path.join(os.path.join(os.environ['ROOT'], 'data'), 'rows.db')", State.MET),
        ("os.path.join(os.path.dirname(os.path.dirname(whole())), 'rows.db')", State.PARTIAL),
    ],
)
def test_a_folder_around_the_folder_of_the_code_is_a_place_in_the_code(place: str, state: State) -> None:
    code = f"import os, sqlite3\nfrom elsewhere import whole\nROWS = {place}\n\n\ndef rows():\n    return sqlite3.connect(ROWS)\n"
    found = databases.check(facts_of({"src/rows.py": code}))
    assert found.state is state, found.summary


@pytest.mark.parametrize(
    ("given", "state"),
    [
        ("storage='sqlite:///trials.db'", State.UNMET),
        ("storage=os.environ['TRIALS']", State.MET),
        ("direction='minimize'", State.NA),
    ],
)
def test_trials_that_a_search_stores_are_in_a_database(given: str, state: State) -> None:
    source = f"import os, optuna\nstudy = optuna.create_study({given})\nstudy.optimize(fit, n_trials=9)\n"
    assert databases.check(facts_of({"tune.py": source})).state is state
