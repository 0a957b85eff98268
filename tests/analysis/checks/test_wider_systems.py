"""False verdicts that were found on systems of further kinds: each as the smallest system that shows it."""

from __future__ import annotations

import pytest

from apps.analysis import checks
from apps.catalog import State
from tests.analysis.making import facts_of

CHECKS = checks.load()

SERVING = "from fastapi import FastAPI\nimport joblib\napp = FastAPI()\nmodel = joblib.load('m.joblib')\n\n\n@app.post('/predict')\ndef predict(row: list):\n    return model.predict([row])\n"
RETRAINING = "from sklearn.linear_model import Ridge\n\n\ndef retrain(x, y):\n    return Ridge(alpha=0.5).fit(x, y)\n"


def test_training_and_serving_apart_are_two_stages_of_one_list() -> None:
    files = {"app.py": SERVING, "jobs/retrain.py": RETRAINING, "requirements.txt": "fastapi\nscikit-learn\n"}
    assert CHECKS["dependencies.per-stage"](facts_of(files)).state is State.UNMET
    assert CHECKS["dependencies.per-stage"](facts_of({"app.py": SERVING})).state is State.NA


def test_components_that_a_loop_makes_with_their_packages_have_needs_of_their_own() -> None:
    code = (
        "from kfp import components\nfrom sklearn.linear_model import Ridge\n\n\ndef train(x, y):\n    Ridge().fit(x, y)\n\n\nfor function, needs in TABLE:\n"
        "    components.create_component_from_func(function, base_image=needs.image, packages_to_install=needs.packages)\n"
    )
    files = {"steps.py": code, "serve.py": SERVING, "requirements.txt": "kfp\n"}
    assert CHECKS["dependencies.per-stage"](facts_of(files)).state is State.MET
    assert (
        CHECKS["build-release-run.run"](facts_of(files | {"Procfile": "web: uvicorn serve:app\n"})).state
        is State.PARTIAL
    )


def test_folders_that_hold_the_same_modules_are_copies() -> None:
    modules = {
        name: f"import os\n\n\ndef load_{name}(path):\n    return os.stat(path)\n\n\ndef run_{name}():\n    return load_{name}('a')\n"
        for name in ("ingest", "clean", "train", "register")
    }
    local = {f"src/{name}.py": code for name, code in modules.items()}
    remote = {
        f"src_s3/{name}.py": code.replace("os.stat(path)", "os.stat('s3://' + path)") for name, code in modules.items()
    }
    assert CHECKS["codebase.one-codebase"](facts_of(local | remote)).state is State.PARTIAL
    assert CHECKS["codebase.one-codebase"](facts_of(local)).state is State.MET


def test_a_package_of_a_tracked_function_is_no_copy() -> None:
    files: dict[str, str | bytes] = {
        "functions/route.py": "def lambda_handler(event, context):\n    return event\n",
        "infra/lambda_pkg.zip": b"PK",
    }
    assert CHECKS["codebase.one-codebase"](facts_of(files)).state is State.MET


@pytest.mark.parametrize(
    ("printed", "state"), [("print('rmse', rmse)", State.PARTIAL), ("logger.info('rmse %s', rmse)", State.MET)]
)
def test_prints_of_metrics_are_no_log_even_where_a_platform_keeps_them(printed: str, state: State) -> None:
    code = f"import logging\nfrom airflow import DAG\nfrom sklearn.linear_model import Ridge\nlogger = logging.getLogger()\n\n\ndef train(x, y, rmse):\n    Ridge().fit(x, y)\n    {printed}\n"
    assert CHECKS["logs.training-metrics"](facts_of({"dags/train.py": code})).state is state


def test_a_prediction_in_a_variable_of_its_name_is_logged() -> None:
    code = SERVING.replace(
        "    return model.predict([row])\n",
        "    y_pred = model.predict([row])\n    logger.info(f'done {y_pred.tolist()}')\n    return y_pred\n",
    )
    assert (
        CHECKS["logs.requests"](facts_of({"app.py": "import logging\nlogger = logging.getLogger()\n" + code})).state
        is State.MET
    )


def test_a_sound_that_a_handler_writes_is_a_temporary_file() -> None:
    code = "import soundfile\nfrom ts.torch_handler.base_handler import BaseHandler\n\n\nclass Speaker(BaseHandler):\n    def postprocess(self, wave):\n        soundfile.write('/tmp/said.wav', wave)\n"
    files = {"handler.py": code, "Dockerfile": 'FROM pytorch/torchserve:0.8\nCMD ["torchserve", "--start"]\n'}
    assert CHECKS["processes.share-nothing"](facts_of(files)).state is State.PARTIAL


def test_one_module_with_two_engines_gives_environments_different_types() -> None:
    code = "import os\nfrom sqlalchemy import create_engine\nif os.environ['KIND'] == 'file':\n    engine = create_engine('sqlite:///local.db')\nelse:\n    engine = create_engine(f'postgresql://{os.environ[\"HOST\"]}/app')\n"
    assert CHECKS["dev-prod-parity.backing-services"](facts_of({"store.py": code})).state is State.UNMET


def test_predictions_in_a_table_are_derived_data() -> None:
    code = "import sqlite3\n\n\ndef keep(connection, row):\n    connection.execute('INSERT INTO predictions (score) VALUES (?)', row)\n"
    assert CHECKS["admin-processes.backfill"](facts_of({"store.py": code})).state is State.UNMET


def test_layers_of_a_catalog_are_rebuilt_by_the_pipelines_that_write_them() -> None:
    files = {
        "conf/base/catalog.yml": "features:\n  type: pandas.ParquetDataset\n  filepath: data/04_feature/features.parquet\n",
        "src/pipeline.py": "from kedro.pipeline import Pipeline, node\n\n\ndef create_pipeline():\n    return Pipeline([node(make, 'raw', 'features')])\n",
    }
    assert CHECKS["admin-processes.backfill"](facts_of(files)).state is State.MET


def test_names_of_everyday_code_are_no_parameters_of_a_model() -> None:
    weather = (
        "import requests\n\n\ndef ask(city, units='metric', threshold=3):\n    return requests.get(city, units=units)\n"
    )
    fit = "from sklearn.linear_model import LinearRegression\nLinearRegression().fit(x, y)\n"
    found = CHECKS["config.hyperparameters"](facts_of({"weather.py": weather, "fit.py": fit}))
    assert "units" not in found.summary
    assert "threshold" not in found.summary


def test_a_sequence_that_warms_a_cache_up_trains_nothing() -> None:
    code = "from sklearn.linear_model import Ridge\nplan = dict(warmup_sequence=['a', 'b'])\nRidge().fit(x, y)\n"
    assert "warmup" not in CHECKS["config.training-parameters"](facts_of({"cache.py": code})).summary


def test_checking_a_row_evaluates_no_model() -> None:
    code = "import numpy\nfrom sklearn.linear_model import Ridge\nmodel = Ridge()\n\n\ndef _validate_feature_row(row):\n    return all(row)\n"
    files = {"fit.py": "from sklearn.linear_model import Ridge\nRidge().fit(x, y)\n", "predictor.py": code}
    assert CHECKS["codebase.evaluation"](facts_of(files)).state is State.UNMET


def test_tasks_of_a_bundle_are_process_types_whose_logs_the_platform_keeps() -> None:
    files = {
        "databricks.yml": "bundle:\n  name: scoring\n",
        "resources/score.job.yml": "resources:\n  jobs:\n    score:\n      tasks:\n        - task_key: prepare\n        - task_key: score\n",
        "score.py": "import mlflow\nmodel = mlflow.pyfunc.load_model('models:/m/1')\n",
    }
    assert CHECKS["concurrency.process-types"](facts_of(files)).state is State.MET
    assert CHECKS["logs.centralised"](facts_of(files)).state is State.MET


def test_a_loader_of_models_in_scala_is_asked_by_score() -> None:
    files = {
        "src/Pmml.scala": "class Pmml(stream: InputStream) {\n  val pmml = PMMLUtil.unmarshal(stream)\n  def score(input: Row): Double = evaluator.evaluate(input)\n}\n",
        "src/Server.scala": 'object Server {\n  val port: Int = 5500\n  val KAFKA_BROKER = "broker.acme.io:9092"\n  Http().newServerAt("0.0.0.0", port).bind(routes)\n}\n',
        "src/resources/log4j.properties": "log4j.logger.org.acme.kafka.Listener = INFO\n",
        "build.sbt": 'libraryDependencies += "org.jpmml" % "pmml-evaluator" % "1.4.3"\n',
        "project/scalapb.sbt": 'addSbtPlugin("com.acme" % "sbt-protoc" % "0.99.18")\n',
    }
    facts = facts_of(files)
    assert CHECKS["codebase.inference"](facts).state is State.MET
    assert CHECKS["codebase.preprocessing"](facts).state is State.NA
    assert CHECKS["backing-services.queues"](facts).state is State.UNMET
    assert CHECKS["port-binding.port-from-environment"](facts).state is State.UNMET
    assert CHECKS["dependencies.per-stage"](facts).state is State.NA


def test_a_push_to_a_hub_s_space_deploys() -> None:
    job = "on: push\njobs:\n  deploy:\n    steps:\n      - run: git push https://user:$TOKEN@huggingface.co/spaces/acme/app main\n"
    files = {
        ".github/workflows/deploy.yml": job,
        "Dockerfile": 'FROM python:3.11\nCMD ["python", "app.py"]\n',
        "app.py": SERVING,
    }
    assert CHECKS["codebase.deployment"](facts_of(files)).state is State.MET


def test_what_a_deployment_brings_is_said_so() -> None:
    files = {"compose.yaml": "services:\n  collector:\n    image: otel/opentelemetry-collector:0.104.0\n"}
    assert "brings the image" in CHECKS["backing-services.monitoring"](facts_of(files)).summary


def test_a_script_that_reaches_training_through_modules_retrains_by_its_flags() -> None:
    files = {
        "core/loops.py": "from chainer import training\n\n\ndef fit(updater):\n    training.Trainer(updater, (3, 'epoch')).run()\n",
        "core/builder.py": "from core.loops import fit\n\n\ndef build(updater):\n    fit(updater)\n",
        "full_cycle.py": "import argparse\nfrom core.builder import build\n\nif __name__ == '__main__':\n    parser = argparse.ArgumentParser()\n    parser.add_argument('--out')\n    build(parser.parse_args().out)\n",
    }
    assert CHECKS["admin-processes.retraining"](facts_of(files)).state is State.MET
