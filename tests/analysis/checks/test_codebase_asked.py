"""How language models are asked, which stored objects are models, and metrics that repositories write themselves."""

from __future__ import annotations

import json

import pytest

from apps.analysis.checks.codebase import evaluation, inference, training
from apps.catalog import State
from tests.analysis.making import facts_of


@pytest.mark.parametrize(
    "ask",
    ["client.aio.models.generate_content_stream(model=name, contents=[text])", "client.models.generate_content(text)"],
)
def test_a_language_model_that_streams_its_answer_is_asked(ask: str) -> None:
    adapter = f"from google.genai import types\nfrom config import client\ndef answer(text):\n    return {ask}\n"
    assert inference.check(facts_of({"adapter.py": adapter})).state is State.MET


def test_a_metric_of_ones_own_measures() -> None:
    train = "import numpy as np\nfrom sklearn.svm import SVR\ndef mae(y, z):\n    return np.mean(abs(y - z))\nmodel = SVR()\nmodel.fit(x, y)\n"
    assert evaluation.check(facts_of({"train.py": train})).state is State.UNMET
    assert evaluation.check(facts_of({"train.py": f"{train}print(mae(y, model.predict(x)))\n"})).state is State.PARTIAL


def test_what_a_function_unpickles_for_a_caller_who_asks_it_is_a_model() -> None:
    helper = "import joblib\n\ndef fetch(bucket, key):\n    return joblib.load(open_object(bucket, key))\n"
    job = "from helper import fetch\n\nfound = fetch('a', 'b')\nprint(found.predict(rows))\n"
    files = {"helper.py": helper, "job.py": job}
    assert training.check(facts_of(files)).state is State.UNMET
    assert training.check(facts_of({**files, "job.py": job.replace("predict", "keys")})).state is State.NA


def test_an_unpickler_of_its_own_loads_it_too() -> None:
    source = "from helper import OwnUnpickler\n\nmodel = OwnUnpickler(open(path, 'rb')).load()\nmodel.predict(x)\n"
    assert training.check(facts_of({"app.py": source})).state is State.UNMET


@pytest.mark.parametrize("name", ["val_loss", "test_accuracy", "accuracy"])
def test_what_is_called_the_quality_of_held_out_data_is_measured_where_a_model_is_trained(name: str) -> None:
    train = "from sklearn.svm import SVR\nmodel = SVR()\nmodel.fit(x, y)\n"
    assert evaluation.check(facts_of({"train.py": f"{train}loss = total / 3\n"})).state is State.UNMET
    assert evaluation.check(facts_of({"train.py": f"{train}{name} = right / len(y)\n"})).state is State.PARTIAL


def test_checks_of_data_and_splits_for_validation_evaluate_no_model() -> None:
    train = "from sklearn.svm import SVR\nmodel = SVR()\nmodel.fit(x, y)\n"
    prepare = (
        "import sklearn\nimport random\ndef get_train_validation_split(files):\n    return random.sample(files, 3)\n"
    )
    assert evaluation.check(facts_of({"train.py": train, "prepare.py": prepare})).state is State.UNMET


@pytest.mark.parametrize("line", ["precision = 16", "precision = 'bf16'", "def begin(accuracy=None): pass"])
def test_how_numbers_are_kept_is_no_quality(line: str) -> None:
    train = "from sklearn.svm import SVR\nmodel = SVR()\nmodel.fit(x, y)\n"
    assert evaluation.check(facts_of({"train.py": f"{train}{line}\n"})).state is State.UNMET


@pytest.mark.parametrize(
    ("written", "state"),
    [
        ("frame(found).to_csv('submission.csv')", State.PARTIAL),
        ("frame(found).to_csv('scores.csv')", State.UNMET),
    ],
)
def test_a_notebook_that_hands_in_what_its_model_answers_infers(written: str, state: State) -> None:
    code = f"from sklearn.svm import SVC\nmodel = SVC()\nmodel.fit(x, y)\nfound = model.predict(rows)\n{written}\n"
    notebook = json.dumps({"cells": [{"cell_type": "code", "source": code}], "metadata": {}})
    assert inference.check(facts_of({"work.ipynb": notebook})).state is state


@pytest.mark.parametrize(
    ("body", "state"),
    [
        ("pass", State.UNMET),
        ('"""What others write."""', State.UNMET),
        ("raise NotImplementedError", State.UNMET),
        ("raise NotImplementedError('predict')", State.UNMET),
        ("return self.weights @ rows", State.MET),
        ("raise NotFittedError", State.MET),
    ],
)
def test_a_method_that_does_nothing_predicts_nothing(body: str, state: State) -> None:
    model = f"import torch\n\n\nclass Estimator:\n    def predict(self, rows):\n        {body}\n"
    train = "import torch\nfrom model import Estimator\nopt = torch.optim.SGD(Estimator().parameters())\nfor x, y in rows:\n    loss = f(x, y)\n    loss.backward()\n    opt.step()\n"
    found = inference.check(facts_of({"model.py": model, "train.py": train}))
    assert found.state is state, found.summary
