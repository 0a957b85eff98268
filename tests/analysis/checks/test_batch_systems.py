"""Systems that score in batches beside a server that only takes orders, in flows, and by jobs of a cluster."""

from __future__ import annotations

import pytest

from apps.analysis.checks.admin_processes import backfill, same_environment
from apps.analysis.checks.backing_services import storage
from apps.analysis.checks.codebase import evaluation
from apps.analysis.checks.codebase import inference as inference_stage
from apps.analysis.checks.concurrency import inference
from apps.analysis.checks.dev_prod_parity import os
from apps.analysis.checks.logs import requests
from apps.catalog import State
from tests.analysis.making import facts_of

Files = dict[str, str | bytes]

SERVER = "from fastapi import FastAPI\n{more}\napp = FastAPI()\n\n@app.post('/orders')\ndef order(rows: list):\n    return {{'id': len(rows)}}\n"
WORKER = """import joblib
import ray

class Scorer:
    def __init__(self):
        self.model = joblib.load("/models/churn.pkl")

    def __call__(self, rows):
        return self.model.predict(rows)

if __name__ == "__main__":
    ray.data.read_json("/orders").map_batches(Scorer, concurrency=2)
"""
IMAGE = (
    'FROM python:3.11\nCOPY . .\nRUN pip install -r requirements.txt\nCMD ["uvicorn", "app:app", "--workers", "1"]\n'
)


@pytest.mark.parametrize(("more", "state"), [("", State.MET), ("from worker.score import Scorer", State.PARTIAL)])
def test_a_server_that_only_takes_orders_scales_no_inference(more: str, state: State) -> None:
    files: Files = {"app.py": SERVER.format(more=more), "Dockerfile": IMAGE, "worker/score.py": WORKER}
    assert inference.check(facts_of(files)).state is state


FLOW = """from airflow.decorators import dag, task

@dag(schedule=None)
def summaries():
    @task
    def summarise(text):
        from openai import OpenAI

        return OpenAI().chat.completions.create(model="gpt-4o", messages=[{{"role": "user", "content": text}}])

    {call}

summaries()
"""


@pytest.mark.parametrize(
    ("call", "state"), [("summarise.expand(text=['a', 'b'])", State.MET), ("summarise('a')", State.UNMET)]
)
def test_a_task_that_asks_a_language_model_may_be_mapped(call: str, state: State) -> None:
    assert inference.check(facts_of({"dags/summaries.py": FLOW.format(call=call)})).state is state


@pytest.mark.parametrize(("start", "state"), [("", State.MET), ('CMD ["python", "serve.py"]\n', State.PARTIAL)])
def test_scripts_that_an_image_holds_for_a_cluster_run_in_it(start: str, state: State) -> None:
    files: Files = {
        "Makefile": "seed:\n\tdocker compose exec api python -m seed\n",
        "batch/jobs/export_scores.py": "import pandas\n\nif __name__ == '__main__':\n    print(pandas)\n",
        "batch/requirements.txt": "pandas>=2\n",
        "batch/Dockerfile": f"FROM rayproject/ray:2.9.0\nCOPY requirements.txt /tmp/\nRUN pip install -r /tmp/requirements.txt\nCOPY --chown=ray jobs/ /app/jobs/\n{start}",
    }
    assert same_environment.check(facts_of(files)).state is state


BUFFER = "import io\nimport boto3\nimport pandas as pd\n\ndef answer(rows):\n    to = {to}\n    pd.DataFrame(rows).to_csv(to)\n    {then}\n"


@pytest.mark.parametrize(
    ("to", "then", "state"),
    [
        ("io.StringIO()", "return to.getvalue()", State.NA),
        ("io.StringIO()", "boto3.client('s3').put_object(Bucket='a', Key='b', Body=to.getvalue())", State.UNMET),
        ("'features.csv'", "return to", State.UNMET),
    ],
)
def test_a_table_in_memory_is_stored_nowhere(to: str, then: str, state: State) -> None:
    assert backfill.check(facts_of({"features.py": BUFFER.format(to=to, then=then)})).state is state


def test_a_catalog_names_layers_by_either_key() -> None:
    for key, state in (("filepath", State.NA), ("path", State.NA), ("layer", None)):
        catalog = f"scores:\n  type: pandas.CSVDataset\n  {key}: data/07_model_output/scores/\n"
        found = backfill.check(facts_of({"conf/base/catalog.yml": catalog, "nodes.py": "import pandas\n"}))
        assert (found.state is not State.NA) is (state is not None)


@pytest.mark.parametrize(
    ("command", "state"), [("cdk deploy --app data", State.UNMET), ("python features.py --all", State.MET)]
)
def test_what_lays_out_infrastructure_rebuilds_no_data(command: str, state: State) -> None:
    code = "import pandas as pd\n\ndef features(rows):\n    pd.DataFrame(rows).to_parquet('features.parquet')\n"
    files: Files = {"features.py": code, "Makefile": f"rebuild-features:\n\t{command}\n"}
    assert backfill.check(facts_of(files)).state is state


def test_volumes_of_databricks_are_storage() -> None:
    code = "from pyspark.sql import SparkSession\n\ndef rows(of):\n    path = f'/Volumes/raw/{of}/files/rows.csv'\n    return SparkSession.builder.getOrCreate().read.format('csv').load(path)\n"
    found = storage.check(facts_of({"ingest.py": code}))
    assert found.state is State.UNMET
    assert "object store" in found.summary
    disk = "import torch\n\ntorch.load('/Volumes/disk/models/bert/model.pt').predict(1)\n"
    assert "object store" not in storage.check(facts_of({"predict.py": disk})).summary


@pytest.mark.parametrize(("name", "state"), [("metric_server.py", State.PARTIAL), ("metrics.py", State.MET)])
def test_what_serves_metrics_evaluates_nothing(name: str, state: State) -> None:
    train = "from sklearn.linear_model import Ridge\nfrom sklearn.metrics import r2_score\n\nmodel = Ridge().fit([[1]], [1])\nprint(r2_score([1], model.predict([[1]])))\n"
    watch = "import sklearn\n\nif __name__ == '__main__':\n    print(sklearn)\n"
    assert evaluation.check(facts_of({"train.py": train, f"watch/{name}": watch})).state is state


@pytest.mark.parametrize(("name", "holds"), [("normalize_score", False), ("score", True), ("predict_score", True)])
def test_scores_that_are_known_already_are_no_inference(name: str, holds: bool) -> None:
    files: Files = {
        "train.py": "from sklearn.linear_model import Ridge\n\nRidge().fit([[1]], [1])\n",
        "prepare.py": f"import sklearn\n\ndef {name}(rows):\n    return rows / 2\n",
    }
    assert (inference_stage.check(facts_of(files)).state is State.MET) is holds


SCORE = "import joblib\nfrom azureml.core.model import Model\n\ndef init():\n    global model\n    model = joblib.load(Model.get_model_path('churn'))\n\ndef run(raw_data):\n    return model.predict(raw_data)\n"


@pytest.mark.parametrize(
    ("files", "state"),
    [
        ({"deployment.yml": "computeType: AKS\nappInsightsEnabled: True\n"}, State.PARTIAL),
        ({"deployment.yml": "computeType: AKS\nappInsightsEnabled: False\n"}, State.UNMET),
        (
            {
                "deploy.py": "from azureml.core.webservice import AksWebservice\n\nAksWebservice.deploy_configuration(enable_app_insights=True)\n"
            },
            State.PARTIAL,
        ),
    ],
)
def test_insights_of_azure_count_requests(files: Files, state: State) -> None:
    assert requests.check(facts_of({"score.py": SCORE, **files})).state is state


@pytest.mark.parametrize(("config", "state"), [("RunConfiguration", State.PARTIAL), ("Nothing", State.UNMET)])
def test_a_run_of_azure_uses_its_image(config: str, state: State) -> None:
    module = "azureml.core.runconfig" if config == "RunConfiguration" else "azureml.other"
    code = f"from {module} import {config}\n\nrun = {config}(conda_dependencies=None)\n"
    assert os.check(facts_of({"build.py": code, "train.py": "import sklearn\n"})).state is state


@pytest.mark.parametrize(
    ("image", "state"), [("feastdev/feature-server:0.40.1", State.UNMET), ("churn/scorer:1", State.PARTIAL)]
)
def test_a_server_of_features_scales_no_inference(image: str, state: State) -> None:
    deployment = f"kind: Deployment\nmetadata: {{name: a}}\nspec:\n  replicas: 1\n  template:\n    spec:\n      containers:\n        - name: a\n          image: {image}\n"
    code = "import joblib\n\nif __name__ == '__main__':\n    print(joblib.load('/m/churn.pkl').predict([[1]]))\n"
    assert inference.check(facts_of({"k8s/a.yaml": deployment, "predict.py": code})).state is state
