"""Preparation and evaluation in forms that frameworks, monitors and other languages give them."""

from __future__ import annotations

import json

import pytest

from apps.analysis.checks.codebase import deployment, evaluation, inference, preprocessing, training
from apps.catalog import State
from tests.analysis.making import facts_of

TRAIN = "from sklearn.svm import SVC\n\nmodel = SVC()\nmodel.fit(x, y)\n"
KERAS = (
    "from tensorflow.keras.models import Sequential\n\nmodel = Sequential()\nmodel.compile('adam')\n"
    "model.fit(x, y, epochs=3, validation_data=(u, v))\n"
)
REPORT = (
    "from evidently.report import Report\nfrom evidently.metrics import {}\n\n"
    "def build_report(now, before):\n    Report(metrics=[{}()]).run(current_data=now, reference_data=before)\n"
)


@pytest.mark.parametrize(
    "files",
    [
        {"train.py": TRAIN, "report.py": REPORT.format(*["ClassificationQualityMetric"] * 2)},
        {"train.R": "library(vetiver)\nm <- lm(a ~ b, d)\n", "card.R": "latest <- vetiver_compute_metrics(d, t)\n"},
    ],
)
def test_reports_of_monitors_that_measure_answers_are_met(files: dict[str, str]) -> None:
    assert evaluation.check(facts_of(files)).state is State.MET


@pytest.mark.parametrize(
    "files",
    [
        {"train.py": KERAS},
        {"train.py": "import lightgbm\n\nlightgbm.LGBMRegressor().fit(x, y, eval_set=[(u, v)])\n"},
        {"train.ipynb": json.dumps({"cells": [{"cell_type": "code", "source": KERAS}]})},
    ],
)
def test_data_held_out_while_fitting_is_partial(files: dict[str, str]) -> None:
    assert evaluation.check(facts_of(files)).state is State.PARTIAL


@pytest.mark.parametrize(
    "files",
    [
        {"report.py": REPORT.format(*["DataDriftPreset"] * 2)},
        {"api/evaluate_routes.py": "from models import Clients\n\ndef evaluate(clients: Clients):\n    return 0.05\n"},
        {
            "wafer/prediction_validation.py": "import shutil\n\ndef prediction_validation(path):\n    shutil.move(path, 'bad')\n"
        },
        {
            "sample.py": "import torch\n\ndef inference_validation_and_warnings(frame):\n    assert frame.shape[1] == 3\n    print('not trained on this')\n"
        },
        {"logger.py": "import torch\n\ndef log_validation(loss, writer):\n    writer.add_scalar('loss', loss)\n"},
    ],
)
def test_what_measures_no_answer_is_unmet(files: dict[str, str]) -> None:
    assert evaluation.check(facts_of({"train.py": TRAIN, **files})).state is State.UNMET


def test_a_spark_job_that_prepares_is_met() -> None:
    job = "from pyspark.sql import SparkSession\n\nframe = SparkSession.builder.getOrCreate().read.csv('d.csv')\nframe.groupby('a').mean()\n"
    assert preprocessing.check(facts_of({"train.py": TRAIN, "batch/reviews.py": job})).state is State.MET


def test_scripts_that_cut_documents_for_a_language_model_are_met() -> None:
    package = '{"dependencies": {"openai": "^4.0.0"}}'
    files = {"package.json": package, "scripts/ingest-pages.ts": "export const run = () => split(pages)\n"}
    assert preprocessing.check(facts_of(files)).state is State.MET
    plain = {"package.json": '{"dependencies": {"react": "^18.0.0"}}', "ingest.ts": files["scripts/ingest-pages.ts"]}
    assert preprocessing.check(facts_of(plain)).state is State.NA
    typed = {"package.json": package, "types/chunk.ts": "export type Chunk = { text: string }\n"}
    assert preprocessing.check(facts_of(typed)).state is State.NA


def test_migrations_of_a_schema_prepare_no_data() -> None:
    change = "ALTER TABLE models\n ADD a INT,\n ADD b INT,\n ADD c INT;\n"
    files = {"package.json": '{"dependencies": {"openai": "^4.0.0"}}', "supabase/migrations/1_add_models.sql": change}
    assert preprocessing.check(facts_of(files)).state is State.NA


def test_a_compose_file_that_only_tests_deploys_nothing() -> None:
    compose = "services:\n  job:\n    build: .\n    command: python -m pytest -vv\n"
    files = {"app.py": TRAIN, "Dockerfile": 'FROM python:3.11\nCMD ["python", "app.py"]\n'}
    tests = {"docker-compose-test.yml": compose, "Makefile": "check:\n\tdocker compose -f docker-compose-test.yml up\n"}
    assert deployment.check(facts_of({**files, **tests})).state is State.PARTIAL
    runs = compose.replace("python -m pytest -vv", "python app.py")
    assert deployment.check(facts_of({**files, "docker-compose.yml": runs})).state is State.MET


def test_a_release_of_a_chart_in_its_folder_deploys_the_service() -> None:
    release = "kind: HelmRelease\nspec:\n  chart:\n    spec:\n      chart: web\n  values:\n    image:\n      repository: acme/churn\n"
    files = {
        "app.py": "import flask\n\napp = flask.Flask(__name__)\n",
        "Dockerfile": "FROM python:3.11\nCMD python app.py\n",
    }
    assert deployment.check(facts_of({**files, "helmreleases/churn.yaml": release})).state is State.MET


def test_a_service_in_front_of_a_framework_of_language_models_infers() -> None:
    route = "from flask import Flask\nfrom plan import Analyst\n\napp = Flask(__name__)\n\n@app.get('/report')\ndef report():\n    return Analyst().report()\n"
    plan = "from semantic_kernel import Kernel\n\nclass Analyst:\n    def report(self):\n        return Kernel().plan_and_tell()\n"
    assert inference.check(facts_of({"routes.py": route, "plan.py": plan})).state is State.MET
    assert inference.check(facts_of({"plan.py": plan})).state is State.UNMET


def test_an_error_on_held_out_data_that_is_summed_up_in_training_is_measured_inline() -> None:
    loop = (
        "import torch\n\nfor batch in rows:\n    loss = net(batch)\n    loss.backward()\n    opt.step()\n"
        "    val_err_tot = 0\n    for held in others:\n        val_err_tot += l1(net(held), held).item()\n"
    )
    assert evaluation.check(facts_of({"train.py": loop})).state is State.PARTIAL


def test_what_many_notebooks_do_each_for_itself_is_not_met_by_one_module() -> None:
    cell = json.dumps({"cells": [{"cell_type": "code", "source": TRAIN.splitlines(keepends=True)}], "metadata": {}})
    few: dict[str, str | bytes] = {"tuner.py": TRAIN, **{f"part_{number}/model.ipynb": cell for number in range(3)}}
    many: dict[str, str | bytes] = {"tuner.py": TRAIN, **{f"part_{number}/model.ipynb": cell for number in range(12)}}
    assert training.check(facts_of(few)).state is State.MET
    assert training.check(facts_of(many)).state is State.PARTIAL


def test_what_a_network_can_be_asked_is_no_inference_where_a_notebook_asks_it() -> None:
    network = "from torch import nn\n\n\nclass Net(nn.Module):\n    def infer(self, rows):\n        return self.decoder.infer(rows)\n"
    cell = {
        "cell_type": "code",
        "source": [
            "import torch\n",
            "from model import Net\n",
            "model = Net()\n",
            "model.eval()\n",
            "model.infer(rows)\n",
        ],
    }
    notebook = json.dumps({"cells": [cell], "metadata": {}})
    assert inference.check(facts_of({"model.py": network, "inference.ipynb": notebook})).state is State.PARTIAL


def test_a_class_that_shares_its_name_with_a_network_elsewhere_infers() -> None:
    network = "import torch.nn as nn\n\n\nclass Scorer(nn.Module):\n    pass\n"
    service = (
        "import sklearn\n\n\nclass Scorer:\n    def predict(self, x):\n        return self.model.predict_proba(x)\n"
    )
    cell = {"cell_type": "code", "source": "import joblib\njoblib.load('m.pkl').predict(x)\n"}
    files: dict[str, str | bytes] = {"a.py": service, "z.py": network, "a.ipynb": json.dumps({"cells": [cell]})}
    assert inference.check(facts_of(files)).state is State.MET


@pytest.mark.parametrize(("modules", "state"), [(2, State.PARTIAL), (3, State.MET)])
def test_many_notebooks_outweigh_a_module_or_two(modules: int, state: State) -> None:
    fit = "from sklearn.svm import SVC\n\n\ndef train(x, y):\n    return SVC().fit(x, y)\n"
    book = json.dumps({"cells": [{"cell_type": "code", "source": fit}]})
    files: dict[str, str | bytes] = {f"train_{number}.py": fit for number in range(modules)}
    files |= {f"{number}.ipynb": book for number in range(50)}
    assert training.check(facts_of(files)).state is state


def test_a_check_of_shapes_is_no_evaluation() -> None:
    checks = "import torch\ndef validate_embedding_dim(rows):\n    print(rows.size())\n    return rows.filter(rows.dim() == 2)\n"
    assert evaluation.check(facts_of({"train.py": TRAIN, "features.py": checks})).state is State.UNMET


@pytest.mark.parametrize("name", ["_validate_torch", "_validate_model_type", "validate_model_name"])
def test_a_check_of_what_is_installed_or_loaded_is_no_evaluation(name: str) -> None:
    checks = f"import torch\nclass Loader:\n    def {name}(self, net):\n        if not hasattr(net, 'task'):\n            raise ValueError(str(net))\n"
    assert evaluation.check(facts_of({"train.py": TRAIN, "loader.py": checks})).state is State.UNMET


def test_a_scorer_of_the_system_s_own_answers_and_measures_nothing() -> None:
    scorer = "class Scorer:\n    def score(self, rows):\n        return self.net.decide(rows)\n"
    asks = "from scorer import Scorer\nscorer = Scorer()\nprint(scorer.score(rows))\n"
    files = {"train.py": TRAIN, "scorer.py": scorer, "batch.py": asks}
    assert evaluation.check(facts_of(files)).state is State.UNMET
    measured = asks.replace("score(rows)", "score(rows, truth)")
    assert evaluation.check(facts_of({**files, "batch.py": measured})).state is not State.UNMET


def test_what_generates_files_without_any_model_is_no_inference() -> None:
    files = {"generator.py": "import pandas as pd\ndef generate(rows):\n    return pd.DataFrame(rows)\n"}
    files["cli.py"] = "from generator import Generator\ndef run(rows):\n    return Generator(rows).generate()\n"
    assert inference.check(facts_of(files)).state is not State.MET
    asked = {"app.py": "import joblib\nmodel = joblib.load('model.pkl')\n"}
    assert inference.check(facts_of({**files, **asked})).state is State.MET


def test_a_pipeline_that_is_compiled_for_a_platform_infers_nothing_itself() -> None:
    code = "from kfp import compiler, dsl\nfrom vertexai.pipeline_components import EndpointCreateOp\n\n@dsl.pipeline(name='a')\ndef flow():\n    EndpointCreateOp(project='p')\n\ncompiler.Compiler().compile(flow, 'flow.json')\n"
    assert inference.check(facts_of({"flow.py": code, "train.py": TRAIN})).state is State.PARTIAL


@pytest.mark.parametrize(
    ("path", "state"),
    [("src/Carts/Features/ClearCart.cs", State.NA), ("src/Data/ShopContext.cs", State.NA), ("src/Data/WordIngestor.cs", State.MET), ("src/Words/DataOpsService.cs", State.MET)],
)  # fmt: skip
def test_a_folder_of_an_application_prepares_no_data(path: str, state: State) -> None:
    ask = 'using OpenAI;\nclass Ask { string url = "https://api.openai.com/v1"; }\n'
    code = "using System;\nnamespace Shop;\npublic class Thing {\n    public void Run() {\n        Go();\n    }\n}\n\n"
    found = preprocessing.check(facts_of({"src/Ask.cs": ask, path: code}))
    assert found.state is state, found.summary


@pytest.mark.parametrize(
    ("call", "state"),
    [
        ("collection.upsert(ids=ids, documents=texts, metadatas=told)", State.MET),
        ("collection.upsert(documents=texts)", State.NA),
        ("table.upsert(rows)", State.NA),
    ],
)
def test_what_puts_texts_into_a_collection_of_vectors_prepares_them(call: str, state: State) -> None:
    ask = "from openai import OpenAI\n\nOpenAI().chat.completions.create(model='gpt-4o')\n"
    keep = f"from store import collection, table\ndef keep(ids, texts, told):\n    {call}\n"
    assert preprocessing.check(facts_of({"ask.py": ask, "keep.py": keep})).state is state


STEPS = (
    "from sklearn.linear_model import Ridge\nfrom sklearn.metrics import r2_score\n\n"
    "def train_model(x, y):\n    model = Ridge()\n    model.fit(x, y)\n    return model\n\n"
    "def evaluate_model(model, x, y):\n    print(r2_score(y, model.predict(x)))\n"
)


@pytest.mark.parametrize(
    ("pipeline", "state"),
    [
        ("from kedro.pipeline import node\nfrom steps import train_model, evaluate_model\nPARTS = [\n    node(func=train_model, inputs='x', outputs='m'),\n    node(evaluate_model, ['m', 'x'], None),\n]\n", State.MET),
        ("from airflow.operators.python import PythonOperator\nfrom steps import evaluate_model\nPythonOperator(task_id='e', python_callable=evaluate_model)\n", State.MET),
        ("from kfp.components import create_component_from_func\nimport steps\nop = create_component_from_func(steps.evaluate_model)\n", State.MET),
        ("from kedro.pipeline import node\nfrom steps import train_model\nPARTS = [node(func=train_model, inputs='x', outputs='m')]\n", State.PARTIAL),
        ("from steps import train_model, evaluate_model\nevaluate_model(train_model(x, y), u, v)\n", State.PARTIAL),
    ],
)  # fmt: skip
def test_an_evaluation_that_a_pipeline_is_given_runs_on_its_own(pipeline: str, state: State) -> None:
    assert evaluation.check(facts_of({"steps.py": STEPS, "pipeline.py": pipeline})).state is state


@pytest.mark.parametrize(
    ("name", "state"),
    [
        ("evaluate_actions", State.UNMET),
        ("evaluate_kurtosis", State.UNMET),
        ("validate_event", State.UNMET),
        ("evaluate_outlier_detector", State.MET),
        ("evaluate_action_model", State.MET),
    ],
)
def test_what_a_policy_thinks_of_actions_or_how_data_is_spread_is_no_evaluation(name: str, state: State) -> None:
    code = f"import torch\n\n\ndef {name}(net, rows):\n    return torch.stack([net(row) for row in rows])\n"
    assert evaluation.check(facts_of({"train.py": TRAIN, "helpers.py": code})).state is state


@pytest.mark.parametrize(
    ("begin", "state"),
    [("import psycopg2\n", State.UNMET), ("from openai import OpenAI\n\nclient = OpenAI()\n", State.MET)],
)
def test_a_flag_that_only_tests_a_connection_is_no_evaluation(begin: str, state: State) -> None:
    asks = "from openai import OpenAI\n\nOpenAI().chat.completions.create(model='gpt-4o')\n"
    flag = f"{begin}import argparse\n\nsession.query(User)\n\nparser = argparse.ArgumentParser()\nparser.add_argument('--test-only', action='store_true')\n"
    if state is State.MET:
        flag += "client.chat.completions.create(model='gpt-4o')\n"
    assert evaluation.check(facts_of({"app.py": asks, "scripts/prepare.py": flag})).state is state


def test_a_batch_is_validated_by_expectations_of_data_and_a_model_by_its_loss() -> None:
    code = "import torch\n\n\ndef validate_batch(net, rows):\n    return torch.stack([net(row) for row in rows])\n"
    assert evaluation.check(facts_of({"train.py": TRAIN, "loop.py": code})).state is State.MET
    rules = f"import great_expectations\n{code}"
    assert evaluation.check(facts_of({"train.py": TRAIN, "loop.py": rules})).state is State.UNMET


@pytest.mark.parametrize(("mark", "state"), [("    @torch.no_grad()\n", State.PARTIAL), ("", State.UNMET)])
def test_a_method_that_evaluates_takes_no_gradients_where_one_that_sets_a_mode_may(mark: str, state: State) -> None:
    code = f"import torch\n\n\nclass Runner:\n{mark}    def eval(self, steps):\n        return self.envs.reset()\n"
    assert evaluation.check(facts_of({"train.py": TRAIN, "runner.py": code})).state is state
