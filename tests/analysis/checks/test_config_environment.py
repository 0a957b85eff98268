"""Settings of the environment in other languages, configuration files and frameworks."""

from __future__ import annotations

import pytest

from apps.analysis.checks.config import environment
from apps.catalog import State
from tests.analysis.making import facts_of

CONNECTS = "import psycopg2\n\npsycopg2.connect(host=HOST, dbname='x')\n"
HYDRA = (
    "import hydra\n\n@hydra.main(config_path='conf', config_name='config')\ndef main(cfg):\n    load(cfg.data_dir)\n"
)
EXPRESS = "const app = require('express')()\n"


@pytest.mark.parametrize(
    "read",
    [
        "from dagster import EnvVar\nHOST = EnvVar('DB_HOST')\n",
        "from prefect.blocks.system import String\nHOST = String.load('db-host').value\n",
        "from pydantic_settings import BaseSettings\nclass Base(BaseSettings):\n    debug: bool = False\n"
        "class Own(Base):\n    host: str = 'localhost'\nHOST = Own().host\n",
    ],
)
def test_readers_of_the_environment_are_met(read: str) -> None:
    assert environment.check(facts_of({"app.py": read + CONNECTS})).state is State.MET


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("server.js", EXPRESS + "const { PORT = 3000 } = process.env\napp.listen(PORT)\n"),
        (
            "main.go",
            'var addr = flag.String("addr", ":8080", "where")\nfunc main() { http.ListenAndServe(*addr, nil) }\n',
        ),
        ("Train.scala", "object Train { def main(args: Array[String]) = spark.read.parquet(args(0)) }\n"),
        ("train.R", "library(optparse)\no <- list(make_option('--input-dir', default = '/data/in'))\n"),
        ("job.py", "dbutils.widgets.text('catalog', 'dev')\nname = dbutils.widgets.get('catalog')\n"),
        ("run.py", "import sagemaker\n\nbucket = sagemaker.Session().default_bucket()\n"),
    ],
)
def test_flags_widgets_and_platforms_are_met(path: str, source: str) -> None:
    assert environment.check(facts_of({path: source})).state is State.MET


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("server.js", EXPRESS + "app.listen(3000)\n"),
        ("main.go", 'func main() { http.ListenAndServe(":8080", nil) }\n'),
        ("App.js", "const API_URL = 'https://churn.acme-prod.com'\nfetch(`${API_URL}/predict`)\n"),
        ("Train.scala", 'object Train { val frame = spark.read.parquet("hdfs://namenode:9000/data") }\n'),
        ("run.R", "library(plumber)\npr('api.R') |> pr_run(port = 8000)\n"),
        ("job.py", "frame = spark.read.parquet('dbfs:/FileStore/raw')\n"),
        ("worker.py", "from confluent_kafka import Consumer\nConsumer({'bootstrap.servers': 'kafka:9092'})\n"),
        ("server.py", "import grpc\n\nserver = grpc.server(pool)\nserver.add_insecure_port('[::]:50051')\n"),
        ("store.py", "from pymongo import MongoClient\n\nMongoClient('localhost', 27017)\n"),
        ("train.py", "import os\n\nos.environ['CUDA_VISIBLE_DEVICES'] = '1'\n"),
    ],
)
def test_literals_are_unmet(path: str, source: str) -> None:
    assert environment.check(facts_of({path: source})).state is State.UNMET


def test_a_bucket_that_a_call_names_is_fixed() -> None:
    source = "import os, boto3\n\nurl = os.environ['DB_URL']\ns3 = boto3.client('s3')\ns3.download_file('acme-prod', 'm', 'm')\n"
    found = environment.check(facts_of({"app.py": source}))
    assert found.state is State.PARTIAL
    assert "acme-prod" in found.summary


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (
            "src/main/resources/application.properties",
            "server.port=8080\nspring.datasource.url=jdbc:mysql://db.acme.io/ml\n",
        ),
        ("conf/base/catalog.yml", "companies:\n  filepath: s3://acme-raw/companies.csv\n"),
        ("profiles.yml", "x:\n  outputs:\n    dev:\n      project: acme-prod-1\n"),
        ("config.json", '{"subscription_id": "1b944a9b-fdae", "workspace_name": "ws-1"}'),
        ("src/environments/environment.prod.ts", "export const environment = { apiUrl: 'https://api.acme-ml.com' }\n"),
    ],
)
def test_tracked_configuration_is_partial(path: str, text: str) -> None:
    assert environment.check(facts_of({"train.py": "x = 1\n", path: text})).state is State.PARTIAL


@pytest.mark.parametrize(
    ("source", "text", "state"),
    [
        (HYDRA, "data_dir: /data/imagenet\n", State.MET),
        (HYDRA, "data_dir: s3://acme-prod/imagenet\n", State.PARTIAL),
        ("x = 1\n", "data_dir: ${oc.env:DATA_DIR}\n", State.MET),
    ],
)
def test_configuration_that_is_overridden(source: str, text: str, state: State) -> None:
    assert environment.check(facts_of({"train.py": source, "conf/config.yaml": text})).state is state


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("vite.config.ts", "export default { server: { port: 5173 } }\n"),
        (
            "App.jsx",
            "const docsUrl = 'https://docs.acme.com/start'\nexport default () => <a href='https://www.acme.com'>x</a>\n",
        ),
        ("api.js", "fetch('https://api.open.com/v1?at=1')\n"),
        ("train.py", '"""See http://10.2.3.4/docs and /home/ann/readme."""\n# /home/ann/data\nx = 1\n'),
    ],
)
def test_links_tools_and_comments_are_no_settings(path: str, source: str) -> None:
    assert environment.check(facts_of({path: source})).state is State.NA


READS = "import os\n\nhost = os.environ['DB_HOST']\n"


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("scripts/setup.sh", "zenml stack register prod --store s3://acme-models\n"),
        ("scripts/run.sh", "cd /home/ann/projects/churn && python train.py\n"),
        ("Dockerfile", "FROM python:3.11\nRUN dvc remote add -d store s3://acme-models/trained\n"),
        ("app.py", "from flask import Flask\n\napp = Flask(__name__)\napp.run(port=5001)\n"),
        ("api.js", "const base = window.location.hostname === 'www.acme.io' ? '/a' : process.env.API\n"),
        ("track.py", "import mlflow\n\nmlflow.set_tracking_uri('https://mlflow.acme.io/')\n"),
        (".dvc/config", "['remote \"store\"']\n    url = s3://acme-models/dvc\n"),
        ("configs/train.yaml", "image_root: /export/share/coco/images\n"),
        ("config-infra-prod.yml", "variables:\n  location: westeurope\n"),
    ],
)
def test_what_scripts_servers_and_files_fix_beside_is_partial(path: str, text: str) -> None:
    assert environment.check(facts_of({"settings.py": READS, path: text})).state is State.PARTIAL


def test_a_file_for_each_environment_is_partial() -> None:
    files = {f"conf/{name}.yaml": f"experiment: /Shared/churn-{name}\n" for name in ("dev", "prod")}
    found = environment.check(facts_of({"train.py": HYDRA, **files}))
    assert found.state is State.PARTIAL
    assert "/Shared/churn-prod" in found.summary


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("setup.sh", "curl -O https://repo.anaconda.com/miniconda.sh\nping 8.8.8.8\ncd /home/ubuntu/app\n"),
        ("Dockerfile", "FROM python:3.8-slim\nRUN pip install mujoco_py==1.50.1.56 'physics>=2.0.2.10'\n"),
        ("airflow/config/airflow.cfg", "[core]\ndags_folder = /opt/airflow/dags\n"),
        ("src/main/resources/application.properties", "server.port=8080\n"),
        ("configs/logger/wandb.yaml", "project: churn-2024\n"),
        ("configs/product.yaml", "path: /api/v1/predict\n"),
        ("call.py", "import requests\n\nrequests.get('https://api.openrouter.ai/v1/models')\n"),
        ("track.py", "import wandb\n\nwandb.init(project='U-Net')\n"),
        (
            "asked.py",
            "from pydantic import Field\n\nsite = Field(\n    ...,\n    example='https://shop.acme.xy/a',\n)\n",
        ),
        (
            "output.txt",
            'Traceback:\n  File "C:\\\\Users\\\\ann\\\\shop\\\\a.py", line 3\nroot = "C:\\\\Users\\\\ann\\\\shop"\n',
        ),
    ],
)
def test_what_is_the_same_everywhere_fixes_nothing(path: str, text: str) -> None:
    assert environment.check(facts_of({"settings.py": READS, path: text})).state is State.MET


def test_flags_for_files_of_the_repository_are_no_settings() -> None:
    flags = "import argparse\n\np = argparse.ArgumentParser()\np.add_argument('--data', default='data/train.csv')\n"
    assert environment.check(facts_of({"train.py": flags})).state is State.NA
    placed = flags + "p.add_argument('--device', default='cuda:0')\n"
    assert environment.check(facts_of({"train.py": placed})).state is State.MET


def test_an_address_whose_host_a_setting_gives_is_met() -> None:
    source = "import os, requests\n\nHOST = os.environ.get('HOST')\nrequests.get(f'http://{HOST}:8000/predict')\n"
    assert environment.check(facts_of({"app.py": source})).state is State.MET


def test_examples_of_a_system_in_typescript_do_not_count() -> None:
    files = {
        "server.ts": "app.listen(process.env.PORT)\n",
        "examples/call.ts": "fetch('https://churn.acme-prod.com')\n",
    }
    assert environment.check(facts_of(files)).state is State.MET


SERVES = "import os\nHOST = os.environ['DB_HOST']\n"


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (
            "k8s/app-config.yaml",
            "apiVersion: v1\nkind: ConfigMap\ndata:\n  url: http://model.prod.acme.com\n  port: '80'\n",
        ),
        ("charts/values-production.yaml", "mlflow:\n  bucket: acme-models-1\n  region: us-west-2\n"),
        ("environments/prod.tfvars.json", '{"region": "us-east-1"}\n'),
        ("config/serve.yaml", "host: 0.0.0.0\n"),
        ("download_data.py", "import wget\nwget.download('https://cloud.university.edu.xy/d/e1c/files/')\n"),
        (
            "train.py",
            "import argparse, os\np = argparse.ArgumentParser()\n"
            "p.add_argument('--base_dir', default=os.path.expanduser('~/speech'))\n",
        ),
        (
            "track.py",
            "import os\nWEAVE_PROJECT = 'acme-rag-evaluation'\nname = os.getenv('LANGSMITH_PROJECT', 'acme-rag-1')\n",
        ),
        ("login.py", "SCOPE = 'https://cognitiveservices.azure.com/.default'\n"),
        ("db.py", "url = f'postgresql+psycopg2://{user}:{password}@{HOST}:{port}/{name}'\n"),
        ("frontend/vite.config.ts", "export default { server: { proxy: { '/api': 'http://localhost:8000' } } }\n"),
        ("shop/settings.py", "MEDIA_URL = '/media/'\nALLOWED_HOSTS = ['*']\n"),
    ],
)
def test_what_no_environment_has_elsewhere_fixes_nothing_beside_what_is_read(path: str, text: str) -> None:
    assert environment.check(facts_of({"app.py": SERVES, path: text})).state is State.MET


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("config.py", "MODEL_PATH = '/usr/app/static/model/'\n"),
        ("shop/settings.py", "ALLOWED_HOSTS = ['shop.acme.com']\n"),
        ("download_data.py", "import wget\nwget.download('https://acme-data.s3.eu-west-1.amazonaws.com/train')\n"),
    ],
)
def test_what_each_environment_has_elsewhere_is_fixed(path: str, text: str) -> None:
    assert environment.check(facts_of({"app.py": SERVES, path: text})).state is State.PARTIAL
    assert environment.check(facts_of({path: text})).state is State.UNMET


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("src/router/index.js", "const router = createRouter({ base: process.env.BASE_URL })\n"),
        ("shop/wsgi.py", "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'shop.settings')\n"),
    ],
)
def test_what_frameworks_read_of_themselves_is_no_setting(path: str, text: str) -> None:
    assert environment.check(facts_of({path: text})).state is State.NA


def test_values_of_an_object_that_the_command_line_overrides_can_be_set() -> None:
    text = "from tf import HParams\n\ndef make(args):\n    hparams = HParams(\n        epochs=5,\n        dist_url='tcp://localhost:54321',\n    )\n    hparams.parse(args.hparams)\n"
    assert environment.check(facts_of({"hparams.py": text})).state is State.MET


def test_a_flag_that_says_how_much_is_told_is_no_setting_of_the_environment() -> None:
    flags = "import argparse\nparser = argparse.ArgumentParser()\nparser.add_argument('--debug', type=bool)\n"
    assert environment.check(facts_of({"train.py": flags})).state is State.NA


def test_entries_of_a_field_of_settings_are_overridden_with_it() -> None:
    settings = (
        "from pydantic_settings import BaseSettings\n\n\nclass Settings(BaseSettings):\n    HOST: str = 'localhost'\n"
        "    PAGES: dict = {'dev': 'http://localhost:8000', 'prod': 'https://example.com'}\n"
    )
    assert environment.check(facts_of({"settings.py": settings})).state is State.MET


def test_a_local_address_in_a_file_that_a_flag_chooses_is_a_default() -> None:
    train = (
        "import argparse, json\nparser = argparse.ArgumentParser()\nparser.add_argument('--config', default='small.json')\n"
        "parser.add_argument('--output_dir', default='/data/out')\nargs = parser.parse_args()\nchosen = json.load(open(args.config))\n"
    )
    files: dict[str, str | bytes] = {"config_small.json": '{"dist_url": "tcp://localhost:54321"}', "train.py": train}
    assert environment.check(facts_of(files)).state is State.MET


def test_a_key_or_the_platform_that_is_asked_for_sets_no_place() -> None:
    asks = "import os\nkey = os.getenv('OPENAI_API')\nhere = os.getenv('KAGGLE_KERNEL_RUN_TYPE')\nrows = open('/home/alice/rows.csv')\n"
    assert environment.check(facts_of({"app.py": asks})).state is State.UNMET


def test_an_address_of_a_service_that_is_asked_for_is_a_setting() -> None:
    asks = "import os, requests\nrequests.get(os.environ['BACKEND_API'])\n"
    assert environment.check(facts_of({"app.py": asks})).state is State.MET


TAKES_A_FOLDER = (
    "import argparse\n\np = argparse.ArgumentParser()\np.add_argument('--data', required=True)\nargs = p.parse_args()\n"
)


@pytest.mark.parametrize(
    "beside",
    [
        {"run.sh": "python train.py --data /home/jane/images\n"},
        {"train.slurm": "#SBATCH --gres=gpu:1\npython train.py --data /scratch/jane/images\n"},
        {"evaluate.py": "import torch\n\nmodel = torch.load('/home/jane/model.pt')\n"},
    ],
)
def test_a_folder_of_one_machine_beside_a_flag_for_it_is_partial(beside: dict[str, str]) -> None:
    assert environment.check(facts_of({"train.py": TAKES_A_FOLDER, **beside})).state is State.PARTIAL
    assert environment.check(facts_of({"train.py": "print(1)\n", **beside})).state is State.UNMET
    optional = TAKES_A_FOLDER.replace("required=True", "default='data'")
    assert environment.check(facts_of({"train.py": optional, **beside})).state is State.UNMET


def test_a_flag_for_a_folder_alone_sets_nothing_of_an_environment() -> None:
    files = {"train.py": TAKES_A_FOLDER, "run.sh": "python train.py --data data/images\n"}
    assert environment.check(facts_of(files)).state is State.NA


def test_a_public_data_set_is_fetched_from_the_same_place_everywhere() -> None:
    fetch = "import tensorflow as tf\n\nrows = tf.keras.datasets.fashion_mnist.load_data()\n"
    assert environment.check(facts_of({"train.py": fetch})).state is State.NA


def test_a_place_from_a_file_is_told_by_its_name() -> None:
    code = "import yaml\nfrom ops import Deploy\ncfg = yaml.safe_load(open('config.yaml'))\nPROJECT = cfg['project']\nDeploy(project=PROJECT)\n"
    assert "``" not in environment.check(facts_of({"flow.py": code, "config.yaml": "project: acme-prod\n"})).summary
