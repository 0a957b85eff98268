"""Files that their content tells to be something else than their names do."""

from __future__ import annotations

import json

from apps.analysis.checks.admin_processes import retraining
from apps.analysis.checks.codebase import evaluation, training
from apps.catalog import State
from tests.analysis.making import facts_of

TRAIN = (
    "import joblib\nfrom sklearn.svm import SVC\n\nmodel = SVC()\nmodel.fit(x, y)\njoblib.dump(model, 'model.joblib')\n"
)
MEASURES = (
    "import joblib\nfrom sklearn.metrics import r2_score\n\nmodel = joblib.load('model.joblib')\n"
    "print(r2_score(truth, model.predict(rows)))\n"
)


def _notebook(kernel: str, *lines: str) -> str:
    cells = [{"cell_type": "code", "source": [f"{line}\n"]} for line in lines]
    return json.dumps({"cells": cells, "metadata": {"kernelspec": {"name": kernel}}}, indent=1)


def test_a_program_that_is_named_for_a_test_and_measures_a_model_is_an_evaluation() -> None:
    assert evaluation.check(facts_of({"train.py": TRAIN, "test_model.py": MEASURES})).state is State.MET


def test_tests_stay_tests_by_their_folder_and_by_what_they_hold() -> None:
    assert evaluation.check(facts_of({"train.py": TRAIN, "tests/test_model.py": MEASURES})).state is State.UNMET
    tested = f"{MEASURES}\n\ndef test_model():\n    assert model\n"
    assert evaluation.check(facts_of({"train.py": TRAIN, "test_model.py": tested})).state is State.UNMET


def test_a_notebook_in_r_is_read_as_one() -> None:
    facts = facts_of(
        {
            "forest.ipynb": _notebook("ir", "library(randomForest)", "fit <- randomForest(churn ~ ., data = rows)"),
        }
    )
    found = training.check(facts)
    assert found.state is State.PARTIAL
    assert found.evidence[0].line > 1
    assert retraining.check(facts).state is State.UNMET


def test_a_notebook_in_another_language_tells_nothing() -> None:
    facts = facts_of({"forest.ipynb": _notebook("julia-1.9", "fit!(model, rows)")})
    assert training.check(facts).state is State.NA
