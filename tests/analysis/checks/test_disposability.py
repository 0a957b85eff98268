"""Verdicts on starting, stopping, resuming and health."""

from __future__ import annotations

import pytest

from apps.analysis.checks.disposability import health, resume, shutdown, startup
from apps.catalog import State
from tests.analysis.making import facts_of

FASTAPI = "from fastapi import FastAPI\napp = FastAPI()\n@app.post('/predict')\ndef predict(x: int):\n    return x\n"
EXEC = 'FROM python:3.11\nCMD ["uvicorn", "main:app"]\n'
TORCH = (
    "import torch\nmodel = Net()\noptimizer = torch.optim.SGD(model.parameters(), lr=0.1)\nfor batch in batches:\n"
    "    loss = model(batch)\n    loss.backward()\n    optimizer.step()\n"
)


# --- startup
def test_a_model_that_is_loaded_once_is_met():
    code = "import joblib\nmodel = joblib.load('model.pkl')\n" + FASTAPI
    assert startup.check(facts_of({"main.py": code, "Dockerfile": EXEC})).state is State.MET


@pytest.mark.parametrize(
    "command", ["pip install -r requirements.txt && uvicorn main:app", "python train.py && uvicorn main:app"]
)
def test_installing_or_training_at_start_is_unmet(command):
    facts = facts_of({"main.py": FASTAPI, "Dockerfile": f"FROM python:3.11\nCMD {command}\n"})
    assert startup.check(facts).state is State.UNMET


def test_the_script_that_the_image_calls_is_followed():
    facts = facts_of(
        {
            "main.py": FASTAPI,
            "start.sh": "pip install -r requirements.txt\nexec uvicorn main:app\n",
            "Dockerfile": 'FROM python:3.11\nENTRYPOINT ["./start.sh"]\n',
        }
    )
    found = startup.check(facts)
    assert found.state is State.UNMET
    assert found.evidence[0].path == "start.sh"


def test_a_training_script_may_train_but_not_fetch_its_data():
    fetching = TORCH + "import torchvision\ndata = torchvision.datasets.CIFAR10(root='.', download=True)\n"
    assert startup.check(facts_of({"train.py": TORCH})).state is State.MET
    assert startup.check(facts_of({"train.py": fetching})).state is State.UNMET


def test_one_heavy_process_among_light_ones_is_partial():
    compose = (
        "services:\n  api:\n    build: .\n    command: uvicorn main:app\n  jobs:\n    build: .\n"
        "    command: bash -c 'pip install -r requirements.txt && celery -A app worker'\n"
    )
    assert startup.check(facts_of({"main.py": FASTAPI, "compose.yaml": compose})).state is State.PARTIAL


def test_a_model_from_a_hub_is_partial_unless_the_image_holds_it():
    code = "from transformers import pipeline\nask = pipeline('text-classification', model='org/name')\n" + FASTAPI
    image = "FROM python:3.11\n{}" + 'CMD ["uvicorn", "main:app"]\n'
    bare = facts_of({"main.py": code, "Dockerfile": image.format("")})
    kept = facts_of({"main.py": code, "Dockerfile": image.format("RUN python download_model.py\n")})
    assert startup.check(bare).state is State.PARTIAL
    assert startup.check(kept).state is State.MET


def test_the_id_of_a_hub_behind_a_name_is_a_download_unless_a_cache_is_named():
    module = "import transformers\nimport config\nnet = transformers.BertModel.from_pretrained(config.BERT_PATH{})\n"
    files = {"config.py": "BERT_PATH = 'bert-base-uncased'\n", "main.py": "from net import net\n" + FASTAPI}
    bare = facts_of({**files, "net.py": module.format("")})
    kept = facts_of({**files, "net.py": module.format(", cache_dir='models'")})
    assert startup.check(bare).state is State.PARTIAL
    assert startup.check(kept).state is State.MET


def test_a_batch_job_may_fetch_its_model_as_it_fetches_its_data():
    code = "import mlflow\nmodel = mlflow.pyfunc.load_model(f'models:/{name}/1')\nif __name__ == '__main__':\n    model.predict(x).to_csv('out.csv')\n"
    assert startup.check(facts_of({"batch_score.py": code})).state is State.MET


def test_a_model_that_is_loaded_for_each_request_is_partial():
    code = (
        FASTAPI
        + "import joblib\n@app.post('/score')\ndef score(x: int):\n    model = joblib.load('model.pkl')\n    return model.predict(x)\n"
    )
    assert startup.check(facts_of({"main.py": code, "Dockerfile": EXEC})).state is State.PARTIAL


def test_notebooks_start_nothing():
    notebook = '{"cells": [{"cell_type": "code", "source": ["from sklearn.svm import SVC\\n", "SVC().fit(x, y)"]}], "metadata": {}}'
    assert startup.check(facts_of({"a.ipynb": notebook})).state is State.NA


# --- shutdown
def test_a_graceful_server_in_exec_form_is_met():
    assert shutdown.check(facts_of({"main.py": FASTAPI, "Dockerfile": EXEC})).state is State.MET


@pytest.mark.parametrize(
    ("command", "state"), [("uvicorn main:app", State.PARTIAL), ("exec uvicorn main:app", State.MET)]
)
def test_a_shell_in_between_is_partial_unless_it_execs(command, state):
    facts = facts_of({"main.py": FASTAPI, "Dockerfile": f"FROM python:3.11\nCMD {command}\n"})
    assert shutdown.check(facts).state is state


def test_a_script_without_exec_is_partial():
    facts = facts_of(
        {
            "main.py": FASTAPI,
            "start.sh": "set -e\nuvicorn main:app\n",
            "Dockerfile": 'FROM python:3.11\nCMD ["./start.sh"]\n',
        }
    )
    found = shutdown.check(facts)
    assert found.state is State.PARTIAL
    assert "exec" in found.summary


def test_a_shutdown_handler_is_met():
    code = FASTAPI + "@app.on_event('shutdown')\ndef close():\n    pass\n"
    assert shutdown.check(facts_of({"main.py": code, "requirements.txt": "uvicorn\n"})).state is State.MET


def test_a_development_server_is_unmet():
    code = "from flask import Flask\napp = Flask(__name__)\napp.run()\n"
    assert shutdown.check(facts_of({"app.py": code})).state is State.UNMET


def test_a_batch_script_has_nothing_to_shut_down():
    assert shutdown.check(facts_of({"train.py": TORCH})).state is State.NA


# --- resume
@pytest.mark.parametrize(
    "more",
    [
        "optimizer.load_state_dict(torch.load('last.pt')['optimizer'])\n",
        "import argparse\nparser = argparse.ArgumentParser()\nparser.add_argument('--resume')\n",
        "from pytorch_lightning import Trainer\ntrainer = Trainer()\ntrainer.fit(model, ckpt_path=path)\n",
    ],
)
def test_training_that_goes_on_from_a_checkpoint_is_met(more):
    assert resume.check(facts_of({"train.py": TORCH + more})).state is State.MET


def test_retries_of_an_orchestrator_are_met():
    dag = "from airflow import DAG\nfrom airflow.operators.python import PythonOperator\ndag = DAG('d', default_args={'retries': 2})\n"
    assert resume.check(facts_of({"dags/score.py": dag})).state is State.MET


def test_retries_that_a_decorator_gives_all_tasks_are_met():
    dag = "from airflow.decorators import dag\n@dag(default_args={'retries': 2})\ndef daily(): pass\n"
    assert resume.check(facts_of({"dags/score.py": dag})).state is State.MET


def test_retries_of_no_times_are_none():
    dag = "from airflow import DAG\ndag = DAG('d', default_args={'retries': 0})\n"
    assert resume.check(facts_of({"dags/score.py": dag})).state is State.UNMET


def test_checkpoints_that_are_never_restored_are_partial():
    code = TORCH + "from pytorch_lightning.callbacks import ModelCheckpoint\nkeep = ModelCheckpoint()\n"
    assert resume.check(facts_of({"train.py": code})).state is State.PARTIAL


def test_cached_stages_alone_are_partial():
    facts = facts_of({"dvc.yaml": "stages:\n  train:\n    cmd: python train.py\n", "train.py": TORCH})
    assert resume.check(facts).state is State.PARTIAL


def test_an_estimator_of_a_platform_is_no_checkpoint():
    code = "from sagemaker.estimator import Estimator\nestimator = Estimator(image, instance_count=1)\nestimator.fit(data)\n"
    assert resume.check(facts_of({"pipeline.py": code})).state is State.UNMET


def test_a_final_model_alone_is_unmet():
    assert resume.check(facts_of({"train.py": TORCH + "torch.save(model, 'model.pt')\n"})).state is State.UNMET


def test_a_service_has_no_long_job():
    assert resume.check(facts_of({"main.py": FASTAPI})).state is State.NA


# --- health
@pytest.mark.parametrize(
    "more",
    [
        "@app.get('/health')\ndef health():\n    return 'ok'\n",
        "@app.get('/api/heartbeat')\ndef beat():\n    return 1\n",
        "@app.get('/')\ndef root():\n    return {'status': 'ok'}\n",
    ],
)
def test_a_health_route_is_met(more):
    assert health.check(facts_of({"main.py": FASTAPI + more})).state is State.MET


def test_a_healthcheck_of_the_image_is_met():
    image = EXEC + "HEALTHCHECK CMD curl -f http://localhost/docs\n"
    assert health.check(facts_of({"main.py": FASTAPI, "Dockerfile": image})).state is State.MET


def test_a_probe_of_the_database_is_none_of_the_service():
    compose = (
        "services:\n  api:\n    build: .\n  db:\n    image: postgres:16\n    healthcheck:\n      test: pg_isready\n"
    )
    assert health.check(facts_of({"main.py": FASTAPI, "compose.yaml": compose})).state is State.UNMET


def test_a_greeting_is_no_health_route():
    code = FASTAPI + "@app.get('/')\ndef root():\n    return 'Welcome'\n"
    assert health.check(facts_of({"main.py": code})).state is State.UNMET


def test_a_built_in_endpoint_that_nothing_asks_is_partial():
    assert health.check(facts_of({"app.py": "import streamlit as st\nst.write(1)\n"})).state is State.PARTIAL


def test_health_of_one_of_two_services_is_partial():
    facts = facts_of(
        {
            "a/main.py": FASTAPI + "@app.get('/health')\ndef health():\n    return 'ok'\n",
            "a/Dockerfile": EXEC,
            "b/main.py": FASTAPI,
            "b/Dockerfile": EXEC,
        }
    )
    found = health.check(facts)
    assert found.state is State.PARTIAL
    assert "b/main.py" in [place.path for place in found.evidence]


def test_what_does_not_serve_needs_no_health():
    assert health.check(facts_of({"train.py": TORCH})).state is State.NA


def test_a_server_in_code_behind_a_shell_is_shown_with_the_command_that_starts_it():
    code = "import uvicorn\n" + FASTAPI + "uvicorn.run(app)\n"
    found = shutdown.check(facts_of({"main.py": code, "Dockerfile": "FROM python:3.11\nCMD python main.py\n"}))
    assert found.state is State.PARTIAL
    assert [place.path for place in found.evidence] == ["main.py", "Dockerfile"]


def test_a_web_platform_stops_what_only_a_development_server_starts_here():
    code = "from flask import Flask\napp = Flask(__name__)\nif __name__ == '__main__':\n    app.run()\n"
    assert shutdown.check(facts_of({"app.py": code})).state is State.UNMET
    assert shutdown.check(facts_of({"app.py": code, ".ebextensions/python.config": "x: y\n"})).state is State.PARTIAL


def test_a_command_that_fills_an_index_is_a_long_job():
    code = "import sys\nfrom langchain_chroma import Chroma\nChroma.from_documents(read(sys.argv[1]), embed, persist_directory='index')\nif __name__ == '__main__':\n    main()\n"
    found = resume.check(facts_of({"populate.py": code}))
    assert found.state is State.UNMET
    assert found.evidence[0].path == "populate.py"


def test_streamlit_run_directly_stops_cleanly() -> None:
    files = {
        "ui.py": "import streamlit as st\nst.write(1)\n",
        "Dockerfile": 'FROM python:3.11\nCOPY . .\nCMD ["streamlit", "run", "ui.py"]\n',
    }
    assert shutdown.check(facts_of(files)).state is State.MET
    shell = files | {"Dockerfile": "FROM python:3.11\nCOPY . .\nCMD streamlit run ui.py\n"}
    assert shutdown.check(facts_of(shell)).state is State.PARTIAL


# --- what stands elsewhere is no evidence for this service
def test_of_scripts_of_one_name_the_one_beside_the_image_tells():
    facts = facts_of({
        "api/main.py": FASTAPI,
        "api/Dockerfile": 'FROM python:3.11\nCMD ["bash", "entrypoint.sh"]\n',
        "api/entrypoint.sh": "uvicorn main:app\n",
        "model/Dockerfile": 'FROM nvcr.io/nvidia/tritonserver:24.01-py3\nCMD ["bash", "entrypoint.sh"]\n',
        "model/entrypoint.sh": "exec tritonserver --model-repository=/models\n",
    })  # fmt: skip
    found = shutdown.check(facts)
    assert found.state is State.PARTIAL
    assert found.evidence[0].path == "api/entrypoint.sh"


PROBED = (
    "kind: Deployment\nspec:\n  template:\n    spec:\n      containers:\n      - name: main\n"
    "        image: {{{{ .Values.images.{name} | quote }}}}\n        readinessProbe:\n          tcpSocket:\n            port: 80\n"
)


@pytest.mark.parametrize(("name", "expected"), [("broker", State.UNMET), ("api", State.MET)])
def test_the_probe_of_an_image_that_a_chart_attaches_says_nothing_of_the_service(name, expected):
    facts = facts_of({
        "main.py": FASTAPI,
        "Dockerfile": EXEC,
        "chart/values.yaml": "images:\n  broker: rabbitmq:3-management\n  api: example/api:1.0\n",
        "chart/templates/main.yaml": PROBED.format(name=name),
    })  # fmt: skip
    assert health.check(facts).state is expected


TRAIN = "from sklearn.svm import SVC\ndef train_model():\n    SVC().fit([[1]], [1])\n"
LIFESPAN = "@asynccontextmanager\nasync def lifespan(app):\n    {}\n    yield\n"


@pytest.mark.parametrize(
    "start", ["subprocess.check_call([sys.executable, 'scripts/train.py'])", "os.system('python train.py')"]
)
def test_a_service_that_runs_the_training_script_when_it_starts_is_unmet(start):
    code = "import os, subprocess, sys\n" + LIFESPAN.format(start) + FASTAPI
    facts = facts_of({"main.py": code, "Dockerfile": EXEC, "scripts/train.py": TRAIN})
    assert startup.check(facts).state is State.UNMET


def test_a_service_that_calls_its_own_training_when_it_starts_is_unmet_and_on_demand_is_met():
    imported = "from train import train_model\n"
    at_start = imported + "@app.on_event('startup')\ndef startup():\n    train_model()\n"
    on_demand = imported + "@app.post('/retrain')\ndef retrain():\n    train_model()\n"
    for added, expected in ((at_start, State.UNMET), (on_demand, State.MET)):
        facts = facts_of({"main.py": FASTAPI + added, "Dockerfile": EXEC, "train.py": TRAIN})
        assert startup.check(facts).state is expected


def test_one_retried_job_among_several_is_partial():
    job = "kind: Job\nmetadata:\n  name: {}\nspec:\n  template:\n    spec:\n      restartPolicy: {}\n"
    policies = [("upload", "OnFailure"), ("features", "Never"), ("training", "Never")]
    files = {f"k8s/{name}.yaml": job.format(name, policy) for name, policy in policies}
    assert resume.check(facts_of({"train.py": TORCH, **files})).state is State.PARTIAL
    only = {"k8s/training.yaml": job.format("training", "OnFailure")}
    assert resume.check(facts_of({"train.py": TORCH, **only})).state is State.MET


WAITING = "import json\nfrom kafka import KafkaConsumer\nfor message in KafkaConsumer('readings'):\n    print(json.loads(message.value))\n"


def test_a_consumer_that_goes_round_for_ever_is_a_process_that_must_stop_too():
    files = {"main.py": FASTAPI + "@app.on_event('shutdown')\ndef stop():\n    pass\n", "Dockerfile": EXEC}
    worker = {"worker/consumer.py": WAITING, "worker/Dockerfile": 'FROM python:3.11\nCMD ["python", "consumer.py"]\n'}
    assert shutdown.check(facts_of(files)).state is State.MET
    assert shutdown.check(facts_of({**files, **worker})).state is State.PARTIAL
    heeding = {**worker, "worker/consumer.py": "import signal\nsignal.signal(signal.SIGTERM, stop)\n" + WAITING}
    assert shutdown.check(facts_of({**files, **heeding})).state is State.MET


def test_jobs_that_fetch_packages_of_the_cluster_when_they_start_are_partial():
    job = "from pyspark.sql import SparkSession\nspark = SparkSession.builder{}.getOrCreate()\n"
    fetched = job.format(".config('spark.jars.packages', 'org.example:connector:1.0')")
    assert startup.check(facts_of({"etl.py": fetched, "train.py": TORCH})).state is State.PARTIAL
    assert startup.check(facts_of({"etl.py": job.format(""), "train.py": TORCH})).state is State.MET


@pytest.mark.parametrize(
    ("healthcheck", "expected"), [("", State.PARTIAL), ("    healthcheck:\n      test: curl -f localhost\n", State.MET)]
)
def test_a_page_beside_the_service_needs_its_own_health_check(healthcheck, expected):
    compose = (
        "services:\n  api:\n    build: .\n  page:\n    build:\n      context: .\n      dockerfile: Dockerfile.page\n"
    )
    facts = facts_of({
        "main.py": FASTAPI + "@app.get('/health')\ndef health():\n    return {'status': 'ok'}\n",
        "page.py": "import streamlit as st\nst.title('Scores')\n",
        "Dockerfile": EXEC,
        "Dockerfile.page": 'FROM python:3.11\nCMD ["streamlit", "run", "page.py"]\n',
        "compose.yaml": compose + healthcheck,
    })  # fmt: skip
    assert health.check(facts).state is expected


def test_a_helper_of_its_own_that_downloads_the_model_is_partial():
    code = "import files\ndef load_model():\n    files.download_object('https://models.example.com/m.zip', 'm.zip')\n    return unzip('m.zip')\n"
    facts = facts_of({"main.py": code + "model = load_model()\n" + FASTAPI, "Dockerfile": EXEC})
    assert startup.check(facts).state is State.PARTIAL


def test_the_health_of_a_model_server_that_nothing_asks_is_partial():
    code = "from kserve import Model, ModelServer\nclass Scores(Model):\n    def predict(self, payload):\n        return payload\n\nModelServer().start([Scores('m')])\n"
    assert health.check(facts_of({"serve.py": code})).state is State.PARTIAL


def test_a_probe_that_runs_a_shell_is_no_start_behind_one():
    workload = (
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: worker}\nspec:\n  template:\n    spec:\n"
        "      containers:\n      - name: worker\n        args: [celery, --app, main, worker]\n"
        "        livenessProbe: {exec: {command: [sh, -c, celery --app main inspect ping]}}\n"
    )
    files = {"main.py": FASTAPI, "Dockerfile": EXEC, "k8s/worker.yaml": workload}
    assert shutdown.check(facts_of(files)).state is State.MET


def test_a_function_of_its_own_that_trains_and_evaluates_resumes_nothing():
    own = "from work import train_and_evaluate\ntrain_and_evaluate(1)\n" + TORCH
    assert resume.check(facts_of({"train.py": own})).state is State.UNMET
    estimator = "import tensorflow as tf\ntf.estimator.train_and_evaluate(estimator, a, b)\n"
    assert resume.check(facts_of({"train.py": estimator})).state is State.MET


def test_data_that_a_page_fetches_when_it_is_loaded_is_unmet() -> None:
    page = "import dash\nimport pandas as pd\nURL = 'https://data.example.org/regions.csv'\nregions = pd.read_csv(URL)\napp = dash.Dash()\napp.run(debug=True)\n"
    found = startup.check(facts_of({"app.py": page, "Procfile": "web: gunicorn app:server\n"}))
    assert (found.state, found.evidence[0].line) == (State.UNMET, 4)
    local = page.replace("https://data.example.org/", "data/")
    assert startup.check(facts_of({"app.py": local, "Procfile": "web: gunicorn app:server\n"})).state is State.MET
