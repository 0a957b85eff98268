"""Concurrency and disposability where one part of the system has what another one lacks."""

from __future__ import annotations

import pytest

from apps.analysis.checks.concurrency import inference, process_types, training
from apps.analysis.checks.disposability import health, resume, shutdown, startup
from apps.catalog import State
from tests.analysis.making import facts_of

Files = dict[str, str]

FLASK = "from flask import Flask\napp = Flask(__name__)\n@app.route('/predict')\ndef predict():\n    return model.predict(1)\napp.run()\n"
API = "from fastapi import FastAPI\napp = FastAPI()\n"
HEALTHY = API + "@app.get('/health')\ndef health():\n    return {}\n"
NODE = "const app = express()\napp.listen(3000)\n"
PAGE = "import gradio\ngradio.Interface(f).launch()\n"
UVICORN = 'FROM python:3.11\nCOPY . .\nCMD ["uvicorn", "app:app"]\n'
DAG = "from airflow import DAG\nwith DAG('a') as dag:\n    pass\n"
SCHEDULER = (
    "services:\n  airflow-webserver:\n    image: apache/airflow:2.9.0\n    healthcheck:\n      test: curl localhost\n"
)
PROBED = "services:\n  a:\n    build: ./a\n    healthcheck:\n      test: curl localhost\n  b:\n    build: ./b\n"
SPRING = "@SpringBootApplication\npublic class App { SpringApplication.run(App.class); }\n"


@pytest.mark.parametrize(
    ("files", "state"),
    [
        ({"api/main.py": HEALTHY, "api/requirements.txt": "", "gate/App.java": SPRING, "gate/pom.xml": "", "web/App.jsx": "fetch('/health')\n"}, State.PARTIAL),
        ({"src/api.py": HEALTHY, "src/ui.py": PAGE}, State.PARTIAL),
        ({"src/api.py": HEALTHY + "import gradio\ngradio.mount_gradio_app(app, page, '/ui')\n", "src/ui.py": PAGE}, State.MET),
        ({"a/main.py": API, "a/Dockerfile": UVICORN, "b/main.py": API, "b/Dockerfile": UVICORN, "compose.yaml": PROBED}, State.PARTIAL),
        ({"main.py": API, "compose.yaml": "services:\n  db:\n    image: ghcr.io/x/documentdb-local:1\n    healthcheck:\n      test: nc\n"}, State.UNMET),
        ({"main.py": API, "compose.yaml": SCHEDULER}, State.UNMET),
        ({"dags/a.py": DAG, "compose.yaml": SCHEDULER}, State.NA),
        ({"main.py": API, "compose.yaml": SCHEDULER.replace("airflow-webserver", "api").replace("apache/airflow:2.9.0", "team/api:1")}, State.MET),
        ({"server.ts": NODE + "router.get('/live', matches.live)\n"}, State.UNMET),
        ({"server.ts": NODE + "router.get('/live', live)\nrouter.get('/ready', ready)\n"}, State.MET),
        ({"server.ts": NODE, "web/App.jsx": "axios.get('/health')\n"}, State.UNMET),
    ],
)  # fmt: skip
def test_health_of_pages_and_services_is_their_own(files: Files, state: State) -> None:
    assert health.check(facts_of(files)).state is state


STOPS = "process.on('SIGTERM', stop)\n"


@pytest.mark.parametrize(
    ("files", "state"),
    [
        ({"model/app.py": FLASK, "model/requirements.txt": "flask", "back/index.ts": NODE + STOPS, "back/package.json": "{}"}, State.PARTIAL),
        ({"back/index.ts": NODE + STOPS, "back/package.json": "{}"}, State.MET),
        ({"index.ts": NODE, "scripts/test-all.ts": STOPS}, State.UNMET),
        ({"app.py": API, "entrypoint.sh": "cd src\nuvicorn app:app\n"}, State.PARTIAL),
        ({"app.py": API, "entrypoint.sh": "cd src\nexec uvicorn app:app\n"}, State.MET),
    ],
)  # fmt: skip
def test_a_handler_is_for_the_service_that_has_it(files: Files, state: State) -> None:
    assert shutdown.check(facts_of(files)).state is state


STREAMLIT = "import pickle\nimport streamlit as st\n"
LOADER = "def load_model():\n    return pickle.load(open('model.pkl', 'rb'))\n"


@pytest.mark.parametrize(
    ("files", "state"),
    [
        ({"app.py": FLASK + "@app.post('/reload-model')\ndef reload_model():\n    global model\n    model = joblib.load('model.pkl')\n"}, State.MET),
        ({"app.py": API + "from a.b import answer\n@app.post('/a')\ndef a():\n    return answer()\n", "a/b.py": "from c.d import predict\ndef answer():\n    return predict()\n", "c/d.py": "import joblib\ndef predict():\n    model = joblib.load('model.pkl')\n"}, State.PARTIAL),
        ({"app.py": API + "from b import load_model\n@app.post('/a')\ndef predict():\n    return load_model().predict(1)\n", "b.py": "import joblib\nfrom functools import lru_cache\n@lru_cache\ndef load_model():\n    return joblib.load('model.pkl')\n"}, State.MET),
        ({"app.py": API + "import mlflow, os\nMODEL_DIR = os.getenv('MODEL_DIR', '/opt/ml/model')\nmodel = mlflow.pyfunc.load_model(MODEL_DIR)\n"}, State.MET),
        ({"app.py": API + "import mlflow\nmodel = mlflow.pyfunc.load_model('models:/a/1')\n"}, State.PARTIAL),
        ({"app.py": API, "steps/register.py": "import mlflow\nmodel = mlflow.sklearn.load_model(args.uri)\n"}, State.MET),
        ({"app.py": STREAMLIT + LOADER + "def main():\n    model = load_model()\n"}, State.PARTIAL),
        ({"app.py": STREAMLIT + "@st.cache_resource\n" + LOADER + "def main():\n    model = load_model()\n"}, State.MET),
        ({"dags/flow.py": DAG + "from score import score\n", "score.py": "from google.cloud import storage\ndef load_model():\n    blob.download_to_filename('model.pkl')\n"}, State.PARTIAL),
        ({"score.py": "from google.cloud import storage\ndef load_model():\n    blob.download_to_filename('model.pkl')\n"}, State.MET),
    ],
)  # fmt: skip
def test_models_are_loaded_once_wherever_the_server_keeps_them(files: Files, state: State) -> None:
    assert startup.check(facts_of(files)).state is state


KSERVE = "apiVersion: serving.kserve.io/v1beta1\nkind: InferenceService\nmetadata:\n  name: a\n  annotations:\n    mode: {mode}\nspec:\n  predictor:\n    model:\n      storageUri: s3://a\n"
AIRFLOW = "services:\n  api:\n    build: .\n  worker:\n    image: apache/airflow:2.9.0\n    command: celery worker\n    environment:\n      AIRFLOW__CORE__EXECUTOR: CeleryExecutor\n"


@pytest.mark.parametrize(
    ("files", "state"),
    [
        ({"isvc.yaml": KSERVE.format(mode="RawDeployment")}, State.PARTIAL),
        ({"isvc.yaml": KSERVE.format(mode="Serverless")}, State.MET),
        ({"app.py": API, "Dockerfile": UVICORN, "compose.yaml": AIRFLOW, "dags/a.py": DAG}, State.PARTIAL),
        ({"app.py": API, "Dockerfile": UVICORN, "compose.yaml": AIRFLOW, "dags/a.py": DAG + "def score():\n    model.predict(x)\n"}, State.MET),
        ({"handler.py": "def lambda_handler(event, context):\n    return model.predict(event)\n", "Dockerfile": 'FROM amazon/aws-lambda-python\nCMD ["handler.lambda_handler"]\n'}, State.MET),
    ],
)  # fmt: skip
def test_instances_of_inference_are_no_workers_of_something_else(files: Files, state: State) -> None:
    assert inference.check(facts_of(files)).state is state


FIT = "from sklearn.svm import SVC\nSVC().fit(x, y)\n"


@pytest.mark.parametrize(
    ("files", "state"),
    [
        ({"train.py": FIT, "serving/layers.py": "import torch.distributed\n"}, State.UNMET),
        ({"train.py": FIT, "utils/dist.py": "import torch.distributed\n"}, State.MET),
        ({"train.py": FIT, "gunicorn.conf.py": "workers = 4\n"}, State.UNMET),
        ({"train.py": "import pytorch_lightning as pl\npl.Trainer(gpus=(1 if cuda() else 0)).fit(model)\n"}, State.UNMET),
        ({"train.py": "import pytorch_lightning as pl\npl.Trainer(gpus=(2 if cuda() else 0)).fit(model)\n"}, State.MET),
    ],
)  # fmt: skip
def test_training_is_not_spread_by_what_serves(files: Files, state: State) -> None:
    assert training.check(facts_of(files)).state is state


CHART = "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: {name}\nspec:\n  template:\n    spec:\n      containers:\n        - name: {name}\n          image: team/{name}:1\n"


@pytest.mark.parametrize(
    ("files", "state"),
    [
        ({"compose.yaml": "services:\n  web:\n    build: .\n  postgres:\n    image: paradedb/paradedb:1\n", "Dockerfile": UVICORN}, State.PARTIAL),
        ({"compose.yaml": "services:\n  api:\n    build: .\n", "Dockerfile": UVICORN, "k8s/a.yaml": CHART.format(name="'{{ include \"api.name\" . }}'"), "k8s/b.yaml": CHART.format(name="mlflow")}, State.PARTIAL),
        ({"app.py": API, "azure.yaml": "services:\n  web:\n    project: src\n    host: appservice\n"}, State.PARTIAL),
        ({"compose.yaml": "services:\n  web:\n    build: .\n  worker:\n    build: .\n", "Dockerfile": UVICORN}, State.MET),
    ],
)  # fmt: skip
def test_databases_and_trackers_are_no_processes_of_the_system(files: Files, state: State) -> None:
    assert process_types.check(facts_of(files)).state is state


def test_batches_that_a_platform_repeats_are_retried() -> None:
    source = "from azure.ai.ml.parallel import parallel_run_function\nparallel_run_function(name='a', retry_settings=dict(max_retries=3))\n"
    assert resume.check(facts_of({"job.py": FIT + source})).state is State.MET
    assert resume.check(facts_of({"job.py": FIT})).state is State.UNMET


OWN_CHART = {
    "charts/api/Chart.yaml": "name: api\nversion: 0.1.0\n",
    "charts/api/templates/a.yaml": CHART.format(name="api"),
}
PUBLISHED = "name: gate\nversion: 1.0.0\nhome: https://gate.io\nicon: https://gate.io/a.png\nsources: [https://x]\n"
PROBE = "          livenessProbe:\n            httpGet:\n              path: /\n"


@pytest.mark.parametrize(
    ("chart", "state"),
    [(PUBLISHED, State.UNMET), ("name: gate\nversion: 1.0.0\n", State.MET)],
)
def test_charts_that_others_published_show_nothing_of_the_system(chart: str, state: State) -> None:
    gate = {"charts/gate/Chart.yaml": chart, "charts/gate/templates/b.yaml": CHART.format(name="gate") + PROBE}
    assert health.check(facts_of({"app.py": API, **OWN_CHART, **gate})).state is state


def test_what_flux_writes_for_itself_shows_nothing_of_the_system() -> None:
    flux = {"clusters/flux-system/gotk-components.yaml": CHART.format(name="source-controller") + PROBE}
    assert health.check(facts_of({"app.py": API, **flux})).state is State.UNMET


def test_a_function_of_a_serverless_platform_is_watched_by_it_alone() -> None:
    functions = "functions:\n  score:\n    image:\n      name: scorer\n"
    assert health.check(facts_of({"app.py": API, "serverless.yml": functions})).state is State.PARTIAL


def test_a_plain_service_of_a_cluster_may_lie_beside_documents_without_keys() -> None:
    found = inference.check(facts_of({"isvc.yaml": KSERVE.format(mode="RawDeployment") + "---\nalone\n"}))
    assert found.state is State.PARTIAL


INIT = "apiVersion: batch/v1\nkind: Job\nspec:\n  template:\n    spec:\n      restartPolicy: OnFailure\n      containers:\n        - name: a\n          image: {image}\n"


@pytest.mark.parametrize(
    ("files", "state"),
    [
        ({"k8s/init.yaml": INIT.format(image="cassandra:4")}, State.UNMET),
        ({"k8s/train.yaml": INIT.format(image="team/trainer:4")}, State.MET),
        ({"configs/tracking/wandb.yaml": "resume: allow\n"}, State.UNMET),
        ({"configs/train.yaml": "resume: last.ckpt\n"}, State.MET),
    ],
)
def test_what_is_resumed_or_retried_is_the_work_of_the_system(files: Files, state: State) -> None:
    assert resume.check(facts_of({"train.py": FIT, **files})).state is state


def test_an_image_of_a_database_is_no_process_of_the_system() -> None:
    compose = "services:\n  postgres:\n    build: .\n"
    assert (
        process_types.check(facts_of({"compose.yaml": compose, "Dockerfile": "FROM postgres:16\n"})).state
        is State.UNMET
    )
