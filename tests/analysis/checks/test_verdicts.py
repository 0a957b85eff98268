"""Verdicts that were once false, each by the least that shows it: `item`, the files, and what a careful reader says."""

from __future__ import annotations

import json

import pytest

from apps.analysis import checks
from apps.catalog import State
from tests.analysis.making import facts_of

MET, PARTIAL, UNMET, NA, UNKNOWN = State.MET, State.PARTIAL, State.UNMET, State.NA, State.UNKNOWN

LOGGER = "import logging\nlogging.basicConfig(level='INFO')\nlogger = logging.getLogger(__name__)\n"
SPACY = (
    "import spacy\nnlp = spacy.blank('en')\noptimizer = nlp.initialize()\nlosses = {}\nfor example in examples:\n"
    "    nlp.update([example], sgd=optimizer, losses=losses)\n    print(losses)\n"
)
FLASK = "from flask import Flask\napp = Flask(__name__)\n"
UWSGI = 'FROM python:3.11\nCOPY . .\nCMD ["uwsgi", "--ini", "uwsgi.ini"]\n'
GPT2 = "from transformers import GPT2LMHeadModel\nmodel = GPT2LMHeadModel.from_pretrained('gpt2')\n"
SUMMARIES = (
    "from transformers import pipeline\n\n\nclass Model:\n    def __init__(self, name, task):\n"
    "        self.model = pipeline(task, model=name)\n\n\nclass Short(Model):\n    def __init__(self):\n"
    "        super().__init__(name='t5-small', task='summarization')\n"
)
INIDB = (
    "services:\n  db:\n    image: postgres:16\n    volumes:\n      - ./init.sql:/docker-entrypoint-initdb.d/init.sql\n"
)
INIT = "CREATE OR REPLACE VIEW daily AS SELECT 1;\n"
FLAGS = (
    "import argparse\nfrom kafka import KafkaProducer\nparser = argparse.ArgumentParser()\n"
    "parser.add_argument('--bootstrap_servers', default='localhost:9092')\ngiven = vars(parser.parse_args())\n"
    "producer = KafkaProducer(bootstrap_servers=given['bootstrap_servers'])\n"
)
AIRFLOW = "[core]\nexecutor = LocalExecutor\n[celery]\nbroker_url = redis://redis:6379/0\n"

TRAIN = "from sklearn.linear_model import Ridge\nmodel = Ridge()\nmodel.fit(x, y)\n"
TWINS = "def load_rows(name):\n    return open(name)\n\n\ndef clean_rows(name):\n    return load_rows(name)\n"
SERVED = 'FROM python:3.11\nCMD ["python", "app.py"]\n'
OWN_RUNNER = (
    "jobs:\n  build:\n    runs-on: ubuntu-latest\n    steps:\n      - run: docker push me/churn:latest\n"
    "  deploy:\n    runs-on: self-hosted\n    steps:\n      - run: docker run -d -p 80:80 me/churn:latest\n"
)
WORKLOAD = "kind: Deployment\nmetadata:\n  name: api\nspec:\n  template:\n    spec:\n      containers:\n        - image: churn-api:latest\n"
BATCH = json.dumps(
    {
        "cells": [
            {
                "cell_type": "code",
                "source": "from google.cloud import aiplatform\naiplatform.BatchPredictionJob.create(job_display_name='a')\n",
            }
        ],
        "metadata": {},
    }
)

NODE = json.dumps({"scripts": {"test": "jest"}, "dependencies": {"openai": "4.0.0", "fastify": "5.0.0"}})

IN_CI = "jobs:\n  build:\n    runs-on: ubuntu-latest\n    steps:\n      - run: docker build -t api .\n"

CASES = {
    "a model that writes text is a language model, and nothing measures it": ("codebase.evaluation", {"app.py": GPT2}, UNMET),
    "a base class makes the pipeline of a task that writes text": ("codebase.evaluation", {"app.py": SUMMARIES}, UNMET),
    "a classifier of a hub is no behaviour of the system": (
        "codebase.evaluation",
        {"app.py": "from transformers import pipeline\nmodel = pipeline('image-classification')\nmodel('a.png')\n"},
        NA,
    ),
    "the network of an encoder is weights": (
        "processes.vocabulary-external",
        {"serve.py": GPT2, "weights/encoder_net.h5": b"\x89HDF", "weights/vae.ckpt.index": b"\x00"},
        NA,
    ),
    "a server whose flag names conda is started": (
        "port-binding.service",
        {"serve.sh": "mlflow models serve -m models:/churn/1 -p 5003 --no-conda\n"},
        MET,
    ),
    "the workers of uWSGI stand in its own file": (
        "concurrency.inference",
        {"app.py": FLASK, "Dockerfile": UWSGI, "uwsgi.ini": "[uwsgi]\nhttp = :5000\nprocesses = 4\n"},
        MET,
    ),
    "an image that brings uWSGI reads its workers from the same file": (
        "concurrency.inference",
        {
            "app.py": FLASK,
            "Dockerfile": "FROM tiangolo/uwsgi-nginx-flask:python3.11\nENV UWSGI_INI /app/served.ini\nCOPY . /app\n",
            "served.ini": "[uwsgi]\nmodule = app:app\nprocesses = 3\n",
            "uwsgi.ini": "[uwsgi]\nprocesses = 1\n",
        },
        MET,
    ),
    "uWSGI with one process could take more": (
        "concurrency.inference",
        {"app.py": FLASK, "Dockerfile": UWSGI, "uwsgi.ini": "[uwsgi]\nhttp = :5000\nprocesses = 1\n"},
        PARTIAL,
    ),
    "uWSGI logs requests by itself": ("logs.requests", {"app.py": FLASK, "Dockerfile": UWSGI}, PARTIAL),
    "nginx before a silent server logs requests": (
        "logs.requests",
        {
            "app.py": FLASK,
            "Dockerfile": 'FROM python:3.11\nCMD ["gunicorn", "app:app"]\n',
            "proxy/Dockerfile": "FROM nginx:1.27\nCOPY nginx.conf /etc/nginx/\n",
        },
        PARTIAL,
    ),
    "a cluster's inference service carries no log away": (
        "logs.centralised",
        {"isvc.yaml": "apiVersion: serving.kserve.io/v1beta1\nkind: InferenceService\nmetadata:\n  name: churn\n"},
        UNKNOWN,
    ),
    "a helper that prints beside a server that logs": (
        "logs.system-events",
        {"app.py": f"{FLASK}{LOGGER}logger.info('started')\n", "download.py": "print('downloaded')\n"},
        MET,
    ),
    "a function of the repository that logs for the others": (
        "logs.system-events",
        {
            "tell.py": "from loguru import logger\n\n\ndef log(message):\n    logger.info(message)\n",
            "one.py": "from tell import log\nlog('a')\nprint('b')\n",
            "two.py": "from tell import log\nlog('a')\n",
            "three.py": "print('c')\n",
        },
        MET,
    ),
    "state in a filled dictionary that a route changes": (
        "processes.share-nothing",
        {"app.py": f"{FLASK}state = {{'status': 'idle'}}\n\n\n@app.post('/start')\ndef start():\n    state['status'] = 'on'\n"},
        UNMET,
    ),
    "flags taken out of the namespace as a dictionary": ("backing-services.queues", {"produce.py": FLAGS}, MET),
    "the broker of an executor that has none": ("backing-services.queues", {"airflow.cfg": AIRFLOW}, NA),
    "the broker of Airflow on Celery": (
        "backing-services.queues",
        {"airflow.cfg": AIRFLOW.replace("Local", "Celery")},
        PARTIAL,
    ),
    "a chat's address from the environment alerts": (
        "backing-services.monitoring",
        {"train.py": "import os\nurl = os.environ.get('SLACK_URL')\n"},
        MET,
    ),
    "scripts that the database runs at its first start": (
        "admin-processes.migrations",
        {"docker-compose.yml": INIDB, "init.sql": INIT},
        PARTIAL,
    ),
    "a container that is only spoken of shares no environment": (
        "admin-processes.same-environment",
        {"build.sh": 'log_info "then: docker run -p 80:80 churn"\n', "export.py": "if __name__ == '__main__':\n    run()\n"},
        PARTIAL,
    ),
    "a script whose task is to copy": (
        "codebase.one-codebase",
        {"copy-files.sh": "aws s3 cp a b\n", "train.py": TRAIN},
        MET,
    ),
    "a copy of a script": ("codebase.one-codebase", {"train.py": TRAIN, "copy of train.py": f"{TRAIN}print(1)\n"}, PARTIAL),
    "two modules with the same functions, edited apart": (
        "codebase.one-codebase",
        {"app/input.py": TWINS, "app/service/data.py": TWINS.replace("return", "print(name); return")},
        PARTIAL,
    ),
    "two modules that share one function of several": (
        "codebase.one-codebase",
        {"app/input.py": TWINS, "app/service/data.py": TWINS.replace("load_rows", "save_rows")},
        MET,
    ),
    "the functions that a framework asks of each block": (
        "codebase.one-codebase",
        {f"blocks/{name}.py": TWINS.replace("name", name) for name in ("a", "b", "c", "d")},
        MET,
    ),
    "replicas of a load test scale no inference": (
        "concurrency.inference",
        {
            "app.py": f"{FLASK}app.run(port=5000)\n",
            "load_test/worker.yaml": "kind: Deployment\nmetadata:\n  name: locust\nspec:\n  replicas: 4\n",
        },
        UNMET,
    ),
    "a runner of one's own that starts the pushed image deploys it": (
        "codebase.deployment",
        {"app.py": FLASK, "Dockerfile": SERVED, ".github/workflows/cd.yml": OWN_RUNNER},
        MET,
    ),
    "a hosted runner that starts the image tests it": (
        "codebase.deployment",
        {"app.py": FLASK, "Dockerfile": SERVED, ".github/workflows/cd.yml": OWN_RUNNER.replace("self-hosted", "ubuntu-latest")},
        PARTIAL,
    ),
    "a variable that is called a version names none": (
        "build-release-run.release",
        {"manager.py": "def load(self, version):\n    return self.loader.load_model(version)\n", "k8s.yaml": WORKLOAD},
        PARTIAL,
    ),
    "the default image of a variable is somebody else's": (
        "build-release-run.release",
        {"docker-compose.yml": "services:\n  web:\n    image: ${AIRFLOW_IMAGE:-apache/airflow:2.5.2}\n  api:\n    build: .\n", "Dockerfile": SERVED},
        PARTIAL,
    ),
    "a record of the prediction that a route hands to a store": (
        "logs.requests",
        {"app.py": f"{FLASK}from store import upload_log\n\n\n@app.post('/predict')\ndef predict():\n    upload_log({{'predictions': [1]}})\n"},
        MET,
    ),
    "a script that indexes before the server starts": (
        "build-release-run.run",
        {"Dockerfile": 'FROM python:3.11\nCMD ["./start.sh"]\n', "start.sh": "python app/data_loader.py\npython app/app.py\n", "app/app.py": FLASK},
        PARTIAL,
    ),
    "a layer that holds one library's model keeps no other's": (
        "disposability.startup",
        {
            "app.py": f"{FLASK}from transformers import pipeline\nmodel = pipeline('summarization', model='t5-small')\n",
            "Dockerfile": 'FROM python:3.11\nRUN python -m spacy download en_core_web_sm\nCMD ["gunicorn", "app:app"]\n',
        },
        PARTIAL,
    ),
    "a script of a package called app rebuilds with inputs of its own": (
        "admin-processes.backfill",
        {"app/embed_docs.py": "import pandas as pd\nif __name__ == '__main__':\n    pd.read_csv('a.csv').to_parquet('features.parquet')\n"},
        PARTIAL,
    ),
    "training within a script that deploys all has its inputs fixed": (
        "admin-processes.retraining",
        {"train.py": TRAIN, "deploy.sh": "pip install -r requirements.txt\npython train.py\n"},
        PARTIAL,
    ),
    "a script for training alone is a command": (
        "admin-processes.retraining",
        {"fit.py": TRAIN, "train.py": f"import fit\n{TRAIN}", "retrain.sh": "python train.py\n"},
        MET,
    ),
    "a security group opens the port of a machine": (
        "port-binding.declared",
        {"app.py": FLASK, "stack.yaml": "Resources:\n  Web:\n    Properties:\n      SecurityGroupIngress:\n        - FromPort: 8050\n"},
        MET,
    ),
    "a security group that opens SSH only": (
        "port-binding.declared",
        {"app.py": FLASK, "stack.yaml": "Resources:\n  Web:\n    Properties:\n      SecurityGroupIngress:\n        - FromPort: 22\n"},
        UNMET,
    ),
    "nodes that Airflow runs apart and a catalog on one disk joins": (
        "processes.share-nothing",
        {
            "dags/run.py": "from airflow import DAG\n",
            "src/pipeline.py": "from kedro.pipeline import node, pipeline\n",
            "conf/base/catalog.yml": "clean:\n  type: pandas.CSVDataset\n  filepath: data/02_intermediate/clean.csv\n",
        },
        UNMET,
    ),
    "a prediction in a notebook only": (
        "codebase.inference",
        {"train.py": TRAIN, "serve.ipynb": BATCH},
        PARTIAL,
    ),
    "a service in TypeScript that asks a language model": (
        "codebase.inference",
        {"package.json": NODE, "src/llm.ts": "const answer = await openai.chat.completions.create({ model });\n"},
        MET,
    ),
    "scripts of package.json that run the repository's own": (
        "admin-processes.tasks",
        {"package.json": NODE.replace("jest", "tsx scripts/clear-vectors.ts").replace("test", "clear:vectors"), "src/a.ts": "let a = 1;\n"},
        MET,
    ),
    "scripts of package.json that only develop": (
        "admin-processes.tasks",
        {"package.json": NODE, "src/a.ts": "let a = 1;\n"},
        UNMET,
    ),
    "a server in TypeScript that logs its requests": (
        "logs.requests",
        {"package.json": NODE, "src/server.ts": "const app = fastify({\n  logger: true,\n});\n"},
        PARTIAL,
    ),
    "a route that exchanges the model of the replica that it reaches": (
        "processes.share-nothing",
        {"app.py": f"{FLASK}model = None\n\n\ndef load():\n    global model\n    model = fetch()\n\n\n@app.post('/change_model')\ndef change():\n    load()\n"},
        PARTIAL,
    ),
    "a model that is loaded with the first request": (
        "processes.share-nothing",
        {"app.py": f"{FLASK}model = None\n\n\ndef load():\n    global model\n    model = fetch()\n\n\n@app.post('/predict')\ndef predict():\n    load()\n"},
        MET,
    ),
    "code in an archive folder is a copy": (
        "codebase.one-codebase",
        {"train.py": TRAIN, "archive_2024/train_first.py": f"{TRAIN}print(1)\n"},
        PARTIAL,
    ),
    "a script that builds another image than CI does": (
        "dev-prod-parity.os",
        {"Dockerfile": SERVED, "app.py": FLASK, "fn/Dockerfile.fn": SERVED, "fn/build.sh": "docker build -f fn/Dockerfile.fn -t fn .\n", ".github/workflows/ci.yml": IN_CI},
        PARTIAL,
    ),
    "a script that builds the image that CI builds": (
        "dev-prod-parity.os",
        {"Dockerfile": SERVED, "app.py": FLASK, "build.sh": "docker build -t api .\n", ".github/workflows/ci.yml": IN_CI},
        MET,
    ),
    "tables are made in small letters too": (
        "admin-processes.migrations",
        {"app.py": FLASK, "supabase/schema.sql": "create table if not exists public.profiles (id uuid);\n"},
        PARTIAL,
    ),
    "a script of Hive makes tables": (
        "admin-processes.migrations",
        {"app.py": FLASK, "data/orders.hql": "DROP TABLE orders;\nCREATE TABLE orders (id int);\n"},
        PARTIAL,
    ),
    "a pipeline of spaCy learns by updates": ("logs.training-metrics", {"train.py": SPACY}, PARTIAL),
    "a dictionary that is updated learns nothing": (
        "logs.training-metrics", {"app.py": f"{FLASK}names = {{}}\nnames.update({{'a': 1}})\n"}, NA
    ),
    "what is kept in an archive deploys nothing": (
        "codebase.deployment",
        {"app.py": FLASK, "archived/k8s/api.yaml": "kind: Deployment\nspec: {template: {spec: {containers: [{image: team/api:1}]}}}\n"},
        UNMET,
    ),
    "a definition that packs a model routes no logs": (
        "logs.centralised",
        {"predict.py": "from cog import BasePredictor\n\n\nclass Predictor(BasePredictor):\n    def predict(self, x: str) -> str:\n        return x\n", "cog.yaml": "build: {python_version: '3.11'}\npredict: predict.py:Predictor\n"},
        UNKNOWN,
    ),
}  # fmt: skip


@pytest.mark.parametrize(("item", "files", "state"), CASES.values(), ids=CASES.keys())
def test_a_careful_reader_agrees(item: str, files: dict[str, str | bytes], state: State) -> None:
    finding = checks.load()[item](facts_of(files))
    assert finding.state is state, finding.summary
