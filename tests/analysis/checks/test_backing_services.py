"""Factor 4: which services are used, and how each of them is located."""

from __future__ import annotations

import json

import pytest

from apps.analysis.checks.backing_services import databases, model_registry, monitoring, queues, storage
from apps.catalog import State
from tests.analysis.making import facts_of

NOTHING = {"train.py": "print('hello')\n"}


class TestDatabases:
    def test_none_is_na(self) -> None:
        assert databases.check(facts_of(NOTHING)).state is State.NA

    @pytest.mark.parametrize(
        "source",
        [
            "import os, psycopg2\npsycopg2.connect(os.environ['DATABASE_URL'])\n",
            "import os, psycopg2\npsycopg2.connect(host=os.getenv('DB_HOST', 'localhost'), password=os.getenv('DB_PASSWORD'))\n",
            "import os\nfrom qdrant_client import QdrantClient\nQdrantClient(url=os.getenv('QDRANT_URL', 'http://localhost:6333'))\n",
            "from airflow.providers.postgres.hooks.postgres import PostgresHook\nPostgresHook(postgres_conn_id='warehouse')\n",
            "from google.cloud import bigquery\nbigquery.Client()\n",
            "from google.cloud import bigquery\nbigquery.Client().list_rows(f'{project}.shop.orders')\n",
            "import os, psycopg2\nplace = {'host': os.getenv('DB_HOST'), 'port': 5432}\npsycopg2.connect(**place)\n",
        ],
    )
    def test_an_address_from_the_environment_is_met(self, source: str) -> None:
        assert databases.check(facts_of({"store.py": source})).state is State.MET

    @pytest.mark.parametrize(
        "source",
        [
            "import psycopg2\npsycopg2.connect(host='10.1.2.3', dbname='x')\n",
            "import sqlite3\nsqlite3.connect('app.db')\n",
            "from langchain_chroma import Chroma\nFOLDER = 'chroma'\nChroma(persist_directory=FOLDER)\n",
            "from sqlalchemy import create_engine\nURL = 'postgresql://db.example.org/x'\nengine = create_engine(URL)\n",
            "import redis\nredis.Redis()\n",
            "from google.cloud import bigquery\ntable = f'shop-prod.orders.{name}'\nbigquery.Client().list_rows(table)\n",
            "import psycopg2\nplace = {'host': '10.1.2.3', 'port': 5432}\npsycopg2.connect(**place)\n",
        ],
    )
    def test_an_address_or_a_file_in_the_code_is_unmet(self, source: str) -> None:
        found = databases.check(facts_of({"store.py": source}))
        assert found.state is State.UNMET
        assert found.evidence[0].path == "store.py"

    def test_a_default_that_names_a_production_host_is_partial(self) -> None:
        source = "import os, psycopg2\npsycopg2.connect(os.getenv('DB', 'postgresql://db.prod.acme.io/x'))\n"
        assert databases.check(facts_of({"store.py": source})).state is State.PARTIAL

    def test_an_address_in_a_tracked_config_file_is_partial(self) -> None:
        source = "import yaml, psycopg2\ncfg = yaml.safe_load(open('config.yml'))\npsycopg2.connect(cfg['db'])\n"
        assert databases.check(facts_of({"store.py": source, "config.yml": "db: x\n"})).state is State.PARTIAL

    def test_what_only_a_notebook_opens_does_not_count_beside_code_that_runs(self) -> None:
        cell = {"cell_type": "code", "source": "import sqlite3\nimport config\nsqlite3.connect(config.STORE)"}
        files = {
            "config.py": "STORE = 'data/app.db'\n",
            "look.ipynb": json.dumps({"nbformat": 4, "cells": [cell]}),
            "store.py": "import os, psycopg2\npsycopg2.connect(os.environ['DATABASE_URL'])\n",
        }
        assert databases.check(facts_of(files)).state is State.MET

    def test_one_of_two_services_in_the_code_is_partial(self) -> None:
        source = "import os, redis, sqlite3\nredis.from_url(os.environ['REDIS_URL'])\nsqlite3.connect('app.db')\n"
        assert databases.check(facts_of({"store.py": source})).state is State.PARTIAL

    def test_a_database_in_memory_is_no_service(self) -> None:
        source = "import sqlite3\nsqlite3.connect(':memory:')\n"
        assert databases.check(facts_of({"store.py": source})).state is State.NA

    def test_settings_of_the_jvm_with_a_local_fallback_are_met(self) -> None:
        properties = "spring.datasource.url=${DB_URL:jdbc:postgresql://localhost:5432/x}\n"
        assert databases.check(facts_of({"src/main/resources/application.properties": properties})).state is State.MET

    def test_a_class_of_the_repository_with_a_clients_name_is_no_client(self) -> None:
        source = "class Chroma:\n    pass\n\n\nfrom stores import Chroma\nChroma(persist_directory='x')\n"
        assert databases.check(facts_of({"stores.py": source})).state is State.NA


class TestStorage:
    def test_none_is_na(self) -> None:
        assert storage.check(facts_of(NOTHING)).state is State.NA

    def test_a_bucket_from_the_environment_is_met(self) -> None:
        source = "import boto3, os\nboto3.client('s3').download_file(os.environ['BUCKET'], 'a.csv', '/tmp/a.csv')\n"
        assert storage.check(facts_of({"data.py": source})).state is State.MET

    def test_a_hub_id_as_the_default_of_a_flag_is_met(self) -> None:
        source = (
            "import argparse\nfrom transformers import AutoModel\nparser = argparse.ArgumentParser()\n"
            "parser.add_argument('--model', default='bert-base-uncased')\nargs = parser.parse_args()\n"
            "AutoModel.from_pretrained(args.model)\n"
        )
        assert storage.check(facts_of({"load.py": source})).state is State.MET

    @pytest.mark.parametrize(
        "source",
        [
            "import sys\nimport pandas as pd\nframe = pd.read_csv(sys.argv[1])\n",
            "import os, joblib\nmodel = joblib.load(os.environ['MODEL_PATH'])\n",
            "import yaml, boto3\ncfg = yaml.safe_load(open('c.yml'))\nboto3.resource('s3').Bucket(cfg['bucket'])\n",
        ],
    )
    def test_given_local_paths_and_buckets_of_a_config_file_are_partial(self, source: str) -> None:
        assert storage.check(facts_of({"data.py": source})).state is State.PARTIAL

    @pytest.mark.parametrize(
        "source",
        [
            "import pandas as pd\nframe = pd.read_csv('data/train.csv')\n",
            "import pickle\nwith open('model.pkl', 'rb') as f:\n    model = pickle.load(f)\n",
            "from transformers import AutoModel\nAutoModel.from_pretrained('bert-base-uncased')\n",
            "from torchvision import datasets\ndatasets.CIFAR10(root='./data', train=True)\n",
            "from urllib.request import urlretrieve\nurlretrieve('https://example.org/model.onnx', 'model.onnx')\n",
            "import joblib\nfrom pathlib import Path\nDIR = Path(__file__).parent.parent / 'models'\njoblib.load(DIR / 'a.pkl')\n",
        ],
    )
    def test_paths_and_addresses_in_the_code_are_unmet(self, source: str) -> None:
        assert storage.check(facts_of({"data.py": source})).state is State.UNMET

    @pytest.mark.parametrize(
        "source",
        [
            "import streamlit as st\nimport pandas as pd\nuploaded = st.file_uploader('a')\npd.read_csv(uploaded)\n",
            "import boto3\ndef load(bucket):\n    bucket.download_file('data/a.csv', 'a.csv')\n",
        ],
    )
    def test_uploads_and_keys_in_a_bucket_locate_nothing(self, source: str) -> None:
        assert storage.check(facts_of({"data.py": source})).state is State.NA

    def test_data_that_a_job_of_azure_is_handed_is_met(self) -> None:
        job = "$schema: https://azuremlschemas.azureedge.net/latest/pipelineJob.schema.json\ninputs:\n  raw:\n    path: azureml:trips@latest\n"
        source = "import sys\nimport pandas as pd\npd.read_csv(sys.argv[1])\n"
        assert storage.check(facts_of({"prep.py": source, "job.yml": job})).state is State.MET

    def test_data_that_r_reads_from_a_path_in_the_code_is_unmet(self) -> None:
        assert storage.check(facts_of({"model.R": "d <- read.csv('data/churn.csv')\n"})).state is State.UNMET

    def test_a_request_to_an_interface_is_no_download(self) -> None:
        source = "import requests\nrequests.get('https://api.example.org/v1/weather')\n"
        assert storage.check(facts_of({"weather.py": source})).state is State.NA


class TestModelRegistry:
    def test_none_is_na(self) -> None:
        assert model_registry.check(facts_of(NOTHING)).state is State.NA

    def test_a_tracking_address_from_the_environment_is_met(self) -> None:
        source = "import mlflow, os\nmlflow.set_tracking_uri(os.environ['MLFLOW_TRACKING_URI'])\n"
        assert model_registry.check(facts_of({"train.py": source})).state is State.MET

    def test_a_hosted_tracker_that_reads_its_own_environment_is_met(self) -> None:
        assert model_registry.check(facts_of({"train.py": "import wandb\nwandb.init()\n"})).state is State.MET

    def test_a_literal_project_is_partial(self) -> None:
        source = "import wandb\nwandb.init(project='churn', entity='us')\n"
        assert model_registry.check(facts_of({"train.py": source})).state is State.PARTIAL

    def test_a_client_that_is_left_to_its_environment_is_met(self) -> None:
        source = "import mlflow\nmlflow.log_metric('loss', 1.0)\n"
        assert model_registry.check(facts_of({"train.py": source})).state is State.MET

    def test_a_tracking_address_in_the_code_is_unmet(self) -> None:
        source = "import mlflow\nmlflow.set_tracking_uri('http://10.0.0.7:5000')\n"
        assert model_registry.check(facts_of({"train.py": source})).state is State.UNMET

    def test_a_folder_of_this_machine_is_unmet_though_a_part_of_it_is_given(self) -> None:
        source = (
            "import mlflow, os\nfrom pathlib import Path\nROOT = Path(f\"/efs/shared/{os.environ.get('USER', '')}\")\n"
            "STORE = Path(ROOT, 'mlflow')\nmlflow.set_tracking_uri('file://' + str(STORE.absolute()))\n"
        )
        assert model_registry.check(facts_of({"train.py": source})).state is State.UNMET


class TestQueues:
    def test_none_is_na(self) -> None:
        assert queues.check(facts_of(NOTHING)).state is State.NA

    def test_a_broker_from_the_environment_is_met(self) -> None:
        source = "import os\nfrom celery import Celery\napp = Celery('x', broker=os.environ['BROKER_URL'])\n"
        assert queues.check(facts_of({"worker.py": source})).state is State.MET

    def test_a_broker_in_a_config_file_is_partial(self) -> None:
        source = "import yaml\nfrom kafka import KafkaProducer\ncfg = yaml.safe_load(open('c.yml'))\nKafkaProducer(bootstrap_servers=cfg['kafka'])\n"
        assert queues.check(facts_of({"send.py": source})).state is State.PARTIAL

    def test_a_broker_in_the_code_is_unmet(self) -> None:
        source = "from kafka import KafkaProducer\nKafkaProducer(bootstrap_servers='kafka:9092')\n"
        assert queues.check(facts_of({"send.py": source})).state is State.UNMET

    def test_a_topic_that_terraform_makes_is_met(self) -> None:
        block = 'resource "google_pubsub_topic" "events" {\n  name = var.topic\n}\n'
        assert queues.check(facts_of({"main.tf": block})).state is State.MET

    def test_a_project_with_a_particular_fallback_is_partial(self) -> None:
        source = (
            "import os\nfrom google.cloud import pubsub_v1\nclient = pubsub_v1.PublisherClient()\n"
            "client.topic_path(os.getenv('PROJECT', 'acme-production'), os.environ['TOPIC'])\n"
        )
        assert queues.check(facts_of({"send.py": source})).state is State.PARTIAL


class TestMonitoring:
    def test_none_is_na(self) -> None:
        assert monitoring.check(facts_of(NOTHING)).state is State.NA

    def test_an_address_from_the_environment_is_met(self) -> None:
        source = "import os, sentry_sdk\nsentry_sdk.init(dsn=os.getenv('SENTRY_DSN'))\n"
        assert monitoring.check(facts_of({"app.py": source})).state is State.MET

    def test_a_pull_endpoint_is_met_whoever_scrapes_it(self) -> None:
        source = "from prometheus_client import start_http_server\nstart_http_server(8000)\n"
        scraper = {"prometheus/prometheus.yml": "scrape_configs:\n  - job_name: api\n"}
        assert monitoring.check(facts_of({"app.py": source})).state is State.MET
        assert monitoring.check(facts_of({"app.py": source} | scraper)).state is State.MET

    def test_an_address_in_the_code_is_unmet(self) -> None:
        source = "import sentry_sdk\nsentry_sdk.init(dsn='https://abc@o1.ingest.sentry.io/2')\n"
        assert monitoring.check(facts_of({"app.py": source})).state is State.UNMET


class TestWhatIsTrackedBesideTheCode:
    def test_a_remote_of_dvc_is_the_storage_behind_local_paths(self) -> None:
        files = {
            "train.py": "import pandas as pd\npd.read_csv('data/train.csv')\n",
            ".dvc/config": "[core]\n    remote = store\n['remote \"store\"']\n    url = s3://bucket/data\n",
        }
        found = storage.check(facts_of(files))
        assert found.state is State.PARTIAL
        assert ".dvc/config" in {place.path for place in found.evidence}

    def test_variables_of_a_pipeline_of_ci_are_no_settings_file_of_the_app(self) -> None:
        files = {
            "train.py": "import os\nfrom azureml.core import Datastore\nDatastore.get(ws, os.environ['DATASTORE_NAME'])\n",
            "configuration/prod.variables.yml": "variables:\n  STORAGE_BUCKET: data\n",
        }
        assert storage.check(facts_of(files)).state is State.MET

    def test_a_literal_group_of_the_sagemaker_registry_is_partial(self) -> None:
        files = {"pipeline.py": "model.register(model_package_group_name='churn')\n"}
        assert model_registry.check(facts_of(files)).state is State.PARTIAL

    def test_a_registry_of_plugins_is_no_model_registry(self) -> None:
        assert model_registry.check(facts_of({"app.py": "plugins.register('a')\n"})).state is State.NA

    @pytest.mark.parametrize(
        ("source", "state"),
        [
            (
                "import os, mlflow\nif not os.environ.get('MLFLOW_TRACKING_URI'):\n    mlflow.set_tracking_uri('sqlite:///mlflow.db')\n",
                State.MET,
            ),
            (
                "import os, mlflow\nif not os.environ.get('MLFLOW_TRACKING_URI'):\n    mlflow.set_tracking_uri('https://mlflow.acme.io')\n",
                State.PARTIAL,
            ),
            (
                "import os, mlflow\ndef track(uri):\n    mlflow.set_tracking_uri(uri)\ntrack('http://10.1.2.3:5000')\ntrack(os.environ['MLFLOW_TRACKING_URI'])\n",
                State.PARTIAL,
            ),
            (
                "import mlflow\nif known:\n    mlflow.set_tracking_uri(credentials.host)\nelse:\n    mlflow.set_tracking_uri('http://mlflow:5000')\n",
                State.PARTIAL,
            ),
            (
                "import os\nfrom azure.ai.ml import MLClient\nMLClient(credential, os.environ['SUB'], os.environ['GROUP'], os.environ['ML'])\n",
                State.MET,
            ),
            (
                "from zenml import Model, pipeline\n@pipeline(model=Model(name='churn'))\ndef train():\n    pass\n",
                State.MET,
            ),
            (
                "from zenml.client import Client\ntracker = Client().active_stack.experiment_tracker\ntracker.configure_mlflow()\n",
                State.MET,
            ),
        ],
        ids=["local default", "default elsewhere", "two callers", "two branches", "workspace", "stack", "its tracker"],
    )
    def test_a_tracker_is_judged_by_all_that_locates_it(self, source: str, state: State) -> None:
        assert model_registry.check(facts_of({"track.py": source})).state is state

    def test_a_live_log_of_dvc_in_a_literal_folder_is_partial(self) -> None:
        files = {"evaluate.py": "from dvclive import Live\nwith Live('eval') as live:\n    live.log_metric('auc', 1)\n"}
        assert model_registry.check(facts_of(files)).state is State.PARTIAL

    def test_the_workflow_that_sets_a_services_variable_is_shown(self) -> None:
        files = {
            "app.py": "import sentry_sdk\nsentry_sdk.init()\n",
            ".github/workflows/deploy.yml": "jobs:\n  deploy:\n    env:\n      SENTRY_DSN: ${{ secrets.SENTRY_DSN }}\n",
        }
        found = monitoring.check(facts_of(files))
        assert [place.path for place in found.evidence] == ["app.py", ".github/workflows/deploy.yml"]

    def test_a_settings_file_that_names_the_data_folder_is_partial(self) -> None:
        files = {"settings.yaml": "data:\n  local_data_path: local_data/app\n", "app.py": "print('hello')\n"}
        assert storage.check(facts_of(files)).state is State.PARTIAL


def test_an_image_that_only_adds_settings_to_that_of_a_service_is_one() -> None:
    image = "FROM otel/opentelemetry-collector-contrib:0.91.0\nCOPY config.yaml /etc/otelcol/config.yaml\n"
    assert monitoring.check(facts_of({"collector/Dockerfile": image})).state is State.MET


def test_the_broker_that_a_deployment_gives_to_the_workers_of_an_image_is_a_queue() -> None:
    compose = "x-common:\n  environment:\n    AIRFLOW__CORE__EXECUTOR: CeleryExecutor\n    AIRFLOW__CELERY__BROKER_URL: redis://redis:6379/0\nservices:\n  redis:\n    image: redis:7\n"
    assert queues.check(facts_of({"docker-compose.yml": compose})).state is State.MET


def test_what_is_read_from_memory_is_no_storage() -> None:
    source = "import csv\nfrom io import StringIO\n\n\ndef rows(text):\n    return list(csv.reader(StringIO(text)))\n"
    assert storage.check(facts_of({"rows.py": source})).state is State.NA


class TestWhatLocatesNothing:
    @pytest.mark.parametrize(
        "source",
        [
            "import mlflow\nmodel = mlflow.pyfunc.load_model(f'models:/{name}/Production')\n",
            "import pandas as pd\ndef read(file):\n    return pd.read_csv(file.file)\n",
            "import pandas as pd, streamlit as st\ntable = st.file_uploader('Choose a file')\npd.read_csv(table)\n",
            "where = 's3://{}/{}/reports'.format(bucket, prefix)\n",
            "import re\nOF_S3 = re.compile('s3://(?P<bucket>.+)/(?P<key>.*)')\n",
            "import boto3\nboto3.client('s3').generate_presigned_url('get_object', Params=p)\n",
        ],
    )
    def test_names_in_registries_uploads_and_forms_of_addresses_are_no_storage(self, source: str) -> None:
        assert storage.check(facts_of({"app.py": source})).state is State.NA

    def test_values_that_terraform_is_given_are_no_file_that_code_reads(self) -> None:
        values = {"environments/prod.tfvars.json": '{"model_artifacts_bucket": "acme-models"}\n'}
        assert storage.check(facts_of(values)).state is State.NA

    def test_a_project_that_only_runs_pipelines_is_no_registry(self) -> None:
        runs = "from google.cloud import aiplatform\naiplatform.init(project='acme-1')\n"
        assert model_registry.check(facts_of({"run.py": runs})).state is State.NA
        found = model_registry.check(facts_of({"run.py": f"{runs}aiplatform.Model.upload(display_name='m')\n"}))
        assert found.state is State.PARTIAL


def test_weave_is_an_experiment_tracker() -> None:
    traced = "import os, weave\nweave.init(os.environ['PROJECT'])\n"
    assert model_registry.check(facts_of({"evaluate.py": traced})).state is State.MET


def test_figures_that_go_offers_and_values_of_a_chart_are_monitoring() -> None:
    handler = 'package main\n\nimport (\n\t"net/http"\n\t"github.com/prometheus/client_golang/prometheus/promhttp"\n)\n'
    assert monitoring.check(facts_of({"main.go": handler})).state is State.MET
    assert monitoring.check(facts_of({"main.go": handler, "prometheus.yml": "scrape_configs: []\n"})).state is State.MET
    values = {"k8s/kube-prometheus-stack-values.yaml": "grafana:\n  enabled: true\n"}
    assert monitoring.check(facts_of(values)).state is State.MET
