"""Verdicts on models that processes fetch when they start."""

from __future__ import annotations

import pytest

from apps.analysis.checks.disposability import startup
from apps.catalog import State
from tests.analysis.making import facts_of

APP = "from fastapi import FastAPI\nimport storage\napp = FastAPI()\n"
FETCHED = "from transformers import AutoModel\ndef convert():\n    return AutoModel.from_pretrained('org/name')\n"
MAIN = "if __name__ == '__main__':\n    convert()\n"


@pytest.mark.parametrize(("main", "state"), [("", State.PARTIAL), (MAIN, State.MET)])
def test_a_script_among_models_that_no_server_imports_starts_with_no_service(main, state):
    assert startup.check(facts_of({"app.py": APP, "models/convert.py": FETCHED + main})).state is state


@pytest.mark.parametrize(("function", "state"), [("download_original", State.MET), ("load_original", State.PARTIAL)])
def test_a_document_that_is_downloaded_for_an_answer_is_no_model(function, state):
    code = f"{APP}@app.get('/{{key}}')\ndef {function}(key):\n    return storage.get_object(key)\n"
    assert startup.check(facts_of({"app.py": code})).state is state


@pytest.mark.parametrize(("weights", "state"), [("'imagenet'", State.PARTIAL), ("None", State.MET)])
def test_public_weights_of_keras_are_fetched_at_start(weights, state):
    code = f"{APP}import tensorflow as tf\nbase = tf.keras.applications.MobileNetV2(weights={weights})\n"
    assert startup.check(facts_of({"app.py": code})).state is state


@pytest.mark.parametrize(
    ("module", "state"), [("vertexai.language_models", State.MET), ("transformers", State.PARTIAL)]
)
def test_a_model_that_a_cloud_keeps_is_not_fetched(module, state):
    code = f"{APP}from {module} import TextModel\nmodel = TextModel.from_pretrained('text-embedding-005')\n"
    assert startup.check(facts_of({"app.py": code})).state is state
